"""Remediations: which state follows which, who may approve, and what makes a plan another one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.remediation import (
    OPEN_STATES,
    TRANSITIONS,
    ApproverFacts,
    Remediation,
    RemediationKind,
    RemediationState,
    explain_cannot_approve,
    explain_cooldown,
    is_first_of_two,
    may_follow,
    parse_enabled_kinds,
)
from bot.domain.remediation_plan import (
    Change,
    Plan,
    compute_plan_hash,
    dump_plan,
    explain_difference,
    parse_plan,
)

AT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
PLAN = Plan(
    target="aws:ap-south-1:123:ecs:prod/api",
    title="Roll back api to revision 41",
    changes=(Change("Task definition", "api:42", "api:41"),),
    meanwhile="Nothing stops.",
    affected="Everybody who uses api.",
    undo="Roll forward to api:42.",
    command="aws ecs update-service --cluster prod --service api --task-definition api:41",
    fingerprint={"task definition": "api:42", "desired count": "6"},
    action={"cluster": "prod", "service": "api", "task_definition": "api:41"},
)
ASKED = Remediation(
    id=7,
    incident=42,
    number=3,
    kind=RemediationKind.ECS_ROLLBACK,
    parameters={},
    state=RemediationState.PROPOSED,
    asked_by="U0ANA",
    asked_at=AT,
    plan=PLAN,
    expires_at=AT + timedelta(minutes=10),
)
ENTITLED = ApproverFacts("U0BRUNO", is_approver=True)


def test_a_plan_survives_the_database_and_its_hash_is_of_what_would_be_done() -> None:
    assert parse_plan(dump_plan(PLAN)) == PLAN
    assert compute_plan_hash(PLAN) == compute_plan_hash(parse_plan(dump_plan(PLAN)))
    other = replace(PLAN, action={**PLAN.action, "task_definition": "api:40"})
    assert compute_plan_hash(other) != compute_plan_hash(PLAN)


@pytest.mark.parametrize("state", list(RemediationState))
def test_every_state_has_its_followers_and_an_end_has_none(state: RemediationState) -> None:
    ends = {"done", "failed", "rejected", "expired", "void"}
    assert bool(TRANSITIONS[state]) is (state.value not in ends)
    assert (state in OPEN_STATES) is (state.value in {"proposed", "approved", "executing", "unknown"})


def test_what_was_carried_out_or_may_have_been_is_never_begun_again() -> None:
    for state in (RemediationState.EXECUTING, RemediationState.UNKNOWN, RemediationState.DONE):
        assert not may_follow(state, RemediationState.EXECUTING)
        assert not may_follow(state, RemediationState.APPROVED)
    assert may_follow(RemediationState.APPROVED, RemediationState.EXECUTING)
    assert not may_follow(RemediationState.PROPOSED, RemediationState.EXECUTING)


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (replace(ENTITLED, person="U0ANA"), "You asked for it"),
        (replace(ENTITLED, is_approver=False), "You are not one of"),
        (replace(ENTITLED, guest=True), "Guests"),
        (replace(ENTITLED, bot=True), "Bots"),
        (replace(ENTITLED, stranger=True), "another workspace"),
        (replace(ENTITLED, deactivated=True), "deactivated"),
    ],
)
def test_nobody_but_a_second_entitled_person_approves(who: ApproverFacts, words: str) -> None:
    why = explain_cannot_approve(ASKED, who, AT, is_open=True, approvers="@Bruno")
    assert words in why
    assert "@Bruno" in why
    assert "Nothing was approved." in why


def test_a_second_approver_may_until_it_expires_and_only_while_it_is_proposed() -> None:
    assert explain_cannot_approve(ASKED, ENTITLED, AT, is_open=True, approvers="@Bruno") == ""
    late = explain_cannot_approve(ASKED, ENTITLED, AT + timedelta(minutes=10), is_open=True, approvers="")
    assert "expired" in late and "Ask again" in late
    over = explain_cannot_approve(ASKED, ENTITLED, AT, is_open=False, approvers="")
    assert "over" in over
    for state in set(RemediationState) - {RemediationState.PROPOSED}:
        shown = replace(ASKED, state=state)
        assert state.value in explain_cannot_approve(shown, ENTITLED, AT, is_open=True, approvers="")


def test_a_strict_plan_needs_two_approvers_of_whom_one_may_be_the_requester() -> None:
    strict = replace(ASKED, plan=replace(PLAN, strict="it scales down"))
    other = replace(ENTITLED, requester_is_approver=False)

    def why(asked: Remediation, who: ApproverFacts) -> str:
        return explain_cannot_approve(asked, who, AT, is_open=True, approvers="@B")

    assert not why(strict, ENTITLED) and not is_first_of_two(strict, ENTITLED)
    assert not why(strict, other) and is_first_of_two(strict, other)
    half = replace(strict, first_approver=ENTITLED.person)
    assert "another approver has to" in why(half, other)
    second = replace(other, person="U0DEV")
    assert not why(half, second) and not is_first_of_two(half, second)
    assert is_first_of_two(half, replace(second, first_is_approver=False)), (
        "the first is no approver any more"
    )
    assert not is_first_of_two(ASKED, other), "any other plan needs one"


def test_only_what_the_act_depends_on_voids_it_and_it_says_which() -> None:
    assert explain_difference(PLAN, replace(PLAN, supports=("0/6 running",))) == ""
    moved = replace(PLAN, fingerprint={"task definition": "api:43", "desired count": "6"})
    said = explain_difference(PLAN, moved)
    assert "task definition" in said and "api:42" in said and "api:43" in said
    assert "desired count" not in said
    assert "target" in explain_difference(PLAN, replace(PLAN, target="aws:x"))


def test_after_one_on_a_target_the_next_one_waits_for_its_cooldown() -> None:
    kind = RemediationKind.ECS_ROLLBACK
    assert "10 min" in explain_cooldown(kind, AT, AT + timedelta(minutes=3))
    assert explain_cooldown(kind, AT, AT + timedelta(minutes=10)) == ""
    assert explain_cooldown(kind, None, AT) == ""


def test_the_setting_names_kinds_and_a_wrong_one_is_said() -> None:
    assert parse_enabled_kinds(" ecs.rollback, postgres.end_idle ,") == (
        frozenset({RemediationKind.ECS_ROLLBACK, RemediationKind.END_IDLE}),
        (),
    )
    assert parse_enabled_kinds("") == (frozenset(), ())
    kinds, wrong = parse_enabled_kinds("ecs.rolback,by_hand")
    assert kinds == frozenset()
    assert wrong == ("ecs.rolback", "by_hand")
