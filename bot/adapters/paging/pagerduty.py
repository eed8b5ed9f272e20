"""PagerDuty: services by the Events API v2, users, policies and schedules by the REST API. Blocking; run in threads.

Source: PagerDuty's developer documentation (Events API v2 overview and rate limits; REST incident creation, errors).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.adapters.paging.pagerduty_clients import PagerDutyAccount, PagerDutyConnections
from bot.adapters.paging.pagerduty_errors import (
    SOON,
    build_accepted,
    build_rate_limited,
    build_refused,
    build_unknown,
    interpret_failure,
    read_mapping,
)
from bot.adapters.paging.rate_limiter import RateLimiter
from bot.contacts import Handle, HandleKind
from bot.domain.page_provider import OnCallPerson, PageOutcome, PageRequest, PageResponse, merge_people

SUMMARY = 1024
"""Characters of a summary that the Events API takes."""

TITLE = 255
OPEN = ["triggered", "acknowledged"]
ANY = [*OPEN, "resolved"]


class PagerDutyClient:
    """One account."""

    def __init__(self, account: PagerDutyAccount, pace: RateLimiter) -> None:
        self._account = account
        self._pace = pace
        self._sender = ""
        self.clients = PagerDutyConnections(account)

    def page(self, handle: Handle, call: PageRequest) -> PageResponse:
        """Ask for one page."""
        if missing := self._account.lacks(handle):
            return build_refused(f"PagerDuty was not asked: {' and '.join(missing)} must be set first.")
        if key := self._routing_key(handle):
            return self._event(key, "trigger", call.key, **_event(call))
        return self._call(lambda: self._create(handle, call))

    def acknowledge(self, handle: Handle, key: str) -> PageResponse:
        """The page with this key was answered elsewhere."""
        return self._follow(handle, key, "acknowledge", "acknowledged")

    def resolve(self, handle: Handle, key: str) -> PageResponse:
        """The page with this key has ended."""
        return self._follow(handle, key, "resolve", "resolved")

    def progress(self, key: str) -> PageResponse:
        """Whether PagerDuty's log of the page says that a person was notified. Needs the REST API, for services too."""
        if self._account.api_key is None:
            return build_accepted("")
        return self._call(lambda: self._check_notified(key))

    def add_note(self, key: str, text: str) -> PageResponse:
        """Add a note to the open page with this key, unless it has it. Needs the REST API, for services too."""
        if self._account.api_key is None or not self._account.sender:
            return build_accepted("")
        return self._call(lambda: self._add_note(key, text))

    def on_call(self, schedule: str, at: datetime) -> tuple[OnCallPerson, ...]:
        """Who is on call by a schedule, each person once. Raises Unsuccessful, pagerduty.Error or ValueError."""
        instant = at.astimezone(UTC).isoformat()
        query: dict[str, str | int] = {
            "schedule_ids[]": schedule,
            "since": instant,
            "until": (at + timedelta(seconds=1)).astimezone(UTC).isoformat(),
            "include[]": "users",
            "limit": 100,
        }
        listed = read_mapping(self.clients.rest().get("/oncalls", params=query).json()).get("oncalls")
        if not isinstance(listed, list):
            raise ValueError("no list of people on call")
        people = merge_people(person for person in map(_on_duty, listed) if person.name)
        names = [person.name for person in people]
        # Whoever shares a name with somebody else on call is told apart by the address.
        return tuple(
            replace(person, name=f"{person.name}, {person.handles[0].value}")
            if names.count(person.name) > 1 and person.handles
            else person
            for person in people
        )

    def sender(self) -> str:
        """The id of the user in whose name the REST API is asked; empty when it cannot be found out now. Kept."""
        if not self._sender and self._account.api_key and self._account.sender:
            self._sender = self._call(lambda: build_accepted(self._user(self._account.sender))).reference
        return self._sender

    def warm(self, handles: Iterable[Handle]) -> None:
        """Import and make what these handles need, so that the first page does not wait for it."""
        for handle in handles:
            if not self._account.lacks(handle):
                if key := self._routing_key(handle):
                    self.clients.events(key)
                else:
                    self.clients.rest()

    def close(self) -> None:
        """Close the connections."""
        self.clients.close()

    def _routing_key(self, handle: Handle) -> str:
        """The integration key behind a service's handle; empty for what the REST API has to do."""
        if handle.kind is not HandleKind.PAGERDUTY_SERVICE:
            return ""
        if handle.setting:
            secret = self._account.named(handle.setting)
            return secret.get_secret_value() if secret else ""
        return handle.value if handle.secret else ""

    def _follow(self, handle: Handle, key: str, action: str, status: str) -> PageResponse:
        if missing := self._account.lacks(handle):
            return build_refused(f"PagerDuty was not asked: {' and '.join(missing)} must be set first.")
        if routing := self._routing_key(handle):
            return self._event(routing, action, key)
        return self._call(lambda: self._update(handle, key, status))

    def _event(self, routing: str, action: str, key: str, **more: Any) -> PageResponse:
        if wait := self._pace.take(routing):
            return build_rate_limited("PagerDuty's limit of events in a minute is reached.", wait)

        def send() -> PageResponse:
            named = self.clients.events(routing).send_event(action, dedup_key=key, **more)
            return build_accepted(str(named))

        return self._call(send, secret=routing)

    def _create(self, handle: Handle, call: PageRequest) -> PageResponse:
        from bot.adapters.paging.pagerduty_http import PagerDutyHttpError

        service = handle.value if handle.kind is HandleKind.PAGERDUTY_SERVICE else self._account.service
        incident: dict[str, Any] = {
            "type": "incident",
            "title": call.summary[:TITLE],
            "service": {"id": service, "type": "service_reference"},
            "incident_key": call.key,
            "urgency": "high",
            "body": {"type": "incident_body", "details": "\n".join(filter(None, (call.details, call.link)))},
        }
        if handle.kind is HandleKind.PAGERDUTY_USER:
            incident["assignments"] = [{"assignee": {"id": handle.value, "type": "user_reference"}}]
        elif handle.kind is HandleKind.PAGERDUTY_POLICY:
            incident["escalation_policy"] = {"id": handle.value, "type": "escalation_policy_reference"}
        try:
            made = read_mapping(self.clients.rest().post("/incidents", json={"incident": incident}).json())
        except PagerDutyHttpError as answer:
            # A key that is open already is refused with 400: then the page went out before.
            if answer.status == 400 and (found := self._open(service, call.key)):
                return build_accepted(found)
            raise
        number = read_mapping(made.get("incident"))
        if number.get("status") == "acknowledged":
            said = f"PagerDuty notified nobody: {call.contact} is the user of PAGERDUTY_FROM."
            return PageResponse(PageOutcome.REFUSED, said, str(number.get("id", "")))
        if not number.get("id"):
            raise ValueError("no incident in the answer")
        return build_accepted(str(number["id"]))

    def _check_notified(self, key: str) -> PageResponse:
        found = self._find({"incident_key": key, "statuses[]": ANY, "date_range": "all", "limit": 1})
        if not found:
            return replace(build_accepted(""), is_lost=True)
        listed = read_mapping(self.clients.rest().get(f"/incidents/{found}/log_entries").json()).get(
            "log_entries"
        )
        if not isinstance(listed, list):
            raise ValueError("no list of log entries")
        people = [name for entry in map(read_mapping, listed) if (name := _find_notified_name(entry))]
        if not people:
            return build_accepted(found)
        names = " and ".join(dict.fromkeys(people))
        return PageResponse(PageOutcome.DELIVERED, f"PagerDuty says that it notified {names}.", found)

    def _add_note(self, key: str, text: str) -> PageResponse:
        found = self._find({"incident_key": key, "statuses[]": OPEN, "limit": 1})
        if found:
            notes = f"/incidents/{found}/notes"
            known = read_mapping(self.clients.rest().get(notes).json()).get("notes")
            if not isinstance(known, list):
                raise ValueError("no list of notes")
            if text not in (read_mapping(note).get("content") for note in known):
                self.clients.rest().post(notes, json={"note": {"content": text}})
        return build_accepted(found)

    def _user(self, mail: str) -> str:
        """The id of the user with this address; empty when there is none."""
        listed = read_mapping(self.clients.rest().get("/users", params={"query": mail}).json()).get("users")
        users = map(read_mapping, listed) if isinstance(listed, list) else ()
        return next((str(user.get("id", "")) for user in users if user.get("email") == mail), "")

    def _update(self, handle: Handle, key: str, status: str) -> PageResponse:
        self.sender()  # before what we do there can come back as news
        service = handle.value if handle.kind is HandleKind.PAGERDUTY_SERVICE else self._account.service
        found = self._open(service, key)
        if not found:
            return build_accepted("")
        change = {"type": "incident_reference", "status": status}
        self.clients.rest().put(f"/incidents/{found}", json={"incident": change})
        return build_accepted(found)

    def _open(self, service: str, key: str) -> str:
        """The id of the open incident with this key on a service; empty when there is none."""
        return self._find({"incident_key": key, "service_ids[]": service, "statuses[]": OPEN, "limit": 1})

    def _find(self, query: dict[str, str | int | list[str]]) -> str:
        """The id of the first incident that a query finds; empty when it finds none."""
        listed = read_mapping(self.clients.rest().get("/incidents", params=query).json()).get("incidents")
        if not isinstance(listed, list):
            raise ValueError("no list of incidents")
        return str(read_mapping(listed[0]).get("id", "")) if listed else ""

    def _call(self, work: Callable[[], PageResponse], secret: str = "") -> PageResponse:
        """Every way in which a call can end, as an answer."""
        from httpx2 import HTTPError
        from pagerduty import Error

        from bot.adapters.paging.pagerduty_http import NOT_SENT, PagerDutyHttpError, ResponseLimitExceeded

        try:
            return work()
        except PagerDutyHttpError as answer:
            key = self._account.api_key.get_secret_value() if self._account.api_key else ""
            return interpret_failure(answer, tuple(filter(None, (secret, key))))
        except (Error, HTTPError) as error:
            cause = error.__cause__ or error
            if isinstance(cause, NOT_SENT):
                return build_refused("PagerDuty could not be reached.", SOON)
            if getattr(error, "response", None) is not None:
                return build_unknown("PagerDuty's answer was not understood")
            return build_unknown("PagerDuty did not answer")
        except ResponseLimitExceeded:
            return build_unknown("PagerDuty's answer did not end")
        except ValueError:
            return build_unknown("PagerDuty's answer was not understood")


