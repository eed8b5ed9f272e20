"""What arrives at the load balancer: requests against the hour before, the share of 5xx, and how long answers take.

A metric that counts has no point for a minute in which it counted nothing, and the newest minute comes late:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.step import AwsCall, Threshold
from diagnostics.aws import Aws, console
from diagnostics.finding import CannotTell, Cause, Finding, Series, Table, Verdict, Window, unknown
from diagnostics.limits import Limit, limit
from diagnostics.metrics import (
    MINUTE,
    MOST_POINTS,
    Metric,
    Points,
    Reading,
    as_command,
    console_path,
    metric,
    number,
    read,
)
from diagnostics.question import Question

NOW_MINUTES, LATE = 5, MINUTE
"""How many of the last minutes are judged; the newest is still being counted."""

BEFORE = timedelta(hours=1)
FARTHEST = MOST_POINTS * MINUTE - BEFORE
"""So long ago the incident may have begun for its own hour before to be read minute by minute."""

ERRORS = Limit(">", 1, 5, "%")
LESS = Limit("<", 50, 10, "%")
MORE = Limit(">", 300, None, "%")
P95 = Limit(">", 1, None, "s")
"""The share of 5xx; requests now in per cent of the hour before, too few and too many; how long an answer takes."""

FEWEST = 20
"""Of fewer requests than these no share is bad, and an hour with fewer a minute than a tenth of it says nothing."""

ERROR_WORDS = re.compile(
    r"error.{0,20}rate|\b5xx\b|\b50[0-9]\b|(?:request|call)s?.{0,20}\bfail|\bfail\w*.{0,20}\b(?:request|call)"
    r"|^fail\w*(?: rate)?$",
    re.IGNORECASE,
)
SHARE_WORDS = re.compile(r"rate|share|ratio|per.?cent", re.IGNORECASE)
"""With one of these a number without a unit is one in a hundred, else a number of errors."""

P95_WORDS = re.compile(r"\bp9[059]\b|latency|response.?time", re.IGNORECASE)

COUNTS = ("RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count")
TIME = "TargetResponseTime"
ORDER = (Verdict.OK, Verdict.WARN, Verdict.BAD)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was counted: by minute requests, and answers of 5xx by targets and by the balancer itself; `p95` in seconds.
    `now` is judged, `before` it is compared with."""

    name: str
    now: Window
    before: Window
    requests: Mapping[datetime, float]
    by_targets: Mapping[datetime, float]
    by_balancer: Mapping[datetime, float]
    p95: Points
    partial: bool = False

    def sums(self, window: Window) -> tuple[float, float, float]:
        """All that asked, those answered 5xx by targets, and by the balancer; of those that no target was chosen for
        the balancer counts the error and not the request."""
        requests, targets, balancer = (
            sum(value for at, value in each.items() if window.begin <= at < window.end)
            for each in (self.requests, self.by_targets, self.by_balancer)
        )
        return max(requests, targets + balancer), targets, balancer


class LoadBalancer:
    """One Application Load Balancer, by the name that CloudWatch has for it: `app/backend/50dc6c495c0c9188`; empty when
    none is configured."""

    def __init__(self, aws: Aws, name: str) -> None:
        self._aws, self._name = aws, name

    def lacks(self) -> str:
        """What is not configured, in a sentence; empty when it can be asked."""
        if not self._name:
            return "The load balancer is not asked: TOCSIN_LOAD_BALANCER is not set."
        return self._aws.lacks(AwsCall("cloudwatch", "GetMetricData", {}))

    async def look(self, question: Question, by: float) -> Finding:
        """Read the last minutes and the hour before, then judge. Raises CannotTell."""
        if lacking := self.lacks():
            look = "Set it to the end of the load balancer's ARN, app/name/id, or open CloudWatch."
            raise CannotTell(Cause.NOT_CONFIGURED, lacking, look)
        like = AwsCall("cloudwatch", "GetMetricData", {})
        now, before = windows(question)
        end = now.end
        named = {name: _metric(self._name, name) for name in (*COUNTS, TIME)}
        wanted = [(named[name], "Sum") for name in COUNTS] + [(named[TIME], "p95")]
        reading = await read(self._aws, like, wanted, Window(before.begin, end), question.now, by)
        found = interpret(snapshot(self._name, reading, now, before), question)
        region = self._aws.region_of(like)
        link = console(region, console_path(region, named.values(), Window(before.begin, end)))
        command = as_command(named["RequestCount"], "Sum", Window(before.begin, end))
        return replace(found, link=link, command=question.command or command)


