"""Uploads: slack_sdk's own three steps, what is refused at each of them, and images in blocks."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack, WorkspaceChannel, plan_by_table
from sandbox.slack.faults import make_server_error
from sandbox.slack.plain_text import render_message_lines
from tests.sandbox.blocks import code, modal, reasons
from tests.sandbox.stub_bot import StubBot


@pytest.fixture
def room(slack: Slack) -> WorkspaceChannel:
    return slack.add_channel("war-room", with_bot=True)


async def begun(client: AsyncWebClient, content: bytes = b"12345", name: str = "log.txt") -> tuple[str, str]:
    """An upload up to its bytes: the file's id and the address they went to."""
    got = await client.files_getUploadURLExternal(filename=name, length=len(content))
    async with aiohttp.ClientSession() as http, http.post(got["upload_url"], data=content) as response:
        assert (response.status, await response.text()) == (200, f"OK - {len(content)}")
    return got["file_id"], got["upload_url"]


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return code(refused.value)


async def test_the_async_clients_upload_stands_in_the_thread_with_its_words(
    slack: Slack, client: AsyncWebClient, room: WorkspaceChannel
) -> None:
    root = (await client.chat_postMessage(channel=room.id, text="P0"))["ts"]
    done = await client.files_upload_v2(
        channel=room.id,
        thread_ts=root,
        filename="a b.log",
        title="The log",
        content="line\n",
        initial_comment="look",
    )
    reply = (await client.conversations_replies(channel=room.id, ts=root))["messages"][-1]
    assert (reply["text"], reply["subtype"], reply["thread_ts"]) == ("look", "file_share", root)
    assert [each["id"] for each in reply["files"]] == [done["file"]["id"]]
    info = (await client.files_info(file=done["file"]["id"]))["file"]
    assert (info["title"], info["name"], info["size"]) == ("The log", "a b.log", 5)
    assert (info["channels"], info["is_public"]) == ([room.id], True)
    assert info["shares"]["public"][room.id][0]["ts"] == reply["ts"]
    assert render_message_lines(slack.workspace, slack.messages(room)[-1]) == [
        "look",
        "[file: The log, 5 bytes]",
    ]


async def test_the_blocking_clients_two_files_are_one_message(slack: Slack, room: WorkspaceChannel) -> None:
    client = WebClient(slack.bot_token, base_url=slack.api_url)

    def upload() -> Any:
        return client.files_upload_v2(
            channel=room.id,
            file_uploads=[
                {"filename": "one.txt", "content": "1"},
                {"filename": "two.txt", "content": "22"},
            ],
        )

    await asyncio.to_thread(upload)
    (message,) = slack.messages(room)
    assert [each["name"] for each in message.extra["files"]] == ["one.txt", "two.txt"]


async def test_the_bytes_come_back_to_whoever_has_the_token_and_the_scope(
    slack: Slack, client: AsyncWebClient, room: WorkspaceChannel
) -> None:
    done = await client.files_upload_v2(channel=room.id, filename="ä?.bin", content="\x00\xff")
    address = done["file"]["url_private"]
    holder = {"Authorization": f"Bearer {slack.bot_token}"}
    async with aiohttp.ClientSession() as http:
        async with http.get(address, headers=holder) as response:
            assert (response.status, await response.read()) == (200, "\x00\xff".encode())
        async with http.get(address) as response:
            assert response.status == 403
        slack.api.scopes = frozenset({"files:write"})
        async with http.get(address, headers=holder) as response:
            assert response.status == 403
    assert await refusal(client.files_info(file=done["file"]["id"])) == "missing_scope"


async def test_a_form_may_carry_the_bytes_and_another_size_is_refused(
    slack: Slack, client: AsyncWebClient
) -> None:
    got = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    async with aiohttp.ClientSession() as http:
        async with http.post(got["upload_url"], data=b"four") as response:
            assert response.status == 400
        form = aiohttp.FormData()
        form.add_field("filename", b"abc", filename="a.txt")
        async with http.post(got["upload_url"], data=form) as response:
            assert response.status == 200
        async with http.post(f"{slack.url}/upload/v1/nobodys", data=b"abc") as response:
            assert response.status == 400
    assert slack.workspace.files[got["file_id"]].content == b"abc"


async def test_what_cannot_be_uploaded_is_refused_with_slacks_code(client: AsyncWebClient) -> None:
    ask = client.files_getUploadURLExternal
    assert await refusal(ask(filename="a.txt", length=0)) == "missing_argument"
    assert await refusal(ask(filename="", length=1)) == "invalid_arguments"
    assert await refusal(ask(filename="a.png", length=1, alt_txt="x" * 1001)) == "alt_txt_too_large"
    long = ask(filename="a.py", length=1_000_001, snippet_type="python")
    assert await refusal(long) == "snippet_too_large"


