"""Why tasks of an ECS service stop, in ECS's words and in ours."""

from collections import Counter

from bot.domain.finding import Verdict
from diagnostics.systems.ecs.models import EcsSnapshot, TaskStop

FATES = {
    "outofmemory": "its tasks die of memory",
    "out of memory": "its tasks die of memory",
    "exit 137": "its tasks die of memory",
    "cannotpullcontainer": "its image cannot be pulled",
    "resourceinitializationerror": "its tasks cannot fetch what they start with",
    "health check": "its tasks fail their health checks",
    "essential container in task exited": "its tasks stop by themselves",
}
"""Words of ECS about tasks that stopped, and what that means for the deployment whose tasks they are."""


def collect_task_texts(seen: EcsSnapshot) -> str:
    """All that ECS says of stopped tasks and of late events, in small letters."""
    late = (text for service in seen.services for _, text in service.events)
    return " ".join((*(stop.reason for stop in seen.stopped), *late)).lower()


def explain_stops(lost: list[TaskStop]) -> str:
    """A sentence about the reason that most failed tasks have; empty where none failed."""
    reasons = Counter(stop.reason.rstrip(".") for stop in lost if stop.reason)
    if not reasons:
        return ""
    reason, count = reasons.most_common(1)[0]
    times = f", {count}{f' of {len(lost)}' if count < len(lost) else ''} times" if len(lost) > 1 else ""
    return f" They stop with: {reason}{times}."


def suggest_next_check(verdict: Verdict, seen: EcsSnapshot) -> str:
    if verdict is Verdict.OK:
        return ""
    joined = collect_task_texts(seen)
    if "outofmemory" in joined or "out of memory" in joined or "exit 137" in joined:
        return "Tasks stop for want of memory: check the memory of the service."
    if "cannotpullcontainer" in joined:
        return "The image cannot be pulled: check its tag and the registry's permissions."
    if "resourceinitializationerror" in joined:
        return "Tasks cannot fetch their secrets, logs or network: check the execution role and the subnets."
    if "unable to place" in joined:
        return "There is no room for the tasks: check the cluster's capacity."
    if "health check" in joined:
        return "Tasks fail their health checks: check the health endpoint and the logs of the newest tasks."
    return "Check the logs of the newest tasks, and whether the last deployment should be rolled back."
