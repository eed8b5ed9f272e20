"""CloudWatch's metrics: CPU, memory, connections and whatever else a runbook asks for; level, trend and a chart.

A runbook asks for averages of five minutes; read are minutes, their maxima beside their averages, and as long before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from bot.step import AwsCall, VendorCall
from diagnostics.aws import Aws, console, typed
from diagnostics.finding import CannotTell, Cause, Finding, Series, Table, Verdict, Window, unknown
from diagnostics.levels import PERCENT, RULES, Level, level, told_of
from diagnostics.metrics import (
    COUNTED,
    MINUTE,
    Metric,
    Reading,
    as_command,
    asked_of,
    console_path,
    counted,
    instant,
    metric,
    number,
    read,
    who,
    writer_of,
)
from diagnostics.question import Question

USUAL = timedelta(minutes=30)
LONGEST_BEFORE = timedelta(hours=3)
STATISTICS = ("Average", "Maximum", "Minimum")
NO_LIMIT = (
    "From how many on they are too many the database knows (SHOW max_connections): "
    "say it above the command, <!-- tocsin: bad when connections > ... -->."
)
NETWORK = ("NetworkRxBytes", "NetworkTxBytes")
ORDER = (Verdict.BAD, Verdict.WARN, Verdict.OK, None)

CLUSTER_MISSING = (
    "AWS/ECS publishes its metrics with ClusterName beside ServiceName, and only ServiceName is given: "
    "add Name=ClusterName,Value=... to the command."
)


class _Wanted(NamedTuple):
    """Whom to ask, for when, what is asked for and what belongs beside it, and the runbook's own statistics, each over
    so long."""

    like: AwsCall
    window: Window
    asked: list[Metric]
    beside: list[Metric]
    statistics: tuple[str, ...] = ()
    over: timedelta = MINUTE


class CloudWatch:
    """Metrics of one account; `aws` is shared with the other diagnostics."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    async def look(self, question: Question, by: float) -> Finding:
        """Read what is asked for and what belongs beside it, then judge. Raises CannotTell."""
        like, window, asked, beside, others, over = _wanted(question)
        if lacking := self._aws.lacks(like):
            raise CannotTell(Cause.NOT_CONFIGURED, lacking, "Set AWS_REGION where Tocsin runs.")
        before = min(window.end - window.begin, LONGEST_BEFORE)
        statistics = tuple(dict.fromkeys((*STATISTICS, *others)))
        wanted = [(each, statistic) for each in (*asked, *beside) for statistic in statistics]
        reading = await read(
            self._aws, like, wanted, Window(window.begin - before, window.end), question.now, by
        )
        region = self._aws.region_of(like)
        found = interpret(
            reading, window, asked, beside, question, region, others[0] if others else "Average", over
        )
        link = console(region, console_path(region, (*asked, *beside), window)) if region else ""
        typed_out = typed(like) if like.operation else as_command(asked[0], "Average", window)
        return replace(found, link=link, command=question.command or typed_out)


def _foremost(levels: Sequence[Level], asked: Sequence[Metric]) -> Level:
    """The worst of all, `levels` begin with it. Where nothing is wrong, what is asked for stands for the rest: without
    a rule for it nothing is well."""
    if levels[0].verdict not in (Verdict.OK, None):
        return levels[0]
    own = (each for each in levels if each.metric in asked)
    return min(own, key=lambda each: each.verdict is not None)


def interpret(
    reading: Reading,
    window: Window,
    asked: Sequence[Metric],
    beside: Sequence[Metric],
    question: Question,
    region: str,
    statistic: str = "Average",
    over: timedelta = MINUTE,
) -> Finding:
    """The judgement of the metrics that are asked for; those beside them count when they came. `statistic` is that
    which the runbook asks of a metric that has no rule here, `over` how long it counts for one number."""
    if statistic in COUNTED:
        reading = counted(reading, [each for each in asked if each.name not in RULES], statistic, over)

    names = {each.name for each in asked}

    def judged(each: Metric) -> Level | None:
        by = "Average" if each.name in RULES or each not in asked else statistic
        # What stands at the step without a name is meant for what the step asks.
        told = [one for one in question.thresholds if one.metric or each.name in names]
        found = level(each, reading, window, told, by)
        if found is None or each not in reading.counted:
            return found
        return replace(found, called=f"{found.called} in {round(over / MINUTE)} min")

    levels = [found for each in (*asked, *beside) if (found := judged(each))]
    seen = {each.metric for each in levels}
    missing = [each for each in asked if each not in seen]
    if len(missing) == len(asked):
        return _nothing(missing, window, question, region)
    levels.sort(key=lambda each: ORDER.index(each.verdict))
    first = _foremost(levels, asked)
    worst = first.verdict
    verdict, cause = (worst, None) if worst is not None else (Verdict.UNKNOWN, Cause.NO_RULE)
    if missing and verdict is Verdict.OK:
        verdict, cause = Verdict.UNKNOWN, Cause.NO_DATA
    newest = max(each.newest for each in levels)
    headline = _said(first, window) + "".join(
        f" {_short(each)}."
        for each in levels
        if each is not first and each.verdict in (Verdict.BAD, Verdict.WARN)
    )
    if missing:
        headline += f" No points of {', '.join(str(each) for each in missing)}."
    return Finding(
        verdict,
        headline,
        question.now,
        cause,
        measure=number(first.now, first.unit),
        table=_table(levels),
        text=_notes(reading, beside, seen),
        series=tuple(_series(reading, levels)),
        window=window,
        age=max(question.now - newest, timedelta()),
        next_look=_next(verdict, first, missing),
    )


