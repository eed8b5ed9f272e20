"""What the page shows of messages and windows: everything that Slack knows, and nothing that somebody smuggles in."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.blockkit import BLOCKS
from sandbox.clocks import Clocks
from sandbox.elements import ELEMENTS, IN_INPUT
from sandbox.model import Ephemeral, Message, User, View
from sandbox.page import draw
from sandbox.page.mrkdwn import mrkdwn
from sandbox.page.reading import Reading
from sandbox.seed import seed
from sandbox.state import KEYS, fill, initial_values
from sandbox.workspace import BOT_USER, Workspace
from tests.sandbox.blocks import EVERY_BLOCK, EVERY_ELEMENT, field
from tests.templates.drawn import forms, homes, messages
from tests.templates.worlds import views as worlds

ALLOWED = {
    "a": {"class", "href", "target", "rel"},
    "article": {"class", "data-channel", "data-ts", "data-ephemeral"},
    "button": {"type", "class", "title", "aria-label", "data-"},
    "details": {"class"},
    "div": {"class", "tabindex", "role", "aria-label", "data-"},
    "fieldset": {"class", "aria-invalid", "aria-describedby", "data-"},
    "form": {"novalidate", "aria-labelledby", "data-"},
    "img": {"src", "alt"},
    "input": {"type", "id", "name", "value", "checked", "required", "placeholder", "minlength", "maxlength", "min",
              "max", "step", "autofocus", "aria-invalid", "aria-describedby", "aria-label", "data-"},
    "label": {"class", "for"},
    "ol": {"class", "start"},
    "optgroup": {"label"},
    "option": {"value", "selected"},
    "p": {"class", "id", "role"},
    "select": {"id", "multiple", "required", "aria-invalid", "aria-describedby", "aria-label", "data-"},
    "span": {"class", "role", "aria-label", "aria-hidden"},
    "summary": {"aria-label"},
    "textarea": {"id", "rows", "required", "placeholder", "minlength", "maxlength", "autofocus", "aria-invalid",
                 "aria-describedby", "aria-label", "data-"},
    "th": {"scope"},
    "time": {"datetime", "title", "data-ago"},
    "h2": {"id"},
    "ul": {"class"},
}  # fmt: skip
BARE = frozenset(
    {
        *(
            "b",
            "blockquote",
            "br",
            "code",
            "em",
            "figcaption",
            "figure",
            "footer",
            "h1",
            "h3",
            "h4",
            "h5",
            "h6",
        ),
        *(
            "header",
            "hr",
            "legend",
            "li",
            "pre",
            "s",
            "small",
            "strong",
            "table",
            "tbody",
            "td",
            "thead",
            "tr",
        ),
    }
)
SAFE_LINKS = ("http://", "https://", "mailto:", "tel:", "slack:", "/?")
HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<javascript:alert(1)|click>",
    "<data:text/html,x|y>",
    "*<b>*", "_</em><svg/onload=alert(1)>_", "`</code><script>`", "```</pre><iframe src=x>```", "&lt;script&gt;",
    "&amp;lt;b&amp;gt;", "<https://x/\"onmouseover=\"alert(1)|a>", "<@U0\"><script>>",
    "<!date^1^{date}^javascript:x|y>",
    "<!date^99999999999999999^{ago}|later>", "\u202egnp.exe", "\ue0000\ue001", ":<b>:", "&gt; <script>", "*" * 500,
)  # fmt: skip


class Found(HTMLParser):
    """The elements and attributes of a piece of HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def foreign(self) -> list[str]:
        """What is not on the list of what the page draws."""
        wrong = []
        for tag, attributes in self.tags:
            allowed: set[str] | None = set() if tag in BARE else ALLOWED.get(tag)
            if allowed is None:
                wrong.append(tag)
                continue
            for name, value in attributes.items():
                if name not in allowed and not (name.startswith("data-") and "data-" in allowed):
                    wrong.append(f"{tag} {name}")
                if name == "href" and not (value or "").startswith(SAFE_LINKS):
                    wrong.append(f"{tag} {name}={value}")
                if name == "src" and not (value or "").startswith(("data:image/", "/static/")):
                    wrong.append(f"{tag} {name}={value}")
        return wrong


