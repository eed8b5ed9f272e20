"""What monitoring systems and people post in Slack's own markup, kept, declared from and shown to customers."""

import json
from typing import Any

import pytest

from sandbox.slack import posting
from sandbox.slack.plain_text import render_view_lines
from sandbox.slack.workspace_model import Usergroup, WorkspaceMessage
from tests.scenarios.conftest import World

ALERT = {
    "id": 1,
    "title": "[FIRING:1] HighErrorRate checkout",
    "title_link": "http://alertmanager.example/#/alerts",
    "text": "5xx above 5%\n<https://runbooks.example/errors|Runbook> for <!subteam^S0SRE00001>",
    "fallback": "[FIRING:1] HighErrorRate checkout",
}
SAYS = (
    "[FIRING:1] HighErrorRate checkout (http://alertmanager.example/#/alerts)\n"
    "5xx above 5%\nRunbook (https://runbooks.example/errors) for @sre"
)


def alerted(
    world: World, channel: str, text: str = "This content can't be displayed.", **parts: Any
) -> WorkspaceMessage:
    """A monitoring system's message: its words stand in an attachment."""
    workspace = world.slack.workspace
    workspace.usergroups["S0SRE00001"] = Usergroup("S0SRE00001", "sre", "SRE", ())
    place = world.slack.people.channel(channel)
    parts.setdefault("attachments", (ALERT,))
    return posting.post(workspace, place, world.slack.person("statusbot").id, text, **parts)


def notes(world: World) -> list[str]:
    """The texts of all notes, in order."""
    rows = world.looking.rows("select detail from timeline_entry where kind = 'note_added' order by id")
    return [row["detail"]["text"] for row in rows]


async def test_declaring_from_an_alert_without_text_fills_the_form_and_keeps_its_words(world: World) -> None:
    async with world.bot():
        said = alerted(world, "general")
        await world.slack.people.shortcut("ana", "declare_from_message", said)
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"severity": {"severity": "P1"}})
        await world.quiet()
        row = world.looking.rows("select title, channel from incident")[0]
        assert row["title"] == "[FIRING:1] HighErrorRate checkout"
        assert world.slack.channel(row["channel"]).name == "inc-1-firing-1-higherrorrate-checkout"
        assert notes(world) == [SAYS]


async def test_the_form_names_the_incidents_channel_as_soon_as_it_is_open(world: World) -> None:
    async with world.bot():
        await world.slack.people.shortcut("ana", "declare_from_message", alerted(world, "general"))
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"severity": {"severity": "P1"}})
        await world.until(
            lambda: bool(world.looking.rows("select 1 from incident where channel is not null"))
        )
        channel = world.looking.rows("select channel from incident")[0]["channel"]

        def shown() -> str:
            view = world.slack.open_view("ana")
            return "\n".join(render_view_lines(world.slack.workspace, view)) if view else ""

        await world.until(lambda: f"#{world.slack.channel(channel).name}" in shown())
        assert "INC-1 is declared: P1" in shown()
        assert "is being opened" not in shown()


async def test_a_form_that_was_closed_meanwhile_is_no_fault(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.bot():
        await world.slack.people.shortcut("ana", "declare_from_message", alerted(world, "general"))
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"severity": {"severity": "P1"}})
        shown = world.slack.open_view("ana")
        if shown is not None:
            await world.slack.people.close(shown)
        await world.quiet()
    assert not [message for message in caplog.messages if "naming the channel" in message]


async def test_an_alert_is_pinned_added_and_noticed_when_it_changes(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        pinned, added = alerted(world, channel), alerted(world, channel, text="")
        world.slack.people.react("ana", pinned, "pushpin")
        await world.until(lambda: notes(world) == [SAYS])
        await world.slack.people.shortcut("ana", "add_to_timeline", added)
        await world.until(lambda: notes(world) == [SAYS, SAYS])
        place = world.slack.people.channel(channel)
        resolved = {**ALERT, "title": "[RESOLVED] HighErrorRate checkout", "text": ""}
        posting.edit(world.slack.workspace, place, added, attachments=(resolved,))
        await world.until(lambda: world.looking.kinds(1)[-1] == "source_edited")
        detail = world.looking.rows(
            "select detail from timeline_entry where kind = 'source_edited' order by id desc"
        )[0]["detail"]
        assert detail["text"] == "[RESOLVED] HighErrorRate checkout (http://alertmanager.example/#/alerts)"
        preview = {"from_url": "https://x.example", "original_url": "https://x.example", "title": "x"}
        posting.edit(world.slack.workspace, place, pinned, attachments=(ALERT, preview))
        await world.incident("ana", "note last", channel)
        await world.until(lambda: notes(world)[-1] == "last")
        assert world.looking.kinds(1).count("source_edited") == 1


async def test_files_are_kept_by_their_names_and_links(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        link = "https://tocsin.slack.com/files/U1/F1/stack.txt"
        file = {"files": [{"id": "F1", "name": "stack.txt", "title": "stack.txt", "permalink": link}]}
        said = alerted(world, channel, "", attachments=(), subtype="file_share", extra=file)
        world.slack.people.react("ana", said, "pushpin")
        await world.until(lambda: notes(world) == [f"stack.txt ({link})"])


async def test_addresses_and_names_are_words_in_titles_channels_rooms_and_customer_text(world: World) -> None:
    async with world.bot():
        typed = (
            "declare p0 https://shop.example/pay &amp; <https://g.example/d/1|5xx board>, ask <#C0GENERAL>"
        )
        typed = typed.replace("C0GENERAL", world.slack.channel("general").id)
        await world.incident("ana", typed, escaped=False)
        await world.quiet()
        row = world.looking.rows("select title, channel from incident")[0]
        assert row["title"] == "https://shop.example/pay & 5xx board (https://g.example/d/1), ask #general"
        channel = str(row["channel"])
        assert world.slack.channel(channel).name == "inc-1-shop-example-pay-5xx-board-ask-general"
        words = f"update see <https://g.example/d/2|p99>, <@{ana(world)}> looks"
        await world.incident("ana", words, channel, escaped=False)
        await world.quiet()
        posted = world.posts(channel, "What changed")[0]
        assert "see p99 (https://g.example/d/2), @ana looks" in world.text(posted)
        links = [element["url"] for element in elements(posted.blocks) if element.get("type") == "link"]
        assert "https://g.example/d/2" in links
        await world.slack.people.click("ana", posted, "customer_copy")
        shown = json.dumps((await world.shown("ana")).payload, ensure_ascii=False)
        assert "<http" not in shown
        assert "&amp;" not in shown


def ana(world: World) -> str:
    return world.slack.person("ana").id


def elements(value: object) -> list[dict[str, Any]]:
    """Everything in blocks that has a type."""
    if isinstance(value, dict):
        own = [value] if "type" in value else []
        return own + [each for part in value.values() for each in elements(part)]
    if isinstance(value, list | tuple):
        return [each for part in value for each in elements(part)]
    return []