def _wanted(question: Question) -> _Wanted:
    call, now = question.action.call, question.now
    if isinstance(call, VendorCall):
        return _Wanted(AwsCall("cloudwatch", "", {}), Window(now - USUAL, now), *_utilisation(call.names))
    if not isinstance(call, AwsCall):
        raise TypeError(
            "only cloudwatch.get_metric_statistics, get_metric_data and ecs.utilisation are asked here"
        )
    given = call.parameters
    end = instant(given.get("EndTime"), now)
    begin = instant(given.get("StartTime"), end - USUAL)
    if begin >= end:
        said = "The step's time ends before it begins."
        raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Look at the step in the runbook.")
    asked, statistics, over = asked_of(call.operation, given)
    return _Wanted(call, Window(begin, end), asked, beside_of(asked, question.name), statistics, over)


def beside_of(asked: Sequence[Metric], title: str) -> list[Metric]:
    """What a person would look at next: memory beside CPU of a service; memory and connections of a database whose
    step speaks of both."""
    found: list[Metric] = []
    for each in asked:
        names: tuple[str, ...] = ()
        if each.namespace == "AWS/ECS":
            names = ("CPUUtilization", "MemoryUtilization")
        elif each.namespace == "AWS/RDS" and each.name == "CPUUtilization" and "memory" in title.lower():
            names = ("FreeableMemory", "DatabaseConnections")
        found += writer_of(each)
        found += [replace(each, name=name) for name in names]
    return [each for each in dict.fromkeys(found) if each not in asked]


def _utilisation(names: Mapping[str, str]) -> tuple[list[Metric], list[Metric]]:
    asked: list[Metric] = []
    beside: list[Metric] = []
    if (cluster := names.get("cluster")) and (service := names.get("service")):
        both = {"ClusterName": cluster, "ServiceName": service}
        asked = [metric("AWS/ECS", name, **both) for name in ("CPUUtilization", "MemoryUtilization")]
        beside = [metric("ECS/ContainerInsights", name, **both) for name in NETWORK]
    if database := names.get("db_cluster"):
        asked.append(metric("AWS/RDS", "CPUUtilization", DBClusterIdentifier=database))
        beside += writer_of(asked[-1])
        beside += [
            metric("AWS/RDS", name, DBClusterIdentifier=database)
            for name in ("FreeableMemory", "DatabaseConnections")
        ]
    if not asked:
        said = "CPU and memory are not looked at: the runbook names no service of ECS and no database."
        look = "Add aws ecs describe-services --cluster ... --services ... to the runbook."
        raise CannotTell(Cause.NOT_CONFIGURED, said, look)
    return asked, beside


def _nothing(missing: Sequence[Metric], window: Window, question: Question, region: str) -> Finding:
    told = "; ".join(str(each) for each in missing)
    said = f"CloudWatch has no points of {told} in {region or 'this region'}."
    lacking = any(
        each.namespace == "AWS/ECS" and {name for name, _ in each.dimensions} == {"ServiceName"}
        for each in missing
    )
    look = (
        CLUSTER_MISSING
        if lacking
        else "Look at the names of the dimensions and at the region; a service that runs no task has no points."
    )
    return replace(unknown(Cause.NO_DATA, said, question.now, look), window=window)


def _short(each: Level) -> str:
    why = f" ({each.why})" if each.why else ""
    return f"{each.called[:1].upper()}{each.called[1:]} of {who(each.metric)}: {number(each.now, each.unit)}{why}"


def _said(each: Level, window: Window) -> str:
    minutes = round((window.end - window.begin) / timedelta(minutes=1))
    most = "least" if each.limit.sign.startswith("<") else "most"
    return f"{_short(each)}, at {most} {number(each.most, each.unit)} in {minutes} min."


def _table(levels: Sequence[Level]) -> Table:
    rows = tuple(
        (
            f"{who(each.metric)} {each.called}",
            number(each.now, each.unit),
            number(each.most, each.unit),
            number(each.before, each.unit) if each.before is not None else "",
            told_of(each.limit, Verdict.BAD).removeprefix("limit ") or "no rule",
            each.why,
        )
        for each in levels
    )
    return Table(("metric", "now", "extreme", "before", "limit", ""), rows)


def _series(reading: Reading, levels: Sequence[Level]) -> list[Series]:
    found = []
    for each in levels:
        for statistic in ("Average", "Maximum") if each.unit == PERCENT.unit else ("Average",):
            if points := reading.of(each.metric, statistic):
                what = "" if each.metric in reading.counted else f", {statistic.lower()}"
                name = f"{who(each.metric)} {each.called}{what}"
                found.append(Series(name, points, each.unit, each.limit.bad))
    return found


def _notes(reading: Reading, beside: Sequence[Metric], seen: set[Metric]) -> str:
    notes = []
    if any(each.name in NETWORK for each in beside) and not any(each.name in NETWORK for each in seen):
        notes.append("Network is not known: Container Insights has no points for this service.")
    if reading.partial:
        notes.append("CloudWatch did not give all points.")
    return "\n".join(notes)


def _next(verdict: Verdict, first: Level, missing: Sequence[Metric]) -> str:
    if missing:
        return "Look at the names of the dimensions and at the region."
    if verdict is Verdict.UNKNOWN and first.metric.name == "DatabaseConnections":
        return NO_LIMIT
    if verdict not in (Verdict.WARN, Verdict.BAD):
        return ""
    if first.metric.namespace == "AWS/RDS":
        return "Look at the connections and at the slow queries of the database."
    if "fell" in first.why or "no point" in first.why:
        return "Look whether its tasks run and whether requests arrive."
    return "Look at what was deployed, and whether more tasks would help."
