"""ECS services as frozen values, redacted while they are made.

Shapes: Amazon ECS API, DescribeServices, DescribeTasks and DescribeTaskDefinition.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.finding import Inconclusive, UnknownCause
from bot.text.redaction import redact

NORMAL_STOPS = frozenset({"ServiceSchedulerInitiated", "UserInitiated", ""})
"""Codes of stops that nobody need explain, unless the reason speaks of a failure."""


ITS_NAME = re.compile(r"^\(service [^)]*\) (?:\(deployment [^)]*\) )?")
"""What each event of a service begins with."""


@dataclass(frozen=True, slots=True)
class EcsDeployment:
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
class EcsServiceState:
    """One service as it stands, with its newest events."""

    name: str
    status: str
    desired: int
    running: int
    pending: int
    deployments: tuple[EcsDeployment, ...] = ()
    events: tuple[tuple[datetime, str], ...] = ()

    @property
    def primary(self) -> EcsDeployment | None:
        """The deployment that is wanted."""
        return next((deployment for deployment in self.deployments if deployment.status == "PRIMARY"), None)


@dataclass(frozen=True, slots=True)
class TaskStop:
    """A task that stopped lately: when, why as ECS words it with the exit of its container, and whether that is a
    failure. `service` is empty where it belongs to none."""

    at: datetime | None
    reason: str
    failed: bool
    service: str = ""


@dataclass(frozen=True, slots=True)
class EcsSnapshot:
    """What was read. `missing` are services that were asked for and are not there, with ECS's reason unless that is
    MISSING; `changed` is what the newest deployment changed; `unread` says what could not be read beside the services.
    """

    cluster: str
    services: tuple[EcsServiceState, ...]
    missing: tuple[str, ...] = ()
    stopped: tuple[TaskStop, ...] = ()
    changed: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskRevision:
    """One revision of a task definition: images by container, size, and the names (never the values) of its
    environment."""

    name: str
    images: Mapping[str, str]
    cpu: str = ""
    memory: str = ""
    variables: frozenset[str] = frozenset()


def build_snapshot(
    cluster: str,
    answer: Mapping[str, Any],
    tasks: Iterable[Mapping[str, Any]] = (),
    changed: Sequence[str] = (),
    unread: Sequence[str] = (),
) -> EcsSnapshot:
    """DescribeServices' answer and stopped tasks of DescribeTasks as values. Raises Inconclusive for services without
    their numbers, or otherwise of another shape."""
    try:
        services = tuple(_service(service) for service in answer.get("services", ()))
    except (AttributeError, KeyError, TypeError, ValueError):
        said = "ECS described a service in a way that is not known here."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Run the command yourself.") from None
    missing = tuple(_missing(failure) for failure in answer.get("failures", ()))
    return EcsSnapshot(
        cluster,
        services,
        missing,
        tuple(_parse_task_stop(task) for task in tasks),
        tuple(changed),
        tuple(unread),
    )


def _service(given: Mapping[str, Any]) -> EcsServiceState:
    told = (*given.get("deployments", ()), *given.get("taskSets", ()))
    return EcsServiceState(
        given["serviceName"],
        given.get("status", ""),
        int(given["desiredCount"]),
        int(given["runningCount"]),
        int(given.get("pendingCount", 0)),
        tuple(_deployment(deployment) for deployment in told),
        tuple(
            (event["createdAt"], ITS_NAME.sub("", redact(event.get("message", ""))))
            for event in given.get("events", ())
            if event.get("createdAt") is not None
        ),
    )


def _deployment(given: Mapping[str, Any]) -> EcsDeployment:
    """A deployment, or a task set, which is one by CodeDeploy or by somebody else."""
    return EcsDeployment(
        given.get("id", ""),
        given.get("status", ""),
        given.get("rolloutState", ""),
        int(given.get("desiredCount", given.get("computedDesiredCount", 0))),
        int(given.get("runningCount", 0)),
        int(given.get("failedTasks", 0)),
        given.get("taskDefinition", "").rpartition("/")[2],
        given.get("createdAt"),
        redact(given.get("rolloutStateReason", "")),
    )


def _missing(given: Mapping[str, Any]) -> str:
    name, reason = str(given.get("arn", "")).rpartition("/")[2], str(given.get("reason", ""))
    return name if reason in ("MISSING", "") else f"{name} ({redact(reason)})"


def _parse_task_stop(given: Mapping[str, Any]) -> TaskStop:
    reason, code = str(given.get("stoppedReason", "")), str(given.get("stopCode", ""))
    exits = [
        container
        for container in given.get("containers", ())
        if container.get("exitCode") not in (None, 0) or container.get("reason")
    ]
    if exits:
        why, number = str(exits[0].get("reason", "")), exits[0].get("exitCode")
        why = "" if why in reason else why  # ECS says the same of the task and its container
        end = f"exit {number}" if number is not None else ""
        added = ": ".join(part for part in (end, why) if part)
        reason += f" ({added})" if added else ""
    failed = code not in NORMAL_STOPS or "failed" in reason.lower()
    service = str(given.get("group", "")).partition("service:")[2]
    return TaskStop(given.get("stoppedAt"), redact(reason).strip(), failed, service)


def parse_task_revision(answer: Mapping[str, Any]) -> TaskRevision:
    """DescribeTaskDefinition's answer as a value."""
    given = answer.get("taskDefinition", {})
    containers = given.get("containerDefinitions", ())
    return TaskRevision(
        given.get("taskDefinitionArn", "").rpartition("/")[2],
        {
            container.get("name", ""): redact(container.get("image", "")).rpartition("/")[2]
            for container in containers
        },
        str(given.get("cpu", "")),
        str(given.get("memory", "")),
        frozenset(
            redact(variable.get("name", ""))
            for container in containers
            for variable in (*container.get("environment", ()), *container.get("secrets", ()))
        ),
    )


def compare_task_revisions(before: TaskRevision, after: TaskRevision) -> tuple[str, ...]:
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
