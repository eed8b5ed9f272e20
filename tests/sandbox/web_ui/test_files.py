"""Uploads in the page: shown to those who see the conversation, from the page's own address, and never run."""

import base64
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack, WorkspaceChannel
from tests.sandbox.browsing import Window, slack_with_page
from tests.sandbox.markup import Found

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with slack_with_page() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def room(slack: Slack) -> WorkspaceChannel:
    return slack.add_channel("war-room", members=["ana"], private=True, with_bot=True)


def pictures(page: str) -> list[tuple[str, str]]:
    """The address and the words of each picture."""
    return [
        (each["src"] or "", each["alt"] or "")
        for tag, each in Found(page).tags
        if tag == "img" and "alt" in each
    ]


async def test_a_picture_is_shown_to_those_who_see_the_conversation(
    slack: Slack, client: AsyncWebClient, http: aiohttp.ClientSession, room: WorkspaceChannel
) -> None:
    await client.files_upload_v2(channel=room.id, filename="graph.png", content=DOT, alt_txt="a graph")
    ((address, words),) = pictures(await Window(slack, "ana", http, room.id).page())
    assert words == "a graph"
    async with http.get(f"{slack.url}{address}") as answer:
        assert (answer.status, answer.content_type, await answer.read()) == (200, "image/png", DOT)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for who in ("bruno", "gus", "nobody"):
        async with http.get(f"{slack.url}{address.replace('as=ana', f'as={who}')}") as answer:
            assert answer.status == 404, who
    async with http.get(f"{slack.url}{address}", headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "code.js", "data.bin", 'odd "name".xml'])
async def test_what_could_hold_a_script_is_only_handed_out_to_be_kept(
    slack: Slack, client: AsyncWebClient, http: aiohttp.ClientSession, room: WorkspaceChannel, name: str
) -> None:
    hostile = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
    done = await client.files_upload_v2(channel=room.id, filename=name, content=hostile)
    page = await Window(slack, "ana", http, room.id).page()
    assert pictures(page) == []
    assert "<script>alert" not in page
    async with http.get(f"{slack.url}/file/{done['file']['id']}", params={"as": "ana"}) as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
        assert await answer.text() == hostile


async def test_of_a_text_its_beginning_is_shown(
    slack: Slack, client: AsyncWebClient, http: aiohttp.ClientSession, room: WorkspaceChannel
) -> None:
    log = "".join(f"line {number} <b>\n" for number in range(40))
    await client.files_upload_v2(channel=room.id, filename="app.log", title="The log", content=log)
    page = await Window(slack, "ana", http, room.id).page()
    assert "line 11 &lt;b&gt;\n…</pre>" in page
    assert "line 12" not in page
    assert ">The log</a>" in page


@pytest.mark.parametrize(
    ("content", "shown"), [(b"\x00\x01", False), (b"\xff\xd8\xff", False), ("é".encode() * 3000, True)]
)
async def test_what_is_no_text_is_named_with_its_size(
    slack: Slack,
    client: AsyncWebClient,
    http: aiohttp.ClientSession,
    room: WorkspaceChannel,
    content: bytes,
    shown: bool,
) -> None:
    await client.files_upload_v2(channel=room.id, filename="dump", title="A dump", content=content)
    page = await Window(slack, "ana", http, room.id).page()
    assert (f"<small>{len(content)} bytes</small>" in page) != shown
    assert ("é\n…</pre>" in page) == shown


async def test_a_block_shows_the_upload_that_it_names(
    slack: Slack, client: AsyncWebClient, http: aiohttp.ClientSession, room: WorkspaceChannel
) -> None:
    done = await client.files_upload_v2(filename="graph.png", content=DOT)
    blocks = [{"type": "image", "slack_file": {"id": done["file"]["id"]}, "alt_text": "errors in an hour"}]
    await client.chat_postMessage(channel=room.id, text="x", blocks=blocks)
    (shown,) = pictures(await Window(slack, "ana", http, room.id).page())
    assert shown == (f"/file/{done['file']['id']}?as=ana", "errors in an hour")
