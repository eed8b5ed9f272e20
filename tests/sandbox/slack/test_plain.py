"""Messages and modals as lines for a terminal."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from sandbox.slack.mrkdwn_text import render_readable
from sandbox.slack.plain_text import render_message_lines, render_view_lines
from tests.sandbox.blocks import actions, button, field, modal, option, plain, section
from tests.sandbox.stub_bot import StubBot


async def test_marks_become_names_times_and_links(slack: Slack) -> None:
    general = slack.channel("general").id
    text = f"<@U0ANA00001> in <#{general}> &lt;b&gt; <!here> <https://x.example|page> "
    date = "<!date^1900000000^{date_short} at {time}|later>"
    assert (
        render_readable(slack.workspace, text)
        == "@Ana Duarte in #general <b> @here page (https://x.example) "
    )
    assert render_readable(slack.workspace, date, "Asia/Kolkata") == "Mar 17, 2030 at 23:16"


async def test_every_block_has_its_line(slack: Slack, client: AsyncWebClient) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    rich: dict[str, Any] = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U0ANA00001"}]}
                ],
            },
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
        ],
    }
    rows = [[{"type": "raw_text", "text": each} for each in row] for row in (("when", "what"), ("now", "x"))]
    blocks = [
        {"type": "header", "text": plain("P0")},
        section("*down* <@U0ANA00001>", fields=[plain("one")], accessory=button("b", text="More")),
        {"type": "divider"},
        {"type": "context", "elements": [plain("small"), {"type": "mrkdwn", "text": "<!here>"}]},
        actions(button("ack", text="Acknowledge"), button("res", text="Resolve")),
        {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a chart"},
        rich,
        {"type": "table", "rows": rows},
    ]
    await client.chat_postMessage(channel=made.id, text="fallback", blocks=blocks)
    assert render_message_lines(slack.workspace, slack.messages(made)[-1]) == [
        "━ P0",
        "*down* @Ana Duarte",
        "  one",
        "[More]",
        "─" * 40,
        "small  @here",
        "[Acknowledge]  [Resolve]",
        "[image: a chart]",
        "1. @Ana Duarte",
        "> said",
        "when │ what",
        "now  │ x",
    ]


@pytest.mark.usefixtures("bot")
async def test_a_modal_shows_what_is_filled_in_and_what_is_wrong(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    view = modal(
        field("What", {"type": "plain_text_input", "action_id": "t"}),
        field(
            "How bad", {"type": "static_select", "action_id": "s", "options": [option("p0")]}, optional=True
        ),
        close=plain("Cancel"),
    )
    trigger = (await slack.people.command("ana", "general", "/incident")).trigger_id
    await client.views_open(trigger_id=trigger, view=view)
    shown = slack.open_view("ana")
    assert shown is not None
    bot.answers({"response_action": "errors", "errors": {"What": "Say more"}})
    await slack.people.submit("ana", shown, {"What": {"t": "x"}})
    assert render_view_lines(slack.workspace, shown) == [
        "┌ Title",
        "│ What: x",
        "│   ✗ Say more",
        "│ How bad (optional): …",
        "│   choices: P0",
        "└ [Send] [Cancel]",
    ]
