"""Requests as they arrive: only Slack's own are heard, and each has one effect however often it is delivered."""

import asyncio
import gzip
import io
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.slack import BotAnswer, DeliveryOptions
from sandbox.slack.request_signing import compute_signature
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World
from tests.scenarios.tapping import tapped

SIGNATURE, TIMESTAMP = "X-Slack-Signature", "X-Slack-Request-Timestamp"


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log holds that only a fault of ours would write there."""
    return [record.getMessage() for record in caplog.records
            if record.exc_info or record.levelno >= logging.ERROR]  # fmt: skip


def incidents(world: World) -> int:
    return len(world.looking.rows("select 1 from incident"))


FORGED = {
    "a signature with another secret": DeliveryOptions(wrong_signature=True),
    "a body that was changed after signing": DeliveryOptions(body=b"command=/incident&text=declare+p0+x"),
    "no signature": DeliveryOptions(headers={SIGNATURE: None}),
    "an empty signature": DeliveryOptions(headers={SIGNATURE: ""}),
    "a signature of letters": DeliveryOptions(headers={SIGNATURE: "v0=" + "z" * 64}),
    "a signature without its version": DeliveryOptions(headers={SIGNATURE: "a" * 64}),
    "a short signature": DeliveryOptions(headers={SIGNATURE: "v0=abc"}),
    "a signature in other letters": DeliveryOptions(headers={SIGNATURE: "v0=" + "é" * 64}),
    "a huge signature": DeliveryOptions(headers={SIGNATURE: "v0=" + "a" * 7000}),
    "no timestamp": DeliveryOptions(headers={TIMESTAMP: None}),
    "an empty timestamp": DeliveryOptions(headers={TIMESTAMP: ""}),
    "a timestamp of letters": DeliveryOptions(headers={TIMESTAMP: "yesterday"}),
    "a timestamp in other digits": DeliveryOptions(headers={TIMESTAMP: "١٧٠٠٠٠٠٠٠٠"}),
    "a negative timestamp": DeliveryOptions(headers={TIMESTAMP: "-1"}),
    "a timestamp with a fraction": DeliveryOptions(headers={TIMESTAMP: "1700000000.5"}),
    "a timestamp beyond all calendars": DeliveryOptions(headers={TIMESTAMP: "9" * 12}),
    "a huge timestamp": DeliveryOptions(headers={TIMESTAMP: "1" * 7000}),
    "a timestamp that is too old": DeliveryOptions(shifted=-301),
    "a timestamp from the future": DeliveryOptions(shifted=302),
    "neither header": DeliveryOptions(headers={SIGNATURE: None, TIMESTAMP: None}),
    "a body that is no text": DeliveryOptions(headers={SIGNATURE: None}, body=b"\xff\xfe\x00payload=\x80"),
    "a body that is no text, with a signature": DeliveryOptions(body=b"\xff\xfe\x00payload=\x80"),
}


async def test_what_slack_did_not_sign_is_refused_with_401_and_no_traceback_and_has_no_effect(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        await world.quiet()
        for what, delivery in FORGED.items():
            answer = await world.incident("ana", "declare p0 API is down", delivery=delivery)
            assert answer.status == 401, (what, answer)
            assert "traceback" not in answer.body.lower()
        assert incidents(world) == 0
        assert tracebacks(caplog) == []
        assert sum("rejected a request" in record.getMessage() for record in caplog.records) == len(FORGED)


async def test_a_signed_request_within_five_minutes_is_heard(world: World) -> None:
    async with world.bot():
        assert (await world.incident("ana", "list", delivery=DeliveryOptions(shifted=290))).ok
        assert "No incident is open." in world.heard("ana")
        # It is Slack's, and the person is told that it came too late.
        assert (await world.incident("ana", "list", delivery=DeliveryOptions(shifted=-290))).status == 408
        await world.until(lambda: "Not done: " in world.heard("ana"))


async def test_headers_and_lines_that_no_http_server_reads_are_refused_without_a_traceback(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot() as running:
        for lines in (
            b"POST /slack/events HTTP/1.1\r\nHost: a\r\nX-Slack-Signature: " + b"a" * 20_000 + b"\r\n\r\n",
            b"POST /slack/events HTTP/1.1\r\nHost: a\r\nX-Slack-Signature: a\x00b\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00",
            b"POST /slack/events HTTP/1.1\r\nHost: a\r\nContent-Length: minus one\r\n\r\n",
        ):
            reader, writer = await asyncio.open_connection(*running.address)
            writer.write(lines)
            status = await asyncio.wait_for(reader.readline(), 60)
            assert status.split(b" ", 2)[1] == b"400", lines[:60]
            await asyncio.wait_for(reader.read(), 5)  # the bot ends the connection
            writer.close()
            await writer.wait_closed()
        assert tracebacks(caplog) == []


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    """A body of which nobody says beforehand how long it is."""
    for start in range(0, len(body), 50_000):
        yield body[start : start + 50_000]


@pytest.mark.parametrize("how", ["at once", "in chunks of unsaid number", "squeezed to almost nothing"])
async def test_a_signed_body_of_three_megabytes_is_refused_with_413_and_others_are_served_meanwhile(
    world: World, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    body = b"command=%2Fincident&text=declare+p0+" + b"x" * 3_000_000
    at = str(int(time.time()))
    headers = {TIMESTAMP: at, SIGNATURE: compute_signature(world.slack.signing_secret, at, body)}
    given: Any = io.BytesIO(body) if how == "at once" else pieces(body)
    if how == "squeezed to almost nothing":
        given = gzip.compress(body)
        headers["Content-Encoding"] = "gzip"
    async with world.bot(), aiohttp.ClientSession() as session:
        refusal, listed = await asyncio.gather(
            session.post(world.slack.request_url, data=given, headers=headers), world.incident("ana", "list")
        )
        assert refusal.status == 413
        assert listed.ok, "within the three seconds that Slack waits"
        assert incidents(world) == 0
        assert tracebacks(caplog) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"payload=", b"payload={", b"payload=%5B%5D", b"payload=null", b"payload=%7B%7D",
     b"{", b"[]", b'{"type": "url_verification", "challenge": "abc"}', b"ssl_check=1&token=x",
     b"payload=" + b"%7B%22a%22%3A" * 3000],
)  # fmt: skip
async def test_a_signed_body_that_slack_never_sends_ends_without_a_traceback(
    world: World, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    kind = "application/json" if body[:1] in (b"{", b"[") else "application/x-www-form-urlencoded"
    at = str(int(time.time()))
    headers = {"Content-Type": kind, TIMESTAMP: at,
               SIGNATURE: compute_signature(world.slack.signing_secret, at, body)}  # fmt: skip
    async with world.bot(), aiohttp.ClientSession() as session:
        await world.quiet()
        async with session.post(world.slack.request_url, data=body, headers=headers) as answer:
            assert answer.status in (200, 400, 404)
            if b"challenge" in body:
                assert "abc" in await answer.text()
        assert tracebacks(caplog) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [("application/x-www-form-urlencoded", b"command=%2Fincident&text=declare+p0+x&team_id=T1"),
     ("application/json", b'{"type":"event_callback","team_id":"T1","event":{"type":"channel_created"}}')],
)  # fmt: skip
async def test_a_signed_body_without_its_fields_is_refused_and_changes_nothing(
    world: World, caplog: pytest.LogCaptureFixture, kind: str, body: bytes
) -> None:
    at = str(int(time.time()))
    headers = {"Content-Type": kind, TIMESTAMP: at,
               SIGNATURE: compute_signature(world.slack.signing_secret, at, body)}  # fmt: skip
    async with world.bot(), aiohttp.ClientSession() as session:
        async with session.post(world.slack.request_url, data=body, headers=headers) as answer:
            assert answer.status == 400
        assert incidents(world) == 0
        assert tracebacks(caplog) == []


async def test_only_posts_are_taken_and_unknown_paths_are_not_there(world: World) -> None:
    async with world.bot() as running, aiohttp.ClientSession() as session:
        base = f"http://{running.address[0]}:{running.address[1]}"
        for path, status in (("/slack/events", 405), ("/", 404), ("/livez", 200), ("/readyz", 200)):
            async with session.get(base + path) as answer:
                assert answer.status == status, path


async def test_the_same_bytes_of_a_command_again_get_the_same_answer_and_declare_nothing_more(
    world: World,
) -> None:
    async with world.bot(), tapped(world.slack) as tap:
        channel = await world.declared("declare p3 Search is slow")
        for _ in range(2):
            assert await tap.again() == [(200, tap.passed[-1].answer)]
        assert await tap.again(3) == [(200, tap.passed[-1].answer)] * 3
        await world.quiet()
        assert incidents(world) == 1
        await world.incident("ana", "update all good", channel)
        assert await tap.again() == [(200, tap.passed[-1].answer)]
        await world.quiet()
        assert len(world.posts(channel, "What changed")) == 1
        assert len(world.posts("incident-response", "What changed")) == 1


async def test_three_copies_of_a_command_at_the_same_time_declare_once_and_answer_alike(world: World) -> None:
    async with world.bot():
        answer = await world.incident("ana", "declare p0 API is down", delivery=DeliveryOptions(copies=3))
        assert [each.status for each in (answer, *answer.others)] == [200] * 3
        assert len({each.body for each in (answer, *answer.others)}) == 1
        assert "INC-1 is declared" in answer.body
        await world.quiet()
        assert incidents(world) == 1
        assert [len(world.slack.direct_messages(who)) for who in ("bruno", "chidi", "devika")] == [1, 1, 1]
        assert len(world.posts("incident-response", "INCIDENT ALERT")) == 1


async def test_the_same_bytes_of_a_command_that_opens_a_form_open_it_once(world: World) -> None:
    async with world.bot(), tapped(world.slack) as tap:
        await world.incident("ana", "declare p1")
        form = await world.form("ana")
        assert await tap.again(2) == [(200, tap.passed[-1].answer)] * 2
        assert world.slack.open_view("ana") is form
        before = len(world.slack.ephemerals("ana"))
        assert (await world.slack.people.submit("ana", form, fields(title="Search is slow"))).ok
        await world.quiet()
        assert len(world.slack.ephemerals("ana")) == before


async def test_the_same_bytes_of_a_click_again_change_nothing_more(world: World) -> None:
    async with world.bot(), tapped(world.slack) as tap:
        channel = await world.declared()
        await world.slack.people.click("bruno", world.slack.direct_messages("bruno")[-1], "acknowledge")
        assert [status for status, _ in await tap.again(3)] == [200] * 3
        await world.quiet()
        assert len(world.posts(channel, "@Bruno Keller acknowledged after")) == 1
        await world.until(lambda: len(world.slack.ephemerals("bruno")) == 4)
        assert len({world.text(ephemeral) for ephemeral in world.slack.ephemerals("bruno")}) == 1
        assert world.looking.kinds(1).count("acknowledged") == 1


async def test_the_same_bytes_of_a_form_again_get_the_same_answer_and_declare_nothing_more(
    world: World,
) -> None:
    async with world.bot(), tapped(world.slack) as tap:
        await world.incident("ana", "declare p3")
        form = await world.form("ana")
        delivery = DeliveryOptions(copies=3)
        given = fields(title="Search is slow")
        answer = await world.slack.people.submit("ana", form, given, delivery=delivery)
        assert {each.body for each in (answer, *answer.others)} == {tap.passed[-1].answer}
        assert "INC-1 is declared" in json.dumps(answer.parsed)
        assert await tap.again() == [(200, tap.passed[-1].answer)]
        await world.quiet()
        assert incidents(world) == 1


async def test_the_same_bytes_of_an_update_and_of_a_resolution_are_posted_once(world: World) -> None:
    async with world.bot(), tapped(world.slack) as tap:
        channel = await world.declared("declare p3 Search is slow")
        for words, field, shown in (("update", "update_text", "What changed"),
                                    ("resolve", "resolution", "INCIDENT RESOLVED")):  # fmt: skip
            await world.incident("ana", words, channel)
            form = await world.form("ana")
            thrice = DeliveryOptions(copies=3)
            answer = await world.slack.people.submit("ana", form, fields(**{field: "x"}), delivery=thrice)
            assert answer.ok
            assert world.slack.open_view("ana") is None
            assert await tap.again() == [(200, tap.passed[-1].answer)]
            await world.quiet()
            assert len(world.posts(channel, shown)) == 1
            assert len(world.posts("incident-response", shown)) == 1
        assert len(world.posts(channel, "Post-incident checklist")) == 1


async def test_a_double_click_with_different_ids_has_one_effect_and_two_true_answers(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        page = world.slack.direct_messages("bruno")[-1]
        await twice(world, "bruno", page, "acknowledge")
        await world.until(lambda: len(world.slack.ephemerals("bruno")) == 2)
        said = sorted(world.text(ephemeral) for ephemeral in world.slack.ephemerals("bruno"))
        assert said[0].startswith("You acknowledged INC-1 after")
        assert said[1] == "You already acknowledged INC-1."
        await world.quiet()
        assert len(world.posts(channel, "@Bruno Keller acknowledged after")) == 1


async def test_a_double_click_on_a_draft_posts_it_once_and_one_answer_says_so(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("bruno", "note The last release fails", channel)
        world.looking.sooner(15)
        await world.until(lambda: world.posts(channel, "status update is due"))
        await twice(world, "ana", world.posts(channel, "status update is due")[0], "post_draft")
        await world.quiet()
        assert len(world.posts(channel, "What changed")) == 1
        await world.until(lambda: len(world.slack.ephemerals("ana")) == 2)
        assert "Someone posted an update first, so I discarded this draft." in world.heard("ana")


async def test_a_double_click_on_an_item_ticks_it_once_and_leaves_it_ticked(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        await world.incident("ana", "resolve", channel)
        await world.slack.people.submit("ana", await world.form("ana"), fields(resolution="x"))
        await world.quiet()
        (checklist,) = world.posts(channel, "Post-incident checklist")
        await twice(world, "chidi", checklist, "set_item:0")
        await world.quiet()
        assert "1 of 12 done" in world.text(world.posts(channel, "Post-incident checklist")[0])
        assert world.looking.kinds(1).count("item_ticked") == 1


async def twice(world: World, who: str, message: Any, action: str) -> None:
    """A double click: two deliveries with ids of their own, at the same time."""
    double = DeliveryOptions(copies=2, fresh_ids=True)
    answer: BotAnswer = await world.slack.people.click(who, message, action, delivery=double)
    assert [each.status for each in (answer, *answer.others)] == [200, 200]
