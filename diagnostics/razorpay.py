"""Razorpay's payments: how many succeed, why others do not, which hang. Who paid and how much is never kept.

Shapes: razorpay.com/docs/api/payments/fetch-all-payments and .../payments/downtime/entity. A payment that hangs
stays `created` for ten minutes before it fails: the last ten minutes look better than they are. So they are never a
reason to be calm, but what fails even there, or does not come any more, is told before it has settled.
"""

import asyncio
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.step import Action
from diagnostics.answers import items, line, tried, understood
from diagnostics.finding import CannotTell, Cause, Finding, Table, Verdict, Window, unknown
from diagnostics.limits import Limit, limit
from diagnostics.question import Question
from diagnostics.web import Web, checked

API = "https://api.razorpay.com"
DASHBOARD = "https://dashboard.razorpay.com/app/payments"
SETTLED, LENGTH = timedelta(minutes=10), timedelta(minutes=15)
STUCK = timedelta(minutes=3)
LEAST = 20
"""Payments below which a rate says nothing."""

RATE = Limit("<", 90, 70, "%")
MEASURE = re.compile(r"success", re.I)
STUCK_LIMIT, STUCK_SHARE = Limit(">=", 5, 25), Limit(">=", 10, 30, "%")
"""Payments that hang, and their share: a few of many are people who went away."""

A_PAGE, MOST_PAGES, SPARE = 100, 20, 0.7
GOOD = frozenset({"captured", "authorized", "refunded"})
OPEN = frozenset({"started", "updated"})
"""States of a downtime that has not ended; `updated` is one whose severity changed."""

SEVERITIES = ("high", "medium", "low")
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK)


@dataclass(frozen=True, slots=True)
class Payment:
    """What is kept of one: how it was made, how it ended and why not."""

    method: str
    status: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Downtime:
    """One that Razorpay itself reports: where, and how bad it is (`high`, `medium`, `low`)."""

    where: str
    severity: str


@dataclass(frozen=True, slots=True)
class Payments:
    """Those of the settled window, of the time since, and of the same window an hour before; how many hang.

    `is_whole` when all of the window were read. `downtimes` are the open ones, None when they could not be read.
    """

    settled: tuple[Payment, ...]
    recent: tuple[Payment, ...]
    before: tuple[Payment, ...]
    stuck: int
    window: Window
    is_whole: bool = True
    downtimes: tuple[Downtime, ...] | None = ()


def payments(listed: Sequence[Mapping[str, Any]]) -> tuple[Payment, ...]:
    """Items of the API, without persons and amounts."""
    return tuple(
        Payment(
            line(each["method"]),
            str(each["status"]),
            line(each.get("error_reason") or each.get("error_code") or ""),
            datetime.fromtimestamp(int(each["created_at"]), UTC),
        )
        for each in listed
    )


def downtimes(listed: Sequence[Mapping[str, Any]]) -> tuple[Downtime, ...]:
    """Razorpay's open downtimes, the worst first."""
    found = []
    for each in listed:
        if each["status"] in OPEN:
            told = each.get("instrument") or {}
            names = ("bank", "issuer", "network", "psp", "vpa_handle", "wallet")
            named = next((line(told[name]) for name in names if isinstance(told.get(name), str)), "")
            where = line(each["method"]) + (f" ({named})" if named else "")
            found.append(Downtime(where, line(each.get("severity") or "high").casefold()))
    return tuple(
        sorted(found, key=lambda each: SEVERITIES.index(each.severity) if each.severity in SEVERITIES else 0)
    )


