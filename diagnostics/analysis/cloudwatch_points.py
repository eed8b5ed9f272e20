"""Points of CloudWatch metrics, read in one request, oldest first, without a last minute that is still running.

GetMetricData finds nothing unless all dimensions are given as they were published:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from bot.domain.finding import Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import AwsCall
from bot.text.redaction import redact
from diagnostics.clients.aws import AwsClients, render_cli_command
from diagnostics.clients.aws.console_links import escape_console_text

Points = tuple[tuple[datetime, float], ...]

MINUTE = timedelta(minutes=1)
COUNTED = ("Sum", "SampleCount")
"""Statistics that grow with the time that they are taken over."""

MAX_POINTS = 240
FINE = timedelta(days=15)
"""For so long points of a minute are kept; older ones are of five."""


WRITER = ("Role", "WRITER")
"""Aurora's metrics by cluster are means over its instances; those of the writer alone have this dimension, too."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with all its dimensions, (name, value), sorted."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.dimensions)
        return f"{self.namespace} {self.name} ({told or 'no dimensions'})"


def build_metric(namespace: str, name: str, **dimensions: str) -> Metric:
    """A metric by its dimensions."""
    return Metric(namespace, name, tuple(sorted(dimensions.items())))


def format_metric_owner(metric: Metric) -> str:
    """Whose it is, for a headline."""
    named = dict(metric.dimensions)
    for name in ("ServiceName", "DBInstanceIdentifier", "DBClusterIdentifier"):
        if name in named:
            return f"{named[name]}, writer" if WRITER in metric.dimensions else named[name]
    return next(iter(named.values()), metric.namespace)


def find_writer_metrics(each: Metric) -> list[Metric]:
    """The same of a cluster's writer, where a metric is that of a whole cluster of Aurora."""
    of_cluster = each.namespace == "AWS/RDS" and {name for name, _ in each.dimensions} == {
        "DBClusterIdentifier"
    }
    return [replace(each, dimensions=(*each.dimensions, WRITER))] if of_cluster else []


@dataclass(frozen=True, slots=True)
class MetricReading:
    """What came. `points` by metric and statistic; `period` is the length of each; `partial` when some are missing;
    of those that are `counted` each point is a number over a longer time."""

    window: TimeWindow
    period: timedelta
    points: Mapping[tuple[Metric, str], Points]
    partial: bool = False
    counted: frozenset[Metric] = frozenset()

    def get_points(self, each: Metric, statistic: str) -> Points:
        return self.points.get((each, statistic), ())


def add_running_counts(
    reading: MetricReading, metrics: Iterable[Metric], statistic: str, over: timedelta
) -> MetricReading:
    """The same, with what these metrics counted over so long at each instant; where no point came nothing was."""
    points, found = dict(reading.points), []
    for metric in metrics:
        if sums := _sum_points(reading.get_points(metric, statistic), reading, over):
            found.append(metric)
            points |= {(metric, name): sums for name in (statistic, "Average", "Maximum", "Minimum")}
    return replace(reading, points=points, counted=frozenset(found))


def _sum_points(points: Points, reading: MetricReading, over: timedelta) -> Points:
    known, period = dict(points), reading.period
    if not known:
        return ()
    together = max(1, round(over / period))
    first = min(known) - (min(known) - reading.window.begin) // period * period
    instants = [first + period * number for number in range((reading.window.end - first) // period)]
    sums = (sum(known.get(at - period * back, 0.0) for back in range(together)) for at in instants)
    return tuple((at, total * (over / (together * period))) for at, total in zip(instants, sums, strict=True))


async def read_metrics(
    aws: AwsClients,
    like: AwsCall,
    wanted: Sequence[tuple[Metric, str]],
    window: TimeWindow,
    now: datetime,
    by: float,
) -> MetricReading:
    """These metrics, each with its statistic, over the window, in region and profile of `like`. Raises Inconclusive."""
    period = choose_period(window, now)
    queries = [
        {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
                },
                "Period": int(period.total_seconds()),
                "Stat": statistic,
            },
        }
        for number, (metric, statistic) in enumerate(wanted)
    ]
    parameters = {
        "MetricDataQueries": queries,
        "StartTime": window.begin,
        "EndTime": window.end,
        "ScanBy": "TimestampAscending",
    }
    call = AwsCall(
        "cloudwatch", "GetMetricData", parameters, region=like.region, profile=like.profile, pages=True
    )
    answer = await aws.call(call, by)
    found = group_points_by_id(answer, period, min(window.end, now))
    points = {pair: found.get(f"m{number}", ()) for number, pair in enumerate(wanted)}
    return MetricReading(window, period, points, is_partial(answer))