def peopled() -> Workspace:
    """A workspace with the people that it begins with."""
    made = Workspace(Clocks())
    seed(made)
    return made


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return peopled()


@pytest.fixture
def ana(workspace: Workspace) -> User:
    return workspace.users["U0ANA00001"]


def said(workspace: Workspace, text: str, *blocks: dict[str, Any]) -> Message:
    return Message(
        workspace.channels[next(iter(workspace.channels))].id, "1700000000.000100", BOT_USER, text, blocks
    )


def view_of(blocks: list[dict[str, Any]], **more: Any) -> View:
    payload = {"type": "modal", "title": {"type": "plain_text", "text": "A window"}, "blocks": blocks}
    return View("V1", "U0ANA00001", payload, "h", "V1", values=initial_values(blocks), **more)


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_every_kind_of_block_is_drawn(workspace: Workspace, ana: User, kind: str) -> None:
    block = EVERY_BLOCK[kind]
    html = draw.message(workspace, said(workspace, "", block), ana)
    if kind in ("input", "alert"):
        html = draw.view(workspace, view_of([block]), ana)
    assert "is not drawn here" not in html
    assert Found(html).foreign() == []
    assert Found(html).text.strip()


@pytest.mark.parametrize("kind", sorted(set(IN_INPUT) - {"file_input"}))
def test_what_an_input_shows_is_what_it_gives_back(workspace: Workspace, ana: User, kind: str) -> None:
    block = {
        "type": "input",
        "block_id": "b",
        "label": {"type": "plain_text", "text": "Which?"},
        "element": EVERY_ELEMENT[kind],
    }
    view = view_of([block])
    found = Found(draw.view(workspace, view, ana))
    assert found.foreign() == []
    controls = [
        each for tag, each in found.tags if tag in ("input", "select", "textarea") and "data-kind" in each
    ]
    assert controls
    assert {each["data-kind"] for each in controls} == {kind}
    assert {(each["data-block"], each["data-action"]) for each in controls} == {
        ("b", EVERY_ELEMENT[kind]["action_id"])
    }
    chosen: Any = next(iter(view.values["b"].values())).get(KEYS[kind][0])
    offered = [each["value"] for tag, each in found.tags if tag == "option" and each.get("value")]
    if kind in ("radio_buttons", "checkboxes"):
        offered = [each["value"] for each in controls]
    if offered:
        several = KEYS[kind][0].endswith("s")
        fill(
            [block],
            view.values,
            {"b": {EVERY_ELEMENT[kind]["action_id"]: offered[:1] if several else offered[0]}},
        )
        assert isinstance(chosen, list) == several or chosen is None or not several


@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_writes_stays_text(workspace: Workspace, ana: User, text: str) -> None:
    plain = {"type": "plain_text", "text": text[:75]}
    blocks = (
        {"type": "section", "block_id": text[:255], "text": {"type": "mrkdwn", "text": text}},
        {"type": "header", "text": plain},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "text", "text": text}, {"type": "link", "url": text, "text": text},
            {"type": "date", "timestamp": 1700000000, "format": text, "url": text, "fallback": text},
            {"type": "emoji", "name": text, "unicode": text}, {"type": "user", "user_id": text}]}]},
        {"type": "image", "image_url": text, "alt_text": text},
        {"type": "markdown", "text": text},
        {"type": "table", "rows": [[{"type": "raw_text", "text": text}]]},
        {"type": "actions", "elements": [
            {"type": "button", "text": plain, "action_id": text, "value": text, "url": text, "style": "danger"}]},
    )  # fmt: skip
    for html in (
        draw.message(workspace, said(workspace, text), ana),
        draw.message(workspace, said(workspace, "", *blocks), ana),
    ):
        assert Found(html).foreign() == []
    whispered = Ephemeral(ana.id, next(iter(workspace.channels)), "1700000000.000200", text)
    assert Found(draw.message(workspace, whispered, ana)).foreign() == []


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="<>&;|*_~`:@#!^\"'= \nab/\ue000\ue0010", max_size=80))
def test_no_marks_make_anything_else(text: str) -> None:
    made = peopled()
    assert Found(mrkdwn(Reading(made, made.users["U0ANA00001"]), text)).foreign() == []


