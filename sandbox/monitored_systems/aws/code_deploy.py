"""What moto lacks of CodeDeploy: a deployment of an ECS service that goes on, and is stopped with its rollback.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from moto.codedeploy.exceptions import DeploymentDoesNotExistException
from moto.codedeploy.responses import CodeDeployResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.ecs.models import Service, TaskSet

from sandbox.slack.workspace_model import Json

SETTLED_AFTER = timedelta(seconds=1)


@dataclass(slots=True)
class CodeDeployments:
    """The deployments by their ids: the status of each, which one goes back for it, and when that has."""

    statuses: dict[str, str] = field(default_factory=dict)
    rollbacks: dict[str, str] = field(default_factory=dict)
    settles_at: dict[str, datetime] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)


KNOWN = CodeDeployments()


def make() -> None:
    """Put ours in the place of moto's, once in a process."""
    CodeDeployResponse.get_deployment = get_deployment
    CodeDeployResponse.stop_deployment = stop_deployment


def deploy(service: Service, name: str, before: str, new: str) -> None:
    """Let CodeDeploy be under way with this service, from one task definition to the other."""
    service.deployment_controller = {"type": "CODE_DEPLOY"}
    service.task_sets = [_build_task_set(service, f"{name}-0", before), _build_task_set(service, name, new)]
    service.task_sets[0].status = "PRIMARY"
    KNOWN.statuses |= {f"{name}-0": "Succeeded", name: "InProgress"}


def _build_task_set(service: Service, external: str, definition: str) -> TaskSet:
    cluster = service.cluster_arn.rpartition("/")[2]
    return TaskSet(
        service.name, cluster, definition, "123456789012", service.region_name, external_id=external
    )


def get_deployment(self: CodeDeployResponse) -> ActionResult:
    """How one stands by now."""
    name = self._get_param("deploymentId")
    if name not in KNOWN.statuses:
        raise DeploymentDoesNotExistException(name)
    if (at := KNOWN.settles_at.get(name)) and datetime.now(UTC) >= at:
        KNOWN.statuses[name] = "Succeeded"
    info: Json = {"deploymentId": name, "status": KNOWN.statuses[name]}
    if back := KNOWN.rollbacks.get(name):
        info["rollbackInfo"] = {"rollbackDeploymentId": back}
    return ActionResult({"deploymentInfo": info})


def stop_deployment(self: CodeDeployResponse) -> ActionResult:
    """It stops, and another one goes back; what is over cannot be stopped."""
    name = self._get_param("deploymentId")
    if KNOWN.statuses.get(name) != "InProgress":
        raise JsonRESTError("DeploymentAlreadyCompletedException", "The deployment is already complete.")
    KNOWN.stopped.append(name)
    KNOWN.statuses[name] = "Stopped"
    if self._get_param("autoRollbackEnabled"):
        back = KNOWN.rollbacks[name] = f"{name}-back"
        KNOWN.statuses[back], KNOWN.settles_at[back] = "InProgress", datetime.now(UTC) + SETTLED_AFTER
    return ActionResult({"status": "Succeeded"})
