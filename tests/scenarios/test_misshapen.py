"""Signed bodies of every kind with one thing wrong: 200 where nothing relies on it, else 400; never a fault of ours."""

import copy
import json
import logging
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import aiohttp
import pytest

from sandbox.slack.payloads import (
    build_action,
    build_command_payload,
    build_event_payload,
    build_interactive_payload,
    build_message_origin,
)
from sandbox.slack.request_signing import compute_signature
from sandbox.slack.workspace_model import Json
from tests.samples import spread
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World
from tests.scenarios.tapping import tapped

SAMPLE = 6
"""Places of each body that are spoiled when not all of them are."""

GONE = object()
WRONG: dict[str, Any] = {
    "missing": GONE, "null": None, "a number": 7, "a text": "x", "a list": [], "an object": {}, "true": True,
    "a NUL": "a\x00b", "half a letter": "a\ud800b", "a huge number": 10**400, "a huge text": "9" * 30_000,
    "a fraction": 1e308, "nothing": "", "a list of null": [None], "an object of null": {"id": None, "x": None},
}  # fmt: skip


def paths(body: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where everything stands in a body."""
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in inside:
        yield (*above, key)
        if key not in ("blocks", "metadata"):  # what nobody here reads
            yield from paths(value, (*above, key))


def spoiled(body: Json, path: tuple[Any, ...], value: Any) -> Json:
    """The body with something else at one place."""
    changed = copy.deepcopy(body)
    parent: Any = changed
    for key in path[:-1]:
        parent = parent[key]
    if value is GONE:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return changed


async def sent(world: World, session: aiohttp.ClientSession, body: Json) -> int:
    """The status for a body, signed as Slack does."""
    return (await answered(world, session, body))[0]


async def answered(world: World, session: aiohttp.ClientSession, body: Json) -> tuple[int, str]:
    """The same with the answer's text."""
    if "event" in body:
        kind, data = "application/json", json.dumps(body)
    else:
        form = body if "command" in body else {"payload": json.dumps(body)}
        kind, data = "application/x-www-form-urlencoded", urlencode(form, errors="replace")
    at = str(int(time.time()))
    headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": at,
               "X-Slack-Signature": compute_signature(world.slack.signing_secret, at, data.encode())}  # fmt: skip
    assert world.running is not None
    host, port = world.running.address
    async with session.post(
        f"http://{host}:{port}/slack/events", data=data.encode(), headers=headers
    ) as answer:
        return answer.status, await answer.text()


async def bodies(world: World, channel: str) -> dict[str, Json]:
    """One body of each kind, as Slack sends them."""
    space, ana = world.slack.workspace, world.slack.person("ana")
    room, message = world.slack.channel(channel), world.slack.people.say("ana", channel, "the disk is full")
    alert = world.posts(channel, "INCIDENT ALERT")[0]
    block = next(each for each in alert.blocks if each["type"] == "actions")
    ids = {"trigger_id": "1.2.3", "response_url": "http://127.0.0.1:9/none"}
    action = build_action(space, block, block["elements"][0], {})
    parts = build_message_origin(space, alert)
    told = build_message_origin(space, message)
    told = {"channel": told["channel"], "message": told["message"], "message_ts": message.ts}
    async with tapped(world.slack) as tap:
        await world.incident("ana", "update", channel)
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, fields(update_text="x"))
        submitted = json.loads(parse_qs(tap.passed[-1].body.decode())["payload"][0])
    where = {"channel": channel, "user": ana.id}
    changed = {"subtype": "message_changed", "channel": channel, "ts": message.ts,
               "message": {"ts": message.ts, "user": ana.id, "text": "b", "edited": {"user": ana.id}},
               "previous_message": {"ts": message.ts, "text": "a"}}  # fmt: skip
    events: list[Json] = [
        {"type": "channel_created", "channel": {"id": "C9", "name": "x", "creator": ana.id, "created": 1700000000}},
        {"type": "channel_rename", "channel": {"id": channel, "name": "inc-1-x"}},
        {"type": "member_joined_channel", **where},
        {"type": "member_left_channel", **where},
        {"type": "app_home_opened", "user": ana.id, "tab": "home"},
        {"type": "reaction_added", "user": ana.id, "reaction": "pushpin",
         "item": {"type": "message", "channel": channel, "ts": message.ts}},
        {"type": "message", **changed},
        {"type": "message", "subtype": "message_deleted", "channel": channel, "deleted_ts": message.ts},
        {"type": "message", "channel_type": "im", "channel": "D1", "user": ana.id, "text": "hi", "ts": message.ts},
        {"type": "channel_unarchive", **where},
        {"type": "channel_left", "channel": channel},
    ]  # fmt: skip
    return {
        "a command": {**build_command_payload(space, ana, room, "/incident", "note x"), **ids},
        "a click": build_interactive_payload(space, ana, "block_actions", **parts, actions=[action], **ids),
        "a form": submitted,
        "a shortcut": build_interactive_payload(
            space, ana, "message_action", callback_id="add_to_timeline", **told, **ids
        ),
        "another shortcut": build_interactive_payload(
            space, ana, "message_action", callback_id="declare_from_message", **told, **ids
        ),
        **{
            f"{each['type']} {number}": build_event_payload(space, each) for number, each in enumerate(events)
        },
    }


