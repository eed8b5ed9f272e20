"""Google Play's crash rate: a day old at best, so it warns but never fails a check and never says all is well.

Shapes and their sources stand in `diagnostics.clients.google`.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import ChartSeries, Finding, Inconclusive, TimeWindow, UnknownCause, Verdict
from bot.domain.playbook import Threshold
from diagnostics.analysis.thresholds import Limit, find_limit
from diagnostics.clients.google import DAYS, CrashRate, GoogleClient
from diagnostics.clients.response_parsing import catch_inconclusive, format_span

CRASHES = Limit(">", 1.09, None, "%")
"""From 1.09% of daily users on Google Play counts an app among those that behave badly."""

MEASURE = re.compile(r"crash(?!.{0,3}free)", re.I)
FEW = 100
"""Versions with fewer users a day say nothing."""

MAX_ROWS = 10


@dataclass(frozen=True, slots=True)
class GooglePlaySnapshot:
    """The days of a package, and the newest day by version; the newest first."""

    package: str
    days: tuple[CrashRate, ...]
    versions: tuple[CrashRate, ...] = ()


def interpret(
    seen: GooglePlaySnapshot, now: datetime, began: datetime | None, told: Iterable[Threshold] = ()
) -> Finding:
    """The judgement at `now`: warn at most. Raises Inconclusive when there is no day."""
    if not seen.days:
        said = f"Google Play shows no crash rate of {seen.package}: too few people use it, or it is not the package."
        raise Inconclusive(UnknownCause.NO_DATA, said, "Check TOCSIN_PLAY_PACKAGE.")
    allowed, newest = find_limit(told, MEASURE, CRASHES), seen.days[0]
    versions = [version for version in seen.versions if version.end == newest.end]
    worst = _worst(newest, versions)
    age = now - newest.end
    verdict, said = _judgement(newest, worst, allowed, age)
    cause = None
    if verdict is Verdict.OK and began is not None and newest.end < began:
        verdict, cause = Verdict.UNKNOWN, UnknownCause.NO_RULE
        said += " That was before the incident began."
    first = min(day.end for day in seen.days)
    return Finding(
        verdict,
        said,
        now,
        cause,
        measure=f"{100 * newest.perceived:.2f}%",
        table=_table(newest, versions),
        series=_series(seen.days, allowed),
        link="https://play.google.com/console/developers/app/vitals/crashes",
        window=TimeWindow(first, newest.end)
        if first < newest.end
        else TimeWindow(newest.end - DAYS, newest.end),
        age=age,
        next_look="Crashlytics and Sentry are newer: check there." if verdict is not Verdict.OK else "",
    )


def _worst(newest: CrashRate, versions: Iterable[CrashRate]) -> CrashRate:
    """The version that crashes most; all of them together where each has too few users."""
    known = (version for version in versions if version.users >= FEW)
    return max(known, key=lambda version: version.perceived, default=newest)


def _judgement(newest: CrashRate, worst: CrashRate, allowed: Limit, age: timedelta) -> tuple[Verdict, str]:
    """The verdict on the newest day and on the version that crashes most, and a sentence."""
    beyond = [rate for rate in (newest, worst) if allowed.verdict(100 * rate.perceived) is not Verdict.OK]
    verdict = Verdict.WARN if beyond else Verdict.OK
    limits = allowed.describe(allowed.verdict(100 * beyond[0].perceived) if beyond else Verdict.WARN)
    said = f"{100 * newest.perceived:.2f}% of {newest.users:,.0f} users had a crash"
    if beyond and worst.version:
        said += f", {100 * worst.perceived:.2f}% of those with version {worst.version}"
    return verdict, f"{said} ({limits}), in the day that ended {format_span(age)} ago."


def _table(newest: CrashRate, versions: Iterable[CrashRate]) -> EvidenceTable:
    """All versions together, then each, the most used first."""
    rows = [
        (
            rate.version or "all",
            f"{100 * rate.perceived:.2f}%",
            f"{100 * rate.crashed:.2f}%",
            f"{rate.users:,.0f}",
        )
        for rate in (newest, *sorted(versions, key=lambda version: -version.users))
    ]
    heads = ("version", "crash while in use", "any crash", "users")
    return EvidenceTable(heads, tuple(rows[:MAX_ROWS]), max(0, len(rows) - MAX_ROWS))


def _series(days: Sequence[CrashRate], allowed: Limit) -> tuple[ChartSeries, ...]:
    points = tuple((day.end, 100 * day.perceived) for day in reversed(days))
    threshold = allowed.bad if allowed.warn is None else allowed.warn
    return (ChartSeries("users who had a crash", points, "%", threshold),) if len(points) > 1 else ()


class GooglePlay:
    """One package: the account at Google, and TOCSIN_PLAY_PACKAGE."""

    def __init__(self, google: GoogleClient, package: str = "") -> None:
        self._google, self._package = google, package

    @property
    def configured(self) -> bool:
        """Whether there is a package to look at, and a key."""
        return bool(self._package) and self._google.configured

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """`play.crashes`. Raises Inconclusive."""
        if not self._package:
            said = "Google Play skipped: TOCSIN_PLAY_PACKAGE is not set."
            raise Inconclusive(
                UnknownCause.NOT_CONFIGURED,
                said,
                "Set it where Tocsin runs, or open the Play console's vitals.",
            )
        async with asyncio.TaskGroup() as group:
            whole = group.create_task(catch_inconclusive(self._google.fetch_crash_rates(self._package, by)))
            parted = group.create_task(
                catch_inconclusive(self._google.fetch_crash_rates(self._package, by, by_version=True))
            )
        days, versions = whole.result(), parted.result()
        if isinstance(days, Inconclusive):
            raise days
        # By version is only more detail.
        versions = () if isinstance(versions, Inconclusive) else versions
        return interpret(
            GooglePlaySnapshot(self._package, days, versions),
            question.now,
            question.began,
            question.thresholds,
        )
