"""What the record of an incident says, and who hears of it: timeline, catch-up and room."""

import pytest

from bot.domain.diagnostic_run import Suspect
from bot.domain.finding import Verdict
from sandbox.slack.mentions import find_mentions
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World
from tests.scenarios.test_evidence import STATUS, Monitored, finding


@pytest.fixture
def monitored(world: World) -> Monitored:
    made = Monitored()
    world.systems = made.systems
    return made


async def told(world: World, words: str, channel: str) -> str:
    """What Devika is shown."""
    await world.incident("devika", words, channel)
    return str(world.heard("devika"))


async def test_whoever_loses_command_is_mentioned_and_every_record_says_who_took_it_from_whom(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("devika", "lead", channel)
        await world.quiet()
        (said,) = world.posts(
            channel, "@Devika Rao is now incident commander. They took command from @Ana Duarte."
        )
        assert ("user", world.slack.person("ana").id) in find_mentions(said.text, said.blocks)
        await world.incident("devika", "handover @chidi", channel)
        await world.quiet()
        (offer,) = world.posts(channel, "asks you to take command of INC-1")
        await world.slack.people.click("chidi", offer, "accept_command")
        await world.quiet()
        settled = world.text(world.slack.channel(channel).messages[offer.ts])
        assert settled.splitlines() == [
            "@Devika Rao asked @Chidi Okafor to take command of INC-1.",
            "@Chidi Okafor accepted.",
        ]
        (said,) = world.posts(channel, "@Chidi Okafor is now incident commander.")
        assert ("user", world.slack.person("devika").id) in find_mentions(said.text, said.blocks)
        await world.incident("bruno", "lead @ana", channel)
        await world.quiet()
        offer = world.posts(channel, "asks you to take command of INC-1")[-1]
        await world.slack.people.click("ana", offer, "accept_command")
        await world.quiet()
        for words in ("timeline", "catchup"):
            text = f"{await told(world, words, channel)}\n"
            assert "@Devika Rao took command from @Ana Duarte\n" in text
            assert "@Chidi Okafor took command from @Devika Rao, who had offered it\n" in text
            assert "@Ana Duarte took command from @Chidi Okafor, offered by @Bruno Keller\n" in text


async def test_an_offer_of_command_that_is_not_open_any_more_has_no_button(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")

        async def offered(words: str) -> str:
            await world.incident("ana", words, channel)
            await world.quiet()
            return world.posts(channel, "[Accept command]")[-1].ts

        def shown(offer: str) -> list[str]:
            return world.text(world.slack.channel(channel).messages[offer]).splitlines()

        first = await offered("handover @chidi Watch the error rate")
        second = await offered("lead @devika")
        assert shown(first) == [
            "@Ana Duarte asked @Chidi Okafor to take command of INC-1.",
            "Handover: Watch the error rate",
            "No longer offered: @Ana Duarte is incident commander.",
        ]
        await world.incident("bruno", "lead", channel)
        await world.quiet()
        asked = "@Ana Duarte asked @Devika Rao to take command of INC-1."
        assert shown(second) == [asked, "No longer offered: @Bruno Keller is incident commander."]
        third = await offered("lead @devika")
        await world.cancel("ana", "a test", channel)
        await world.quiet()
        assert shown(third) == [asked, "Not accepted: INC-1 is cancelled."]
        await world.incident("ana", "reopen", channel)
        await world.quiet()
        last = await offered("lead @devika")
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        assert (await world.slack.people.submit("ana", form, fields(resolution="Rolled back"))).ok
        await world.quiet()
        assert shown(last) == [asked, "Not accepted: INC-1 is resolved."]
        assert world.posts(channel, "[Accept command]") == []


async def test_command_offered_again_to_the_same_person_is_one_offer(world: World) -> None:
    watch = "handover @chidi Watch the error rate"
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        for said in (watch, "lead @chidi", "lead @chidi", "lead @chidi", watch):
            await world.incident("ana", said, channel)
            await world.quiet()
        assert "@Chidi Okafor was asked already and has not answered yet." in world.heard("ana")
        assert len(world.posts(channel, "to take command")) == 1
        await world.incident("bruno", "handover @chidi Read the logs first", channel)
        await world.quiet()
        (offer,) = world.posts(channel, "[Accept command]")
        assert "Read the logs first" in world.text(offer)
        await world.incident("bruno", "lead @devika", channel)
        await world.incident("bruno", "lead @chidi", channel)
        await world.quiet()
        (offer,) = world.posts(channel, "[Accept command]")
        await world.slack.people.click("chidi", offer, "accept_command")
        await world.quiet()
        assert world.looking.rows("select commander from incident") == [{"commander": "U0CHIDI001"}]


async def test_the_timeline_has_the_words_of_updates_and_resolutions(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "update Rolled back the deployment", channel)
        for done, cause in (("Rolled back\n- Scaled up", "A bad deploy"), ("Scaled up again", "")):
            await world.incident("ana", "resolve", channel)
            form = await world.form("ana")
            typed = {"resolution": {"resolution": done}, "root_cause": {"root_cause": cause}}
            assert (await world.slack.people.submit("ana", form, typed)).ok
            await world.quiet()
            await world.incident("ana", "reopen", channel)
        text = f"{await told(world, 'timeline', channel)}\n"
        assert "@Ana Duarte posted a status update: Rolled back the deployment\n" in text
        assert "@Ana Duarte resolved it. Done: Rolled back; Scaled up. Cause: A bad deploy\n" in text
        assert "@Ana Duarte resolved it. Done: Scaled up again\n" in text


async def test_timeline_and_catch_up_say_what_was_found_and_what_it_points_to(
    world: World, monitored: Monitored
) -> None:
    monitored.answers[STATUS] = finding(
        Verdict.BAD,
        "2 of 6 tasks running.",
        suspect=Suspect("deployment", "backend:42", "its tasks die of memory"),
    )
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "assign scribe @devika", channel)
        text = await told(world, "timeline", channel)
        assert (
            "Tocsin ran API COMPLETELY DOWN. Points to backend:42; its tasks die of memory. "
            f"Failing: {STATUS}: 2 of 6 tasks running."
        ) in text
        assert "sha256" not in text
        text = await told(world, "catchup", channel)
        assert "Evidence: 1 failing, 7 OK." in text and f"{STATUS}  2 of 6 tasks running." in text
        assert "Points to: backend:42; its tasks die of memory." in text
        assert "· scribe: @Devika Rao" in text
