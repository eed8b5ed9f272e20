"""Socket Mode of the stand-in, held against Slack's own clients."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient as ThreadedClient
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import BotAnswer, DeliveryOptions, Slack
from tests.sandbox.blocks import field, modal

QUIET = logging.getLogger("tests.sandbox.sdk")
QUIET.setLevel(logging.CRITICAL)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    running = await Slack.start(events_again=(0.0,), acknowledge_within=0.5)
    running.socket_mode = True
    yield running
    await running.stop()


class Bare:
    """A websocket that does nothing by itself."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def frame(self) -> dict[str, Any]:
        """The next frame, acknowledged by nobody."""
        frame: dict[str, Any] = await self.socket.receive_json(timeout=30)
        return frame

    async def acknowledge(self, envelope: dict[str, Any], **parts: Any) -> None:
        await self.socket.send_json({"envelope_id": envelope["envelope_id"], **parts})


@asynccontextmanager
async def bare(slack: Slack, client: AsyncWebClient, hello: bool = True) -> AsyncIterator[Bare]:
    address = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    async with ClientSession() as session, session.ws_connect(address) as socket:
        one = Bare(socket)
        if hello:
            assert (await one.frame())["type"] == "hello"
        yield one


@asynccontextmanager
async def sdk(
    slack: Slack, answer: dict[str, Any] | None, heard: list[SocketModeRequest]
) -> AsyncIterator[SocketModeClient]:
    """slack_sdk's client on aiohttp, that acknowledges everything with `answer`."""

    async def listen(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        heard.append(request)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer))

    web = AsyncWebClient(base_url=slack.api_url)
    client = SocketModeClient(slack.app_token, web_client=web, logger=QUIET, ping_interval=0.2)
    client.socket_mode_request_listeners.append(listen)
    await client.connect()  # type: ignore[no-untyped-call]
    await slack.wait_for(lambda: slack.sockets.links)
    yield client
    await client.close()  # type: ignore[no-untyped-call]


async def command(slack: Slack, text: str = "list", **options: Any) -> BotAnswer:
    return await slack.people.command("ana", "general", "/incident", text, **options)


async def test_the_sdks_client_gets_a_command_and_its_answer_is_shown(slack: Slack) -> None:
    heard: list[SocketModeRequest] = []
    async with sdk(slack, {"response_type": "ephemeral", "text": "none is open"}, heard):
        answer = await command(slack, "list")
        assert answer.ok
        assert answer.parsed["text"] == "none is open"
        assert slack.ephemerals("ana")[-1].text == "none is open"
    (request,) = heard
    assert (request.type, request.accepts_response_payload) == ("slash_commands", True)
    assert request.payload["command"] == "/incident"
    assert request.payload["trigger_id"] in slack.workspace.triggers
    assert request.payload["response_url"].startswith(slack.url)


async def test_the_sdks_threaded_client_gets_a_command_and_its_answer_is_shown(slack: Slack) -> None:
    def listen(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "from a thread"}))

    def connect() -> ThreadedClient:
        web = WebClient(base_url=slack.api_url)
        client = ThreadedClient(slack.app_token, web_client=web, logger=QUIET, ping_interval=0.2)
        client.socket_mode_request_listeners.append(listen)
        client.connect()
        return client

    client = await asyncio.to_thread(connect)
    try:
        await slack.wait_for(lambda: slack.sockets.links)
        assert (await command(slack)).parsed == {"text": "from a thread"}
        slack.cut_sockets()
        await slack.wait_for(lambda: slack.sockets.links)
        assert (await command(slack)).ok
    finally:
        await asyncio.to_thread(client.close)


@pytest.mark.parametrize("break_it", ["cut", "warning", "refresh_requested"])
async def test_the_sdks_client_comes_back_after_a_cut_and_when_it_is_asked_to(
    slack: Slack, break_it: str
) -> None:
    heard: list[SocketModeRequest] = []
    async with sdk(slack, None, heard):
        (before,) = slack.sockets.links
        if break_it == "cut":
            slack.cut_sockets()
        else:
            await slack.ask_to_reconnect(break_it)
        await slack.wait_for(lambda: slack.sockets.links and slack.sockets.links[0] is not before)
        assert (await command(slack)).ok
        assert len(slack.calls.of("apps.connections.open")) == 2


async def test_the_errors_of_a_form_come_in_its_acknowledgement(slack: Slack, client: AsyncWebClient) -> None:
    async with bare(slack, client) as one:
        opening = asyncio.create_task(command(slack))
        envelope = await one.frame()
        await client.views_open(
            trigger_id=envelope["payload"]["trigger_id"],
            view=modal(field("title", {"type": "plain_text_input", "action_id": "title"})),
        )
        await one.acknowledge(envelope)
        assert (await opening).body == ""
        view = slack.open_view("ana")
        assert view is not None
        submitting = asyncio.create_task(slack.people.submit("ana", view, {"title": {"title": "x"}}))
        envelope = await one.frame()
        assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", True)
        assert envelope["payload"]["type"] == "view_submission"
        await one.acknowledge(
            envelope, payload={"response_action": "errors", "errors": {"title": "say more"}}
        )
        assert (await submitting).ok
        assert view.errors == {"title": "say more"}


