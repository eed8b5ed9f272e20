"""A change to production that two people agreed on: proposed, approved, read again, carried out once, watched, said."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.ports.remediation import Observation, Receipt, Refusal
from bot.services.database_restore import detect_restore
from sandbox.slack import WorkspaceMessage
from tests.remediators import PLAN, StagedRemediator, moved
from tests.scenarios.conftest import CONTACTS, World


@pytest.fixture
def hands(world: World, tmp_path: Path) -> StagedRemediator:
    """The world with approvers and all kinds switched on."""
    contacts = tmp_path / "with-approvers.toml"
    contacts.write_text(CONTACTS + '\n[approvers]\n"*" = ["CTO", "slack:U0CHIDI001"]\n')
    world.remediator = staged = StagedRemediator()
    kinds = "ecs.rollback,ecs.scale,postgres.end_idle,github.workflow,rds.failover"
    world.settings = world.settings.model_copy(update={"contacts": contacts, "remediations": kinds})
    return staged


async def proposed(world: World, words: str = "fix rollback", who: str = "ana", declare: str = "") -> str:
    """The incident's channel, with a card in it."""
    channel = await world.declared(declare or "declare p0 API is completely down")
    await world.incident(who, words, channel)
    await world.until(lambda: world.posts(channel, "R1: "))
    await world.quiet()
    return channel


def card(world: World, channel: str, name: str = "R1: ") -> WorkspaceMessage:
    return next(
        message
        for message in world.posts(channel, name)
        if world.text(message).startswith(name) or f"\n{name}" in world.text(message)
    )


def state(world: World) -> str:
    return str(world.looking.rows("select state from remediation order by id desc limit 1")[0]["state"])


async def click(world: World, who: str, channel: str, action: str, **more: Any) -> None:
    found = world.posts(channel, "R1: ")[0]
    await world.slack.people.click(who, found, action, **more)


async def until_state(world: World, *states: str) -> None:
    await world.until(lambda: state(world) in states)
    await world.quiet()


async def told(world: World, who: str, words: str) -> None:
    """Wait until this person alone was told this."""
    await world.until(lambda: any(words in world.text(each) for each in world.slack.ephemerals(who)))


