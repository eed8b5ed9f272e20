"""Crashlytics: which share of users met a crash, and by version, system, device and place in the code.

Shapes: https://firebase.google.com/docs/reference/crashlytics/rest/v1alpha/projects.apps.reports (a report is groups,
sometimes of subgroups, with `eventsCount` and `impactedUsersCount`). By its reference it counts only those who crashed;
how many use the app in a day stands in a `totalUsersCount` that not every answer has, else Google Play tells it, and
without both a share cannot be told. Who met two issues is counted twice, so the share is the most it can be.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause, Verdict
from bot.domain.playbook import VendorCall
from diagnostics.clients.google import PLATFORM, GoogleClient
from diagnostics.clients.response_parsing import (
    catch_inconclusive,
    clean_line,
    guard_parsing,
    parse_instant,
)
from diagnostics.systems.crashlytics.rules import (
    HOUR,
    SPAN,
    AppCrashes,
    CrashGroup,
    CrashlyticsSnapshot,
    interpret,
    parse_group,
    split_groups,
)

API = "https://firebasecrashlytics.googleapis.com"
APP = re.compile(r"\d+:(?P<number>\d+):(?P<system>android|ios|web):[0-9a-f]+")
REPORTS = {
    "issue": ("topIssues", "issue"),
    "version": ("topVersions", "version"),
    "system": ("topOperatingSystems", "operatingSystem"),
    "device": ("topAndroidDevices", "device"),
}
"""Each kind of group: its report, and the field that tells which group it is."""


class Crashlytics:
    """The account at Google, the ids of the apps (TOCSIN_CRASHLYTICS_APPS), and TOCSIN_PLAY_PACKAGE for the users."""

    def __init__(self, google: GoogleClient, apps: Sequence[str] = (), package: str = "") -> None:
        self._google, self._apps, self._package = google, tuple(apps), package

    @property
    def configured(self) -> bool:
        """Whether there are apps to look at, and a key."""
        return bool(self._apps) and self._google.configured

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """`crashlytics.crashes`, `crashlytics.pattern`; of several apps the worst. Raises Inconclusive."""
        call = question.action.call
        what, names = (call.what, call.names) if isinstance(call, VendorCall) else ("", {})
        page = f"https://console.firebase.google.com/project/{names.get('project') or '_'}/crashlytics"
        self._check_apps(page)
        async with asyncio.TaskGroup() as tasks:
            users = tasks.create_task(catch_inconclusive(self._users(by)))
            reading = [
                tasks.create_task(catch_inconclusive(self._app(app, question.now, by))) for app in self._apps
            ]
        found: list[Finding] = []
        failed: list[Inconclusive] = []
        elsewhere = Inconclusive(UnknownCause.NOT_CONFIGURED, "Only Google Play is asked.")
        for app, task in zip(self._apps, reading, strict=True):
            known = users.result() if ":android:" in app else elsewhere
            try:
                found.append(
                    self._judge_app(task.result(), known, page, question, what == "crashlytics.pattern")
                )
            except Inconclusive as why:
                failed.append(why)
        return _worst(found, failed)

    def _check_apps(self, page: str) -> None:
        """Raises Inconclusive where no app is named, or one by what is no id."""
        if not self._apps:
            said = "Crashlytics skipped: TOCSIN_CRASHLYTICS_APPS is not set."
            raise Inconclusive(
                UnknownCause.NOT_CONFIGURED,
                said,
                f"Set it to the apps' ids where Tocsin runs, or open {page}",
            )
        for app in self._apps:
            if not APP.fullmatch(app):
                said = f"TOCSIN_CRASHLYTICS_APPS: {clean_line(app)} is no app's id (1:NUMBER:android:HEX)."
                raise Inconclusive(
                    UnknownCause.NOT_CONFIGURED, said, "The id stands in the Firebase console's settings."
                )

    def _judge_app(
        self,
        read: AppCrashes | Inconclusive,
        users: float | Inconclusive,
        page: str,
        question: CheckRequest,
        pattern: bool,
    ) -> Finding:
        if isinstance(read, Inconclusive):
            raise read
        known, why = (None, users) if isinstance(users, Inconclusive) else (users, None)
        seen = CrashlyticsSnapshot(read.groups, read.end, read.users or known, why, page, read.hour)
        return interpret(seen, question.now, question.thresholds, pattern)

    async def _users(self, by: float) -> float:
        if not self._package:
            raise Inconclusive(UnknownCause.NOT_CONFIGURED, "TOCSIN_PLAY_PACKAGE is not set.")
        rates = await self._google.fetch_crash_rates(self._package, by)
        if not rates or not rates[0].users:
            raise Inconclusive(UnknownCause.NO_DATA, "Google Play tells no number of users.")
        return rates[0].users

    async def _app(self, app: str, now: datetime, by: float) -> AppCrashes:
        """Raises Inconclusive when the issues cannot be read; what stands beside them may be missing."""
        parts = APP.fullmatch(app)
        assert parts is not None, app
        place = f"{API}/v1alpha/projects/{parts['number']}/apps/{app}/reports"
        answers = await self._read_reports(place, parts["system"] == "ios", now, by)
        hour = answers.pop("hour")
        if isinstance(answers["issue"], Inconclusive):
            raise answers["issue"]
        reports = {
            kind: _report(answer, kind, place, now)
            for kind, answer in answers.items()
            if not isinstance(answer, Inconclusive)
        }
        groups = {kind: report.groups for kind, report in reports.items()}
        end = min(report.end for report in reports.values())
        return AppCrashes(groups, end, reports["issue"].users or None, _people(hour, place))

    async def _read_reports(
        self, place: str, of_apple: bool, now: datetime, by: float
    ) -> dict[str, dict[str, Any] | Inconclusive]:
        """The answer of each report by its kind, read side by side; `hour` has the issues of the last hour."""
        asked: dict[str, str | int] = {
            "filter.interval.startTime": (now - SPAN).isoformat(timespec="seconds"),
            "filter.interval.endTime": now.isoformat(timespec="seconds"),
            "filter.issue.errorTypes": "FATAL",
            "pageSize": 25,
        }
        last = {**asked, "filter.interval.startTime": (now - HOUR).isoformat(timespec="seconds")}
        names = {kind: report for kind, (report, _) in REPORTS.items()}
        if of_apple:
            names["device"] = "topAppleDevices"
        wanted = {"hour": (names["issue"], last), **{kind: (report, asked) for kind, report in names.items()}}
        async with asyncio.TaskGroup() as tasks:
            reading = {
                kind: tasks.create_task(
                    catch_inconclusive(self._google.ask("GET", f"{place}/{report}", PLATFORM, by, parameters))
                )
                for kind, (report, parameters) in wanted.items()
            }
        return {kind: task.result() for kind, task in reading.items()}


def _worst(found: Sequence[Finding], failed: Sequence[Inconclusive]) -> Finding:
    """The worst of several apps. Raises Inconclusive if none could be read, or one could not and the rest is fine."""
    order = (Verdict.BAD, Verdict.WARN, Verdict.UNKNOWN, Verdict.OK)
    worst = min(found, key=lambda finding: order.index(finding.verdict), default=None)
    if worst is None or (failed and worst.verdict is Verdict.OK):
        raise failed[0]
    return worst


class _Report(NamedTuple):
    """The groups of one report, the most people first, how far it goes and how many use the app by it, 0 when it does
    not tell."""

    groups: tuple[CrashGroup, ...]
    end: datetime
    users: float


def _report(told: dict[str, Any], kind: str, place: str, now: datetime) -> _Report:
    with guard_parsing(place):
        field = REPORTS[kind][1]
        parts = split_groups(told, field)
        groups = sorted(
            (parse_group(part, field) for part in parts), key=lambda crowd: crowd.people, reverse=True
        )
        counted = [part["metrics"][0] for part in parts]
        end = min([now, *(parse_instant(counts["endTime"]) for counts in counted if "endTime" in counts)])
        users = max((float(counts.get("totalUsersCount") or 0) for counts in counted), default=0.0)
        return _Report(tuple(groups), end, users)


def _people(told: dict[str, Any] | Inconclusive, place: str) -> int | None:
    """How many met an issue of a report; None when it could not be read."""
    if isinstance(told, Inconclusive):
        return None
    with guard_parsing(place):
        return sum(parse_group(group, "issue").people for group in split_groups(told, "issue"))
