"""An ECS service as remediations read it."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from bot.adapters.remediation.aws_calls import Reader
from bot.adapters.remediation.protocol import Task
from bot.ports.remediation import Refusal

UNDER_WAY = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
STOPPABLE = ("PENDING", "IN_PROGRESS")
DEPLOYERS = {"CODE_DEPLOY": "CodeDeploy", "EXTERNAL": "something outside ECS"}
OWNERS = (
    ("aws:cloudformation:stack-name", "CloudFormation"),
    ("terraform", "Terraform"),
    ("argocd", "Argo CD"),
    ("pulumi", "Pulumi"),
)
"""Tags by which it is seen who else sets a service, by what they contain."""


@dataclass(frozen=True, slots=True)
class EcsService:
    """A service as DescribeServices tells it, and its deployments, the newest first (briefs of
    ListServiceDeployments)."""

    described: Mapping[str, Any]
    deployments: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    @property
    def name(self) -> str:
        return str(self.described["serviceName"])

    @property
    def arn(self) -> str:
        return str(self.described["serviceArn"])

    @property
    def cluster(self) -> str:
        return str(self.described["clusterArn"]).rpartition("/")[2]

    @property
    def task_definition(self) -> str:
        """Empty where task sets have one each, as where something else deploys."""
        return str(self.described.get("taskDefinition", ""))

    @property
    def desired(self) -> int:
        return int(self.described["desiredCount"])

    @property
    def running(self) -> int:
        return int(self.described["runningCount"])

    @property
    def measure(self) -> str:
        return f"{self.running}/{self.desired} running"

    @property
    def target(self) -> str:
        """Its name in the whole world."""
        _, _, _, region, account, *_ = self.arn.split(":")
        return f"aws:{region}:{account}:ecs:{self.cluster}/{self.name}"

    @property
    def primary(self) -> Mapping[str, Any]:
        """The deployment that is in force, as DescribeServices tells it."""
        listed = self.described.get("deployments") or [{}]
        return next((deployment for deployment in listed if deployment.get("status") == "PRIMARY"), listed[0])

    @property
    def controller(self) -> str:
        """Who deploys it: `ECS`, `CODE_DEPLOY` or `EXTERNAL`."""
        return str(self.described.get("deploymentController", {}).get("type", "ECS"))

    @property
    def under_way(self) -> Mapping[str, Any] | None:
        """The service deployment that goes on, None where none does."""
        return next(
            (deployment for deployment in self.deployments if deployment["status"] in UNDER_WAY), None
        )

    @property
    def deployed_at(self) -> str:
        """When the deployment in force began (ISO), empty where ECS does not tell."""
        began = self.primary.get("createdAt")
        return began.isoformat() if began else ""

    @property
    def owner(self) -> str:
        """Who else sets it, by its tags; empty where nobody is seen."""
        keys = [str(tag["key"]).casefold() for tag in self.described.get("tags", ())]
        texts = [*keys, *(str(tag.get("value", "")).casefold() for tag in self.described.get("tags", ()))]
        return next((name for sign, name in OWNERS if any(sign in text for text in texts)), "")


def short(arn: str) -> str:
    """A task definition as people name it: `api:42`."""
    return arn.rpartition("/")[2]


def read_service(reader: Reader, task: Task) -> EcsService | Refusal:
    """The service that is asked about, with its deployments; or why nothing can be proposed for it."""
    cluster, name = task.parameters.get("cluster", ""), task.parameters.get("service", "")
    if not cluster or not name:
        return Refusal("The runbook names no ECS service. Say which: add its name to the words.")
    reader.client("ecs")  # made before the threads, which share it
    with ThreadPoolExecutor(2) as threads:
        described = threads.submit(
            reader.ask, "ecs", "describe_services", cluster=cluster, services=[name], include=["TAGS"]
        )
        listed = threads.submit(
            reader.ask, "ecs", "list_service_deployments", cluster=cluster, service=name, maxResults=20
        )
        found = [
            service
            for service in described.result().get("services", ())
            if service.get("status") != "INACTIVE"
        ]
        if not found:
            return Refusal(f"There is no ECS service {name} in the cluster {cluster}.")
        is_own = EcsService(found[0]).controller == "ECS"
        briefs = listed.result().get("serviceDeployments", ()) if is_own else ()  # ECS tells of its own only
    return EcsService(found[0], sorted(briefs, key=itemgetter("createdAt"), reverse=True))


def read_by_arn(reader: Reader, arn: str) -> EcsService:
    """The service of this ARN, without its deployments."""
    cluster = arn.split("/")[-2]
    answer = reader.ask("ecs", "describe_services", cluster=cluster, services=[arn])
    return EcsService(answer["services"][0])


def refuse_controller(service: EcsService) -> Refusal | None:
    """Why a service that something else deploys is left to that; None where ECS deploys it itself. How many tasks it
    has is set at ECS in any case."""
    who = DEPLOYERS.get(service.controller)
    if who is None:
        return None
    return Refusal(f"{service.name} is deployed by {who}: do it there, or by your team's script.")