async def test_who_asks_is_not_named_among_those_who_may_approve(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot():
        channel = await proposed(world, who="bruno")
        (needs,) = (
            line for line in world.text(card(world, channel)).splitlines() if "Needs approval" in line
        )
        assert needs.endswith("from somebody other than the requester: @Chidi Okafor.")


async def test_two_people_agree_and_it_is_carried_out_once_watched_and_said(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot():
        channel = await proposed(world)
        shown = world.text(card(world, channel))
        for words in (
            "R1: Roll back rodistaa-backend-prod to revision 41",
            "rodistaa-backend-prod:42 → rodistaa-backend-prod:41",
            "Evidence for it: 0 of 6 tasks run.",
            "Evidence against it: The deployment began before the first alarm.",
            "Not checked: The image's digest.",
            "@Bruno Keller",
            "Needs approval by ",
            "Undo: Roll forward to",
            "aws ecs update-service",
        ):
            assert words in shown
        await click(world, "bruno", channel, "approve_remediation")
        await until_state(world, "done")
        await world.until(lambda: world.posts(channel, "R1 Roll back rodistaa-backend-prod to revision 41: "))
        assert len(hands.carried_out) == 1
        assert hands.carried_out[0].plan == PLAN
        await world.quiet()
        told = world.text(card(world, channel))
        assert "Done" in told and "0/6 running → 6/6 running" in told
        assert "Result: " in told
        assert "R1: Roll back" in world.text(world.slack.direct_messages("ana")[-1])
        await world.incident("ana", "timeline", channel)
        entries = world.heard("ana")
        for words in ("proposed R1", "approved R1", "had R1", "done"):
            assert words in entries


@pytest.mark.parametrize(
    ("address", "shown"), [("devika@team.example", "@Devika"), ("x@team.example", "x@team.example")]
)
async def test_the_card_names_an_approver_by_their_account_also_where_the_file_has_an_address(
    world: World, hands: StagedRemediator, tmp_path: Path, address: str, shown: str
) -> None:
    contacts = tmp_path / "by-address.toml"
    contacts.write_text(CONTACTS + f'\n[approvers]\n"*" = ["slack:{address}", "CTO"]\n')
    async with world.bot(contacts=contacts):
        channel = await proposed(world)
        told = world.text(card(world, channel))
        assert f"the requester: {shown}" in told and "@Bruno Keller." in told
        assert (address in told) is (address == shown)


async def test_the_requester_is_no_second_person_even_as_an_approver(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot():
        channel = await proposed(world, who="bruno")
        await click(world, "bruno", channel, "approve_remediation")
        await told(world, "bruno", "You asked for it")
        await told(world, "bruno", "@Chidi Okafor")
        assert state(world) == "proposed"
        await click(world, "chidi", channel, "approve_remediation")
        await until_state(world, "done")
        assert len(hands.carried_out) == 1


@pytest.mark.parametrize(
    ("who", "words"),
    [("devika", "not one of the approvers"), ("gus", "Guests"), ("sasha", "another workspace")],
)
async def test_who_is_not_entitled_is_told_who_is_and_nothing_happens(
    world: World, hands: StagedRemediator, who: str, words: str
) -> None:
    async with world.bot():
        channel = await proposed(world)
        await click(world, who, channel, "approve_remediation")
        await told(world, who, words)
        await told(world, who, "It may be approved by @Bruno Keller, @Chidi Okafor.")
        await click(world, who, channel, "reject_remediation")
        await told(world, who, "It may be rejected by @Bruno Keller, @Chidi Okafor.")
        assert state(world) == "proposed"
        assert hands.carried_out == []


async def test_what_changed_since_the_approval_voids_it_and_is_said(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot():
        channel = await proposed(world)
        hands.read = moved(PLAN, **{"task definition": "rodistaa-backend-prod:43"})
        await click(world, "bruno", channel, "approve_remediation")
        await until_state(world, "void")
        assert hands.carried_out == []
        assert "task definition is rodistaa-backend-prod:43 now" in world.text(card(world, channel))
        hands.read = PLAN
        await click(world, "ana", channel, "ask_remediation_again")
        await world.until(lambda: world.posts(channel, "R2: "))


async def test_an_expired_card_cannot_be_approved(world: World, hands: StagedRemediator) -> None:
    async with world.bot():
        channel = await proposed(world)
        world.looking.rows("update remediation set expires_at = now() - interval '1 second' returning id")
        await until_state(world, "expired")
        assert not _has_approve(world, channel)
        assert hands.carried_out == []
        assert "Nobody approved it in time" in world.text(card(world, channel))


def _has_approve(world: World, channel: str) -> bool:
    return any(
        element.get("action_id") == "approve_remediation"
        for block in card(world, channel).blocks
        for element in block.get("elements", ())
    )


async def test_a_refused_call_changes_nothing_and_names_what_is_missing(
    world: World, hands: StagedRemediator
) -> None:
    hands.receipt = Receipt(False, "AWS denies ecs:UpdateService.")
    async with world.bot():
        channel = await proposed(world)
        await click(world, "bruno", channel, "approve_remediation")
        await until_state(world, "failed")
        assert "ecs:UpdateService" in world.text(card(world, channel))


async def test_a_lost_answer_is_looked_for_and_never_repeated(world: World, hands: StagedRemediator) -> None:
    hands.receipt = Receipt(None, "The connection broke.")
    hands.seen = [Observation(None), Observation(True, True, True, "6/6 running", "Six of six tasks run.")]
    async with world.bot():
        channel = await proposed(world)
        await click(world, "bruno", channel, "approve_remediation")
        await until_state(world, "unknown")
        assert "not repeated" in world.text(card(world, channel))
        await until_state(world, "done")
        assert len(hands.carried_out) == 1


async def test_reject_and_withdraw_are_for_those_who_may(world: World, hands: StagedRemediator) -> None:
    async with world.bot():
        channel = await proposed(world)
        await click(world, "devika", channel, "reject_remediation")
        await told(world, "devika", "not one of the approvers")
        await click(world, "bruno", channel, "withdraw_remediation")
        await told(world, "bruno", "Only @Ana")
        await click(world, "bruno", channel, "reject_remediation")
        await until_state(world, "rejected")
        assert hands.carried_out == []


async def test_off_is_for_everybody_at_once_and_on_again_needs_two_approvers(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot():
        channel = await proposed(world)
        await world.incident("devika", "fix off", channel)
        await told(world, "devika", "Say why")
        await world.incident("devika", "fix off something is odd", "general")
        await until_state(world, "void")
        await world.until(lambda: world.posts("incident-response", ": something is odd. What waited is void"))
        await world.incident("ana", "fix rollback", channel)
        await world.until(lambda: world.posts(channel, "R2: "))
        await world.quiet()
        second = world.posts(channel, "R2: ")[-1]
        await world.slack.people.click("bruno", second, "approve_remediation")
        await told(world, "bruno", "switched remediations off")
        await world.incident("devika", "fix on", channel)
        await told(world, "devika", "Two approvers")
        await world.incident("bruno", "fix on", channel)
        await world.incident("bruno", "fix on", channel)
        await told(world, "bruno", "second approver")
        await world.incident("chidi", "fix on", channel)
        await told(world, "chidi", "on again")
        await world.slack.people.click("bruno", second, "approve_remediation")
        await until_state(world, "done")
        assert len(hands.carried_out) == 1


async def test_a_kind_that_is_not_on_is_done_by_hand_and_checked_by_a_second_person(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot(remediations=""):
        channel = await proposed(world)
        assert "ecs.rollback is not switched on" in world.text(card(world, channel))
        await click(world, "devika", channel, "ran_remediation")
        await until_state(world, "done")
        await click(world, "devika", channel, "check_remediation")
        await told(world, "devika", "A second person checks it")
        await click(world, "bruno", channel, "check_remediation")
        await world.quiet()
        assert "Checked by @Bruno Keller" in world.text(card(world, channel))
        assert hands.carried_out == []


async def test_a_call_to_support_is_noted_with_who_called_and_the_case(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot():
        channel = await proposed(world, "fix call aws support", declare="declare p0 database unavailable")
        shown = world.text(card(world, channel))
        assert (
            "R1: Call AWS Support" in shown and "The runbook says no number or page of AWS Support" in shown
        )
        assert "To tell AWS Support:" in shown and "Resources: rds rodistaa-prod" in shown
        assert "I called" in shown and "I ran it" not in shown
        await world.incident("bruno", "fix call aws support", channel)
        await told(world, "bruno", "R1 proposes this already")
        await world.incident("bruno", "fix called R2 4711", channel)
        await told(world, "bruno", "There is no R2 here")
        await world.incident("bruno", "fix called R1 CASE-4711", channel)
        await until_state(world, "done")
        assert "@Bruno Keller called AWS Support, case CASE-4711." in world.text(card(world, channel))
        await world.incident("ana", "timeline", channel)
        assert "called AWS Support, case CASE-4711" in world.heard("ana")
        await world.incident("ana", "fix restart because the pool is stuck", channel)
        await world.until(lambda: world.posts(channel, "R2: "))
        await world.incident("ana", "fix called R2", channel)
        await told(world, "ana", "R2 names nobody to call")


async def test_in_a_drill_everything_is_played_and_nothing_carried_out(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot():
        channel = await proposed(world, declare="drill p0 API is completely down")
        await click(world, "bruno", channel, "approve_remediation")
        await told(world, "bruno", "This is a drill: nothing is carried out.")
        await until_state(world, "done")
        assert hands.carried_out == []
        assert "A drill" in world.text(card(world, channel))


async def test_what_ends_with_the_incident_is_void_and_one_target_has_one(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot():
        channel = await proposed(world)
        await world.incident("ana", "fix rollback", channel)
        await world.until(lambda: world.posts(channel, "is open for the same target"))
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"resolution": {"resolution": "It came back"}})
        await world.quiet()
        assert "was resolved" in world.text(card(world, channel))
        states = [row["state"] for row in world.looking.rows("select state from remediation order by id")]
        assert states == ["void", "void"]


async def test_after_a_restore_what_waited_in_the_backup_is_void(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot() as running:
        channel = await proposed(world)
        assert await detect_restore(running.services.store, 0, is_sure=True)
        await until_state(world, "void")
        shown = world.text(card(world, channel))
        assert "restored from a backup" in shown and "[Approve]" not in shown
        assert hands.carried_out == []


async def test_fix_lists_what_can_be_done_and_unknown_words_say_what_there_is(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot():
        channel = await world.declared("declare p0 API is completely down")
        await world.incident("ana", "fix", channel)
        listed = world.heard("ana")
        assert "ROLLBACK IMMEDIATELY" in listed and "Rollback deployment if recent" in listed
        await world.incident("ana", "fix boil the ocean", channel)
        await told(world, "ana", "No remediation fits")
        await world.incident("ana", "remediate scale", channel)
        await told(world, "ana", "Say to how many")


async def test_a_strict_plan_needs_words_and_two_approvers_where_who_asks_is_none(
    world: World, hands: StagedRemediator
) -> None:
    hands.read = replace(PLAN, strict="it scales down")
    async with world.bot():
        channel = await world.declared("declare p0 API is completely down")
        await world.incident("ana", "fix scale to 3", channel)
        await world.until(lambda: world.posts(channel, "say why"))
        await world.incident("ana", "fix scale to 3 because traffic is over", channel)
        await world.until(lambda: world.posts(channel, "R2: "))
        await world.quiet()
        (second,) = [each for each in world.posts(channel, "R2: ") if "traffic is over" in world.text(each)]
        await world.slack.people.click("bruno", second, "approve_remediation")
        await told(world, "bruno", "Nothing is begun before a second approver agrees: @Chidi Okafor.")
        await world.until(lambda: world.posts(channel, "as the first of two approvers"))
        (waiting,) = world.posts(channel, "Needs a second approval by ")
        assert "the requester: @Chidi Okafor." in world.text(waiting)
        await world.slack.people.click("bruno", second, "approve_remediation")
        await told(world, "bruno", "You approved it already")
        assert hands.carried_out == []
        await world.slack.people.click("devika", second, "approve_remediation")
        await told(world, "devika", "not one of the approvers")
        assert hands.carried_out == []
        await world.slack.people.click("chidi", second, "approve_remediation")
        await world.until(lambda: hands.carried_out)
        (begun,) = hands.carried_out
        assert begun.first_approver == world.slack.person("bruno").id
        assert begun.approved_by == world.slack.person("chidi").id


async def test_who_asks_for_a_failover_and_is_no_approver_is_told_which_two_are_needed(
    world: World, hands: StagedRemediator
) -> None:
    hands.read = replace(PLAN, strict="it fails a database over")
    async with world.bot():
        channel = await world.declared("declare p0 API is completely down")
        await world.incident("ana", "fix failover prod because it hangs", channel)
        assert "two of these have to approve: @Bruno Keller, @Chidi" in world.heard("ana")
        await world.incident("bruno", "fix failover other because it hangs", channel)
        assert "no approver" not in world.heard("bruno")


async def test_what_is_refused_when_read_has_no_card(world: World, hands: StagedRemediator) -> None:
    hands.read = Refusal("The same image would come back.")
    async with world.bot():
        channel = await world.declared("declare p0 API is completely down")
        await world.incident("ana", "fix rollback", channel)
        await world.until(lambda: world.posts(channel, "The same image would come back"))
        assert state(world) == "void"


async def test_when_the_refused_image_is_deployed_again_the_room_is_told_once(
    world: World, hands: StagedRemediator
) -> None:
    again = Observation(True, sentence="The refused image comes again.", facts={"returned": "d-1"})
    hands.returns = [again, again]
    async with world.bot():
        channel = await proposed(world)
        await click(world, "bruno", channel, "approve_remediation")
        await until_state(world, "done")
        await world.until(lambda: world.posts(channel, "The refused image comes again."))
        due = "update remediation set look_at = now() where look_at is not null returning id"
        assert world.looking.rows(due)
        await world.until(lambda: not hands.returns)
        await world.quiet()
        assert len(world.posts(channel, "The refused image comes again.")) == 1
        await world.incident("ana", "timeline", channel)
        assert "The refused image comes again." in world.heard("ana")
        world.looking.rows("update incident set status = 'resolved', resolved_at = now() returning number")
        world.looking.rows(due)
        await world.until(
            lambda: not world.looking.rows("select 1 from remediation where look_at is not null")
        )


async def test_a_button_below_the_step_and_the_finding_proposes_it_and_a_stale_one_says_so(
    world: World, hands: StagedRemediator
) -> None:
    async with world.bot():
        channel = await world.declared("declare p0 API is completely down")
        (playbook,) = world.posts(channel, "Playbook: ")
        labels = {
            element["text"]["text"]: element["action_id"]
            for block in playbook.blocks
            for element in block.get("elements", ())
            if block["type"] == "actions"
        }
        assert "Propose: Roll back" in labels and "Propose: Scale" in labels
        await world.slack.people.click("ana", playbook, labels["Propose: Scale"])
        await told(world, "ana", "Say to how many")
        await world.slack.people.click("ana", playbook, labels["Propose: Roll back"])
        await world.until(lambda: world.posts(channel, "R1: "))
        by_hand = next(name for name in labels if name.startswith("Propose: If recent"))
        await world.slack.people.click("ana", playbook, labels[by_hand])
        await world.until(lambda: world.posts(channel, "R2: "))
        await world.slack.people.click("ana", playbook, labels[by_hand])
        await told(world, "ana", "R2 proposes this already")
        world.looking.rows("update incident set playbook = 'database-unavailable' returning number")
        await world.slack.people.click("ana", playbook, labels["Propose: Roll back"])
        await told(world, "ana", "not proposed any more")
        assert len(world.looking.rows("select 1 from remediation")) == 2
