"""What has to be true before a cluster is failed over. What cannot be read blocks it too.

Limits: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-failover.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.adapters.remediation.aws_calls import Reader
from bot.ports.remediation import RemediationUnavailable

MAX_LAG_S = 1.0
LAG_OVER, QUIET_FOR = timedelta(minutes=5), timedelta(minutes=30)
LAGS = {"aurora": ("AuroraReplicaLag", 1000.0), "": ("ReplicaLag", 1.0)}
"""CloudWatch's name of the lag by the engine's beginning, and how many of its units are a second."""

CLASS = re.compile(r"db\.(?P<family>[a-z0-9]+)\.(?:(?P<times>\d+)x)?(?P<size>[a-z]+)")
SIZES = ("micro", "small", "medium", "large", "xlarge")
FAILOVER = "failover"


@dataclass(frozen=True, slots=True)
class Precondition:
    """One of them as a sentence without its end; `is_met` is None where it cannot be told."""

    text: str
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class RdsCluster:
    """A cluster as DescribeDBClusters tells it, and its instances by name as DescribeDBInstances does."""

    described: Mapping[str, Any]
    instances: Mapping[str, Mapping[str, Any]]

    @property
    def name(self) -> str:
        return str(self.described["DBClusterIdentifier"])

    @property
    def arn(self) -> str:
        return str(self.described["DBClusterArn"])

    @property
    def status(self) -> str:
        return str(self.described["Status"])

    @property
    def members(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.described.get("DBClusterMembers", ())
        return found

    @property
    def writer(self) -> str:
        """The instance that writes; empty while none does."""
        names = (str(each["DBInstanceIdentifier"]) for each in self.members if each["IsClusterWriter"])
        return next(names, "")

    @property
    def readers(self) -> Sequence[str]:
        """The others, in the order in which AWS would choose them."""
        found = [each for each in self.members if not each["IsClusterWriter"]]
        found.sort(key=lambda each: (each.get("PromotionTier", 1), each["DBInstanceIdentifier"]))
        return [str(each["DBInstanceIdentifier"]) for each in found]

    def state(self, instance: str) -> str:
        """How an instance is; empty where it is not known."""
        return str(self.instances.get(instance, {}).get("DBInstanceStatus", ""))

    def size(self, instance: str) -> str:
        """Its class, as `db.r6g.large`."""
        return str(self.instances.get(instance, {}).get("DBInstanceClass", ""))

    def tier(self, instance: str) -> str:
        """Its promotion tier, as people read it."""
        tiers = (
            each.get("PromotionTier") for each in self.members if each["DBInstanceIdentifier"] == instance
        )
        return str(next(tiers, None) or "not known")


def read_cluster(reader: Reader, name: str) -> RdsCluster | None:
    """The cluster of this name; None when there is none."""
    try:
        found = reader.ask("rds", "describe_db_clusters", DBClusterIdentifier=name)["DBClusters"]
    except RemediationUnavailable as away:
        if "DBClusterNotFound" in str(away):
            return None
        raise
    listed = reader.ask("rds", "describe_db_instances", Filters=[{"Name": "db-cluster-id", "Values": [name]}])
    instances = {str(each["DBInstanceIdentifier"]): each for each in listed["DBInstances"]}
    return RdsCluster(found[0], instances)


def list_events(reader: Reader, cluster: RdsCluster, since: datetime) -> list[Mapping[str, Any]]:
    """What RDS tells of failovers of this cluster since then, the oldest first. Raises RemediationUnavailable."""
    told: list[Mapping[str, Any]] = []
    for source, names in (("db-cluster", {cluster.name}), ("db-instance", set(cluster.instances))):
        answer = reader.ask("rds", "describe_events", SourceType=source, StartTime=since)
        told += [
            each
            for each in answer["Events"]
            if each["SourceIdentifier"] in names and FAILOVER in each.get("EventCategories", ())
        ]
    return sorted(told, key=lambda each: each["Date"])


def list_preconditions(reader: Reader, cluster: RdsCluster, target: str) -> list[Precondition]:
    """All of them, asked side by side."""
    for service in ("rds", "cloudwatch"):
        reader.client(service)
    with ThreadPoolExecutor(3) as threads:
        asked = [
            threads.submit(ask, reader, cluster, target) for ask in (_judge_lag, _judge_events, _judge_global)
        ]
        return [*_list_read(cluster, target), *(each.result() for each in asked)]


def _list_read(cluster: RdsCluster, target: str) -> Iterator[Precondition]:
    """Those that the cluster itself tells."""
    yield Precondition(f"the cluster is {cluster.status}", cluster.status == "available")
    state = cluster.state(target)
    yield Precondition(f"{target} is {state or 'not known'}", state == "available" if state else None)
    sizes = cluster.size(cluster.writer), cluster.size(target)
    yield Precondition(
        f"its class is {sizes[1] or 'not known'}, the writer's {sizes[0] or 'not known'}", _fits(*sizes)
    )


def _fits(writer: str, target: str) -> bool | None:
    """Whether a class is not smaller than the writer's; None for classes of different families."""
    if writer and writer == target:
        return True
    now, then = CLASS.fullmatch(writer), CLASS.fullmatch(target)
    if now is None or then is None or now["family"] != then["family"]:
        return None
    if now["size"] not in SIZES or then["size"] not in SIZES:
        return None
    return _rank(then) >= _rank(now)


