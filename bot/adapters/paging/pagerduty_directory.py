"""Looks up who and what an id is at PagerDuty, without creating anything. Blocking; run in threads.

Source: PagerDuty's REST API v2, `GET /users/{id}`, `/services/{id}`, `/escalation_policies/{id}`, `/users?query=`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.adapters.paging.pagerduty_errors import read_mapping

if TYPE_CHECKING:
    from bot.adapters.paging.pagerduty_http import RestClient


class DirectoryKind(StrEnum):
    """What is looked up; the value is the word for people."""

    USER = "user"
    SENDER = "user with this address"
    SERVICE = "service"
    POLICY = "escalation policy"


PATHS = {
    DirectoryKind.USER: ("/users", "user"),
    DirectoryKind.SERVICE: ("/services", "service"),
    DirectoryKind.POLICY: ("/escalation_policies", "escalation_policy"),
}
"""Where each is asked for by its id, and under which name the answer has it."""


@dataclass(frozen=True, slots=True)
class DirectoryAnswer:
    """`name` is the person's or thing's, `role` a user's (`user`, `read_only_user`), `status` a service's (`active`,
    `disabled`); `problem` is half a sentence where it was not found or nobody said so."""

    name: str = ""
    role: str = ""
    status: str = ""
    problem: str = ""


def look_up(rest: "RestClient", kind: DirectoryKind, value: str) -> DirectoryAnswer:
    """Ask once; `value` is the id, or the sender's e-mail address. Raises what the client raises, or ValueError."""
    if kind is DirectoryKind.SENDER:
        listed = read_mapping(rest.get("/users", params={"query": value}).json()).get("users")
        users = map(read_mapping, listed) if isinstance(listed, list) else ()
        found = next((user for user in users if user.get("email") == value), {})
    else:
        path, name = PATHS[kind]
        found = read_mapping(read_mapping(rest.get(f"{path}/{value}").json()).get(name))
    if not found:
        return DirectoryAnswer(problem=f"PagerDuty knows no {kind}")
    name = str(found.get("name") or found.get("summary") or value)
    return DirectoryAnswer(name, str(found.get("role", "")), str(found.get("status", "")))


def explain_refusal(kind: DirectoryKind, status: int) -> str:
    """Why PagerDuty said nothing of it, by the HTTP status."""
    if status == 401:
        return "PagerDuty refuses PAGERDUTY_API_KEY (401)"
    if status == 403:
        return f"the key may not read this {kind} (403)"
    return f"PagerDuty knows no such {kind} (404)" if status == 404 else f"PagerDuty answered {status}"
