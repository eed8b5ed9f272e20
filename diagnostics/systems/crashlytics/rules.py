"""Rules for crashes: the share of users, what they have in common, and how much that is above usual.

A day's share hides what broke ten minutes ago, so the last hour is compared with the hours before it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.diagnostic_run import Suspect
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, Inconclusive, TimeWindow, UnknownCause, Verdict
from bot.domain.playbook import Threshold
from diagnostics.analysis.thresholds import Limit, find_limit
from diagnostics.clients.response_parsing import clean_line

SPAN = timedelta(days=1)
"""As long as the day by which users are counted."""

CRASHES = Limit(">", 1, 2, "%")
CRASH = re.compile(r"crash(?!.{0,3}free)", re.I)
FREE = re.compile(r"crash.{0,3}free", re.I)
CRITICAL = Limit(">", None, 10, "%")
AFFECTED = re.compile(r"users? affected|affected users?", re.I)
MAJORITY_PERCENT = 50
"""Beyond so many percent of the crashed people, one version or device is said to be where it crashes."""

NEARLY_ALL = 90
"""From so many percent of the crashed people on, their version is what is suspected."""

NEW = frozenset({"SIGNAL_FRESH", "SIGNAL_REGRESSED"})
HOUR, TIMES, LEAST = timedelta(hours=1), 5, 20
"""So many people crash in the last hour at least, and so many times as many as in an hour usually, that it is told."""

MAX_ROWS = 3


@dataclass(frozen=True, slots=True)
class CrashGroup:
    """One issue, version, system or device: its name, events and people; `new` when the issue is, or is back."""

    name: str
    events: int
    people: int
    new: bool = False


@dataclass(frozen=True, slots=True)
class AppCrashes:
    """What the reports of one app told: groups by kind, how far they go, the app's users if they told those, and how
    many crashed in the last hour, None when that could not be read."""

    groups: Mapping[str, tuple[CrashGroup, ...]]
    end: datetime
    users: float | None
    hour: int | None = None


@dataclass(frozen=True, slots=True)
class CrashlyticsSnapshot:
    """The crashes of the last day by kind (`issue`, `version`, `system`, `device`), the most people first.

    `users` use the app in a day, None when that is not known, and `why` says why. `end` is how far the figures go.
    `hour` are the people of the last hour.
    """

    groups: Mapping[str, tuple[CrashGroup, ...]]
    end: datetime
    users: float | None = None
    why: Inconclusive | None = None
    link: str = ""
    hour: int | None = None


def parse_group(told: Mapping[str, Any], field: str) -> CrashGroup:
    """One group of a report. Texts are redacted here."""
    about, counted = told[field], told["metrics"][0]
    name = about.get("displayName") or " ".join(filter(None, (about.get("title"), about.get("subtitle"))))
    signals = {signal.get("signal") for signal in about.get("signals", ())}
    return CrashGroup(
        clean_line(name), int(counted["eventsCount"]), int(counted["impactedUsersCount"]), bool(signals & NEW)
    )


def split_groups(told: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    """The groups of a report that are about this field; those of a maker are taken apart."""
    return [
        part
        for group in told.get("groups", ())
        for part in ([sub for sub in group.get("subgroups", ()) if field in sub] or [group])
    ]


def interpret(
    seen: CrashlyticsSnapshot, now: datetime, told: Sequence[Threshold] = (), pattern: bool = False
) -> Finding:
    """The judgement at `now`; `pattern` when asked where it crashes. Raises Inconclusive when nothing crashed."""
    issues = seen.groups["issue"]
    if not issues:
        said = "Crashlytics shows no crash in 24 hours: none happened, or none is reported."
        raise Inconclusive(
            UnknownCause.NO_DATA, said, "Check TOCSIN_CRASHLYTICS_APPS, and whether the app reports."
        )
    people = sum(issue.people for issue in issues)
    verdict, cause, share, said = _share(seen, people, told)
    alarm = _alarm(seen, people) if verdict in (Verdict.OK, Verdict.UNKNOWN) else None
    if alarm is not None:
        verdict, cause, said = Verdict.WARN, None, f"{alarm}{said}"
    return Finding(
        verdict,
        f"{_critical(share, told)}{_headline(seen, people, said, pattern)}{_without_users(seen)}",
        now,
        cause,
        measure=f"{people:,} people" if share is None else f"{_format_rest(share)} crash-free",
        table=_table(seen, people),
        link=seen.link,
        window=TimeWindow(seen.end - SPAN, seen.end),
        age=max(now - seen.end, timedelta(0)),
        next_look=""
        if verdict is Verdict.OK
        else "Check the newest release, and whether its rollout can be halted.",
        suspect=_suspect(seen, people) if verdict is Verdict.BAD else None,
    )


def _alarm(seen: CrashlyticsSnapshot, people: int) -> str | None:
    """What makes a share that is fine or not known suspicious, as the beginning of a sentence, which may be empty:
    more crashes than usual, or a new issue where no share is known. None where there is nothing."""
    rising = _rising(seen, people)
    is_new = seen.users is None and any(issue.new for issue in seen.groups["issue"])
    return rising if rising or is_new else None


def _headline(seen: CrashlyticsSnapshot, people: int, said: str, pattern: bool) -> str:
    """How many crash and what makes them; where it crashes comes first when that was asked for."""
    worst, where = seen.groups["issue"][0], _where(seen, people)
    top = f"most by “{worst.name}”{' (new)' if worst.new else ''}{where}"
    if not pattern:
        return f"{said}; {top}."
    if not where:
        return f"No version or device stands out: {top}. {said}."
    return f"{where[2:3].upper()}{where[3:]}: “{worst.name}”. {said}."


def _critical(share: float | None, told: Sequence[Threshold]) -> str:
    """That so large a share of users is affected, as the beginning of what is said."""
    critical = find_limit(told, AFFECTED, CRITICAL)
    if share is None or critical.verdict(share) is not Verdict.BAD:
        return ""
    return f"Critical: more than {critical.bad:g}% of users. "


def _without_users(seen: CrashlyticsSnapshot) -> str:
    """Why no share can be told, as the end of what is said."""
    if seen.users is not None or seen.why is None:
        return ""
    return f" What share of users that is, is not known: {seen.why.said}"


def _suspect(seen: CrashlyticsSnapshot, people: int) -> Suspect | None:
    """The version that nearly all who crashed have."""
    versions = seen.groups.get("version", ())
    whole = max(people, sum(version.people for version in versions))
    if not versions or (share := _percent(versions[0].people, whole)) < NEARLY_ALL:
        return None
    return Suspect("release", versions[0].name, f"{share}% of those who crashed have it")


def _rising(seen: CrashlyticsSnapshot, people: int) -> str:
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
    seen: CrashlyticsSnapshot, people: int, told: Iterable[Threshold]
) -> tuple[Verdict, UnknownCause | None, float | None, str]:
    if not seen.users:
        events = sum(group.events for group in seen.groups["issue"])
        cause = seen.why.cause if seen.why is not None else UnknownCause.NO_DATA
        return Verdict.UNKNOWN, cause, None, f"{events:,} crashes of {people:,} people in 24 hours"
    told = tuple(told)
    share = min(100.0, 100 * people / seen.users)
    free = find_limit(told, FREE, Limit("<", None, None, "%"))
    allowed, value = (free, 100 - share) if free.line else (find_limit(told, CRASH, CRASHES), share)
    verdict = allowed.verdict(value)
    said = f"{_format_rest(share)} of users had no crash in 24 hours: up to {people:,} of {seen.users:,.0f} had one"
    words = allowed.describe(verdict)
    return verdict, None, share, f"{said} ({words})" if words else said


def _where(seen: CrashlyticsSnapshot, people: int) -> str:
    """`, 97% of them in 5.3.0, on Android (10)`: what most of the crashed people have in common.

    A report tells its largest groups only, so that the whole are the `people` of the issues, not those of its rows.
    """
    parts = []
    for kind, word in (("version", "in"), ("system", "on"), ("device", "on")):
        groups = seen.groups.get(kind, ())
        whole = max(people, sum(group.people for group in groups))
        if groups and 100 * groups[0].people > MAJORITY_PERCENT * whole:
            parts.append(f"{_percent(groups[0].people, whole)}% {word} {groups[0].name}")
    return f", {', '.join(parts)}" if parts else ""


def _format_rest(share: float) -> str:
    """What is left of a hundred percent; all of it only where nobody crashed."""
    rest = f"{100 - share:.1f}%"
    return "over 99.9%" if share > 0 and rest == "100.0%" else rest


def _percent(part: int, whole: int) -> int:
    """Rounded, but 100 only where it is all of them."""
    return 100 if part >= whole else min(99, round(100 * part / whole))


def _table(seen: CrashlyticsSnapshot, people: int) -> EvidenceTable:
    rows = tuple(
        (kind, group.name + (" (new)" if group.new else ""), f"{group.people:,}", f"{group.events:,}",
         f"{100 * group.people / seen.users:.1f}%" if seen.users else "")
        for kind, groups in seen.groups.items()
        for group in groups[:MAX_ROWS]
    )  # fmt: skip
    left = sum(max(0, len(groups) - MAX_ROWS) for groups in seen.groups.values())
    return EvidenceTable(("by", "what", "people", "crashes", "of users"), rows, left)
