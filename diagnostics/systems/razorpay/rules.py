"""Rules for payments: success rate, a failing method, hanging payments."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.check_request import CheckRequest
from bot.domain.diagnostic_run import Suspect
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import Finding, TimeWindow, UnknownCause, Verdict, build_unknown_finding
from diagnostics.analysis.thresholds import Limit, find_limit
from diagnostics.clients.response_parsing import clean_line

LEAST = 20
"""Payments below which a rate says nothing."""

LEAST_OF_METHOD = 10
"""Payments of one method below which its rate says nothing."""

METHODS = {"upi": "UPI", "emi": "EMI", "cardless_emi": "Cardless EMI", "paylater": "Pay Later"}
"""Methods whose names are not just capitalised."""

RATE = Limit("<", 90, 70, "%")
MEASURE = re.compile(r"success", re.I)
STUCK_LIMIT, STUCK_SHARE = Limit(">=", 5, 25), Limit(">=", 10, 30, "%")
"""Payments that hang, and their share: a few of many are people who went away."""

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
    window: TimeWindow
    is_whole: bool = True
    downtimes: tuple[Downtime, ...] | None = ()


def parse_payments(listed: Sequence[Mapping[str, Any]]) -> tuple[Payment, ...]:
    """Items of the API, without persons and amounts."""
    return tuple(
        Payment(
            clean_line(payment["method"]),
            str(payment["status"]),
            clean_line(payment.get("error_reason") or payment.get("error_code") or ""),
            datetime.fromtimestamp(int(payment["created_at"]), UTC),
        )
        for payment in listed
    )


def parse_downtimes(listed: Sequence[Mapping[str, Any]]) -> tuple[Downtime, ...]:
    """Razorpay's open downtimes, the worst first."""
    found = []
    for downtime in listed:
        if downtime["status"] in OPEN:
            told = downtime.get("instrument") or {}
            names = ("bank", "issuer", "network", "psp", "vpa_handle", "wallet")
            named = next((clean_line(told[name]) for name in names if isinstance(told.get(name), str)), "")
            where = clean_line(downtime["method"]) + (f" ({named})" if named else "")
            found.append(Downtime(where, clean_line(downtime.get("severity") or "high").casefold()))
    return tuple(
        sorted(
            found,
            key=lambda downtime: (
                SEVERITIES.index(downtime.severity) if downtime.severity in SEVERITIES else 0
            ),
        )
    )


def interpret(seen: Payments, question: CheckRequest) -> Finding:
    """The rate of those that came to an end, against the runbook's limit and the hour before; now comes first."""
    ended = _select_ended(seen.settled)
    allowed = find_limit(question.thresholds, MEASURE, RATE)
    now = _now(seen, allowed)
    judged = _judgement(seen, ended, allowed, now)
    if judged is None:
        said = f"{_describe_completed(ended)}: too few for a rate."
        return replace(
            build_unknown_finding(UnknownCause.NO_DATA, said, question.now),
            window=seen.window,
            table=_table(ended, seen),
        )
    verdict, said, measure = judged
    if failing := _failing_method(seen, allowed):
        verdict, said = Verdict.BAD, f"{failing}. All: {said}"
    all_ended = [*ended, *_select_ended(seen.recent)]
    return Finding(
        verdict,
        f"{said}.",
        question.now,
        measure=measure,
        window=TimeWindow(seen.window.begin, question.now) if now else seen.window,
        table=_table(all_ended if now else ended, seen),
        age=timedelta() if now else question.now - seen.window.end,
        next_look="" if verdict is Verdict.OK else _next(all_ended, seen),
        suspect=_suspect(seen) if verdict is Verdict.BAD else None,
    )


def _judgement(
    seen: Payments, ended: Sequence[Payment], allowed: Limit, now: tuple[str, str] | None
) -> tuple[Verdict, str, str] | None:
    """The verdict, the sentence and the short value; None where too few payments ended to say anything."""
    trouble = _trouble(seen)
    count = f"{len(ended)} payment{'' if len(ended) == 1 else 's'}"
    if now:
        return Verdict.BAD, now[0] + (trouble[1] if trouble else ""), now[1]
    if len(ended) >= LEAST:
        return *_judge_settled(seen, ended, allowed, trouble), f"{_rate(ended):.0f}%"
    if trouble is not None:
        return trouble[0], f"{_describe_completed(ended)}{trouble[1]}", count
    if sum(payment.status in GOOD for payment in seen.before) >= LEAST:
        said = f"{_describe_completed(ended)}; an hour earlier there were {len(seen.before)}"
        return Verdict.BAD, said, count
    return None


def _suspect(seen: Payments) -> Suspect | None:
    """Razorpay, when it says so itself."""
    if not (grave := [downtime for downtime in seen.downtimes or () if downtime.severity != "low"]):
        return None
    return Suspect("vendor", "Razorpay", f"it reports {grave[0].where} as down")


def _describe_completed(ended: Sequence[Payment]) -> str:
    """How few ended, as the beginning of a sentence."""
    if not ended:
        return "No payment was completed in 15 min"
    return f"Only {len(ended)} payment{'s' * (len(ended) > 1)} ended in 15 min"


def _failing_method(seen: Payments, allowed: Limit) -> str:
    """The method that fails while the others do not, in a sentence without its full stop; empty where there is none.

    What fails now but not an hour ago counts: some methods are always worse than others.
    """
    pools = (_by_method(_select_ended(seen.recent)), _by_method(_select_ended(seen.settled)))
    earlier = _by_method(_select_ended(seen.before))
    for by_method in pools:
        for method, own in sorted(by_method.items(), key=lambda item: _rate(item[1])):
            others = [payment for name, listed in by_method.items() if name != method for payment in listed]
            if _fails(own, others, earlier.get(method, []), allowed):
                name = METHODS.get(method, method.capitalize())
                return f"{name} fails: {_rate(own):.0f}% of {len(own)} payments succeed{_why(own)}"
    return ""


