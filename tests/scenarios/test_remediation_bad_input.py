"""What goes wrong around a remediation: each is told in a sentence, and nothing is carried out twice."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.ports.remediation import Observation, Refusal
from sandbox.slack import WorkspaceMessage
from tests.remediators import PLAN, HeldRemediator
from tests.scenarios.conftest import CONTACTS, World


@pytest.fixture
def staged(world: World, tmp_path: Path) -> HeldRemediator:
    contacts = tmp_path / "approvers.toml"
    contacts.write_text(CONTACTS + '\n[approvers]\n"*" = ["CTO", "slack:U0CHIDI001"]\n')
    world.remediator = staged = HeldRemediator()
    world.settings = world.settings.model_copy(update={"contacts": contacts, "remediations": "ecs.rollback"})
    return staged


async def proposed(world: World) -> tuple[str, WorkspaceMessage]:
    """The incident's channel, and the card as everybody reads it now."""
    channel = await world.declared("declare p0 API is completely down")
    await world.incident("ana", "fix rollback", channel)
    await world.until(lambda: world.posts(channel, "R1: "))
    await world.quiet()
    return channel, world.posts(channel, "R1: ")[0]


async def approve(world: World, card: WorkspaceMessage, who: str) -> None:
    """Click on the card as it was read, whatever became of it."""
    await world.slack.people.click(who, card, "approve_remediation", as_seen=True)


def states(world: World) -> list[str]:
    return [row["state"] for row in world.looking.rows("select state from remediation order by id")]


def heard(world: World, who: str, words: str) -> bool:
    return any(words in world.text(each) for each in world.slack.ephemerals(who))


async def test_two_who_approve_at_the_same_moment_have_it_done_once_and_a_second_click_changes_nothing(
    world: World, staged: HeldRemediator
) -> None:
    async with world.bot():
        _, card = await proposed(world)
        staged.reading.clear()
        await asyncio.gather(approve(world, card, "bruno"), approve(world, card, "chidi"))
        once = "R1 is approved already. Nothing was approved."
        await world.until(lambda: any(heard(world, who, once) for who in ("bruno", "chidi")))
        await approve(world, card, "bruno")
        staged.reading.set()
        await world.until(lambda: states(world) == ["done"])
        await approve(world, card, "chidi")
        await world.until(lambda: heard(world, "chidi", "R1 is done"))
        assert len(staged.carried_out) == 1


async def test_a_target_that_is_gone_meanwhile_voids_it(world: World, staged: HeldRemediator) -> None:
    async with world.bot():
        channel, card = await proposed(world)
        staged.read = Refusal("There is no ECS service rodistaa-backend-prod in the cluster.")
        await approve(world, card, "bruno")
        await world.until(lambda: world.posts(channel, "Void: There is no ECS service"))
        assert (states(world), staged.carried_out) == (["void"], [])


async def test_what_was_approved_long_ago_is_not_begun_any_more(world: World, staged: HeldRemediator) -> None:
    async with world.bot():
        channel, card = await proposed(world)
        staged.reading.clear()
        await approve(world, card, "bruno")
        world.looking.rows(
            "update remediation set approved_at = approved_at - interval '3 minutes' returning id"
        )
        staged.reading.set()
        await world.until(lambda: world.posts(channel, "could not be begun within 2 min"))
        assert (states(world), staged.carried_out) == (["void"], [])


async def test_an_incident_that_ends_or_a_stop_before_the_act_voids_it_but_what_was_begun_is_watched(
    world: World, staged: HeldRemediator
) -> None:
    async with world.bot():
        channel, card = await proposed(world)
        staged.held = asyncio.Event()
        await approve(world, card, "bruno")
        await world.until(lambda: staged.carried_out)
        await world.incident("ana", "cancel", channel)
        await world.slack.people.click("ana", world.slack.ephemerals("ana")[-1], "cancel")
        await world.incident("devika", "fix off something is odd", "general")
        assert states(world) == ["executing"]
        staged.held.set()
        await world.until(lambda: states(world) == ["done"])
        await world.until(lambda: world.looking.rows("select 1 from remediation where verdict <> ''"))
        assert len(staged.carried_out) == 1


