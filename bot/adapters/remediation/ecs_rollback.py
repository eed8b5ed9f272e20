"""`ecs.rollback`: back to the newest image that was deployed well.

A deployment that goes on is stopped with its rollback; else the service gets the task definition of the newest older
deployment that succeeded with another image. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
"""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from bot.adapters.remediation.aws_calls import Reader, call_once
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
from bot.adapters.remediation.ecs_service import (
    STOPPABLE,
    EcsService,
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
    if refusal := refuse_controller(service):
        return refusal
    if service.under_way is not None and "revision" not in task.parameters:
        return _plan_stop(service, service.under_way)
    if service.under_way is not None:
        return Refusal(f"A deployment of {service.name} is under way: {_describe(service.under_way)}.")
    return _plan_update(reader, service, task)


def _plan_stop(service: EcsService, deployment: Mapping[str, Any]) -> Plan | Refusal:
    """A deployment goes on: it is stopped, and ECS itself goes back to what ran before."""
    if deployment["status"] not in STOPPABLE:
        return Refusal(f"{service.name} is being rolled back already: {_describe(deployment)}.")
    name = str(deployment["serviceDeploymentArn"])
    return Plan(
        target=service.target,
        title=f"Stop the deployment of {service.name} and roll it back",
        changes=(
            Change("Deployment", f"{_short_deployment(name)} {deployment['status']}", "stopped, rolled back"),
            Change("Task definition", short(service.task_definition), "what ran before this deployment"),
        ),
        meanwhile="ECS starts the tasks of before, as many at once as the service allows.",
        affected=f"Whoever uses {service.name} while its tasks are exchanged.",
        undo="Deploy again.",
        command=f"aws ecs stop-service-deployment --service-deployment-arn {name} --stop-type ROLLBACK",
        supports=list_supports(service),
        against=list_objections(service),
        fingerprint={
            "deployment": f"{_short_deployment(name)} {deployment['status']}",
            "task definition": short(service.task_definition),
        },
        action={"case": "stop", "deployment": name, "service": service.arn},
        measure=service.measure,
    )


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
        },
        reverse={
            "kind": "ecs.rollback",
            "cluster": service.cluster,
            "service": service.name,
            "revision": service.task_definition,
        },
        measure=service.measure,
    )


def _choose(
    reader: Reader, service: EcsService, wanted: str
) -> tuple[str, Mapping[str, Any], Mapping[str, Any]] | Refusal:
    """The task definition to go back to, the service revision that runs, and the one that ran with that."""
    succeeded = [each for each in service.deployments if each["status"] == "SUCCESSFUL"]
    revisions = _read_revisions(reader, service.deployments)
    running = next(
        (each for each in revisions.values() if each["taskDefinition"] == service.task_definition), {}
    )
    older = [revisions.get(str(each["targetServiceRevisionArn"]), {}) for each in succeeded]
    older = [each for each in older if each and each["taskDefinition"] != service.task_definition]
    if wanted:
        family = service.task_definition.rpartition(":")[0]
        full = wanted if ":" in wanted else f"{family}:{wanted}"
        return full, running, next((each for each in older if each["taskDefinition"] == full), {})
    if not older:
        return Refusal(f"No older deployment of {service.name} that succeeded is known to ECS.")
    known = list_digests(running)
    for each in older:
        if not known or not list_digests(each) or list_digests(each) != known:
            return str(each["taskDefinition"]), running, each
    return Refusal(
        f"The same image would come back: {short(str(older[0]['taskDefinition']))} has the digest that runs now. Its "
        "tag was moved; deploy the image of before by its digest."
    )


def _read_revisions(
    reader: Reader, deployments: Sequence[Mapping[str, Any]]
) -> Mapping[str, Mapping[str, Any]]:
    arns = list(dict.fromkeys(str(each["targetServiceRevisionArn"]) for each in deployments))[:20]
    if not arns:
        return {}
    found = reader.ask("ecs", "describe_service_revisions", serviceRevisionArns=arns)
    return {str(each["serviceRevisionArn"]): each for each in found.get("serviceRevisions", ())}


def _short_deployment(arn: str) -> str:
    return arn.rpartition("/")[2]


def _describe(deployment: Mapping[str, Any]) -> str:
    began = deployment["createdAt"].astimezone(UTC)
    name = _short_deployment(str(deployment["serviceDeploymentArn"]))
    return f"{name} is {deployment['status']} since {began:%H:%M} UTC"


def carry_out(task: Task) -> Receipt:
    """The one call, with a session that may make just that."""
    action = task.action
    region = str(action["service"]).split(":")[3]
    allowed: list[dict[str, Any]]
    if action["case"] == "stop":
        allowed = [
            {
                "Effect": "Allow",
                "Action": "ecs:StopServiceDeployment",
                "Resource": [action["service"], action["deployment"]],
            }
        ]
        stop = {"serviceDeploymentArn": action["deployment"], "stopType": "ROLLBACK"}
        return call_once(task, region, "ecs", "stop_service_deployment", stop, allowed)
    allowed = [{"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": action["service"]}]
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
    if task.action["case"] == "stop":
        return _observe_stop(reader, task)
    service = _read_by_arn(reader, arn)
    if service.task_definition != task.action["task_definition"]:
        return Observation(False, measure=service.measure)
    primary = service.primary
    state = primary.get("rolloutState", "")
    is_done = state == "COMPLETED" and service.running >= service.desired
    told = f"{short(service.task_definition)} is deployed: {service.measure}."
    if state == "FAILED":
        told = f"The deployment of {short(service.task_definition)} failed: {primary.get('rolloutStateReason', '')}"
    return Observation(True, is_done or state == "FAILED", is_done if state else None, service.measure, told)


def _observe_stop(reader: Reader, task: Task) -> Observation:
    name = task.action["deployment"]
    listed = reader.ask("ecs", "describe_service_deployments", serviceDeploymentArns=[name])
    status = next((str(each["status"]) for each in listed.get("serviceDeployments", ())), "")
    service = _read_by_arn(reader, str(task.action["service"]))
    told = f"The deployment is {status}: {service.measure}."
    if status in STOPPABLE:
        return Observation(False, measure=service.measure)
    is_over = status in ("ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED", "STOPPED")
    return Observation(True, is_over, status == "ROLLBACK_SUCCESSFUL", service.measure, told)


def _read_by_arn(reader: Reader, arn: str) -> EcsService:
    cluster = arn.split("/")[-2]
    answer = reader.ask("ecs", "describe_services", cluster=cluster, services=[arn])
    return EcsService(answer["services"][0])