@pytest.mark.timeout(240)
async def test_one_wrong_thing_in_a_signed_body_is_no_fault_of_ours(
    world: World, caplog: pytest.LogCaptureFixture, whole: bool
) -> None:
    async with world.bot(), aiohttp.ClientSession() as session:
        channel = await world.declared()
        found, envelope = dict[str, Any](), set[Any]()
        for number, (kind, body) in enumerate((await bodies(world, channel)).items()):
            assert await sent(world, session, body) == 200, kind
            caplog.clear()
            every = list(paths(body))
            for path in every if whole else spread(every, SAMPLE, number):
                if "event" in body and path[0] != "event":  # the same around every event
                    if path in envelope:
                        continue
                    envelope.add(path)
                for what, value in WRONG.items():
                    status = await sent(world, session, spoiled(body, path, value))
                    faults = [record.getMessage() for record in caplog.records
                              if record.exc_info or record.levelno >= logging.ERROR]  # fmt: skip
                    caplog.clear()
                    if status not in (200, 400, 404) or faults:
                        found[f"{kind}: {'.'.join(map(str, path))} is {what}"] = (status, faults[:1])
        assert found == {}


@pytest.mark.parametrize("team", [None, {}, {"id": "T1"}])
async def test_a_shortcut_in_an_organisation_without_a_workspace_keeps_the_message(
    world: World, team: Any
) -> None:
    async with world.bot(), aiohttp.ClientSession() as session:
        channel = await world.declared()
        body = (await bodies(world, channel))["a shortcut"]
        assert await sent(world, session, {**body, "team": team}) == 200
        await world.until(lambda: world.looking.kinds(1).count("note_added") == 1)


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("set_item", "1|x|done"),
        ("set_item", "1|99999999999999999999|done"),
        ("snooze", "1|soon"),
        ("customer_copy", "1|"),
        ("run_step", "1|x|runbook.md"),
        ("acknowledge", "9" * 1999),
        ("post_draft", "1|a\x00b"),
    ],
)
async def test_a_button_that_carries_what_none_of_ours_does_is_refused_in_words(
    world: World, caplog: pytest.LogCaptureFixture, action: str, value: str
) -> None:
    async with world.bot(), aiohttp.ClientSession() as session:
        channel = await world.declared()
        body = (await bodies(world, channel))["a click"]
        body["actions"] = [{**body["actions"][0], "action_id": action, "value": value}]
        assert await sent(world, session, body) == (400 if "\x00" in value else 200)
        await world.quiet()
        assert [record.getMessage() for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("private_metadata",), json.dumps({"incident": "x"})),
        (("private_metadata",), json.dumps({"incident": 10**30})),
        (("private_metadata",), json.dumps({})),
        (("state", "values", "status", "status", "selected_option"), {"value": "exploded"}),
        (("state", "values", "status", "status", "selected_option"), {"value": "resol\x00ved"}),
        (("state", "values", "status", "status", "selected_option"), {"value": "resol\ud800ved"}),
    ],
)
async def test_a_form_that_carries_what_none_of_ours_does_is_refused_in_words(
    world: World, caplog: pytest.LogCaptureFixture, path: tuple[str, ...], value: Any
) -> None:
    async with world.bot(), aiohttp.ClientSession() as session:
        channel = await world.declared()
        body = (await bodies(world, channel))["a form"]
        status, said = await answered(world, session, spoiled(body, ("view", *path), value))
        assert status == 200
        assert "from another version of Tocsin" in said
        assert [record.getMessage() for record in caplog.records if record.exc_info] == []
