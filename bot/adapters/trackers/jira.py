"""Jira Cloud by its REST API: developer.atlassian.com/cloud/jira/platform/rest/v3.

The mark is a label. An issue is looked for by `search/jql` (the old search answers 410), whose index lags: it is asked
only after half a minute. `reconcileIssues` would bring it up to date for issues whose ids are known, and that of one
whose creation was not answered is what is looked for. A state is read by the issue's id, which does not lag.
"""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from bot.adapters.provider_api import ApiAnswer, ProviderApi
from bot.adapters.trackers.tracker_rules import TRACKER_RULES, parse_created, parse_list, parse_read
from bot.domain.action_item import ActionState
from bot.domain.tracker_ticket import Ticket, TicketState
from bot.ports.tracker import NewTicket, TrackerRefused

LABEL = "tocsin"
FIELDS = ["status", "resolution", "labels"]
NOT_DONE = frozenset({"won't do", "won't fix", "duplicate", "cannot reproduce", "declined", "rejected"})
"""Resolutions that say that it was not done."""

NO_SEARCH = (
    "{title} does not know the search that I use (HTTP {status}): "
    "is the site in TOCSIN_TRACKER right, and is this version of Tocsin too old?"
)
CLOSED = "done"
"""The category of the statuses in which an issue is closed."""


class JiraTracker:
    """The Tracker port on one project of a site. `token` is `mail@example.com:token`."""

    title = "Jira"
    settles_after = timedelta(seconds=30)

    def __init__(
        self, site: str, project: str, token: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = f"jira:{site}:{project}"
        self._site, self._project = site, project
        key = base64.b64encode(token.encode()).decode()
        self._api = ProviderApi(
            self.title, f"{site}/rest/api/3", {"Authorization": f"Basic {key}"}, TRACKER_RULES, transport
        )

    async def find(self, ticket: NewTicket) -> Ticket | None:
        """By the label that no other issue has."""
        body = {
            "jql": f'project = "{self._project}" AND labels = "{ticket.label}"',
            "fields": FIELDS,
            "maxResults": 10,
        }
        answer = await self._api.ask("POST", "/search/jql", body, reads=True)
        if answer.is_gone:  # a project that is not shown answers 400
            raise TrackerRefused(NO_SEARCH.format(title=self.title, status=answer.status))
        if issues := parse_list(self.title, answer, "issues"):
            return parse_read(self.title, replace(answer, json=issues[0]), self._build_ticket)
        return None

    async def create(self, ticket: NewTicket) -> Ticket:
        due = [f"Due: {ticket.due_on.isoformat()}"] if ticket.due_on else []
        fields = {
            "project": {"key": self._project},
            "issuetype": {"name": "Task"},
            "summary": ticket.title,
            "description": _build_document([*ticket.text.splitlines(), *due]),
            "labels": [LABEL, ticket.label],
        }
        answer = self._must_exist(await self._api.ask("POST", "/issue", {"fields": fields}))
        return parse_created(self.title, answer, self._build_ticket)

    async def read(self, id: str) -> Ticket | None:
        """While the project is not shown either, none is gone: to a token that was revoked Jira shows what it shows to
        everybody."""
        answer = await self._api.ask("GET", f"/issue/{id}", query={"fields": ",".join(FIELDS)})
        if not answer.is_gone:
            return parse_read(self.title, answer, self._build_ticket)
        if why := await self.examine():
            raise TrackerRefused(why)
        return None

    async def set_state(self, id: str, state: ActionState) -> Ticket | None:
        """By the first transition that leads there; workflows differ."""
        there = await self.read(id)
        if there is None or (there.state is TicketState.OPEN) == (state is ActionState.OPEN):
            return there
        answer = await self._api.ask("GET", f"/issue/{id}/transitions")
        ways = [] if answer.is_gone else parse_list(self.title, answer, "transitions")
        way = next(
            (
                transition["id"]
                for transition in ways
                if _is_closed(transition.get("to") or {}) != (state is ActionState.OPEN)
            ),
            None,
        )
        if way is None:
            raise TrackerRefused(
                f"{self.title}'s workflow has no way for this token to "
                f"{'open' if state is ActionState.OPEN else 'close'} {there.name}."
            )
        answer = await self._api.ask("POST", f"/issue/{id}/transitions", {"transition": {"id": way}})
        there = await self.read(id)
        if answer.is_gone and there is not None:
            raise TrackerRefused(TRACKER_RULES.refusals[403].format(name=self.title))
        return there

    async def examine(self) -> str:
        try:
            answer = self._must_exist(await self._api.ask("GET", f"/project/{self._project}"))
        except TrackerRefused as refusal:
            return str(refusal)
        if not isinstance(answer.json, dict) or "key" not in answer.json:
            return f"{self.title} does not answer as it should: is the site in TOCSIN_TRACKER right?"
        return ""

    def _must_exist(self, answer: ApiAnswer) -> ApiAnswer:
        if answer.is_gone:
            raise TrackerRefused(f"{self.title} shows this token no such project (HTTP {answer.status}).")
        return answer

    def _build_ticket(self, issue: Mapping[str, Any]) -> Ticket:
        key, fields = issue["key"], issue.get("fields") or {}
        state = TicketState.OPEN
        if _is_closed(fields.get("status") or {}):
            resolution = ((fields.get("resolution") or {}).get("name") or "").casefold()
            state = TicketState.DROPPED if resolution in NOT_DONE else TicketState.ENDED
        return Ticket(str(issue["id"]), key, f"{self._site}/browse/{key}", state)

    async def aclose(self) -> None:
        await self._api.aclose()


def _is_closed(status: Mapping[str, Any]) -> bool:
    return bool((status.get("statusCategory") or {}).get("key") == CLOSED)


def _build_document(lines: list[str]) -> Mapping[str, Any]:
    """The lines in Atlassian's document format, each a paragraph."""
    return {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines if line
        ],
    }
