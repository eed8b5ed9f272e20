"""The webhooks of trackers: only what is proven counts, and of it only which ticket is to be read.

The published vectors are GitHub's ("Validating webhook deliveries") and Atlassian's ("Secure admin webhooks"); the
events have the fields of the published examples.
"""

import json
from typing import Any

import pytest

from bot.adapters.trackers.tracker_webhook import find_changed_ticket, verify_delivery
from bot.adapters.webhook_signature import InvalidSignature, InvalidWebhook

SECRET = "It's a Secret to Everybody"
PUBLISHED = {
    "github": (
        b"Hello, World!",
        "x-hub-signature-256",
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
    ),
    "jira": (
        b"Hello World!",
        "x-hub-signature",
        "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
    ),
    "gitlab": (b"Hello World!", "x-gitlab-token", SECRET),
}


@pytest.mark.parametrize("kind", PUBLISHED)
def test_the_published_proof_is_taken_also_while_the_secret_is_changed(kind: str) -> None:
    body, header, proof = PUBLISHED[kind]
    for secrets in ([SECRET], ["old", SECRET], [SECRET, "new"]):
        verify_delivery(kind, body, {header: proof}, secrets)
    for secrets in (["another"], []):
        with pytest.raises(InvalidSignature):
            verify_delivery(kind, body, {header: proof}, secrets)


@pytest.mark.parametrize("kind", ["github", "jira"])
def test_another_body_another_header_and_another_method_are_forged(kind: str) -> None:
    body, header, proof = PUBLISHED[kind]
    digest = proof.removeprefix("sha256=")
    forged = [
        "",
        "sha256=",
        "sha256=00",
        digest,
        f"sha1={digest}",
        f"v1={digest}",
        f"{proof}0",
        "\udcff",
        "é",
    ]
    for given in forged:
        with pytest.raises(InvalidSignature):
            verify_delivery(kind, body, {header: given}, [SECRET])
    for other in ("x-hub-signature-256", "x-hub-signature", "x-gitlab-token"):
        if other != header:
            with pytest.raises(InvalidSignature):
                verify_delivery(kind, body, {other: proof}, [SECRET])
    with pytest.raises(InvalidSignature):
        verify_delivery(kind, body + b" ", {header: proof}, [SECRET])


@pytest.mark.parametrize("given", ["", "it's a secret to everybody", f"{SECRET} ", "\udcff", "é"])
def test_a_token_is_the_secret_or_forged(given: str) -> None:
    with pytest.raises(InvalidSignature):
        verify_delivery("gitlab", b"{}", {"x-gitlab-token": given}, [SECRET])


def build_github(action: str, repository: str = "Codertocat/Hello-World") -> dict[str, Any]:
    """As GitHub's example of the event `issues`."""
    return {
        "action": action,
        "issue": {
            "url": f"https://api.github.com/repos/{repository}/issues/1",
            "id": 444500041,
            "number": 1,
            "title": "Spelling error in the README file",
            "state": "open",
        },
        "changes": {"new_issue": {"number": 7}, "new_repository": {"full_name": "octo-org/other"}},
        "repository": {"id": 186853002, "name": "Hello-World", "full_name": repository, "private": False},
        "sender": {"login": "Codertocat", "id": 21031067},
    }


def build_gitlab(project: str = "gitlabhq/gitlab-test") -> dict[str, Any]:
    """As GitLab's example of an issue event."""
    return {
        "object_kind": "issue",
        "event_type": "issue",
        "project": {"id": 1, "name": "Gitlab Test", "path_with_namespace": project},
        "object_attributes": {"id": 301, "iid": 23, "state": "opened", "action": "open"},
    }


def build_jira(event: str, id: object = "99291") -> dict[str, Any]:
    """As Atlassian's example of an issue's update."""
    return {
        "id": 2,
        "timestamp": 1525698237764,
        "issue": {
            "id": id,
            "self": "https://your-domain.atlassian.net/rest/api/2/issue/99291",
            "key": "JRA-20002",
            "fields": {"summary": "I feel the need for speed", "labels": ["UI"]},
        },
        "user": {"self": "https://your-domain.atlassian.net/rest/api/2/user?accountId=99:27935d01"},
        "changelog": {"items": [{"toString": "Done", "from": "1", "field": "status"}], "id": 10124},
        "webhookEvent": event,
    }


def find(kind: str, event: object, place: str = "", **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return find_changed_ticket(kind, named, json.dumps(event).encode(), place)


@pytest.mark.parametrize("action", ["closed", "reopened", "deleted", "transferred", "edited"])
def test_github_tells_of_an_issue_of_our_repository(action: str) -> None:
    event = build_github(action)
    assert find("github", event, "codertocat/hello-world", x_github_event="issues") == "1"
    assert find("github", event, "codertocat/hello-world-2", x_github_event="issues") == ""


def test_what_github_tells_else_is_of_no_issue() -> None:
    here = "Codertocat/Hello-World"
    assert find("github", build_github("labeled"), here, x_github_event="issues") == ""
    assert find("github", build_github("closed"), here, x_github_event="issue_comment") == ""
    assert find("github", build_github("closed"), here) == ""
    ping = {"zen": "Practicality beats purity.", "hook_id": 1, "repository": {"full_name": here}}
    assert find("github", ping, here, x_github_event="ping") == ""


def test_gitlab_tells_of_an_issue_of_our_project() -> None:
    for event in ("Issue Hook", "Confidential Issue Hook"):
        assert find("gitlab", build_gitlab(), "gitlabhq/gitlab-test", x_gitlab_event=event) == "23"
    assert find("gitlab", build_gitlab(), "gitlabhq/other", x_gitlab_event="Issue Hook") == ""
    assert find("gitlab", build_gitlab(), "gitlabhq/gitlab-test", x_gitlab_event="Push Hook") == ""


def test_jira_tells_of_an_issue_by_its_id() -> None:
    assert find("jira", build_jira("jira:issue_updated"), "JRA") == "99291"
    assert find("jira", build_jira("jira:issue_deleted"), "JRA") == "99291"
    assert find("jira", build_jira("jira:issue_created"), "JRA") == ""
    assert find("jira", build_jira("comment_created"), "JRA") == ""


@pytest.mark.parametrize("id", [None, [], {}, "99291; drop", "٣", "", -1, 1.5, "9" * 21, 10**20])
def test_an_id_that_is_none_is_of_no_issue(id: object) -> None:
    assert find("jira", build_jira("jira:issue_updated", id), "JRA") == ""


@pytest.mark.parametrize("kind", PUBLISHED)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"[" * 100_000, b"\xff\xfe", b"null"])
def test_what_is_no_event_is_not_understood(kind: str, body: bytes) -> None:
    with pytest.raises(InvalidWebhook):
        find_changed_ticket(kind, {"x-github-event": "issues"}, body, "a/b")


@pytest.mark.parametrize("kind", PUBLISHED)
def test_parts_of_another_shape_are_of_no_issue(kind: str) -> None:
    parts: tuple[Any, ...] = (None, [], "x", 7, {"number": {}, "iid": [], "id": None})
    for part in parts:
        event: dict[str, Any] = {"action": "closed", "webhookEvent": "jira:issue_updated"}
        event |= {"issue": part, "object_attributes": part, "repository": part, "project": part}
        assert find(kind, event, "a/b", x_github_event="issues", x_gitlab_event="Issue Hook") == ""
