"""Action items: added by a word, owned, reminded of, done; and the checklist's item that asks for them."""

import json
from typing import Any

from sandbox.slack import WorkspaceMessage
from tests.scenarios.conftest import World
from tests.scenarios.test_owners import checklist, resolved

DONE = "select 1 from checklist_item where text ~* 'action items' and done_at is not null"


def item_message(world: World, channel: str, reference: str) -> WorkspaceMessage:
    (found,) = world.posts(channel, f"{reference} ")
    return found


def due_now(world: World, action: int) -> None:
    """What the scheduler waits for is due."""
    world.looking.rows(f"update action_item set remind_at = now() where number = {action} returning number")


async def test_an_item_is_added_owned_shown_and_done(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await world.incident(
            "ana", "action @bruno by 2099-12-04 detect: Add an index on orders(status)", channel
        )
        assert "Added INC-1 A1: Add an index on orders(status), owner @Bruno Keller, due Fri 4 Dec 2099" in (
            world.heard("ana")
        )
        await world.quiet()
        shown = world.text(item_message(world, channel, "A1"))
        assert "☐ A1 Add an index on orders(status)" in shown
        assert "Action item (detect) · owner @Bruno Keller, due Fri 4 Dec 2099" in shown
        (told,) = world.slack.direct_messages("bruno")
        assert "Action item due Fri 4 Dec 2099: A1 Add an index on orders(status)" in world.text(told)
        await world.incident("chidi", "actions", "#general")
        heard = world.heard("chidi")
        assert "1 open action item." in heard and "INC-1 A1 Add an index on orders(status)" in heard
        await world.slack.people.click("bruno", told, "end_action")
        await world.quiet()
        assert "☑ A1 Add an index on orders(status)" in world.text(item_message(world, channel, "A1"))
        await world.incident("chidi", "actions", "#general")
        assert "No action item is open." in world.heard("chidi")
        await world.incident("ana", "timeline", channel)
        heard = world.heard("ana")
        assert "added action item A1: Add an index on orders(status), owner @Bruno Keller" in heard
        assert "said that A1 is done" in heard


async def test_the_same_request_adds_it_once(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await world.incident("ana", "action Add an index", channel)
        await world.incident("ana", "action Alert on it by someday soon", channel)
        await world.incident("ana", "action by someday Alert on it", channel)
        assert "“someday” is no day" in world.heard("ana")
        await world.incident("ana", "action done A9", channel)
        assert "INC-1 has no action item A9" in world.heard("ana")
        await world.incident("ana", "action done A1", channel)
        await world.incident("bruno", "action done a1", channel)
        assert "A1 is done already. Nothing was changed." in world.heard("bruno")
        await world.incident("ana", "action reopen A1", channel)
        rows = world.looking.rows("select number, state, text from action_item order by number")
        assert [tuple(row.values()) for row in rows] == [
            (1, "open", "Add an index"),
            (2, "open", "Alert on it by someday soon"),
        ]


async def test_owners_are_reminded_and_the_commander_of_what_is_late(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await world.incident("ana", "action @bruno by 2099-12-04 Add an index", channel)
        await world.quiet()
        assert len(world.slack.direct_messages("bruno")) == 1
        due_now(world, 1)
        await world.until(lambda: len(world.slack.direct_messages("bruno")) == 2)
        before = len(world.slack.direct_messages("ana"))
        world.looking.rows("update action_item set due_on = current_date - 1 returning number")
        due_now(world, 1)
        await world.until(lambda: len(world.slack.direct_messages("bruno")) == 3)
        await world.until(lambda: len(world.slack.direct_messages("ana")) == before + 1)
        late = world.text(world.slack.direct_messages("ana")[-1])
        assert "Overdue since" in late and "Its owner is @Bruno Keller" in late
        await world.incident("bruno", "action done A1", channel)
        due_now(world, 1)
        await world.quiet()
        assert len(world.slack.direct_messages("bruno")) == 3


async def test_the_checklist_asks_for_action_items_or_a_reason(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        (row,) = world.looking.rows("select position from checklist_item where text ~* 'action items'")
        button = f"set_item:{row['position']}"
        await world.slack.people.click("ana", checklist(world, channel), button)
        await world.quiet()
        await world.until(lambda: "INC-1 has no action item yet." in world.heard("ana"))
        assert not world.looking.rows(
            "select 1 from checklist_item where text ~* 'action items' and done_at is not null"
        )
        await world.incident("ana", "action none The vendor mended it", channel)
        assert "Kept: INC-1 has no action item, because: The vendor mended it" in world.heard("ana")
        await world.slack.people.click("ana", checklist(world, channel), button)
        await world.quiet()
        assert world.looking.rows(
            "select 1 from checklist_item where text ~* 'action items' and done_at is not null"
        )


async def test_statistics_count_what_happened_and_periods_are_read(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await world.incident("ana", "action Add an index", channel)
        await world.incident("bruno", "stats last 30 days", "general")
        heard = world.heard("bruno")
        assert "1 incident in 30 days" in heard and "P3: 1" in heard and "resolved " in heard
        assert "(n 1)" in heard and "Action items: 0 of 1 done, 0 of them in time." in heard
        for words in ("stats soon", "stats 0d", "stats 99y", "stats 12/5"):
            await world.incident("bruno", words, "general")
            assert "Write how far to look back: /incident stats 90d" in world.heard("bruno"), words
        await world.incident("bruno", "stats 12w", "general")
        assert "1 incident in 84 days" in world.heard("bruno")


def filled(world: World, text: str, owner: str | None = None, due: str | None = None) -> dict[str, Any]:
    person = world.slack.person(owner).id if owner else None
    return {
        "action_text": {"action_text": text},
        "owner": {"owner": person},
        "due": {"due": due},
        "purpose": {"purpose": "detect"},
    }


async def test_the_form_opens_from_the_word_and_the_checklist_and_says_what_it_cannot_take(
    world: World,
) -> None:
    async with world.bot():
        channel = await resolved(world)
        await world.incident("ana", "action", channel)
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, filled(world, "Add an index", due="2020-01-01"))
        assert "This day is over" in form.errors["due"]
        await world.slack.people.submit("ana", form, filled(world, "Add an index", "statusbot"))
        assert "is a bot" in form.errors["owner"]
        await world.slack.people.submit("ana", form, filled(world, "  "))
        assert "Write what is to be done." in form.errors["action_text"]
        assert not world.looking.rows("select 1 from action_item")
        assert (
            await world.slack.people.submit("ana", form, filled(world, "Add an index", "bruno", "2099-12-04"))
        ).ok
        await world.quiet()
        shown = world.text(item_message(world, channel, "A1"))
        assert "Action item (detect) · owner @Bruno Keller, due Fri 4 Dec 2099" in shown
        assert "(1 action item added. Check this off)" in world.text(checklist(world, channel))
        await world.slack.people.click("bruno", checklist(world, channel), "add_action")
        form = await world.form("bruno")
        assert (await world.slack.people.submit("bruno", form, filled(world, "Alert on it"))).ok
        await world.quiet()
        assert item_message(world, channel, "A2")
        await world.slack.people.open_home("bruno")
        await world.until(
            lambda: "Your action items" in json.dumps(getattr(world.slack.home("bruno"), "payload", {}))
        )
        home = json.dumps(getattr(world.slack.home("bruno"), "payload", {}))
        assert "A1 Add an index" in home and "Alert on it" not in home


async def test_a_message_becomes_an_action_item_of_its_channels_incident(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        world.slack.people.join("devika", channel)
        said = world.slack.people.say("devika", channel, "we should alert on <!channel> & *locks*")
        await world.slack.people.shortcut("ana", "add_action_item", said)
        form = await world.form("ana")
        assert "we should alert on" in json.dumps(form.payload)
        assert (await world.slack.people.submit("ana", form, filled(world, "Alert on locks"))).ok
        await world.quiet()
        assert "A1 Alert on locks" in world.text(item_message(world, channel, "A1"))
        elsewhere = world.slack.people.say("devika", "general", "not here")
        await world.slack.people.shortcut("ana", "add_action_item", elsewhere)
        await world.until(lambda: "Elsewhere an action item names its incident" in world.heard("ana"))
        world.slack.people.join("gus", channel)
        await world.slack.people.shortcut("gus", "add_action_item", said)
        await world.until(lambda: "Guests can read" in world.heard("gus"))
