"""Services that ECS does not deploy itself: CodeDeploy's deployment is stopped, the rest is left to whoever deploys."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from bot.adapters.remediation import ecs_restart, ecs_rollback, ecs_scale
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Change, Plan, explain_difference
from bot.ports.remediation import Observation, Refusal
from sandbox.monitored_systems.names import CLUSTER, REGION, SERVICE
from tests.aws_tasks import build_aws_task, watch_sessions


@pytest.fixture
def service(cluster: str) -> Iterator[Any]:
    """The service as moto has it, which something else deploys while a test looks."""
    from moto.ecs.models import ecs_backends

    from sandbox.monitored_systems.aws import ecs
    from sandbox.monitored_systems.scenarios import Breakage, build_broken_scene

    ecs.show(build_broken_scene(Breakage.DEPLOYMENT))
    found = ecs_backends["123456789012"][REGION].services[f"{CLUSTER}:{SERVICE}"]
    before = found.deployment_controller
    yield found
    found.deployment_controller, found.task_sets = before, []


def deploy(service: Any, name: str) -> None:
    from sandbox.monitored_systems.aws import code_deploy

    code_deploy.deploy(service, name, f"{SERVICE}:41", f"{SERVICE}:42")


def task(deed: str, plan: Plan | None = None, kind: str = "ecs.rollback", **more: str) -> Task:
    return replace(build_aws_task(kind, plan, **more), deed=deed)


def rollback(**more: str) -> Plan | Refusal:
    return ecs_rollback.preview(task("preview", None, **more))


def test_what_codedeploy_has_under_way_is_stopped_once_and_watched_until_it_went_back(
    service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sandbox.monitored_systems.aws.code_deploy import KNOWN

    deploy(service, "d-FIRST")
    plan = rollback()
    assert isinstance(plan, Plan), plan
    assert plan.changes == (
        Change("Deployment", "d-FIRST InProgress", "stopped, rolled back"),
        Change("Task definition", f"{SERVICE}:42", f"{SERVICE}:41"),
    )
    assert plan.command == "aws deploy stop-deployment --deployment-id d-FIRST --auto-rollback-enabled"
    asked, stopped = watch_sessions(monkeypatch), len(KNOWN.stopped)
    assert ecs_rollback.observe(task("observe", plan)).was_done is False
    assert ecs_rollback.carry_out(task("carry_out", plan)).is_accepted
    assert KNOWN.stopped[stopped:] == ["d-FIRST"]
    (given,) = asked
    assert [each["Action"] for each in json.loads(given["policy"])["Statement"]] == [
        "codedeploy:StopDeployment"
    ]
    seen = ecs_rollback.observe(task("observe", plan))
    assert (
        seen.was_done
        and not seen.is_settled
        and "d-FIRST-back, which goes back, is InProgress" in seen.sentence
    )
    until = time.monotonic() + 60
    while not seen.is_settled and time.monotonic() < until:
        seen = ecs_rollback.observe(task("observe", plan))
    assert (seen.is_settled, seen.has_worked) == (True, True)


def test_a_deployment_that_began_or_ended_meanwhile_is_another_plan(service: Any) -> None:
    from sandbox.monitored_systems.aws.code_deploy import KNOWN

    deploy(service, "d-SECOND")
    before = rollback()
    deploy(service, "d-THIRD")
    now = rollback()
    assert isinstance(before, Plan) and isinstance(now, Plan)
    assert "deployment is d-THIRD now" in explain_difference(before, now)
    KNOWN.statuses["d-THIRD"] = "Succeeded"
    over = rollback()
    assert isinstance(over, Refusal) and "no deployment of it goes on" in over.sentence
    receipt = ecs_rollback.carry_out(task("carry_out", now))
    assert receipt.is_accepted is False and "already complete" in receipt.sentence


@pytest.mark.parametrize(("age", "is_settled"), [(5, False), (90, True)])
def test_a_stop_of_which_codedeploy_names_no_way_back_is_told_as_what_runs(
    service: Any, age: int, is_settled: bool
) -> None:
    from sandbox.monitored_systems.aws.code_deploy import KNOWN

    deploy(service, "d-FOURTH")
    plan = rollback()
    assert isinstance(plan, Plan)
    KNOWN.statuses["d-FOURTH"] = "Stopped"
    began = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
    seen: Observation = ecs_rollback.observe(replace(task("observe", plan), started_at=began))
    assert (seen.was_done, seen.is_settled, seen.has_worked) == (True, is_settled, False)
    assert "names no deployment that goes back: 0/6 running" in seen.sentence


def test_codedeploy_goes_back_to_nothing_that_is_named(service: Any) -> None:
    deploy(service, "d-FIFTH")
    found = rollback(revision="40")
    assert isinstance(found, Refusal) and "to nothing else" in found.sentence


@pytest.mark.parametrize(("kind", "words"), [("CODE_DEPLOY", "CodeDeploy"), ("EXTERNAL", "outside ECS")])
def test_what_something_else_deploys_is_left_to_that_and_yet_its_tasks_are_counted_at_ecs(
    service: Any, kind: str, words: str
) -> None:
    service.deployment_controller = {"type": kind}
    for module, name in ((ecs_rollback, "ecs.rollback"), (ecs_restart, "ecs.restart")):
        found = module.preview(task("preview", None, name))
        assert isinstance(found, Refusal)
        assert words in found.sentence
    boto3.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=6)
    plan = ecs_scale.preview(task("preview", None, "ecs.scale", to="9"))
    assert isinstance(plan, Plan), plan
    assert ecs_scale.carry_out(task("carry_out", plan, "ecs.scale")).is_accepted
    assert ecs_scale.observe(task("observe", plan, "ecs.scale")).was_done
