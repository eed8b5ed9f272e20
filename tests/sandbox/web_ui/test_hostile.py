"""Whatever people, the bot or a program write: the page shows it as text, and it goes on for everybody."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from sandbox.slack.block_kit.block_schemas import SURFACES
from sandbox.slack.jsontext import read_json
from sandbox.slack.view_state import build_initial_values
from sandbox.slack.workspace import Workspace
from sandbox.slack.workspace_model import Ephemeral, User, WorkspaceView
from sandbox.web_ui import rendering
from sandbox.web_ui.block_html import render_blocks
from sandbox.web_ui.mrkdwn import render_mrkdwn
from sandbox.web_ui.viewer import ReaderContext
from tests.samples import examples
from tests.sandbox.blocks import EVERY_BLOCK, EVERY_ELEMENT, code, field
from tests.sandbox.browsing import Window, slack_with_page
from tests.sandbox.markup import Found
from tests.sandbox.web_ui.test_drawing import peopled, said

Json = dict[str, Any]

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//http://a.example",
    "\tjavascript:alert(1)",
    "<javascript:alert(1)|click>",
    "[click](javascript:alert(1)) [d](data:text/html,<script>) ![p](http://a.example/p.png) <b>b</b>",
    "data:text/html,<script>alert(1)</script>",
    "data:image/png;base64,x\" onerror=\"alert(1)",
    "<data:text/html,x|y>",
    "http://[",
    "<http://[|x>",
    "//a.example/x",
    "*<b>*",
    "*a _b* c_ ~d *e~ f*",
    "_</em><svg/onload=alert(1)>_",
    "`</code><script>`",
    "```</pre><iframe src=x>```",
    "```\n&gt; *a*\n``` &gt; `",
    "&gt;&gt;&gt; *a\n<b>* ```x```",
    "&lt;script&gt;&amp;lt;b&amp;gt;&#60;i&#62;&quot;",
    '<https://x/"onmouseover="alert(1)|a>',
    "https://x/'><script> (https://a.example/?a=1&amp;b=2).",
    '<@U0"><script>>',
    "<#C0|<b>> <!subteam^S|\"><b>> <!here|x> <!\"><b>>",
    "<!date^1^{date}^javascript:x|y>",
    "<!date^1700000000^{date}^http://[|y>",
    "<!date^253402300799^{date_long} {ago}|later>",
    "<!date^99999999999999999^{ago}|later>",
    "<!date^1700000000^a\"><b>{ago}</b>|later>",
    "\u202egnp.exe \u2066\u200f",
    "\ue0000\ue001 \x00 \x0b \x1b[31m",
    ":<b>: :x: :+1::skin-tone-2:",
    "*" * 500,
    "<" * 500,
    "`" * 501,
    "&gt;" * 500,
    "W" * 2000,
)  # fmt: skip
MEANING = frozenset({"type", "style", "level", "range"})
"""Keys whose words choose among what Slack knows."""

fragments = st.lists(
    st.one_of(
        st.sampled_from(HOSTILE[:34]),
        st.text(alphabet="<>&;|*_~`:@#!^\"'= \nab/\ue000\ue0010", max_size=12),
        st.sampled_from(("*", "_", "~", "`", "```", "&gt;", "\n", "<@U0ANA00001>", ":eyes:", "<https://a.example|")),
    ),
    max_size=8,
).map("".join)  # fmt: skip


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return peopled()


@pytest.fixture(scope="module")
def devika(workspace: Workspace) -> User:
    """East of Greenwich, where the last instant of the calendar is over already."""
    return workspace.users["U0DEVIKA01"]


def with_words(value: Any, text: str, key: str = "") -> Any:
    """The same shape with these words in every place that has words."""
    if isinstance(value, dict):
        return {name: with_words(each, text, name) for name, each in value.items()}
    if isinstance(value, list):
        return [with_words(each, text) for each in value]
    return text if isinstance(value, str) and key not in MEANING else value


def each_place(value: Any, text: str, key: str = "") -> Iterator[Any]:
    """The same shape with these words in one place after the other."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from ({**value, name: each} for each in each_place(part, text, name))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from ([*value[:place], each, *value[place + 1 :]] for each in each_place(part, text))
    elif isinstance(value, str) and key not in MEANING:
        yield text


def accepted(surface: str, block: Json) -> bool:
    """Whether the stand-in would take this block at all."""
    found: list[str] = []
    SURFACES[surface][1](block, "", found)
    return not found


