"""Socket Mode: the same bot without an address that Slack can reach, over connections that break and are replaced."""

import asyncio
import itertools
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import psycopg
import pytest
from pydantic import SecretStr

from bot.app import RunningBot, open_bot
from bot.errors import SettingsProblem
from handlers.transport.stalls import CATCH_UP_S
from sandbox.slack import (
    BotAnswer,
    DeliveryOptions,
    Slack,
    make_rate_limit,
    make_refusal,
    make_server_error,
    plan_by_table,
)
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World


@pytest.fixture
def world(world: World) -> World:
    """The world with the app's switch for Socket Mode on, and no signing secret."""
    world.slack.socket_mode = True
    changed = {"slack_app_token": SecretStr(world.slack.app_token), "slack_signing_secret": None}
    return World(world.slack, world.looking, world.settings.model_copy(update=changed))


@asynccontextmanager
async def connected(world: World) -> AsyncIterator[RunningBot]:
    """The bot, with a connection more than there was."""
    before = len(world.slack.sockets.links)
    async with world.bot() as running:
        await world.slack.wait_for(lambda: len(world.slack.sockets.links) > before)
        yield running


@contextmanager
def standing_still(world: World, database: str) -> Iterator[None]:
    """No incident can be written or locked meanwhile."""
    with psycopg.connect(database) as connection:
        connection.execute("lock table tocsin.incident in exclusive mode")
        yield


async def stuck(world: World, what: str) -> None:
    """Wait until a statement of the bot that begins so waits for a lock."""
    query = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ilike %s"
    await world.until(lambda: world.looking.rows(query, f"%{what}%"))


async def page(running: RunningBot, path: str) -> tuple[int, str]:
    host, port = running.address
    async with aiohttp.ClientSession() as session, session.get(f"http://{host}:{port}{path}") as answer:
        return answer.status, await answer.text()


def incidents(world: World) -> int:
    return int(world.looking.rows("select count(*) from incident")[0]["count"])


async def test_the_main_job_from_the_first_word_to_the_last_ticked_item(world: World) -> None:
    slack = world.slack
    async with connected(world):
        channel = await world.declared("declare p0 API is down")
        assert "INC-1 is declared" in world.heard("ana")
        assert slack.channel(channel).name == "inc-1-api-is-down"
        await slack.people.click("bruno", slack.direct_messages("bruno")[-1], "acknowledge")
        await slack.wait_for(lambda: "You acknowledged INC-1" in world.heard("bruno"))
        await world.incident("ana", "update", channel)
        form = await world.form("ana")
        await slack.people.submit("ana", form, fields(update_text="   "), force=True)
        assert form.errors == {"update_text": "Write a few words here."}
        assert (await slack.people.submit("ana", form, fields(update_text="Rolled back"))).ok
        assert slack.open_view("ana") is None
        await world.incident("ana", "resolve", channel)
        await slack.people.submit("ana", await world.form("ana"), fields(resolution="A bad release"))
        await world.quiet()
        assert len(world.posts(channel, "What changed")) == 1
        assert len(world.posts("incident-response", "INCIDENT RESOLVED")) == 1
        (checklist,) = world.posts(channel, "Post-incident checklist")
        await world.incident("ana", "action none it was a rehearsal", channel)
        for number in range(12):
            assert (await slack.people.click("chidi", checklist, f"set_item:{number}")).ok
        await world.quiet()
        assert "12 of 12 done" in world.text(world.posts(channel, "Post-incident checklist")[0])
        assert (await world.incident("ana", "close", channel)).ok
        assert world.looking.rows("select status from incident") == [{"status": "closed"}]
    assert slack.sockets.links == []


async def test_the_declare_form_is_replaced_by_the_answer_in_its_acknowledgement(world: World) -> None:
    async with connected(world):
        await world.incident("ana", "declare p3")
        form = await world.form("ana")
        assert (await world.slack.people.submit("ana", form, fields(title="Search is slow"))).ok
        assert "INC-1 is declared" in str(form.payload)


async def test_the_pages_for_machines_are_served_and_slacks_address_is_not(world: World) -> None:
    async with connected(world) as running:
        await world.quiet()
        assert await page(running, "/livez") == (200, '{"status": "ok"}')
        assert await page(running, "/readyz") == (200, '{"status": "ok"}')
        assert (await page(running, "/metrics"))[1].startswith("# HELP")
        host, port = running.address
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://{host}:{port}/slack/events", data=b"command=%2Fincident") as answer,
        ):
            assert answer.status == 404


async def test_a_command_is_acknowledged_after_it_was_committed_and_not_before(
    world: World, database: str
) -> None:
    async with connected(world):
        await world.quiet()
        with standing_still(world, database):
            typing = asyncio.create_task(world.incident("ana", "declare p0 API is down"))
            await stuck(world, "insert into incident ")
            assert not typing.done()
        assert "INC-1 is declared" in (await typing).body
        assert incidents(world) == 1


