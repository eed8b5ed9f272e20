"""What PagerDuty's documents look like (REST API v2: resource schemas, references, errors)."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from sandbox.slack.workspace_model import Json


@dataclass(frozen=True)
class PagerDutyRequest:
    """One request: what was asked, with which headers and body; `at` is when it came, in seconds since 1970."""

    name: str
    body: Json
    headers: dict[str, str]
    at: float


@dataclass
class PagerDutyIncident:
    """One incident at PagerDuty. `rung` counts how often people were notified: once when it was opened;
    `notified` are (name, status) of the notifications that reached somebody or failed."""

    id: str
    number: int
    key: str
    service: str
    title: str
    status: str = "triggered"
    assignee: str = ""
    policy: str = ""
    rung: int = 1
    created_at: str = ""
    notified: list[tuple[str, str]] = field(default_factory=list)
    details: Json = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def build_error(status: int, code: int, message: str) -> web.Response:
    """An error of the REST API."""
    said = {"error": {"message": "Invalid Input Provided", "code": code, "errors": [message]}}
    return web.json_response(said, status=status)


def build_reference(id: str, kind: str, summary: str = "") -> Json:
    """A resource as others refer to it."""
    return {"id": id, "type": kind, "summary": summary or id, "self": None, "html_url": None}


def find_event_errors(event: Json, keys: Container[str]) -> list[str]:
    """What the Events API finds wrong with an event."""
    errors: list[str] = []
    routing, action = event.get("routing_key", ""), event.get("event_action")
    if len(routing) != 32:
        errors.append("Length of 'routing_key' is incorrect (should be 32 characters)")
    elif routing not in keys:
        errors.append("Invalid routing key")
    if action not in ("trigger", "acknowledge", "resolve"):
        errors.append("'event_action' is missing or not one of trigger, acknowledge, resolve")
    needed = [event.get("payload", {}).get(key) for key in ("summary", "source", "severity")]
    if action == "trigger" and not all(needed):
        errors.append("'payload.summary', 'payload.source' and 'payload.severity' are needed")
    return errors


def build_log_entries(incident: PagerDutyIncident) -> list[Json]:
    """What PagerDuty wrote down about an incident: that it was opened, and whom it notified."""
    told = [
        {
            "id": f"R{number:013}",
            "type": "notify_log_entry",
            "summary": f"Notified {name}",
            "user": build_reference("PUSER", "user_reference", name),
            "channel": {"type": "auto", "notification": {"type": "push_notification", "status": status}},
        }
        for number, (name, status) in enumerate(incident.notified)
    ]
    return [
        *told,
        {"id": "R", "type": "trigger_log_entry", "summary": "Triggered", "channel": {"type": "api"}},
    ]


def find_users(users: dict[str, tuple[str, str]], query: str) -> list[Json]:
    """The users whose name or address contains the words."""
    return [
        {**build_reference(id, "user", name), "name": name, "email": mail}
        for id, (name, mail) in users.items()
        if query.casefold() in f"{name} {mail}".casefold()
    ]


def build_on_call_entry(schedule: str, level: int, person: str, name: str, mail: str) -> Json:
    """Somebody who is on call at one level of a policy, with the user included."""
    return {
        "escalation_policy": build_reference("PPOL001", "escalation_policy_reference", "Everybody"),
        "escalation_level": level,
        "schedule": build_reference(schedule, "schedule_reference", "Weekdays"),
        "user": {**build_reference(person, "user", name), "email": mail},
        "start": "2026-01-01T00:00:00Z",
        "end": "2036-01-01T00:00:00Z",
    }


def build_incident_json(incident: PagerDutyIncident, users: dict[str, tuple[str, str]]) -> Json:
    """An incident as the REST API shows it."""
    who = incident.assignee
    assigned = [{"assignee": build_reference(who, "user_reference", users[who][0])}] if who else []
    return {
        "id": incident.id,
        "type": "incident",
        "incident_number": incident.number,
        "title": incident.title,
        "status": incident.status,
        "incident_key": incident.key,
        "created_at": incident.created_at,
        "html_url": f"https://sandbox.pagerduty.example/incidents/{incident.id}",
        "service": build_reference(incident.service, "service_reference"),
        "assignments": assigned,
        "urgency": "high",
    }


def format_timestamp(at: datetime) -> str:
    """An instant as PagerDuty writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def build_webhook(
    incident: PagerDutyIncident,
    users: dict[str, tuple[str, str]],
    agent: Json | None,
    number: int,
    kind: str,
    at: datetime,
) -> Json:
    """A v3 webhook's body: `agent` did it, `kind` is the event's type where it is not the incident's status."""
    return {
        "event": {
            "id": f"01SANDBOX{number:017}",
            "event_type": kind or f"incident.{incident.status}",
            "resource_type": "incident",
            "occurred_at": format_timestamp(at),
            "agent": agent,
            "client": None,
            "data": {
                **build_incident_json(incident, users),
                "type": "incident",
                "number": incident.number,
                "assignees": [
                    build_reference(assignee, "user_reference")
                    for assignee in [incident.assignee]
                    if assignee
                ],
            },
        }
    }
