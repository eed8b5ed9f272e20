"""The card of what a person does: it asks for the command to be copied only where there is one."""

import pytest

from bot.domain.remediation import Remediation, RemediationKind, RemediationState
from bot.domain.remediation_plan import Plan
from templates import remediation_message
from tests.templates.reading import read_aloud
from tests.templates.worlds import START, view


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("./scripts/fallback.sh on", "Copy the command, run it, then click “I ran it”."),
        ("", "Do it, then click “I ran it”."),
    ],
)
def test_what_is_done_by_hand_says_how(command: str, said: str) -> None:
    found = Remediation(
        7, 42, 3, RemediationKind.BY_HAND, {}, RemediationState.PROPOSED, "U0ANA", START,
        plan=Plan("", "Enable the fallback", command=command), expires_at=START, is_by_hand=True,
    )  # fmt: skip
    shown = read_aloud(remediation_message.render_card(view(), found, ()))
    assert f"This is done by a person. {said}" in shown
    assert command in shown
