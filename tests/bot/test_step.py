"""Playbooks give their steps in order."""

from bot.step import Bullet, Bullets, Label, Playbook, Prose, Sample, Section, Step


def test_steps_come_in_the_order_of_the_runbook_and_nothing_else_comes() -> None:
    first, second = Step(3, "Look", "a", "ls", "bash"), Step(9, "Act", "b", None, "")
    playbook = Playbook(
        "x",
        "X",
        None,
        1,
        (),
        (
            Section("", 2, (Prose(2, "p"), first, Sample(4, "{}", "json"))),
            Section("Act", 6, (Label(7, "l"), Bullets(8, (Bullet(8, "t"),)), second)),
        ),
    )
    assert list(playbook.steps()) == [first, second]
