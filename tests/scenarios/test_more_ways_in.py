"""More ways to an incident than the slash command: a message's shortcuts, and the app's home."""

import json

from tests.scenarios.conftest import World


async def test_a_message_becomes_an_incident_that_keeps_its_words_and_its_address(world: World) -> None:
    async with world.bot():
        said = world.slack.people.say("chidi", "general", "checkout answers 503 since 02:50")
        assert (await world.slack.people.shortcut("ana", "declare_from_message", said)).ok
        form = await world.form("ana")
        given = {"severity": {"severity": "P1"}}
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.quiet()
        row = world.looking.rows("select title, severity from incident")[0]
        assert row == {"title": "checkout answers 503 since 02:50", "severity": "P1"}
        note = world.looking.rows("select detail from timeline_entry where kind = 'note_added'")[0]["detail"]
        assert note["text"] == "checkout answers 503 since 02:50"
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
        await world.until(lambda: "not an incident's channel" in world.heard("ana"))
        assert world.looking.kinds(1).count("note_added") == 1


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
        assert "You command" not in shown
        await world.slack.people.click("ana", home, "declare")
        assert (await world.form("ana")).title == "Declare an incident"
