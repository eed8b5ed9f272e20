"""What came too late: the person was told that it failed, so it is not done until they say so, and then once."""

import asyncio
import socket
import time
from collections.abc import Mapping

import pytest

from sandbox.slack import BotAnswer, DeliveryOptions, WorkspaceMessage
from sandbox.slack.request_signing import compute_signature
from sandbox.slack.workspace_model import Ephemeral
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World
from tests.scenarios.tapping import Tap, tapped

WAITED = DeliveryOptions(shifted=-12)
"""As Slack sent it twelve seconds ago."""


def dropped(world: World, body: bytes, headers: Mapping[str, str]) -> None:
    """Send these bytes and hang up before the bot gets a turn: so it finds what waited while it was frozen."""
    assert world.running is not None
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(["POST /slack/events HTTP/1.1", "Host: a", f"Content-Length: {len(body)}", *lines])
    with socket.create_connection(world.running.address) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + body)


def signed(world: World, body: bytes) -> dict[str, str]:
    at = str(int(time.time()))
    return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": compute_signature(world.slack.signing_secret,
     at, body),
            "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip


async def told(world: World, who: str, times: int = 1) -> Ephemeral:
    """The answer that comes by itself, with its button."""
    await world.until(lambda: len(late(world, who)) == times)
    return late(world, who)[-1]


def late(world: World, who: str) -> list[Ephemeral]:
    return [ephemeral for ephemeral in world.slack.ephemerals(who) if "Not done: " in world.text(ephemeral)]


def entries(world: World, kind: str) -> int:
    return world.looking.kinds(1).count(kind)


async def passed(tap: Tap, world: World) -> tuple[bytes, dict[str, str]]:
    """The last request's bytes, signed anew."""
    body = tap.passed[-1].body
    return body, signed(world, body)


