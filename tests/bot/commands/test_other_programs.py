"""curl, git, gh and kubectl."""

import pytest

from bot.commands import recognise
from bot.step import GitCall, HttpCall, Kind, KubernetesCall

URL = "https://api.example.com/health"


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (f"curl {URL}", HttpCall("GET", URL)),
        (f"curl -sSf -m 5 {URL}", HttpCall("GET", URL, fail=True, limit=5)),
        (f"curl -I {URL}", HttpCall("HEAD", URL)),
        (f"curl -kL {URL}", HttpCall("GET", URL, verify=False, redirects=True)),
        (f"curl -o /dev/null -s -w '%{{http_code}}' {URL}", HttpCall("GET", URL)),
        (f"curl -u app:pw -H 'X-A: b' {URL}", HttpCall("GET", URL, (("X-A", "b"),), credentials="app:pw")),
        (f"curl -G -d a=1 --data-urlencode 'q=b c' {URL}", HttpCall("GET", f"{URL}?a=1&q=b+c")),
        ("curl localhost:8080/x", HttpCall("GET", "http://localhost:8080/x")),
        (f"curl -X get {URL}", HttpCall("GET", URL)),
    ],
)
def test_a_request_that_reads_is_a_diagnostic(text: str, call: HttpCall) -> None:
    meaning = recognise(text)
    assert meaning.kind is Kind.DIAGNOSTIC, meaning.why
    assert [action.call for action in meaning.actions] == [call]


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (f"curl -X POST {URL}", HttpCall("POST", URL)),
        (f"curl -XPOST {URL} -d '{{\"a\":1}}'", HttpCall("POST", URL, body='{"a":1}')),
        (f"curl -d a=1 --data b=2 {URL}", HttpCall("POST", URL, body="a=1&b=2")),
        (f"curl --request DELETE {URL}", HttpCall("DELETE", URL)),
        (f"curl -X GET -d q {URL}", HttpCall("GET", URL, body="q")),
        (
            f"curl --json '{{}}' {URL}",
            HttpCall(
                "POST", URL, (("Content-Type", "application/json"), ("Accept", "application/json")), "{}"
            ),
        ),
    ],
)
def test_a_request_that_is_noticed_is_a_probe(text: str, call: HttpCall) -> None:
    meaning = recognise(text)
    assert meaning.kind is Kind.PROBE
    assert [action.call for action in meaning.actions] == [call]


@pytest.mark.parametrize(
    "words",
    [
        "-o f",
        "-O",
        "-T f",
        "-d @f",
        "--data-binary @/etc/passwd",
        "-F a=@f",
        "-K f",
        "-c jar",
        "-b jar",
        "-x proxy",
        "--unix-socket /run/docker.sock",
        "--data-urlencode a@f",
        "file:///etc/passwd",
        "-X 'A B'",
        "--cert f",
        URL,
        "--resolve a:1:b",
        "-D f",
        "--trace f",
        "-w @f --config x",
        "-H nocolon",
        "-H @f",
        "--upload-file f",
    ],
)
def test_files_and_detours_of_curl_are_left_to_a_person(words: str) -> None:
    assert recognise(f"curl {words} {URL}").kind is Kind.MANUAL


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://h/x", "https://h/{a,b}", "'https://h/[1-9]'", "''"]
)
def test_an_address_that_is_no_single_web_address_is_left_to_a_person(url: str) -> None:
    assert recognise(f"curl {url}").kind is Kind.MANUAL


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.170.2",
        "2852039166",
        "0xA9FEA9FE",
        "0251.0376.0251.0376",
        "[fd00:ec2::254]",
        "[::ffff:169.254.169.254]",
        "user@169.254.169.254:80",
        "metadata.google.internal",
        "METADATA.google.internal.",
    ],
)
def test_where_a_cloud_hands_out_credentials_is_no_diagnostic(host: str) -> None:
    assert recognise(f"curl 'http://{host}/latest/meta-data/iam/security-credentials/'").kind is Kind.MANUAL