def interpret(seen: Payments, question: Question) -> Finding:
    """The rate of those that came to an end, against the runbook's limit and the hour before; now comes first."""
    ended = _ended(seen.settled)
    allowed = limit(question.thresholds, MEASURE, RATE)
    trouble, now = _trouble(seen), _now(seen, allowed)
    count = f"{len(ended)} payments"
    if now:
        verdict, said, measure = Verdict.BAD, now[0] + (trouble[1] if trouble else ""), now[1]
    elif len(ended) >= LEAST:
        verdict, said = _settled(seen, ended, allowed, trouble)
        measure = f"{_rate(ended):.0f}%"
    elif trouble is not None:
        verdict, said, measure = trouble[0], f"Only {count} came to an end in 15 min{trouble[1]}", count
    elif len([each for each in seen.before if each.status in GOOD]) >= LEAST:
        usual = len(seen.before)
        said = f"Only {count} came to an end in 15 min; an hour before it were {usual}"
        verdict, measure = Verdict.BAD, count
    else:
        said = f"Only {count} came to an end in 15 min: too few for a rate."
        return replace(
            unknown(Cause.NO_DATA, said, question.now), window=seen.window, table=_table(ended, seen)
        )
    return Finding(
        verdict,
        f"{said}.",
        question.now,
        measure=measure,
        window=Window(seen.window.begin, question.now) if now else seen.window,
        table=_table([*ended, *_ended(seen.recent)] if now else ended, seen),
        age=timedelta() if now else question.now - seen.window.end,
        next_look="" if verdict is Verdict.OK else _next([*ended, *_ended(seen.recent)], seen),
    )


def _settled(
    seen: Payments, ended: Sequence[Payment], allowed: Limit, trouble: tuple[Verdict, str] | None
) -> tuple[Verdict, str]:
    rate = _rate(ended)
    verdict = allowed.verdict(rate)
    said = f"{rate:.0f}% of {len(ended)} payments succeed"
    said += f" ({allowed.said(verdict)})" if verdict is not Verdict.OK else ""
    said += f", {_rate(seen.before):.0f}% an hour before" if len(seen.before) >= LEAST else ""
    if trouble is not None:
        verdict = min(verdict, trouble[0], key=ORDER.index)
        said += trouble[1]
    return verdict, said + ("" if seen.is_whole else f" (the newest {len(seen.settled)} only)")


def _now(seen: Payments, allowed: Limit) -> tuple[str, str] | None:
    """What is bad before it has settled, and the short value; None when nothing is known to be."""
    if not seen.recent and len(seen.settled) >= LEAST:
        before = len(seen.settled)
        return f"Nobody has begun a payment for 10 min; in the 15 min before it were {before}", "0 payments"
    recent, earlier = _ended(seen.recent), _ended(seen.settled)
    has_earlier = len(earlier) >= LEAST
    pool, span = (recent, 10) if has_earlier or len(recent) >= LEAST else ([*earlier, *recent], 25)
    rate = _rate(pool)
    if (
        len(pool) < LEAST
        or allowed.verdict(rate) is not Verdict.BAD
        or (has_earlier and rate >= _rate(earlier))
    ):
        return None
    said = f"{rate:.0f}% of {len(pool)} payments of the last {span} min succeed ({allowed.said(Verdict.BAD)})"
    return said + (f", {_rate(earlier):.0f}% of those before" if has_earlier else ""), f"{rate:.0f}%"


def _trouble(seen: Payments) -> tuple[Verdict, str] | None:
    """What is wrong whatever the rate is: payments that hang, a downtime at Razorpay; the end of a sentence."""
    share = 100 * seen.stuck / max(1, seen.stuck + len(_ended(seen.settled)))
    hanging = max(STUCK_LIMIT.verdict(seen.stuck), STUCK_SHARE.verdict(share), key=ORDER.index)
    said = f"; {seen.stuck} hang for more than 3 min ({share:.0f}%)" if hanging is not Verdict.OK else ""
    if grave := [each for each in seen.downtimes or () if each.severity != "low"]:
        said += f"; Razorpay itself reports {grave[0].where} as down, severity {grave[0].severity}"
    if not said:
        return None
    return (Verdict.BAD if hanging is Verdict.BAD else Verdict.WARN), said


def _ended(listed: Sequence[Payment]) -> list[Payment]:
    return [each for each in listed if each.status in GOOD or each.status == "failed"]


