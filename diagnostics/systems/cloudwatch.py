"""CloudWatch metrics: CPU, memory, connections and whatever else a runbook asks for; level, trend and chart.

A runbook asks for averages of five minutes; read are minutes, their maxima beside their averages, and as long before.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

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
from diagnostics.analysis.cloudwatch_points import (
    COUNTED,
    MINUTE,
    Metric,
    MetricReading,
    add_running_counts,
    build_console_path,
    format_metric_owner,
    format_number,
    read_metrics,
    render_metric_command,
)
from diagnostics.analysis.metric_levels import PERCENT, RULES, MetricLevel, describe_limit, judge_metric
from diagnostics.analysis.metric_selection import NETWORK, choose_metrics
from diagnostics.clients.aws import AwsClients, build_console_url, render_cli_command

MAX_BASELINE = timedelta(hours=3)
STATISTICS = ("Average", "Maximum", "Minimum")
NO_LIMIT = (
    "From how many on they are too many the database knows (SHOW max_connections): "
    "say it above the command, <!-- tocsin: bad when connections > ... -->."
)
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK, None)

CLUSTER_MISSING = (
    "AWS/ECS publishes its metrics with ClusterName beside ServiceName, and only ServiceName is given: "
    "add Name=ClusterName,Value=... to the command."
)


class CloudWatch:
    """Metrics of one account; `aws` is shared with the other diagnostics."""

    def __init__(self, aws: AwsClients) -> None:
        self._aws = aws

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """Read what is asked for and what belongs beside it, then judge. Raises Inconclusive."""
        like, window, asked, beside, others, over = choose_metrics(question)
        if lacking := self._aws.describe_missing(like):
            raise Inconclusive(UnknownCause.NOT_CONFIGURED, lacking, "Set AWS_REGION where Tocsin runs.")
        before = min(window.end - window.begin, MAX_BASELINE)
        statistics = tuple(dict.fromkeys((*STATISTICS, *others)))
        wanted = [(metric, statistic) for metric in (*asked, *beside) for statistic in statistics]
        reading = await read_metrics(
            self._aws, like, wanted, TimeWindow(window.begin - before, window.end), question.now, by
        )
        region = self._aws.region_of(like)
        found = interpret(
            reading, window, asked, beside, question, region, others[0] if others else "Average", over
        )
        link = (
            build_console_url(region, build_console_path(region, (*asked, *beside), window)) if region else ""
        )
        typed_out = (
            render_cli_command(like) if like.operation else render_metric_command(asked[0], "Average", window)
        )
        return replace(found, link=link, command=question.command or typed_out)


def _foremost(levels: Sequence[MetricLevel], asked: Sequence[Metric]) -> MetricLevel:
    """The worst of all, `levels` begin with it. Where nothing is wrong, what is asked for stands for the rest: without
    a rule for it nothing is well."""
    if levels[0].verdict not in (Verdict.OK, None):
        return levels[0]
    own = (level for level in levels if level.metric in asked)
    return min(own, key=lambda judged: judged.verdict is not None)


def interpret(
    reading: MetricReading,
    window: TimeWindow,
    asked: Sequence[Metric],
    beside: Sequence[Metric],
    question: CheckRequest,
    region: str,
    statistic: str = "Average",
    over: timedelta = MINUTE,
) -> Finding:
    """The judgement of the metrics that are asked for; those beside them count when they came. `statistic` is that
    which the runbook asks of a metric that has no rule here, `over` how long it counts for one number."""
    if statistic in COUNTED:
        reading = add_running_counts(
            reading, [measured for measured in asked if measured.name not in RULES], statistic, over
        )
    levels = _levels(reading, window, asked, beside, question, statistic, over)
    seen = {found.metric for found in levels}
    missing = [measured for measured in asked if measured not in seen]
    if len(missing) == len(asked):
        return _nothing(missing, window, question, region)
    first = _foremost(levels, asked)
    verdict, cause = _verdict(first, missing)
    newest = max(found.newest for found in levels)
    return Finding(
        verdict,
        _headline(first, levels, missing, window),
        question.now,
        cause,
        measure=format_number(first.now, first.unit),
        table=_table(levels),
        text=_notes(reading, beside, seen),
        series=tuple(_series(reading, levels)),
        window=window,
        age=max(question.now - newest, timedelta()),
        next_look=_next(verdict, first, missing),
    )


def _levels(
    reading: MetricReading,
    window: TimeWindow,
    asked: Sequence[Metric],
    beside: Sequence[Metric],
    question: CheckRequest,
    statistic: str,
    over: timedelta,
) -> list[MetricLevel]:
    """How each metric stands that has points, the worst first."""
    names = {measured.name for measured in asked}
    # What stands at the step without a name is meant for what the step asks.
    of_the_rest = [threshold for threshold in question.thresholds if threshold.metric]
    levels = []
    for measured in (*asked, *beside):
        by = "Average" if measured.name in RULES or measured not in asked else statistic
        told = question.thresholds if measured.name in names else of_the_rest
        levels.append(judge_metric(measured, reading, window, told, by))
    known = [_name_level(found, reading, over) for found in levels if found is not None]
    return sorted(known, key=lambda found: ORDER.index(found.verdict))


def _name_level(found: MetricLevel, reading: MetricReading, over: timedelta) -> MetricLevel:
    """A level as it is called: of what was counted with how long it was counted."""
    if found.metric not in reading.counted:
        return found
    return replace(found, called=f"{found.called} in {round(over / MINUTE)} min")


def _verdict(first: MetricLevel, missing: Sequence[Metric]) -> tuple[Verdict, UnknownCause | None]:
    """What the foremost level says; where something is missing, nothing is fine."""
    if first.verdict is None:
        return Verdict.UNKNOWN, UnknownCause.NO_RULE
    if missing and first.verdict is Verdict.OK:
        return Verdict.UNKNOWN, UnknownCause.NO_DATA
    return first.verdict, None


def _headline(
    first: MetricLevel, levels: Sequence[MetricLevel], missing: Sequence[Metric], window: TimeWindow
) -> str:
    """The foremost level, what else is wrong, and what has no points."""
    wrong = (found for found in levels if found.verdict in (Verdict.BAD, Verdict.WARN))
    headline = _format_level(first, window) + "".join(
        f" {_short(found)}." for found in wrong if found is not first
    )
    return f"{headline} No points of {', '.join(map(str, missing))}." if missing else headline


def _nothing(missing: Sequence[Metric], window: TimeWindow, question: CheckRequest, region: str) -> Finding:
    told = "; ".join(str(metric) for metric in missing)
    said = f"CloudWatch has no points of {told} in {region or 'this region'}."
    dimensions = [
        {name for name, _ in measured.dimensions} for measured in missing if measured.namespace == "AWS/ECS"
    ]
    if {"ServiceName"} in dimensions:
        look = CLUSTER_MISSING
    else:
        look = "Check the names of the dimensions and the region; a service that runs no task has no points."
    return replace(build_unknown_finding(UnknownCause.NO_DATA, said, question.now, look), window=window)


def _short(each: MetricLevel) -> str:
    why = f" ({each.why})" if each.why else ""
    name = f"{each.called[:1].upper()}{each.called[1:]}"
    return f"{name} of {format_metric_owner(each.metric)}: {format_number(each.now, each.unit)}{why}"


def _format_level(each: MetricLevel, window: TimeWindow) -> str:
    minutes = round((window.end - window.begin) / timedelta(minutes=1))
    most = "least" if each.limit.sign.startswith("<") else "most"
    return f"{_short(each)}, at {most} {format_number(each.most, each.unit)} in {minutes} min."


def _table(levels: Sequence[MetricLevel]) -> EvidenceTable:
    """A row a metric; whose it is stands there only where they are not all of the same."""
    owners = [format_metric_owner(level.metric) for level in levels]
    rows: tuple[tuple[str, ...], ...] = tuple(
        (
            level.called,
            format_number(level.now, level.unit),
            format_number(level.most, level.unit),
            format_number(level.before, level.unit) if level.before is not None else "",
            describe_limit(level.limit, Verdict.BAD).removeprefix("limit ") or "no rule",
            level.why.partition(" from ")[0],  # from what stands in a column
        )
        for level in levels
    )
    heads: tuple[str, ...] = ("metric", "now", "extreme", "before", "limit", "why")
    if len(set(owners)) > 1:
        heads, rows = ("of", *heads), tuple((owner, *row) for owner, row in zip(owners, rows, strict=True))
    return EvidenceTable(heads, rows)


def _series(reading: MetricReading, levels: Sequence[MetricLevel]) -> list[ChartSeries]:
    found = []
    for level in levels:
        for statistic in ("Average", "Maximum") if level.unit == PERCENT.unit else ("Average",):
            if points := reading.get_points(level.metric, statistic):
                what = "" if level.metric in reading.counted else f", {statistic.lower()}"
                name = f"{format_metric_owner(level.metric)} {level.called}{what}"
                found.append(ChartSeries(name, points, level.unit, level.limit.bad))
    return found


def _notes(reading: MetricReading, beside: Sequence[Metric], seen: set[Metric]) -> str:
    notes = []
    if any(metric.name in NETWORK for metric in beside) and not any(
        metric.name in NETWORK for metric in seen
    ):
        notes.append("Network is not known: Container Insights has no points for this service.")
    if reading.partial:
        notes.append("CloudWatch did not give all points.")
    return "\n".join(notes)


def _next(verdict: Verdict, first: MetricLevel, missing: Sequence[Metric]) -> str:
    if missing:
        return "Check the names of the dimensions and the region."
    if verdict is Verdict.UNKNOWN and first.metric.name == "DatabaseConnections":
        return NO_LIMIT
    if verdict not in (Verdict.WARN, Verdict.BAD):
        return ""
    if first.metric.namespace == "AWS/RDS":
        return "Check the connections and the slow queries of the database."
    if "fell" in first.why or "no point" in first.why:
        return "Check whether its tasks run and whether requests arrive."
    return "Check what was deployed, and whether more tasks would help."