def choose_period(window: TimeWindow, now: datetime) -> timedelta:
    """The length of a period: a minute, and more for long or old windows."""
    least = MINUTE if now - window.begin < FINE else 5 * MINUTE
    minutes = -(-int((window.end - window.begin).total_seconds()) // (60 * MAX_POINTS))
    return max(least, minutes * MINUTE)


def group_points_by_id(answer: Mapping[str, Any], period: timedelta, end: datetime) -> dict[str, Points]:
    """The points of each query, which may come in pieces and in any order; the last, unfinished period is left out,
    and so is what is no number.
    Raises Inconclusive for what is no answer to GetMetricData."""
    found: dict[str, dict[datetime, float]] = {}
    try:
        for result in answer["MetricDataResults"]:
            points = found.setdefault(str(result["Id"]), {})
            for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                if isfinite(float(value)):
                    points[at.astimezone(UTC)] = float(value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        said = f"CloudWatch answered in a shape that I do not know ({type(error).__name__})."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said) from None
    return {
        name: tuple((at, points[at]) for at in sorted(points) if at + period <= end)
        for name, points in found.items()
    }


def is_partial(answer: Mapping[str, Any]) -> bool:
    """Whether there are points that did not come."""
    codes = {result.get("StatusCode") for result in answer.get("MetricDataResults") or ()}
    return bool(answer.get("Truncated")) or bool(codes & {"PartialData", "InternalError", "Forbidden"})


def parse_metric_call(
    operation: str, given: Mapping[str, object]
) -> tuple[list[Metric], tuple[str, ...], timedelta]:
    """The metrics that GetMetricData or GetMetricStatistics names, their statistics, and over how long each is taken.
    Raises Inconclusive."""
    if operation == "GetMetricData":
        return _parse_metric_queries(given)
    statistics = _texts(given, "Statistics") + _texts(given, "ExtendedStatistics")
    return [_metric(given)], statistics, _period(given)


def _period(given: Mapping[str, object]) -> timedelta:
    value = given.get("Period")
    return timedelta(seconds=value) if isinstance(value, int) and value > 60 else MINUTE


def _texts(given: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = given.get(name)
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()


def _metric(given: Mapping[str, object]) -> Metric:
    dimensions = given.get("Dimensions")
    pairs = {
        str(dimension.get("Name")): str(dimension.get("Value"))
        for dimension in (dimensions if isinstance(dimensions, list | tuple) else ())
        if isinstance(dimension, Mapping)
    }
    return build_metric(str(given.get("Namespace") or ""), str(given.get("MetricName") or ""), **pairs)


def _parse_metric_queries(given: Mapping[str, object]) -> tuple[list[Metric], tuple[str, ...], timedelta]:
    """The metrics of GetMetricData's queries. Raises Inconclusive for those that calculate."""
    queries = given.get("MetricDataQueries")
    asked: list[Metric] = []
    statistics: list[str] = []
    over = MINUTE
    for query in queries if isinstance(queries, list | tuple) else ():
        stat = query.get("MetricStat") if isinstance(query, Mapping) else None
        if not isinstance(stat, Mapping) or not isinstance(stat.get("Metric"), Mapping):
            said = "This query calculates with metrics, and I read metrics as they are."
            raise Inconclusive(UnknownCause.NO_RULE, said, "Run the command, or open CloudWatch.")
        asked.append(_metric(stat["Metric"]))
        statistics.append(str(stat.get("Stat") or "Average"))
        over = max(over, _period(stat))
    if not asked:
        raise Inconclusive(
            UnknownCause.NOT_UNDERSTOOD, "The step names no metric.", "Check the step in the runbook."
        )
    return list(dict.fromkeys(asked)), tuple(dict.fromkeys(statistics)), over


def parse_cli_instant(value: object, otherwise: datetime) -> datetime:
    """A time as the AWS CLI takes it: ISO 8601, in UTC where it has no zone, or seconds since 1970."""
    if value is None:
        return otherwise
    try:
        at = value if isinstance(value, datetime) else None
        if at is None:
            text = str(value)
            number = text.replace(".", "", 1).isdigit()
            at = datetime.fromtimestamp(float(text), UTC) if number else datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        said = f"{redact(str(value)[:40])} is no time that CloudWatch knows."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Check the step in the runbook.") from None


def compute_mean(points: Iterable[tuple[datetime, float]]) -> float:
    """The mean of the values; at least one is there."""
    values = [value for _, value in points]
    return sum(values) / len(values)


def format_number(value: float, unit: str) -> str:
    """`92%`, `0.90 GB`, `1,200`, `0.35 s`."""
    if unit == "%":
        return f"{value:.0f}%"
    if unit == "B":
        scale, name = next(
            ((s, n) for s, n in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")) if value >= s), (1, "B")
        )
        return f"{value / scale:.3g} {name}"
    text = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    return f"{text} {unit}".strip()


def render_metric_command(metric: Metric, statistic: str, window: TimeWindow) -> str:
    """What a person types for one of these metrics."""
    parameters = {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
        "StartTime": f"{window.begin:%Y-%m-%dT%H:%M:%SZ}",
        "EndTime": f"{window.end:%Y-%m-%dT%H:%M:%SZ}",
        "Period": 60,
        "Statistics": [statistic],
    }
    return render_cli_command(AwsCall("cloudwatch", "GetMetricStatistics", parameters))


def build_console_path(region: str, metrics: Iterable[Metric], window: TimeWindow) -> str:
    """The path of the console's graph of these metrics."""
    rows = "~".join(
        "(~"
        + "~".join(
            f"'{escape_console_text(word)}"
            for word in (metric.namespace, metric.name, *sum(metric.dimensions, ()))
        )
        + ")"
        for metric in metrics
    )
    begin, end = (
        f"'{escape_console_text(f'{at:%Y-%m-%dT%H:%M:%S}.000Z')}" for at in (window.begin, window.end)
    )
    graph = f"~(metrics~(~{rows})~period~60~stat~'Average~region~'{region}~start~{begin}~end~{end}~view~'timeSeries)"
    return f"cloudwatch/home?region={region}#metricsV2:graph={graph}"