def _fails(
    own: Sequence[Payment], others: Sequence[Payment], before: Sequence[Payment], allowed: Limit
) -> bool:
    """Whether one method is bad, far worse than the others, and not so an hour ago already."""
    if len(own) < LEAST_OF_METHOD or allowed.verdict(_rate(own)) is not Verdict.BAD or not others:
        return False
    is_usual = len(before) >= LEAST_OF_METHOD and _rate(own) >= _rate(before) / 2
    return _rate(own) <= _rate(others) / 2 and not is_usual


def _why(own: Iterable[Payment]) -> str:
    reasons = Counter(payment.reason for payment in own if payment.status == "failed" and payment.reason)
    return f", most fail with {reasons.most_common(1)[0][0]}" if reasons else ""


def _judge_settled(
    seen: Payments, ended: Sequence[Payment], allowed: Limit, trouble: tuple[Verdict, str] | None
) -> tuple[Verdict, str]:
    rate = _rate(ended)
    verdict = allowed.verdict(rate)
    said = f"{rate:.0f}% of {len(ended)} payments succeed"
    said += f" ({allowed.describe(verdict)})" if verdict is not Verdict.OK else ""
    said += f", {_rate(seen.before):.0f}% an hour before" if len(seen.before) >= LEAST else ""
    if trouble is not None:
        verdict = min(verdict, trouble[0], key=ORDER.index)
        said += trouble[1]
    return verdict, said + ("" if seen.is_whole else f" (the newest {len(seen.settled)} only)")


def _now(seen: Payments, allowed: Limit) -> tuple[str, str] | None:
    """What is bad before it has settled, and the short value; None when nothing is known to be."""
    if not seen.recent and len(seen.settled) >= LEAST:
        before = len(seen.settled)
        return (
            f"Nobody has begun a payment for 10 min; in the 15 min before there were {before}",
            "0 payments",
        )
    recent, earlier = _select_ended(seen.recent), _select_ended(seen.settled)
    has_earlier = len(earlier) >= LEAST
    pool, span = (recent, 10) if has_earlier or len(recent) >= LEAST else ([*earlier, *recent], 25)
    rate = _rate(pool)
    if (
        len(pool) < LEAST
        or allowed.verdict(rate) is not Verdict.BAD
        or (has_earlier and rate >= _rate(earlier))
    ):
        return None
    said = f"{rate:.0f}% of {len(pool)} payments of the last {span} min succeed ({allowed.describe(Verdict.BAD)})"
    return said + (f", {_rate(earlier):.0f}% of those before" if has_earlier else ""), f"{rate:.0f}%"


def _trouble(seen: Payments) -> tuple[Verdict, str] | None:
    """What is wrong whatever the rate is: payments that hang, a downtime at Razorpay; the end of a sentence."""
    share = 100 * seen.stuck / max(1, seen.stuck + len(_select_ended(seen.settled)))
    hanging = max(STUCK_LIMIT.verdict(seen.stuck), STUCK_SHARE.verdict(share), key=ORDER.index)
    said = f"; {seen.stuck} hang for more than 3 min ({share:.0f}%)" if hanging is not Verdict.OK else ""
    if grave := [downtime for downtime in seen.downtimes or () if downtime.severity != "low"]:
        said += f"; Razorpay itself reports {grave[0].where} as down, severity {grave[0].severity}"
    if not said:
        return None
    return (Verdict.BAD if hanging is Verdict.BAD else Verdict.WARN), said


def _select_ended(listed: Sequence[Payment]) -> list[Payment]:
    return [payment for payment in listed if payment.status in GOOD or payment.status == "failed"]


def _by_method(ended: Iterable[Payment]) -> dict[str, list[Payment]]:
    found: dict[str, list[Payment]] = {}
    for payment in ended:
        found.setdefault(payment.method, []).append(payment)
    return found


def _rate(listed: Sequence[Payment]) -> float:
    ended = _select_ended(listed)
    return 100.0 * sum(payment.status in GOOD for payment in ended) / len(ended) if ended else 0.0


def _table(ended: Sequence[Payment], seen: Payments) -> EvidenceTable:
    rows = [
        (method, f"{_rate(listed):.0f}%", str(len(listed)), _reasons(listed))
        for method, listed in sorted(_by_method(ended).items(), key=lambda item: _rate(item[1]))
    ]
    rows.append(("hanging", "", str(seen.stuck), "created more than 3 min ago"))
    if seen.downtimes is None:
        rows.append(("downtime", "", "", "could not be read"))
    rows += [
        ("downtime", "", "", f"{downtime.where}, severity {downtime.severity}")
        for downtime in seen.downtimes or ()
    ]
    return EvidenceTable(("method", "succeed", "payments", "why not"), tuple(rows))


def _reasons(listed: Sequence[Payment]) -> str:
    counted = Counter(payment.reason for payment in listed if payment.status == "failed" and payment.reason)
    return ", ".join(f"{reason} {count}×" for reason, count in counted.most_common(2))


def _next(ended: Sequence[Payment], seen: Payments) -> str:
    if any(downtime.severity != "low" for downtime in seen.downtimes or ()):
        return "The fault is at Razorpay or a bank: offer another payment method."
    reasons = Counter(payment.reason for payment in ended if payment.status == "failed")
    return f"Most fail with {reasons.most_common(1)[0][0]}." if reasons else "Check the webhooks."
