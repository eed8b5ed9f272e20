"""ECS services as they were read: frozen values, redacted while they are made.

Shapes: Amazon ECS API, DescribeServices, DescribeTasks and DescribeTaskDefinition.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from diagnostics.finding import CannotTell, Cause
from diagnostics.redaction import redacted

NORMAL_STOPS = frozenset({"ServiceSchedulerInitiated", "UserInitiated", ""})
"""Codes of stops that nobody need explain, unless the reason speaks of a failure."""


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

    @property
    def primary(self) -> Deployment | None:
        """The deployment that is wanted."""
        return next((each for each in self.deployments if each.status == "PRIMARY"), None)


@dataclass(frozen=True, slots=True)
class Stopped:
    """A task that stopped lately: when, why as ECS words it with the exit of its container, and whether that is a
    failure. `service` is empty where it belongs to none."""

    at: datetime | None
    reason: str
    failed: bool
    service: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was read. `missing` are services that were asked for and are not there, with ECS's reason unless that is
    MISSING; `changed` is what the newest deployment changed; `unread` says what could not be read beside the services.
    """

    cluster: str
    services: tuple[Service, ...]
    missing: tuple[str, ...] = ()
    stopped: tuple[Stopped, ...] = ()
    changed: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """One revision of a task definition: images by container, size, and the names (never the values) of its
    environment."""

    name: str
    images: Mapping[str, str]
    cpu: str = ""
    memory: str = ""
    variables: frozenset[str] = frozenset()


def snapshot(
    cluster: str,
    answer: Mapping[str, Any],
    tasks: Iterable[Mapping[str, Any]] = (),
    changed: Sequence[str] = (),
    unread: Sequence[str] = (),
) -> Snapshot:
    """DescribeServices' answer and stopped tasks of DescribeTasks as values. Raises CannotTell for services without
    their numbers, or otherwise of another shape."""
    try:
        services = tuple(_service(each) for each in answer.get("services", ()))
    except (AttributeError, KeyError, TypeError, ValueError):
        said = "ECS described a service in a way that is not known here."
        raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Run the command yourself.") from None
    missing = tuple(_missing(each) for each in answer.get("failures", ()))
    return Snapshot(
        cluster, services, missing, tuple(_stopped(each) for each in tasks), tuple(changed), tuple(unread)
    )


def _service(given: Mapping[str, Any]) -> Service:
    told = (*given.get("deployments", ()), *given.get("taskSets", ()))
    return Service(
        given["serviceName"],
        given.get("status", ""),
        int(given["desiredCount"]),
        int(given["runningCount"]),
        int(given.get("pendingCount", 0)),
        tuple(_deployment(each) for each in told),
        tuple(
            (event["createdAt"], redacted(event.get("message", "")))
            for event in given.get("events", ())
            if event.get("createdAt") is not None
        ),
    )


def _deployment(given: Mapping[str, Any]) -> Deployment:
    """A deployment, or a task set, which is one by CodeDeploy or by somebody else."""
    return Deployment(
        given.get("id", ""),
        given.get("status", ""),
        given.get("rolloutState", ""),
        int(given.get("desiredCount", given.get("computedDesiredCount", 0))),
        int(given.get("runningCount", 0)),
        int(given.get("failedTasks", 0)),
        given.get("taskDefinition", "").rpartition("/")[2],
        given.get("createdAt"),
        redacted(given.get("rolloutStateReason", "")),
    )


def _missing(given: Mapping[str, Any]) -> str:
    name, reason = str(given.get("arn", "")).rpartition("/")[2], str(given.get("reason", ""))
    return name if reason in ("MISSING", "") else f"{name} ({redacted(reason)})"


def _stopped(given: Mapping[str, Any]) -> Stopped:
    reason, code = str(given.get("stoppedReason", "")), str(given.get("stopCode", ""))
    exits = [
        each
        for each in given.get("containers", ())
        if each.get("exitCode") not in (None, 0) or each.get("reason")
    ]
    if exits:
        why, number = exits[0].get("reason", ""), exits[0].get("exitCode")
        end = f"exit {number}" if number is not None else ""
        reason += f" ({': '.join(each for each in (end, why) if each)})"
    failed = code not in NORMAL_STOPS or "failed" in reason.lower()
    service = str(given.get("group", "")).partition("service:")[2]
    return Stopped(given.get("stoppedAt"), redacted(reason).strip(), failed, service)


def definition(answer: Mapping[str, Any]) -> Definition:
    """DescribeTaskDefinition's answer as a value."""
    given = answer.get("taskDefinition", {})
    containers = given.get("containerDefinitions", ())
    return Definition(
        given.get("taskDefinitionArn", "").rpartition("/")[2],
        {each.get("name", ""): redacted(each.get("image", "")).rpartition("/")[2] for each in containers},
        str(given.get("cpu", "")),
        str(given.get("memory", "")),
        frozenset(
            redacted(variable.get("name", ""))
            for each in containers
            for variable in (*each.get("environment", ()), *each.get("secrets", ()))
        ),
    )


def difference(before: Definition, after: Definition) -> tuple[str, ...]:
    """What the newer revision has that the older had not, in words; that nothing differs is said, too."""
    said = [
        f"{name}: image {before.images.get(name, 'none')} → {after.images.get(name, 'none')}"
        for name in sorted({*before.images, *after.images})
        if before.images.get(name) != after.images.get(name)
    ]
    for what, was, now in (("CPU", before.cpu, after.cpu), ("memory", before.memory, after.memory)):
        if was != now:
            said.append(f"{what} {was or 'unset'} → {now or 'unset'}")
    if new := sorted(after.variables - before.variables):
        said.append(f"new variables: {', '.join(new)}")
    if gone := sorted(before.variables - after.variables):
        said.append(f"variables gone: {', '.join(gone)}")
    return tuple(said) or (f"same images, size and names of variables as {before.name}",)
