"""Databases of RDS as they were read: frozen values, redacted while they are made.

Shapes: Amazon RDS API, DescribeDBClusters, DescribeDBInstances and DescribeEvents.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from diagnostics.finding import CannotTell, Cause
from diagnostics.redaction import redacted


@dataclass(frozen=True, slots=True)
class Instance:
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
class Database:
    """One cluster with its instances, or one instance of its own (`cluster` is false, it is its only one).

    `secondary` when it follows another cluster and therefore has no writer; `serverless` when it is of the first
    version, which has no instances.
    """

    name: str
    status: str
    instances: tuple[Instance, ...]
    cluster: bool = True
    multi_zone: bool = False
    secondary: bool = False
    serverless: bool = False
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What RDS tells of a cluster or an instance, with its categories such as `failover`."""

    at: datetime
    source: str
    text: str
    categories: frozenset[str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read. `unread` says what could not be read beside the databases themselves."""

    databases: tuple[Database, ...]
    events: tuple[Event, ...] = ()
    unread: tuple[str, ...] = ()


def clusters(
    answer: Mapping[str, Any],
    instances: Iterable[Mapping[str, Any]] = (),
    events: Iterable[Mapping[str, Any]] = (),
    unread: Sequence[str] = (),
) -> Snapshot:
    """DescribeDBClusters' answer with what DescribeDBInstances tells of its members. Raises CannotTell."""
    known = {str(each.get("DBInstanceIdentifier", "")): each for each in instances}
    found = tuple(_cluster(each, known) for each in answer.get("DBClusters", ()))
    return Snapshot(found, _events(events), tuple(unread))


def instances(
    answer: Mapping[str, Any], events: Iterable[Mapping[str, Any]] = (), unread: Sequence[str] = ()
) -> Snapshot:
    """DescribeDBInstances' answer. Raises CannotTell."""
    found = []
    for each in answer.get("DBInstances", ()):
        name, status = _told(each, "DBInstanceIdentifier", "DBInstanceStatus")
        one = _instance(name, each, writer=not each.get("ReadReplicaSourceDBInstanceIdentifier"))
        found.append(Database(name, status, (one,), cluster=False, multi_zone=one.multi_zone))
    return Snapshot(tuple(found), _events(events), tuple(unread))


def _cluster(given: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> Database:
    name, status = _told(given, "DBClusterIdentifier", "Status")
    members = given.get("DBClusterMembers", ())
    here = tuple(
        _instance(
            str(each.get("DBInstanceIdentifier", "")),
            known.get(str(each.get("DBInstanceIdentifier", "")), {}),
            writer=bool(each.get("IsClusterWriter")),
        )
        for each in members
    )
    return Database(
        name,
        status,
        here,
        multi_zone=bool(given.get("MultiAZ")),
        secondary=bool(given.get("ReplicationSourceIdentifier") or given.get("GlobalWriteForwardingStatus")),
        serverless=given.get("EngineMode") == "serverless",
        pending=_pending(given),
    )


def _instance(name: str, given: Mapping[str, Any], writer: bool) -> Instance:
    stopped = [each for each in given.get("StatusInfos", ()) if each.get("Normal") is False]
    why = [
        redacted(f"{each.get('StatusType', '')} {each.get('Status', '')}: {each.get('Message', '')}").rstrip(
            ": "
        )
        for each in stopped
    ]
    return Instance(
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
    waits = any(each.get("ParameterApplyStatus") == "pending-reboot" for each in groups)
    return (
        *sorted(name for name, value in values.items() if value),
        *(("parameters (restart)",) if waits else ()),
    )


def _told(given: Mapping[str, Any], name: str, status: str) -> tuple[str, str]:
    if not given.get(name) or not given.get(status):
        said = "RDS described a database without its name or status."
        raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Run the command yourself.")
    return str(given[name]), str(given[status])


def _events(given: Iterable[Mapping[str, Any]]) -> tuple[Event, ...]:
    """Newest first."""
    found = (
        Event(
            each["Date"],
            str(each.get("SourceIdentifier", "")),
            redacted(str(each.get("Message", ""))),
            frozenset(str(one).lower() for one in each.get("EventCategories", ())),
        )
        for each in given
        if each.get("Date") is not None
    )
    return tuple(sorted(found, key=lambda each: each.at, reverse=True))