def test_marks_mean_what_they_mean_in_slack(workspace: Workspace, ana: User) -> None:
    def drawn(text: str) -> str:
        return str(mrkdwn(Reading(workspace, ana), text))

    assert drawn("*a* _b_ ~c~ `*d*`") == "<strong>a</strong> <em>b</em> <s>c</s> <code>*d*</code>"
    assert drawn("2 * 3 * 4 snake_case_name") == "2 * 3 * 4 snake_case_name"
    assert drawn("&gt; one\n&gt; two\nthree") == "<blockquote>one<br>two</blockquote>three"
    assert drawn("```a\n<b>```") == "<pre>a\n&lt;b&gt;</pre>"
    assert 'class="mention me">@Ana Duarte<' in drawn("<@U0ANA00001>")
    assert 'class="mention">@Bruno Keller<' in drawn("<@U0BRUNO001|bruno>")
    assert 'href="https://a.example/?x=1&amp;y=2"' in drawn("<https://a.example/?x=1&amp;y=2|the graph>")
    assert "<a" not in drawn("<javascript:alert(1)|click>")


def test_times_are_those_of_who_reads(workspace: Workspace) -> None:
    message = said(workspace, "<!date^1700000000^{date_num} {time}|then>")
    lisbon = draw.message(workspace, message, workspace.users["U0ANA00001"])
    kolkata = draw.message(workspace, message, workspace.users["U0DEVIKA01"])
    assert "2023-11-14 22:13" in lisbon
    assert "2023-11-15 03:43" in kolkata


def test_a_private_channel_is_not_named_to_who_is_not_in_it(workspace: Workspace, ana: User) -> None:
    secret = workspace.new_channel("secret-layoffs", "U0BRUNO001", members=["U0BRUNO001"])
    secret.is_private = True
    assert "layoffs" not in draw.message(workspace, said(workspace, f"see <#{secret.id}>"), ana)
    assert "layoffs" in draw.message(
        workspace, said(workspace, f"see <#{secret.id}>"), workspace.users["U0BRUNO001"]
    )


def test_an_error_stands_beside_its_field_and_is_tied_to_it(workspace: Workspace, ana: User) -> None:
    block = field("b", EVERY_ELEMENT["plain_text_input"])
    found = Found(draw.view(workspace, view_of([block], errors={"b": "Write <b>something</b>."}), ana))
    (control,) = [each for tag, each in found.tags if tag in ("input", "textarea")]
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] in [each.get("id") for tag, each in found.tags if tag == "p"]
    assert "Write <b>something</b>." in found.text


def test_everything_that_tocsin_says_is_drawn(workspace: Workspace, ana: User) -> None:
    shown = 0
    for world in worlds().values():
        for name, message in messages(world):
            html = draw.message(workspace, said(workspace, message.text, *message.blocks), ana)
            assert "is not drawn here" not in html, name
            assert Found(html).foreign() == [], name
            shown += 1
        for name, form in [*forms(world), *homes(world)]:
            view = View("V1", ana.id, form, "h", "V1", values=initial_values(form["blocks"]))
            html = (
                draw.view(workspace, view, ana)
                if form["type"] == "modal"
                else draw.home(workspace, view, ana)
            )
            assert "is not drawn here" not in html, name
            assert Found(html).foreign() == [], name
            shown += 1
    assert shown > 100


def test_every_element_is_known() -> None:
    assert set(EVERY_ELEMENT) == set(ELEMENTS)
    assert set(EVERY_BLOCK) == set(BLOCKS)
