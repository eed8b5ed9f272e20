"""Each way in which a call can fail, told apart; and what of a call is never told."""

import logging
import socket
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import example, given
from hypothesis import strategies as st

from bot.adapters.slack import SlackGateway
from bot.adapters.slack.rate_limits import MethodRateLimits
from bot.adapters.slack.web_client import encode_form
from bot.errors import (
    TOKEN_CODES,
    SlackCallError,
    SlackOutcomeUnknown,
    SlackRateLimited,
    SlackRejected,
    SlackUnreachable,
)
from bot.ports import MAY_SEND, MessageRef, SlackPayload
from tests.answering import ME, POSTED, TOKEN, Answering, Reply

SECRET = "the database password is hunter2"


async def failure(chat: SlackGateway) -> SlackCallError:
    """What a post raises."""
    with pytest.raises(SlackCallError) as caught:
        await chat.post("C1", SlackPayload(SECRET), "alert:1")
    return caught.value


async def test_calls_share_one_connection(chat: SlackGateway, answering: Answering) -> None:
    answering.replies.extend([POSTED, POSTED, ME])
    await chat.post("C1", SlackPayload("one"), "alert:1")
    await chat.post("C1", SlackPayload("two"), "alert:2")
    await chat.identity()
    assert len(answering.asked) == 3
    assert len(answering.connections) == 1


@given(st.dictionaries(st.text("abz_", min_size=1), st.text()))
@example({"text": "a+b & 100% = %41; ümlaut 🚨\n\0", "empty": ""})
def test_a_form_says_what_it_was_given(fields: dict[str, str]) -> None:
    assert dict(parse_qsl(encode_form(fields).decode(), keep_blank_values=True)) == fields


@pytest.mark.parametrize(
    "reply",
    [
        {"ok": True, "channel": "C1"},
        {"ok": True, "channel": {"id": "C1"}, "ts": "1.1"},
        {"ok": False},
        {"ok": False, "error": ["ratelimited"]},
        {"ok": False, "error": SECRET},
        {"error": "channel_not_found"},
        web.json_response([1, 2]),
        web.Response(text="[" * 200_000, content_type="application/json"),
        web.Response(text='{"ok": true, "n": ' + "9" * 5000 + "}", content_type="application/json"),
        web.Response(text="ok"),
        web.Response(text="<html>gateway</html>", content_type="text/html"),
        web.Response(body=b"\xff\xfe", content_type="application/gzip"),
        web.Response(status=204),
        web.Response(status=404, text="nothing here"),
        web.json_response({"ok": True, "channel": "C1", "ts": "1.1"}, status=500),
        web.json_response({"ok": False, "error": "channel_not_found"}, status=503),
        web.Response(status=502, text="<html>bad gateway</html>", content_type="text/html"),
        web.json_response({**POSTED, "padding": "x" * 2_000_001}),
    ],
    ids=lambda reply: str(reply)[:60],
)
async def test_an_answer_that_says_nothing_certain_leaves_the_outcome_unknown(
    chat: SlackGateway, answering: Answering, reply: Reply
) -> None:
    answering.replies.append(reply)
    assert isinstance(await failure(chat), SlackOutcomeUnknown)


@pytest.mark.parametrize(
    "code", ["internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org"]
)
async def test_a_fault_on_slacks_side_leaves_the_outcome_unknown(
    chat: SlackGateway, answering: Answering, code: str
) -> None:
    answering.replies.append({"ok": False, "error": code})
    assert isinstance(await failure(chat), SlackOutcomeUnknown)


async def test_a_refusal_names_code_method_and_missing_scope(
    chat: SlackGateway, answering: Answering
) -> None:
    answering.replies.append(
        {"ok": False, "error": "missing_scope", "needed": "chat:write:bot", "provided": ""}
    )
    refusal = await failure(chat)
    assert isinstance(refusal, SlackRejected)
    assert (refusal.code, refusal.method, refusal.needed) == (
        "missing_scope",
        "chat.postMessage",
        "chat:write:bot",
    )


async def test_once_another_replica_may_have_taken_over_nothing_leaves_on_a_new_or_an_open_connection(
    chat: SlackGateway, answering: Answering
) -> None:
    MAY_SEND.set(lambda: False)
    assert isinstance(await failure(chat), SlackUnreachable)
    MAY_SEND.set(lambda: True)
    answering.replies.append(POSTED)
    await chat.post("C1", SlackPayload("one"), "alert:1")
    MAY_SEND.set(lambda: False)
    assert isinstance(await failure(chat), SlackUnreachable)
    assert answering.methods == ["chat.postMessage"]


