"""Where moto is kinder than AWS, it is made as AWS is: what it hides would otherwise be found in production only.

- CloudWatch gives nothing unless all dimensions match, and the points of GetMetricStatistics in no order.
- FilterLogEvents may answer with an empty page and a token.
- ListTasks asks for the tasks of one service; DescribeEvents gives those of the last hour unless it is told otherwise.
- Logs Insights filters, sorts and counts by the fields of JSON lines.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html,
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html,
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html
"""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend, Dimension, MetricDatumBase, Statistics
from moto.core.exceptions import JsonRESTError
from moto.ecs.models import EC2ContainerServiceBackend, Task
from moto.logs import models as log_models
from moto.logs.models import LogQuery, LogsBackend
from moto.rds.models import Event, RDSBackend

from sandbox.monitored_systems.aws import insights, logs
from sandbox.slack.workspace_model import Json

FIRST_PAGE = "scan-goes-on"
"""The token that comes with an empty page."""


def make() -> None:
    """Put ours in the place of moto's, once in a process."""
    _cloudwatch()
    _logs()
    _tasks()
    _events()


def _map_dimensions(dimensions: list[Json]) -> dict[str, str]:
    return {dimension["Name"]: dimension["Value"] for dimension in dimensions}


def _exactly(point: MetricDatumBase, namespace: str, name: str, dimensions: dict[str, str]) -> bool:
    has = {dimension.name: dimension.value for dimension in point.dimensions}
    return point.namespace == namespace and point.name == name and has == dimensions


def _aware(value: Any) -> Any:
    """An instant with its zone, which moto loses when the request is CBOR."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _all_aware(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _aware(value) for name, value in values.items()}


def _cloudwatch() -> None:
    statistics, points = CloudWatchBackend.get_metric_statistics, CloudWatchBackend.get_metric_data
    known = Statistics.get_statistics_for_type

    def get_metric_statistics(
        self: CloudWatchBackend,
        namespace: str,
        metric_name: str,
        *more: Any,
        dimensions: list[Json],
        **rest: Any,
    ) -> list[Statistics]:
        wanted = _map_dimensions(dimensions)
        exact = [
            metric for metric in self.get_all_metrics() if _exactly(metric, namespace, metric_name, wanted)
        ]
        seen = SimpleNamespace(get_all_metrics=lambda: exact)
        found: list[Statistics] = statistics(
            seen, namespace, metric_name, *map(_aware, more), dimensions=[], **_all_aware(rest)
        )
        random.shuffle(found)
        return found

    def get_metric_data(self: CloudWatchBackend, queries: list[Json], *more: Any, **rest: Any) -> list[Json]:
        asked = [query["MetricStat"]["Metric"] for query in queries if "MetricStat" in query]
        wanted = [
            (query["Namespace"], query["MetricName"], _map_dimensions(query.get("Dimensions", [])))
            for query in asked
        ]
        exact = [metric for metric in self.get_all_metrics() if any(_exactly(metric, *one) for one in wanted)]
        seen = SimpleNamespace(get_all_metrics=lambda: exact)
        found: list[Json] = points(seen, queries, *map(_aware, more), **_all_aware(rest))
        return found

    def by_name(self: Dimension, other: Dimension) -> bool:
        return (self.name, self.value) < (other.name, other.value)

    def get_statistics_for_type(self: Statistics, stat: str) -> Any:
        """Percentiles of what is known of a minute: no more than its highest value."""
        if not stat.startswith("p"):
            return known(self, stat)
        highest = [
            statistic.max for statistic in self.metric_aggregated_list
        ] + self.metric_single_values_list
        return max(highest, default=None)

    CloudWatchBackend.get_metric_statistics = get_metric_statistics
    CloudWatchBackend.get_metric_data = get_metric_data
    Dimension.__lt__ = by_name
    Statistics.get_statistics_for_type = get_statistics_for_type


def _logs() -> None:
    filtered, asked = LogsBackend.filter_log_events, LogsBackend.start_query
    shown = LogQuery.to_result_json

    def filter_log_events(
        self: LogsBackend, group: str, streams: list[str], start: int, end: int, limit: int, token: str | None,
        pattern: str, interleaved: bool,
    ) -> Any:  # fmt: skip
        logs.append_new_lines()
        if pattern and token is None and group in self.groups:
            return [], FIRST_PAGE, []
        on = None if token == FIRST_PAGE else token
        return filtered(self, group, streams, start, end, limit, on, pattern, True)

    def start_query(self: LogsBackend, *more: Any, **rest: Any) -> Any:
        logs.append_new_lines()
        try:
            return asked(self, *more, **rest)
        except insights.QuerySyntaxError as unknown:
            raise JsonRESTError("MalformedQueryException", str(unknown)) from None

    def to_result_json(self: LogQuery) -> Json:
        """With what AWS bills by."""
        return {
            **shown(self),
            "statistics": insights.count_scanned(self.log_group_names, self.start_time, self.end_time),
        }

    LogsBackend.filter_log_events = filter_log_events
    LogsBackend.start_query = start_query
    LogQuery.to_result_json = to_result_json
    log_models.execute_query = insights.execute


def _tasks() -> None:
    listed = EC2ContainerServiceBackend.list_tasks

    def list_tasks(
        self: EC2ContainerServiceBackend, cluster: str, instance: str | None, family: str | None,
        started_by: str | None, service: str | None, status: str | None,
    ) -> list[Task]:  # fmt: skip
        found = listed(self, cluster, instance, family, started_by, service, status or "RUNNING")
        return [
            task for task in found if not service or task.group == f"service:{service.rpartition('/')[2]}"
        ]

    EC2ContainerServiceBackend.list_tasks = list_tasks


def _events() -> None:
    described = RDSBackend.describe_events

    def describe_events(self: RDSBackend, **rest: Any) -> list[Event]:
        until = _aware(rest.get("end_time")) or datetime.now(UTC)
        first = _aware(rest.get("start_time")) or until - timedelta(minutes=int(rest.get("duration") or 60))
        return [event for event in described(self, **rest) if first <= _aware(event.date) <= until]

    RDSBackend.describe_events = describe_events
