"""Sentry's issues: what is new in this incident first, then what comes more often than it used to.

Shapes: https://docs.sentry.io/api/events/list-an-organizations-issues, and there retrieve-an-issue;
https://docs.sentry.io/api/pagination, .../api/organizations/retrieve-event-counts-for-an-organization-v2.
With a `statsPeriod` the count and the people are those of the period, and `firstSeen` may be so: the one of `lifetime`
is the issue's own.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

from bot.step import VendorCall
from diagnostics.answers import items, line, tried, understood
from diagnostics.finding import CannotTell, Cause, Finding
from diagnostics.question import Question
from diagnostics.sentry.judged import PERIOD, Issue, Snapshot, interpret, issue, new_ones
from diagnostics.web import Answer, Web, checked

API = "https://sentry.io"
NAME = re.compile(r"[\w.-]+")
MOST_PAGES, RELEASES_OF = 3, 3
LOST = ("rate_limited", "abuse")
"""Outcomes of events that Sentry did not take though they were sent; those that a filter was told to drop are meant."""

REFUSALS = {
    400: (
        Cause.NOT_UNDERSTOOD,
        "Sentry does not take the question",
        "Look at the project's name in the runbook's link.",
    ),
    401: (
        Cause.FORBIDDEN,
        "Sentry refuses SENTRY_AUTH_TOKEN",
        "Make a new token with event:read and org:read.",
    ),
    403: (Cause.FORBIDDEN, "SENTRY_AUTH_TOKEN may not read issues", "Give it event:read and org:read."),
    404: (
        Cause.NOT_FOUND,
        "Sentry shows no such organisation: it is not there, or SENTRY_AUTH_TOKEN has no right to see it",
        "Look at the name in the runbook's link and at SENTRY_ORG.",
    ),
    429: (Cause.THROTTLED, "Sentry's limit of requests is used up", "It is asked again with the next run."),
}
"""What a status means, and what to do."""

NEXT = re.compile(r'<[^>]*>;\s*rel="next";\s*results="true";\s*cursor="([^"]+)"')


class Sentry:
    """One Sentry: the client, SENTRY_AUTH_TOKEN, SENTRY_ORG and SENTRY_URL."""

    def __init__(self, web: Web, token: str = "", organisation: str = "", url: str = "") -> None:
        self._web, self._token, self._organisation = web, token, organisation
        self._base = (url or API).rstrip("/")

    @property
    def configured(self) -> bool:
        """Whether there is a key."""
        return bool(self._token)

    async def look(self, question: Question, by: float) -> Finding:
        """`sentry.issues` of an `organisation` and, if it names one, a `project`. Raises CannotTell."""
        call = question.action.call
        names = call.names if isinstance(call, VendorCall) else {}
        organisation, project = names.get("organisation") or self._organisation, names.get("project", "")
        if not self._token or not organisation:
            missing = "SENTRY_AUTH_TOKEN" if not self._token else "SENTRY_ORG"
            said = f"Sentry is not asked: {missing} is not set."
            page = f"organizations/{organisation}/issues/" if organisation else ""
            raise CannotTell(
                Cause.NOT_CONFIGURED, said, f"Set it where Tocsin runs, or open {self._base}/{page}"
            )
        if not NAME.fullmatch(organisation) or not NAME.fullmatch(project or "-"):
            raise CannotTell(
                Cause.NOT_UNDERSTOOD, f"{line(organisation)}/{line(project)} is no name of Sentry's."
            )
        seen = await self._seen(organisation, project, question, by)
        return interpret(seen, question.now, question.began, question.thresholds)

    async def _seen(self, organisation: str, project: str, question: Question, by: float) -> Snapshot:
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
        if more:  # what is new and rare stands behind them
            newest = await tried(self._page(url, {**asked, "sort": "new"}, question, by))
            known = {each.id for each in found}
            found += (
                tuple(each for each in newest[0] if each.id not in known) if isinstance(newest, tuple) else ()
            )
        if not found:
            await self._known(url, {**asked, "statsPeriod": "14d", "limit": "1"}, by)
        new = {each.id for each in new_ones(found, question.now, question.began)}
        first = sorted(found, key=lambda each: (each.id not in new, -each.count))[:RELEASES_OF]
        async with asyncio.TaskGroup() as group:
            counting = group.create_task(tried(self._counted(organisation, by)))
            asking = {
                each.id: group.create_task(tried(self._release(f"{url}{each.id}/", by))) for each in first
            }
        releases = {
            id: told for id, task in asking.items() if not isinstance(told := task.result(), CannotTell)
        }
        of = project or organisation
        link = f"{self._base}/organizations/{organisation}/issues/?statsPeriod=1h" + (
            f"&query=project:{project}" * bool(project)
        )
        counted = counting.result()
        taken, dropped = (0, 0) if isinstance(counted, CannotTell) else counted
        issues = tuple(replace(each, release=releases.get(each.id, "")) for each in found)
        return Snapshot(of, issues, link, more, taken, dropped)

    async def _counted(self, organisation: str, by: float) -> tuple[int, int]:
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
        with understood(url):
            groups = items(answer.json()["groups"])
            counts = {str(each["by"]["outcome"]): int(each["totals"]["sum(quantity)"]) for each in groups}
        return counts.get("accepted", 0), sum(counts.get(each, 0) for each in LOST)

    async def _pages(
        self, url: str, asked: Mapping[str, str], question: Question, by: float
    ) -> tuple[tuple[Issue, ...], bool]:
        """Page after page; a later one that does not come is left out, and `True` says that there was more."""
        found: list[Issue] = []
        cursor = ""
        for page in range(MOST_PAGES):
            params = {**asked, "cursor": cursor} if cursor else dict(asked)
            # Half of the time is for the rest.
            ends = by - (by - asyncio.get_running_loop().time()) / 2 if page else by
            read = await tried(self._page(url, params, question, ends))
            if isinstance(read, CannotTell):
                if page == 0 or read.cause is Cause.NOT_UNDERSTOOD:
                    raise read
                return tuple(found), True
            found += read[0]
            if not read[1]:
                return tuple(found), False
            cursor = read[1]
        return tuple(found), True

    async def _page(
        self, url: str, params: Mapping[str, str], question: Question, by: float
    ) -> tuple[tuple[Issue, ...], str]:
        """One page, and the cursor of the next; empty when it is the last."""
        answer = await self._get(url, by, params)
        with understood(url):
            before = question.began or question.now - PERIOD
            issues = tuple(issue(each, before) for each in items(answer.json()))
        following = NEXT.search(answer.headers.get("link", ""))
        return issues, following[1] if following else ""

    async def _known(self, url: str, asked: Mapping[str, str], by: float) -> None:
        """Raises CannotTell when there is nothing of two weeks either: then silence proves nothing."""
        answer = await self._get(url, by, asked)
        with understood(url):
            nothing = not items(answer.json())
        if nothing:
            said = "Sentry shows no issue, not even of the last 14 days."
            raise CannotTell(
                Cause.NO_DATA,
                said,
                "Look at whether SENTRY_AUTH_TOKEN may see the projects, and whether events arrive.",
            )

    async def _release(self, url: str, by: float) -> str:
        answer = await self._get(url, by, {})
        with understood(url):
            told = answer.json()
            release = told.get("firstRelease") or told.get("lastRelease") or {}
            return line(release.get("shortVersion") or release.get("version"))

    async def _get(self, url: str, by: float, params: Mapping[str, str]) -> Answer:
        headers = {"authorization": f"Bearer {self._token}"}
        answer = await self._web.ask("GET", url, by, headers=headers, params=params)
        if answer.status in REFUSALS:
            _refuse(answer)
        return checked(answer)


def _refuse(answer: Answer) -> NoReturn:
    """Raises CannotTell in Sentry's own meaning of the status."""
    cause, said, advice = REFUSALS[answer.status]
    detail = re.search(r'"detail"\s*:\s*"([^"]{1,200})', answer.text()) if answer.status == 400 else None
    raise CannotTell(cause, f"{said} ({answer.status}){f': {line(detail[1])}' if detail else ''}.", advice)
