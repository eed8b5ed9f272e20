"""ECS services: how many tasks run, how deployments get through, what changed with the last one."""

import asyncio
import re
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.step import AwsCall
from diagnostics.aws import Aws, console, typed
from diagnostics.ecs.judged import interpret
from diagnostics.ecs.seen import Definition, definition, difference, snapshot
from diagnostics.finding import CannotTell, Cause, Finding
from diagnostics.question import Question

__all__ = ["Definition", "Ecs", "definition", "difference", "interpret", "snapshot"]

AT_ONCE, MOST_SERVICES = 10, 50
"""How many services DescribeServices takes in one call, and how many are asked for at most."""

MOST_STOPPED, MOST_LISTED = 20, 5
"""Of how many stopped tasks, and of how many services, the reasons are read."""

ABOUT_DEPLOYMENTS = re.compile(r"deploy|rollout|taskDefinition", re.IGNORECASE)
ABOUT_TASKS = re.compile(r"(?:running|desired|pending)Count", re.IGNORECASE)


@dataclass(slots=True)
class _Reading:
    """One look: where it asks, and what it could not read beside the services."""

    aws: Aws
    call: AwsCall
    cluster: str
    by: float
    unread: list[str] = field(default_factory=list)

    async def asked(self, operation: str, **parameters: object) -> dict[str, Any]:
        asking = AwsCall("ecs", operation, parameters, region=self.call.region, profile=self.call.profile)
        return await self.aws.call(asking, self.by)

    async def beside(self, what: str, reading: Awaitable[Sequence[Any]]) -> Sequence[Any]:
        """What helps to judge; that it cannot be read takes nothing from the rest, and is said."""
        try:
            return await reading
        except CannotTell as why:
            self.unread.append(f"{what}: {why.said}")
            return ()


class Ecs:
    """Made of the bot's AWS clients."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    async def look(self, question: Question, by: float) -> Finding:
        """How the services of a DescribeServices stand, whatever part of it the runbook's own query shows."""
        call = question.action.call
        assert isinstance(call, AwsCall)
        services = [str(each) for each in _listed(call.parameters.get("services"))]
        if not services:
            said = "ECS is not asked: the command names no service."
            raise CannotTell(Cause.NOT_UNDERSTOOD, said, "Name them with --services.")
        reading = _Reading(self._aws, call, str(call.parameters.get("cluster") or _cluster_of(services)), by)
        answer = await self._described(reading, services)
        tasks, changed = await asyncio.gather(
            reading.beside("why tasks stopped", self._stopped(reading, answer)),
            reading.beside("what the deployment changed", self._changed(reading, answer)),
        )
        seen = snapshot(_short(reading.cluster), answer, tasks, changed, sorted(reading.unread))
        found = interpret(seen, question.now, question.began, _is_about_deployments(question))
        link = _link(self._aws.region_of(call), reading.cluster, services, _is_about_deployments(question))
        return replace(found, link=link, command=question.command or typed(call))

    async def _described(self, reading: _Reading, services: Sequence[str]) -> Mapping[str, Any]:
        if len(services) > MOST_SERVICES:
            reading.unread.append(f"{len(services) - MOST_SERVICES} more services")
        answers = await asyncio.gather(
            *(
                reading.asked(
                    "DescribeServices", cluster=reading.cluster, services=list(services[at : at + AT_ONCE])
                )
                for at in range(0, min(len(services), MOST_SERVICES), AT_ONCE)
            )
        )
        told = {
            name: [each for answer in answers for each in answer.get(name, ())]
            for name in ("services", "failures")
        }
        known = {each.get("serviceName") for each in told["services"]}
        known |= {_short(str(each.get("arn", ""))) for each in told["failures"]}
        silent = [name for name in map(_short, services[:MOST_SERVICES]) if name not in known]
        return {**told, "failures": [*told["failures"], *({"arn": name} for name in silent)]}

    async def _stopped(self, reading: _Reading, answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The tasks that stopped lately: ECS knows of them for an hour."""
        names = [each["serviceName"] for each in answer["services"] if each.get("serviceName")]
        if len(names) > MOST_LISTED:
            reading.unread.append(f"why tasks of {len(names) - MOST_LISTED} more services stopped")
        listed = await asyncio.gather(
            *(
                reading.asked(
                    "ListTasks",
                    cluster=reading.cluster,
                    serviceName=name,
                    desiredStatus="STOPPED",
                    maxResults=MOST_STOPPED,
                )
                for name in names[:MOST_LISTED]
            )
        )
        arns = [arn for each in listed for arn in each.get("taskArns", ())]
        if not arns:
            return ()
        told = await reading.asked("DescribeTasks", cluster=reading.cluster, tasks=arns[:100])
        tasks: Sequence[Mapping[str, Any]] = told.get("tasks", ())
        return tasks

    async def _changed(self, reading: _Reading, answer: Mapping[str, Any]) -> Sequence[str]:
        """What differs between the newest deployment's revision and the one before it, of the first service where
        that is known."""
        for each in answer["services"]:
            before, after = _revisions((*each.get("deployments", ()), *each.get("taskSets", ())))
            if before and after:
                old, new = await asyncio.gather(
                    *(
                        reading.asked("DescribeTaskDefinition", taskDefinition=name)
                        for name in (before, after)
                    )
                )
                return difference(definition(old), definition(new))
        return ()


def _revisions(deployments: Iterable[Mapping[str, Any]]) -> tuple[str, str]:
    """The revision before and the newest one. When only one is told of, the one before is that by its number."""
    told = {str(each.get("taskDefinition", "")): str(each.get("status", "")) for each in deployments}
    after = next((name for name, status in told.items() if status == "PRIMARY"), "")
    name, _, number = after.rpartition(":")
    by_number = f"{name}:{int(number) - 1}" if number.isdigit() and int(number) > 1 else ""
    return next((each for each in told if each and each != after), by_number), after


def _is_about_deployments(question: Question) -> bool:
    call = question.action.call
    query = call.query if isinstance(call, AwsCall) else None
    asked = query or question.name
    return ABOUT_DEPLOYMENTS.search(asked) is not None and ABOUT_TASKS.search(asked) is None


def _listed(value: object) -> Sequence[object]:
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
    return console(region, f"{place}?region={region}")
