"""Switching a feature flag in AppConfig: from what is deployed, once, seen as it grows, and taken back."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from bot.adapters.remediation import appconfig_switch
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Plan, explain_difference
from bot.ports.remediation import Refusal
from sandbox.monitored_systems.app_config import AppConfig, FlagEnvironment
from tests.app_config_server import ServedFlags, serve_flags
from tests.aws_tasks import build_aws_task, watch_sessions

KIND = "appconfig.switch"
WHERE = {"application": "shop", "environment": "production", "profile": "flags"}
HOUR = 3600.0


@dataclass
class Clock:
    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def flags(cluster: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedFlags]:
    place = FlagEnvironment("shop", {"fallback": False, "map": True}, clock=clock)
    with serve_flags(place) as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL_APPCONFIG", served.address)
        yield served


def task(plan: Plan | None = None, /, **parameters: str) -> Task:
    made = build_aws_task(KIND, plan)
    return replace(made, parameters={**WHERE, "flag": "fallback", "to": "on", **parameters})


def planned(**parameters: str) -> Plan:
    found = appconfig_switch.preview(task(None, **parameters))
    assert isinstance(found, Plan), found
    return found


def refused(**parameters: str) -> str:
    found = appconfig_switch.preview(task(None, **parameters))
    assert isinstance(found, Refusal), found
    return found.sentence


def test_a_flag_is_switched_once_and_seen_to_grow_until_it_is_everywhere(
    flags: ServedFlags, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, asked = planned(), watch_sessions(monkeypatch)
    assert plan.title == "Switch fallback on in shop/production/flags"
    assert (plan.changes[0].now, plan.changes[0].then) == ("off", "on")
    assert "within 72 h" in plan.undo and "every 45 s" in plan.meanwhile
    assert plan.target == "aws:ap-south-1:123456789012:appconfig:shop/production"
    assert appconfig_switch.observe(task(plan)).was_done is False
    receipt = appconfig_switch.carry_out(task(plan))
    assert (receipt.is_accepted, receipt.facts["deployment"]) == (True, "2")
    assert flags.changes == ["POST hostedconfigurationversions", "POST deployments"]
    allowed = json.loads(asked[0]["policy"])["Statement"]
    assert {
        name
        for each in allowed
        for name in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    } == {
        "appconfig:GetHostedConfigurationVersion",
        "appconfig:CreateHostedConfigurationVersion",
        "appconfig:StartDeployment",
    }
    assert all(
        "application/shop" in name or "strategy" in name for each in allowed for name in each["Resource"]
    )
    known = replace(task(plan), receipt=receipt.facts)
    clock.now += 1
    seen = appconfig_switch.observe(known)
    assert (seen.was_done, seen.is_settled, seen.measure) == (True, False, "fallback on for 50%")
    clock.now += 2
    seen = appconfig_switch.observe(known)
    assert (seen.is_settled, seen.has_worked, seen.measure) == (True, True, "fallback on")
    assert flags.place.is_on("fallback") and flags.place.is_on("map"), "the others stay"
    assert appconfig_switch.find_return(known).was_done is False


def test_what_is_no_switch_is_said(flags: ServedFlags) -> None:
    assert "fallback is off already" in refused(to="off")
    assert "has no flag nothing. It has fallback, map" in refused(flag="nothing")
    assert "no application other" in refused(application="other")
    assert "no environment test" in refused(environment="test")
    assert "Say where the flag is" in refused(profile="")
    assert "on or off" in refused(to="perhaps")
    flags.place.profile_type = "AWS.Freeform"
    assert "no profile of feature flags" in refused()


def test_a_flag_with_variants_is_a_rule_of_the_teams(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_flags(FlagEnvironment("shop", {"fallback": False}, has_variants=True)) as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL_APPCONFIG", served.address)
        assert "has variants" in refused()


def deploy(flags: ServedFlags, **values: bool) -> None:
    """Somebody else deploys these flags."""
    interface, base = AppConfig(flags.place), "/applications/shop"
    content = json.loads(flags.place.versions[-1])
    content["values"] = {name: {"enabled": is_on} for name, is_on in values.items()}
    path = f"{base}/configurationprofiles/flags/hostedconfigurationversions"
    interface.answer("POST", path, {}, json.dumps(content).encode())
    asked = json.dumps({"ConfigurationVersion": str(len(flags.place.versions))}).encode()
    said = interface.answer("POST", f"{base}/environments/production/deployments", {}, asked)
    assert said.status == 201, said


def test_a_deployment_that_began_meanwhile_voids_it_and_is_refused_by_appconfig_too(
    flags: ServedFlags, clock: Clock
) -> None:
    plan = planned()
    deploy(flags, fallback=False, map=False)
    assert "Deployment #2 of flags is DEPLOYING (0%)" in refused()
    receipt = appconfig_switch.carry_out(task(plan))
    assert receipt.is_accepted is False and "No version was deployed" in receipt.sentence
    assert flags.changes == []
    clock.now += HOUR
    difference = explain_difference(plan, planned())
    assert "last deployment is #2 COMPLETE now, it was #1 COMPLETE" in difference


def test_a_version_nobody_deployed_does_not_go_along_and_that_is_said(flags: ServedFlags) -> None:
    flags.place.versions.append(flags.place.versions[0].replace(b"true", b"false"))
    plan = planned()
    assert plan.red_lines == ("Version 2 was made and is not deployed: what it changes does not go along.",)
    assert appconfig_switch.carry_out(task(plan)).is_accepted
    assert json.loads(flags.place.versions[-1])["values"]["map"]["enabled"] is True


@pytest.mark.parametrize(("mode", "accepted", "found"), [("drops", None, True), ("down", None, False)])
def test_a_lost_answer_is_found_by_our_key_and_not_repeated(
    flags: ServedFlags, mode: str, accepted: bool | None, found: bool
) -> None:
    plan = planned()
    flags.mode = mode
    assert appconfig_switch.carry_out(task(plan)).is_accepted is accepted
    assert appconfig_switch.observe(task(plan)).was_done is found
    other = replace(task(plan), key="tocsin-inc-2-r1")
    assert appconfig_switch.observe(other).was_done is False, "somebody else's deployment"
    assert flags.changes.count("POST deployments") == found


def test_an_alarm_that_takes_it_back_is_a_failure_and_says_why(flags: ServedFlags, clock: Clock) -> None:
    plan = planned()
    flags.place.alarm = "The alarm checkout-errors went off"
    known = replace(task(plan), receipt=appconfig_switch.carry_out(task(plan)).facts)
    clock.now += HOUR
    seen = appconfig_switch.observe(known)
    assert (seen.is_settled, seen.has_worked, seen.measure) == (True, False, "fallback off")
    assert "checkout-errors" in seen.sentence


def test_undo_is_appconfigs_own_within_72_h_and_the_flag_switched_back_later(
    flags: ServedFlags, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned()
    known = replace(task(plan), receipt=appconfig_switch.carry_out(task(plan)).facts)
    clock.now += 60
    back = planned(**plan.reverse)
    assert back.title == "Take deployment #2 of shop/production/flags back"
    assert back.command.endswith("--deployment-number 2 --allow-revert")
    clock.now += 1
    assert explain_difference(back, planned(**plan.reverse)) == "", "time alone voids nothing"
    assert appconfig_switch.observe(task(back)).was_done is False
    asked = watch_sessions(monkeypatch)
    assert appconfig_switch.carry_out(task(back)).is_accepted
    (statement,) = json.loads(asked[0]["policy"])["Statement"]
    assert statement["Action"] == "appconfig:StopDeployment"
    seen = appconfig_switch.observe(task(back))
    assert (seen.is_settled, seen.has_worked, seen.measure) == (True, True, "fallback off")
    assert not flags.place.is_on("fallback")
    returned = appconfig_switch.find_return(known)
    assert returned.was_done and "took deployment #2 back" in returned.sentence
    again = planned(**back.reverse)
    assert again.title.startswith("Switch fallback on")


def test_after_another_deployment_the_flag_is_switched_back(flags: ServedFlags, clock: Clock) -> None:
    plan = planned()
    known = replace(task(plan), receipt=appconfig_switch.carry_out(task(plan)).facts)
    clock.now += 60
    deploy(flags, fallback=True, map=False)
    clock.now += 60
    assert planned(**plan.reverse).title.startswith("Switch fallback off")
    assert appconfig_switch.find_return(known).was_done is False
    deploy(flags, fallback=False, map=False)
    clock.now += 60
    returned = appconfig_switch.find_return(known)
    assert returned.sentence == "Deployment #4 switched fallback back."


def test_72_h_after_its_end_appconfig_goes_back_no_more(flags: ServedFlags, clock: Clock) -> None:
    plan = planned()
    assert appconfig_switch.carry_out(task(plan)).is_accepted
    flags.place.deployments[-1].began -= 72 * HOUR - 60
    assert planned(**plan.reverse).title.startswith("Take deployment #2")
    flags.place.deployments[-1].began -= 70
    assert planned(**plan.reverse).title.startswith("Switch fallback off")