def windows(question: Question) -> tuple[Window, Window]:
    """What is judged, and the hour that it is compared with: that before the incident, as long as minutes reach so far
    back, else the one right before."""
    end = question.now.replace(second=0, microsecond=0) - LATE
    now = Window(end - NOW_MINUTES * MINUTE, end)
    began = (question.began or now.begin).replace(second=0, microsecond=0)
    ends = began if end - FARTHEST <= began <= now.begin else now.begin
    return now, Window(ends - BEFORE, ends)


def _metric(balancer: str, name: str) -> Metric:
    return metric("AWS/ApplicationELB", name, LoadBalancer=balancer)


def snapshot(name: str, reading: Reading, now: Window, before: Window) -> Traffic:
    """What was read as values."""
    requests, targets, balancer = (dict(reading.of(_metric(name, each), "Sum")) for each in COUNTS)
    p95 = reading.of(_metric(name, TIME), "p95")
    return Traffic(name, now, before, requests, targets, balancer, p95, reading.partial)


def interpret(seen: Traffic, question: Question) -> Finding:
    """The judgement; a balancer that nothing ever arrived at is not known."""
    window = Window(seen.before.begin, seen.now.end)
    total, targets, balancer = seen.sums(seen.now)
    earlier, *_ = seen.sums(seen.before)
    if not total and not earlier:
        said = f"CloudWatch has no request of {seen.name} in the last hour."
        look = "Look at TOCSIN_LOAD_BALANCER (app/name/id), at the region, and whether anything points at it."
        return replace(unknown(Cause.NO_DATA, said, question.now, look), window=window)
    if not total and seen.partial:
        said = "CloudWatch did not give all points, and none of the last minutes."
        return replace(unknown(Cause.NO_DATA, said, question.now, "Ask again."), window=window)
    usual, rate = earlier / (BEFORE / MINUTE), total / NOW_MINUTES
    found = [
        _requests(rate, usual),
        _errors(total, targets, balancer, question.thresholds),
        *_slow(seen, question.thresholds),
    ]
    verdict = max((each for each, _ in found), key=ORDER.index)
    said = " ".join(words for each, words in found if each is verdict)
    share = 100 * (targets + balancer) / total if total else 0.0
    errors_limit = _allowed(question.thresholds)
    newest = max((at for at in (*seen.requests, *seen.by_balancer)), default=None)
    return Finding(
        verdict,
        said,
        question.now,
        measure=f"{number(rate, '')}/min, {share:.1f}% 5xx",
        table=_table(seen, rate, usual),
        series=_series(seen, errors_limit, _time_allowed(question.thresholds)),
        window=window,
        age=max(question.now - newest - MINUTE, timedelta()) if newest else None,
        next_look=_next(verdict, total, targets, balancer),
    )


def _requests(rate: float, usual: float) -> tuple[Verdict, str]:
    if not rate:
        none = (
            f"No request arrives: none in {NOW_MINUTES} min, {number(usual, '')} a minute in the hour before"
        )
        few = usual < FEWEST / 10
        return (Verdict.WARN, f"{none}, too few to tell.") if few else (Verdict.BAD, f"{none}.")
    said = f"{number(rate, '')} requests a minute, {number(usual, '')} in the hour before"
    if usual < FEWEST / 10:
        return Verdict.OK, f"{said}."
    part = 100 * rate / usual
    for each in (LESS, MORE):
        if (verdict := each.verdict(part)) is not Verdict.OK:
            return verdict, f"{said}: {part:.0f}% ({each.said(verdict)})."
    return Verdict.OK, f"{said}."


