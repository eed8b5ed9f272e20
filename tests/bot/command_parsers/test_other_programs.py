"""curl, git, gh and kubectl."""

import pytest

from bot.command_parsers import classify_command
from bot.domain.playbook import GitCall, HttpCall, KubernetesCall, StepKind

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
    meaning = classify_command(text)
    assert meaning.kind is StepKind.DIAGNOSTIC, meaning.why
    assert [action.call for action in meaning.actions] == [call]


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (f"curl -X POST {URL}", HttpCall("POST", URL)),
        (f"curl -XPOST {URL} -d '{{\"a\":1}}'", HttpCall("POST", URL, body='{"a":1}')),
        (f"curl -d a=1 --data b=2 {URL}", HttpCall("POST", URL, body="a=1&b=2")),
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
    meaning = classify_command(text)
    assert meaning.kind is StepKind.PROBE
    assert [action.call for action in meaning.actions] == [call]


@pytest.mark.parametrize(
    "words",
    [
        "-o f",
        "-O",
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
    ],
)
def test_files_and_detours_of_curl_are_left_to_a_person(words: str) -> None:
    assert classify_command(f"curl {words} {URL}").kind is StepKind.MANUAL


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://h/x", "https://h/{a,b}", "'https://h/[1-9]'", "''"]
)
def test_an_address_that_is_no_single_web_address_is_left_to_a_person(url: str) -> None:
    assert classify_command(f"curl {url}").kind is StepKind.MANUAL


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
    assert (
        classify_command(f"curl 'http://{host}/latest/meta-data/iam/security-credentials/'").kind
        is StepKind.MANUAL
    )


def test_credentials_are_not_shown() -> None:
    [action] = classify_command(f"curl -u a:secret -H 'Authorization: Bearer secret' -d secret {URL}").actions
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
    meaning = classify_command(text)
    assert meaning.kind is StepKind.DIAGNOSTIC, meaning.why
    assert [action.call for action in meaning.actions] == [call]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("git revert HEAD", StepKind.REMEDIATION),
        ("git push --force", StepKind.REMEDIATION),
        ("git log --output=f", StepKind.MANUAL),
        ("git -c core.pager=x log", StepKind.MANUAL),
        ("git --exec-path=x log", StepKind.MANUAL),
        ("git show HEAD", StepKind.MANUAL),
        ("git", StepKind.MANUAL),
        ("gh workflow run deploy.yml", StepKind.REMEDIATION),
        ("gh run rerun 12", StepKind.REMEDIATION),
        ("gh api repos/a/b", StepKind.MANUAL),
        ("gh run list --web", StepKind.MANUAL),
        ("kubectl get pods -n prod", StepKind.DIAGNOSTIC),
        ("kubectl -n prod get pods -o wide", StepKind.DIAGNOSTIC),
        ("kubectl describe pod api-1", StepKind.DIAGNOSTIC),
        ("kubectl logs -f deploy/api --tail=100", StepKind.DIAGNOSTIC),
        ("kubectl top pods", StepKind.DIAGNOSTIC),
        ("kubectl logs -l app=api --since=10m --all-containers=true", StepKind.DIAGNOSTIC),
        ("kubectl get pods -A --watch=false -o custom-columns=NAME:.metadata.name", StepKind.DIAGNOSTIC),
        ("kubectl get pods -o jsonpath-file=/etc/passwd", StepKind.MANUAL),
        ("kubectl rollout -n status undo deploy/api", StepKind.REMEDIATION),
        ("kubectl rollout status deploy/api", StepKind.DIAGNOSTIC),
        ("kubectl rollout history deploy/api", StepKind.DIAGNOSTIC),
        ("kubectl rollout undo deploy/api", StepKind.REMEDIATION),
        ("kubectl rollout restart deploy/api", StepKind.REMEDIATION),
        ("kubectl scale deploy/api --replicas=5", StepKind.REMEDIATION),
        ("kubectl delete pod x", StepKind.REMEDIATION),
        ("kubectl get secrets", StepKind.MANUAL),
        ("kubectl get pods,secrets -o yaml", StepKind.MANUAL),
        ("kubectl get configmap app -o yaml", StepKind.MANUAL),
        ("kubectl describe cm/app", StepKind.MANUAL),
        ("kubectl get pods,configmaps -n prod", StepKind.MANUAL),
        ("kubectl get pod x -o jsonpath='{.spec.containers[*].env}'", StepKind.MANUAL),
        ("kubectl get pod x -o=custom-columns=E:.spec.containers[*].env", StepKind.MANUAL),
        ("kubectl get pods -l app=cm", StepKind.DIAGNOSTIC),
        ("kubectl get --raw /api/v1/x", StepKind.MANUAL),
        ("kubectl get -f x.yaml", StepKind.MANUAL),
        ("kubectl get pods -o go-template-file=/etc/passwd", StepKind.MANUAL),
        ("kubectl --server=https://x get pods", StepKind.MANUAL),
        ("kubectl exec -it x -- sh", StepKind.MANUAL),
        ("kubectl", StepKind.MANUAL),
        ("kubectl get", StepKind.MANUAL),
        ("kubectl get ingress -n shop", StepKind.MANUAL),
        ("kubectl get pods,ingress", StepKind.MANUAL),
        ("kubectl describe pvc data-0", StepKind.MANUAL),
        ("kubectl explain pods", StepKind.MANUAL),
        ("kubectl version", StepKind.MANUAL),
        ("kubectl rollout status job/x", StepKind.MANUAL),
        ("kubectl rollout history deploy", StepKind.MANUAL),
        ("kubectl top deploy", StepKind.MANUAL),
        ("kubectl logs secret/x", StepKind.MANUAL),
        ("kubectl --cluster=other get pods", StepKind.MANUAL),
        ("kubectl get all -n shop", StepKind.DIAGNOSTIC),
        ("kubectl get deploy/api svc/api", StepKind.DIAGNOSTIC),
        ("kubectl events -n shop --types=Warning", StepKind.DIAGNOSTIC),
        ("kubectl get hpa", StepKind.DIAGNOSTIC),
    ],
)
def test_the_kind_of(text: str, kind: StepKind) -> None:
    assert classify_command(text).kind is kind