def _rate(listed: Sequence[Payment]) -> float:
    ended = _ended(listed)
    return 100.0 * sum(each.status in GOOD for each in ended) / len(ended) if ended else 0.0


def _table(ended: Sequence[Payment], seen: Payments) -> Table:
    by_method: dict[str, list[Payment]] = {}
    for each in ended:
        by_method.setdefault(each.method, []).append(each)
    rows = [
        (method, f"{_rate(listed):.0f}%", str(len(listed)), _reasons(listed))
        for method, listed in sorted(by_method.items(), key=lambda item: _rate(item[1]))
    ]
    rows.append(("hanging", "", str(seen.stuck), "created more than 3 min ago"))
    if seen.downtimes is None:
        rows.append(("downtime", "", "", "could not be read"))
    rows += [("downtime", "", "", f"{each.where}, severity {each.severity}") for each in seen.downtimes or ()]
    return Table(("method", "succeed", "payments", "why not"), tuple(rows))


def _reasons(listed: Sequence[Payment]) -> str:
    counted = Counter(each.reason for each in listed if each.status == "failed" and each.reason)
    return ", ".join(f"{reason} {count}×" for reason, count in counted.most_common(2))


def _next(ended: Sequence[Payment], seen: Payments) -> str:
    if any(each.severity != "low" for each in seen.downtimes or ()):
        return "It is at Razorpay or a bank: offer another method."
    reasons = Counter(each.reason for each in ended if each.status == "failed")
    return f"Most fail with {reasons.most_common(1)[0][0]}." if reasons else "Look at the webhooks."


class Razorpay:
    """Made of the bot's HTTP client and an API key."""

    def __init__(self, web: Web, key: str = "", secret: str = "") -> None:
        self._web, self._key, self._secret = web, key, secret

    def lacks(self, action: Action) -> str:
        """What is not configured, in a sentence."""
        if self._key and self._secret:
            return ""
        missing = "RAZORPAY_KEY_ID" if not self._key else "RAZORPAY_KEY_SECRET"
        return f"Razorpay is not asked: {missing} is not set. Look at {DASHBOARD}."

    async def look(self, question: Question, by: float) -> Finding:
        """The payments of a window that has settled, of the minutes since, and those that hang."""
        now, end, hour = question.now, question.now - SETTLED, timedelta(hours=1)
        window = Window(end - LENGTH, end)
        settled, recent, before, down = await asyncio.gather(
            self._payments(window.begin, end, by),
            self._payments(end, now, by),
            self._payments(window.begin - hour, end - hour, by),
            tried(self._get("/v1/payments/downtimes", by)),
        )
        with understood(API):
            known = None if isinstance(down, CannotTell) else downtimes(items(down["items"]))
        began = [*settled[0], *recent[0]]
        stuck = sum(each.status == "created" and each.at <= now - STUCK for each in began)
        seen = Payments(settled[0], recent[0], before[0], stuck, window, settled[1], known)
        return replace(interpret(seen, question), link=DASHBOARD)

    async def _payments(self, begin: datetime, end: datetime, by: float) -> tuple[tuple[Payment, ...], bool]:
        """The payments of a window, the newest first, and whether these are all of them."""
        found: list[Payment] = []
        for number in range(MOST_PAGES):
            span = f"from={int(begin.timestamp())}&to={int(end.timestamp())}"
            answer = await self._get(f"/v1/payments?{span}&count={A_PAGE}&skip={number * A_PAGE}", by)
            with understood(API):
                listed = payments(items(answer["items"]))
            found += listed
            if len(listed) < A_PAGE:
                return tuple(found), True
            if asyncio.get_running_loop().time() > by - SPARE:
                break
        return tuple(found), False

    async def _get(self, path: str, by: float) -> Any:
        pair = b64encode(f"{self._key}:{self._secret}".encode()).decode()
        answer = await self._web.ask("GET", API + path, by, headers={"Authorization": f"Basic {pair}"})
        return checked(answer, "Look at RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET.").json()
