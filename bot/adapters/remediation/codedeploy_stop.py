"""A service that CodeDeploy deploys: the deployment that goes on is stopped, and CodeDeploy itself goes back.

UpdateService cannot change the task definition there. ECS names CodeDeploy's deployment at the task set that it made.
https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

from bot.adapters.remediation.aws_calls import Reader, call_once
from bot.adapters.remediation.ecs_evidence import list_objections
from bot.adapters.remediation.ecs_service import EcsService, read_by_arn, short
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal

GOING_ON = ("Created", "Queued", "InProgress", "Baking", "Ready")
NAMED_WITHIN = timedelta(seconds=60)
"""So soon after the stop CodeDeploy names the deployment that goes back."""

ALLOWED = [{"Effect": "Allow", "Action": "codedeploy:StopDeployment", "Resource": "*"}]
"""AWS knows no resource for this action: the session can stop deployments of CodeDeploy, and nothing else.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html"""


def plan_codedeploy_stop(reader: Reader, service: EcsService, revision: str) -> Plan | Refusal:
    """What stopping its deployment would do now; `revision` is the one that was asked for, empty for none."""
    if revision:
        return Refusal(
            f"{service.name} is deployed by CodeDeploy: it goes back to what ran before, to nothing else."
        )
    found = _find_deployment(reader, service)
    if found is None:
        return Refusal(
            f"{service.name} is deployed by CodeDeploy, and no deployment of it goes on: deploy the version of before "
            "there, or by your team's script."
        )
    name, status, new = found
    before = _find_other(service, new)
    return Plan(
        target=service.target,
        title=f"Stop the deployment of {service.name} by CodeDeploy and roll it back",
        changes=(
            Change("Deployment", f"{name} {status}", "stopped, rolled back"),
            Change("Task definition", short(new["taskDefinition"]), short(before) or "what ran before"),
        ),
        meanwhile="CodeDeploy leads the traffic back to the tasks of before.",
        affected=f"Whoever uses {service.name} while the traffic moves.",
        undo="Deploy again.",
        command=f"aws deploy stop-deployment --deployment-id {name} --auto-rollback-enabled",
        supports=(f"Its deployment began {new['createdAt'].astimezone(UTC):%Y-%m-%d %H:%M} UTC.",),
        against=list_objections(service),
        unchecked=(
            "Whether migrations lie between the two images.",
            "Whether the refused image is deployed again afterwards.",
        ),
        fingerprint={"deployment": name, "task definition": short(new["taskDefinition"])},
        action={"case": "codedeploy", "deployment": name, "service": service.arn},
        measure=service.measure,
        deployed_at=new["createdAt"].isoformat(),
    )


def _find_deployment(reader: Reader, service: EcsService) -> tuple[str, str, Mapping[str, Any]] | None:
    """The deployment that goes on: its id, its status, and the task set that it made; None where none does."""
    made = [each for each in service.described.get("taskSets", ()) if each.get("externalId")]
    for task_set in sorted(made, key=itemgetter("createdAt"), reverse=True):
        name = str(task_set["externalId"])
        status = str(_read_deployment(reader, name).get("status", ""))
        if status in GOING_ON:
            return name, status, task_set
    return None


def _find_other(service: EcsService, new: Mapping[str, Any]) -> str:
    """The task definition of the task set beside this one."""
    others = (each for each in service.described["taskSets"] if each["id"] != new["id"])
    return next((str(each["taskDefinition"]) for each in others), "")


def _read_deployment(reader: Reader, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = reader.ask("codedeploy", "get_deployment", deploymentId=name)["deploymentInfo"]
    return found


def carry_out_codedeploy_stop(task: Task, region: str) -> Receipt:
    """The one call, with a session that may make just that."""
    given = {"deploymentId": task.action["deployment"], "autoRollbackEnabled": True}
    return call_once(task, region, "codedeploy", "stop_deployment", given, ALLOWED)


def observe_codedeploy_stop(reader: Reader, task: Task) -> Observation:
    """How far the deployment that was stopped has come, and the one that goes back."""
    name = str(task.action["deployment"])
    stopped = _read_deployment(reader, name)
    service = read_by_arn(reader, str(task.action["service"]))
    status, back = str(stopped.get("status", "")), stopped.get("rollbackInfo", {}).get("rollbackDeploymentId")
    if back:
        went = str(_read_deployment(reader, str(back)).get("status", ""))
        told = f"{name} is {status}, and {back}, which goes back, is {went}: {service.measure}."
        return Observation(True, went not in GOING_ON, went == "Succeeded", service.measure, told)
    if status != "Stopped":
        return Observation(False, measure=service.measure)
    told = f"{name} is {status}. CodeDeploy names no deployment that goes back: {service.measure}."
    is_whole = service.running >= service.desired
    return Observation(True, not _is_young(task), is_whole, service.measure, told)


def _is_young(task: Task) -> bool:
    return (
        bool(task.started_at) and datetime.now(UTC) - datetime.fromisoformat(task.started_at) < NAMED_WITHIN
    )
