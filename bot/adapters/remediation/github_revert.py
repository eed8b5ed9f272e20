"""`github.revert`: a pull request that takes a merged one back. Merging and deploying it stays with people.

GitHub has no idempotency key here. The new branch has the number of the reverted pull request in its name, and our key
stands in its text, so that it is found again.
https://docs.github.com/graphql/reference/mutations#revertpullrequest
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from bot.adapters.remediation.github_calls import (
    ACT_TIMEOUT_S,
    READ_TIMEOUT_S,
    name_graphql,
    open_github,
    read_json,
)
from bot.adapters.remediation.migrations_between import MIGRATION
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal
from bot.text.redaction import redact
from bot.text.truncation import cut

MAX_FILES, MAX_TITLE_LENGTH = 100, 120
MUTATION = """
mutation($id: ID!, $title: String!, $body: String!) {
  revertPullRequest(input: {pullRequestId: $id, title: $title, body: $body}) { revertPullRequest { number url } }
}
"""

Json = Mapping[str, Any]


def preview(task: Task) -> Plan | Refusal:
    """Which merged pull request would be taken back."""
    if not task.keys.get("github_repository"):
        return Refusal("No repository is named: set GITHUB_REPOSITORY.")
    with open_github(task, "github_token", READ_TIMEOUT_S) as github:
        number = task.parameters.get("number") or _find_newest(github)
        if not number:
            return Refusal(f"{task.keys['github_repository']} has no merged pull request.")
        merged = read_json(github, f"pulls/{number}")
        if merged is None:
            return Refusal(f"{task.keys['github_repository']} has no pull request #{number}.")
        if not merged.get("merged_at"):
            return Refusal(f"#{number} is not merged: there is nothing to revert.")
        branch = f"revert-{number}-{merged['head']['ref']}"
        if reverts := _list_reverts(github, task, branch):
            return Refusal(_describe_revert(str(number), reverts[0]))
        files = read_json(github, f"pulls/{number}/files?per_page={MAX_FILES}") or []
    return _build_plan(task, merged, branch, [str(file["filename"]) for file in files])


def _find_newest(github: httpx.Client) -> str:
    """The number of what was merged last into the default branch; empty for nothing."""
    repository = read_json(github, "") or {}
    base = repository.get("default_branch", "main")
    listed = (
        read_json(github, f"pulls?state=closed&base={base}&sort=updated&direction=desc&per_page=50") or []
    )
    merged = [pull for pull in listed if pull.get("merged_at")]
    return str(max(merged, key=lambda pull: str(pull["merged_at"]))["number"]) if merged else ""


def _list_reverts(github: httpx.Client, task: Task, branch: str) -> Sequence[Json]:
    """The pull requests of this branch that are open or merged: a closed one has reverted nothing."""
    owner = str(task.keys["github_repository"]).partition("/")[0]
    listed: Sequence[Json] = read_json(github, f"pulls?state=all&head={owner}:{branch}") or []
    return [pull for pull in listed if pull.get("merged_at") or pull.get("state") == "open"]


def _describe_revert(number: str, pull: Json) -> str:
    done = "is reverted already" if pull.get("merged_at") else "has a pull request that reverts it already"
    return f"#{number} {done}: #{pull['number']} {pull.get('html_url', '')}"


def _build_plan(task: Task, merged: Json, branch: str, files: Sequence[str]) -> Plan:
    number, repository = merged["number"], str(task.keys["github_repository"])
    title = cut(str(merged["title"]), MAX_TITLE_LENGTH)
    at = datetime.fromisoformat(str(merged["merged_at"]))
    age = int((datetime.now(UTC) - at).total_seconds() // 60)
    by = (merged.get("merged_by") or merged.get("user") or {}).get("login", "somebody")
    migrations = [name for name in files if MIGRATION.search(name)]
    count = f"{len(files)} files" if len(files) < MAX_FILES else f"{MAX_FILES} files or more"
    return Plan(
        target=f"github:{repository}#{number}",
        title=f"Revert #{number}: {title}",
        changes=(
            Change(
                "Pull request",
                f"#{number}, merged by {by} at {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {count}",
                "a new one that takes it back, for people to review and merge",
            ),
        ),
        meanwhile="Nothing stops.",
        affected="Nobody before it is merged and deployed.",
        undo="Close the new pull request.",
        command=f"gh pr revert {number} --repo {repository}",
        supports=(f"It was merged {age} min ago.",) if age <= 24 * 60 else (),
        against=(f"It was merged {age // 1440} days ago: it may not be the cause.",) if age > 24 * 60 else (),
        unchecked=("Whether it can be taken back without a conflict: GitHub says so when it is asked.",),
        red_lines=(
            f"Migrations are among its files and do not go back by themselves: {', '.join(migrations[:3])}.",
        )
        if migrations
        else (),
        details=(str(merged.get("html_url", "")),),
        fingerprint={"merge": f"#{number} {str(merged.get('merge_commit_sha', ''))[:12]}"},
        action={"number": number, "id": str(merged["node_id"]), "branch": branch, "title": title},
    )


def carry_out(task: Task) -> Receipt:
    """Ask GitHub once for the new pull request."""
    action = task.action
    variables = {
        "id": action["id"],
        "title": f"Revert #{action['number']}: {action['title']}",
        "body": f"Reverts #{action['number']}. Asked for in an incident and approved by a second person: {task.key}.",
    }
    with open_github(task, "remediation_github_token", ACT_TIMEOUT_S) as github:
        try:
            answer = github.post(name_graphql(task), json={"query": MUTATION, "variables": variables})
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Receipt(False, "GitHub was not reached.")
        except httpx.HTTPError as error:
            return Receipt(None, f"GitHub was asked, and no answer came ({type(error).__name__}).")
    return _read_receipt(answer)


def _read_receipt(answer: httpx.Response) -> Receipt:
    if answer.status_code >= 500:
        return Receipt(None, f"GitHub answered {answer.status_code}.")
    if answer.status_code in (401, 403, 404):
        denied = "the token needs “Contents: write” and “Pull requests: write”"
        return Receipt(False, f"GitHub denies it ({answer.status_code}): {denied}.")
    said = answer.json() if answer.content else {}
    if answer.status_code >= 400 or said.get("errors"):
        told = "; ".join(str(error.get("message", "")) for error in said.get("errors", ())) or answer.text
        return Receipt(False, f"GitHub refuses it: {cut(redact(told), 200)}")
    made = ((said.get("data") or {}).get("revertPullRequest") or {}).get("revertPullRequest") or {}
    return Receipt(True, "GitHub took it.", {"pull": str(made["number"])} if made else {})


def observe(task: Task) -> Observation:
    """The new pull request: by its number, else by its branch and our key."""
    known = (task.receipt or {}).get("pull")
    with open_github(task, "github_token", READ_TIMEOUT_S) as github:
        if known:
            found = read_json(github, f"pulls/{known}")
        else:
            listed = _list_reverts(github, task, str(task.action["branch"]))
            found = next((pull for pull in listed if task.key in str(pull.get("body", ""))), None)
    if found is None:
        return Observation((task.receipt or {}).get("answer") == "accepted")
    link, name = str(found.get("html_url", "")), f"#{found['number']}"
    told = f"{name} takes it back: {link}. It counts when people have merged and deployed it."
    return Observation(
        True, True, True, f"{name} is open", told, {"pull": str(found["number"]), "link": link}
    )
