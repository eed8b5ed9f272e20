"""GitHub for one remediation: one client, and reading with it.

https://docs.github.com/rest, https://docs.github.com/graphql
"""

from collections.abc import Mapping
from typing import Any

import httpx

from bot.adapters.remediation.protocol import Task
from bot.ports.remediation import RemediationUnavailable
from bot.text.redaction import redact
from bot.text.truncation import cut

READ_TIMEOUT_S, ACT_TIMEOUT_S = 2.0, 8.0
ENTERPRISE = "/api/v3"
MAX_REFUSAL_LENGTH = 200


def open_github(task: Task, key: str, timeout: float) -> httpx.Client:
    """A client at the repository, with the key of this name."""
    address = f"{task.keys['github_api_url']}/repos/{task.keys['github_repository']}/"
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    if token := task.keys.get(key):
        headers["Authorization"] = f"Bearer {token}"
    return httpx.Client(base_url=address, headers=headers, timeout=timeout)


def name_graphql(task: Task) -> str:
    """Where GraphQL is: beside the REST interface, which GitHub Enterprise Server has at `/api/v3`."""
    address = str(task.keys["github_api_url"]).rstrip("/")
    if address.endswith(ENTERPRISE):
        return f"{address.removesuffix(ENTERPRISE)}/api/graphql"
    return f"{address}/graphql"


def read_json(github: httpx.Client, path: str) -> Any:
    """The answer, None for what is not there. Raises RemediationUnavailable."""
    answer = send_get(github, path)
    if answer.status_code == 404:
        return None
    if answer.status_code >= 400:
        raise RemediationUnavailable(f"GitHub does not let me read (status {answer.status_code}).")
    return answer.json()


def read_text(github: httpx.Client, path: str) -> str:
    """A file as it is, empty where it cannot be read. Raises RemediationUnavailable."""
    answer = send_get(github, path, {"Accept": "application/vnd.github.raw+json"})
    return answer.text if answer.status_code == 200 else ""


def send_get(github: httpx.Client, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """Whatever GitHub answers. Raises RemediationUnavailable when it does not."""
    try:
        return github.get(path, headers=dict(headers or {}))
    except httpx.HTTPError as error:
        raise RemediationUnavailable(f"GitHub did not answer ({type(error).__name__}).") from None


def describe_refusal(answer: httpx.Response) -> str:
    """What GitHub says in an answer that is no success, as a sentence."""
    try:
        said = str(answer.json().get("message", ""))
    except (ValueError, AttributeError):
        said = answer.text
    text = cut(redact(" ".join(said.split())), MAX_REFUSAL_LENGTH).rstrip(".")
    return f"{text or 'no reason is given'}."
