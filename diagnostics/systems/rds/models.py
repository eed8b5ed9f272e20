"""RDS databases as frozen values, redacted while they are made.

Shapes: Amazon RDS API, DescribeDBClusters, DescribeDBInstances and DescribeEvents.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.finding import Inconclusive, UnknownCause
from bot.text.redaction import redact


@dataclass(frozen=True, slots=True)
class RdsInstance:
    """One instance. `status` is empty when it could not be read; `replication` says what is wrong with a replica's
    replication; `pending` are the names of changes that wait."""

    name: str
    status: str
    writer: bool = False
    size: str = ""
    zone: str = ""
    multi_zone: bool = False
    replication: str = ""
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RdsDatabase:
    """One cluster with its instances, or one instance of its own (`cluster` is false, it is its only one).

    `secondary` when it follows another cluster and therefore has no writer; `serverless` when it is of the first
    version, which has no instances.
    """

    name: str
    status: str
    instances: tuple[RdsInstance, ...]
    cluster: bool = True
    multi_zone: bool = False
    secondary: bool = False
    serverless: bool = False
    pending: tuple[str, ...] = ()

    @property
    def writers(self) -> list[RdsInstance]:
        """The instances that take what is written."""
        return [instance for instance in self.instances if instance.writer]

    @property
    def readers(self) -> list[RdsInstance]:
        """The instances that only answer."""
        return [instance for instance in self.instances if not instance.writer]


@dataclass(frozen=True, slots=True)
class RdsEvent:
    """What RDS tells of a cluster or an instance, with its categories such as `failover`."""

    at: datetime
    source: str
    text: str
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class RdsSnapshot:
    """What was read. `unread` says what could not be read beside the databases themselves."""

    databases: tuple[RdsDatabase, ...]
    events: tuple[RdsEvent, ...] = ()
    unread: tuple[str, ...] = ()


def parse_clusters(
    answer: Mapping[str, Any],
    instances: Iterable[Mapping[str, Any]] = (),
    events: Iterable[Mapping[str, Any]] = (),
    unread: Sequence[str] = (),
) -> RdsSnapshot:
    """DescribeDBClusters' answer with what DescribeDBInstances tells of its members. Raises Inconclusive."""
    known = {str(instance.get("DBInstanceIdentifier", "")): instance for instance in instances}
    found = tuple(_cluster(cluster, known) for cluster in answer.get("DBClusters", ()))
    return RdsSnapshot(found, _events(events), tuple(unread))


def parse_instances(
    answer: Mapping[str, Any], events: Iterable[Mapping[str, Any]] = (), unread: Sequence[str] = ()
) -> RdsSnapshot:
    """DescribeDBInstances' answer. Raises Inconclusive."""
    found = []
    for instance in answer.get("DBInstances", ()):
        name, status = _read_name_and_status(instance, "DBInstanceIdentifier", "DBInstanceStatus")
        one = _instance(name, instance, writer=not instance.get("ReadReplicaSourceDBInstanceIdentifier"))
        found.append(RdsDatabase(name, status, (one,), cluster=False, multi_zone=one.multi_zone))
    return RdsSnapshot(tuple(found), _events(events), tuple(unread))


def _cluster(given: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> RdsDatabase:
    name, status = _read_name_and_status(given, "DBClusterIdentifier", "Status")
    members = given.get("DBClusterMembers", ())
    here = tuple(
        _instance(
            str(member.get("DBInstanceIdentifier", "")),
            known.get(str(member.get("DBInstanceIdentifier", "")), {}),
            writer=bool(member.get("IsClusterWriter")),
        )
        for member in members
    )
    return RdsDatabase(
        name,
        status,
        here,
        multi_zone=bool(given.get("MultiAZ")),
        secondary=bool(given.get("ReplicationSourceIdentifier") or given.get("GlobalWriteForwardingStatus")),
        serverless=given.get("EngineMode") == "serverless",
        pending=_pending(given),
    )


def _instance(name: str, given: Mapping[str, Any], writer: bool) -> RdsInstance:
    stopped = [status for status in given.get("StatusInfos", ()) if status.get("Normal") is False]
    why = [
        redact(
            f"{status.get('StatusType', '')} {status.get('Status', '')}: {status.get('Message', '')}"
        ).rstrip(": ")
        for status in stopped
    ]
    return RdsInstance(
        name,
        str(given.get("DBInstanceStatus", "")),
        writer,
        str(given.get("DBInstanceClass", "")),
        str(given.get("AvailabilityZone", "")),
        bool(given.get("MultiAZ")),
        "; ".join(why),
        _pending(given),
    )


def _pending(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of what waits for a restart or the maintenance window, never the values: a password may be among them."""
    values = given.get("PendingModifiedValues") or {}
    groups = [*given.get("DBParameterGroups", ()), *given.get("DBClusterParameterGroupStatuses", ())]
    waits = any(group.get("ParameterApplyStatus") == "pending-reboot" for group in groups)
    return (
        *sorted(name for name, value in values.items() if value),
        *(("parameters (restart)",) if waits else ()),
    )


def _read_name_and_status(given: Mapping[str, Any], name: str, status: str) -> tuple[str, str]:
    if not given.get(name) or not given.get(status):
        said = "RDS described a database without its name or status."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Run the command yourself.")
    return str(given[name]), str(given[status])


def _events(given: Iterable[Mapping[str, Any]]) -> tuple[RdsEvent, ...]:
    """Newest first."""
    found = (
        RdsEvent(
            event["Date"],
            str(event.get("SourceIdentifier", "")),
            redact(str(event.get("Message", ""))),
            frozenset(str(one).lower() for one in event.get("EventCategories", ())),
        )
        for event in given
        if event.get("Date") is not None
    )
    return tuple(sorted(found, key=lambda event: event.at, reverse=True))
