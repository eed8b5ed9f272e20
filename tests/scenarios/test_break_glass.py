"""Break-glass: in a P0 in which no approver answers, one of them alone, with everybody told."""

from pathlib import Path

import pytest

from tests.remediators import StagedRemediator
from tests.scenarios.conftest import CONTACTS, World

LATER = """update remediation set expires_at = expires_at - interval '6 minutes',
    paged = coalesce((select jsonb_object_agg(key, (value #>> '{}')::timestamptz - interval '6 minutes')
        from jsonb_each(paged)), '{}'),
    clicked = coalesce((select jsonb_object_agg(key, (value #>> '{}')::timestamptz - interval '6 minutes')
        from jsonb_each(clicked)), '{}') where state = 'proposed' returning id"""
"""Six minutes pass for the card."""


@pytest.fixture
def staged(world: World, tmp_path: Path) -> StagedRemediator:
    """Bruno and Chidi approve, and break-glass is on for rollbacks."""
    contacts = tmp_path / "approvers.toml"
    contacts.write_text(
        CONTACTS + '\n[approvers]\n"*" = ["CTO", "slack:U0CHIDI001"]\nbreak_glass = ["ecs.rollback"]\n'
    )
    world.remediator = staged = StagedRemediator()
    kinds = "ecs.rollback,ecs.scale"
    world.settings = world.settings.model_copy(update={"contacts": contacts, "remediations": kinds})
    return staged


async def proposed(world: World, declare: str = "declare p0 API is completely down") -> str:
    channel = await world.declared(declare)
    await world.incident("bruno", "fix rollback", channel)
    await world.until(lambda: world.posts(channel, "R1: "))
    await world.quiet()
    return channel


async def told(world: World, who: str, words: str) -> None:
    await world.until(lambda: any(words in world.text(each) for each in world.slack.ephemerals(who)))


def card(world: World, channel: str) -> str:
    return world.text(world.posts(channel, "R1: ")[0])


def direct(world: World, who: str) -> str:
    return "\n".join(world.text(message) for message in world.slack.direct_messages(who))


async def test_who_asked_for_it_acts_alone_when_nobody_answers_and_everybody_is_told(
    world: World, staged: StagedRemediator
) -> None:
    async with world.bot():
        channel = await proposed(world)
        assert "/incident fix alone R1 REASON" in card(world, channel)
        assert "Your approval is wanted" in direct(world, "chidi")
        await world.incident("bruno", "fix alone R1 nobody answers", channel)
        await told(world, "bruno", "s left to answer")
        world.looking.rows(LATER)
        await world.incident("devika", "fix alone R1 nobody answers", channel)
        await told(world, "devika", "not one of the approvers")
        await world.incident("bruno", "fix alone R1", channel)
        await told(world, "bruno", "Say why")
        assert staged.carried_out == []
        await world.incident("bruno", "fix alone R1: nobody answers", channel)
        await world.until(lambda: world.posts(channel, "Result: "))
        await world.quiet()
        assert len(staged.carried_out) == 1
        assert "Break-glass, approved by one person alone: nobody answers" in card(world, channel)
        assert "has it carried out alone" in direct(world, "chidi")
        (line,) = world.posts("incident-response", "Break-glass in INC-1")
        assert "@Bruno Keller has it carried out alone, no approver answered: nobody answers" in world.text(
            line
        )
        await world.incident("ana", "timeline", channel)
        assert (
            "approved R1 Roll back rodistaa-backend-prod to revision 41 alone (break-glass)"
            in world.heard("ana")
        )


async def test_a_click_or_a_rejection_of_another_approver_closes_it(
    world: World, staged: StagedRemediator
) -> None:
    async with world.bot():
        channel = await proposed(world)
        world.looking.rows(LATER)
        await world.slack.people.click("chidi", world.posts(channel, "R1: ")[0], "withdraw_remediation")
        await told(world, "chidi", "Only @Bruno")
        await world.incident("bruno", "fix alone R1 nobody answers", channel)
        await told(world, "bruno", "@Chidi Okafor has clicked")
        await world.slack.people.click("chidi", world.posts(channel, "R1: ")[0], "reject_remediation")
        await world.until(lambda: "Rejected by" in card(world, channel))
        await world.incident("bruno", "fix rollback", channel)
        await world.until(lambda: world.posts(channel, "R2: "))
        await world.quiet()
        world.looking.rows(LATER)
        await world.incident("bruno", "fix alone R2 nobody answers", channel)
        await told(world, "bruno", "R1 of the same target was rejected")
        assert staged.carried_out == []


@pytest.mark.parametrize("declare", ["declare p1 API is completely down", "drill p0 API is completely down"])
async def test_not_in_a_lesser_incident_nor_in_a_drill(
    world: World, staged: StagedRemediator, declare: str
) -> None:
    async with world.bot():
        channel = await proposed(world, declare)
        assert "fix alone" not in card(world, channel)
        world.looking.rows(LATER)
        await world.incident("bruno", "fix alone R1 nobody answers", channel)
        await told(world, "bruno", "worst severity only")
        assert staged.carried_out == []
        assert "approval is wanted" not in direct(world, "chidi")


async def test_without_the_line_in_the_contacts_file_there_is_no_break_glass(
    world: World, staged: StagedRemediator, tmp_path: Path
) -> None:
    contacts = tmp_path / "strict.toml"
    contacts.write_text(CONTACTS + '\n[approvers]\n"*" = ["CTO", "slack:U0CHIDI001"]\n')
    async with world.bot(contacts=contacts):
        channel = await proposed(world)
        assert "fix alone" not in card(world, channel)
        world.looking.rows(
            "update remediation set expires_at = expires_at - interval '6 minutes' returning id"
        )
        await world.incident("bruno", "fix alone R1 nobody answers", channel)
        await told(world, "bruno", "Break-glass is off for ecs.rollback")
        assert staged.carried_out == []
