"""What the page shows of messages and windows: everything that Slack knows, and nothing that somebody smuggles in."""

from typing import Any

import pytest

from sandbox.slack.block_kit.block_schemas import BLOCKS
from sandbox.slack.block_kit.elements import ELEMENTS, IN_INPUT
from sandbox.slack.clocks import Clocks
from sandbox.slack.seed_users import seed
from sandbox.slack.view_state import KEYS, build_initial_values, fill_values
from sandbox.slack.workspace import BOT_USER, Workspace
from sandbox.slack.workspace_model import User, WorkspaceMessage, WorkspaceView
from sandbox.web_ui import rendering
from sandbox.web_ui.mrkdwn import render_mrkdwn
from sandbox.web_ui.viewer import ReaderContext
from tests.sandbox.blocks import EVERY_BLOCK, EVERY_ELEMENT, field
from tests.sandbox.markup import Found
from tests.templates.drawn import forms, homes, messages
from tests.templates.worlds import views as worlds

CHOOSING = {each for each in IN_INPUT if each.endswith("_select")} - {"external_select"} | {
    "radio_buttons",
    "checkboxes",
}


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


def said(workspace: Workspace, text: str, *blocks: dict[str, Any]) -> WorkspaceMessage:
    return WorkspaceMessage(
        workspace.channels[next(iter(workspace.channels))].id, "1700000000.000100", BOT_USER, text, blocks
    )


def view_of(blocks: list[dict[str, Any]], **more: Any) -> WorkspaceView:
    payload = {"type": "modal", "title": {"type": "plain_text", "text": "A window"}, "blocks": blocks}
    return WorkspaceView("V1", "U0ANA00001", payload, "h", "V1", values=build_initial_values(blocks), **more)


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_every_kind_of_block_is_drawn(workspace: Workspace, ana: User, kind: str) -> None:
    block = EVERY_BLOCK[kind]
    html = rendering.render_message(workspace, said(workspace, "", block), ana)
    if kind in ("input", "alert"):
        html = rendering.render_view(workspace, view_of([block]), ana)
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
    found = Found(rendering.render_view(workspace, view, ana))
    assert found.foreign() == []
    controls = [
        each for tag, each in found.tags if tag in ("input", "select", "textarea") and "data-kind" in each
    ]
    assert controls
    assert {control["data-kind"] for control in controls} == {kind}
    assert {(control["data-block"], control["data-action"]) for control in controls} == {
        ("b", EVERY_ELEMENT[kind]["action_id"])
    }
    offered = [each["value"] for tag, each in found.tags if tag == "option" and each.get("value")]
    if kind in ("radio_buttons", "checkboxes"):
        offered = [control["value"] for control in controls]
    assert bool(offered) == (kind in CHOOSING)
    key, action = KEYS[kind][0], EVERY_ELEMENT[kind]["action_id"]
    for given in offered:
        several = key.endswith("s")
        filled = fill_values([block], view.values, {"b": {action: [given] if several else given}})["b"][
            action
        ][key]
        assert [given] == [
            each["value"] if isinstance(each, dict) else each for each in (filled if several else [filled])
        ]


def test_marks_mean_what_they_mean_in_slack(workspace: Workspace, ana: User) -> None:
    def drawn(text: str) -> str:
        return str(render_mrkdwn(ReaderContext(workspace, ana), text))

    assert drawn("*a* _b_ ~c~ `*d*`") == "<strong>a</strong> <em>b</em> <s>c</s> <code>*d*</code>"
    assert drawn("2 * 3 * 4 snake_case_name") == "2 * 3 * 4 snake_case_name"
    assert drawn("&gt; one\n&gt; two\nthree") == "<blockquote>one<br>two</blockquote>three"
    assert drawn("```a\n<b>```") == "<pre>a\n&lt;b&gt;</pre>"
    assert 'class="mention me">@Ana Duarte<' in drawn("<@U0ANA00001>")
    assert 'class="mention">@Bruno Keller<' in drawn("<@U0BRUNO001|bruno>")
    assert 'href="https://a.example/?x=1&amp;y=2"' in drawn("<https://a.example/?x=1&amp;y=2|the graph>")
    assert "<a" not in drawn("<javascript:alert(1)|click>")
    assert drawn("*a _b* c_") == "<strong>a _b</strong> c_"
    assert drawn("*a _b_ c*") == "<strong>a <em>b</em> c</strong>"
    assert drawn("a\n&gt;&gt;&gt; b\nc") == "a<blockquote>b<br>c</blockquote>"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://a.example/x_y_z?a=1&amp;b=2.", "https://a.example/x_y_z?a=1&amp;b=2"),
        ("(http://a.example:8080/:x:)", "http://a.example:8080/:x"),
        ("&lt;https://a.example&gt;", "https://a.example"),
    ],
)
def test_an_address_in_a_text_is_a_link(workspace: Workspace, ana: User, text: str, address: str) -> None:
    html = str(render_mrkdwn(ReaderContext(workspace, ana), text))
    assert f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>' in html
    assert Found(html).text == text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_how_long_ago_stands_apart_for_the_page_to_keep(workspace: Workspace, ana: User) -> None:
    html = render_mrkdwn(ReaderContext(workspace, ana), "<!date^1700000000^{time} ({ago})|then>")
    assert ">22:13 (<span data-ago>22:13</span>)</time>" in html


