"""GitHub Issues by its REST API: docs.github.com/en/rest/issues, version 2022-11-28.

The mark stands in the last line of an issue's text, where readers do not see it. Issues are listed, not searched for:
the search lags.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from bot.adapters.provider_api import ApiAnswer, ProviderApi
from bot.adapters.trackers.tracker_rules import TRACKER_RULES
from bot.domain.action_item import ActionState
from bot.domain.tracker_ticket import Ticket, TicketState
from bot.ports.tracker import NewTicket, TrackerBusy, TrackerRefused

LABEL = "tocsin"
PAGE = 100
MAX_PAGES = 10
"""Pages of issues that are looked through for one of ours, the newest first."""

BEFORE = timedelta(hours=1)
"""Clocks may be apart so far."""

REASONS = {ActionState.DONE: "completed", ActionState.DROPPED: "not_planned"}


class GitHubTracker:
    """The Tracker port on the issues of one repository."""

    title = "GitHub"
    settles_after = timedelta(seconds=5)

    def __init__(
        self, repository: str, token: str, base: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = f"github:{repository}"
        self._path = f"/repos/{repository}"
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._api = ProviderApi(self.title, base, headers, TRACKER_RULES, transport)

    async def find(self, ticket: NewTicket) -> Ticket | None:
        """By the mark. Labels are not asked for: GitHub drops them silently for who may not set them."""
        since = (ticket.since - BEFORE).isoformat(timespec="seconds").replace("+00:00", "Z")
        for page in range(1, MAX_PAGES + 1):
            query = {"state": "all", "since": since, "sort": "created", "direction": "desc"}
            query |= {"per_page": str(PAGE), "page": str(page)}
            answer = await self._api.ask("GET", f"{self._path}/issues", query=query)
            listed = self._must_exist(answer).json or []
            for issue in listed:
                if "pull_request" not in issue and (issue.get("body") or "").rstrip().endswith(
                    _write_mark(ticket)
                ):
                    return _build_ticket(issue)
            if len(listed) < PAGE:
                return None
        raise TrackerBusy(f"{self.title} has too many new issues to look through.", timedelta(minutes=10))

    async def create(self, ticket: NewTicket) -> Ticket:
        due = f"\n\nDue: {ticket.due_on.isoformat()}" if ticket.due_on else ""
        text = f"{ticket.text}{due}\n\n{_write_mark(ticket)}"
        body = {"title": ticket.title, "body": text, "labels": [LABEL]}
        return _build_ticket(self._must_exist(await self._api.ask("POST", f"{self._path}/issues", body)).json)

    async def read(self, id: str) -> Ticket | None:
        answer = await self._api.ask("GET", f"{self._path}/issues/{id}")
        return None if answer.is_gone else _build_ticket(answer.json)

    async def set_state(self, id: str, state: ActionState) -> Ticket | None:
        body = (
            {"state": "open"}
            if state is ActionState.OPEN
            else {"state": "closed", "state_reason": REASONS[state]}
        )
        answer = await self._api.ask("PATCH", f"{self._path}/issues/{id}", body)
        return None if answer.is_gone else _build_ticket(answer.json)

    async def examine(self) -> str:
        try:
            repository = self._must_exist(await self._api.ask("GET", self._path)).json
        except TrackerRefused as refusal:
            return str(refusal)
        if not repository.get("has_issues", True):
            return f"{self.title}'s repository has its issues turned off."
        return ""

    def _must_exist(self, answer: ApiAnswer) -> ApiAnswer:
        if answer.is_gone:
            raise TrackerRefused(
                f"{self.title} shows this token no such repository, or its issues are off (HTTP {answer.status})."
            )
        return answer

    async def aclose(self) -> None:
        await self._api.aclose()


def _write_mark(ticket: NewTicket) -> str:
    return f"<!-- {ticket.mark} -->"


def _build_ticket(issue: Mapping[str, Any]) -> Ticket:
    state = TicketState.OPEN
    if issue["state"] == "closed":
        state = TicketState.DROPPED if issue.get("state_reason") == "not_planned" else TicketState.DONE
    number = str(issue["number"])
    return Ticket(number, f"#{number}", issue["html_url"], state)
