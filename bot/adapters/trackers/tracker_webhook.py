"""The webhooks of trackers: is one the tracker's, and which ticket does it tell of. Pure.

Sources: GitHub, "Validating webhook deliveries" and the event `issues`; GitLab, "Webhook events", issue events;
Atlassian, "Webhooks", secure admin webhooks. What a delivery says of a ticket's state is not used: deliveries come
late, twice and in any order, so one only says that the ticket is to be read.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.adapters.webhook_signature import InvalidWebhook, verify_digest, verify_token

MAX_ID = 20
"""Characters of a ticket's id."""

METHOD = "sha256="
GITHUB_ACTIONS = frozenset({"closed", "reopened", "deleted", "transferred", "edited"})
GITLAB_EVENTS = frozenset({"Issue Hook", "Confidential Issue Hook"})
JIRA_EVENTS = frozenset({"jira:issue_updated", "jira:issue_deleted"})

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WebhookRules:
    """How the deliveries of one kind of tracker are proven and read. `header`, in lower case, has the proof; `find`
    gives the id of the ticket that changed, nothing for what tells of none, by the headers, the event and the place."""

    header: str
    is_token: bool
    find: Callable[[Mapping[str, str], Json, str], object]


def verify_delivery(kind: str, body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Raises InvalidSignature unless it was sent with one of our secrets."""
    rules = RULES[kind]
    proof = headers.get(rules.header, "")
    if rules.is_token:
        verify_token(proof, secrets)
    else:
        verify_digest(body, [proof.removeprefix(METHOD)] if proof.startswith(METHOD) else [], secrets)


def find_changed_ticket(kind: str, headers: Mapping[str, str], body: bytes, place: str) -> str:
    """The id of the ticket of which a verified delivery tells; empty where it tells of none, or of another repository
    or project than `place`. Raises InvalidWebhook."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidWebhook("no JSON") from None
    if not isinstance(event, dict):
        raise InvalidWebhook("no event")
    id = RULES[kind].find(headers, event, place)
    text = str(id) if isinstance(id, (int, str)) else ""
    return text if text.isascii() and text.isdigit() and len(text) <= MAX_ID else ""


def _find_at_github(headers: Mapping[str, str], event: Json, place: str) -> object:
    is_meant = headers.get("x-github-event") == "issues" and event.get("action") in GITHUB_ACTIONS
    name = _read(event, "repository", "full_name")
    return _read(event, "issue", "number") if is_meant and _is_same(name, place) else None


def _find_at_gitlab(headers: Mapping[str, str], event: Json, place: str) -> object:
    is_meant = headers.get("x-gitlab-event") in GITLAB_EVENTS
    name = _read(event, "project", "path_with_namespace")
    return _read(event, "object_attributes", "iid") if is_meant and _is_same(name, place) else None


def _find_at_jira(headers: Mapping[str, str], event: Json, place: str) -> object:
    """Ids are one site's; an issue that was moved to another project keeps its own."""
    return _read(event, "issue", "id") if event.get("webhookEvent") in JIRA_EVENTS else None


RULES: Mapping[str, WebhookRules] = {
    "github": WebhookRules("x-hub-signature-256", False, _find_at_github),
    "gitlab": WebhookRules("x-gitlab-token", True, _find_at_gitlab),
    "jira": WebhookRules("x-hub-signature", False, _find_at_jira),
}


def _read(event: Json, part: str, name: str) -> object:
    found = event.get(part)
    return found.get(name) if isinstance(found, dict) else None


def _is_same(name: object, place: str) -> bool:
    return isinstance(name, str) and name.casefold() == place.casefold()
