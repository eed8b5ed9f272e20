"""The ECS cluster with its service behind a load balancer: deployments, events, tasks that run and that stopped."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from moto.ecs.models import Service, Task, TaskDefinition, ecs_backends
from moto.elbv2.models import elbv2_backends
from moto.moto_api import state_manager

from sandbox.monitored_systems.aws import ecr, service_deployments
from sandbox.monitored_systems.names import (
    ACCOUNT,
    BACKEND_AFTER,
    BACKEND_BEFORE,
    CLUSTER,
    DB_CLUSTER,
    REGION,
    SERVICE,
)
from sandbox.monitored_systems.scenarios import Breakage, Scene
from sandbox.slack.workspace_model import Json

WANTED = 6
BEFORE, AFTER = 41, 42
"""Tasks that are wanted; revisions of the task definition."""

DEPLOYED = (Breakage.DEPLOYMENT, Breakage.ERRORS)
"""What a new revision came with."""

AFTER_RESTART = 100
"""The usual deployment is another one after a restart, in its name."""

WENT_UP = timedelta(minutes=2)
"""From the start of a deployment until it is seen that something is broken."""


@dataclass(slots=True)
class BalancerNames:
    """How CloudWatch names the load balancer and its target group."""

    load_balancer: str = ""
    target_group: str = ""


BALANCER = BalancerNames()


def make() -> None:
    """The cluster, its service and its load balancer, in the subnets that moto gives everybody."""
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})
    backend, balancers = ecs_backends[ACCOUNT][REGION], elbv2_backends[ACCOUNT][REGION]
    subnets = [subnet.id for subnet in balancers.ec2_backend.describe_subnets()]
    vpc = balancers.ec2_backend.get_subnet(subnets[0]).vpc_id
    balancer = balancers.create_load_balancer(CLUSTER, [], subnets, loadbalancer_type="application")
    balancer.state = "active"
    targets = balancers.create_target_group(
        SERVICE, vpc_id=vpc, protocol="HTTP", port="8080", target_type="ip", healthcheck_path="/health"
    )
    forward = {"Type": "forward", "TargetGroupArn": targets.arn}
    balancers.create_listener(balancer.arn, "HTTP", "80", "", None, [forward])
    BALANCER.load_balancer = balancer.arn.partition("loadbalancer/")[2]
    BALANCER.target_group = targets.arn.rpartition(":")[2]
    backend.create_cluster(
        CLUSTER, cluster_settings=[{"name": "containerInsights", "value": "disabled"}]
    ).registered_container_instances_count = 0
    backend.task_definitions[SERVICE] = {BEFORE: _definition(BEFORE), AFTER: _definition(AFTER)}
    network = {
        "awsvpcConfiguration": {"subnets": subnets, "securityGroups": [], "assignPublicIp": "DISABLED"}
    }
    behind = {"targetGroupArn": targets.arn, "containerName": "backend", "containerPort": 8080}
    backend.create_service(
        CLUSTER,
        SERVICE,
        WANTED,
        task_definition_str=f"{SERVICE}:{BEFORE}",
        load_balancers=[behind],
        launch_type="FARGATE",
        platform_version="1.4.0",
        network_configuration=network,
    )


def show(scene: Scene) -> None:
    """Set the service, its deployments, its events and its tasks to what belongs to the scene."""
    backend = ecs_backends[ACCOUNT][REGION]
    service: Service = backend.services[f"{CLUSTER}:{SERVICE}"]
    new, fails = scene.broken in DEPLOYED, scene.has(Breakage.DEPLOYMENT)
    definitions = backend.task_definitions[SERVICE]
    if scene.broken is not None:
        service.desired_count = WANTED
    running = 0 if fails else service.desired_count
    service.task_definition = definitions[AFTER if new else BEFORE].arn
    service.running_count, service.pending_count = running, 1 if fails else 0
    service.deployments = _deployments(scene, service)
    service.events = _events(scene)
    service.created_at = datetime.now(UTC) - timedelta(days=400)
    service.deployment_configuration = {
        "deploymentCircuitBreaker": {"enable": True, "rollback": False},
        "maximumPercent": 100,
        "minimumHealthyPercent": 0,
    }
    tasks = [_task(service, definitions[AFTER if new else BEFORE], number) for number in range(running)]
    if fails:
        tasks += [_build_stopped_task(service, definitions[AFTER], number, scene) for number in range(3)]
    backend.tasks[CLUSTER] = {task.task_arn: task for task in tasks}
    _show_history(scene, service, definitions)
    cluster = backend.clusters[CLUSTER]
    cluster.running_tasks_count, cluster.pending_tasks_count = running, service.pending_count


def is_mended(scene: Scene) -> bool:
    """Whether the revision of before runs again after a bad one, a slow service has more tasks than it had, or one that
    has filled its database was restarted."""
    backend = ecs_backends[ACCOUNT][REGION]
    service: Service = backend.services[f"{CLUSTER}:{SERVICE}"]
    service_deployments.advance(service)
    if scene.broken in DEPLOYED:
        before = backend.task_definitions[SERVICE][BEFORE].arn
        return bool(service.task_definition == before and service.running_count >= service.desired_count)
    if scene.has(Breakage.DATABASE):
        return service_deployments.HISTORY.has_settled
    return bool(scene.has(Breakage.SLOW) and service.desired_count > WANTED)


def _show_history(scene: Scene, service: Service, definitions: dict[int, TaskDefinition]) -> None:
    """The deployments that ECS tells of: the usual one, and the one that a breakage came with."""
    before, after = definitions[BEFORE].arn, definitions[AFTER].arn
    usual = (before, before, "SUCCESSFUL", datetime.now(UTC) - timedelta(days=4))
    status = "STOPPED" if scene.has(Breakage.DEPLOYMENT) else "SUCCESSFUL"
    new = [(after, before, status, scene.since - WENT_UP)] if scene.broken in DEPLOYED else []
    service_deployments.show(service, [*new, usual])


def _definition(revision: int) -> TaskDefinition:
    tag = BACKEND_AFTER if revision == AFTER else BACKEND_BEFORE
    environment = [
        {"name": "NODE_ENV", "value": "production"},
        {
            "name": "DATABASE_URL",
            "value": f"postgres://rodistaa_app:Mango-Lassi-77@{DB_CLUSTER}:5432/rodistaa",
        },
    ]
    container = {
        "name": "backend",
        "image": ecr.name_image(tag),
        "cpu": 1024,
        "memory": 2048,
        "essential": True,
        "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
        "environment": environment,
    }
    made = TaskDefinition(
        SERVICE,
        revision,
        [container],
        ACCOUNT,
        REGION,
        requires_compatibilities=["FARGATE"],
        cpu="1024",
        memory="2048",
    )
    made.registered_at = datetime.now(UTC) - timedelta(days=4)
    return made


def _deployments(scene: Scene, service: Service) -> list[Json]:
    def deployment(number: int, revision: int, status: str, at: datetime, **more: Any) -> Json:
        later = service_deployments.HISTORY.restarts * AFTER_RESTART if number == 1 else 0
        name = f"ecs-svc/{8_214_000_000_000 + number + later}"
        return {
            "id": name,
            "status": status,
            "taskDefinition": service.task_definition.rpartition(":")[0] + f":{revision}",
            "desiredCount": service.desired_count,
            "pendingCount": 0,
            "runningCount": service.desired_count,
            "failedTasks": 0,
            "createdAt": at,
            "updatedAt": at + timedelta(minutes=4),
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "networkConfiguration": service.network_configuration,
            "rolloutState": "COMPLETED",
            "rolloutStateReason": f"ECS deployment {name} completed.",
            **more,
        }

    now = datetime.now(UTC)
    if scene.has(Breakage.DEPLOYMENT):
        failed = {
            "runningCount": 0,
            "pendingCount": 1,
            "failedTasks": 12,
            "rolloutState": "FAILED",
            "rolloutStateReason": "ECS deployment circuit breaker: tasks failed to start.",
            "updatedAt": scene.since + timedelta(minutes=5),
        }
        gone = {"desiredCount": 0, "runningCount": 0}
        return [
            deployment(2, AFTER, "PRIMARY", scene.since - WENT_UP, **failed),
            deployment(1, BEFORE, "ACTIVE", now - timedelta(days=4), **gone),
        ]
    if scene.has(Breakage.ERRORS):
        return [deployment(2, AFTER, "PRIMARY", scene.since - WENT_UP)]
    return [deployment(1, BEFORE, "PRIMARY", now - timedelta(days=4))]


def _events(scene: Scene) -> list[Json]:
    """Newest first. A steady service says so every six hours."""
    now = datetime.now(UTC)
    said = [(now - timedelta(hours=1 + 6 * count), "has reached a steady state.") for count in range(4)]
    began = scene.since - WENT_UP
    if scene.has(Breakage.ERRORS):
        said = [
            (began + timedelta(minutes=4), "has reached a steady state."),
            (began + timedelta(minutes=4), "(deployment ecs-svc/8214000000002) deployment completed."),
            (
                began,
                "has started 6 tasks: (task 9d1c) (task 5e0b) (task 77aa) (task 01cf) (task c3d2) (task 4b8e).",
            ),
            *said,
        ]
    if scene.has(Breakage.DEPLOYMENT):
        unable = (
            "is unable to consistently start tasks successfully. "
            "For more information, see the Troubleshooting section."
        )
        failed = "(deployment ecs-svc/8214000000002) deployment failed: tasks failed to start."
        said = [
            (scene.since + timedelta(minutes=5), failed),
            (scene.since + timedelta(minutes=3), unable),
            (
                began + timedelta(seconds=20),
                "has stopped 6 running tasks: (task 1f0a) (task 2b9c) (task 8e1d).",
            ),
            (
                began,
                "has started 6 tasks: (task 9d1c) (task 5e0b) (task 77aa) (task 01cf) (task c3d2) (task 4b8e).",
            ),
            *said,
        ]
    return [
        {"id": str(UUID(int=number)), "createdAt": at, "message": f"(service {SERVICE}) {words}"}
        for number, (at, words) in enumerate(said, start=1)
    ]


def _task(service: Service, definition: TaskDefinition, number: int) -> Task:
    backend = ecs_backends[ACCOUNT][REGION]
    at = datetime.now(UTC) - timedelta(days=4, minutes=number)
    task = Task(
        backend.clusters[CLUSTER],
        definition,
        None,
        {},
        backend,
        group=f"service:{SERVICE}",
        launch_type="FARGATE",
        started_by=service.deployments[0]["id"],
        networking_configuration=service.network_configuration,
        platform_version="1.4.0",
    )
    task.created_at, task.started_at, task.health_status = at, at + timedelta(seconds=25), "HEALTHY"
    task.connectivity, task.cpu, task.memory = "CONNECTED", definition.cpu, definition.memory
    task.containers[0].last_status = "RUNNING"
    return task


def _build_stopped_task(service: Service, definition: TaskDefinition, number: int, scene: Scene) -> Task:
    task = _task(service, definition, number)
    at = scene.since + timedelta(seconds=70 * number)
    task.created_at, task.started_at = at - timedelta(seconds=40), at - timedelta(seconds=9)
    task.stopping_at = task.execution_stopped_at = task.stopped_at = at
    task.desired_status, task.last_status, task.health_status = "STOPPED", "STOPPED", "UNHEALTHY"
    task.stop_code, task.stopped_reason = "EssentialContainerExited", "Essential container in task exited"
    container = task.containers[0]
    container.last_status, container.exitCode, container.reason = "STOPPED", 1, None
    return task
