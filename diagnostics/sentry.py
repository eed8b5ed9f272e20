"""Sentry's issues: what is new in this incident first, then what comes more often than it used to.

Shapes: https://docs.sentry.io/api/events/list-an-organizations-issues, and there retrieve-an-issue;
https://docs.sentry.io/api/pagination. With a `statsPeriod` the count and the people are those of the period, and
`firstSeen` may be so: the one of `lifetime` is the issue's own.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import urlsplit

from bot.step import Threshold, VendorCall
from diagnostics.answers import instant, items, line, spoken, tried, understood
from diagnostics.finding import CannotTell, Cause, Finding, Series, Table, Verdict, Window
from diagnostics.limits import Limit, limit
from diagnostics.question import Question
from diagnostics.web import Answer, Web, checked

API = "https://sentry.io"
NAME = re.compile(r"[\w.-]+")
PERIOD = timedelta(hours=1)
"""What is counted, and how long before the incident an issue may have begun to be one of its own."""

NEW = Limit(">", 0, 50, "events")
"""Events of a new issue in an hour."""

MEASURE = re.compile(r"event|sentry|issue", re.I)
TIMES, LEAST = 5, 20
"""A known issue spikes when it comes so many times as often as usual, and so often at least."""

MOST_PAGES, MOST_ROWS, RELEASES_OF, YOUNG = 3, 12, 3, timedelta(days=2)
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


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue; `count` and `users` of the last hour, `usual` events an hour before the incident, None if not told."""

    id: str
    title: str
    project: str
    count: int
    users: int
    first_seen: datetime
    usual: float | None = None
    hours: tuple[tuple[datetime, float], ...] = ()
    release: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The unresolved issues of the last hour, the most frequent first; `cut` when there are more than were read."""

    of: str
    issues: tuple[Issue, ...]
    link: str
    cut: bool = False


def issue(told: Mapping[str, Any], before: datetime) -> Issue:
    """One issue of the list; `before` is until when its frequency counts as usual. Texts are redacted here."""
    lifetime = told.get("lifetime") or {}
    hours = tuple(
        (datetime.fromtimestamp(int(at), UTC), float(count))
        for at, count in (told.get("stats") or {}).get("24h", ())
    )
    usual = [count for at, count in hours if at + PERIOD <= before]
    link = str(told.get("permalink") or "")
    return Issue(
        str(told["id"]),
        line(told["title"]),
        line((told.get("project") or {}).get("slug")),
        int(told["count"]),
        int(told.get("userCount") or 0),
        instant(lifetime.get("firstSeen") or told["firstSeen"]),
        sum(usual) / len(usual) if usual else None,
        hours,
        link=link if urlsplit(link).scheme in ("http", "https") else "",
    )


def interpret(
    seen: Snapshot, now: datetime, began: datetime | None, told: Iterable[Threshold] = ()
) -> Finding:
    """The judgement at `now`; `told` are the runbook's thresholds."""
    allowed = limit(told, MEASURE, NEW)
    new = sorted(_new(seen.issues, now, began), key=lambda each: each.count, reverse=True)
    spikes = [each for each in seen.issues if each not in new and _spikes(each)]
    if new and (verdict := allowed.verdict(new[0].count)) is not Verdict.OK:
        first = new[0]
        people = f", {first.users} people" if first.users else ""
        release = f", in {first.release}" if first.release else ""
        more = f" {len(new) - 1} more new." if len(new) > 1 else ""
        where = "in this incident" if began else "in the last hour"
        said = f"New {where}: “{first.title}” {_times(first.count)} in the last hour{people}{release}"
        said += f" ({allowed.said(verdict)}).{more}" if verdict is Verdict.BAD else f".{more}"
    elif spikes:
        first, verdict = spikes[0], Verdict.WARN
        more = f" {len(spikes) - 1} more spike." if len(spikes) > 1 else ""
        age = now - first.first_seen
        usual = f"{first.usual:.0f} an hour" + (f", first seen {spoken(age)} ago" if age < YOUNG else "")
        said = f"“{first.title}” came {_times(first.count)} in the last hour, usually {usual}.{more}"
    else:
        verdict = Verdict.OK
        said = f"No unresolved issue of {seen.of} came in the last hour."
        if seen.issues:
            number = f"{len(seen.issues)}{' or more' * seen.cut} known issue{'s' * (len(seen.issues) != 1)}"
            said = f"{number}, none new and none far above its usual; the most frequent {_times(seen.issues[0].count)}"
            said += " in the last hour."
    top = next(iter([*new, *spikes]), None) if verdict is not Verdict.OK else None
    order = [*new, *spikes, *(each for each in seen.issues if each not in new and each not in spikes)]
    return Finding(
        verdict,
        said,
        now,
        measure=f"{len(new)} new, {sum(each.count for each in seen.issues)} events/h",
        table=_table(order, new, spikes, now) if order else None,
        series=(Series(top.title, top.hours, "events"),) if top and len(top.hours) > 1 else (),
        link=(top.link if top else "") or seen.link,
        window=Window(now - PERIOD, now),
        next_look=""
        if top is None
        else "Open the issue for its stack trace, and compare its release with the last deployment.",
    )


def _new(issues: Iterable[Issue], now: datetime, began: datetime | None) -> list[Issue]:
    return [each for each in issues if each.first_seen >= (began or now) - PERIOD]


def _spikes(each: Issue) -> bool:
    return each.usual is not None and each.count >= LEAST and each.count >= TIMES * each.usual


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _table(order: Sequence[Issue], new: Sequence[Issue], spikes: Sequence[Issue], now: datetime) -> Table:
    rows = tuple(
        (
            "NEW" if each in new else "spike" if each in spikes else "known",
            each.title,
            f"{each.count}" + ("" if each.usual is None else f" (usually {each.usual:.0f})"),
            str(each.users),
            f"{spoken(now - each.first_seen)} ago",
            each.release,
            each.project,
        )
        for each in order[:MOST_ROWS]
    )
    heads = ("", "issue", "events/h", "users", "first seen", "release", "project")
    return Table(heads, rows, max(0, len(order) - MOST_ROWS))


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
        if not found:
            await self._known(url, {**asked, "statsPeriod": "14d", "limit": "1"}, by)
        new = {each.id for each in _new(found, question.now, question.began)}
        first = sorted(found, key=lambda each: (each.id not in new, -each.count))[:RELEASES_OF]
        async with asyncio.TaskGroup() as group:
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
        return Snapshot(
            of, tuple(replace(each, release=releases.get(each.id, "")) for each in found), link, more
        )

    async def _pages(
        self, url: str, asked: Mapping[str, str], question: Question, by: float
    ) -> tuple[tuple[Issue, ...], bool]:
        """Page after page; a later one that does not come is left out, and `True` says that there was more."""
        before = question.began or question.now - PERIOD
        found: list[Issue] = []
        cursor = ""
        for page in range(MOST_PAGES):
            params = {**asked, "cursor": cursor} if cursor else dict(asked)
            # Half of the time is for the rest.
            ends = by - (by - asyncio.get_running_loop().time()) / 2 if page else by
            answer = await tried(self._get(url, ends, params))
            if isinstance(answer, CannotTell):
                if page == 0:
                    raise answer
                return tuple(found), True
            with understood(url):
                found += [issue(each, before) for each in items(answer.json())]
            following = NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return tuple(found), False
            cursor = following[1]
        return tuple(found), True

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
