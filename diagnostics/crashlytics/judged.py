"""What is said of crashes: the share of people, what they have in common, and how many more than usual it is now.

A day's share hides what broke ten minutes ago, so the last hour is compared with the hours before it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.step import Threshold
from diagnostics.answers import line
from diagnostics.finding import CannotTell, Cause, Finding, Table, Verdict, Window
from diagnostics.limits import Limit, limit

SPAN = timedelta(days=1)
"""As long as the day by which users are counted."""

CRASHES = Limit(">", 1, 2, "%")
CRASH = re.compile(r"crash(?!.{0,3}free)", re.I)
FREE = re.compile(r"crash.{0,3}free", re.I)
CRITICAL = Limit(">", None, 10, "%")
AFFECTED = re.compile(r"users? affected|affected users?", re.I)
MOSTLY = 50
"""From so many percent of the crashed people on, one version or device is said to be where it crashes."""

NEW = frozenset({"SIGNAL_FRESH", "SIGNAL_REGRESSED"})
HOUR, TIMES, LEAST = timedelta(hours=1), 5, 20
"""So many people crash in the last hour at least, and so many times as many as in an hour usually, that it is told."""

MOST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Group:
    """One issue, version, system or device: its name, events and people; `new` when the issue is, or is back."""

    name: str
    events: int
    people: int
    new: bool = False


@dataclass(frozen=True, slots=True)
class Crashes:
    """What the reports of one app told: groups by kind, how far they go, the app's users if they told those, and how
    many crashed in the last hour, None when that could not be read."""

    groups: Mapping[str, tuple[Group, ...]]
    end: datetime
    users: float | None
    hour: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The crashes of the last day by kind (`issue`, `version`, `system`, `device`), the most people first.

    `users` use the app in a day, None when that is not known, and `why` says why. `end` is how far the figures go.
    `hour` are the people of the last hour.
    """

    groups: Mapping[str, tuple[Group, ...]]
    end: datetime
    users: float | None = None
    why: CannotTell | None = None
    link: str = ""
    hour: int | None = None


def group(told: Mapping[str, Any], field: str) -> Group:
    """One group of a report. Texts are redacted here."""
    about, counted = told[field], told["metrics"][0]
    name = about.get("displayName") or " ".join(filter(None, (about.get("title"), about.get("subtitle"))))
    signals = {each.get("signal") for each in about.get("signals", ())}
    return Group(
        line(name), int(counted["eventsCount"]), int(counted["impactedUsersCount"]), bool(signals & NEW)
    )


def parted(told: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    """The groups of a report that are about this field; those of a maker are taken apart."""
    return [
        part
        for each in told.get("groups", ())
        for part in ([sub for sub in each.get("subgroups", ()) if field in sub] or [each])
    ]


def interpret(
    seen: Snapshot, now: datetime, told: Sequence[Threshold] = (), pattern: bool = False
) -> Finding:
    """The judgement at `now`; `pattern` when it was asked where it crashes. Raises CannotTell when nothing crashed."""
    issues = seen.groups["issue"]
    if not issues:
        said = "Crashlytics shows no crash in 24 hours: none happened, or none is reported."
        raise CannotTell(Cause.NO_DATA, said, "Look at TOCSIN_CRASHLYTICS_APPS, and whether the app reports.")
    people = sum(each.people for each in issues)
    where = _where(seen)
    top = f"most by “{issues[0].name}”{' (new)' if issues[0].new else ''}{where}"
    verdict, cause, share, said = _share(seen, people, told)
    if verdict in (Verdict.OK, Verdict.UNKNOWN):
        rising = _rising(seen, people)
        if rising or (seen.users is None and any(each.new for each in issues)):
            verdict, cause, said = Verdict.WARN, None, f"{rising}{said}"
    if pattern:
        said = (
            f"{where[2:3].upper()}{where[3:]}: “{issues[0].name}”. {said}."
            if where
            else f"No version or device stands out: {top}. {said}."
        )
    else:
        said = f"{said}; {top}."
    critical = limit(told, AFFECTED, CRITICAL)
    if share is not None and critical.verdict(share) is Verdict.BAD:
        said = f"Critical: more than {critical.bad:g}% of users. {said}"
    if seen.users is None and seen.why is not None:
        said += f" What share of users that is, is not known: {seen.why.said}"
    return Finding(
        verdict,
        said,
        now,
        cause,
        measure=f"{people:,} people" if share is None else f"{100 - share:.1f}% crash-free",
        table=_table(seen, people),
        link=seen.link,
        window=Window(seen.end - SPAN, seen.end),
        age=max(now - seen.end, timedelta(0)),
        next_look=""
        if verdict is Verdict.OK
        else "Look at the newest release, and whether its rollout can be halted.",
    )


def _rising(seen: Snapshot, people: int) -> str:
    """How many more than usual crash now, as the beginning of a sentence; empty when it is as usual, or not known."""
    if seen.hour is None or seen.hour < LEAST:
        return ""
    usual = max(0, people - seen.hour) / (SPAN / HOUR - 1)
    return (
        f"{seen.hour:,} people crashed in the last hour, usually {usual:.0f}. "
        if seen.hour >= TIMES * usual
        else ""
    )


def _share(
    seen: Snapshot, people: int, told: Iterable[Threshold]
) -> tuple[Verdict, Cause | None, float | None, str]:
    if not seen.users:
        events = sum(each.events for each in seen.groups["issue"])
        cause = seen.why.cause if seen.why is not None else Cause.NO_DATA
        return Verdict.UNKNOWN, cause, None, f"{events:,} crashes of {people:,} people in 24 hours"
    told = tuple(told)
    share = min(100.0, 100 * people / seen.users)
    free = limit(told, FREE, Limit("<", None, None, "%"))
    allowed, value = (free, 100 - share) if free.line else (limit(told, CRASH, CRASHES), share)
    verdict = allowed.verdict(value)
    said = (
        f"{100 - share:.1f}% of users had no crash in 24 hours: up to {people:,} of {seen.users:,.0f} had one"
    )
    words = allowed.said(verdict)
    return verdict, None, share, f"{said} ({words})" if words else said


def _where(seen: Snapshot) -> str:
    """`, 97% of them in 5.3.0, on Android (10)`: what most of the crashed people have in common."""
    parts = []
    for kind, word in (("version", "in"), ("system", "on"), ("device", "on")):
        groups = seen.groups.get(kind, ())
        total = sum(each.people for each in groups)
        if total and 100 * groups[0].people / total >= MOSTLY and len(groups) > 1:
            parts.append(f"{100 * groups[0].people / total:.0f}% {word} {groups[0].name}")
    return f", {', '.join(parts)}" if parts else ""


def _table(seen: Snapshot, people: int) -> Table:
    rows = tuple(
        (kind, each.name + (" (new)" if each.new else ""), f"{each.people:,}", f"{each.events:,}",
         f"{100 * each.people / seen.users:.1f}%" if seen.users else "")
        for kind, groups in seen.groups.items()
        for each in groups[:MOST_ROWS]
    )  # fmt: skip
    left = sum(max(0, len(groups) - MOST_ROWS) for groups in seen.groups.values())
    return Table(("by", "what", "people", "crashes", "of users"), rows, left)
