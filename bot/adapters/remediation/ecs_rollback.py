"""`ecs.rollback`: back to the newest image that was deployed well.

A deployment that goes on is stopped with its rollback; else the service gets the task definition of the newest older
deployment that succeeded with another image. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.adapters.remediation.aws_calls import Reader, call_once
from bot.adapters.remediation.codedeploy_stop import (
    carry_out_codedeploy_stop,
    observe_codedeploy_stop,
    plan_codedeploy_stop,
)
from bot.adapters.remediation.ecs_deployment_stop import (
    carry_out_stop,
    describe_deployment,
    observe_stop,
    plan_stop,
)
from bot.adapters.remediation.ecs_evidence import (
    list_digests,
    list_objections,
    list_supports,
    list_unchecked,
    list_warnings,
    map_images,
    parse_tag,
    shorten_images,
)
from bot.adapters.remediation.ecs_return import read_revisions
from bot.adapters.remediation.ecs_service import (
    EcsService,
    read_by_arn,
    read_service,
    refuse_controller,
    short,
)
from bot.adapters.remediation.migrations_between import find_migrations
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal


def preview(task: Task) -> Plan | Refusal:
    """What a rollback would change now."""
    reader = Reader(task, task.parameters.get("region", ""))
    service = read_service(reader, task)
    if isinstance(service, Refusal):
        return service
    if service.controller == "CODE_DEPLOY":
        return plan_codedeploy_stop(reader, service, task.parameters.get("revision", ""))
    if refusal := refuse_controller(service):
        return refusal
    if service.under_way is not None and "revision" not in task.parameters:
        return plan_stop(reader, service, service.under_way)
    if service.under_way is not None:
        return Refusal(
            f"A deployment of {service.name} is under way: {describe_deployment(service.under_way)}."
        )
    return _plan_update(reader, service, task)


def _plan_update(reader: Reader, service: EcsService, task: Task) -> Plan | Refusal:
    chosen = _choose(reader, service, task.parameters.get("revision", ""))
    if isinstance(chosen, Refusal):
        return chosen
    target, running, before = chosen
    definition = reader.ask("ecs", "describe_task_definition", taskDefinition=target)["taskDefinition"]
    if definition.get("status") != "ACTIVE":
        return Refusal(f"{short(target)} is {definition.get('status')}: it cannot be deployed any more.")
    images = ", ".join(map_images(running).values()), ", ".join(map_images(before).values())
    migrations = find_migrations(task, parse_tag(images[1]), parse_tag(images[0]))
    roles = [definition[name] for name in ("taskRoleArn", "executionRoleArn") if definition.get(name)]
    full = str(definition["taskDefinitionArn"])
    return Plan(
        target=service.target,
        title=f"Roll back {service.name} to {short(full)}",
        changes=tuple(
            change
            for change in (
                Change("Task definition", short(service.task_definition), short(full)),
                Change("Image", *map(shorten_images, images)) if any(images) else None,
            )
            if change is not None
        ),
        meanwhile="The tasks are exchanged, as many at once as the service allows.",
        affected=f"Whoever uses {service.name} while its tasks are exchanged.",
        undo=f"Roll forward to {short(service.task_definition)}.",
        command=(
            f"aws ecs update-service --cluster {service.cluster} --service {service.name} --task-definition {full}"
        ),
        supports=list_supports(service),
        against=list_objections(service),
        unchecked=list_unchecked(migrations, running, before),
        red_lines=list_warnings(running, before, migrations),
        fingerprint={
            "task definition": short(service.task_definition),
            "deployment": str(service.primary.get("id", "")),
            "task definition to go back to": short(full),
            "service": str(service.described.get("status")),
        },
        action={
            "case": "update",
            "cluster": service.cluster,
            "service": service.arn,
            "task_definition": full,
            "before": service.task_definition,
            "roles": roles,
            "refused": {"task_definition": service.task_definition, "digests": sorted(list_digests(running))},
        },
        reverse={
            "kind": "ecs.rollback",
            "cluster": service.cluster,
            "service": service.name,
            "revision": service.task_definition,
        },
        measure=service.measure,
        deployed_at=service.deployed_at,
    )


def _choose(
    reader: Reader, service: EcsService, wanted: str
) -> tuple[str, Mapping[str, Any], Mapping[str, Any]] | Refusal:
    """The task definition to go back to, the service revision that runs, and the one that ran with that."""
    revisions = read_revisions(reader, service.deployments)
    running = _find_revision(revisions.values(), service.task_definition)
    older = _list_older(service, revisions)
    if wanted:
        family = service.task_definition.rpartition(":")[0]
        full = wanted if ":" in wanted else f"{family}:{wanted}"
        return full, running, _find_revision(older, full)
    if not older:
        return Refusal(f"No older deployment of {service.name} that succeeded is known to ECS.")
    other = next((revision for revision in older if _may_differ(revision, running)), None)
    if other is not None:
        return str(other["taskDefinition"]), running, other
    return Refusal(
        f"The same image would come back: {short(str(older[0]['taskDefinition']))} has the digest that runs now. Its "
        "tag was moved; deploy the image of before by its digest."
    )


def _find_revision(revisions: Iterable[Mapping[str, Any]], definition: str) -> Mapping[str, Any]:
    """The first service revision with that task definition; an empty one where there is none."""
    return next((revision for revision in revisions if revision["taskDefinition"] == definition), {})


def _list_older(service: EcsService, revisions: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What deployments that succeeded went to, the newest first, and is not what runs."""
    arns = [
        str(deployment["targetServiceRevisionArn"])
        for deployment in service.deployments
        if deployment["status"] == "SUCCESSFUL"
    ]
    known = [revisions[arn] for arn in arns if revisions.get(arn)]
    return [revision for revision in known if revision["taskDefinition"] != service.task_definition]


def _may_differ(revision: Mapping[str, Any], running: Mapping[str, Any]) -> bool:
    """Whether the images are others than those that run; so, too, where ECS does not tell of one of them."""
    digests, known = list_digests(revision), list_digests(running)
    return not digests or not known or digests != known


def carry_out(task: Task) -> Receipt:
    """The one call, with a session that may make just that."""
    action = task.action
    region = str(action["service"]).split(":")[3]
    if action["case"] == "codedeploy":
        return carry_out_codedeploy_stop(task, region)
    if action["case"] != "update":
        return carry_out_stop(task, region)
    allowed: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": action["service"]}
    ]
    if action["roles"]:
        allowed.append(
            {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": action["roles"],
                "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            }
        )
    update = {
        "cluster": action["cluster"],
        "service": action["service"],
        "taskDefinition": action["task_definition"],
    }
    return call_once(task, region, "ecs", "update_service", update, allowed)


def observe(task: Task) -> Observation:
    """How far it came: by the deployment that was stopped, or by the service."""
    arn = str(task.action["service"])
    reader = Reader(task, arn.split(":")[3])
    if task.action["case"] == "codedeploy":
        return observe_codedeploy_stop(reader, task)
    if task.action["case"] != "update":
        return observe_stop(reader, task)
    service = read_by_arn(reader, arn)
    if service.task_definition != task.action["task_definition"]:
        return Observation(False, measure=service.measure)
    primary = service.primary
    state = primary.get("rolloutState", "")
    is_done = state == "COMPLETED" and service.running >= service.desired
    told = f"{short(service.task_definition)} is deployed: {service.measure}."
    if state == "FAILED":
        told = f"The deployment of {short(service.task_definition)} failed: {primary.get('rolloutStateReason', '')}"
    return Observation(True, is_done or state == "FAILED", is_done if state else None, service.measure, told)
