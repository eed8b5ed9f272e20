"""The load balancer: requests against the hour before, the share of 5xx, and response times.

A metric that counts has no point for a minute in which it counted nothing, and the newest minute comes late:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.check_request import CheckRequest
from bot.domain.evidence import EvidenceTable
from bot.domain.finding import (
    ChartSeries,
    Finding,
    Inconclusive,
    TimeWindow,
    UnknownCause,
    Verdict,
    build_unknown_finding,
)
from bot.domain.playbook import AwsCall, Threshold
from diagnostics.analysis.cloudwatch_points import (
    MAX_POINTS,
    MINUTE,
    Metric,
    MetricReading,
    Points,
    build_console_path,
    build_metric,
    format_number,
    read_metrics,
    render_metric_command,
)
from diagnostics.analysis.thresholds import Limit, find_limit
from diagnostics.clients.aws import AwsClients, build_console_url

NOW_MINUTES, LATE = 5, MINUTE
"""How many of the last minutes are judged; the newest is still being counted."""

BEFORE = timedelta(hours=1)
FARTHEST = MAX_POINTS * MINUTE - BEFORE
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
    now: TimeWindow
    before: TimeWindow
    requests: Mapping[datetime, float]
    by_targets: Mapping[datetime, float]
    by_balancer: Mapping[datetime, float]
    p95: Points
    partial: bool = False

    def sum_requests(self, window: TimeWindow) -> tuple[float, float, float]:
        """All that asked, those answered 5xx by targets, and by the balancer; of those that no target was chosen for
        the balancer counts the error and not the request."""
        requests, targets, balancer = (
            sum(value for at, value in counts.items() if window.begin <= at < window.end)
            for counts in (self.requests, self.by_targets, self.by_balancer)
        )
        return max(requests, targets + balancer), targets, balancer


class LoadBalancer:
    """One Application Load Balancer, by the name that CloudWatch has for it: `app/backend/50dc6c495c0c9188`; empty when
    none is configured."""

    def __init__(self, aws: AwsClients, name: str) -> None:
        self._aws, self._name = aws, name

    def describe_missing(self) -> str:
        """What is not configured, in a sentence; empty when it can be asked."""
        if not self._name:
            return "Load balancer skipped: TOCSIN_LOAD_BALANCER is not set."
        return self._aws.describe_missing(AwsCall("cloudwatch", "GetMetricData", {}))

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """Read the last minutes and the hour before, then judge. Raises Inconclusive."""
        if lacking := self.describe_missing():
            look = "Set it to the end of the load balancer's ARN, app/name/id, or open CloudWatch."
            raise Inconclusive(UnknownCause.NOT_CONFIGURED, lacking, look)
        like = AwsCall("cloudwatch", "GetMetricData", {})
        now, before = build_windows(question)
        end = now.end
        named = {name: _metric(self._name, name) for name in (*COUNTS, TIME)}
        wanted = [(named[name], "Sum") for name in COUNTS] + [(named[TIME], "p95")]
        reading = await read_metrics(self._aws, like, wanted, TimeWindow(before.begin, end), question.now, by)
        found = interpret(build_traffic(self._name, reading, now, before), question)
        region = self._aws.region_of(like)
        link = build_console_url(
            region, build_console_path(region, named.values(), TimeWindow(before.begin, end))
        )
        command = render_metric_command(named["RequestCount"], "Sum", TimeWindow(before.begin, end))
        return replace(found, link=link, command=question.command or command)


def build_windows(question: CheckRequest) -> tuple[TimeWindow, TimeWindow]:
    """What is judged, and the hour that it is compared with: that before the incident, as long as minutes reach so far
    back, else the one right before."""
    end = question.now.replace(second=0, microsecond=0) - LATE
    now = TimeWindow(end - NOW_MINUTES * MINUTE, end)
    began = (question.began or now.begin).replace(second=0, microsecond=0)
    ends = began if end - FARTHEST <= began <= now.begin else now.begin
    return now, TimeWindow(ends - BEFORE, ends)


def _metric(balancer: str, name: str) -> Metric:
    return build_metric("AWS/ApplicationELB", name, LoadBalancer=balancer)


def build_traffic(name: str, reading: MetricReading, now: TimeWindow, before: TimeWindow) -> Traffic:
    """What was read as values."""
    requests, targets, balancer = (dict(reading.get_points(_metric(name, count), "Sum")) for count in COUNTS)
    p95 = reading.get_points(_metric(name, TIME), "p95")
    return Traffic(name, now, before, requests, targets, balancer, p95, reading.partial)


def interpret(seen: Traffic, question: CheckRequest) -> Finding:
    """The judgement; a balancer that nothing ever arrived at is not known."""
    window = TimeWindow(seen.before.begin, seen.now.end)
    total, targets, balancer = seen.sum_requests(seen.now)
    earlier, *_ = seen.sum_requests(seen.before)
    if not total and (silence := _explain_silence(seen, earlier)):
        return replace(
            build_unknown_finding(UnknownCause.NO_DATA, silence[0], question.now, silence[1]), window=window
        )
    usual, rate = earlier / (BEFORE / MINUTE), total / NOW_MINUTES
    found = [
        _requests(rate, usual),
        _errors(total, targets, balancer, question.thresholds),
        *_slow(seen, question.thresholds),
    ]
    verdict = max((rank for rank, _ in found), key=ORDER.index)
    said = " ".join(words for rank, words in found if rank is verdict)
    share = 100 * (targets + balancer) / total if total else 0.0
    errors_limit = _find_allowed_limit(question.thresholds)
    newest = max((at for at in (*seen.requests, *seen.by_balancer)), default=None)
    return Finding(
        verdict,
        said,
        question.now,
        measure=f"{format_number(rate, '')}/min, {share:.1f}% 5xx",
        table=_table(seen, rate, usual),
        series=_series(seen, errors_limit, _time_allowed(question.thresholds)),
        window=window,
        age=max(question.now - newest - MINUTE, timedelta()) if newest else None,
        next_look=_next(verdict, total, targets, balancer),
    )


def _explain_silence(seen: Traffic, earlier: float) -> tuple[str, str] | None:
    """Why no request of the last minutes says nothing, and what to do; None when it means that none arrived."""
    if not earlier:
        return (
            f"CloudWatch has no request of {seen.name} in the last hour.",
            "Check TOCSIN_LOAD_BALANCER (app/name/id), the region, and whether anything points at it.",
        )
    if seen.partial:
        return "CloudWatch did not give all points, and none of the last minutes.", "Ask again."
    return None


def _requests(rate: float, usual: float) -> tuple[Verdict, str]:
    if not rate:
        none = f"No request arrives: none in {NOW_MINUTES} min, {format_number(usual, '')} a minute in the hour before"
        few = usual < FEWEST / 10
        return (Verdict.WARN, f"{none}, too few to tell.") if few else (Verdict.BAD, f"{none}.")
    said = f"{format_number(rate, '')} requests a minute, {format_number(usual, '')} in the hour before"
    if usual < FEWEST / 10:
        return Verdict.OK, f"{said}."
    part = 100 * rate / usual
    for direction in (LESS, MORE):
        if (verdict := direction.verdict(part)) is not Verdict.OK:
            return verdict, f"{said}: {part:.0f}% ({direction.describe(verdict)})."
    return Verdict.OK, f"{said}."


def _errors(
    total: float, targets: float, balancer: float, told: tuple[Threshold, ...]
) -> tuple[Verdict, str]:
    if not total:
        return Verdict.OK, ""
    share, allowed = 100 * (targets + balancer) / total, _find_allowed_limit(told)
    verdict = allowed.verdict(share)
    if verdict is Verdict.BAD and total < FEWEST:
        verdict = Verdict.WARN
    whose = "load balancer" if balancer > targets else "service"
    words = f" ({allowed.describe(verdict)}), mostly from the {whose}" if verdict is not Verdict.OK else ""
    percent = f"{share:.1f}".removesuffix(".0")
    return verdict, f"{percent}% of {total:,.0f} requests in the last {NOW_MINUTES} min returned 5xx{words}."


def _find_allowed_limit(told: tuple[Threshold, ...]) -> Limit:
    shares = (
        threshold
        for threshold in told
        if threshold.unit or not threshold.metric or SHARE_WORDS.search(threshold.metric)
    )
    return find_limit(shares, ERROR_WORDS, ERRORS)


def _time_allowed(told: tuple[Threshold, ...]) -> Limit:
    """Times without a unit are milliseconds, as people write them."""
    return find_limit((replace(threshold, unit=threshold.unit or "ms") for threshold in told), P95_WORDS, P95)


def _slow(seen: Traffic, told: tuple[Threshold, ...]) -> list[tuple[Verdict, str]]:
    values = [value for at, value in seen.p95 if seen.now.begin <= at < seen.now.end]
    if not values:
        return []
    value, allowed = sorted(values)[len(values) // 2], _time_allowed(told)
    verdict = allowed.verdict(value)
    words = f" ({allowed.describe(verdict)})" if verdict is not Verdict.OK else ""
    return [(verdict, f"p95 of answers: {format_number(value, 's')}{words}.")]


def _table(seen: Traffic, rate: float, usual: float) -> EvidenceTable:
    def a_minute(each: Mapping[datetime, float], window: TimeWindow) -> str:
        counted = sum(value for at, value in each.items() if window.begin <= at < window.end)
        return format_number(counted / ((window.end - window.begin) / MINUTE), "")

    def p95(window: TimeWindow) -> str:
        values = sorted(value for at, value in seen.p95 if window.begin <= at < window.end)
        return format_number(values[len(values) // 2], "s") if values else ""

    windows = (seen.now, seen.before)
    return EvidenceTable(
        ("a minute", f"last {NOW_MINUTES} min", "hour before"),
        (
            ("requests", format_number(rate, ""), format_number(usual, "")),
            ("5xx by the service", *(a_minute(seen.by_targets, span) for span in windows)),
            ("5xx by the balancer", *(a_minute(seen.by_balancer, span) for span in windows)),
            ("p95", *(p95(span) for span in windows)),
        ),
    )


def _series(seen: Traffic, errors: Limit, slow: Limit) -> tuple[ChartSeries, ...]:
    first, minutes = seen.before.begin, int((seen.now.end - seen.before.begin) / MINUTE)
    instants = [first + MINUTE * number for number in range(minutes)]
    first_minute = [TimeWindow(at, at + MINUTE) for at in instants]
    sums = [(minute.begin, seen.sum_requests(minute)) for minute in first_minute]
    requests = tuple((at, total) for at, (total, _, _) in sums)
    shares = tuple((at, 100 * (targets + own) / total) for at, (total, targets, own) in sums if total)
    found = [ChartSeries("requests a minute", requests), ChartSeries("5xx", shares, "%", errors.bad)]
    if seen.p95:
        found.append(ChartSeries("p95", seen.p95, "s", slow.bad if slow.bad is not None else slow.warn))
    return tuple(found)


def _next(verdict: Verdict, total: float, targets: float, balancer: float) -> str:
    if verdict is Verdict.OK:
        return ""
    if not total:
        return "Check DNS, certificates, and whether the way to the load balancer is open."
    if balancer > targets:
        return "The load balancer finds no healthy target: check the tasks and the health check."
    return "Check the errors in the log of the service." if targets else "Check what the service waits for."
