"""CloudWatch's metrics of the last three hours, a point a minute, made when somebody asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random

from moto.cloudwatch.models import MetricAggregatedDatum
from moto.core.common_models import CloudWatchMetricProvider

from sandbox.monitored_systems.aws.ecs import BALANCER
from sandbox.monitored_systems.names import CLUSTER, DB_CLUSTER, DB_READER, DB_WRITER, REGION, SERVICE
from sandbox.monitored_systems.scenarios import Breakage, Scene, build_healthy_scene

KEPT = 180
"""Minutes."""

Dimensions = Callable[[], dict[str, str]]


def _service() -> dict[str, str]:
    return {"ClusterName": CLUSTER, "ServiceName": SERVICE}


def _cluster() -> dict[str, str]:
    return {"DBClusterIdentifier": DB_CLUSTER}


def _writer() -> dict[str, str]:
    return {"DBInstanceIdentifier": DB_WRITER}


def _reader() -> dict[str, str]:
    return {"DBInstanceIdentifier": DB_READER}


def _balancer() -> dict[str, str]:
    return {"LoadBalancer": BALANCER.load_balancer}


def _targets() -> dict[str, str]:
    return {"LoadBalancer": BALANCER.load_balancer, "TargetGroup": BALANCER.target_group}


@dataclass(frozen=True)
class MetricSeries:
    """One metric: its usual level and how far it strays from it; `while_broken` are other levels.

    `counted` are those that are summed; CloudWatch has no point for a minute in which nothing was counted.
    """

    namespace: str
    name: str
    of: Dimensions
    unit: str
    usual: float
    strays: float
    while_broken: Mapping[Breakage, float] = field(default_factory=dict)
    counted: bool = False


DOWN, FULL, SLOW, SPIKE = Breakage.DEPLOYMENT, Breakage.DATABASE, Breakage.SLOW, Breakage.ERRORS
ELB, ECS, RDS = "AWS/ApplicationELB", "AWS/ECS", "AWS/RDS"
SERIES = (
    MetricSeries(ECS, "CPUUtilization", _service, "Percent", 34, 6, {DOWN: 1, FULL: 22, SLOW: 71}),
    MetricSeries(ECS, "MemoryUtilization", _service, "Percent", 52, 2, {DOWN: 4, SPIKE: 58, SLOW: 86}),
    MetricSeries(RDS, "CPUUtilization", _cluster, "Percent", 21, 4, {FULL: 94, SLOW: 84}),
    MetricSeries(RDS, "CPUUtilization", _writer, "Percent", 24, 4, {FULL: 95, SLOW: 88}),
    MetricSeries(RDS, "CPUUtilization", _reader, "Percent", 12, 3),
    MetricSeries(RDS, "DatabaseConnections", _cluster, "Count", 62, 4, {DOWN: 3, FULL: 405, SLOW: 180}),
    MetricSeries(RDS, "DatabaseConnections", _writer, "Count", 48, 3, {DOWN: 2, FULL: 400, SLOW: 160}),
    MetricSeries(RDS, "FreeableMemory", _cluster, "Bytes", 6.2e9, 1e8, {FULL: 1.1e9}),
    MetricSeries(RDS, "FreeableMemory", _writer, "Bytes", 6.1e9, 1e8, {FULL: 9.0e8}),
    MetricSeries(RDS, "AuroraReplicaLag", _reader, "Milliseconds", 18, 5),
    MetricSeries(ELB, "RequestCount", _balancer, "Count", 1900, 160, {DOWN: 0, FULL: 700, SPIKE: 1750}, counted=True),
    MetricSeries(ELB, "HTTPCode_Target_2XX_Count", _balancer, "Count", 1840, 150,
           {DOWN: 0, FULL: 90, SPIKE: 1430, Breakage.PAYMENTS: 1790}, counted=True),
    MetricSeries(ELB, "HTTPCode_Target_5XX_Count", _balancer, "Count", 4, 3,
           {DOWN: 0, FULL: 560, SPIKE: 260, Breakage.PAYMENTS: 38}, counted=True),
    MetricSeries(ELB, "HTTPCode_ELB_5XX_Count", _balancer, "Count", 0, 0, {DOWN: 640, FULL: 30}, counted=True),
    MetricSeries(ELB, "TargetResponseTime", _balancer, "Seconds", 0.16, 0.03, {FULL: 9.5, SLOW: 2.4}),
    MetricSeries(ELB, "HealthyHostCount", _targets, "Count", 6, 0, {DOWN: 0, FULL: 1}),
    MetricSeries(ELB, "UnHealthyHostCount", _targets, "Count", 0, 0, {DOWN: 1, FULL: 5}),
)  # fmt: skip


class _MetricState:
    scene = build_healthy_scene()


def make() -> None:
    """Nothing: moto finds the provider below by itself."""


def show(scene: Scene) -> None:
    """From now on this scene's metrics."""
    _MetricState.scene = scene


class Provider(CloudWatchMetricProvider):  # type: ignore[misc]
    """What moto asks for metrics that AWS's own services publish."""

    @staticmethod
    def get_cloudwatch_metrics(account_id: str, region: str) -> list[MetricAggregatedDatum]:
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        return list(_points(_MetricState.scene, now)) if region == REGION else []


@lru_cache(maxsize=4)
def _points(scene: Scene, now: datetime) -> tuple[MetricAggregatedDatum, ...]:
    minutes = [now - timedelta(minutes=count) for count in range(KEPT)]
    made = (_point(series, scene, at) for series in SERIES for at in minutes)
    return tuple(point for point in made if point is not None)


def _point(series: MetricSeries, scene: Scene, at: datetime) -> MetricAggregatedDatum | None:
    chance = Random(f"{series.name}{at.timestamp():.0f}")
    level, strays = series.usual, series.strays
    if scene.broken is not None and scene.broken in series.while_broken and at >= scene.since:
        level = series.while_broken[scene.broken]
        strays = min(strays, level / 20)
    value = max(0.0, level + chance.uniform(-strays, strays))
    if series.counted:
        value = float(round(value))
        low, high, count, total = 1.0, 1.0, value, value
        if not value:
            return None
    else:
        most = 100.0 if series.unit == "Percent" else float("inf")
        value = min(value, most)
        low, high, count, total = max(0.0, value - strays), min(most, value + strays), 10.0, value * 10
    dimensions = [{"Name": name, "Value": each} for name, each in series.of().items()]
    return MetricAggregatedDatum(
        series.namespace, series.name, low, high, count, total, dimensions, at, unit=series.unit
    )
