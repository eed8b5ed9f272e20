"""slack_sdk's own clients work on the stand-in: Web API and Socket Mode, each as it comes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode.aiohttp import SocketModeClient as AiohttpClient
from slack_sdk.socket_mode.builtin import SocketModeClient as BuiltinClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.socket_mode.websockets import SocketModeClient as WebsocketsClient
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack


def talk(client: WebClient, slack: Slack) -> str:
    """One conversation of the blocking client; gives the text that stands in the channel at the end."""
    room = client.conversations_create(name="inc-7")["channel"]["id"]
    posted = client.chat_postMessage(channel=room, text="one", blocks=[{"type": "divider"}])
    client.chat_update(channel=room, ts=posted["ts"], text="two")
    client.pins_add(channel=room, timestamp=posted["ts"])
    client.reactions_add(channel=room, timestamp=posted["ts"], name="eyes")
    pages = [page["members"] for page in client.users_list(limit=2)]
    assert len(pages) > 1
    strangers = {user.id for user in slack.workspace.users.values() if user.is_stranger}
    assert {each["id"] for page in pages for each in page} == {*slack.workspace.users} - strangers
    history = client.conversations_history(channel=room)
    return str(history["messages"][-1]["text"] if len(history["messages"]) == 1 else _spoken(history)["text"])


def _spoken(history: Any) -> dict[str, Any]:
    return next(each for each in history["messages"] if "subtype" not in each)


async def test_the_blocking_web_client(slack: Slack) -> None:
    client = WebClient(slack.bot_token, base_url=slack.api_url)
    assert await asyncio.to_thread(talk, client, slack) == "two"


async def test_the_async_web_client_and_its_paging(slack: Slack) -> None:
    client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
    room = (await client.conversations_create(name="inc-7"))["channel"]["id"]
    for number in range(5):
        await client.chat_postMessage(channel=room, text=str(number))
    seen = [
        each["text"]
        async for page in await client.conversations_history(channel=room, limit=2)
        for each in page["messages"]
        if "subtype" not in each
    ]
    assert seen == ["4", "3", "2", "1", "0"]


async def commanded(slack: Slack, connected: Callable[[], bool], heard: list[str]) -> None:
    """Somebody types a command; the client hears of it and its answer reaches them."""
    await slack.wait_for(connected, 60, "a connection")
    answer = await slack.people.command("ana", "general", "/incident", "declare p0 API is down")
    assert heard == ["declare p0 API is down"]
    assert answer.ok
    assert "taken" in answer.body


async def commanded_again(slack: Slack, heard: list[str]) -> None:
    """Slack asks for a new connection; over that one the next command comes."""
    before = list(slack.sockets.links)
    await slack.ask_to_reconnect("refresh_requested")
    await slack.wait_for(lambda: slack.sockets.links and not {*before} & {*slack.sockets.links}, 60)
    assert (await slack.people.command("ana", "general", "/incident", "list")).ok
    assert heard == ["declare p0 API is down", "list"]


def settings(slack: Slack) -> tuple[str, WebClient]:
    slack.socket_mode = True
    return slack.app_token, WebClient(slack.app_token, base_url=slack.api_url)


async def test_the_builtin_socket_mode_client(slack: Slack) -> None:
    token, web = settings(slack)
    heard: list[str] = []
    client = BuiltinClient(app_token=token, web_client=web)

    def listener(which: Any, request: SocketModeRequest) -> None:
        heard.append(request.payload["text"])
        which.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "taken"}))

    client.socket_mode_request_listeners.append(listener)
    await asyncio.to_thread(client.connect)
    try:
        await commanded(slack, client.is_connected, heard)
        await commanded_again(slack, heard)
    finally:
        await asyncio.to_thread(client.close)


@pytest.mark.parametrize("kind", [AiohttpClient, WebsocketsClient])
async def test_the_async_socket_mode_clients(slack: Slack, kind: Any) -> None:
    token, _ = settings(slack)
    web = AsyncWebClient(token, base_url=slack.api_url)
    heard: list[str] = []
    client = kind(app_token=token, web_client=web)

    async def listener(which: Any, request: SocketModeRequest) -> None:
        heard.append(request.payload["text"])
        await which.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "taken"}))

    listening: list[Callable[[Any, SocketModeRequest], Awaitable[None]]] = (
        client.socket_mode_request_listeners
    )
    listening.append(listener)
    await client.connect()
    try:
        await commanded(slack, lambda: bool(client.current_session), heard)
        await commanded_again(slack, heard)
    finally:
        await client.close()