async def test_a_cut_in_the_middle_of_a_command_loses_neither_the_incident_nor_the_answer(
    world: World, database: str
) -> None:
    async with connected(world):
        await world.quiet()
        with standing_still(world, database):
            typing = asyncio.create_task(world.incident("ana", "declare p0 API is down"))
            await stuck(world, "insert into incident ")
            world.slack.cut_sockets()
        answer = await typing
        assert "INC-1 is declared" in answer.body, answer
        assert len(world.slack.sockets.sent) == 1 + len(world.slack.events.delivered)
        await world.quiet()
        assert incidents(world) == 1
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [1, 1, 1]


async def test_a_command_whose_acknowledgement_was_lost_may_be_delivered_again_and_declares_once(
    world: World,
) -> None:
    async with connected(world):
        first = await world.incident("ana", "declare p0 API is down")
        again = dict(next(each for each in world.slack.sockets.sent if each["type"] == "slash_commands"))
        for _ in range(2):
            answer = await world.slack.sockets.send("slash_commands", again["payload"])
            assert answer.parsed == first.parsed
        thrice = await world.incident("ana", "declare p3 Search is slow", delivery=DeliveryOptions(copies=3))
        assert {each.body for each in (thrice, *thrice.others)} == {thrice.body}
        await world.quiet()
        assert incidents(world) == 2
        assert len(world.posts("incident-response", "INCIDENT ALERT")) == 2