def _event(call: PageRequest) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "summary": call.summary[:SUMMARY],
        "source": "Tocsin",
        "severity": call.severity,
    }
    if call.details:
        payload["custom_details"] = {"details": call.details}
    links = [{"href": call.link, "text": "The incident in Slack"}] if call.link else []
    return {"payload": payload, "client": "Tocsin", **({"links": links} if links else {})}


def _find_notified_name(entry: Mapping[str, Any]) -> str:
    """Whom a log entry says that PagerDuty notified; empty for other entries, and for a notification that failed."""
    notification = read_mapping(read_mapping(entry.get("channel")).get("notification"))
    if entry.get("type") != "notify_log_entry" or notification.get("status", "success") != "success":
        return ""
    return str(read_mapping(entry.get("user")).get("summary") or "somebody")


def _on_duty(entry: Any) -> OnCallPerson:
    user = read_mapping(read_mapping(entry).get("user"))
    name, id = user.get("summary") or user.get("id") or "", user.get("id")
    addresses = ((HandleKind.SLACK_EMAIL, user.get("email")), (HandleKind.PAGERDUTY_USER, id))
    handles = tuple(Handle(kind, text) for kind, text in addresses if isinstance(text, str) and text)
    return OnCallPerson(str(name), handles, _parse_end(read_mapping(entry).get("end")))


def _parse_end(value: object) -> datetime | None:
    """The end of a shift; None where it has none, or one without a zone."""
    end = datetime.fromisoformat(value) if isinstance(value, str) else None
    return end if end is not None and end.tzinfo else None
