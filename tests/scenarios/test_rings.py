"""Everybody is rung once, the room is told what helps there, and what is found stands right below the alert."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import RunningBot
from bot.domain.diagnostic_run import DiagnosticRunRequest
from bot.ports.diagnostics import PlannedCheck
from diagnostics.engine.executor import InProcessExecutor
from sandbox.slack import plan_by_table
from sandbox.slack.faults import make_hang
from tests.scenarios.asking import KNOWN, contacts, script
from tests.scenarios.conftest import RUNBOOK, World
from tests.scenarios.duties import asks

UNREACHED = "The runbook pages these people, but I can't reach them:"


async def test_who_was_reached_by_a_direct_message_is_not_rung_again_by_the_room(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        said = world.posts(channel)
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [1, 1, 1]
        # The alert names its commander, who may be in the channel by then: she declared it a second ago.
        assert {who for each in said for who in each.pings} <= {world.slack.person("ana").id}
        assert not world.posts(channel, "you're being paged"), "nor she who declared it"
        assert {world.slack.person(who).id for who in ("ana", "bruno", "chidi", "devika")} <= set(
            world.slack.channel(channel).members
        )


async def test_who_was_not_reached_is_called_in_the_room(world: World, tmp_path: Path) -> None:
    book = KNOWN.replace("U0BRUNO001", "U0NOBODY01")
    async with world.bot(**contacts(tmp_path, book)):
        channel = await world.declared()
        (said,) = world.posts(channel, "you're being paged for INC-1")
        assert "U0NOBODY01" in said.text and world.slack.person("chidi").id not in said.text


async def test_a_mention_waits_for_the_direct_messages_and_not_for_ever(world: World) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.api.faults = plan_by_table({"chat.postMessage": [make_hang()]})
        await world.incident("ana", "declare p0 API is down")
        rested = (
            "select 1 from outbox where kind = 'MentionPeople' and error = 'direct messages are on their way'"
        )
        await world.until(lambda: world.looking.rows(rested))
        await world.quiet(30)
        row = world.looking.rows("select channel from incident")[0]
        assert not world.posts(row["channel"], "you're being paged")
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [1, 1, 1]


async def test_who_is_called_for_the_first_time_is_named_in_the_room_and_rung_by_the_direct_message(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        channel = await world.declared("declare p2 Search is slow")
        await asks(world, "ana", "page CTO look at the index", channel)
        await world.quiet()
        (said,) = world.posts(channel, "paged CTO: look at the index")
        assert world.slack.person("bruno").id not in said.pings
        await asks(world, "ana", "page CTO once more", channel)
        await world.quiet()
        (said,) = world.posts(channel, "paged CTO @Bruno Keller: once more")
        assert world.slack.person("bruno").id in said.pings
        assert len(world.slack.direct_messages("bruno")) == 1


async def test_who_is_no_contact_is_rung_once_by_each_call_too(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        noor = world.slack.add_person("noor", "Noor Haddad")
        await asks(world, "ana", "page @noor and @devika: check the index", channel)
        await world.quiet()
        (said,) = world.posts(channel, "paged noor, devika: check the index")
        assert not said.pings & {noor.id, world.slack.person("devika").id}
        assert len(world.slack.direct_messages(noor)) == 1
        await asks(world, "ana", "page @noor once more", channel)
        await world.quiet()
        (said,) = world.posts(channel, "paged @Noor Haddad: once more")
        assert noor.id in said.pings
        assert len(world.slack.direct_messages(noor)) == 1
        assert "once more" in world.text(world.slack.direct_messages(noor)[0])
        await world.incident("ana", "timeline", channel)
        assert "paged @Noor Haddad, @Devika Rao: check the index" in world.heard("ana")


async def test_what_is_to_be_mended_of_the_contacts_is_told_once_and_not_in_the_room(world: World) -> None:
    async with world.bot():
        for words in ("declare p0 API is down", "declare p1 Payments fail"):
            channel = await world.declared(words)
            text = "\n".join(world.text(post) for post in world.posts(channel))
            assert not any(
                each in text for each in ("contacts file", "XXX", "Not reachable", "Senior engineers")
            )
    async with world.bot():
        await world.quiet()
        (said,) = world.posts("incident-response", UNREACHED)
        text = world.text(said)
        assert "• AWS Support (P0): no contact method\n" in text
        assert "• Senior engineers (P1): no contact has that name\n" in text


async def test_an_edited_runbook_that_calls_others_in_vain_is_told(world: World, tmp_path: Path) -> None:
    runbook = tmp_path / "runbook.md"
    runbook.write_text(RUNBOOK.read_text())
    async with world.bot(runbook=runbook) as running:
        await world.quiet()
        await world.until(lambda: world.posts("incident-response", UNREACHED))
        await edited(world, running, runbook, RUNBOOK.read_text().replace("Senior engineers", "Senior staff"))
        await world.until(lambda: world.posts("incident-response", "Senior staff (P1)"))
        await edited(world, running, runbook, runbook.read_text() + "\nOne more word.\n")
        await world.quiet()
        assert len(world.posts("incident-response", UNREACHED)) == 2


async def edited(world: World, running: RunningBot, runbook: Path, text: str) -> None:
    before = running.services.runbook_versions.current.sha
    runbook.write_text(text)
    running.runbook_watcher.now()
    await world.until(lambda: running.services.runbook_versions.current.sha != before)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1-800-XXX-XXXX (Premium)", ""),
        ("open a case in the AWS console", "AWS Support: open a case in the AWS console"),
        ("+1 555 010 0199", "Call AWS Support: +15550100199"),
    ],
    ids=["never filled", "words", "a number"],
)
async def test_the_room_is_told_how_to_reach_who_cannot_be_called_where_that_is_known(
    world: World, tmp_path: Path, line: str, said: str
) -> None:
    runbook = tmp_path / "runbook.md"
    runbook.write_text(RUNBOOK.read_text().replace("1-800-XXX-XXXX (Premium)", line))
    async with world.bot(runbook=runbook):
        channel = await world.declared()
        text = "\n".join(world.text(post) for post in world.posts(channel))
        assert said in text
        assert "XXX" not in text and ("AWS Support" in text) is bool(said)


async def test_the_evidence_stands_right_below_the_alert_and_the_playbook_after_it(world: World) -> None:
    async with world.bot():
        for _ in range(3):
            channel = await world.declared()
            said = [each for each in script(world, channel) if each != "finding"]
            assert said == ["alert", "evidence", "playbook"]


def delay_checks(running: RunningBot) -> asyncio.Event:
    """No check begins before this event."""
    begins, here = asyncio.Event(), running.looking.executor
    assert isinstance(here, InProcessExecutor)

    class Slow(InProcessExecutor):
        async def plan(self, asked: DiagnosticRunRequest, *given: Any) -> list[PlannedCheck]:
            await begins.wait()
            return list(await super().plan(asked, *given))

    running.looking.executor = Slow(here.runner, here.systems, here.value_of)
    return begins


async def test_the_playbook_follows_the_evidence_at_once_however_long_it_would_wait(world: World) -> None:
    async with world.bot() as running:
        begins = delay_checks(running)
        channel = await world.declared_soon()
        rest = (
            "update outbox set not_before = now() + interval '1 hour'"
            " where kind = 'PostPlaybook' and lease_owner is null and settled_at is null returning id"
        )
        await world.until(lambda: world.looking.rows(rest))
        begins.set()
        await world.until(lambda: world.posts(channel, "Playbook: "))


async def test_the_evidence_keeps_its_place_when_the_checks_are_slow_to_begin(
    world: World, tmp_path: Path
) -> None:
    page = {"status_page": str(tmp_path / "status"), "status_url": "https://status.acme.example"}
    async with world.bot(**page) as running:
        begins = delay_checks(running)
        channel = await world.declared_soon()
        rested = (
            "select 1 from outbox where kind = 'PostPlaybook' and error = 'the evidence is not posted yet'"
        )
        await world.until(lambda: world.looking.rows(rested))
        await world.incident("ana", "status identified", channel)
        await world.until(lambda: world.posts(channel, "changed status: investigating → identified"))
        assert not world.posts(channel, "Playbook: "), "what is said in the room does not wait for it"
        await world.until(lambda: world.posts(channel, "Playbook: "))
        (evidence,) = world.posts(channel, "The checks are starting")
        await world.until(lambda: world.posts(channel, "Draft for customers"))
        assert evidence.ts < world.posts(channel, "Playbook: ")[0].ts
        assert evidence.ts < world.posts(channel, "Draft for customers")[0].ts
        begins.set()
        await world.until(lambda: not world.posts(channel, "The checks are starting"))
        assert [each for each in script(world, channel) if each in ("evidence", "playbook")] == [
            "evidence",
            "playbook",
        ]


async def test_checks_that_an_incident_s_end_overtakes_say_that_none_was_run(world: World) -> None:
    class Stuck(InProcessExecutor):
        async def plan(self, asked: DiagnosticRunRequest, *given: Any) -> list[PlannedCheck]:
            await asyncio.Event().wait()
            raise AssertionError

    async with world.bot() as running:
        here = running.looking.executor
        assert isinstance(here, InProcessExecutor)
        running.looking.executor = Stuck(here.runner, here.systems, here.value_of)
        channel = await world.declared_soon()
        await world.until(lambda: world.posts(channel, "The checks are starting"))
        await world.cancel("ana", "", channel)
        await world.until(lambda: world.posts(channel, "No check was run"))