async def test_an_upload_is_completed_once_and_where_the_bot_is(
    slack: Slack, client: AsyncWebClient, room: WorkspaceChannel
) -> None:
    complete = client.files_completeUploadExternal
    empty = (await client.files_getUploadURLExternal(filename="a.txt", length=1))["file_id"]
    assert await refusal(complete(files=[{"id": empty}])) == "file_not_found"
    file, address = await begun(client)
    elsewhere = slack.add_channel("elsewhere")
    closed = slack.add_channel("closed", with_bot=True, archived=True)
    for where, expected in (
        ({"channel_id": elsewhere.id}, "not_in_channel"),
        ({"channel_id": closed.id}, "is_archived"),
        ({"channel_id": "C0NOWHERE1"}, "channel_not_found"),
        ({"channel_id": room.id, "thread_ts": "1700000000.000001"}, "thread_not_found"),
        ({"channels": [f"C{number}" for number in range(101)]}, "channels_limit_exceeded"),
    ):
        assert await refusal(complete(files=[{"id": file}], **where)) == expected
    assert await refusal(complete(files=[{"id": file}, {"id": file}])) == "invalid_arguments"
    assert await refusal(client.files_info(file=file)) == "file_not_found"
    ana = slack.person("ana").id
    await complete(files=[{"id": file, "title": "Log"}], channels=[room.id, ana])
    assert [each.text for each in (*slack.messages(room), *slack.direct_messages("ana"))] == ["", ""]
    assert await refusal(complete(files=[{"id": file}], channel_id=room.id)) == "file_not_found"
    async with aiohttp.ClientSession() as http, http.post(address, data=b"12345") as response:
        assert response.status == 400


async def test_subscribers_hear_of_a_file_and_a_fault_may_strike_its_bytes(
    slack: Slack, client: AsyncWebClient, room: WorkspaceChannel, bot: StubBot
) -> None:
    slack.events.types = frozenset({"file_shared", "message.channels"})
    slack.api.faults = plan_by_table({"upload": [make_server_error()]})
    with pytest.raises(SlackRequestError, match="status: 500"):
        await client.files_upload_v2(channel=room.id, filename="a.txt", content="x")
    assert slack.messages(room) == []
    done = await client.files_upload_v2(channel=room.id, filename="a.txt", content="x")
    await slack.wait_for(lambda: len(bot.received) == 2)
    events = {each.payload["event"]["type"]: each.payload["event"] for each in bot.received}
    assert events["file_shared"]["file_id"] == done["file"]["id"]
    assert events["message"]["subtype"] == "file_share"


async def test_a_fresh_image_is_refused_in_blocks_until_slack_has_looked_at_it(
    slack: Slack, client: AsyncWebClient, room: WorkspaceChannel
) -> None:
    slack.workspace.files_ready_after = 5.0
    file, _ = await begun(client, b"png", "chart.png")
    await client.files_completeUploadExternal(files=[{"id": file}])
    assert (await client.files_info(file=file))["file"]["mimetype"] == ""
    image = {"type": "image", "alt_text": "errors", "slack_file": {"id": file}}

    async def refused(call: Any) -> str:
        with pytest.raises(SlackApiError) as refusal:
            await call
        return reasons(refusal.value)

    assert "/blocks/0/slack_file" in await refused(
        client.chat_postMessage(channel=room.id, text="chart", blocks=[image])
    )
    trigger = slack.workspace.new_trigger(slack.person("ana").id).id
    assert "/view/blocks/0/slack_file" in await refused(
        client.views_open(trigger_id=trigger, view=modal(image))
    )
    slack.workspace.clocks.advance(5.0)
    assert (await client.files_info(file=file))["file"]["mimetype"] == "image/png"
    await client.chat_postMessage(channel=room.id, text="chart", blocks=[image])
    trigger = slack.workspace.new_trigger(slack.person("ana").id).id
    await client.views_open(trigger_id=trigger, view=modal(image))
    note, _ = await begun(client, b"text")
    await client.files_completeUploadExternal(files=[{"id": note}])
    slack.workspace.clocks.advance(5.0)
    text = {**image, "slack_file": {"id": note}}
    assert "invalid slack file" in await refused(
        client.chat_postMessage(channel=room.id, text="chart", blocks=[text])
    )