def _errors(
    total: float, targets: float, balancer: float, told: tuple[Threshold, ...]
) -> tuple[Verdict, str]:
    if not total:
        return Verdict.OK, ""
    share, allowed = 100 * (targets + balancer) / total, _allowed(told)
    verdict = allowed.verdict(share)
    if verdict is Verdict.BAD and total < FEWEST:
        verdict = Verdict.WARN
    whose = "by the load balancer itself" if balancer > targets else "by the service"
    words = f" ({allowed.said(verdict)}), most of them {whose}" if verdict is not Verdict.OK else ""
    return verdict, f"{share:.1f}% of {total:,.0f} requests in {NOW_MINUTES} min were answered 5xx{words}."


def _allowed(told: tuple[Threshold, ...]) -> Limit:
    shares = (each for each in told if each.unit or not each.metric or SHARE_WORDS.search(each.metric))
    return limit(shares, ERROR_WORDS, ERRORS)


def _time_allowed(told: tuple[Threshold, ...]) -> Limit:
    """Times without a unit are milliseconds, as people write them."""
    return limit((replace(each, unit=each.unit or "ms") for each in told), P95_WORDS, P95)


def _slow(seen: Traffic, told: tuple[Threshold, ...]) -> list[tuple[Verdict, str]]:
    values = [value for at, value in seen.p95 if seen.now.begin <= at < seen.now.end]
    if not values:
        return []
    value, allowed = sorted(values)[len(values) // 2], _time_allowed(told)
    verdict = allowed.verdict(value)
    words = f" ({allowed.said(verdict)})" if verdict is not Verdict.OK else ""
    return [(verdict, f"p95 of answers: {number(value, 's')}{words}.")]


def _table(seen: Traffic, rate: float, usual: float) -> Table:
    def a_minute(each: Mapping[datetime, float], window: Window) -> str:
        counted = sum(value for at, value in each.items() if window.begin <= at < window.end)
        return number(counted / ((window.end - window.begin) / MINUTE), "")

    def p95(window: Window) -> str:
        values = sorted(value for at, value in seen.p95 if window.begin <= at < window.end)
        return number(values[len(values) // 2], "s") if values else ""

    windows = (seen.now, seen.before)
    return Table(
        ("a minute", f"last {NOW_MINUTES} min", "hour before"),
        (
            ("requests", number(rate, ""), number(usual, "")),
            ("5xx by the service", *(a_minute(seen.by_targets, each) for each in windows)),
            ("5xx by the balancer", *(a_minute(seen.by_balancer, each) for each in windows)),
            ("p95", *(p95(each) for each in windows)),
        ),
    )


def _series(seen: Traffic, errors: Limit, slow: Limit) -> tuple[Series, ...]:
    first, minutes = seen.before.begin, int((seen.now.end - seen.before.begin) / MINUTE)
    instants = [first + MINUTE * each for each in range(minutes)]
    first_minute = [Window(at, at + MINUTE) for at in instants]
    sums = [(each.begin, seen.sums(each)) for each in first_minute]
    requests = tuple((at, total) for at, (total, _, _) in sums)
    shares = tuple((at, 100 * (targets + own) / total) for at, (total, targets, own) in sums if total)
    found = [Series("requests a minute", requests), Series("5xx", shares, "%", errors.bad)]
    if seen.p95:
        found.append(Series("p95", seen.p95, "s", slow.bad if slow.bad is not None else slow.warn))
    return tuple(found)


def _next(verdict: Verdict, total: float, targets: float, balancer: float) -> str:
    if verdict is Verdict.OK:
        return ""
    if not total:
        return "Look at DNS, at certificates, and whether the way to the load balancer is open."
    if balancer > targets:
        return "The load balancer finds no healthy target: look at the tasks and at the health check."
    return (
        "Look at the errors in the log of the service." if targets else "Look at what the service waits for."
    )
