"""What the start and `check` say of what is switched on."""

import pytest

from bot.contacts.approvers import Approvers
from bot.domain.remediation import EXECUTABLE, RemediationKind
from bot.domain.remediation_rights import RIGHTS, list_readiness

ROLLBACK = RemediationKind.ECS_ROLLBACK
TWO = Approvers({"*": ("slack:U0BRUNO001", "CTO")})
EVERYTHING = {setting for right in RIGHTS.values() for _, setting in right.needed}


def say(kinds: set[RemediationKind], approvers: Approvers, lacking: str = "") -> list[tuple[str, bool]]:
    lines = list_readiness(kinds, approvers, lambda name: name in EVERYTHING - {lacking})
    return [(line.sentence, line.is_warning) for line in lines]


def test_without_a_kind_it_is_off_and_nothing_warns() -> None:
    assert say(set(), TWO) == [
        ("Remediations are off: TOCSIN_REMEDIATIONS names no kind. Every card is by hand.", False)
    ]


@pytest.mark.parametrize("kind", EXECUTABLE)
def test_a_kind_is_told_with_its_right_and_who_approves(kind: RemediationKind) -> None:
    ((sentence, is_warning),) = say({kind}, TWO)
    for words in (kind.value, RIGHTS[kind].setting, RIGHTS[kind].may, "Approved by slack:U0BRUNO001, CTO"):
        assert words in sentence
    assert not is_warning
    for _, setting in RIGHTS[kind].needed:
        (_, (lacks, warns)) = say({kind}, TWO, setting)
        assert f"{setting} is not set" in lacks and warns


def test_without_approvers_it_is_said_that_cards_are_by_hand() -> None:
    ((sentence, is_warning),) = say({ROLLBACK}, Approvers({"ecs.scale": ("CTO",)}))
    assert "nobody may approve it" in sentence and "by hand" in sentence and is_warning


def test_a_user_group_and_break_glass_are_warned_of_where_their_kind_is_on() -> None:
    loose = Approvers({"ecs.rollback": ("slack:S0456",), "*": ("CTO",)}, ("ecs.rollback",))
    warned = [sentence for sentence, is_warning in say({ROLLBACK}, loose) if is_warning]
    assert len(warned) == 2
    assert "slack:S0456" in warned[0] and "members edit user groups" in warned[0]
    assert warned[1].startswith("Break-glass is on for ecs.rollback")
    assert [warns for _, warns in say({RemediationKind.ECS_SCALE}, loose)] == [False]