async def test_an_event_that_could_not_be_recorded_is_delivered_again_and_recorded_once(
    world: World, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(world):
        channel = await world.declared("declare p3 Search is slow")
        joined = {"type": "member_joined_channel", "user": world.slack.person("chidi").id, "channel": channel}
        with standing_still(world, database):
            telling = asyncio.create_task(world.slack.people.event(joined))
            await world.until(lambda: "events_api not acknowledged" in caplog.text)
            assert not telling.done()
        assert (await telling).ok
        tries = [each["retry_attempt"] for each in told(world, "member_joined_channel")[-2:]]
        assert tries == [0, 1]
        await world.slack.people.event(joined, delivery=DeliveryOptions(copies=3))
        came = world.looking.rows(
            "select 1 from timeline_entry where actor = %s and kind = 'joined'", joined["user"]
        )
        assert len(came) == 1


def told(world: World, event: str) -> list[dict[str, Any]]:
    """The envelopes that carried this event, oldest first."""
    of_events = [each for each in world.slack.sockets.sent if each["type"] == "events_api"]
    return [each for each in of_events if each["payload"]["event"]["type"] == event]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_when_slack_asks_for_a_new_connection_it_is_open_before_the_old_one_is_closed(
    world: World, reason: str
) -> None:
    slack = world.slack
    async with connected(world) as running:
        await world.quiet()
        (old,) = slack.sockets.links
        await slack.ask_to_reconnect(reason, within=30)
        await slack.wait_for(lambda: len(slack.sockets.links) == 2)
        for number in range(4):
            assert (await world.incident("ana", f"declare p3 Number {number}")).ok
        assert not old.socket.closed
        old.cut()
        await slack.wait_for(lambda: old not in slack.sockets.links)
        assert (await page(running, "/readyz"))[1] == '{"status": "ok"}'
        assert (await world.incident("ana", "list")).ok
        await world.quiet()
        assert incidents(world) == 4
        assert len(slack.calls.of("apps.connections.open")) == 2


async def test_commands_typed_while_connections_are_replaced_are_all_answered_once(world: World) -> None:
    async with connected(world):
        channel = await world.declared("declare p3 Search is slow")
        typed: list[BotAnswer] = []
        for reason in ("warning", "refresh_requested"):
            (old,) = world.slack.sockets.links
            await world.slack.ask_to_reconnect(reason, within=1)
            while old in world.slack.sockets.links:
                pair = (world.incident("ana", f"note {len(typed)} {half}", channel) for half in "ab")
                typed += await asyncio.gather(*pair)
        assert {each.problem for each in typed} == {""}
        assert world.looking.kinds(1).count("note_added") == len(typed)
        assert len(world.slack.calls.of("apps.connections.open")) == 3


async def test_while_slack_is_away_readyz_says_so_and_the_bot_comes_back_by_itself(world: World) -> None:
    async with connected(world) as running:
        await world.quiet()
        await world.slack.go_away()
        await until_ready_says(running, "the websocket to Slack has been down for ")
        status, text = await page(running, "/readyz")
        assert (status, '"degraded"' in text) == (200, True)
        assert (await page(running, "/livez"))[0] == 200
        await world.slack.come_back()
        await world.slack.wait_for(lambda: world.slack.sockets.links, 60)
        await until_ready_says(running, '{"status": "ok"}')
        assert "INC-1 is declared" in (await world.incident("ana", "declare p0 API is down")).body


async def until_ready_says(running: RunningBot, words: str) -> None:
    async with asyncio.timeout(60):
        while words not in (await page(running, "/readyz"))[1]:
            await asyncio.sleep(0.02)


async def test_a_switch_turned_off_is_named_until_it_is_on_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(world) as running:
        await world.quiet()
        world.slack.socket_mode = False
        await world.slack.ask_to_reconnect("link_disabled", within=0)
        await until_ready_says(running, "Socket Mode is switched off in the Slack app's settings")
        world.slack.socket_mode = True
        await world.slack.wait_for(lambda: world.slack.sockets.links, 60)
        assert (await world.incident("ana", "list")).ok
        assert [record for record in caplog.records if record.exc_info] == []


async def test_faults_of_the_door_are_tried_again_no_sooner_than_slack_allows(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "handlers.transport.socket_mode")
    faults = [make_server_error(), make_rate_limit(2), None]
    async with connected(world) as running:
        world.slack.api.calls.clear()
        world.slack.api.faults = plan_by_table({"apps.connections.open": faults})
        world.slack.cut_sockets()
        await world.slack.wait_for(lambda: world.slack.sockets.links, 60)
        calls = world.slack.calls.of("apps.connections.open")
        pauses = [late.started - early.started for early, late in itertools.pairwise(calls)]
        assert [pause >= least for pause, least in zip(pauses, (0.9, 1.9), strict=True)] == [True] * 2
        await until_ready_says(running, '{"status": "ok"}')
        assert caplog.text.count("Socket Mode: connected") == 2
        assert world.slack.app_token not in caplog.text
        assert "ticket" not in caplog.text


async def test_two_replicas_with_a_connection_each_have_one_effect_together(world: World) -> None:
    async with connected(world), connected(world):
        assert len(world.slack.sockets.links) == 2
        answer = await world.incident("ana", "declare p0 API is down", delivery=DeliveryOptions(copies=4))
        assert {each.body for each in (answer, *answer.others)} == {answer.body}
        assert "INC-1 is declared" in answer.body
        await world.quiet()
        assert incidents(world) == 1
        channel = str(world.looking.rows("select channel from incident")[0]["channel"])
        joined = {"type": "member_joined_channel", "user": "U0ESME0001", "channel": channel}
        heard = await world.slack.people.event(joined, delivery=DeliveryOptions(copies=4))
        assert [each.status for each in (heard, *heard.others)] == [200] * 4
        assert len([row for row in world.looking.rows("select actor, kind from timeline_entry")
                    if row == {"actor": "U0ESME0001", "kind": "joined"}]) == 1  # fmt: skip
        assert len(world.posts("incident-response", "INCIDENT ALERT")) == 1
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [1, 1, 1]
        cut = world.slack.sockets.links[0]
        cut.cut()
        await world.slack.wait_for(lambda: cut not in world.slack.sockets.links)
        assert (await world.incident("ana", "list")).ok


async def test_a_stop_finishes_and_acknowledges_what_is_under_way(world: World, database: str) -> None:
    stop, typing = asyncio.Event(), None
    up: asyncio.Future[RunningBot] = asyncio.get_running_loop().create_future()

    async def serve() -> None:
        async with connected(world) as running:
            up.set_result(running)
            await stop.wait()

    serving = asyncio.create_task(serve())
    running = await up
    await world.quiet()
    with standing_still(world, database):
        typing = asyncio.create_task(world.incident("ana", "declare p0 API is down"))
        await stuck(world, "insert into incident ")
        stop.set()
        await world.until(lambda: running.health.draining)
        assert not typing.done()
    assert "INC-1 is declared" in (await typing).body
    await serving
    assert incidents(world) == 1


@pytest.mark.parametrize("code", ["invalid_auth", "not_allowed_token_type", "missing_scope"])
async def test_an_app_level_token_that_slack_refuses_ends_the_start_with_a_sentence(
    world: World, slack: Slack, code: str
) -> None:
    slack.api.faults = plan_by_table({"apps.connections.open": make_refusal(code)})
    with pytest.raises(SettingsProblem, match=rf"^SLACK_APP_TOKEN is refused by Slack \({code}\)"):
        async with open_bot(world.settings):
            raise AssertionError("it must not start")
    assert not slack.calls.of("conversations.create")


@pytest.mark.parametrize("slack", [3.0], indirect=True)
async def test_what_waited_while_the_process_stood_still_is_not_done_until_it_is_asked_for(
    world: World,
) -> None:
    async with connected(world):
        channel = await world.declared()
        sent = len(world.slack.sockets.sent)
        asked = asyncio.ensure_future(world.incident("ana", "note the database is full", channel))
        while len(world.slack.sockets.sent) == sent:
            await asyncio.sleep(0)
        stand_still(4)
        assert (await asked).problem == "operation_timeout"
        await world.until(lambda: "Not done: " in world.heard("ana"))
        assert world.looking.kinds(1).count("note_added") == 0
        late = world.slack.ephemerals("ana")[-1]
        caught_up = asyncio.get_running_loop().time() + CATCH_UP_S
        await world.until(lambda: asyncio.get_running_loop().time() > caught_up)
        for _ in range(2):
            await world.slack.people.click("ana", late, "do_it_now", as_seen=True)
        await world.until(lambda: world.looking.kinds(1).count("note_added") == 1)


def stand_still(seconds: float) -> None:
    """Let this process, and so the bot and Slack in it, do nothing at all meanwhile."""
    threading.Event().wait(seconds)
