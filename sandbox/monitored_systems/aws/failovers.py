"""What moto lacks of RDS: a failover that takes seconds, in which nothing else is taken, and the events of it.

AWS refuses to fail over a cluster that is not available, or to the instance that writes already; moto does both.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.rds.exceptions import InvalidDBClusterStateFault
from moto.rds.models import DBCluster, Event, RDSBackend

TAKES = timedelta(seconds=3)
AVAILABLE, FAILING_OVER = "available", "failing-over"
CATEGORY = "failover"


@dataclass(slots=True)
class FailoverState:
    """The calls that came, and the one failover that goes on: to which instance, until when. `has_settled` once one
    that began here came to its end."""

    calls: list[str] = field(default_factory=list)
    target: Any = None
    until: datetime | None = None
    has_settled: bool = False


STATE = FailoverState()


def reset() -> None:
    """Nothing goes on."""
    STATE.target, STATE.until, STATE.has_settled = None, None, False


def make() -> None:
    """Put ours in the place of moto's, once in a process."""
    described = RDSBackend.describe_db_clusters

    def failover_db_cluster(
        self: RDSBackend, db_cluster_identifier: str, target_db_instance_identifier: str | None = None
    ) -> DBCluster:
        STATE.calls.append(str(target_db_instance_identifier))
        (cluster,) = describe_db_clusters(self, db_cluster_identifier)
        target = self.databases[str(target_db_instance_identifier)]
        if cluster.status != AVAILABLE or target is cluster.writer:
            raise InvalidDBClusterStateFault(f"{db_cluster_identifier} is not in a state for a failover.")
        cluster.status = FAILING_OVER
        STATE.target, STATE.until = target, datetime.now(UTC) + TAKES
        _tell(self, cluster, f"Started cross AZ failover to DB instance: {target_db_instance_identifier}")
        return cluster

    def describe_db_clusters(
        self: RDSBackend, db_cluster_identifier: str | None = None, filters: Any = None
    ) -> list[DBCluster]:
        found: list[DBCluster] = described(self, db_cluster_identifier, filters)
        for cluster in found:
            advance(self, cluster)
        return found

    RDSBackend.failover_db_cluster = failover_db_cluster
    RDSBackend.describe_db_clusters = describe_db_clusters


def advance(backend: RDSBackend, cluster: DBCluster) -> None:
    """Bring the cluster to where it is by now."""
    if STATE.until is None or datetime.now(UTC) < STATE.until:
        return
    for member in cluster.members:
        member.is_cluster_writer = False
    STATE.target.is_cluster_writer = True
    cluster.writer, cluster.status = STATE.target, AVAILABLE
    _tell(backend, cluster, f"Completed failover to DB instance: {STATE.target.db_instance_identifier}")
    STATE.until, STATE.has_settled = None, True


def _tell(backend: RDSBackend, cluster: DBCluster, words: str) -> None:
    event = Event("DB_INSTANCE_BACKUP_START", next(iter(backend.databases.values())))
    event.source_identifier, event.source_type = cluster.db_cluster_identifier, "db-cluster"
    event.source_arn, event.message, event.event_categories = cluster.db_cluster_arn, words, [CATEGORY]
    event.date = datetime.now(UTC)
    backend.events.append(event)