def shown(workspace: Workspace, reader: User, block: Json) -> Iterator[str]:
    """The block on every surface that takes it."""
    if accepted("message", block):
        yield rendering.render_message(workspace, said(workspace, "", block), reader)
        whispered = Ephemeral(reader.id, next(iter(workspace.channels)), "1700000000.000200", "", (block,))
        yield rendering.render_message(workspace, whispered, reader)
    for kind, drawn in (("modal", rendering.render_view), ("home", rendering.render_home)):
        if accepted(kind, block):
            payload = {"type": kind, "title": {"type": "plain_text", "text": "A window"}, "blocks": [block]}
            errors = {block["block_id"]: "<b>"} if block["type"] == "input" else {}
            view = WorkspaceView(
                "V1", reader.id, payload, "h", "V1", values=build_initial_values([block]), errors=errors
            )
            yield drawn(workspace, view, reader)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_words_make_anything_but_text(workspace: Workspace, devika: User, text: str) -> None:
    for message in (
        said(workspace, text),
        Ephemeral(devika.id, next(iter(workspace.channels)), "1700000000.000200", text),
    ):
        assert Found(rendering.render_message(workspace, message, devika)).foreign() == []
    assert (
        Found(render_blocks(ReaderContext(workspace, devika), [{"type": "markdown", "text": text}])).foreign()
        == []
    )


@pytest.mark.parametrize("kind", sorted(EVERY_BLOCK))
def test_no_place_in_a_block_lets_anything_through(workspace: Workspace, devika: User, kind: str) -> None:
    drawn = 0
    for text in HOSTILE:
        for block in (with_words(EVERY_BLOCK[kind], text), *each_place(EVERY_BLOCK[kind], text)):
            for html in shown(workspace, devika, block):
                assert Found(html).foreign() == [], block
                html.encode()
                drawn += 1
    assert drawn >= len(HOSTILE)


@pytest.mark.parametrize("kind", sorted(EVERY_ELEMENT.keys() - {"button", "image", "overflow"}))
def test_no_place_in_an_input_lets_anything_through(workspace: Workspace, devika: User, kind: str) -> None:
    whole = field("b", EVERY_ELEMENT[kind], hint={"type": "plain_text", "text": "hint"})
    for text in HOSTILE:
        for block in each_place(whole, text):
            for html in shown(workspace, devika, block):
                assert Found(html).foreign() == [], block


@settings(max_examples=examples(300))
@given(fragments)
@example("*a _b* c_")
@example("`a` *b* ```c")
def test_no_marks_make_anything_else(text: str) -> None:
    made = peopled()
    assert Found(render_mrkdwn(ReaderContext(made, made.users["U0ANA00001"]), text)).foreign() == []


@settings(max_examples=examples(200))
@given(
    st.text(
        alphabet=st.characters(exclude_characters="*_~`<>&:\ue000\ue001\r", exclude_categories=["Cs", "Cc"])
    )
)
def test_text_without_marks_is_shown_as_it_is(text: str) -> None:
    made = peopled()
    assert Found(render_mrkdwn(ReaderContext(made, made.users["U0ANA00001"]), text)).text == text


@settings(max_examples=examples(100))
@given(st.dictionaries(st.sampled_from(sorted(EVERY_BLOCK)), fragments, min_size=1, max_size=3))
def test_blocks_of_any_words_draw_nothing_else(words: dict[str, str]) -> None:
    made = peopled()
    for kind, text in words.items():
        for html in shown(made, made.users["U0DEVIKA01"], with_words(EVERY_BLOCK[kind], text)):
            assert Found(html).foreign() == []


def test_the_longest_message_of_nothing_but_marks_is_drawn_at_once(
    workspace: Workspace, devika: User
) -> None:
    for unit in ("*a* ", "*a", "_a _", "`a", "<a", "&gt;\n", "```a", ":a", "https://a.example/", "*_~a"):
        text = (unit * 40_000)[:40_000]
        found = Found(rendering.render_message(workspace, said(workspace, text), devika))
        assert found.foreign() == []


def test_half_a_character_in_json_becomes_one_that_can_be_written() -> None:
    assert read_json('{"a": ["x\\ud83d", "\\ud83d\\udd14", "\\u00e9"]}') == {"a": ["x?", "🔔", "é"]}


async def test_one_persons_broken_character_does_not_close_the_page_for_the_others() -> None:
    async with slack_with_page() as slack, aiohttp.ClientSession() as http:
        general = slack.channel("general")
        await Window(slack, "ana", http, general.id).act("say", text="half \ud83d of it")
        assert general.messages[list(general.messages)[-1]].text == "half ? of it"
        assert "half ? of it" in await Window(slack, "bruno", http, general.id).page()


BENT: tuple[tuple[str, Callable[[Json], Json]], ...] = (
    ("style", lambda part: {**part, "style": "bold"}),
    ("style", lambda part: {**part, "style": {"bold": "yes"}}),
    ("timestamp", lambda part: {"type": "date", "timestamp": "soon", "format": "{date}"}),
)


@pytest.mark.parametrize(("name", "bend"), BENT)
async def test_rich_text_in_other_shapes_is_refused_as_slack_refuses_it(
    slack: Slack, client: AsyncWebClient, name: str, bend: Callable[[Json], Json]
) -> None:
    part = bend({"type": "text", "text": "words"})
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [part]}]}
    with pytest.raises(SlackApiError) as refusal:
        await client.chat_postMessage(
            channel=slack.channel("general").id, text="x", blocks=json.dumps([block])
        )
    assert code(refusal.value) == "invalid_blocks"
    assert name in str(refusal.value)
