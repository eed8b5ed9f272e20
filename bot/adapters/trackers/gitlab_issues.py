"""GitLab's issues by its REST API: docs.gitlab.com/api/issues, version 4.

The mark stands in the last line of an issue's description, where readers do not see it. GitLab does not say why an
issue was closed.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx

from bot.adapters.provider_api import ApiAnswer, ProviderApi
from bot.adapters.trackers.tracker_rules import (
    TRACKER_RULES,
    escape_markdown,
    parse_created,
    parse_list,
    parse_read,
)
from bot.domain.action_item import ActionState
from bot.domain.tracker_ticket import Ticket, TicketState
from bot.ports.tracker import NewTicket, TrackerBusy, TrackerRefused

LABEL = "tocsin"
PAGE = 100
MAX_PAGES = 10
BEFORE = timedelta(hours=1)
"""Clocks may be apart so far."""


class GitLabTracker:
    """The Tracker port on the issues of one project."""

    title = "GitLab"
    settles_after = timedelta(seconds=5)

    def __init__(
        self, project: str, token: str, base: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = f"gitlab:{project}"
        self._path = f"/projects/{quote(project, safe='')}"
        self._api = ProviderApi(self.title, base, {"PRIVATE-TOKEN": token}, TRACKER_RULES, transport)

    async def find(self, ticket: NewTicket) -> Ticket | None:
        """By the mark."""
        since = (ticket.since - BEFORE).isoformat(timespec="seconds")
        for page in range(1, MAX_PAGES + 1):
            query = {"scope": "all", "state": "all", "created_after": since}
            query |= {"per_page": str(PAGE), "page": str(page)}
            answer = await self._api.ask("GET", f"{self._path}/issues", query=query)
            listed = parse_list(self.title, self._must_exist(answer))
            for issue in listed:
                if (issue.get("description") or "").rstrip().endswith(_write_mark(ticket)):
                    return _build_ticket(issue)
            if len(listed) < PAGE:
                return None
        raise TrackerBusy(f"{self.title} has too many new issues to look through.", timedelta(minutes=10))

    async def create(self, ticket: NewTicket) -> Ticket:
        body: dict[str, Any] = {
            "title": ticket.title,
            "description": f"{escape_markdown(ticket.text)}\n\n{_write_mark(ticket)}",
            "labels": LABEL,
        }
        if ticket.due_on:
            body["due_date"] = ticket.due_on.isoformat()
        answer = self._must_exist(await self._api.ask("POST", f"{self._path}/issues", body))
        return parse_created(self.title, answer, _build_ticket)

    async def read(self, id: str) -> Ticket | None:
        """While the project is not shown either, none is gone: the token may have lost its rights. One that was moved
        to another project is closed here, which does not mean that it is done."""
        answer = await self._api.ask("GET", f"{self._path}/issues/{id}")
        if answer.is_gone:
            if why := await self.examine():
                raise TrackerRefused(why)
            return None
        ticket = parse_read(self.title, answer, _build_ticket)
        return None if answer.json.get("moved_to_id") else ticket

    async def set_state(self, id: str, state: ActionState) -> Ticket | None:
        event = "reopen" if state is ActionState.OPEN else "close"
        answer = await self._api.ask("PUT", f"{self._path}/issues/{id}", {"state_event": event})
        if not answer.is_gone:
            return parse_read(self.title, answer, _build_ticket)
        if await self.read(id) is not None:
            raise TrackerRefused(TRACKER_RULES.refusals[403].format(name=self.title))
        return None

    async def examine(self) -> str:
        try:
            answer = self._must_exist(await self._api.ask("GET", self._path))
        except TrackerRefused as refusal:
            return str(refusal)
        if not isinstance(answer.json, dict) or "path_with_namespace" not in answer.json:
            return f"{self.title} does not answer as it should: is TOCSIN_TRACKER_URL right?"
        return ""

    def _must_exist(self, answer: ApiAnswer) -> ApiAnswer:
        if answer.is_gone:
            raise TrackerRefused(f"{self.title} shows this token no such project (HTTP {answer.status}).")
        return answer

    async def aclose(self) -> None:
        await self._api.aclose()


def _write_mark(ticket: NewTicket) -> str:
    return f"<!-- {ticket.mark} -->"


def _build_ticket(issue: Mapping[str, Any]) -> Ticket:
    number = str(issue["iid"])
    state = TicketState.OPEN if issue["state"] == "opened" else TicketState.ENDED
    return Ticket(number, f"#{number}", issue["web_url"], state)
