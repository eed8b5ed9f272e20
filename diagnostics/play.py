"""Google Play's crash rate: a day old at best, so it warns and never alarms, and never says that all is well now.

Shapes and their sources stand in `diagnostics.google`.
"""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.step import Threshold
from diagnostics.answers import spoken, tried
from diagnostics.finding import CannotTell, Cause, Finding, Series, Table, Verdict, Window
from diagnostics.google import DAYS, Google, Rate
from diagnostics.limits import Limit, limit
from diagnostics.question import Question

CRASHES = Limit(">", 1.09, None, "%")
"""From 1.09% of daily users on Google Play counts an app among those that behave badly."""

MEASURE = re.compile(r"crash(?!.{0,3}free)", re.I)
FEW = 100
"""Versions with fewer users a day say nothing."""

MOST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The days of a package, and the newest day by version; the newest first."""

    package: str
    days: tuple[Rate, ...]
    versions: tuple[Rate, ...] = ()


def interpret(
    seen: Snapshot, now: datetime, began: datetime | None, told: Iterable[Threshold] = ()
) -> Finding:
    """The judgement at `now`: warn at most. Raises CannotTell when there is no day."""
    if not seen.days:
        said = f"Google Play shows no crash rate of {seen.package}: too few people use it, or it is not the package."
        raise CannotTell(Cause.NO_DATA, said, "Look at TOCSIN_PLAY_PACKAGE.")
    allowed, newest = limit(told, MEASURE, CRASHES), seen.days[0]
    versions = [each for each in seen.versions if each.end == newest.end]
    worst = max(
        (each for each in versions if each.users >= FEW), key=lambda each: each.perceived, default=newest
    )
    share, age = 100 * newest.perceived, now - newest.end
    beyond = [each for each in (newest, worst) if allowed.verdict(100 * each.perceived) is not Verdict.OK]
    verdict, cause = (Verdict.WARN, None) if beyond else (Verdict.OK, None)
    said = f"{share:.2f}% of {newest.users:,.0f} users met a crash"
    limits = allowed.said(allowed.verdict(100 * beyond[0].perceived) if beyond else Verdict.WARN)
    if beyond and worst.version:
        said += f", {100 * worst.perceived:.2f}% of those with version {worst.version}"
    said += f" ({limits}), in the day that ended {spoken(age)} ago."
    if not beyond and began is not None and newest.end < began:
        verdict, cause = Verdict.UNKNOWN, Cause.NO_DATA
        said += " That was before the incident began."
    first = min(each.end for each in seen.days)
    points = tuple((each.end, 100 * each.perceived) for each in reversed(seen.days))
    threshold = allowed.bad if allowed.warn is None else allowed.warn
    rows = [(each.version or "all", f"{100 * each.perceived:.2f}%", f"{100 * each.crashed:.2f}%", f"{each.users:,.0f}")
            for each in (newest, *sorted(versions, key=lambda each: -each.users))]  # fmt: skip
    heads = ("version", "met a crash using it", "any crash", "users")
    return Finding(
        verdict,
        said,
        now,
        cause,
        measure=f"{share:.2f}%",
        table=Table(heads, tuple(rows[:MOST_ROWS]), max(0, len(rows) - MOST_ROWS)),
        series=(Series("users who met a crash", points, "%", threshold),) if len(points) > 1 else (),
        link="https://play.google.com/console/developers/app/vitals/crashes",
        window=Window(first, newest.end) if first < newest.end else Window(newest.end - DAYS, newest.end),
        age=age,
        next_look="Crashlytics and Sentry are newer: look there." if verdict is not Verdict.OK else "",
    )


class Play:
    """One package: the account at Google, and TOCSIN_PLAY_PACKAGE."""

    def __init__(self, google: Google, package: str = "") -> None:
        self._google, self._package = google, package

    @property
    def configured(self) -> bool:
        """Whether there is a package to look at, and a key."""
        return bool(self._package) and self._google.configured

    async def look(self, question: Question, by: float) -> Finding:
        """`play.crashes`. Raises CannotTell."""
        if not self._package:
            said = "Google Play is not asked: TOCSIN_PLAY_PACKAGE is not set."
            raise CannotTell(
                Cause.NOT_CONFIGURED, said, "Set it where Tocsin runs, or open the Play console's vitals."
            )
        async with asyncio.TaskGroup() as group:
            whole = group.create_task(tried(self._google.rates(self._package, by)))
            parted = group.create_task(tried(self._google.rates(self._package, by, by_version=True)))
        days, versions = whole.result(), parted.result()
        if isinstance(days, CannotTell):
            raise days
        # By version is only more detail.
        versions = () if isinstance(versions, CannotTell) else versions
        return interpret(
            Snapshot(self._package, days, versions), question.now, question.began, question.thresholds
        )