def _rank(found: re.Match[str]) -> tuple[int, int]:
    return SIZES.index(found["size"]), int(found["times"] or 1)


def _judge_lag(reader: Reader, cluster: RdsCluster, target: str) -> Precondition:
    is_aurora = str(cluster.described.get("Engine", "")).startswith("aurora")
    metric, in_a_second = LAGS["aurora" if is_aurora else ""]
    now = datetime.now(UTC)
    try:
        answer = reader.ask(
            "cloudwatch",
            "get_metric_statistics",
            Namespace="AWS/RDS",
            MetricName=metric,
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": target}],
            StartTime=now - LAG_OVER,
            EndTime=now,
            Period=60,
            Statistics=["Maximum"],
        )
    except RemediationUnavailable as away:
        return Precondition(f"its lag cannot be read: {str(away).rstrip('.')}", None)
    points = [float(each["Maximum"]) for each in answer["Datapoints"]]
    if not points:
        return Precondition(f"CloudWatch has no {metric} of {target} for the last 5 min", None)
    lag = max(points) / in_a_second
    return Precondition(f"its lag was at most {lag:.2f} s in the last 5 min", lag < MAX_LAG_S)


def _judge_events(reader: Reader, cluster: RdsCluster, target: str) -> Precondition:
    try:
        told = list_events(reader, cluster, datetime.now(UTC) - QUIET_FOR)
    except RemediationUnavailable as away:
        return Precondition(f"its failovers cannot be read: {str(away).rstrip('.')}", None)
    if told:
        at = told[-1]["Date"].astimezone(UTC)
        return Precondition(
            f"the last failover was at {at:%H:%M} UTC: {str(told[-1]['Message']).rstrip('.')}", False
        )
    return Precondition("no failover in the last 30 min", True)


def _judge_global(reader: Reader, cluster: RdsCluster, target: str) -> Precondition:
    try:
        listed = reader.ask("rds", "describe_global_clusters")["GlobalClusters"]
    except RemediationUnavailable as away:
        return Precondition(f"global clusters cannot be read: {str(away).rstrip('.')}", None)
    members = [each for found in listed for each in found.get("GlobalClusterMembers", ())]
    secondary = any(each["DBClusterArn"] == cluster.arn and not each.get("IsWriter") for each in members)
    if secondary:
        return Precondition("it is the secondary of a global database", False)
    return Precondition("it is no secondary of a global database", True)
