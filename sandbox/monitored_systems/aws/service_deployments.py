"""What moto lacks of ECS: service deployments that move over time, service revisions, stopping with a rollback.

After UpdateService with another task definition the service has a deployment that is IN_PROGRESS, and COMPLETED after
SETTLED_AFTER; StopServiceDeployment goes back to what ran before. Application auto scaling brings the count of a
service into its limits. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.core.responses import ActionResult
from moto.ecs.exceptions import EcsClientException
from moto.ecs.models import EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse

from sandbox.monitored_systems.aws import ecr
from sandbox.slack.workspace_model import Json

SETTLED_AFTER = timedelta(seconds=3)
STOPPABLE = ("PENDING", "IN_PROGRESS")


@dataclass(slots=True)
class ServiceDeployment:
    """One deployment of a service to a task definition, from another one."""

    arn: str
    service: str
    target: str
    source: str
    status: str
    at: datetime
    settles_at: datetime | None = None
    hook: str = ""


@dataclass(slots=True)
class DeploymentHistory:
    """The deployments of the one service, the newest first. `has_settled` once one that began here came to its end,
    `restarts` counts those that only start new tasks."""

    deployments: list[ServiceDeployment] = field(default_factory=list)
    has_settled: bool = False
    restarts: int = 0
    calls: list[str] = field(default_factory=list)


HISTORY = DeploymentHistory()


def show(service: Service, past: Iterable[tuple[str, str, str, datetime]]) -> None:
    """Begin anew with these deployments, the newest first: each (target, source, status, when)."""
    HISTORY.deployments = [
        ServiceDeployment(_name(service), service.arn, target, source, status, at)
        for target, source, status, at in past
    ]
    HISTORY.has_settled = False


def _name(service: Service) -> str:
    cluster = service.cluster_arn.rpartition("/")[2]
    base = service.arn.partition(":service/")[0]
    return f"{base}:service-deployment/{cluster}/{service.name}/{uuid4().hex[:22]}"


def _revision_arn(deployment: ServiceDeployment, task_definition: str) -> str:
    number = task_definition.rpartition(":")[2]
    return (
        f"{deployment.arn.replace(':service-deployment/', ':service-revision/').rpartition('/')[0]}/{number}"
    )


def advance(service: Service) -> None:
    """Bring the service to where it is by now."""
    now = datetime.now(UTC)
    for each in HISTORY.deployments:
        if each.settles_at is None or now < each.settles_at:
            continue
        each.settles_at = None
        each.status = "ROLLBACK_SUCCESSFUL" if each.status == "ROLLBACK_IN_PROGRESS" else "SUCCESSFUL"
        service.running_count, service.pending_count = service.desired_count, 0
        service.deployments[0].update(
            rolloutState="COMPLETED", runningCount=service.desired_count, pendingCount=0, updatedAt=now
        )
        HISTORY.has_settled = True


def _begin(service: Service, target: str, status: str) -> ServiceDeployment:
    now = datetime.now(UTC)
    new = ServiceDeployment(
        _name(service), service.arn, target, service.task_definition, status, now, now + SETTLED_AFTER
    )
    first = dict(service.deployments[0])
    moved = {**first, "status": "ACTIVE"}
    begun = {
        **first,
        "id": f"ecs-svc/{new.arn.rpartition('/')[2]}",
        "status": "PRIMARY",
        "taskDefinition": target,
        "createdAt": now,
        "updatedAt": now,
        "runningCount": 0,
        "failedTasks": 0,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": "ECS deployment in progress.",
    }
    service.deployments = [begun, moved]
    service.task_definition = target
    return new


def make() -> None:
    """Put ours in the place of moto's, once in a process."""
    updated, described = (
        EC2ContainerServiceBackend.update_service,
        EC2ContainerServiceBackend.describe_services,
    )
    registered = ApplicationAutoscalingBackend.register_scalable_target

    def update_service(self: EC2ContainerServiceBackend, properties: Json) -> Service:
        HISTORY.calls.append("UpdateService")
        target = properties.pop("task_definition", None)
        is_forced = properties.pop("force_new_deployment", False)
        HISTORY.restarts += bool(is_forced)
        name = properties["service"].split("/")[-1]
        service: Service = self._get_service(properties.get("cluster", "default"), name)
        if target:
            definition = self.describe_task_definition(target)
            if definition.status != "ACTIVE":
                raise EcsClientException("TaskDefinition is inactive")
            if definition.arn != service.task_definition or is_forced:
                HISTORY.deployments.insert(0, _begin(service, definition.arn, "IN_PROGRESS"))
        elif is_forced:
            HISTORY.deployments.insert(0, _begin(service, service.task_definition, "IN_PROGRESS"))
        if set(properties) - {"cluster", "service"}:
            return updated(self, properties)
        return service

    def describe_services(self: EC2ContainerServiceBackend, cluster: str, names: list[str]) -> Any:
        services, failures = described(self, cluster, names)
        for service in services:
            advance(service)
        return services, failures

    def register_scalable_target(
        self: ApplicationAutoscalingBackend, namespace: str, r_id: str, *more: Any, **rest: Any
    ) -> Any:
        HISTORY.calls.append("RegisterScalableTarget")
        target = registered(self, namespace, r_id, *more, **rest)
        if namespace == "ecs":
            _, cluster, name = r_id.split("/")
            service = self.ecs_backend._get_service(cluster, name)
            count = min(max(service.desired_count, target.min_capacity), target.max_capacity)
            service.desired_count = service.running_count = count
        return target

    EC2ContainerServiceBackend.update_service = update_service
    EC2ContainerServiceBackend.describe_services = describe_services
    ApplicationAutoscalingBackend.register_scalable_target = register_scalable_target
    for operation in (
        list_service_deployments,
        describe_service_deployments,
        describe_service_revisions,
        stop_service_deployment,
        continue_service_deployment,
    ):
        setattr(EC2ContainerServiceResponse, operation.__name__, operation)


