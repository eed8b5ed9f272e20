"""Whom a message notifies, and what a typed command becomes."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from sandbox.slack.mentions import escape_command_text
from tests.sandbox.blocks import plain, section


async def test_a_mention_notifies_members_only(slack: Slack, client: AsyncWebClient) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    ana, bruno = slack.person("ana").id, slack.person("bruno").id
    await client.chat_postMessage(channel=made.id, text=f"<@{ana}> and <@{bruno}>")
    assert slack.messages(made)[-1].pings == {ana}
    await client.conversations_invite(channel=made.id, users=[bruno])
    await client.chat_postMessage(channel=made.id, text="x", blocks=[section(f"<@{bruno}>, look")])
    assert slack.messages(made)[-1].pings == {bruno}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("<!channel> now", ["ana", "chidi", "devika"]),
        ("<!here|here>", ["ana", "chidi", "devika"]),
        ("&lt;!channel&gt; &lt;@U0ANA00001&gt;", []),
        ("@channel @ana", []),
    ],
)
async def test_a_reach_notifies_every_member_and_escaped_ones_nobody(
    slack: Slack, client: AsyncWebClient, text: str, people: list[str]
) -> None:
    made = slack.add_channel("war-room", members=["chidi", "devika", "statusbot"], with_bot=True)
    await client.chat_postMessage(channel=made.id, text=text)
    assert slack.messages(made)[-1].pings == {slack.person(each).id for each in people}


async def test_a_group_notifies_its_members_in_the_channel_and_plain_text_nobody(
    slack: Slack, client: AsyncWebClient
) -> None:
    group = slack.add_usergroup("oncall", "On call", ["chidi", "devika"])
    made = slack.add_channel("war-room", members=["chidi"], with_bot=True)
    rich = {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "usergroup", "usergroup_id": group.id}]}
        ],
    }
    await client.chat_postMessage(channel=made.id, text="x", blocks=[rich])
    assert slack.messages(made)[-1].pings == {slack.person("chidi").id}
    header = {"type": "header", "text": plain("<!channel> <@U0ANA00001>")}
    await client.chat_postMessage(channel=made.id, text="x", blocks=[header])
    assert slack.messages(made)[-1].pings == frozenset()


async def test_typed_words_arrive_escaped_with_ids_for_names(slack: Slack) -> None:
    ana, general = slack.person("ana").id, slack.channel("general").id
    typed = escape_command_text(slack.workspace, "lead @ana in #general <b> & @nobody a@ana.x")
    assert typed == f"lead <@{ana}|ana> in <#{general}|general> &lt;b&gt; &amp; @nobody a@ana.x"
    linked = escape_command_text(slack.workspace, "see https://x.example/@ana?a=1&b=2 <https://y>")
    assert linked == "see <https://x.example/@ana?a=1&amp;b=2> &lt;<https://y>&gt;"
    assert escape_command_text(slack.workspace, "@channel <!here>") == "<!channel> &lt;!here&gt;"
