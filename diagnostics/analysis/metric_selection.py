"""Selects the CloudWatch metrics of a step, their window, and the metrics that belong beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import AwsCall, VendorCall
from diagnostics.analysis.cloudwatch_points import (
    MINUTE,
    Metric,
    build_metric,
    find_writer_metrics,
    parse_cli_instant,
    parse_metric_call,
)

USUAL = timedelta(minutes=30)
NETWORK = ("NetworkRxBytes", "NetworkTxBytes")


class MetricSelection(NamedTuple):
    """Whom to ask, for when, what is asked for and what belongs beside it, and the runbook's own statistics, each over
    so long."""

    like: AwsCall
    window: TimeWindow
    asked: list[Metric]
    beside: list[Metric]
    statistics: tuple[str, ...] = ()
    over: timedelta = MINUTE


def choose_metrics(question: CheckRequest) -> MetricSelection:
    """What a step asks for. Raises Inconclusive."""
    call, now = question.action.call, question.now
    if isinstance(call, VendorCall):
        return MetricSelection(
            AwsCall("cloudwatch", "", {}), TimeWindow(now - USUAL, now), *_utilisation(call.names)
        )
    if not isinstance(call, AwsCall):
        raise TypeError(
            "only cloudwatch.get_metric_statistics, get_metric_data and ecs.utilisation are asked here"
        )
    given = call.parameters
    end = parse_cli_instant(given.get("EndTime"), now)
    begin = parse_cli_instant(given.get("StartTime"), end - USUAL)
    if begin >= end:
        said = "The step's time ends before it begins."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Check the step in the runbook.")
    asked, statistics, over = parse_metric_call(call.operation, given)
    return MetricSelection(
        call, TimeWindow(begin, end), asked, select_companions(asked, question.name), statistics, over
    )


def select_companions(asked: Sequence[Metric], title: str) -> list[Metric]:
    """What a person would look at next: memory beside CPU of a service; memory and connections of a database whose
    step speaks of both."""
    found: list[Metric] = []
    for metric in asked:
        names: tuple[str, ...] = ()
        if metric.namespace == "AWS/ECS":
            names = ("CPUUtilization", "MemoryUtilization")
        elif metric.namespace == "AWS/RDS" and metric.name == "CPUUtilization" and "memory" in title.lower():
            names = ("FreeableMemory", "DatabaseConnections")
        found += find_writer_metrics(metric)
        found += [replace(metric, name=name) for name in names]
    return [fromkey for fromkey in dict.fromkeys(found) if fromkey not in asked]


def _utilisation(names: Mapping[str, str]) -> tuple[list[Metric], list[Metric]]:
    asked: list[Metric] = []
    beside: list[Metric] = []
    if (cluster := names.get("cluster")) and (service := names.get("service")):
        both = {"ClusterName": cluster, "ServiceName": service}
        asked = [build_metric("AWS/ECS", name, **both) for name in ("CPUUtilization", "MemoryUtilization")]
        beside = [build_metric("ECS/ContainerInsights", name, **both) for name in NETWORK]
    if database := names.get("db_cluster"):
        asked.append(build_metric("AWS/RDS", "CPUUtilization", DBClusterIdentifier=database))
        beside += find_writer_metrics(asked[-1])
        beside += [
            build_metric("AWS/RDS", name, DBClusterIdentifier=database)
            for name in ("FreeableMemory", "DatabaseConnections")
        ]
    if not asked:
        said = "CPU and memory are not looked at: the runbook names no service of ECS and no database."
        look = "Add aws ecs describe-services --cluster ... --services ... to the runbook."
        raise Inconclusive(UnknownCause.NOT_CONFIGURED, said, look)
    return asked, beside