def _of_service(response: EC2ContainerServiceResponse) -> Service:
    cluster = response._get_param("cluster", "default")
    service: Service = response.ecs_backend._get_service(
        cluster, response._get_param("service").split("/")[-1]
    )
    advance(service)
    return service


def list_service_deployments(self: EC2ContainerServiceResponse) -> ActionResult:
    """Briefs, the newest first."""
    service = _of_service(self)
    briefs = [
        {
            "serviceDeploymentArn": each.arn,
            "serviceArn": each.service,
            "clusterArn": service.cluster_arn,
            "createdAt": each.at,
            "startedAt": each.at,
            "targetServiceRevisionArn": _revision_arn(each, each.target),
            "status": each.status,
        }
        for each in HISTORY.deployments
    ]
    return ActionResult({"serviceDeployments": briefs})


def describe_service_deployments(self: EC2ContainerServiceResponse) -> ActionResult:
    """Those that are named."""
    for service in self.ecs_backend.services.values():
        advance(service)
    asked = self._get_param("serviceDeploymentArns", [])
    found = [
        {
            "serviceDeploymentArn": each.arn,
            "serviceArn": each.service,
            "createdAt": each.at,
            "status": each.status,
            "targetServiceRevision": {"arn": _revision_arn(each, each.target)},
            "sourceServiceRevisions": [{"arn": _revision_arn(each, each.source)}],
            "lifecycleHookDetails": _describe_hooks(each),
        }
        for each in HISTORY.deployments
        if each.arn in asked
    ]
    return ActionResult({"serviceDeployments": found, "failures": []})


def _describe_hooks(deployment: ServiceDeployment) -> list[Json]:
    if not deployment.hook:
        return []
    until = deployment.at + timedelta(hours=1)
    hook = {"hookId": deployment.hook, "targetType": "PAUSE", "status": "AWAITING_ACTION"}
    return [{**hook, "expiresAt": until, "timeoutAction": "CONTINUE"}]


def continue_service_deployment(self: EC2ContainerServiceResponse) -> ActionResult:
    """Answer a pause; only the rollback is known here."""
    HISTORY.calls.append("ContinueServiceDeployment")
    name, hook = self._get_param("serviceDeploymentArn"), self._get_param("hookId")
    found = next((each for each in HISTORY.deployments if each.arn == name and each.hook == hook), None)
    if found is None or self._get_param("action") != "ROLLBACK":
        raise EcsClientException("ConflictException: no such paused hook")
    found.hook = ""
    _roll_back(self, found)
    return ActionResult({"serviceDeploymentArn": name})


def describe_service_revisions(self: EC2ContainerServiceResponse) -> ActionResult:
    """Those that are named, with the digests of their images."""
    asked = self._get_param("serviceRevisionArns", [])
    found: dict[str, Json] = {}
    for each in HISTORY.deployments:
        for definition in (each.target, each.source):
            arn = _revision_arn(each, definition)
            if arn in asked:
                found[arn] = _describe_revision(self.ecs_backend, each, definition, arn)
    return ActionResult({"serviceRevisions": list(found.values()), "failures": []})


def _describe_revision(
    backend: EC2ContainerServiceBackend, deployment: ServiceDeployment, definition: str, arn: str
) -> Json:
    containers = backend.describe_task_definition(definition).container_definitions
    images = [
        {
            "containerName": each["name"],
            "image": each["image"],
            "imageDigest": ecr.compute_digest(each["image"]),
        }
        for each in containers
    ]
    return {
        "serviceRevisionArn": arn,
        "serviceArn": deployment.service,
        "taskDefinition": definition,
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "containerImages": images,
        "createdAt": deployment.at,
    }


def stop_service_deployment(self: EC2ContainerServiceResponse) -> ActionResult:
    """Back to what ran before; what is over cannot be stopped."""
    HISTORY.calls.append("StopServiceDeployment")
    name = self._get_param("serviceDeploymentArn")
    found = next((each for each in HISTORY.deployments if each.arn == name), None)
    if found is None:
        raise EcsClientException("ServiceDeploymentNotFoundException")
    if found.status not in STOPPABLE:
        raise EcsClientException(f"ConflictException: it is {found.status}")
    if found.hook:
        raise EcsClientException("ConflictException: it is paused at a lifecycle hook")
    _roll_back(self, found)
    return ActionResult({"serviceDeploymentArn": name})


def _roll_back(response: EC2ContainerServiceResponse, found: ServiceDeployment) -> None:
    place = f"{found.service.split('/')[-2]}:{found.service.rpartition('/')[2]}"
    _begin(response.ecs_backend.services[place], found.source, "IN_PROGRESS")
    found.status, found.settles_at = "ROLLBACK_IN_PROGRESS", datetime.now(UTC) + SETTLED_AFTER
