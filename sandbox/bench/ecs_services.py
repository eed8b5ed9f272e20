"""An ECS whose services all exist: what it tells, and what an update does.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/Welcome.html
"""

import time
from dataclasses import dataclass, field
from typing import Any

ACCOUNT, REGION, CLUSTER = "123456789012", "eu-central-1", "prod"
BEFORE, AFTER = 41, 42

Json = dict[str, Any]


@dataclass(slots=True)
class EcsServiceState:
    """One service: the revision that runs since when, the revisions that were deployed (newest first), its tasks."""

    revision: int = AFTER
    at: float = field(default_factory=lambda: time.time() - 600)
    count: int = 6
    restarts: int = 0
    deployed: list[tuple[int, float]] = field(
        default_factory=lambda: [(AFTER, time.time() - 600), (BEFORE, time.time() - 9e5)]
    )


@dataclass(slots=True)
class EcsServices:
    """All services by their names, made when they are first asked about."""

    known: dict[str, EcsServiceState] = field(default_factory=dict)

    def get(self, name: str) -> EcsServiceState:
        return self.known.setdefault(name.rpartition("/")[2], EcsServiceState())


def describe_service(name: str, state: EcsServiceState) -> Json:
    deployment = {
        "id": f"ecs-svc/{name}-{state.revision}-{state.restarts}",
        "status": "PRIMARY",
        "taskDefinition": definition(name, state.revision),
        "createdAt": state.at,
        "rolloutState": "COMPLETED",
    }
    return {
        "serviceName": name,
        "serviceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{CLUSTER}/{name}",
        "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{CLUSTER}",
        "status": "ACTIVE",
        "taskDefinition": definition(name, state.revision),
        "desiredCount": state.count,
        "runningCount": state.count,
        "pendingCount": 0,
        "deployments": [deployment],
    }


def definition(name: str, revision: int) -> str:
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{name}:{revision}"


def revision_arn(name: str, revision: int) -> str:
    return f"arn:aws:ecs:{REGION}:{ACCOUNT}:service-revision/{CLUSTER}/{name}/{revision}"


def read_ecs(services: EcsServices, operation: str, asked: Json) -> Json | None:
    """The answer of AWS to a question; None for one that is not known here."""
    if operation == "DescribeServices":
        names = [name.rpartition("/")[2] for name in asked["services"]]
        return {"services": [describe_service(name, services.get(name)) for name in names], "failures": []}
    if operation == "ListServiceDeployments":
        name = asked["service"].rpartition("/")[2]
        return {"serviceDeployments": [_brief(name, *each) for each in services.get(name).deployed]}
    if operation == "DescribeServiceRevisions":
        return {"serviceRevisions": [_revision(arn) for arn in asked["serviceRevisionArns"]], "failures": []}
    if operation == "DescribeTaskDefinition":
        return {"taskDefinition": {"taskDefinitionArn": asked["taskDefinition"], "status": "ACTIVE"}}
    return {"ScalableTargets": []} if operation == "DescribeScalableTargets" else None


def _brief(name: str, revision: int, at: float) -> Json:
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service-deployment/{CLUSTER}/{name}/{revision}-{int(at)}"
    return {
        "serviceDeploymentArn": arn,
        "status": "SUCCESSFUL",
        "createdAt": at,
        "targetServiceRevisionArn": revision_arn(name, revision),
    }


def _revision(arn: str) -> Json:
    *_, name, revision = arn.split("/")
    image = {"containerName": "app", "image": f"app:v{revision}", "imageDigest": f"sha256:{revision}"}
    return {
        "serviceRevisionArn": arn,
        "taskDefinition": definition(name, int(revision)),
        "containerImages": [image],
    }


def update_service(services: EcsServices, asked: Json) -> Json:
    name = asked["service"].rpartition("/")[2]
    state = services.get(name)
    if "taskDefinition" in asked:
        state.revision, state.at = int(asked["taskDefinition"].rpartition(":")[2]), time.time()
        state.deployed.insert(0, (state.revision, state.at))
    state.restarts += bool(asked.get("forceNewDeployment"))
    state.count = asked.get("desiredCount", state.count)
    return {"service": describe_service(name, state)}