def test_credentials_are_not_shown() -> None:
    [action] = recognise(f"curl -u a:secret -H 'Authorization: Bearer secret' -d secret {URL}").actions
    assert "secret" not in repr(action)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (
            'git log --since="2 hours ago" --oneline',
            GitCall("commits", {"oneline": True, "since": "2 hours ago"}),
        ),
        ("git log -5 main -- src", GitCall("commits", {"max-count": "5"}, ("main",), ("src",))),
        ("cd app && git --no-pager log -n 3", GitCall("commits", {"max-count": "3"}, folder="app")),
        ("git -C /srv/app log --author=me", GitCall("commits", {"author": "me"}, folder="/srv/app")),
        (
            "gh run list --limit 5 -b main",
            GitCall("runs", {"limit": "5", "branch": "main"}),
        ),
        ("gh release list -R a/b", GitCall("releases", {"repo": "a/b"})),
        ("gh run view 12 --log-failed", GitCall("run", {"log-failed": True}, ("12",))),
    ],
)
def test_commits_runs_and_releases_are_read(text: str, call: GitCall) -> None:
    meaning = recognise(text)
    assert meaning.kind is Kind.DIAGNOSTIC, meaning.why
    assert [action.call for action in meaning.actions] == [call]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("git revert HEAD", Kind.REMEDIATION),
        ("git push --force", Kind.REMEDIATION),
        ("git log --output=f", Kind.MANUAL),
        ("git -c core.pager=x log", Kind.MANUAL),
        ("git --exec-path=x log", Kind.MANUAL),
        ("git show HEAD", Kind.MANUAL),
        ("git", Kind.MANUAL),
        ("gh workflow run deploy.yml", Kind.REMEDIATION),
        ("gh run rerun 12", Kind.REMEDIATION),
        ("gh api repos/a/b", Kind.MANUAL),
        ("gh run list --web", Kind.MANUAL),
        ("kubectl get pods -n prod", Kind.DIAGNOSTIC),
        ("kubectl -n prod get pods -o wide", Kind.DIAGNOSTIC),
        ("kubectl describe pod api-1", Kind.DIAGNOSTIC),
        ("kubectl logs -f deploy/api --tail=100", Kind.DIAGNOSTIC),
        ("kubectl top pods", Kind.DIAGNOSTIC),
        ("kubectl logs -l app=api --since=10m --all-containers=true", Kind.DIAGNOSTIC),
        ("kubectl get pods -A --watch=false -o custom-columns=NAME:.metadata.name", Kind.DIAGNOSTIC),
        ("kubectl get pods -o jsonpath-file=/etc/passwd", Kind.MANUAL),
        ("kubectl rollout -n status undo deploy/api", Kind.REMEDIATION),
        ("kubectl rollout status deploy/api", Kind.DIAGNOSTIC),
        ("kubectl rollout history deploy/api", Kind.DIAGNOSTIC),
        ("kubectl rollout undo deploy/api", Kind.REMEDIATION),
        ("kubectl rollout restart deploy/api", Kind.REMEDIATION),
        ("kubectl scale deploy/api --replicas=5", Kind.REMEDIATION),
        ("kubectl delete pod x", Kind.REMEDIATION),
        ("kubectl get secrets", Kind.MANUAL),
        ("kubectl get pods,secrets -o yaml", Kind.MANUAL),
        ("kubectl get --raw /api/v1/x", Kind.MANUAL),
        ("kubectl get -f x.yaml", Kind.MANUAL),
        ("kubectl get pods -o go-template-file=/etc/passwd", Kind.MANUAL),
        ("kubectl --server=https://x get pods", Kind.MANUAL),
        ("kubectl exec -it x -- sh", Kind.MANUAL),
        ("kubectl", Kind.MANUAL),
    ],
)
def test_the_kind_of(text: str, kind: Kind) -> None:
    assert recognise(text).kind is kind


def test_a_kubectl_that_reads_keeps_its_words() -> None:
    [action] = recognise("kubectl rollout status deploy/api -n prod").actions
    assert action.runs == "kubectl.rollout_status"
    assert action.call == KubernetesCall("rollout status", ("rollout", "status", "deploy/api", "-n", "prod"))
