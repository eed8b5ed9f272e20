"""Rolling back and scaling a service, in a cluster whose deployments move over time."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from bot.adapters.remediation import ecs_rollback, ecs_scale
from bot.adapters.remediation.ecs_return import find_return
from bot.adapters.remediation.protocol import Task, parse_answer
from bot.adapters.remediation.task_process import answer
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal
from sandbox.monitored_systems.names import CLUSTER, REGION, SERVICE
from tests.aws_tasks import build_aws_task, watch_sessions


@pytest.fixture
def broken(cluster: str) -> str:
    """A deployment failed: revision 42 has no running task."""
    from sandbox.monitored_systems.aws import ecs
    from sandbox.monitored_systems.scenarios import Breakage, build_broken_scene

    ecs.show(build_broken_scene(Breakage.DEPLOYMENT))
    return cluster


def task(deed: str, kind: str = "ecs.rollback", plan: Plan | None = None, **more: str) -> Task:
    return replace(build_aws_task(kind, plan, **more), deed=deed)


def rollback() -> Plan:
    found = ecs_rollback.preview(task("preview"))
    assert isinstance(found, Plan), found
    return found


def calls() -> list[str]:
    from sandbox.monitored_systems.aws.service_deployments import HISTORY

    return HISTORY.calls


def begin(plan: Plan) -> None:
    """Carry it out, and let the deployments that it moves go on for as long as the test takes."""
    from sandbox.monitored_systems.aws.service_deployments import HISTORY

    assert ecs_rollback.carry_out(task("carry_out", plan=plan)).is_accepted
    for deployment in HISTORY.deployments:
        if deployment.settles_at is not None:
            deployment.settles_at = datetime.now(UTC) + timedelta(hours=1)


def test_the_plan_goes_back_to_the_last_image_that_was_deployed_well(broken: str) -> None:
    plan = rollback()
    assert plan.title == f"Roll back {SERVICE} to {SERVICE}:41"
    assert plan.changes[0] == Change("Task definition", f"{SERVICE}:42", f"{SERVICE}:41")
    assert plan.target == f"aws:{REGION}:123456789012:ecs:{CLUSTER}/{SERVICE}"
    assert plan.measure == "0/6 running"
    assert "0 of 6 tasks run." in plan.supports
    assert any("migrations" in text for text in plan.unchecked)
    assert plan.reverse["revision"].endswith(f"{SERVICE}:42")


def test_it_is_carried_out_with_a_session_that_may_do_just_that_and_seen_to_its_end(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, asked = rollback(), watch_sessions(monkeypatch)
    before = len(calls())
    assert ecs_rollback.observe(task("observe", plan=plan)).was_done is False
    receipt = ecs_rollback.carry_out(task("carry_out", plan=plan))
    assert receipt.is_accepted, receipt
    assert calls()[before:] == ["UpdateService"]
    (given,) = asked
    (statement, *_) = json.loads(given["policy"])["Statement"]
    assert statement["Action"] == "ecs:UpdateService"
    assert statement["Resource"].endswith(f"service/{CLUSTER}/{SERVICE}")
    assert given["role_session_name"] == "tocsin-inc-1-r1"
    assert given["duration"] == 900
    seen = ecs_rollback.observe(task("observe", plan=plan))
    assert (seen.was_done, seen.is_settled) == (True, False)
    until = time.monotonic() + 60
    while not seen.is_settled and time.monotonic() < until:
        seen = ecs_rollback.observe(task("observe", plan=plan))
    assert (seen.is_settled, seen.has_worked, seen.measure) == (True, True, "6/6 running")


def test_who_else_sets_the_service_is_told_with_what_to_do_beside(broken: str) -> None:
    client = boto3.client("ecs")
    (service,) = client.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    name, arn = "aws:cloudformation:stack-name", service["serviceArn"]
    client.tag_resource(resourceArn=arn, tags=[{"key": name, "value": "api"}])
    try:
        (told,) = [text for text in rollback().against if "CloudFormation" in text]
    finally:
        client.untag_resource(resourceArn=arn, tagKeys=[name])
    assert "its next run brings the refused version back" in told and "/incident fix revert" in told


def test_a_deployment_that_goes_on_is_stopped_with_its_rollback(broken: str) -> None:
    begin(rollback())
    stop = rollback()
    assert stop.action["case"] == "stop"
    assert "IN_PROGRESS" in stop.fingerprint["deployment"]
    begin(stop)
    seen = ecs_rollback.observe(task("observe", plan=stop))
    assert seen.was_done
    again = ecs_rollback.preview(task("preview"))
    assert isinstance(again, Refusal)
    assert "rolled back already" in again.sentence


def test_a_deployment_that_is_paused_at_a_hook_is_told_and_answered_at_the_hook(broken: str) -> None:
    from sandbox.monitored_systems.aws.service_deployments import HISTORY

    begin(rollback())
    HISTORY.deployments[0].hook = "hook-17"
    plan = rollback()
    assert "paused at the lifecycle hook hook-17" in plan.red_lines[0] and "CONTINUE" in plan.red_lines[0]
    assert "--hook-id hook-17 --action ROLLBACK" in plan.command
    assert plan.fingerprint["lifecycle hook"] == "hook-17"
    before = len(calls())
    assert ecs_rollback.carry_out(task("carry_out", plan=plan)).is_accepted
    assert calls()[before:] == ["ContinueServiceDeployment"]
    assert ecs_rollback.observe(task("observe", plan=plan)).was_done


def test_a_new_deployment_of_the_refused_image_is_seen_and_told_once(broken: str) -> None:
    began = datetime.now(UTC)
    plan = rollback()
    assert ecs_rollback.carry_out(task("carry_out", plan=plan)).is_accepted
    asked = replace(task("find_return", plan=plan), started_at=began.isoformat())
    assert find_return(asked).was_done is False, "the rollback itself is none"
    boto3.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=plan.action["before"])
    assert datetime.fromisoformat(rollback().deployed_at) > datetime.fromisoformat(plan.deployed_at)
    seen = find_return(asked)
    assert seen.was_done and f"{SERVICE}:42 is being deployed to {SERVICE} again" in seen.sentence
    assert find_return(replace(asked, receipt=seen.facts)).was_done is False


def test_the_same_digest_is_refused(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecs_rollback, "list_digests", lambda revision: frozenset({"sha256:same"}))
    found = ecs_rollback.preview(task("preview"))
    assert isinstance(found, Refusal)
    assert "The same image would come back" in found.sentence


def test_a_target_that_is_inactive_or_not_there_is_refused(broken: str) -> None:
    found = ecs_rollback.preview(task("preview", service="nobody"))
    assert isinstance(found, Refusal)
    assert "There is no ECS service nobody" in found.sentence
    client = boto3.client("ecs")
    client.deregister_task_definition(taskDefinition=f"{SERVICE}:41")
    try:
        found = ecs_rollback.preview(task("preview"))
    finally:
        from moto.ecs.models import ecs_backends

        ecs_backends["123456789012"][REGION].task_definitions[SERVICE][41].status = "ACTIVE"
    assert isinstance(found, Refusal)
    assert "INACTIVE" in found.sentence


def test_a_denied_act_names_the_action_and_nobody_answering_is_not_a_refusal(
    broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError, ReadTimeoutError

    from bot.adapters.remediation.aws_calls import _answer

    def denied() -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateService")

    def throttled() -> Any:
        error = {"Code": "ThrottlingException", "Message": "Rate exceeded"}
        about = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}
        raise ClientError(about, "UpdateService")

    def hangs() -> Any:
        raise ReadTimeoutError(endpoint_url="https://ecs")

    refused = _answer(denied, "ecs:UpdateService")
    assert (refused.is_accepted, refused.sentence) == (False, "AWS denies ecs:UpdateService.")
    slowed = _answer(throttled, "ecs:UpdateService")
    assert slowed.is_accepted is False
    assert slowed.sentence == "AWS answered ecs:UpdateService with ThrottlingException: Rate exceeded."
    assert _answer(hangs, "ecs:UpdateService").is_accepted is None


def scale(to: int, **more: str) -> Plan | Refusal:
    return ecs_scale.preview(task("preview", "ecs.scale", None, to=str(to), **more))


def test_scaling_up_sets_the_count_and_scaling_down_is_strict(broken: str) -> None:
    plan = scale(9, **{"from": "6"})
    assert isinstance(plan, Plan)
    assert plan.strict == ""
    assert plan.reverse["to"] == "6"
    assert ecs_scale.carry_out(task("carry_out", "ecs.scale", plan)).is_accepted
    first = ecs_scale.observe(task("observe", "ecs.scale", plan))
    assert (first.was_done, first.facts) == (True, {"reached": "yes"})
    down = scale(3)
    assert isinstance(down, Plan)
    assert down.strict == "it scales down"


@pytest.mark.parametrize(
    ("to", "more", "words"),
    [
        (40, {}, "over the cap"),
        (19, {}, "more than 3 times"),
        (6, {}, "has 6 tasks already"),
        (9, {"from": "5"}, "has 6 tasks, not 5"),
    ],
)
def test_a_size_that_does_not_fit_is_refused(broken: str, to: int, more: dict[str, str], words: str) -> None:
    boto3.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=6)
    found = scale(to, **more)
    assert isinstance(found, Refusal)
    assert words in found.sentence


def test_where_auto_scaling_is_at_work_its_limits_are_set_and_taken_back_too(broken: str) -> None:
    client = boto3.client("application-autoscaling")
    about = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{CLUSTER}/{SERVICE}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    client.register_scalable_target(**about, MinCapacity=2, MaxCapacity=6)
    boto3.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=4)
    try:
        plan = scale(8)
        assert isinstance(plan, Plan)
        assert plan.action["case"] == "limits"
        assert (plan.action["min"], plan.action["max"]) == (8, 8)
        assert plan.reverse == {"to": "4", "cluster": CLUSTER, "service": SERVICE, "min": "2", "max": "6"}
        assert ecs_scale.carry_out(task("carry_out", "ecs.scale", plan)).is_accepted
        assert ecs_scale.observe(task("observe", "ecs.scale", plan)).was_done
        back = ecs_scale.preview(task("preview", "ecs.scale", None, **plan.reverse))
        assert isinstance(back, Plan)
        assert (back.action["min"], back.action["max"]) == (2, 6)
    finally:
        client.deregister_scalable_target(**about)


def test_auto_scaling_that_takes_it_back_is_told_as_no_success(broken: str) -> None:
    client = boto3.client("ecs")
    client.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=6)
    plan = scale(9)
    assert isinstance(plan, Plan)
    assert ecs_scale.carry_out(task("carry_out", "ecs.scale", plan)).is_accepted
    seen = ecs_scale.observe(task("observe", "ecs.scale", plan))
    client.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=7)
    asked = replace(task("observe", "ecs.scale", plan), receipt=seen.facts)
    taken_back = ecs_scale.observe(asked)
    assert (taken_back.is_settled, taken_back.has_worked) == (True, False)
    assert "something scaled it back to 7" in taken_back.sentence
    early, late = (
        ecs_scale.observe(
            replace(asked, receipt={"answer": "accepted"}, started_at=(datetime.now(UTC) - since).isoformat())
        )
        for since in (timedelta(seconds=2), timedelta(minutes=1))
    )
    assert (early.was_done, early.is_settled) == (True, False), "AWS may tell it as it was for a moment"
    assert (late.was_done, late.is_settled, late.has_worked) == (True, True, False)
    assert "something scaled it back: 7 are wanted now" in late.sentence
    assert ecs_scale.observe(replace(asked, receipt={})).was_done is False


def test_a_task_goes_through_the_pipe_and_no_call_goes_out_too_late(broken: str) -> None:
    plan = parse_answer(answer(task("preview")))
    assert isinstance(plan, Plan)
    late = task("carry_out", plan=plan)
    before = len(calls())
    object.__setattr__(late, "not_after", time.time() - 1)
    receipt = parse_answer(answer(late))
    assert isinstance(receipt, Receipt)
    assert receipt.is_accepted is False
    assert calls()[before:] == []
    assert isinstance(parse_answer(answer(task("observe", plan=plan))), Observation)
