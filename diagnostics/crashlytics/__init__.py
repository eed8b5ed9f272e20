"""Crashlytics: what share of the people met a crash, and in which version, system, device and place of the code.

Shapes: https://firebase.google.com/docs/reference/crashlytics/rest/v1alpha/projects.apps.reports (a report is groups,
sometimes of subgroups, with `eventsCount` and `impactedUsersCount`). By its reference it counts only those who crashed;
how many use the app in a day stands in a `totalUsersCount` that not every answer has, else Google Play tells it, and
without both a share cannot be told. Who met two issues is counted twice, so the share is the most it can be.
"""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.step import VendorCall
from diagnostics.answers import instant, line, tried, understood
from diagnostics.crashlytics.judged import HOUR, SPAN, Crashes, Group, Snapshot, group, interpret, parted
from diagnostics.finding import CannotTell, Cause, Finding, Verdict
from diagnostics.google import PLATFORM, Google
from diagnostics.question import Question

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
        seen = Snapshot(read.groups, read.end, read.users or known, why, page, read.hour)
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
        last = {**asked, "filter.interval.startTime": (now - HOUR).isoformat(timespec="seconds")}
        apple = parts["system"] == "ios"
        async with asyncio.TaskGroup() as tasks:
            hour = tasks.create_task(tried(self._google.ask("GET", f"{place}/topIssues", PLATFORM, by, last)))
            asking = {}
            for kind, (report, _) in REPORTS.items():
                name = "topAppleDevices" if apple and kind == "device" else report
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
        return Crashes(found, end, total or None, _people(hour.result(), place))


def _people(told: dict[str, Any] | CannotTell, place: str) -> int | None:
    """How many met an issue of a report; None when it could not be read."""
    if isinstance(told, CannotTell):
        return None
    with understood(place):
        return sum(group(each, "issue").people for each in parted(told, "issue"))
