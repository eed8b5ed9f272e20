"""When one approver alone may act: what never goes alone, and how long the others have."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.break_glass import (
    SILENT_FOR,
    Emergency,
    build_clicked,
    explain_never_alone,
    explain_not_yet,
    find_alone_from,
)
from bot.domain.remediation import Remediation, RemediationKind, RemediationState
from bot.domain.remediation_plan import Plan

AT = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
LATER = AT + SILENT_FOR
PLAN = Plan(target="aws:x", title="Roll back api")
CARD = Remediation(
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
    paged={"U0BRUNO": AT.isoformat(), "U0CHIDI": AT.isoformat()},
)
P0 = Emergency(is_worst=True, is_drill=False, kinds=("ecs.rollback", "ecs.scale"))
SCALE = replace(CARD, kind=RemediationKind.ECS_SCALE)
REJECTED = replace(CARD, id=6, number=2, state=RemediationState.REJECTED)
APPROVERS = ("U0BRUNO", "U0CHIDI")


@pytest.mark.parametrize(
    ("card", "emergency", "words"),
    [
        (CARD, replace(P0, kinds=()), "Break-glass is off for ecs.rollback"),
        (replace(CARD, kind=RemediationKind.ECS_RESTART), P0, "Break-glass is off for ecs.restart"),
        (
            replace(CARD, kind=RemediationKind.FAILOVER),
            replace(P0, kinds=("rds.failover",)),
            "Break-glass is off",
        ),
        (replace(SCALE, plan=replace(PLAN, strict="it scales down")), P0, "since it scales down"),
        (CARD, replace(P0, is_worst=False), "worst severity"),
        (CARD, replace(P0, is_drill=True), "real incident"),
        (replace(CARD, is_drill=True), P0, "real incident"),
        (replace(CARD, is_by_hand=True), P0, "by hand"),
        (replace(CARD, plan=replace(PLAN, strict="it cannot be read")), P0, "since it cannot be read"),
        (CARD, replace(P0, others=(REJECTED,)), "R2 of the same target was rejected"),
    ],
)
def test_what_never_goes_alone(card: Remediation, emergency: Emergency, words: str) -> None:
    assert words in explain_never_alone(card, emergency)
    assert find_alone_from(card, emergency) is None


def test_more_tasks_may_be_asked_for_alone_where_the_file_names_that() -> None:
    assert explain_never_alone(SCALE, P0) == ""
    assert find_alone_from(SCALE, P0) == LATER


def test_a_rejection_closes_its_own_target_only() -> None:
    other = replace(REJECTED, plan=replace(PLAN, target="aws:y"))
    assert explain_never_alone(CARD, replace(P0, others=(other,))) == ""
    assert find_alone_from(CARD, P0) == LATER


def test_every_other_approver_was_paged_and_had_five_minutes() -> None:
    assert explain_not_yet(CARD, "U0BRUNO", APPROVERS, LATER) == ""
    assert "300 s left" in explain_not_yet(CARD, "U0BRUNO", APPROVERS, AT + timedelta(seconds=0.5))
    assert "U0DEVIKA" in explain_not_yet(CARD, "U0BRUNO", (*APPROVERS, "U0DEVIKA"), LATER)
    late = replace(CARD, paged={**CARD.paged, "U0CHIDI": LATER.isoformat()})
    assert "left to answer" in explain_not_yet(late, "U0BRUNO", APPROVERS, LATER)


def test_whoever_clicked_lately_is_talked_to_first_but_ones_own_clicks_do_not_count() -> None:
    clicked = replace(CARD, clicked=build_clicked(CARD, "U0CHIDI", LATER - timedelta(seconds=9)))
    assert "has clicked" in explain_not_yet(clicked, "U0BRUNO", APPROVERS, LATER)
    assert explain_not_yet(clicked, "U0BRUNO", APPROVERS, LATER + SILENT_FOR) == ""
    assert explain_not_yet(clicked, "U0CHIDI", APPROVERS, LATER) == ""


def test_who_is_the_only_approver_waits_too() -> None:
    assert "left to answer" in explain_not_yet(CARD, "U0BRUNO", ("U0BRUNO",), AT + timedelta(minutes=4))
    assert explain_not_yet(CARD, "U0BRUNO", ("U0BRUNO",), LATER) == ""
