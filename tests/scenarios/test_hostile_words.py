"""Words that could be markup, mentions or worse: shown as typed everywhere, and nobody is rung by them."""

import json

import pytest

from sandbox.slack import Slack
from sandbox.slack.mentions import find_mentions
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World

HOSTILE = "<!channel> <@U0BRUNO001> <!here> <http://a.example|b> & *bold* `code` \u202efdp\u202c &lt;"
"""Everything that Slack's markup, or a mark that turns writing around, could make something else of."""

ISOLATES = dict.fromkeys(map(ord, "\u2068\u2069"))
"""What templates put around turning marks: invisible, and no part of what was typed."""


def calls(slack: Slack) -> set[tuple[str, str]]:
    """Who and what is called by any message of the bot, in any place."""
    found = set()
    for channel in slack.workspace.channels.values():
        for message in channel.messages.values():
            if message.bot_id:
                found.update(find_mentions(message.text, message.blocks))
    return found


def pinged(slack: Slack) -> set[str]:
    everything = [each for channel in slack.workspace.channels.values() for each in channel.messages.values()]
    return {slack.person(who).handle for each in everything if each.bot_id for who in each.pings}


def plain(text: str) -> str:
    return text.translate(ISOLATES)


async def test_hostile_words_are_shown_as_typed_everywhere_and_ring_nobody(world: World) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.people.join("bruno", "incident-response")
        channel = await world.declared(f"declare p3 {HOSTILE}")
        for who in ("bruno", "chidi"):
            world.slack.people.join(who, channel)
        await world.incident("ana", f"update {HOSTILE}", channel)
        await world.incident("ana", f"note {HOSTILE}", channel)
        await world.incident("ana", "update", channel)
        form = await world.form("ana")
        assert (await world.slack.people.submit("ana", form, fields(update_text=f"again {HOSTILE}"))).ok
        await world.incident("ana", f"rename new {HOSTILE}", channel)
        await world.quiet()
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        ending = fields(resolution=f"done {HOSTILE}", root_cause=f"cause {HOSTILE}")
        assert (await world.slack.people.submit("ana", form, ending)).ok
        await world.quiet()
        await world.incident("ana", f"close anyway {HOSTILE}", channel)
        await world.quiet()
        for place in (channel, "incident-response"):
            everything = plain("\n".join(world.text(post) for post in world.posts(place)))
            for begins in ("P3: new ", "", "again ", "done ", "cause "):
                assert begins + HOSTILE in everything, (place, begins)
        assert f"items: {HOSTILE}" in plain("\n".join(world.text(post) for post in world.posts(channel)))
        assert calls(world.slack) <= {("user", world.slack.person("ana").id)}
        assert pinged(world.slack) <= {"ana"}


async def test_hostile_words_in_the_declare_form_reach_the_called_as_typed(world: World) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.people.join("devika", "incident-response")
        await world.incident("ana", "declare p2")
        form = await world.form("ana")
        given = fields(title=f"a\x00b {HOSTILE}", impact=f"impact {HOSTILE}", affected_users=HOSTILE)
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.quiet()
        shown = world.slack.open_view("ana")
        assert shown is not None
        assert world.looking.rows("select title from incident")[0]["title"] == f"a␀b {HOSTILE}"
        (page,) = world.slack.direct_messages("chidi")
        assert f"P2: a␀b {HOSTILE}" in plain(world.text(page))
        assert f"Impact: impact {HOSTILE}" in plain(world.text(page))
        people = {("user", world.slack.person(who).id) for who in ("ana", "chidi")}
        assert calls(world.slack) <= people
        assert pinged(world.slack) <= {"ana", "chidi"}


async def test_words_that_arrive_unescaped_or_with_nul_ring_nobody_either(world: World) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.people.join("bruno", "incident-response")
        await world.incident("ana", "declare p3 down\x00 <!channel> <@U0BRUNO001>", escaped=False)
        await world.quiet()
        assert world.looking.rows("select title from incident")[0]["title"] == "down␀ @channel @bruno"
        await world.incident("ana", "update INC-1 @channel @here @bruno look")
        await world.quiet()
        (update,) = world.posts("incident-response", "What changed")
        assert "@channel @here @bruno look" in world.text(update)
        assert pinged(world.slack) <= {"ana"}


async def test_a_title_of_marks_only_is_an_incident_all_the_same(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 🔥🔥🔥")
        assert world.slack.channel(channel).name == "inc-1"
        assert world.posts(channel, "P3: 🔥🔥🔥")


PIRATES = "🏴‍☠️"


@pytest.mark.parametrize("way", ["the command", "the form that asks how bad", "rename"])
async def test_a_title_of_300_characters_is_cut_between_letters_and_kept_whole_in_the_timeline(
    world: World, way: str
) -> None:
    title = f"`API` <!here> is down {PIRATES * 69} end"
    assert len(title) > 290
    async with world.bot():
        if way == "the form that asks how bad":
            await world.incident("ana", f"declare {title}")
            form = await world.form("ana")
            assert (await world.slack.people.submit("ana", form, fields(severity="P3"))).ok
            told = json.dumps(form.blocks)
        else:
            await world.declared(f"declare p3 {title if way == 'the command' else 'x'}")
            if way == "rename":
                await world.incident("ana", f"rename INC-1 {title}")
            told = world.heard("ana")
        assert f"The title had {len(title)} characters and was shortened; the timeline has all of it." in told
        await world.quiet()
        row = world.looking.rows("select title, channel from incident")[0]
        kept = row["title"].removesuffix("…")
        assert title.startswith(kept)
        assert kept.endswith(PIRATES)
        assert 140 < len(row["title"]) <= 150
        room = world.slack.channel(row["channel"])
        assert room.name == "inc-1-api-here-is-down-end"[: len("inc-1-api-here-is-down")]
        assert room.topic["value"].endswith(f"{PIRATES}…")
        assert world.posts(room.id, row["title"])
        await world.incident("ana", "timeline", room.id)
        assert title in world.heard("ana")
        await world.incident("ana", "list")
        assert row["title"] in world.heard("ana")
        assert pinged(world.slack) <= {"ana"}
