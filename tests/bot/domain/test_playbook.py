"""Playbooks give their steps in order."""

from bot.domain.playbook import Playbook, Section, Step
from bot.domain.section_parts import Bullet, BulletList, CodeSample, Label, Prose


def test_steps_come_in_the_order_of_the_runbook_and_nothing_else_comes() -> None:
    first, second = Step(3, "Look", "a", "ls", "bash"), Step(9, "Act", "b", None, "")
    playbook = Playbook(
        "x",
        "X",
        None,
        1,
        (),
        (
            Section("", 2, (Prose(2, "p"), first, CodeSample(4, "{}", "json"))),
            Section("Act", 6, (Label(7, "l"), BulletList(8, (Bullet(8, "t"),)), second)),
        ),
    )
    assert list(playbook.steps()) == [first, second]
