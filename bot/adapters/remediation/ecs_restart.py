"""`ecs.restart`: new tasks in the place of those that run, of the same task definition.

Each new task pulls its image again, so that the registry is asked first: a tag that was moved brings other content, an
image that is gone brings no task. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
"""

from collections.abc import Mapping
from typing import Any

from bot.adapters.remediation.aws_calls import Reader, call_once
from bot.adapters.remediation.ecs_return import read_revisions
from bot.adapters.remediation.ecs_service import (
    EcsService,
    read_by_arn,
    read_service,
    refuse_controller,
    short,
)
from bot.adapters.remediation.image_registry import ImageCheck, check_images
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal

WHOLE = 100
"""The share of tasks, in percent, that ECS keeps up meanwhile where nothing stops."""


def preview(task: Task) -> Plan | Refusal:
    """What new tasks would change now."""
    reader = Reader(task, task.parameters.get("region", ""))
    service = read_service(reader, task)
    if isinstance(service, Refusal):
        return service
    if refusal := refuse_controller(service) or _refuse_state(service):
        return refusal
    images = _find_running(reader, service).get("containerImages", ())
    checks = check_images(reader, images)
    if gone := [check.gone for check in checks if check.gone]:
        return Refusal(" ".join(gone))
    return _build_plan(service, checks)


def _refuse_state(service: EcsService) -> Refusal | None:
    if service.under_way is not None:
        return Refusal(f"A deployment of {service.name} is under way: it starts new tasks already.")
    if not service.desired:
        return Refusal(f"{service.name} is to have no task: there is nothing to restart.")
    return None


def _find_running(reader: Reader, service: EcsService) -> Mapping[str, Any]:
    revisions = read_revisions(reader, service.deployments)
    return next(
        (each for each in revisions.values() if each["taskDefinition"] == service.task_definition), {}
    )


def _build_plan(service: EcsService, checks: tuple[ImageCheck, ...]) -> Plan:
    definition, name = short(service.task_definition), service.name
    digests = ", ".join(check.digest.removeprefix("sha256:")[:12] for check in checks if check.digest)
    unchecked = [check.unknown for check in checks if check.unknown]
    return Plan(
        target=service.target,
        title=f"Restart {name}",
        changes=(
            Change(
                "Tasks", f"{service.measure} of {definition}", f"{service.desired} new ones of {definition}"
            ),
        ),
        meanwhile=_describe_pace(service),
        affected=f"Whoever uses {name} while its tasks are exchanged.",
        undo="It cannot be taken back: the tasks of now are gone then.",
        command=f"aws ecs update-service --cluster {service.cluster} --service {name} --force-new-deployment",
        supports=(f"{service.running} of {service.desired} tasks run.",)
        if service.running < service.desired
        else (),
        against=_list_objections(service),
        unchecked=tuple(unchecked) if checks else ("Which images run: ECS tells none.",),
        red_lines=tuple(check.moved for check in checks if check.moved),
        fingerprint={
            "task definition": definition,
            "deployment": str(service.primary.get("id", "")),
            "service": str(service.described.get("status")),
            "images in the registry": digests or "not known",
        },
        action={
            "cluster": service.cluster,
            "service": service.arn,
            "task_definition": service.task_definition,
            "deployment": str(service.primary.get("id", "")),
        },
        measure=service.measure,
    )


def _describe_pace(service: EcsService) -> str:
    """What stops meanwhile, by the share of tasks that ECS keeps up."""
    kept = service.described.get("deploymentConfiguration", {}).get("minimumHealthyPercent", WHOLE)
    if kept >= WHOLE:
        return "Nothing stops: ECS starts new tasks first. Connections to the old ones end."
    least = -(-service.desired * int(kept) // WHOLE)
    if not least:
        return f"All {service.desired} tasks may stop at once while they are exchanged."
    return f"Only {least} of {service.desired} tasks are kept up while they are exchanged."


def _list_objections(service: EcsService) -> tuple[str, ...]:
    if service.running < service.desired:
        return (f"{service.desired - service.running} tasks do not start now: new ones may not either.",)
    return ("Their connections are opened again at once: where the database is full, it fills up again.",)


def carry_out(task: Task) -> Receipt:
    """The one call, with a session that may make just that."""
    action = task.action
    region = str(action["service"]).split(":")[3]
    allowed = [{"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": action["service"]}]
    asked = {"cluster": action["cluster"], "service": action["service"], "forceNewDeployment": True}
    return call_once(task, region, "ecs", "update_service", asked, allowed)


def observe(task: Task) -> Observation:
    """How far the new deployment of the same task definition came."""
    arn = str(task.action["service"])
    service = read_by_arn(Reader(task, arn.split(":")[3]), arn)
    primary = service.primary
    is_other = service.task_definition != task.action["task_definition"]
    if is_other or primary.get("id") == task.action["deployment"]:
        return Observation(False, measure=service.measure)
    state = primary.get("rolloutState", "")
    if state == "FAILED":
        told = f"The new tasks do not start: {primary.get('rolloutStateReason', '')}"
        return Observation(True, True, False, service.measure, told)
    is_done = state in ("COMPLETED", "") and service.running >= service.desired
    return Observation(True, is_done, True, service.measure, f"New tasks are started: {service.measure}.")