async def test_a_command_that_waited_too_long_is_not_done_and_done_once_when_asked_for(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        answer = await world.incident("ana", "note the database is full", channel, delivery=WAITED)
        assert answer.status == 408
        said = await told(world, "ana")
        assert "/incident note the database is full" in world.text(said)
        assert entries(world, "note_added") == 0
        for _ in range(2):
            assert (await world.slack.people.click("ana", said, "do_it_now", as_seen=True)).ok
        await world.until(lambda: "timeline" in world.heard("ana"))
        await world.quiet()
        assert entries(world, "note_added") == 1


@pytest.mark.parametrize("seconds", [0, 1, 2, 3])
async def test_what_slack_still_waits_for_is_done(world: World, seconds: int) -> None:
    async with world.bot():
        channel = await world.declared()
        answer = await world.incident("ana", "note fine", channel, delivery=DeliveryOptions(shifted=-seconds))
        assert answer.ok
        assert entries(world, "note_added") == 1


@pytest.mark.parametrize("ahead", [61, -61, 290, -290])
async def test_where_the_clocks_are_a_minute_apart_or_more_nothing_is_dropped(
    world: World, ahead: float
) -> None:
    world.slack.workspace.clocks.advance(ahead)
    async with world.bot():
        channel = await world.declared()
        answer = await world.incident("ana", "note fine", channel, delivery=DeliveryOptions(shifted=-8))
        assert answer.ok
        assert entries(world, "note_added") == 1


@pytest.mark.parametrize("ahead", [40, -40])
async def test_a_clock_that_is_less_than_a_minute_off_is_corrected(world: World, ahead: float) -> None:
    world.slack.workspace.clocks.advance(ahead)
    async with world.bot():
        channel = await world.declared()
        assert (await world.incident("ana", "note fine", channel)).ok
        assert (
            await world.incident("ana", "note late", channel, delivery=DeliveryOptions(shifted=-8))
        ).status == 408
        assert entries(world, "note_added") == 1


async def test_a_command_whose_sender_has_hung_up_is_not_done(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot(), tapped(world.slack) as tap:
        channel = await world.declared()
        await world.incident("ana", "help", channel)
        body = tap.passed[-1].body.replace(b"text=help", b"text=note+the+database+is+full")
        body = body.replace(b"trigger_id=", b"trigger_id=9")
        dropped(world, body, signed(world, body))
        said = await told(world, "ana")
        assert entries(world, "note_added") == 0
        await world.slack.people.click("ana", said, "do_it_now")
        await world.until(lambda: entries(world, "note_added") == 1)
    assert not [record for record in caplog.records if record.exc_info], "that somebody hung up is no fault"


async def test_what_was_done_before_is_answered_as_the_first_time(world: World) -> None:
    async with world.bot(), tapped(world.slack) as tap:
        channel = await world.declared()
        await world.incident("ana", "note the database is full", channel)
        first = world.heard("ana")
        body, headers = await passed(tap, world)
        dropped(world, body, headers)
        await world.until(lambda: len(world.slack.ephemerals("ana")) == 3)
        assert world.heard("ana") == first
        assert entries(world, "note_added") == 1
        assert late(world, "ana") == []


async def test_late_commands_are_done_in_the_order_in_which_they_are_asked_for(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "update first", channel, delivery=WAITED)
        first = await told(world, "ana")
        await world.incident("ana", "update second", channel)
        await world.slack.people.click("ana", first, "do_it_now")
        await world.until(lambda: len(world.posts(channel, "What changed")) == 2)
        shown = [world.text(post) for post in world.posts(channel, "What changed")]
        assert ["second" in shown[0], "first" in shown[1]] == [True, True]


async def test_a_late_word_that_opens_a_form_opens_it_when_asked_for(world: World) -> None:
    async with world.bot():
        await world.quiet()
        await world.incident("ana", "declare p1", delivery=WAITED)
        said = await told(world, "ana")
        assert world.slack.open_view("ana") is None
        await world.slack.people.click("ana", said, "do_it_now")
        form = await world.form("ana")
        assert (await world.slack.people.submit("ana", form, fields(title="Search is slow"))).ok


async def test_a_late_click_is_not_done_and_done_once_when_asked_for(world: World) -> None:
    async with world.bot():
        await world.declared()
        page = world.slack.direct_messages("bruno")[-1]
        await world.slack.people.click("bruno", page, "acknowledge", delivery=WAITED)
        said = await told(world, "bruno")
        assert "Acknowledge" in world.text(said)
        assert entries(world, "acknowledged") == 0
        await world.slack.people.click("bruno", said, "do_it_now")
        await world.until(lambda: "You acknowledged INC-1" in world.heard("bruno"))
        assert entries(world, "acknowledged") == 1


async def test_a_late_form_keeps_its_words_and_is_done_when_asked_for(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "update", channel)
        form = await world.form("ana")
        answer = await world.slack.people.submit(
            "ana", form, fields(update_text="Rolled back"), delivery=WAITED
        )
        assert not answer.ok
        assert world.slack.open_view("ana") is form, "its words stay on the screen"
        await world.until(lambda: direct(world, "ana"))
        (said,) = direct(world, "ana")
        assert "Update INC-1" in world.text(said)
        assert world.posts(channel, "What changed") == []
        await world.slack.people.click("ana", said, "do_it_now")
        await world.until(lambda: world.posts(channel, "What changed"))
        # Who sends the form again instead has the same thing in mind.
        assert (await world.slack.people.submit("ana", form, fields(update_text="Rolled back"))).ok
        await world.quiet()
        assert len(world.posts(channel, "What changed")) == 1


def direct(world: World, who: str) -> list[WorkspaceMessage]:
    return [message for message in world.slack.direct_messages(who) if "Not done: " in world.text(message)]


async def test_a_late_shortcut_is_told_and_done_when_asked_for(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        message = world.slack.people.say("ana", channel, "the disk is full")
        await world.slack.people.shortcut("ana", "add_to_timeline", message, delivery=WAITED)
        said = await told(world, "ana")
        assert entries(world, "note_added") == 0
        await world.slack.people.click("ana", said, "do_it_now")
        await world.until(lambda: entries(world, "note_added") == 1)


async def test_what_is_late_is_kept_from_who_may_not_change_anything_then(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("devika", "join", channel)
        await world.incident("devika", "note mine", channel, delivery=WAITED)
        said = await told(world, "devika")
    world.looking.rows("update person set guest = true where id = %s", world.slack.person("devika").id)
    async with world.bot():
        await world.slack.people.click("devika", said, "do_it_now")
        await world.until(lambda: "Guests can" in world.heard("devika"))
        assert entries(world, "note_added") == 0


async def test_events_are_never_too_late(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        message = world.slack.people.say("ana", channel, "the disk is full")
        event = {"type": "reaction_added", "user": world.slack.person("ana").id, "reaction": "pushpin",
                 "item": {"type": "message", "channel": channel, "ts": message.ts}}  # fmt: skip
        assert (await world.slack.people.event(event, delivery=DeliveryOptions(shifted=-100))).ok
        await world.until(lambda: entries(world, "note_added") == 1)


async def test_a_kept_request_is_done_for_its_own_person_only(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "note hers", channel, delivery=WAITED)
        said = await told(world, "ana")
        key = said.blocks[-1]["elements"][0]["value"]
        await forged_click(world, "bruno", key)
        await world.until(lambda: "I no longer have this request" in world.heard("bruno"))
        assert entries(world, "note_added") == 0


async def forged_click(world: World, who: str, key: str) -> BotAnswer:
    """A click on such a button that somebody else's message carries."""
    await world.incident(who, "help", delivery=WAITED)
    own = await told(world, who)
    button = own.blocks[-1]["elements"][0]
    button["value"] = key
    return await world.slack.people.click(who, own, "do_it_now")


async def test_a_change_that_was_begun_in_time_is_taken_back_when_its_sender_hangs_up(
    world: World, database: str
) -> None:
    import psycopg

    async with world.bot(), tapped(world.slack) as tap:
        channel = await world.declared()
        await world.incident("ana", "help", channel)
        body = (
            tap.passed[-1].body.replace(b"text=help", b"text=note+x").replace(b"trigger_id=", b"trigger_id=9")
        )
        assert world.running is not None
        with psycopg.connect(database) as other:
            other.execute("select 1 from tocsin.incident for update")
            _, writer = await asyncio.open_connection(*world.running.address)
            lines = "".join(f"{name}: {value}\r\n" for name, value in signed(world, body).items())
            writer.write(
                f"POST /slack/events HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode()
                + body
            )
            query = "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
            await world.until(lambda: world.looking.rows(query))
            writer.close()
            await writer.wait_closed()
        await told(world, "ana")
        assert entries(world, "note_added") == 0