@pytest.mark.parametrize("code", sorted(TOKEN_CODES))
async def test_a_bad_token_is_a_refusal(chat: SlackGateway, answering: Answering, code: str) -> None:
    answering.replies.append(web.json_response({"ok": False, "error": code}, status=401))
    refusal = await failure(chat)
    assert isinstance(refusal, SlackRejected)
    assert refusal.code in TOKEN_CODES


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (web.Response(status=429, headers={"Retry-After": "7"}), 7),
        (web.Response(status=429, headers={"Retry-After": "0"}), 1),
        (web.json_response({"ok": False, "error": "ratelimited"}, headers={"Retry-After": "3"}), 3),
        (web.json_response([], status=429), 5),
        ({"ok": False, "error": "rate_limited"}, 5),
        (web.Response(status=429, headers={"Retry-After": "soon"}), 5),
        (web.Response(status=429, headers={"Retry-After": "-1"}), 5),
        (web.Response(status=429, headers={"Retry-After": "86400"}), 300),
    ],
    ids=[
        "empty 429",
        "no wait",
        "code with header",
        "list",
        "code alone",
        "no number",
        "negative",
        "beyond reason",
    ],
)
async def test_being_limited_says_for_how_long(
    chat: SlackGateway, answering: Answering, reply: Reply, seconds: float
) -> None:
    answering.replies.append(reply)
    limited = await failure(chat)
    assert isinstance(limited, SlackRateLimited)
    assert limited.retry_after == seconds


async def test_after_a_limit_slack_is_not_asked_again_for_that_channel_only(
    chat: SlackGateway, answering: Answering
) -> None:
    answering.replies.append(web.Response(status=429, headers={"Retry-After": "30"}))
    await failure(chat)
    again = await failure(chat)
    assert isinstance(again, SlackRateLimited)
    assert 25 < again.retry_after <= 30
    assert len(answering.asked) == 1
    answering.replies.extend([POSTED, {"ok": True}])
    await chat.post("C2", SlackPayload("elsewhere"), "alert:2")
    await chat.edit(MessageRef("C1", "1.1"), SlackPayload("another method"), "alert:1")
    assert len(answering.asked) == 3


def test_a_gate_opens_when_its_time_has_come() -> None:
    gates = MethodRateLimits()
    gates.close(("chat.update", ""), 2.0, now=100.0)
    with pytest.raises(SlackRateLimited) as caught:
        gates.check(("chat.update", ""), now=101.5)
    assert caught.value.retry_after == 0.5
    gates.check(("chat.update", ""), now=102.0)
    gates.check(("pins.add", ""), now=100.0)


async def test_a_closed_port_means_that_slack_is_away() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with SlackGateway(TOKEN, f"http://127.0.0.1:{port}/api/") as chat:
            assert isinstance(await failure(chat), SlackUnreachable)


async def test_a_port_that_takes_no_more_connections_means_that_slack_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as first:
        first.connect(full.getsockname())
        async with SlackGateway(TOKEN, f"http://127.0.0.1:{full.getsockname()[1]}/api/", timeout=0.3) as chat:
            assert isinstance(await failure(chat), SlackUnreachable)


async def test_a_name_that_does_not_resolve_means_that_slack_is_away() -> None:
    async with SlackGateway(TOKEN, "http://slack.invalid/api/") as chat:
        assert isinstance(await failure(chat), SlackUnreachable)


async def test_a_failed_tls_handshake_means_that_slack_is_away(
    server: TestServer, answering: Answering
) -> None:
    async with SlackGateway(TOKEN, f"https://127.0.0.1:{server.port}/api/") as chat:
        assert isinstance(await failure(chat), SlackUnreachable)
    assert answering.asked == []


async def test_an_address_exempt_from_the_proxy_is_asked_directly(
    server: TestServer, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    async with SlackGateway(TOKEN, str(server.make_url("/api/"))) as chat:
        answering.replies.append(ME)
        assert (await chat.identity()).user == "UBOT"


async def test_any_other_address_is_asked_through_the_proxy(
    server: TestServer, answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", str(server.make_url("/")))
    monkeypatch.setenv("no_proxy", "localhost")
    async with SlackGateway(TOKEN, "http://slack.invalid/api/") as chat:
        answering.replies.append(ME)
        assert (await chat.identity()).user == "UBOT"


@pytest.mark.parametrize(
    "reply",
    [
        {"ok": False, "error": "invalid_auth", "needed": SECRET, "token": TOKEN, "text": SECRET},
        {"ok": True, "text": SECRET},
        web.Response(text=SECRET),
        web.Response(status=500, text=f"{SECRET} {TOKEN}"),
        web.Response(status=429, text=SECRET),
    ],
    ids=["refused", "misshapen", "text", "server error", "limited"],
)
async def test_neither_token_nor_words_reach_an_error_or_a_log(
    chat: SlackGateway, answering: Answering, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answering.replies.append(reply)
    error = await failure(chat)
    told = f"{error!r} {error.__dict__} {error.__cause__!r} {error.__context__!r} {caplog.text}"
    assert TOKEN not in told
    assert SECRET not in told


async def test_words_that_are_no_proper_text_are_sent_all_the_same(
    chat: SlackGateway, answering: Answering
) -> None:
    answering.replies.append(POSTED)
    await chat.post("C1", SlackPayload("half a \ud83d pair"), "alert:1")
    assert answering.asked[0][1]["text"] == "half a ? pair"


async def test_a_chat_that_was_closed_opens_again(chat: SlackGateway, answering: Answering) -> None:
    answering.replies.extend([ME, ME])
    await chat.identity()
    await chat.close()
    assert (await chat.identity()).user == "UBOT"
