"""GitHub Issues by its REST API: docs.github.com/en/rest/issues, version 2022-11-28.

The mark stands in the last line of an issue's text, where readers do not see it. Issues are listed, not searched for:
the search lags.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from bot.adapters.provider_api import ApiAnswer, ProviderApi
from bot.adapters.trackers.tracker_rules import (
    MOVED,
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
"""Pages of issues that are looked through for one of ours, the newest first."""

BEFORE = timedelta(hours=1)
"""Clocks may be apart so far."""

MOVED_STATUS = 301
RULES = replace(
    TRACKER_RULES,
    refusals={status: why for status, why in TRACKER_RULES.refusals.items() if status != MOVED_STATUS},
    returned=frozenset({MOVED_STATUS, 404, 410}),
)
"""An issue that was transferred answers 301, and so does everything in a repository that was renamed."""

NOT_DONE = frozenset({"not_planned", "duplicate"})
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
        self._api = ProviderApi(self.title, base, headers, RULES, transport)

    async def find(self, ticket: NewTicket) -> Ticket | None:
        """By the mark. Labels are not asked for: GitHub drops them silently for who may not set them."""
        since = (ticket.since - BEFORE).isoformat(timespec="seconds").replace("+00:00", "Z")
        for page in range(1, MAX_PAGES + 1):
            query = {"state": "all", "since": since, "sort": "created", "direction": "desc"}
            query |= {"per_page": str(PAGE), "page": str(page)}
            answer = await self._api.ask("GET", f"{self._path}/issues", query=query)
            listed = parse_list(self.title, self._must_exist(answer))
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
        text = f"{escape_markdown(ticket.text)}{due}\n\n{_write_mark(ticket)}"
        body = {"title": ticket.title, "body": text, "labels": [LABEL]}
        answer = self._must_exist(await self._api.ask("POST", f"{self._path}/issues", body))
        return parse_created(self.title, answer, _build_ticket)

    async def read(self, id: str) -> Ticket | None:
        """While the repository is not shown either, none is gone: the token may have lost its rights."""
        answer = await self._api.ask("GET", f"{self._path}/issues/{id}")
        if not _is_elsewhere(answer):
            return parse_read(self.title, answer, _build_ticket)
        if why := await self.examine():
            raise TrackerRefused(why)
        return None

    async def set_state(self, id: str, state: ActionState) -> Ticket | None:
        body = (
            {"state": "open"}
            if state is ActionState.OPEN
            else {"state": "closed", "state_reason": REASONS[state]}
        )
        answer = await self._api.ask("PATCH", f"{self._path}/issues/{id}", body)
        if not _is_elsewhere(answer):
            return parse_read(self.title, answer, _build_ticket)
        if await self.read(id) is not None:
            raise TrackerRefused(RULES.refusals[403].format(name=self.title))
        return None

    async def examine(self) -> str:
        try:
            answer = self._must_exist(await self._api.ask("GET", self._path))
        except TrackerRefused as refusal:
            return str(refusal)
        repository = answer.json
        if not isinstance(repository, dict) or "full_name" not in repository:
            return f"{self.title} does not answer as it should: is TOCSIN_TRACKER_URL right?"
        if not repository.get("has_issues", True):
            return f"{self.title}'s repository has its issues turned off."
        return ""

    def _must_exist(self, answer: ApiAnswer) -> ApiAnswer:
        if answer.status == MOVED_STATUS:
            raise TrackerRefused((MOVED % MOVED_STATUS).format(name=self.title))
        if answer.is_gone:
            raise TrackerRefused(
                f"{self.title} shows this token no such repository, or its issues are off (HTTP {answer.status})."
            )
        return answer

    async def aclose(self) -> None:
        await self._api.aclose()


def _is_elsewhere(answer: ApiAnswer) -> bool:
    return answer.is_gone or answer.status == MOVED_STATUS


def _write_mark(ticket: NewTicket) -> str:
    return f"<!-- {ticket.mark} -->"


def _build_ticket(issue: Mapping[str, Any]) -> Ticket:
    state = TicketState.OPEN
    if issue["state"] == "closed":
        state = TicketState.DROPPED if issue.get("state_reason") in NOT_DONE else TicketState.DONE
    number = str(issue["number"])
    return Ticket(number, f"#{number}", issue["html_url"], state)