async def test_after_one_the_target_rests_and_says_how_long(world: World, staged: HeldRemediator) -> None:
    staged.seen = [Observation(True, True, True, "6/6 running", "Six of six tasks run.")]
    async with world.bot():
        channel, card = await proposed(world)
        await approve(world, card, "bruno")
        await world.until(lambda: states(world) == ["done"])
        await world.incident("ana", "fix rollback", channel)
        await world.until(lambda: world.posts(channel, "It rests for 10 min"))
        assert states(world) == ["done", "void"]


async def test_what_is_deployed_after_one_ended_can_be_rolled_back_at_once(
    world: World, staged: HeldRemediator
) -> None:
    staged.seen = [Observation(True, True, True, "6/6 running", "Six of six tasks run.")]
    async with world.bot():
        channel, card = await proposed(world)
        await approve(world, card, "bruno")
        await world.until(lambda: states(world) == ["done"])
        staged.read = replace(PLAN, deployed_at=(datetime.now(UTC) + timedelta(seconds=5)).isoformat())
        await world.incident("ana", "fix rollback", channel)
        await world.until(lambda: states(world) == ["done", "proposed"])


async def test_what_was_just_done_is_taken_back_at_once_and_that_rests_in_its_turn(
    world: World, staged: HeldRemediator
) -> None:
    staged.seen = [Observation(True, True, True, "6/6 running", "Six of six tasks run.")]
    async with world.bot():
        channel, card = await proposed(world)
        await approve(world, card, "bruno")
        await world.until(lambda: states(world) == ["done"])
        await world.until(lambda: world.looking.rows("select 1 from remediation where verdict <> ''"))
        await world.quiet()
        done = world.posts(channel, "R1: ")[0]
        await world.slack.people.click("ana", done, "undo_remediation")
        await world.until(lambda: states(world) == ["done", "proposed"])
        await world.quiet()
        await approve(world, world.posts(channel, "R2: ")[-1], "bruno")
        await world.until(lambda: states(world) == ["done", "done"])
        await world.slack.people.click("ana", done, "undo_remediation", as_seen=True)
        await world.until(lambda: world.posts(channel, "It rests for 10 min"))
        assert [asked.number for asked in staged.carried_out] == [1, 2]


async def test_a_bot_and_a_former_member_approve_nothing_though_the_file_names_them(
    world: World, staged: HeldRemediator, tmp_path: Path
) -> None:
    contacts = tmp_path / "outdated.toml"
    contacts.write_text(CONTACTS + '\n[approvers]\n"*" = ["CTO", "slack:U0CHIDI001", "slack:U0STATBOT1"]\n')
    async with world.bot(contacts=contacts):
        _, card = await proposed(world)
        world.slack.deactivate("chidi")
        for who, why in (("chidi", "deactivated"), ("statusbot", "Bots")):
            for action in ("approve_remediation", "reject_remediation"):
                await world.slack.people.click(who, card, action, as_seen=True)
            await world.until(partial(heard, world, who, why))
        assert (states(world), staged.carried_out) == (["proposed"], [])
        await approve(world, card, "bruno")
        await world.until(lambda: states(world) == ["done"])


@pytest.mark.parametrize("value", ["999999", "", "-1", "1|1", "x", "1 or 1=1"])
async def test_a_forged_value_is_refused(world: World, staged: HeldRemediator, value: str) -> None:
    async with world.bot():
        _, card = await proposed(world)
        for block in card.blocks:
            for element in block.get("elements", ()):
                if element.get("action_id") == "approve_remediation":
                    element["value"] = value
        await approve(world, card, "bruno")
        await world.until(lambda: heard(world, "bruno", "Nothing was changed"))
        assert (states(world), staged.carried_out) == (["proposed"], [])
