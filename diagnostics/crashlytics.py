"""Crashlytics: what share of the people met a crash, and in which version, system, device and place of the code.

Shapes: https://firebase.google.com/docs/reference/crashlytics/rest/v1alpha/projects.apps.reports (a report is groups,
sometimes of subgroups, with `eventsCount` and `impactedUsersCount`). By its reference it counts only those who crashed;
how many use the app in a day stands in a `totalUsersCount` that not every answer has, else Google Play tells it, and
without both a share cannot be told. Who met two issues is counted twice, so the share is the most it can be.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.step import Threshold, VendorCall
from diagnostics.answers import instant, line, tried, understood
from diagnostics.finding import CannotTell, Cause, Finding, Table, Verdict, Window
from diagnostics.google import PLATFORM, Google
from diagnostics.limits import Limit, limit
from diagnostics.question import Question

API = "https://firebasecrashlytics.googleapis.com"
APP = re.compile(r"\d+:(?P<number>\d+):(?P<system>android|ios|web):[0-9a-f]+")
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
REPORTS = {
    "issue": ("topIssues", "issue"),
    "version": ("topVersions", "version"),
    "system": ("topOperatingSystems", "operatingSystem"),
    "device": ("topAndroidDevices", "device"),
}
"""Each kind of group: its report, and the field that tells which group it is."""

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
    """What the reports of one app told: groups by kind, how far they go, and the app's users if they told those."""

    groups: Mapping[str, tuple[Group, ...]]
    end: datetime
    users: float | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The crashes of the last day by kind (`issue`, `version`, `system`, `device`), the most people first.

    `users` use the app in a day, None when that is not known, and `why` says why. `end` is how far the figures go.
    """

    groups: Mapping[str, tuple[Group, ...]]
    end: datetime
    users: float | None = None
    why: CannotTell | None = None
    link: str = ""


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
    if seen.users is None and any(each.new for each in issues):
        verdict, cause = Verdict.WARN, None
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


class Crashlytics:
    """The account at Google, the ids of the apps (TOCSIN_CRASHLYTICS_APPS), and TOCSIN_PLAY_PACKAGE for the users."""

    def __init__(self, google: Google, apps: Sequence[str] = (), package: str = "") -> None:
        self._google, self._apps, self._package = google, tuple(apps), package

    @property
    def configured(self) -> bool:
        """Whether there are apps to look at, and a key."""
        return bool(self._apps) and self._google.configured

    async def look(self, question: Question, by: float) -> Finding:
        """`crashlytics.crashes`, `crashlytics.pattern`; of several apps the worst. Raises CannotTell."""
        call = question.action.call
        what, names = (call.what, call.names) if isinstance(call, VendorCall) else ("", {})
        project = names.get("project", "")
        page = f"https://console.firebase.google.com/project/{project or '_'}/crashlytics"
        if not self._apps:
            said = "Crashlytics is not asked: TOCSIN_CRASHLYTICS_APPS is not set."
            raise CannotTell(
                Cause.NOT_CONFIGURED, said, f"Set it to the apps' ids where Tocsin runs, or open {page}"
            )
        for app in self._apps:
            if not APP.fullmatch(app):
                said = f"TOCSIN_CRASHLYTICS_APPS: {line(app)} is no app's id (1:NUMBER:android:HEX)."
                raise CannotTell(
                    Cause.NOT_CONFIGURED, said, "The id stands in the Firebase console's settings."
                )
        async with asyncio.TaskGroup() as tasks:
            users = tasks.create_task(tried(self._users(by)))
            reading = [tasks.create_task(tried(self._app(app, question.now, by))) for app in self._apps]
        found: list[Finding] = []
        failed: list[CannotTell] = []
        counted = users.result()
        for app, task in zip(self._apps, reading, strict=True):
            read = task.result()
            known = (
                counted
                if ":android:" in app
                else CannotTell(Cause.NOT_CONFIGURED, "Only Google Play is asked.")
            )
            try:
                found.append(self._judged(read, known, page, question, what == "crashlytics.pattern"))
            except CannotTell as why:
                failed.append(why)
        if not found:
            raise failed[0]
        order = (Verdict.BAD, Verdict.WARN, Verdict.UNKNOWN, Verdict.OK)
        worst = min(found, key=lambda each: order.index(each.verdict))
        if failed and worst.verdict is Verdict.OK:
            raise failed[0]
        return worst

    def _judged(
        self,
        read: Crashes | CannotTell,
        users: float | CannotTell,
        page: str,
        question: Question,
        pattern: bool,
    ) -> Finding:
        if isinstance(read, CannotTell):
            raise read
        known, why = (None, users) if isinstance(users, CannotTell) else (users, None)
        seen = Snapshot(read.groups, read.end, read.users or known, why, page)
        return interpret(seen, question.now, question.thresholds, pattern)

    async def _users(self, by: float) -> float:
        if not self._package:
            raise CannotTell(Cause.NOT_CONFIGURED, "TOCSIN_PLAY_PACKAGE is not set.")
        rates = await self._google.rates(self._package, by)
        if not rates or not rates[0].users:
            raise CannotTell(Cause.NO_DATA, "Google Play tells no number of users.")
        return rates[0].users

    async def _app(self, app: str, now: datetime, by: float) -> Crashes:
        """Raises CannotTell when the issues cannot be read; what stands beside them may be missing."""
        parts = APP.fullmatch(app)
        assert parts is not None, app
        place = f"{API}/v1alpha/projects/{parts['number']}/apps/{app}/reports"
        asked: dict[str, str | int] = {
            "filter.interval.startTime": (now - SPAN).isoformat(timespec="seconds"),
            "filter.interval.endTime": now.isoformat(timespec="seconds"),
            "filter.issue.errorTypes": "FATAL",
            "pageSize": 25,
        }
        async with asyncio.TaskGroup() as tasks:
            asking = {}
            for kind, (report, _) in REPORTS.items():
                name = (
                    "topAppleDevices"
                    if report == "topAndroidDevices" and parts["system"] == "ios"
                    else report
                )
                asking[kind] = tasks.create_task(
                    tried(self._google.ask("GET", f"{place}/{name}", PLATFORM, by, asked))
                )
        found: dict[str, tuple[Group, ...]] = {}
        end, total = now, 0.0
        for kind, task in asking.items():
            told = task.result()
            if isinstance(told, CannotTell):
                if kind == "issue":
                    raise told
                continue
            with understood(place):
                field = REPORTS[kind][1]
                parts_of = parted(told, field)
                named = [group(each, field) for each in parts_of]
                counted = [each["metrics"][0] for each in parts_of]
                end = min([end, *(instant(each["endTime"]) for each in counted if "endTime" in each)])
                total = max(
                    [total, *(float(each.get("totalUsersCount") or 0) for each in counted if kind == "issue")]
                )
            found[kind] = tuple(sorted(named, key=lambda each: each.people, reverse=True))
        return Crashes(found, end, total or None)
