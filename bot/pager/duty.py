"""PagerDuty: services by the Events API v2, users, policies and schedules by the REST API. Blocking; run in threads.

Source: PagerDuty's developer documentation (Events API v2 overview and rate limits; REST incident creation, errors).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.contacts import Handle, Kind
from bot.pager.answers import SOON, accepted, limited, mapping, refused, told, unknown
from bot.pager.clients import Account, Clients
from bot.pager.pace import Pace
from bot.paging import OnDuty, PageAnswer, PageCall, PageOutcome

SUMMARY = 1024
"""Characters of a summary that the Events API takes."""

TITLE = 255
OPEN = ["triggered", "acknowledged"]


class PagerDuty:
    """One account."""

    def __init__(self, account: Account, pace: Pace) -> None:
        self._account = account
        self._pace = pace
        self.clients = Clients(account)

    def page(self, handle: Handle, call: PageCall) -> PageAnswer:
        """Ask for one page."""
        if missing := self._account.lacks(handle):
            return refused(f"PagerDuty was not asked: {' and '.join(missing)} must be set first.")
        if key := self._routing_key(handle):
            return self._event(key, "trigger", call.key, **_event(call))
        return self._answered(lambda: self._create(handle, call))

    def acknowledge(self, handle: Handle, key: str) -> PageAnswer:
        """The page with this key was answered elsewhere."""
        return self._follow(handle, key, "acknowledge", "acknowledged")

    def resolve(self, handle: Handle, key: str) -> PageAnswer:
        """The page with this key has ended."""
        return self._follow(handle, key, "resolve", "resolved")

    def progress(self, key: str) -> PageAnswer:
        """Whether PagerDuty's log of the page says that a person was notified. Needs the REST API, for services too."""
        if self._account.api_key is None:
            return accepted("")
        return self._answered(lambda: self._notified(key))

    def on_call(self, schedule: str, at: datetime) -> tuple[OnDuty, ...]:
        """Who is on call by a schedule, each person once. Raises Unsuccessful, pagerduty.Error or ValueError."""
        instant = at.astimezone(UTC).isoformat()
        query: dict[str, str | int] = {
            "schedule_ids[]": schedule,
            "since": instant,
            "until": (at + timedelta(seconds=1)).astimezone(UTC).isoformat(),
            "include[]": "users",
            "limit": 100,
        }
        listed = mapping(self.clients.rest().get("/oncalls", params=query).json()).get("oncalls")
        if not isinstance(listed, list):
            raise ValueError("no list of people on call")
        return tuple({each.name: each for each in map(_on_duty, listed) if each.name}.values())

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
        if handle.kind is not Kind.PAGERDUTY_SERVICE:
            return ""
        if handle.setting:
            secret = self._account.named(handle.setting)
            return secret.get_secret_value() if secret else ""
        return handle.value if handle.secret else ""

    def _follow(self, handle: Handle, key: str, action: str, status: str) -> PageAnswer:
        if missing := self._account.lacks(handle):
            return refused(f"PagerDuty was not asked: {' and '.join(missing)} must be set first.")
        if routing := self._routing_key(handle):
            return self._event(routing, action, key)
        return self._answered(lambda: self._update(handle, key, status))

    def _event(self, routing: str, action: str, key: str, **more: Any) -> PageAnswer:
        if wait := self._pace.take(routing):
            return limited("PagerDuty's limit of events in a minute is reached.", wait)

        def send() -> PageAnswer:
            named = self.clients.events(routing).send_event(action, dedup_key=key, **more)
            return accepted(str(named))

        return self._answered(send, secret=routing)

    def _create(self, handle: Handle, call: PageCall) -> PageAnswer:
        from bot.pager.wire import Unsuccessful

        service = handle.value if handle.kind is Kind.PAGERDUTY_SERVICE else self._account.service
        incident: dict[str, Any] = {
            "type": "incident",
            "title": call.summary[:TITLE],
            "service": {"id": service, "type": "service_reference"},
            "incident_key": call.key,
            "urgency": "high",
            "body": {"type": "incident_body", "details": "\n".join(filter(None, (call.details, call.link)))},
        }
        if handle.kind is Kind.PAGERDUTY_USER:
            incident["assignments"] = [{"assignee": {"id": handle.value, "type": "user_reference"}}]
        elif handle.kind is Kind.PAGERDUTY_POLICY:
            incident["escalation_policy"] = {"id": handle.value, "type": "escalation_policy_reference"}
        try:
            made = mapping(self.clients.rest().post("/incidents", json={"incident": incident}).json())
        except Unsuccessful as answer:
            # A key that is open already is refused with 400: then the page went out before.
            if answer.status == 400 and (found := self._open(service, call.key)):
                return accepted(found)
            raise
        number = mapping(made.get("incident"))
        if number.get("status") == "acknowledged":
            said = f"PagerDuty notified nobody: {call.contact} is the user of PAGERDUTY_FROM."
            return PageAnswer(PageOutcome.REFUSED, said, str(number.get("id", "")))
        if not number.get("id"):
            raise ValueError("no incident in the answer")
        return accepted(str(number["id"]))

    def _notified(self, key: str) -> PageAnswer:
        found = self._find({"incident_key": key, "limit": 1})
        if not found:
            return accepted("")
        listed = mapping(self.clients.rest().get(f"/incidents/{found}/log_entries").json()).get("log_entries")
        if not isinstance(listed, list):
            raise ValueError("no list of log entries")
        people = [name for entry in map(mapping, listed) if (name := _notified(entry))]
        if not people:
            return accepted(found)
        names = " and ".join(dict.fromkeys(people))
        return PageAnswer(PageOutcome.DELIVERED, f"PagerDuty says that it notified {names}.", found)

    def _update(self, handle: Handle, key: str, status: str) -> PageAnswer:
        service = handle.value if handle.kind is Kind.PAGERDUTY_SERVICE else self._account.service
        found = self._open(service, key)
        if not found:
            return accepted("")
        change = {"type": "incident_reference", "status": status}
        self.clients.rest().put(f"/incidents/{found}", json={"incident": change})
        return accepted(found)

    def _open(self, service: str, key: str) -> str:
        """The id of the open incident with this key on a service; empty when there is none."""
        return self._find({"incident_key": key, "service_ids[]": service, "statuses[]": OPEN, "limit": 1})

    def _find(self, query: dict[str, str | int | list[str]]) -> str:
        """The id of the first incident that a query finds; empty when it finds none."""
        listed = mapping(self.clients.rest().get("/incidents", params=query).json()).get("incidents")
        if not isinstance(listed, list):
            raise ValueError("no list of incidents")
        return str(mapping(listed[0]).get("id", "")) if listed else ""

    def _answered(self, work: Callable[[], PageAnswer], secret: str = "") -> PageAnswer:
        """Every way in which a call can end, as an answer."""
        from httpx2 import HTTPError
        from pagerduty import Error

        from bot.pager.wire import NOT_SENT, TooMuch, Unsuccessful

        try:
            return work()
        except Unsuccessful as answer:
            key = self._account.api_key.get_secret_value() if self._account.api_key else ""
            return told(answer, tuple(filter(None, (secret, key))))
        except (Error, HTTPError) as error:
            cause = error.__cause__ or error
            if isinstance(cause, NOT_SENT):
                return refused("PagerDuty could not be reached.", SOON)
            if getattr(error, "response", None) is not None:
                return unknown("PagerDuty's answer was not understood")
            return unknown("PagerDuty did not answer")
        except TooMuch:
            return unknown("PagerDuty's answer did not end")
        except ValueError:
            return unknown("PagerDuty's answer was not understood")


