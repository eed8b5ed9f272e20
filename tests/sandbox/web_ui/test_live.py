"""What changes reaches every open window, once, and nothing is lost when a connection breaks."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.slack import Slack
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


@pytest.fixture
def general(slack: Slack) -> str:
    return slack.channel("general").id


async def test_a_message_and_its_edit_reach_another_window_and_nothing_else_is_sent_again(
    slack: Slack, http: aiohttp.ClientSession, general: str
) -> None:
    slack.people.say("bruno", general, "earlier")
    ana, bruno = Window(slack, "ana", http, general), Window(slack, "bruno", http, general)
    async with bruno.live(state_of(await bruno.page())) as stream:
        await ana.act("say", text="checkout is *slow* & <b>red</b>, @bruno")
        await stream.until("checkout is", "m/")
        said = slack.messages(general)[-1]
        assert (
            said.text
            == f"checkout is *slow* &amp; &lt;b&gt;red&lt;/b&gt;, <@{slack.person('bruno').id}|bruno>"
        )
        assert slack.person("bruno").id in said.pings
        slack.people.edit(said, "checkout is down")
        news = await stream.next()
        while not any("checkout is down" in html for _, _, html in news["changed"]):
            news = await stream.next()
        assert [key for key, _, _ in news["changed"]] == [f"m/{said.ts}"]
        slack.people.delete(said)
        while f"m/{said.ts}" in stream.shown:
            await stream.next()


async def test_changes_that_are_not_seen_here_send_nothing(
    slack: Slack, http: aiohttp.ClientSession, general: str
) -> None:
    room = slack.add_channel("secret", members=["ana"], private=True)
    bruno = Window(slack, "bruno", http, general)
    async with bruno.live(state_of(await bruno.page())) as stream:
        for number in range(5):
            slack.people.say("ana", room, f"number {number}")
        slack.workspace.changes.touch()
        slack.people.say("ana", general, "the end")
        news = await stream.next()
    assert not any("number" in html for _, _, html in news["changed"])
    assert any("the end" in html for _, _, html in news["changed"])


async def test_who_comes_back_is_shown_everything_that_happened_meanwhile(
    slack: Slack, http: aiohttp.ClientSession, general: str
) -> None:
    lost = slack.people.say("ana", general, "will be deleted")
    changed = slack.people.say("ana", general, "will be edited")
    bruno = Window(slack, "bruno", http, general)
    page = await bruno.page()
    async with bruno.live(state_of(page)) as stream:
        slack.people.say("ana", general, "seen live")
        await stream.until("seen live")
    slack.people.delete(lost)
    slack.people.edit(changed, "was edited")
    slack.people.say("ana", general, "said meanwhile")
    async with bruno.live("", **{"Last-Event-ID": stream.state}) as again:
        news = await again.next()
        assert news["whole"]
        shown = "".join(again.shown.values())
        for words in ("was edited", "said meanwhile", "seen live"):
            assert words in shown
        assert "will be deleted" not in shown
        assert f"m/{lost.ts}" not in again.shown


async def test_who_comes_back_to_an_unchanged_workspace_is_sent_nothing(
    slack: Slack, http: aiohttp.ClientSession, general: str
) -> None:
    slack.people.say("ana", general, "earlier")
    bruno = Window(slack, "bruno", http, general)
    state = state_of(await bruno.page())
    async with bruno.live(state) as stream:
        slack.people.say("ana", general, "later")
        news = await stream.next()
    assert not news.get("whole")
    assert not any("earlier" in html for _, _, html in news["changed"])


async def test_pieces_that_did_not_change_keep_their_mark(
    slack: Slack, http: aiohttp.ClientSession, general: str
) -> None:
    said = slack.people.say("ana", general, "stays as it is")
    bruno = Window(slack, "bruno", http, general)
    page = await bruno.page()
    async with bruno.live("another-run") as stream:
        news = await stream.next()
    mark = next(mark for key, mark, _ in news["changed"] if key == f"m/{said.ts}")
    assert f'data-key="m/{said.ts}" data-mark="{mark}"' in page


async def test_a_stream_ends_when_the_stand_in_stops(http: aiohttp.ClientSession) -> None:
    async with slack_with_page() as running:
        ana = Window(running, "ana", http)
        async with ana.live(state_of(await ana.page())) as stream:
            await running.stop()
            assert await stream.answer.content.read() == b""


async def test_unread_marks_are_kept_for_each_person(
    slack: Slack, http: aiohttp.ClientSession, general: str
) -> None:
    partners = slack.channel("partners").id
    said = slack.people.say("ana", partners, f"look, <@{slack.person('bruno').id}>")
    slack.people.say("ana", partners, "and here")
    windows = {who: Window(slack, who, http, general) for who in ("ana", "bruno", "chidi")}

    async def mark(who: str) -> str:
        page = await windows[who].page()
        row = page.partition(f"at={partners}")[2].partition("</a>")[0]
        return "calling" if "new for you" in row else "unread" if "unread" in row else "read"

    assert [await mark(who) for who in windows] == ["read", "calling", "unread"]
    async with windows["bruno"].live(state_of(await windows["bruno"].page())) as stream:
        last = slack.messages(partners)[-1].ts
        await windows["bruno"].act("seen", channel=partners, ts=[said.ts, last])
        assert "new for you" not in await stream.until("partners", "sidebar")
    assert [await mark(who) for who in windows] == ["read", "read", "unread"]
    slack.people.say("chidi", partners, "once more")
    assert [await mark(who) for who in windows] == ["unread", "unread", "read"]


async def test_threads_have_a_page_of_their_own(
    slack: Slack, http: aiohttp.ClientSession, general: str
) -> None:
    root = slack.people.say("ana", general, "what happened?")
    bruno = Window(slack, "bruno", http, general, root.ts)
    async with bruno.live(state_of(await bruno.page())) as stream:
        await bruno.act("say", text="the disk is full", thread=root.ts)
        await stream.until("the disk is full", "t/")
        assert not any("disk" in html for key, html in stream.shown.items() if key.startswith("m/"))
    assert slack.messages(general)[-1].thread_ts == root.ts


async def test_slack_answers_commands_that_it_does_not_know(
    slack: Slack, bot: StubBot, http: aiohttp.ClientSession, general: str
) -> None:
    ana = Window(slack, "ana", http, general)
    root = slack.people.say("ana", general, "root")
    await ana.act("say", text="/incidnet declare")
    assert "“/incidnet” is not a valid command" in slack.ephemerals("ana")[-1].text
    await ana.act("say", text="/incident ack", thread=root.ts)
    assert "/incident is not supported in threads" in slack.ephemerals("ana")[-1].text
    assert bot.received == []
    await ana.act("say", text="/incident  note it is <slow>")
    assert bot.received[-1].form["text"] == "note it is &lt;slow&gt;"
    await ana.act("dismiss", ts=slack.ephemerals("ana")[0].ts)
    assert len(slack.ephemerals("ana")) == 1


async def test_a_public_channel_can_be_looked_into_and_joined(
    slack: Slack, http: aiohttp.ClientSession
) -> None:
    room = slack.add_channel("war-room", creator="bruno")
    ana = Window(slack, "ana", http, room.id)
    assert "Join" in await ana.page()
    assert "Join it first" in await ana.act("say", 409, text="hello")
    async with ana.live(state_of(await ana.page())) as stream:
        await ana.act("join")
        await stream.until("textarea", "composer")
    await ana.act("say", text="hello")
    assert slack.messages(room)[-1].text == "hello"
    assert "war-room" in channels_in(await ana.page())


async def test_a_bot_that_does_not_answer_is_told_in_slacks_words(
    slack: Slack, http: aiohttp.ClientSession, general: str
) -> None:
    said = slack.people.say("ana", general, "look")
    ana = Window(slack, "ana", http, general)
    trouble = await ana.act("shortcut", ts=said.ts, shortcut="add_to_timeline")
    assert trouble.startswith("We had some trouble connecting. Try again?")


async def test_a_reaction_is_put_on_and_taken_off_again(
    slack: Slack, http: aiohttp.ClientSession, general: str
) -> None:
    said = slack.people.say("bruno", general, "look")
    ana, bruno = Window(slack, "ana", http, general), Window(slack, "bruno", http, general)
    async with bruno.live(state_of(await bruno.page())) as stream:
        await ana.act("react", ts=said.ts, name="eyes")
        assert 'title="Ana Duarte"' in await stream.until('class="reactions"', "m/")
        await ana.act("react", ts=said.ts, name="eyes")
        while 'class="reactions"' in stream.shown[f"m/{said.ts}"]:
            await stream.next()
