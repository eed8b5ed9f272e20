"""All that people may be shown, in a real browser: what they see, what is read aloud to them, what they fill in."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from sandbox.slack import Slack
from sandbox.slack.mentions import escape_command_text
from sandbox.slack.posting import post
from sandbox.slack.view_state import build_initial_values
from sandbox.slack.web_api.views import close_view, show_view
from sandbox.slack.workspace import BOT_USER
from sandbox.slack.workspace_model import WorkspaceChannel, WorkspaceView
from sandbox.web_ui.links import build_conversation_url
from tests.browser.eyes import watched
from tests.sandbox.blocks import (
    ASK,
    EVERY_BLOCK,
    EVERY_ELEMENT,
    actions,
    button,
    field,
    modal,
    option,
    plain,
)
from tests.sandbox.browsing import slack_with_page
from tests.sandbox.shelf import put_on_the_shelf
from tests.sandbox.stub_bot import StubBot
from tests.sandbox.web_ui.test_hostile import HOSTILE

pytestmark = pytest.mark.whole  # every message and form in a browser

Json = dict[str, Any]


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with slack_with_page() as running:
        yield running


@pytest.fixture
async def bot(slack: Slack) -> AsyncIterator[StubBot]:
    stub = StubBot(slack)
    await stub.start()
    yield stub
    await stub.stop()


def at(slack: Slack, who: str, where: WorkspaceChannel | str) -> str:
    """The address of a conversation, or of `home`, as somebody opens it."""
    return f"{slack.url}{build_conversation_url(slack.person(who), where if isinstance(where, str) else where.id)}"


LOOKS = ((1280, False), (360, True))


@pytest.mark.parametrize(("width", "dark"), LOOKS)
async def test_nobody_stumbles_over_any_message_of_the_book(
    slack: Slack, browser: Browser, width: int, dark: bool
) -> None:
    channels, _ = put_on_the_shelf(slack.workspace, slack.person("ana"))
    kinds = slack.add_channel("every-block", members=["ana"], with_bot=True)
    for kind in EVERY_BLOCK.keys() - {"input", "alert"}:
        post(slack.workspace, kinds, BOT_USER, kind, blocks=[EVERY_BLOCK[kind]])
    async with watched(browser, slack.url, width=width, dark=dark) as eyes:
        for channel in (*channels, kinds):
            await eyes.page.goto(at(slack, "ana", channel))
            await expect(eyes.page.locator("article.message").first).to_be_visible()
            assert await eyes.stumbles() == [], channel.topic
            assert await eyes.wider() == [], channel.topic
        assert eyes.noise == []
    assert len(channels) > 6


@pytest.mark.parametrize(("width", "dark"), LOOKS)
async def test_nobody_stumbles_over_any_form_or_home_of_the_book(
    slack: Slack, bot: StubBot, browser: Browser, width: int, dark: bool
) -> None:
    ana = slack.person("ana")
    _, windows = put_on_the_shelf(slack.workspace, ana)
    inputs = [
        field(kind, EVERY_ELEMENT[kind], hint=plain("A hint")) for kind in sorted(FILLED | CHOSEN.keys())
    ]
    windows.append(("Every input", modal(*inputs, EVERY_BLOCK["alert"])))
    async with watched(browser, slack.url, width=width, dark=dark) as eyes:
        for title, payload in windows:
            if payload["type"] == "home":
                home = WorkspaceView(
                    "V1", ana.id, payload, "h", "V1", values=build_initial_values(payload["blocks"])
                )
                slack.workspace.homes[ana.id] = home
                await eyes.page.goto(at(slack, "ana", "home"))
                await expect(eyes.page.locator(".home-view")).to_be_visible()
            else:
                view = show_view(slack.workspace, ana.id, payload)
                view.errors = {
                    block["block_id"]: "Not so." for block in view.blocks if block["type"] == "input"
                }
                await eyes.page.goto(at(slack, "ana", "general"))
                await expect(eyes.page.locator("dialog[open] form")).to_be_visible()
                close_view(slack.workspace, view)
            assert await eyes.stumbles() == [], title
            assert await eyes.wider() == [], title
        assert eyes.noise == []


@pytest.mark.parametrize(("width", "dark"), LOOKS)
async def test_nobody_stumbles_over_threads_menus_and_questions(
    slack: Slack, bot: StubBot, browser: Browser, width: int, dark: bool
) -> None:
    general = slack.channel("general")
    asked = slack.people.say("ana", general, "does anybody see this?")
    slack.people.say("bruno", general, "yes", asked.ts)
    slack.people.react("bruno", asked, "eyes")
    pressing = {**button("go", "1", "Delete it"), "style": "danger", "confirm": ASK}
    post(slack.workspace, general, BOT_USER, "x", blocks=[actions(pressing, EVERY_ELEMENT["overflow"])])
    async with watched(browser, slack.url, width=width, dark=dark) as eyes:
        page = eyes.page

        async def all_is_well(what: str) -> None:
            assert (await eyes.stumbles(), await eyes.wider(), eyes.noise) == ([], [], []), what

        await page.goto(at(slack, "ana", general))
        await page.get_by_role("button", name="1 reply").click()
        await expect(page.get_by_role("complementary", name="Thread").get_by_text("yes")).to_be_visible()
        await all_is_well("a thread")
        await page.goto(at(slack, "ana", general))
        await page.get_by_role("textbox").fill("/incident ")
        await expect(page.get_by_role("option").first).to_be_visible()
        await all_is_well("the words that can follow")
        await page.get_by_role("textbox").fill("")
        await page.locator(".overflow summary").press("Enter")
        await expect(page.get_by_role("button", name="A", exact=True)).to_be_in_viewport(ratio=1)
        await all_is_well("a menu")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Delete it").press("Enter")
        await expect(page.get_by_role("dialog", name="Sure?")).to_be_visible()
        await all_is_well("a question")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog", name="Sure?")).not_to_be_visible()
        assert bot.received == []
        if width == 360:
            await page.get_by_role("button", name="Channels").press("Enter")
        await expect(page.locator(".who summary")).to_be_visible()
        await page.locator(".who summary").press("Enter")
        await expect(page.get_by_role("link", name="Bruno Keller", exact=False).first).to_be_visible()
        await all_is_well("who somebody can be")


async def test_hostile_words_do_nothing_in_a_browser(slack: Slack, bot: StubBot, browser: Browser) -> None:
    general, ana = slack.channel("general"), slack.person("ana")
    async with watched(browser, slack.url) as eyes:
        await eyes.page.goto(at(slack, "bruno", general))
        for text in HOSTILE:
            slack.people.say("ana", general, escape_command_text(slack.workspace, text))
            post(slack.workspace, general, BOT_USER, text)
            post(slack.workspace, general, BOT_USER, "", blocks=[{"type": "markdown", "text": text[:12_000]}])
        post(slack.workspace, general, ana.id, "the last of them")
        await expect(eyes.page.get_by_text("the last of them")).to_be_visible()
        foreign = await eyes.page.evaluate(
            """() => [...document.querySelectorAll(".messages *")].filter((each) =>
                 each.matches("script, iframe, svg, img, style, object, link")
                 || [...each.attributes].some((one) => one.name.startsWith("on") || one.name === "style")
                 || (each.href && !/^(https?|mailto|tel|slack):/.test(each.href))).map((each) => each.outerHTML)"""
        )
        assert foreign == []
        assert eyes.noise == []


CHOSEN: dict[str, Any] = {
    "static_select": "b",
    "multi_static_select": ["b"],
    "radio_buttons": "b",
    "checkboxes": ["a", "b"],
    "users_select": "U0BRUNO001",
    "multi_users_select": ["U0ANA00001", "U0CHIDI001"],
    "channels_select": "general",
    "multi_channels_select": ["general"],
    "conversations_select": "general",
    "multi_conversations_select": ["partners"],
    "datepicker": "2027-01-31",
    "timepicker": "23:59",
    "datetimepicker": 1_800_000_000,
    "plain_text_input": "two\nlines <b>",
    "email_text_input": "ana@team.example",
    "url_text_input": "https://a.example/?x=1&y=2",
    "number_input": "-3",
}
"""What somebody gives instead of what stands there, by the kind of input."""
FILLED = frozenset(
    {"static_select", "multi_static_select", "radio_buttons", "checkboxes", "users_select", "datepicker", "timepicker",
     "datetimepicker", "plain_text_input", "number_input"}
)  # fmt: skip
FIRST: dict[str, Json] = {
    "static_select": {"initial_option": option("a")},
    "checkboxes": {"initial_options": [option("a")]},
    "datetimepicker": {"initial_date_time": 1_700_000_001},
}
"""What stands there at first, where `EVERY_ELEMENT` has nothing."""


def every_input() -> list[Json]:
    return [
        field(f"b-{kind}", {**EVERY_ELEMENT[kind], **FIRST.get(kind, {})}, optional=kind not in FILLED)
        for kind in CHOSEN
    ]


def sent(bot: StubBot) -> Json:
    """`state.values` of the only form that the bot was sent."""
    (payload,) = (each.payload for each in bot.received if each.payload.get("type") == "view_submission")
    values: Json = payload["view"]["state"]["values"]
    return values


async def test_a_form_that_nobody_touched_gives_back_what_stood_there(
    slack: Slack, bot: StubBot, browser: Browser
) -> None:
    blocks = every_input()
    show_view(slack.workspace, slack.person("ana").id, modal(*blocks))
    async with watched(browser, slack.url) as eyes:
        await eyes.page.goto(at(slack, "ana", "general"))
        await eyes.page.get_by_role("button", name="Send", exact=True).last.click()
        await expect(eyes.page.locator("dialog.modal")).not_to_be_visible()
        assert eyes.noise == []
    assert sent(bot) == build_initial_values(blocks)


async def test_each_input_gives_what_was_chosen_or_typed(
    slack: Slack, bot: StubBot, browser: Browser
) -> None:
    blocks = every_input()
    ids = {name: slack.channel(name).id for name in ("general", "partners")}
    show_view(slack.workspace, slack.person("ana").id, modal(*blocks))
    async with watched(browser, slack.url, zone="Asia/Kolkata") as eyes:
        await eyes.page.goto(at(slack, "ana", "general"))
        for kind, given in CHOSEN.items():
            control = eyes.page.locator(f'dialog [data-kind="{kind}"]')
            if kind.endswith("_select"):
                await control.select_option(by_ids(given, ids))
            elif kind in ("radio_buttons", "checkboxes"):
                for value in given:
                    await eyes.page.locator(f'dialog [data-kind="{kind}"][value="{value}"]').check()
            elif kind == "datetimepicker":
                await control.fill("2027-01-15T13:30")
            else:
                await control.fill(given)
        await eyes.page.get_by_role("button", name="Send", exact=True).last.click()
        await expect(eyes.page.locator("dialog.modal")).not_to_be_visible()
        assert eyes.noise == []
    in_browser = sent(bot)
    bot.received.clear()
    view = show_view(slack.workspace, slack.person("ana").id, modal(*blocks))
    without = {f"b-{kind}": {f"the-{kind}": by_ids(given, ids)} for kind, given in CHOSEN.items()}
    await slack.people.submit("ana", view, without)
    assert in_browser == sent(bot)


def by_ids(given: Any, ids: dict[str, str]) -> Any:
    """Channels by their ids."""
    return [ids.get(each, each) for each in given] if isinstance(given, list) else ids.get(given, given)


async def test_how_long_ago_is_told_by_the_browsers_clock(slack: Slack, browser: Browser) -> None:
    general = slack.channel("general")
    post(slack.workspace, general, BOT_USER, "<!date^1700000000^since {time}, {ago}|then>")
    async with watched(browser, slack.url) as eyes:
        await eyes.page.goto(at(slack, "devika", general))
        await expect(eyes.page.locator(".text time")).to_have_text(
            re.compile(r"^since 03:43, [\d,]+ days ago$")
        )
