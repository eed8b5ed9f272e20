"""ECS services: do as many tasks run as are wanted, does a deployment get through, and what ECS says about it.

Shapes: Amazon ECS API, DescribeServices and DescribeTasks.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diagnostics.finding import Cause, Finding, Table, Verdict, unknown
from diagnostics.redaction import redacted

TROUBLE = (
    "unable to place",
    "unable to consistently start",
    "failed to launch",
    "failed container health checks",
    "deployment failed",
    "is unhealthy",
)
"""Words of ECS's own events that mean trouble."""

EVENTS_WITHIN = timedelta(minutes=30)
"""Older events tell of something that is over."""

SUSPECT = timedelta(hours=1)
"""A deployment that began so long before the incident or later may be its cause."""

MOST_EVENTS, MOST_REASONS = 3, 3


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a service; `rollout` is COMPLETED, IN_PROGRESS, FAILED or empty."""

    id: str
    status: str
    rollout: str
    desired: int
    running: int
    failed: int
    task_definition: str
    created_at: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One service as it stands, with its newest events."""

    name: str
    status: str
    desired: int
    running: int
    pending: int
    deployments: tuple[Deployment, ...] = ()
    events: tuple[tuple[datetime, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read. `missing` are services that were asked for and are not there; `stopped` are the reasons for which
    tasks stopped lately, as ECS words them, with repeats."""

    cluster: str
    services: tuple[Service, ...]
    missing: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()


def snapshot(cluster: str, answer: Mapping[str, Any], tasks: Iterable[Mapping[str, Any]] = ()) -> Snapshot:
    """DescribeServices' answer, and stopped tasks of DescribeTasks, as values; texts are redacted here."""
    services = tuple(
        Service(
            each["serviceName"],
            each.get("status", ""),
            int(each.get("desiredCount", 0)),
            int(each.get("runningCount", 0)),
            int(each.get("pendingCount", 0)),
            tuple(_deployment(deployment) for deployment in each.get("deployments", ())),
            tuple(
                (event["createdAt"], redacted(event.get("message", ""))) for event in each.get("events", ())
            ),
        )
        for each in answer.get("services", ())
    )
    missing = tuple(each.get("arn", "").rpartition("/")[2] for each in answer.get("failures", ()))
    reasons = (redacted(each["stoppedReason"]) for each in tasks if each.get("stoppedReason"))
    return Snapshot(cluster, services, missing, tuple(reasons))


def _deployment(given: Mapping[str, Any]) -> Deployment:
    return Deployment(
        given.get("id", ""),
        given.get("status", ""),
        given.get("rolloutState", ""),
        int(given.get("desiredCount", 0)),
        int(given.get("runningCount", 0)),
        int(given.get("failedTasks", 0)),
        given.get("taskDefinition", "").rpartition("/")[2],
        given.get("createdAt"),
        redacted(given.get("rolloutStateReason", "")),
    )


def interpret(seen: Snapshot, now: datetime, began: datetime | None = None) -> Finding:
    """The judgement of what was read at `now`; `began` is the start of the incident, if there is one."""
    if not seen.services:
        names = ", ".join(seen.missing) or "the service"
        said = f"{names} is not there in the cluster {seen.cluster}."
        return unknown(
            Cause.NOT_FOUND, said, now, "Look at the names of cluster and service, and at the region."
        )
    judged = [(_judged(each, now, began), each) for each in seen.services]
    order = (Verdict.BAD, Verdict.WARN, Verdict.OK)
    (verdict, said), _ = min(judged, key=lambda each: order.index(each[0][0]))
    if seen.missing:
        verdict = verdict if verdict is Verdict.BAD else Verdict.WARN
        said = f"{said} Not there: {', '.join(seen.missing)}."
    return Finding(verdict, said, now, table=_table(seen, now), next_look=_next(verdict, seen))


def _judged(service: Service, now: datetime, began: datetime | None) -> tuple[Verdict, str]:
    counted = f"{service.name}: {service.running} of {service.desired} tasks run"
    primary = next((each for each in service.deployments if each.status == "PRIMARY"), None)
    in_progress = any(each.rollout == "IN_PROGRESS" for each in service.deployments)
    failed = next((each for each in service.deployments if each.rollout == "FAILED"), None)
    losing = next((each for each in service.deployments if each.failed > 0), None)
    since = _since(primary, now, began)
    if service.status not in ("ACTIVE", ""):
        return Verdict.BAD, f"{counted}, the service is {service.status}."
    if service.desired > 0 and service.running == 0:
        return Verdict.BAD, f"{counted}: nothing serves.{since}"
    if failed is not None:
        why = f" ({failed.reason})" if failed.reason else ""
        return Verdict.BAD, f"{counted}; the deployment of {failed.task_definition} FAILED{why}.{since}"
    if losing is not None:
        return (
            Verdict.BAD,
            f"{counted}; {losing.failed} tasks of {losing.task_definition} failed to start.{since}",
        )
    if trouble := _trouble(service, now):
        return Verdict.BAD, f"{counted}. ECS says: {trouble[0][1]}"
    if service.running < service.desired and not in_progress:
        return Verdict.BAD, f"{counted}, and no deployment is under way that would explain it."
    if in_progress:
        return Verdict.WARN, f"{counted}; a deployment is in progress.{since}"
    if service.desired == 0:
        return Verdict.WARN, f"{service.name}: no task is wanted (desired 0)."
    if since:
        return Verdict.WARN, f"{counted}.{since}"
    return Verdict.OK, f"{counted}, the last deployment is through."


def _since(primary: Deployment | None, now: datetime, began: datetime | None) -> str:
    """A sentence when the newest deployment began shortly before the incident, or after it."""
    if primary is None or primary.created_at is None or began is None:
        return ""
    before = began - primary.created_at
    if before > SUSPECT:
        return ""
    minutes = round(abs(before.total_seconds()) / 60)
    side = "before" if before > timedelta(0) else "after"
    return f" {primary.task_definition} was deployed {minutes} min {side} the incident began."


def _trouble(service: Service, now: datetime) -> list[tuple[datetime, str]]:
    return [
        (at, text)
        for at, text in service.events
        if now - at <= EVENTS_WITHIN and any(words in text.lower() for words in TROUBLE)
    ]


def _table(seen: Snapshot, now: datetime) -> Table:
    rows = [
        (
            each.name,
            f"{each.running}/{each.desired}" + (f" +{each.pending} pending" if each.pending else ""),
            deployment.task_definition,
            deployment.rollout or deployment.status,
            _age(deployment.created_at, now),
        )
        for each in seen.services
        for deployment in each.deployments or (Deployment("", "", "", 0, 0, 0, "", None),)
    ]
    events = [
        (each.name, "event", text, "", _age(at, now))
        for each in seen.services
        for at, text in _trouble(each, now)
    ]
    reasons = [
        ("stopped", f"{count}×", text, "", "")
        for text, count in Counter(seen.stopped).most_common(MOST_REASONS)
    ]
    left_out = max(0, len(events) - MOST_EVENTS) + max(0, len(set(seen.stopped)) - MOST_REASONS)
    heads = ("service", "tasks", "what", "state", "age")
    return Table(heads, (*rows, *events[:MOST_EVENTS], *reasons), left_out)


def _age(at: datetime | None, now: datetime) -> str:
    if at is None:
        return ""
    minutes = int((now - at).total_seconds() // 60)
    return (
        f"{minutes} min"
        if minutes < 180
        else f"{minutes // 60} h"
        if minutes < 2880
        else f"{minutes // 1440} d"
    )


def _next(verdict: Verdict, seen: Snapshot) -> str:
    if verdict is Verdict.OK:
        return ""
    texts: Sequence[str] = (*seen.stopped, *(text for each in seen.services for _, text in each.events))
    joined = " ".join(texts).lower()
    if "outofmemory" in joined or "out of memory" in joined:
        return "Tasks stop for want of memory: look at the memory of the service."
    if "cannotpullcontainer" in joined:
        return "The image cannot be pulled: look at its tag and at the registry's permissions."
    if "unable to place" in joined:
        return "There is no room for the tasks: look at the cluster's capacity."
    return "Look at the logs of the newest tasks, and whether the last deployment should be rolled back."
