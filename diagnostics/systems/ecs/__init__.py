"""ECS services: running tasks, deployments, and what the newest deployment changed."""

import asyncio
import re
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import AwsCall
from diagnostics.clients.aws import AwsClients, build_console_url, render_cli_command
from diagnostics.systems.ecs.models import (
    TaskRevision,
    build_snapshot,
    compare_task_revisions,
    parse_task_revision,
)
from diagnostics.systems.ecs.rules import interpret

__all__ = [
    "Ecs",
    "TaskRevision",
    "build_snapshot",
    "compare_task_revisions",
    "interpret",
    "parse_task_revision",
]

AT_ONCE, MOST_SERVICES = 10, 50
"""How many services DescribeServices takes in one call, and how many are asked for at most."""

MOST_STOPPED, MOST_LISTED = 20, 5
"""Of how many stopped tasks, and of how many services, the reasons are read."""

ABOUT_DEPLOYMENTS = re.compile(r"deploy|rollout|taskDefinition", re.IGNORECASE)
ABOUT_TASKS = re.compile(r"(?:running|desired|pending)Count", re.IGNORECASE)


@dataclass(slots=True)
class _EcsReader:
    """One look: where it asks, and what it could not read beside the services."""

    aws: AwsClients
    call: AwsCall
    cluster: str
    by: float
    unread: list[str] = field(default_factory=list)

    async def call_operation(self, operation: str, **parameters: object) -> dict[str, Any]:
        asking = AwsCall("ecs", operation, parameters, region=self.call.region, profile=self.call.profile)
        return await self.aws.call(asking, self.by)

    async def read_optional(self, what: str, reading: Awaitable[Sequence[Any]]) -> Sequence[Any]:
        """What helps to judge; that it cannot be read takes nothing from the rest, and is said."""
        try:
            return await reading
        except Inconclusive as why:
            self.unread.append(f"{what}: {why.said}")
            return ()


class Ecs:
    """Made of the bot's AWS clients."""

    def __init__(self, aws: AwsClients) -> None:
        self._aws = aws

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """How the services of a DescribeServices stand, whatever part of it the runbook's own query shows."""
        call = question.action.call
        assert isinstance(call, AwsCall)
        services = [str(service) for service in _ensure_list(call.parameters.get("services"))]
        if not services:
            said = "ECS skipped: the command names no service."
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Name them with --services.")
        reading = _EcsReader(
            self._aws, call, str(call.parameters.get("cluster") or _cluster_of(services)), by
        )
        answer = await self._describe_services(reading, services)
        tasks, changed = await asyncio.gather(
            reading.read_optional("why tasks stopped", self._list_stopped_tasks(reading, answer)),
            reading.read_optional("what the deployment changed", self._compare_revisions(reading, answer)),
        )
        seen = build_snapshot(_short(reading.cluster), answer, tasks, changed, sorted(reading.unread))
        found = interpret(seen, question.now, question.began, _is_about_deployments(question))
        link = _link(self._aws.region_of(call), reading.cluster, services, _is_about_deployments(question))
        return replace(found, link=link, command=question.command or render_cli_command(call))

    async def _describe_services(self, reading: _EcsReader, services: Sequence[str]) -> Mapping[str, Any]:
        if len(services) > MOST_SERVICES:
            reading.unread.append(f"{len(services) - MOST_SERVICES} more services")
        answers = await asyncio.gather(
            *(
                reading.call_operation(
                    "DescribeServices", cluster=reading.cluster, services=list(services[at : at + AT_ONCE])
                )
                for at in range(0, min(len(services), MOST_SERVICES), AT_ONCE)
            )
        )
        return _join_descriptions(answers, services[:MOST_SERVICES])

    async def _list_stopped_tasks(
        self, reading: _EcsReader, answer: Mapping[str, Any]
    ) -> Sequence[Mapping[str, Any]]:
        """The tasks that stopped lately: ECS knows of them for an hour."""
        names = [service["serviceName"] for service in answer["services"] if service.get("serviceName")]
        if len(names) > MOST_LISTED:
            reading.unread.append(f"why tasks of {len(names) - MOST_LISTED} more services stopped")
        listed = await asyncio.gather(
            *(
                reading.call_operation(
                    "ListTasks",
                    cluster=reading.cluster,
                    serviceName=name,
                    desiredStatus="STOPPED",
                    maxResults=MOST_STOPPED,
                )
                for name in names[:MOST_LISTED]
            )
        )
        arns = [arn for page in listed for arn in page.get("taskArns", ())]
        if not arns:
            return ()
        told = await reading.call_operation("DescribeTasks", cluster=reading.cluster, tasks=arns[:100])
        tasks: Sequence[Mapping[str, Any]] = told.get("tasks", ())
        return tasks

    async def _compare_revisions(self, reading: _EcsReader, answer: Mapping[str, Any]) -> Sequence[str]:
        """What differs between the newest deployment's revision and the one before it, of the first service where
        that is known."""
        for service in answer["services"]:
            before, after = _revisions((*service.get("deployments", ()), *service.get("taskSets", ())))
            if before and after:
                old, new = await asyncio.gather(
                    *(
                        reading.call_operation("DescribeTaskDefinition", taskDefinition=name)
                        for name in (before, after)
                    )
                )
                return compare_task_revisions(parse_task_revision(old), parse_task_revision(new))
        return ()


def _join_descriptions(answers: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Mapping[str, Any]:
    """Several answers as one. A service that ECS says nothing of counts among its failures."""
    services = [service for answer in answers for service in answer.get("services", ())]
    failures = [failure for answer in answers for failure in answer.get("failures", ())]
    known = {service.get("serviceName") for service in services}
    known |= {_short(str(failure.get("arn", ""))) for failure in failures}
    silent = [{"arn": name} for name in map(_short, names) if name not in known]
    return {"services": services, "failures": [*failures, *silent]}


def _revisions(deployments: Iterable[Mapping[str, Any]]) -> tuple[str, str]:
    """The revision before and the newest one. When only one is told of, the one before is that by its number."""
    told = {
        str(deployment.get("taskDefinition", "")): str(deployment.get("status", ""))
        for deployment in deployments
    }
    after = next((name for name, status in told.items() if status == "PRIMARY"), "")
    name, _, number = after.rpartition(":")
    by_number = f"{name}:{int(number) - 1}" if number.isdigit() and int(number) > 1 else ""
    return next((revision for revision in told if revision and revision != after), by_number), after


def _is_about_deployments(question: CheckRequest) -> bool:
    call = question.action.call
    query = call.query if isinstance(call, AwsCall) else None
    asked = query or question.name
    return ABOUT_DEPLOYMENTS.search(asked) is not None and ABOUT_TASKS.search(asked) is None


def _ensure_list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else []


def _cluster_of(services: Sequence[str]) -> str:
    """The cluster in a service's ARN (`...:service/cluster/name`), else the one that ECS takes when none is named."""
    parts = services[0].split("/")
    return parts[1] if len(parts) == 3 else "default"


def _short(name: str) -> str:
    return name.rpartition("/")[2]


def _link(region: str, cluster: str, services: Sequence[str], deployments: bool) -> str:
    if not region:
        return ""
    place = f"ecs/v2/clusters/{_short(cluster)}/services"
    if len(services) == 1:
        place = f"{place}/{_short(services[0])}/{'deployments' if deployments else 'health'}"
    return build_console_url(region, f"{place}?region={region}")
