"""What is said of Sentry's issues: the new ones of this incident first, then what comes more often than it used to."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.step import Threshold
from diagnostics.answers import instant, line, spoken
from diagnostics.finding import Finding, Series, Table, Verdict, Window
from diagnostics.limits import Limit, limit

PERIOD = timedelta(hours=1)
"""What is counted, and how long before the incident an issue may have begun to be one of its own."""

NEW = Limit(">", 0, 50, "events")
"""Events of a new issue in an hour."""

MEASURE = re.compile(r"event|sentry|issue", re.I)
TIMES, LEAST = 5, 20
"""A known issue spikes when it comes so many times as often as usual, and so often at least."""

DROPPED = Limit(">=", 10, None, "%")
"""From how many percent on events that Sentry did not take make its silence worth nothing."""

MOST_ROWS, YOUNG = 12, timedelta(days=2)


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
    """The unresolved issues of the last hour, the most frequent first; `cut` when there are more than were read.

    `taken` and `dropped` are the organisation's error events of the last hour; what is dropped (a quota, a limit of
    rate) is in no issue.
    """

    of: str
    issues: tuple[Issue, ...]
    link: str
    cut: bool = False
    taken: int = 0
    dropped: int = 0


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
    new = sorted(new_ones(seen.issues, now, began), key=lambda each: each.count, reverse=True)
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
    lost = _lost(seen)
    verdict, said = (Verdict.WARN if lost and verdict is Verdict.OK else verdict), f"{said}{lost}"
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
        next_look="Open the issue for its stack trace, and compare its release with the last deployment."
        if top is not None
        else "Look at Sentry's quota, and at the logs in its place."
        if lost
        else "",
    )


def _lost(seen: Snapshot) -> str:
    """That Sentry did not take many of the events, as the end of what is said."""
    share = 100 * seen.dropped / max(1, seen.taken + seen.dropped)
    if seen.dropped < LEAST or DROPPED.verdict(share) is Verdict.OK:
        return ""
    return f" Sentry dropped {share:.0f}% of all events of that hour (a quota, a limit): there are more than it shows."


def new_ones(issues: Iterable[Issue], now: datetime, began: datetime | None) -> list[Issue]:
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