def test_times_are_those_of_who_reads(workspace: Workspace) -> None:
    message = said(workspace, "<!date^1700000000^{date_num} {time}|then>")
    lisbon = rendering.render_message(workspace, message, workspace.users["U0ANA00001"])
    kolkata = rendering.render_message(workspace, message, workspace.users["U0DEVIKA01"])
    assert "2023-11-14 22:13" in lisbon
    assert "2023-11-15 03:43" in kolkata


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("{date_num}", "2023-11-15"),
        ("{date}", "November 15th, 2023"),
        ("{date_short}", "Nov 15, 2023"),
        ("{date_long}", "Wednesday, November 15th, 2023"),
        ("{date_long_full}", "November 15, 2023"),
        ("{date_short_pretty} {time}", "Nov 15, 2023 03:43"),
        ("{date_pretty} {time_secs}", "November 15th, 2023 03:43:20"),
    ],
)
def test_each_form_of_a_date_is_that_of_slack(workspace: Workspace, form: str, words: str) -> None:
    devika = ReaderContext(workspace, workspace.users["U0DEVIKA01"])
    assert Found(render_mrkdwn(devika, f"<!date^1700000000^{form}|then>")).text == words


@pytest.mark.parametrize(("days", "word"), [(-1, "yesterday"), (0, "today"), (1, "tomorrow")])
def test_days_that_are_near_have_names(workspace: Workspace, days: int, word: str) -> None:
    devika = ReaderContext(workspace, workspace.users["U0DEVIKA01"])
    at = int(workspace.clocks.now()) + days * 86_400
    assert f">since {word} at " in render_mrkdwn(
        devika, f"<!date^{at}^since {{date_short_pretty}} at {{time}}|then>"
    )
    assert f">{word.capitalize()}<" in render_mrkdwn(devika, f"<!date^{at}^{{date_pretty}}|then>")
    assert f">{word}<" in render_mrkdwn(devika, f"<!date^{at}^\u200b{{date_pretty}}|then>")
    assert word not in render_mrkdwn(devika, f"<!date^{at}^{{date_short}}|then>")
    assert word not in render_mrkdwn(devika, f"<!date^{at + 3 * 86_400}^{{date_pretty}}|then>")


def test_a_private_channel_is_not_named_to_who_is_not_in_it(workspace: Workspace, ana: User) -> None:
    secret = workspace.new_channel("secret-layoffs", "U0BRUNO001", members=["U0BRUNO001"])
    secret.is_private = True
    assert "layoffs" not in rendering.render_message(workspace, said(workspace, f"see <#{secret.id}>"), ana)
    assert "layoffs" in rendering.render_message(
        workspace, said(workspace, f"see <#{secret.id}>"), workspace.users["U0BRUNO001"]
    )


def test_an_error_stands_beside_its_field_and_is_tied_to_it(workspace: Workspace, ana: User) -> None:
    block = field("b", EVERY_ELEMENT["plain_text_input"])
    found = Found(
        rendering.render_view(workspace, view_of([block], errors={"b": "Write <b>something</b>."}), ana)
    )
    (control,) = [each for tag, each in found.tags if tag in ("input", "textarea")]
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] in [each.get("id") for tag, each in found.tags if tag == "p"]
    assert "Write <b>something</b>." in found.text


def test_everything_that_tocsin_says_is_drawn(workspace: Workspace, ana: User) -> None:
    shown = 0
    for world in worlds().values():
        for name, message in messages(world):
            html = rendering.render_message(workspace, said(workspace, message.text, *message.blocks), ana)
            assert "is not drawn here" not in html, name
            assert Found(html).foreign() == [], name
            shown += 1
        for name, form in [*forms(world), *homes(world)]:
            view = WorkspaceView("V1", ana.id, form, "h", "V1", values=build_initial_values(form["blocks"]))
            html = (
                rendering.render_view(workspace, view, ana)
                if form["type"] == "modal"
                else rendering.render_home(workspace, view, ana)
            )
            assert "is not drawn here" not in html, name
            assert Found(html).foreign() == [], name
            shown += 1
    assert shown > 100


def test_every_element_is_known() -> None:
    assert set(EVERY_ELEMENT) == set(ELEMENTS)
    assert set(EVERY_BLOCK) == set(BLOCKS)
