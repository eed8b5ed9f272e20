"""Sentry issues: first those that are new in this incident, then those that come more often than usual.

Shapes: https://docs.sentry.io/api/events/list-an-organizations-issues, and there retrieve-an-issue;
https://docs.sentry.io/api/pagination, .../api/organizations/retrieve-event-counts-for-an-organization-v2.
With a `statsPeriod` the count and the people are those of the period, and `firstSeen` may be so: the one of `lifetime`
is the issue's own.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import VendorCall
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import HttpResponse, check_response
from diagnostics.clients.response_parsing import catch_inconclusive, clean_line, guard_parsing, read_items
from diagnostics.systems.sentry.rules import (
    PERIOD,
    SentryIssue,
    SentrySnapshot,
    interpret,
    parse_issue,
    select_new_issues,
)

API = "https://sentry.io"
NAME = re.compile(r"[\w.-]+")
MOST_PAGES, RELEASES_OF = 3, 3
LOST = ("rate_limited", "abuse")
"""Outcomes of events that Sentry did not take though they were sent; those that a filter was told to drop are meant."""

REFUSALS = {
    400: (
        UnknownCause.NOT_UNDERSTOOD,
        "Sentry does not take the question",
        "Check the project's name in the runbook's link.",
    ),
    401: (
        UnknownCause.FORBIDDEN,
        "Sentry refuses SENTRY_AUTH_TOKEN",
        "Make a new token with event:read and org:read.",
    ),
    403: (
        UnknownCause.FORBIDDEN,
        "SENTRY_AUTH_TOKEN may not read issues",
        "Give it event:read and org:read.",
    ),
    404: (
        UnknownCause.NOT_FOUND,
        "Sentry shows no such organisation: it is not there, or SENTRY_AUTH_TOKEN has no right to see it",
        "Check the name in the runbook's link and SENTRY_ORG.",
    ),
    429: (
        UnknownCause.THROTTLED,
        "Sentry's limit of requests is used up",
        "It is asked again with the next run.",
    ),
}
"""What a status means, and what to do."""

NEXT = re.compile(r'<[^>]*>;\s*rel="next";\s*results="true";\s*cursor="([^"]+)"')


class Sentry:
    """One Sentry: the client, SENTRY_AUTH_TOKEN, SENTRY_ORG and SENTRY_URL."""

    def __init__(self, web: HttpClient, token: str = "", organisation: str = "", url: str = "") -> None:
        self._web, self._token, self._organisation = web, token, organisation
        self._base = (url or API).rstrip("/")

    @property
    def configured(self) -> bool:
        """Whether there is a key."""
        return bool(self._token)

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """`sentry.issues` of an `organisation` and, if it names one, a `project`. Raises Inconclusive."""
        call = question.action.call
        names = call.names if isinstance(call, VendorCall) else {}
        organisation, project = names.get("organisation") or self._organisation, names.get("project", "")
        if not self._token or not organisation:
            missing = "SENTRY_AUTH_TOKEN" if not self._token else "SENTRY_ORG"
            said = f"Sentry skipped: {missing} is not set."
            page = f"organizations/{organisation}/issues/" if organisation else ""
            raise Inconclusive(
                UnknownCause.NOT_CONFIGURED, said, f"Set it where Tocsin runs, or open {self._base}/{page}"
            )
        if not NAME.fullmatch(organisation) or not NAME.fullmatch(project or "-"):
            raise Inconclusive(
                UnknownCause.NOT_UNDERSTOOD,
                f"{clean_line(organisation)}/{clean_line(project)} is no name of Sentry's.",
            )
        seen = await self._read_issues(organisation, project, question, by)
        return interpret(seen, question.now, question.began, question.thresholds)

    async def _read_issues(
        self, organisation: str, project: str, question: CheckRequest, by: float
    ) -> SentrySnapshot:
        url = f"{self._base}/api/0/organizations/{organisation}/issues/"
        query = "is:unresolved" + (f" project:{project}" if project else "")
        asked = {
            "statsPeriod": "1h",
            "groupStatsPeriod": "24h",
            "query": query,
            "sort": "freq",
            "limit": "100",
        }
        found, more = await self._pages(url, asked, question, by)
        if more:
            found += await self._newest(url, asked, found, question, by)
        if not found:
            await self._ensure_known(url, {**asked, "statsPeriod": "14d", "limit": "1"}, by)
        async with asyncio.TaskGroup() as group:
            counting = group.create_task(catch_inconclusive(self._count_events(organisation, by)))
            releasing = group.create_task(self._releases(url, found, question, by))
        counted, releases = counting.result(), releasing.result()
        taken, dropped = (0, 0) if isinstance(counted, Inconclusive) else counted
        link = f"{self._base}/organizations/{organisation}/issues/?statsPeriod=1h"
        link += f"&query=project:{project}" if project else ""
        issues = tuple(replace(entry, release=releases.get(entry.id, "")) for entry in found)
        return SentrySnapshot(project or organisation, issues, link, more, taken, dropped)

    async def _newest(
        self,
        url: str,
        asked: Mapping[str, str],
        found: Sequence[SentryIssue],
        question: CheckRequest,
        by: float,
    ) -> tuple[SentryIssue, ...]:
        """What is new and rare stands behind the most frequent; nothing where it cannot be read."""
        newest = await catch_inconclusive(self._page(url, {**asked, "sort": "new"}, question, by))
        if isinstance(newest, Inconclusive):
            return ()
        known = {entry.id for entry in found}
        return tuple(entry for entry in newest[0] if entry.id not in known)

    async def _releases(
        self, url: str, found: Sequence[SentryIssue], question: CheckRequest, by: float
    ) -> dict[str, str]:
        """By the id of an issue the release it came with, for the foremost ones: the new, then the most frequent."""
        new = {entry.id for entry in select_new_issues(found, question.now, question.began)}
        first = sorted(found, key=lambda entry: (entry.id not in new, -entry.count))[:RELEASES_OF]
        async with asyncio.TaskGroup() as group:
            asking = {
                entry.id: group.create_task(catch_inconclusive(self._release(f"{url}{entry.id}/", by)))
                for entry in first
            }
        told = {id: task.result() for id, task in asking.items()}
        return {id: release for id, release in told.items() if not isinstance(release, Inconclusive)}

    async def _count_events(self, organisation: str, by: float) -> tuple[int, int]:
        """How many error events of the last hour were taken, and how many were dropped for a quota or a limit."""
        url = f"{self._base}/api/0/organizations/{organisation}/stats_v2/"
        asked = {
            "statsPeriod": "1h",
            "interval": "1h",
            "groupBy": "outcome",
            "field": "sum(quantity)",
            "category": "error",
        }
        answer = await self._get(url, by, asked)
        with guard_parsing(url):
            groups = read_items(answer.json()["groups"])
            counts = {str(group["by"]["outcome"]): int(group["totals"]["sum(quantity)"]) for group in groups}
        return counts.get("accepted", 0), sum(counts.get(outcome, 0) for outcome in LOST)

    async def _pages(
        self, url: str, asked: Mapping[str, str], question: CheckRequest, by: float
    ) -> tuple[tuple[SentryIssue, ...], bool]:
        """Page after page; a later one that does not come is left out, and `True` says that there was more."""
        found: list[SentryIssue] = []
        cursor = ""
        for page in range(MOST_PAGES):
            params = {**asked, "cursor": cursor} if cursor else dict(asked)
            # Half of the time is for the rest.
            ends = by - (by - asyncio.get_running_loop().time()) / 2 if page else by
            read = await catch_inconclusive(self._page(url, params, question, ends))
            if isinstance(read, Inconclusive):
                if page == 0 or read.cause is UnknownCause.NOT_UNDERSTOOD:
                    raise read
                return tuple(found), True
            found += read[0]
            if not read[1]:
                return tuple(found), False
            cursor = read[1]
        return tuple(found), True

    async def _page(
        self, url: str, params: Mapping[str, str], question: CheckRequest, by: float
    ) -> tuple[tuple[SentryIssue, ...], str]:
        """One page, and the cursor of the next; empty when it is the last."""
        answer = await self._get(url, by, params)
        with guard_parsing(url):
            before = question.began or question.now - PERIOD
            issues = tuple(parse_issue(item, before) for item in read_items(answer.json()))
        following = NEXT.search(answer.headers.get("link", ""))
        return issues, following[1] if following else ""

    async def _ensure_known(self, url: str, asked: Mapping[str, str], by: float) -> None:
        """Raises Inconclusive when there is nothing of two weeks either: then silence proves nothing."""
        answer = await self._get(url, by, asked)
        with guard_parsing(url):
            nothing = not read_items(answer.json())
        if nothing:
            said = "Sentry shows no issue, not even of the last 14 days."
            raise Inconclusive(
                UnknownCause.NO_DATA,
                said,
                "Check whether SENTRY_AUTH_TOKEN may see the projects, and whether events arrive.",
            )

    async def _release(self, url: str, by: float) -> str:
        answer = await self._get(url, by, {})
        with guard_parsing(url):
            told = answer.json()
            release = told.get("firstRelease") or told.get("lastRelease") or {}
            return clean_line(release.get("shortVersion") or release.get("version"))

    async def _get(self, url: str, by: float, params: Mapping[str, str]) -> HttpResponse:
        headers = {"authorization": f"Bearer {self._token}"}
        answer = await self._web.ask("GET", url, by, headers=headers, params=params)
        if answer.status in REFUSALS:
            _refuse(answer)
        return check_response(answer)


def _refuse(answer: HttpResponse) -> NoReturn:
    """Raises Inconclusive in Sentry's own meaning of the status."""
    cause, said, advice = REFUSALS[answer.status]
    detail = re.search(r'"detail"\s*:\s*"([^"]{1,200})', answer.text()) if answer.status == 400 else None
    raise Inconclusive(
        cause, f"{said} ({answer.status}){f': {clean_line(detail[1])}' if detail else ''}.", advice
    )
