"""Firebase Remote Config for one remediation: tokens, the template with its ETag, and publishing it.

A template is replaced whole and only if its ETag is still the one that was read: anything else that is published
meanwhile is never overwritten. `:rollback` would be, so that it is not used.
https://firebase.google.com/docs/reference/remote-config/rest/v1/projects/updateRemoteConfig
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.adapters.remediation.protocol import Task
from bot.google_assertion import TOKENS, build_token_request
from bot.ports.remediation import Receipt, RemediationUnavailable
from bot.text.redaction import redact
from bot.text.truncation import cut

PLACE = "https://firebaseremoteconfig.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/firebase.remoteconfig"
READ_TIMEOUT_S, TOKEN_TIMEOUT_S, ACT_TIMEOUT_S = 2.0, 3.0, 4.0
MAX_REASON_LENGTH, MAX_VERSIONS = 200, 50

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ConfigTemplate:
    """What is published now: its content, its ETag and the number and description of its version."""

    content: Json
    etag: str

    @property
    def version(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.content.get("version") or {}
        return found

    @property
    def number(self) -> str:
        return str(self.version.get("versionNumber", "0"))


def map_address(task: Task, url: str) -> str:
    """The address that is asked in its place, as settings say for a mirror or a stand-in."""
    for outside, here in (task.keys.get("addresses") or {}).items():
        if url == outside or url.startswith(f"{outside.rstrip('/')}/"):
            return f"{here.rstrip('/')}{url[len(outside.rstrip('/')) :]}"
    return url


def open_config(task: Task, token: str, timeout: float) -> httpx.Client:
    """A client at the project's Remote Config."""
    address = map_address(task, f"{PLACE}/v1/projects/{task.keys['firebase_project']}")
    return httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=timeout)


def read_token(task: Task) -> str:
    """The token that reads. Raises RemediationUnavailable."""
    if token := task.keys.get("google_token"):
        return str(token)
    file = task.keys.get("google_credentials")
    if not file:
        raise RemediationUnavailable(
            "Remote Config cannot be read: neither GOOGLE_APPLICATION_CREDENTIALS nor GOOGLE_OAUTH_ACCESS_TOKEN is set."
        )
    return fetch_token(task, str(file), "GOOGLE_APPLICATION_CREDENTIALS", READ_TIMEOUT_S)


def fetch_token(task: Task, file: str, setting: str, timeout: float) -> str:
    """A token of a service account's key file. Raises RemediationUnavailable, which names the setting."""
    try:
        form = build_token_request(Path(file), SCOPE, int(time.time()))
    except ValueError:
        raise RemediationUnavailable(f"The file that {setting} names is no service account's key.") from None
    try:
        answer = httpx.post(map_address(task, TOKENS), data=form, timeout=timeout)
        if answer.status_code in (400, 401):
            raise RemediationUnavailable(f"Google refuses the key in {setting}.")
        return str(answer.raise_for_status().json()["access_token"])
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise RemediationUnavailable(f"Google gives no token ({type(error).__name__}).") from None


def read_template(config: httpx.Client) -> ConfigTemplate:
    """What is published now. Raises RemediationUnavailable."""
    answer = _send_get(config, "remoteConfig")
    return ConfigTemplate(answer.json(), answer.headers.get("etag", ""))


def list_versions(config: httpx.Client) -> list[Mapping[str, Any]]:
    """The last versions, the newest first. Raises RemediationUnavailable."""
    found: list[Mapping[str, Any]] = (
        _send_get(config, f"/remoteConfig:listVersions?pageSize={MAX_VERSIONS}").json().get("versions", [])
    )
    return found


def _send_get(config: httpx.Client, path: str) -> httpx.Response:
    try:
        answer = config.get(path)
    except httpx.HTTPError as error:
        raise RemediationUnavailable(f"Firebase did not answer ({type(error).__name__}).") from None
    if answer.status_code in (401, 403):
        raise RemediationUnavailable(
            f"Firebase does not let me read Remote Config ({answer.status_code}): the account needs the role Firebase "
            "Remote Config Viewer."
        )
    if answer.status_code == 404:
        raise RemediationUnavailable("Firebase knows no such project: check TOCSIN_FIREBASE_PROJECT.")
    if answer.status_code >= 400:
        raise RemediationUnavailable(f"Firebase answered {answer.status_code}.")
    return answer


def publish(config: httpx.Client, content: Json, etag: str) -> Receipt:
    """Ask Firebase whether it would take it, which changes nothing; then publish it, once."""
    asked = _put(config, content, etag, {"validateOnly": "true"})
    if asked.is_accepted is not True:
        return Receipt(False, asked.sentence)
    return _put(config, content, etag, {})


def _put(config: httpx.Client, content: Json, etag: str, query: Mapping[str, str]) -> Receipt:
    headers = {"If-Match": etag, "Content-Type": "application/json; charset=UTF-8"}
    try:
        answer = config.put("remoteConfig", json=content, headers=headers, params=dict(query))
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return Receipt(False, "Firebase was not reached.")
    except httpx.HTTPError as error:
        return Receipt(None, f"Firebase was asked, and no answer came ({type(error).__name__}).")
    if answer.status_code >= 500:
        return Receipt(None, f"Firebase answered {answer.status_code}.")
    if answer.status_code in (401, 403):
        denied = "the account needs the right cloudconfig.configs.update"
        return Receipt(False, f"Firebase denies it ({answer.status_code}): {denied}.")
    if answer.status_code in (409, 412):
        return Receipt(False, "Remote Config was published by somebody else meanwhile.")
    if answer.status_code >= 400:
        return Receipt(False, f"Firebase refuses it: {_explain(answer)}")
    number = str((answer.json().get("version") or {}).get("versionNumber", ""))
    return Receipt(True, "Firebase took it.", {"version": number} if number else {})


def _explain(answer: httpx.Response) -> str:
    try:
        said = str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        said = answer.text
    return cut(redact(said), MAX_REASON_LENGTH)
