"""More ways to an incident than the slash command: a message's shortcuts, and the app's home."""

import json
from typing import Any

from tests.scenarios.conftest import World


async def test_a_message_becomes_an_incident_that_keeps_its_words_and_its_address(world: World) -> None:
    async with world.bot():
        said = world.slack.people.say("chidi", "general", "checkout returned 503 since 02:50")
        assert (await world.slack.people.shortcut("ana", "declare_from_message", said)).ok
        form = await world.form("ana")
        given = {"severity": {"severity": "P1"}}
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.quiet()
        row = world.looking.rows("select title, severity from incident")[0]
        assert row == {"title": "checkout returned 503 since 02:50", "severity": "P1"}
        note = world.looking.rows("select detail from timeline_entry where kind = 'note_added'")[0]["detail"]
        assert note["text"] == "checkout returned 503 since 02:50"
        assert said.ts.replace(".", "") in note["link"]


async def test_a_message_is_added_to_the_timeline_of_the_channel_it_stands_in(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        said = world.slack.people.say("devika", channel, "I see <!channel> & a *lock* on orders")
        await world.slack.people.shortcut("ana", "add_to_timeline", said)
        await world.until(lambda: "Noted in the timeline" in world.heard("ana"))
        assert world.looking.kinds(1)[-1] == "note_added"
        elsewhere = world.slack.people.say("devika", "general", "not here")
        await world.slack.people.shortcut("ana", "add_to_timeline", elsewhere)
        await world.until(lambda: "isn't an incident's channel" in world.heard("ana"))
        assert world.looking.kinds(1).count("note_added") == 1


async def test_a_pinned_message_is_kept_once_whoever_pins_it_and_however(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        said = world.slack.people.say("devika", channel, "deploy 1.42 went out at 02:55 &lt;here&gt;")
        world.slack.people.react("ana", said, "eyes")
        world.slack.people.react("ana", said, "pushpin")
        await world.until(lambda: "Added to the timeline" in world.heard("ana"))
        await world.quiet()
        note = notes(world)[0]
        assert (note["actor"], note["detail"]["author"]) == (
            world.slack.person("ana").id,
            world.slack.person("devika").id,
        )
        assert note["detail"]["text"] == "deploy 1.42 went out at 02:55 <here>"
        assert said.ts.replace(".", "") in note["detail"]["link"]
        world.slack.people.react("bruno", said, "pushpin")
        await world.until(lambda: "Already in the timeline" in world.heard("bruno"))
        await world.slack.people.shortcut("chidi", "add_to_timeline", said)
        await world.until(lambda: "Already in the timeline" in world.heard("chidi"))
        await world.quiet()
        assert len(notes(world)) == 1


async def test_what_becomes_of_a_kept_message_is_noted_beside_it(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        pinned = world.slack.people.say("devika", channel, "it is the database")
        chosen = world.slack.people.say("chidi", channel, "restarting node 3")
        world.slack.people.react("ana", pinned, "pushpin")
        await world.slack.people.shortcut("ana", "add_to_timeline", chosen)
        await world.until(lambda: len(notes(world)) == 2)
        world.slack.people.edit(pinned, "it is the cache")
        await world.until(lambda: world.looking.kinds(1)[-1] == "source_edited")
        world.slack.people.delete(pinned)
        await world.until(lambda: world.looking.kinds(1)[-1] == "source_deleted")
        world.slack.people.say("ana", channel, "are you sure?", chosen.ts)
        world.slack.people.delete(chosen)
        await world.until(lambda: world.looking.kinds(1).count("source_deleted") == 2)
        await world.incident("ana", "timeline", channel)
        heard = world.heard("ana")
        for words in ("it is the database", "it now says: it is the cache", "a message above was deleted"):
            assert words in heard
        kept = {note["detail"]["text"] for note in notes(world)}
        assert kept == {"it is the database", "restarting node 3"}


async def test_a_message_in_the_thread_of_an_announcement_is_about_its_incident(world: World) -> None:
    async with world.bot():
        await world.declared()
        world.slack.people.join("devika", "incident-response")
        world.slack.people.join("ana", "incident-response")
        announced = world.posts("incident-response", "INCIDENT ALERT")[0]
        said = world.slack.people.say("devika", announced.channel, "I come to help", announced.ts)
        elsewhere = world.slack.people.say("devika", announced.channel, "lunch?")
        for each in (elsewhere, said):
            world.slack.people.react("ana", each, "pushpin")
        await world.until(lambda: len(notes(world)) == 1)
        await world.quiet()
        assert notes(world)[0]["detail"]["text"] == "I come to help"
        await world.slack.people.shortcut("ana", "add_to_timeline", said)
        await world.until(lambda: "Already in the timeline" in world.heard("ana"))


async def test_a_pin_that_cannot_count_is_answered(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        said = world.slack.people.say("devika", channel, "look")
        world.slack.people.join("gus", channel)
        world.slack.people.react("gus", said, "pushpin")
        await world.until(lambda: "Guests can read" in world.heard("gus"))
        ours = next(message for message in world.slack.messages(channel) if "INCIDENT ALERT" in message.text)
        world.slack.people.react("ana", ours, "pushpin")
        await world.until(lambda: "this is already in it" in world.heard("ana"))
        await world.quiet()
        assert notes(world) == []


def notes(world: World) -> list[dict[str, Any]]:
    """The notes of all timelines, in order."""
    return world.looking.rows(
        "select actor, detail from timeline_entry where kind = 'note_added' order by id"
    )


async def test_guests_cannot_use_the_shortcuts(world: World) -> None:
    async with world.bot():
        said = world.slack.people.say("ana", "general", "something is wrong")
        await world.slack.people.shortcut("gus", "declare_from_message", said)
        await world.until(lambda: "Guests can read" in world.heard("gus"))
        assert world.slack.open_view("gus") is None


async def test_the_home_shows_what_is_open_mine_and_waiting_and_declares(world: World) -> None:
    async with world.bot():
        await world.slack.people.open_home("ana")
        await world.until(lambda: world.slack.home("ana"))
        assert "None. All quiet." in json.dumps(getattr(world.slack.home("ana"), "payload", {}))
        channel = await world.declared()
        await world.declared("declare p2 Search is slow", who="devika")
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"resolution": {"resolution": "x"}})
        await world.quiet()
        await world.slack.people.open_home("ana")
        await world.until(
            lambda: "12 open items" in json.dumps(getattr(world.slack.home("ana"), "payload", {}))
        )
        home = world.slack.home("ana")
        assert home is not None
        shown = json.dumps(home.payload)
        assert "Search is slow" in shown
        assert "You're the incident commander" not in shown
        await world.slack.people.click("ana", home, "declare")
        assert (await world.form("ana")).title == "Declare an incident"


async def test_in_a_direct_message_with_the_bot_words_work_and_chat_is_answered_with_help(
    world: World,
) -> None:
    async with world.bot():
        await world.declared()
        (page,) = world.slack.direct_messages("bruno")
        await world.incident("bruno", "ack", page.channel)
        await world.until(lambda: "acknowledged" in world.looking.kinds(1))
        world.slack.people.say("bruno", page.channel, "what can you do?")
        await world.until(lambda: "/incident ack" in world.heard("bruno"))
        await world.declared("declare p0 Search is down", "ana")
        await world.incident("bruno", "update still down", page.channel)
        assert "You are in INC-2 and INC-1" in world.heard("bruno")
        await world.incident("bruno", "note <!channel> seen", page.channel)
        for number, title in ((1, "API is down"), (2, "Search is down")):
            offered = f"INC-{number}: {title}? /incident note INC-{number} <!channel> seen"
            assert offered in world.heard("bruno")
        assert "/incident update" not in world.heard("bruno")
        await world.incident("bruno", "update INC-1 still down", page.channel)
        await world.until(lambda: "update_posted" in world.looking.kinds(1))
        general = world.slack.direct_messages("bruno")[0].channel
        await world.incident("gus", "catchup", general)
        assert "You are in no open incident" in world.heard("gus")
        assert "/incident catchup INC-42" in world.heard("gus")
        await world.incident("chidi", "resolve", general)
        assert "You are in INC-2 and INC-1" in world.heard("chidi")
        assert "/incident resolve INC-1" in world.heard("chidi")
        assert "/incident resolve INC-2" in world.heard("chidi")
