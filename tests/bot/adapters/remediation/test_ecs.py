"""Rolling back and scaling a service, in a cluster whose deployments move over time."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from bot.adapters.remediation import ecs_rollback, ecs_scale
from bot.adapters.remediation.ecs_return import find_return
from bot.adapters.remediation.protocol import Task, parse_answer
from bot.adapters.remediation.worker import answer
from bot.domain.remediation_plan import Change, Plan
from bot.ports.remediation import Observation, Receipt, Refusal
from sandbox.monitored_systems.names import CLUSTER, REGION, SERVICE

ROLE = "arn:aws:iam::123456789012:role/tocsin-remediation"


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """moto's server in this process, with what it lacks."""
    from sandbox.monitored_systems.aws import _start

    with pytest.MonkeyPatch.context() as settings:
        settings.delenv("AWS_PROFILE", raising=False)
        address, _ = _start()
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "AKIASANDBOXWORLD0001",
            "AWS_SECRET_ACCESS_KEY": "secret/not/for/any/account",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            settings.setenv(name, value)
        yield address


@pytest.fixture
def broken(cluster: str) -> str:
    """A deployment failed: revision 42 has no running task."""
    from sandbox.monitored_systems.aws import ecs
    from sandbox.monitored_systems.scenarios import Breakage, build_broken_scene

    ecs.show(build_broken_scene(Breakage.DEPLOYMENT))
    return cluster


def task(deed: str, kind: str = "ecs.rollback", plan: Plan | None = None, **more: str) -> Task:
    keys = {
        "aws_role": "",
        "aws_remediation_role": ROLE,
        "scale_cap": 20,
        "github_token": None,
        "github_repository": "",
        "github_api_url": "",
        "libpq": {},
    }
    return Task(
        deed,
        kind,
        {"cluster": CLUSTER, "service": SERVICE, **more},
        keys,
        dict(plan.action) if plan else {},
        plan.target if plan else "",
        "tocsin-inc-1-r1",
        not_after=time.time() + 9,
        receipt={},
    )


def rollback() -> Plan:
    found = ecs_rollback.preview(task("preview"))
    assert isinstance(found, Plan), found
    return found


def calls() -> list[str]:
    from sandbox.monitored_systems.aws.service_deployments import HISTORY

    return HISTORY.calls


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
    plan, asked = rollback(), []
    from moto.sts.models import STSBackend

    assumed = STSBackend.assume_role

    def watch(self: STSBackend, **given: Any) -> Any:
        asked.append(given)
        return assumed(self, **given)

    monkeypatch.setattr(STSBackend, "assume_role", watch)
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
    until = time.monotonic() + 9
    while not seen.is_settled and time.monotonic() < until:
        seen = ecs_rollback.observe(task("observe", plan=plan))
    assert (seen.is_settled, seen.has_worked, seen.measure) == (True, True, "6/6 running")


def test_a_deployment_that_goes_on_is_stopped_with_its_rollback(broken: str) -> None:
    plan = rollback()
    assert ecs_rollback.carry_out(task("carry_out", plan=plan)).is_accepted
    stop = rollback()
    assert stop.action["case"] == "stop"
    assert "IN_PROGRESS" in stop.fingerprint["deployment"]
    assert ecs_rollback.carry_out(task("carry_out", plan=stop)).is_accepted
    seen = ecs_rollback.observe(task("observe", plan=stop))
    assert seen.was_done
    again = ecs_rollback.preview(task("preview"))
    assert isinstance(again, Refusal)
    assert "rolled back already" in again.sentence


def test_a_deployment_that_is_paused_at_a_hook_is_told_and_answered_at_the_hook(broken: str) -> None:
    from sandbox.monitored_systems.aws.service_deployments import HISTORY

    assert ecs_rollback.carry_out(task("carry_out", plan=rollback())).is_accepted
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
    seen = find_return(asked)
    assert seen.was_done and f"{SERVICE}:42 is being deployed to {SERVICE} again" in seen.sentence
    assert find_return(replace(asked, receipt=seen.facts)).was_done is False


def test_the_same_digest_is_refused(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecs_rollback, "list_digests", lambda revision: frozenset({"sha256:same"}))
    found = ecs_rollback.preview(task("preview"))
    assert isinstance(found, Refusal)
    assert "The same image would come back" in found.sentence


@pytest.mark.parametrize(("kind", "words"), [("CODE_DEPLOY", "CodeDeploy"), ("EXTERNAL", "outside ECS")])
def test_what_something_else_deploys_is_left_to_that(broken: str, kind: str, words: str) -> None:
    from moto.ecs.models import ecs_backends

    service = ecs_backends["123456789012"][REGION].services[f"{CLUSTER}:{SERVICE}"]
    before = service.deployment_controller
    service.deployment_controller = {"type": kind}
    try:
        found = ecs_rollback.preview(task("preview"))
    finally:
        service.deployment_controller = before
    assert isinstance(found, Refusal)
    assert words in found.sentence


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
        about = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        raise ClientError(about, "UpdateService")

    def hangs() -> Any:
        raise ReadTimeoutError(endpoint_url="https://ecs")

    refused = _answer(denied, "ecs:UpdateService")
    assert (refused.is_accepted, refused.sentence) == (False, "AWS denies ecs:UpdateService.")
    assert _answer(throttled, "ecs:UpdateService").is_accepted is False
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
