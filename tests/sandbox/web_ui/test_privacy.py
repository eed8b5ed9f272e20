"""Each person sees in the page what Slack would show them, and can act on nothing else."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from sandbox.slack.posting import show_ephemeral
from tests.sandbox.blocks import actions, button, section
from tests.sandbox.browsing import Window, channels_in, slack_with_page, state_of
from tests.sandbox.stub_bot import StubBot


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with slack_with_page() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_a_private_channel_is_there_for_its_members_only(
    slack: Slack, http: aiohttp.ClientSession
) -> None:
    room = slack.add_channel("inc-9-secret", members=["ana"], private=True)
    slack.people.say("ana", room, "the key is out")
    ana, bruno = (Window(slack, who, http, room.id) for who in ("ana", "bruno"))
    assert "the key is out" in await ana.page()
    seen = await bruno.page()
    assert "the key is out" not in seen
    assert "inc-9-secret" not in seen
    assert "general" in channels_in(seen)


async def test_a_guest_sees_only_the_channels_they_were_invited_to(
    slack: Slack, http: aiohttp.ClientSession
) -> None:
    slack.add_channel("war-room", members=["ana"])
    assert "war-room" in channels_in(await Window(slack, "bruno", http).page())
    for outsider in ("gus", "sasha"):
        assert "war-room" not in await Window(slack, outsider, http).page()
    assert channels_in(await Window(slack, "sasha", http).page()) == {"partners", "Tocsin"}


async def test_direct_messages_are_in_no_other_sidebar(slack: Slack, http: aiohttp.ClientSession) -> None:
    direct = slack.workspace.open_direct(slack.person("ana").id, slack.person("bruno").id)
    slack.people.say("ana", direct, "between us")
    assert "between us" in await Window(slack, "bruno", http, direct.id).page()
    assert "between us" not in await Window(slack, "chidi", http, direct.id).page()
    assert "Ana Duarte" in channels_in(await Window(slack, "bruno", http).page())


async def test_what_is_whispered_reaches_one_persons_page_and_stream(
    slack: Slack, http: aiohttp.ClientSession
) -> None:
    general = slack.channel("general")
    ana, bruno = Window(slack, "ana", http, general.id), Window(slack, "bruno", http, general.id)
    async with ana.live(state_of(await ana.page())) as hers, bruno.live(state_of(await bruno.page())) as his:
        show_ephemeral(slack.workspace, slack.person("ana").id, general.id, "only you")
        slack.people.say("chidi", general, "everybody")
        await hers.until("everybody", "m/")
        await his.until("everybody", "m/")
    assert any("only you" in each for each in hers.shown.values())
    assert not any("only you" in each for each in his.shown.values())
    assert "only you" in await ana.page()
    assert "only you" not in await bruno.page()


async def test_a_modal_stands_on_its_owners_page_only(
    slack: Slack, bot: StubBot, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    answer = await slack.people.command("ana", "general", "/incident")
    form = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Secret form"},
        "blocks": [section("hello")],
    }
    await client.views_open(trigger_id=answer.trigger_id, view=form)
    assert "hello" in await Window(slack, "ana", http).page()
    assert "hello" not in await Window(slack, "bruno", http).page()
    view = slack.open_view("ana")
    assert view is not None
    bruno = Window(slack, "bruno", http)
    for name in ("close", "submit", "click"):
        said = await bruno.act(name, 409, view=view.id, action="x")
        assert "closed or changed" in said
    assert slack.open_view("ana") is view


async def test_nobody_acts_where_they_cannot_look(
    slack: Slack, bot: StubBot, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    room = slack.add_channel("inc-9-secret", members=["ana"], private=True, with_bot=True)
    await client.chat_postMessage(
        channel=room.id, text="card", blocks=[section("card"), actions(button("go"))]
    )
    card = slack.messages(room, of_bot=True)[-1]
    gus = Window(slack, "gus", http, room.id)
    attempts = {
        "say": {"text": "hello"},
        "click": {"ts": card.ts, "action": "go", "block": card.blocks[-1]["block_id"]},
        "shortcut": {"ts": card.ts, "shortcut": "add_to_timeline"},
        "react": {"ts": card.ts, "name": "eyes"},
        "seen": {"ts": [card.ts]},
        "join": {},
    }
    for name, what in attempts.items():
        assert "not for you to see" in await gus.act(name, 409, **what), name
    assert len(slack.messages(room, of_bot=True)) == 1
    assert slack.person("gus").id not in room.members
    assert bot.received == []


async def test_only_the_author_changes_a_message(slack: Slack, http: aiohttp.ClientSession) -> None:
    general = slack.channel("general")
    said = slack.people.say("ana", general, "it is the database")
    ana, bruno = Window(slack, "ana", http, general.id), Window(slack, "bruno", http, general.id)
    for name in ("edit", "delete"):
        assert "Only whoever wrote" in await bruno.act(name, 409, ts=said.ts, text="forged")
    await ana.act("edit", ts=said.ts, text="it is the cache")
    assert general.messages[said.ts].text == "it is the cache"
    await ana.act("delete", ts=said.ts)
    assert said.ts not in general.messages


async def test_a_channel_that_somebody_is_taken_out_of_leaves_their_window(
    slack: Slack, http: aiohttp.ClientSession
) -> None:
    room = slack.add_channel("inc-9-secret", members=["bruno"], private=True)
    bruno = Window(slack, "bruno", http, room.id)
    async with bruno.live(state_of(await bruno.page())) as stream:
        slack.people.leave("bruno", room)
        while not (news := await stream.next()).get("leave"):
            assert not any("left" in each for each in stream.shown.values())
    assert news == {"leave": True}