def _event(call: PageCall) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "summary": call.summary[:SUMMARY],
        "source": "Tocsin",
        "severity": call.severity,
    }
    if call.details:
        payload["custom_details"] = {"details": call.details}
    links = [{"href": call.link, "text": "The incident in Slack"}] if call.link else []
    return {"payload": payload, "client": "Tocsin", **({"links": links} if links else {})}


def _notified(entry: Mapping[str, Any]) -> str:
    """Whom a log entry says that PagerDuty notified; empty for other entries, and for a notification that failed."""
    notification = mapping(mapping(entry.get("channel")).get("notification"))
    if entry.get("type") != "notify_log_entry" or notification.get("status", "success") != "success":
        return ""
    return str(mapping(entry.get("user")).get("summary") or "somebody")


def _on_duty(entry: Any) -> OnDuty:
    user = mapping(mapping(entry).get("user"))
    name, id, mail = (user.get(key) or "" for key in ("summary", "id", "email"))
    until = mapping(entry).get("end")
    handles = []
    if isinstance(mail, str) and mail:
        handles.append(Handle(Kind.SLACK_EMAIL, mail))
    if isinstance(id, str) and id:
        handles.append(Handle(Kind.PAGERDUTY_USER, id))
    ends = datetime.fromisoformat(until) if isinstance(until, str) else None
    return OnDuty(str(name or id), tuple(handles), ends if ends is None or ends.tzinfo else None)
