"""Razorpay's payments: how many succeed, why others do not, which hang. Who paid and how much is never kept.

Shapes: razorpay.com/docs/api/payments/fetch-all-payments and .../payments/downtime/entity. A payment that hangs
stays `created` for ten minutes before it fails: the last ten minutes would look better than they are.
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
STUCK_LIMIT = Limit(">=", 5, 25)
A_PAGE, MOST_PAGES, SPARE = 100, 20, 0.7
GOOD = frozenset({"captured", "authorized", "refunded"})


@dataclass(frozen=True, slots=True)
class Payment:
    """What is kept of one: how it was made, how it ended and why not."""

    method: str
    status: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Payments:
    """Those of the settled window, the same window an hour before, and those that hang. `is_whole` when all were read.
    `downtimes` are Razorpay's own open ones, in words; None when they could not be read."""

    settled: tuple[Payment, ...]
    before: tuple[Payment, ...]
    stuck: int
    window: Window
    is_whole: bool = True
    downtimes: tuple[str, ...] | None = ()


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


def downtimes(listed: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Razorpay's open downtimes in words."""
    return tuple(
        f"{line(each['method'])}, severity {line(each.get('severity', 'unknown'))}"
        for each in listed
        if each["status"] == "started"
    )


def interpret(seen: Payments, question: Question) -> Finding:
    """The rate of those that came to an end, against the runbook's limit and the hour before."""
    ended = [each for each in seen.settled if each.status in GOOD or each.status == "failed"]
    if len(ended) < LEAST:
        said = f"Only {len(ended)} payments came to an end in 15 min: too few for a rate."
        if (trouble := _trouble(seen)) is not None:
            verdict, why = trouble
            return Finding(
                verdict,
                f"Only {len(ended)} payments came to an end in 15 min{why}.",
                question.now,
                measure=f"{len(ended)} payments",
                window=seen.window,
                table=_table(ended, seen),
                next_look=_next(ended, seen),
            )
        if len([each for each in seen.before if each.status in GOOD]) >= LEAST:
            usual = len(seen.before)
            return Finding(
                Verdict.BAD,
                f"Only {len(ended)} payments came to an end in 15 min; an hour before it were {usual}.",
                question.now,
                measure=f"{len(ended)} payments",
                window=seen.window,
                table=_table(ended, seen),
                next_look="Look whether customers reach the payment page at all.",
            )
        return replace(
            unknown(Cause.NO_DATA, said, question.now), window=seen.window, table=_table(ended, seen)
        )
    allowed = limit(question.thresholds, MEASURE, RATE)
    rate, earlier = _rate(ended), _rate(seen.before)
    verdict = allowed.verdict(rate)
    said = f"{rate:.0f}% of {len(ended)} payments succeed"
    said += f" ({allowed.said(verdict)})" if verdict is not Verdict.OK else ""
    said += f", {earlier:.0f}% an hour before" if len(seen.before) >= LEAST else ""
    if (trouble := _trouble(seen)) is not None:
        verdict = verdict if verdict is Verdict.BAD else trouble[0]
        said += trouble[1]
    if not seen.is_whole:
        said += f" (the newest {len(seen.settled)} only)"
    return Finding(
        verdict,
        f"{said}.",
        question.now,
        measure=f"{rate:.0f}%",
        window=seen.window,
        table=_table(ended, seen),
        age=question.now - seen.window.end,
        next_look="" if verdict is Verdict.OK else _next(ended, seen),
    )


def _trouble(seen: Payments) -> tuple[Verdict, str] | None:
    """What is wrong whatever the rate is: payments that hang, a downtime at Razorpay; the end of a sentence."""
    hanging = STUCK_LIMIT.verdict(seen.stuck)
    said = f"; {seen.stuck} hang for more than 3 min" if hanging is not Verdict.OK else ""
    if seen.downtimes:
        said += f"; Razorpay itself reports {seen.downtimes[0]} as down"
    if not said:
        return None
    return (Verdict.BAD if hanging is Verdict.BAD else Verdict.WARN), said


def _rate(listed: Sequence[Payment]) -> float:
    ended = [each for each in listed if each.status in GOOD or each.status == "failed"]
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
    rows += [("downtime", "", "", each) for each in seen.downtimes or ()]
    return Table(("method", "succeed", "payments", "why not"), tuple(rows))


def _reasons(listed: Sequence[Payment]) -> str:
    counted = Counter(each.reason for each in listed if each.status == "failed" and each.reason)
    return ", ".join(f"{reason} {count}×" for reason, count in counted.most_common(2))


def _next(ended: Sequence[Payment], seen: Payments) -> str:
    if seen.downtimes:
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
        """The payments of a window that has settled, and those that hang."""
        end = question.now - SETTLED
        window = Window(end - LENGTH, end)
        hour = timedelta(hours=1)
        settled, before, hanging, down = await asyncio.gather(
            self._payments(window.begin, window.end, by),
            self._payments(window.begin - hour, window.end - hour, by),
            self._payments(question.now - SETTLED - LENGTH, question.now - STUCK, by),
            tried(self._get("/v1/payments/downtimes", by)),
        )
        with understood(API):
            known = None if isinstance(down, CannotTell) else downtimes(items(down["items"]))
        seen = Payments(
            settled[0],
            before[0],
            sum(each.status == "created" for each in hanging[0]),
            window,
            settled[1],
            known,
        )
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