async def test_each_payload_goes_to_one_of_the_connections(slack: Slack) -> None:
    one: list[SocketModeRequest] = []
    other: list[SocketModeRequest] = []
    async with sdk(slack, None, one), sdk(slack, None, other):
        await slack.wait_for(lambda: len(slack.sockets.links) == 2)
        for number in range(6):
            assert (await command(slack, f"note {number}")).ok
        texts = [each.payload["text"] for each in (*one, *other)]
        assert sorted(texts) == [f"note {number}" for number in range(6)]
        assert one
        assert other


async def test_an_event_without_an_acknowledgement_is_delivered_again_on_another_connection(
    slack: Slack, client: AsyncWebClient
) -> None:
    async with bare(slack, client) as one, bare(slack, client) as other:
        await client.conversations_create(name="inc-1")
        first = await one.frame()
        again = await other.frame()
        assert (first["type"], first["retry_attempt"], first["accepts_response_payload"]) == (
            "events_api",
            0,
            False,
        )
        assert (again["retry_attempt"], again["retry_reason"]) == (1, "timeout")
        assert first["payload"] == again["payload"]
        assert first["envelope_id"] != again["envelope_id"]
        await other.acknowledge(again)
        await slack.wait_for(lambda: slack.events.delivered)
        assert slack.events.delivered[0][1].status == 200


async def test_a_person_hears_that_nobody_acknowledged_or_listens(
    slack: Slack, client: AsyncWebClient
) -> None:
    assert (await command(slack)).problem == "dispatch_failed: no connection is open"
    async with bare(slack, client):
        answer = await command(slack)
        assert (answer.status, answer.problem) == (0, "operation_timeout")
        assert answer.elapsed < 1
        assert "operation_timeout" in slack.ephemerals("ana")[-1].text


async def test_copies_are_envelopes_with_one_payload_and_fresh_ones_have_ids_of_their_own(
    slack: Slack,
) -> None:
    heard: list[SocketModeRequest] = []
    async with sdk(slack, None, heard):
        answer = await command(slack, delivery=DeliveryOptions(copies=3))
        assert [each.status for each in (answer, *answer.others)] == [200] * 3
        assert len({request.envelope_id for request in heard}) == 3
        assert len({request.payload["trigger_id"] for request in heard}) == 1
        await command(slack, delivery=DeliveryOptions(copies=2, fresh_ids=True))
        assert len({request.payload["trigger_id"] for request in heard}) == 3
        with pytest.raises(ValueError, match="no signature"):
            await command(slack, delivery=DeliveryOptions(wrong_signature=True))


async def test_hello_counts_the_connections_and_the_eleventh_is_sent_away(
    slack: Slack, client: AsyncWebClient
) -> None:
    async with ClientSession() as session:
        sockets = []
        for number in range(11):
            address = (await client.apps_connections_open(app_token=slack.app_token))["url"]
            sockets.append(await session.ws_connect(address))
            frame = await sockets[-1].receive_json(timeout=30)
            if number < 10:
                assert (frame["type"], frame["num_connections"]) == ("hello", number + 1)
                assert frame["debug_info"]["approximate_connection_time"] > 3600
        assert (frame["type"], frame["reason"]) == ("disconnect", "too_many_websockets")
        assert (await sockets[-1].receive(timeout=30)).type is WSMsgType.CLOSE
        assert len(slack.sockets.links) == 10


async def test_an_address_serves_once_and_takes_an_app_level_token(
    slack: Slack, client: AsyncWebClient
) -> None:
    address = (await client.apps_connections_open(app_token=slack.app_token))["url"]
    assert address.startswith("ws://127.0.0.1:")
    async with ClientSession() as session:
        await (await session.ws_connect(address)).close()
        async with session.get(address.replace("ws", "http", 1)) as answer:
            assert answer.status == 401
    refused: list[tuple[Callable[[], Any], str]] = [
        (lambda: client.apps_connections_open(app_token=slack.bot_token), "not_allowed_token_type"),
        (lambda: client.apps_connections_open(app_token="xapp-1-other"), "invalid_auth"),
        (lambda: client.auth_test(token=slack.app_token), "not_allowed_token_type"),
    ]
    for call, code in refused:
        with pytest.raises(SlackApiError) as refusal:
            await call()
        assert refusal.value.response["error"] == code


async def test_while_the_switch_is_off_sockets_are_sent_away(slack: Slack, client: AsyncWebClient) -> None:
    slack.socket_mode = False
    async with bare(slack, client, hello=False) as one:
        frame = await one.frame()
        assert (frame["type"], frame["reason"]) == ("disconnect", "link_disabled")


async def test_the_control_door_cuts_asks_and_switches(slack: Slack, client: AsyncWebClient) -> None:
    async with ClientSession() as other, bare(slack, client) as one, bare(slack, client) as two:

        async def act(**body: Any) -> None:
            async with other.post(f"{slack.url}/control/act", json=body) as response:
                assert response.status == 200

        await act(do="ask_to_reconnect", reason="refresh_requested", within=30)
        assert [(await each.frame())["reason"] for each in (one, two)] == ["refresh_requested"] * 2
        await act(do="cut_sockets")
        assert (await one.socket.receive(timeout=30)).type in (WSMsgType.CLOSED, WSMsgType.ERROR)
        assert slack.sockets.links == []
        await act(do="socket_mode", on=False)
        assert not slack.socket_mode
