"""Restarting a service: new tasks of the same task definition, after its registry was asked."""

import json
import time

import boto3
import pytest

from bot.adapters.remediation import ecs_restart
from bot.domain.remediation_plan import Plan
from bot.ports.remediation import Refusal
from sandbox.monitored_systems.names import ACCOUNT, BACKEND_BEFORE, CLUSTER, REGION, SERVICE
from tests.aws_tasks import build_aws_task, watch_sessions

KIND = "ecs.restart"


@pytest.fixture
def healthy(cluster: str) -> str:
    from sandbox.monitored_systems.aws import ecr, ecs
    from sandbox.monitored_systems.scenarios import build_healthy_scene

    for part in (ecs, ecr):
        part.show(build_healthy_scene())
    return cluster


def images() -> list[object]:
    from moto.ecr.models import ecr_backends

    from sandbox.monitored_systems.aws.ecr import REPOSITORY

    found: list[object] = ecr_backends[ACCOUNT][REGION].repositories[REPOSITORY].images
    return found


def planned() -> Plan:
    found = ecs_restart.preview(build_aws_task(KIND))
    assert isinstance(found, Plan), found
    return found


def refused(**more: str) -> str:
    found = ecs_restart.preview(build_aws_task(KIND, None, **more))
    assert isinstance(found, Refusal), found
    return found.sentence


def calls() -> list[str]:
    from sandbox.monitored_systems.aws.service_deployments import HISTORY

    return HISTORY.calls


def test_new_tasks_of_the_same_definition_are_started_once_and_seen_to_their_end(
    healthy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, asked, before = planned(), watch_sessions(monkeypatch), len(calls())
    assert plan.title == f"Restart {SERVICE}"
    assert plan.measure == "6/6 running"
    assert plan.command.endswith("--force-new-deployment")
    assert plan.meanwhile == "All 6 tasks may stop at once while they are exchanged."
    assert (plan.red_lines, plan.unchecked, dict(plan.reverse)) == ((), (), {})
    assert ecs_restart.observe(build_aws_task(KIND, plan)).was_done is False
    assert ecs_restart.carry_out(build_aws_task(KIND, plan)).is_accepted
    assert calls()[before:] == ["UpdateService"]
    (session,) = asked
    (statement,) = json.loads(session["policy"])["Statement"]
    assert statement["Action"] == "ecs:UpdateService"
    assert statement["Resource"].endswith(f"service/{CLUSTER}/{SERVICE}")
    seen = ecs_restart.observe(build_aws_task(KIND, plan))
    assert (seen.was_done, seen.is_settled) == (True, False)
    assert "under way" in refused()
    until = time.monotonic() + 60
    while not seen.is_settled and time.monotonic() < until:
        seen = ecs_restart.observe(build_aws_task(KIND, plan))
    assert (seen.is_settled, seen.has_worked, seen.measure) == (True, True, "6/6 running")
    described = boto3.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])
    assert described["services"][0]["taskDefinition"].endswith(f"{SERVICE}:41")


def test_a_tag_that_was_moved_is_a_red_line_and_moving_it_after_the_approval_voids(healthy: str) -> None:
    before = planned()
    (image,) = [each for each in images() if each.image_tag == BACKEND_BEFORE]  # type: ignore[attr-defined]
    image._image_digest = "sha256:" + "5" * 64  # type: ignore[attr-defined]
    plan = planned()
    assert f"The tag {BACKEND_BEFORE} of rodistaa-backend was moved" in plan.red_lines[0]
    assert plan.fingerprint["images in the registry"] == "5" * 12
    assert before.fingerprint["images in the registry"] != plan.fingerprint["images in the registry"]


def test_an_image_that_is_gone_is_no_restart(healthy: str) -> None:
    images().clear()
    assert "is not in ECR any more: no task would start" in refused()


def test_a_registry_that_cannot_be_asked_is_said_as_unknown(
    healthy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.core.exceptions import ServiceException
    from moto.ecr.models import ECRBackend

    class AccessDeniedException(ServiceException):  # type: ignore[misc]
        code = "AccessDeniedException"

    def denied(self: ECRBackend, *asked: object, **more: object) -> None:
        raise AccessDeniedException("no")

    monkeypatch.setattr(ECRBackend, "describe_images", denied)
    (unknown,) = planned().unchecked
    assert unknown.startswith(f"Whether ECR still has rodistaa-backend:{BACKEND_BEFORE}: ")


@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("ghcr.io/team/api:1", "Whether ghcr.io answers"),
        ("team/api:1", "Whether Docker Hub answers"),
        ("ghcr.io/team/api@sha256:" + "a" * 64, ""),
    ],
)
def test_another_registry_is_not_asked_and_a_pinned_image_needs_no_asking(
    healthy: str, image: str, words: str
) -> None:
    from moto.ecs.models import ecs_backends

    (container,) = ecs_backends[ACCOUNT][REGION].task_definitions[SERVICE][41].container_definitions
    before = container["image"]
    container["image"] = image
    try:
        assert [text[: len(words)] for text in planned().unchecked] == ([words] if words else [])
    finally:
        container["image"] = before


def test_no_service_and_no_tasks_are_refused(healthy: str) -> None:
    assert "There is no ECS service nobody" in refused(service="nobody")
    boto3.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=0)
    assert "nothing to restart" in refused()
