"""After a rollback: whether somebody deploys the refused image again. A pipeline that does so undoes it silently."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.adapters.remediation.aws_calls import Reader
from bot.adapters.remediation.ecs_evidence import list_digests
from bot.adapters.remediation.ecs_service import EcsService, read_service, short
from bot.adapters.remediation.protocol import Task
from bot.ports.remediation import Observation, Refusal


def read_revisions(
    reader: Reader, deployments: Sequence[Mapping[str, Any]]
) -> Mapping[str, Mapping[str, Any]]:
    """The service revisions that these deployments go to, by their names."""
    arns = list(dict.fromkeys(str(deployment["targetServiceRevisionArn"]) for deployment in deployments))[:20]
    if not arns:
        return {}
    found = reader.ask("ecs", "describe_service_revisions", serviceRevisionArns=arns)
    return {str(revision["serviceRevisionArn"]): revision for revision in found.get("serviceRevisions", ())}


def describe_refused(
    reader: Reader, service: EcsService, known: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """What is rolled back: its task definition, and the digests of its images where ECS tells them."""
    revisions = known if known is not None else read_revisions(reader, service.deployments)
    running = (
        revision for revision in revisions.values() if revision["taskDefinition"] == service.task_definition
    )
    digests = sorted({digest for revision in running for digest in list_digests(revision)})
    return {"task_definition": service.task_definition, "digests": digests}


def find_return(task: Task) -> Observation:
    """`was_done` is whether a deployment of what was refused began after the rollback did; `facts` name it."""
    arn, refused = str(task.action["service"]), task.action.get("refused") or {}
    reader = Reader(task, arn.split(":")[3])
    *_, cluster, name = arn.split("/")
    service = read_service(reader, _name(task, cluster, name))
    if isinstance(service, Refusal):
        return Observation(None, sentence=service.sentence)
    since = datetime.fromisoformat(task.started_at)
    told = (task.receipt or {}).get("returned", "")
    newer = [
        deployment
        for deployment in service.deployments
        if deployment["createdAt"] > since and str(deployment["serviceDeploymentArn"]) != told
    ]
    revisions = read_revisions(reader, newer)
    for deployment in newer:
        if _is_refused(revisions.get(str(deployment["targetServiceRevisionArn"]), {}), refused):
            definition = short(str(refused["task_definition"]))
            sentence = f"The refused image of {definition} is being deployed to {service.name} again."
            return Observation(
                True, sentence=sentence, facts={"returned": str(deployment["serviceDeploymentArn"])}
            )
    return Observation(False)


def _is_refused(revision: Mapping[str, Any], refused: Mapping[str, Any]) -> bool:
    if not revision:
        return False
    digests = frozenset(refused.get("digests", ()))
    same = bool(digests) and list_digests(revision) == digests
    return same or revision["taskDefinition"] == refused.get("task_definition")


def _name(task: Task, cluster: str, name: str) -> Task:
    return Task(task.deed, task.kind, {"cluster": cluster, "service": name}, task.keys, task.action)