@pytest.mark.parametrize(
    ("text", "kinds", "names", "options"),
    [
        ("kubectl get po,svc -n shop", ("pods", "services"), (), {"namespace": "shop"}),
        ("kubectl get pod a b", ("pods",), (("pods", "a"), ("pods", "b")), {}),
        (
            "kubectl get deploy/api sts/db",
            ("deployments", "statefulsets"),
            (("deployments", "api"), ("statefulsets", "db")),
            {},
        ),
        (
            "kubectl logs api-1 web -p",
            ("pods",),
            (("pods", "api-1"),),
            {"previous": True, "container": "web"},
        ),
        ("kubectl logs -l app=api --tail 50", ("pods",), (), {"selector": "app=api", "tail": "50"}),
        ("kubectl top no", ("nodes",), (), {}),
        ("kubectl --context eu -n shop get events", ("events",), (), {"context": "eu", "namespace": "shop"}),
    ],
)
def test_what_a_kubectl_looks_at(
    text: str, kinds: tuple[str, ...], names: tuple[tuple[str, str], ...], options: dict[str, str | bool]
) -> None:
    [action] = classify_command(text).actions
    assert isinstance(action.call, KubernetesCall)
    assert (action.call.kinds, action.call.names, action.call.options) == (kinds, names, options)


def test_a_kubectl_that_reads_keeps_its_words() -> None:
    [action] = classify_command("kubectl rollout status deploy/api -n prod").actions
    assert action.runs == "kubectl.rollout_status"
    words = ("rollout", "status", "deploy/api", "-n", "prod")
    names = (("deployments", "api"),)
    assert action.call == KubernetesCall(
        "rollout status", words, ("deployments",), names, {"namespace": "prod"}
    )


@pytest.mark.parametrize(
    ("command", "setting"),
    [
        ("kubectl exec deploy/db -n shop -- psql -U shop -c 'SELECT 1'", "PGHOST"),
        ("kubectl exec -it cache-0 -- redis-cli INFO", "REDIS_HOST"),
        ("docker exec cache redis-cli INFO", "REDIS_HOST"),
        ("docker-compose exec db psql -c 'SELECT 1'", "PGHOST"),
    ],
)
def test_the_reason_of_what_is_asked_inside_a_container_says_how_it_is_asked_directly(
    command: str, setting: str
) -> None:
    meaning = classify_command(command)
    assert (meaning.kind, meaning.actions) == (StepKind.MANUAL, ())
    assert f"set {setting} where Tocsin runs" in meaning.why
