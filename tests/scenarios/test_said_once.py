"""Who acts in an incident's room reads once what came of it: in the room. Elsewhere they are answered."""

import pytest

from sandbox.slack import make_refusal, make_server_error, plan_by_table
from sandbox.slack.faults import plan_always, plan_no_faults
from tests.scenarios.conftest import World

TOLD = {
    "lead": "@Devika Rao is now incident commander.",
    "lead @chidi": "asks you to take command of INC-1",
    "handover @chidi look at the pool": "asks you to take command of INC-1",
    "assign scribe @chidi": "@Chidi Okafor is now scribe.",
    "severity p1": "P0 → P1",
    "status identified": "changed status: investigating → identified",
    "impact Nobody can pay": "Nobody can pay",
    "rename Payments fail": "→ Payments fail",
    "update We restart it": "We restart it",
    "status monitoring it recovers": "it recovers",
    "page CTO come": "paged CTO",
    "ack": "@Devika Rao acknowledged after",
    "escalate": "@Devika Rao asked for more people.",
}
"""What is typed, and what the room is told of it."""


@pytest.mark.parametrize("words", TOLD)
async def test_what_the_room_is_told_is_not_said_a_second_time_to_who_did_it_there(
    world: World, words: str
) -> None:
    async with world.bot():
        channel = await world.declared()
        answer = await world.incident("devika", words, channel)
        assert answer.ok and answer.body == ""
        await world.until(lambda: world.posts(channel, TOLD[words]))
        await world.quiet()
        assert world.slack.ephemerals("devika") == []


@pytest.mark.parametrize("words", TOLD)
async def test_who_does_it_elsewhere_is_answered_there(world: World, words: str) -> None:
    async with world.bot():
        channel = await world.declared()
        word, _, rest = words.partition(" ")
        answer = await world.incident("devika", f"{word} INC-1 {rest}".strip(), "general")
        assert answer.ok and answer.body
        await world.until(lambda: world.posts(channel, TOLD[words]))


async def test_closed_and_reopened_are_said_once(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        assert (await world.slack.people.submit("ana", form, {"resolution": {"resolution": "x"}})).ok
        for words, said in (("close anyway a test", "closed INC-1"), ("reopen", "reopened INC-1")):
            assert (await world.incident("ana", words, channel)).body == ""
            await world.until(lambda: world.posts(channel, said))  # noqa: B023


async def test_what_the_room_is_not_told_is_answered_in_it_too(world: World) -> None:
    async with world.bot():
        channel = await world.declared(who="ana")
        for words, said in (
            ("lead", "is already incident commander"),
            ("status investigating", "Status is already investigating."),
            ("severity p9", "The runbook has no severity"),
            ("note The pool is full", "Noted in the timeline"),
            ("rename " + "a long title " * 20, "characters and was shortened"),
            ("page CTO, @statusbot come", "is a bot: not paged"),
        ):
            assert said in (await world.incident("ana", words, channel)).body, words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("lead @chidi", "was asked already"),
        ("handover @chidi look at the pool", "was asked already"),
        ("assign scribe @chidi", "@Chidi Okafor is already scribe."),
        ("severity p1", "Severity is already P1."),
        ("status identified", "Status is already identified."),
        ("impact Nobody can pay", "The impact already says that."),
        ("rename Payments fail", "The title already says that."),
    ],
)
async def test_what_changes_nothing_the_second_time_is_said_to_who_typed_it_and_not_to_the_room(
    world: World, words: str, said: str
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("devika", words, channel)
        await world.quiet()
        before = [post.ts for post in world.posts(channel)]
        await world.incident("devika", words, channel)
        assert said in world.heard("devika")
        assert "Nothing was changed." in world.heard("devika")
        await world.quiet()
        assert [post.ts for post in world.posts(channel)] == before


async def test_another_title_with_the_same_channel_name_is_no_failure(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "rename API is down!", channel)
        await world.quiet()
        assert world.slack.channel(channel).name == "inc-1-api-is-down"
        assert len(world.posts(channel, "renamed the incident")) == 1
        assert world.posts(channel, "I couldn't do this") == []


async def test_the_second_one_who_acknowledges_is_answered_as_the_room_is_not_told_again(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("bruno", "ack", channel)
        assert "You acknowledged INC-1" in (await world.incident("chidi", "ack", channel)).body


async def test_a_click_in_the_room_is_answered_by_the_room_and_one_in_a_direct_message_there(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "lead @devika", channel)
        await world.until(lambda: world.posts(channel, "asks you to take command"))
        offer = world.posts(channel, "asks you to take command")[0]
        await world.slack.people.click("devika", offer, "accept_command")
        await world.until(lambda: world.posts(channel, "@Devika Rao is now incident commander."))
        await world.quiet()
        assert world.slack.ephemerals("devika") == []
        page = world.slack.direct_messages("bruno")[0]
        await world.slack.people.click("bruno", page, "acknowledge")
        await world.until(lambda: "You acknowledged INC-1" in world.heard("bruno"))


async def test_without_a_channel_the_thread_is_the_room(world: World) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.api.faults = plan_by_table({"conversations.create": make_refusal("restricted_action")})
        await world.incident("ana", "declare p0 API is down")
        await world.quiet()
        both = world.posts("incident-response", "INCIDENT ALERT")
        (announced,) = [each for each in both if each.thread_ts in (None, each.ts)]
        (alert,) = [each for each in both if each is not announced]
        await world.slack.people.click("chidi", alert, "acknowledge")
        await world.until(
            lambda: any(
                "@Chidi Okafor acknowledged after" in world.text(reply)
                for reply in world.slack.channel("incident-response").replies(announced.ts)
            )
        )
        await world.quiet()
        assert world.slack.ephemerals("chidi") == []


async def test_while_slack_takes_no_messages_who_acts_is_answered(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("devika", "list")  # the bot has met her
        world.slack.api.faults = plan_always(make_server_error())
        await world.incident("ana", "update Rolled back", channel)
        tried = "select 1 from outbox where kind = 'PostUpdate' and attempts > 0 and error is not null"
        await world.until(lambda: world.looking.rows(tried))
        assert "is now incident commander" in (await world.incident("devika", "lead", channel)).body
        world.slack.api.faults = plan_no_faults
        await world.until(lambda: world.posts(channel, "@Devika Rao is now incident commander."), 60)


async def test_where_the_incident_left_its_channel_who_is_still_there_is_answered(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        world.looking.rows("update incident set lost_channel = channel, channel = null")
        assert "is now incident commander" in (await world.incident("devika", "lead", channel)).body
