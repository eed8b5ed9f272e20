"""Stopping a deployment that goes on, so that ECS itself goes back to what ran before.

One that is paused at a lifecycle hook is answered at the hook, since it does nothing else until somebody does.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContinueServiceDeployment.html
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from bot.adapters.remediation.aws_calls import Reader, call_once
from bot.adapters.remediation.ecs_evidence import list_objections, list_supports
from bot.adapters.remediation.ecs_return import describe_refused
from bot.adapters.remediation.ecs_service import STOPPABLE, EcsService, read_by_arn, short
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal

WAITING, PAUSE = "AWAITING_ACTION", "PAUSE"
ENDS = ("ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED", "STOPPED")


def plan_stop(reader: Reader, service: EcsService, deployment: Mapping[str, Any]) -> Plan | Refusal:
    """What stopping this deployment would do now."""
    if deployment["status"] not in STOPPABLE:
        return Refusal(f"{service.name} is being rolled back already: {describe_deployment(deployment)}.")
    name = str(deployment["serviceDeploymentArn"])
    hook = _find_pause(_read_deployment(reader, name))
    command = f"aws ecs stop-service-deployment --service-deployment-arn {name} --stop-type ROLLBACK"
    action = {"case": "stop", "deployment": name, "service": service.arn}
    if hook is not None:
        action |= {"case": "continue", "hook": str(hook["hookId"])}
        command = (
            f"aws ecs continue-service-deployment --service-deployment-arn {name} --hook-id {hook['hookId']}"
            " --action ROLLBACK"
        )
    return Plan(
        target=service.target,
        title=f"Stop the deployment of {service.name} and roll it back",
        changes=(
            Change("Deployment", f"{shorten(name)} {deployment['status']}", "stopped, rolled back"),
            Change("Task definition", short(service.task_definition), "what ran before this deployment"),
        ),
        meanwhile="ECS starts the tasks of before, as many at once as the service allows.",
        affected=f"Whoever uses {service.name} while its tasks are exchanged.",
        undo="Deploy again.",
        command=command,
        supports=list_supports(service),
        against=list_objections(service),
        red_lines=(_describe_pause(hook),) if hook is not None else (),
        fingerprint={
            "deployment": f"{shorten(name)} {deployment['status']}",
            "task definition": short(service.task_definition),
            **({"lifecycle hook": str(hook["hookId"])} if hook is not None else {}),
        },
        action={**action, "refused": describe_refused(reader, service)},
        measure=service.measure,
        deployed_at=deployment["createdAt"].isoformat(),
    )


def _read_deployment(reader: Reader, name: str) -> Mapping[str, Any]:
    listed = reader.ask("ecs", "describe_service_deployments", serviceDeploymentArns=[name])
    return next(iter(listed.get("serviceDeployments", ())), {})


def _find_pause(deployment: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The lifecycle hook at which it waits for somebody; None where it waits for nobody."""
    hooks = deployment.get("lifecycleHookDetails") or ()
    waiting = (hook for hook in hooks if hook.get("targetType") == PAUSE and hook.get("status") == WAITING)
    return next(waiting, None)


def _describe_pause(hook: Mapping[str, Any]) -> str:
    expires = hook.get("expiresAt")
    until = f" until {expires.astimezone(UTC):%H:%M} UTC" if expires else ""
    then = f", then ECS itself does {hook['timeoutAction']}" if hook.get("timeoutAction") else ""
    return f"It is paused at the lifecycle hook {hook['hookId']} and waits for somebody{until}{then}."


def carry_out_stop(task: Task, region: str) -> Receipt:
    """The one call, with a session that may make just that."""
    action = task.action
    name = action["deployment"]
    operation, given = "stop_service_deployment", {"serviceDeploymentArn": name, "stopType": "ROLLBACK"}
    if action["case"] == "continue":
        operation = "continue_service_deployment"
        given = {"serviceDeploymentArn": name, "hookId": action["hook"], "action": "ROLLBACK"}
    right = "".join(part.capitalize() for part in operation.split("_"))
    allowed = [{"Effect": "Allow", "Action": f"ecs:{right}", "Resource": [action["service"], name]}]
    return call_once(task, region, "ecs", operation, given, allowed)


def observe_stop(reader: Reader, task: Task) -> Observation:
    """How far the deployment that was stopped has come."""
    deployment = _read_deployment(reader, task.action["deployment"])
    status = str(deployment.get("status", ""))
    service = read_by_arn(reader, str(task.action["service"]))
    told = f"The deployment is {status}: {service.measure}."
    if status in STOPPABLE:
        return Observation(False, measure=service.measure)
    return Observation(True, status in ENDS, status == "ROLLBACK_SUCCESSFUL", service.measure, told)


def shorten(arn: str) -> str:
    """The last part of a deployment's name."""
    return arn.rpartition("/")[2]


def describe_deployment(deployment: Mapping[str, Any]) -> str:
    """`abc is IN_PROGRESS since 03:00 UTC`."""
    began = deployment["createdAt"].astimezone(UTC)
    name = shorten(str(deployment["serviceDeploymentArn"]))
    return f"{name} is {deployment['status']} since {began:%H:%M} UTC"
