"""`docs/messages.md`: every message's text and a drawing of it, made from the templates themselves.

`python -m tests.message_book` writes it anew; a test fails when it is stale.
"""

import textwrap
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.effects import RemindOfUpdate
from bot.incident import Outcome, Status
from bot.ports import Message
from sandbox.clocks import Clocks
from sandbox.model import Channel, User
from sandbox.plain import block_lines
from sandbox.wording import readable
from sandbox.workspace import BOT_USER, TEAM, Workspace
from templates import (
    alert,
    answers,
    checklist,
    history,
    home,
    modals,
    notices,
    playbook,
    resolution,
    roles,
    updates,
)
from templates.view import View
from tests.templates import worlds

BOOK = Path(__file__).resolve().parent.parent / "docs" / "messages.md"
WIDTH = 46
"""Characters on a line of a phone."""

NAMES = {"U0ANA": "Ana", "U0BRUNO": "Bruno", "U0DEVIKA": "Devika", "U0CHIDI": "Chidi"}
HEAD = """# Messages

Every message, as it is sent: its plain text (for notifications and screen readers) and a drawing of its blocks at a
phone's width. Made from the templates by `python -m tests.message_book`; a test fails when this page is stale.
Times are shown in the reader's zone, here UTC.
"""


def book() -> str:
    """The whole page."""
    workspace = _workspace()
    parts = [HEAD]
    for title, message in _messages():
        parts.append(f"## {title}\n")
        if isinstance(message, Message):
            text = readable(workspace, message.text).strip()
            parts.append(f"{textwrap.indent(_short(text), '> ', lambda line: True)}\n")
            blocks: Any = message.blocks
        else:
            blocks = message["blocks"]
        lines = _wrapped(block_lines(workspace, blocks, "UTC", {}))
        parts.append("```text\n" + "\n".join(_boxed(lines)) + "\n```\n")
    return "\n".join(parts)


def _messages() -> Iterator[tuple[str, Message | dict[str, Any]]]:
    view = worlds.view()
    declared = {"severity": "P0", "title": view.incident.title, "called": "CTO, DevOps Lead", "missing": "",
                "everyone": "all hands", "similar": "41"}  # fmt: skip
    yield "The direct message of a page", alert.page(view, "U0DEVIKA")
    yield "The alert in the incident's channel", alert.alert(view)
    yield "The alert in the incidents channel", alert.announcement(view)
    missing = (("On-Call Engineer", "no Slack handle"),)
    yield "People are called in the channel", alert.mention(view, ("U0BRUNO", "U0DEVIKA"), missing)
    for part in playbook.playbook_messages(view):
        yield "The playbook", part
    yield "The answer to who declared", answers.answer(Outcome("declared", 42, declared), view.situation)
    yield "An update is due", updates.reminder(view, _reminder(view, 0, 0))
    yield "An update is due after downtime", updates.reminder(view, _reminder(view, 0, 2))
    yield "An update is overdue, for everybody in the channel", updates.reminder(view, _reminder(view, 2, 0))
    overdue = {"minutes": "11", "commander": "U0ANA", "missed": "0"}
    yield "An update is overdue, in the incidents channel", notices.told(view, "update_overdue", overdue)
    posted = worlds.posted()
    yield "A status update", updates.update(view, posted)
    watched = worlds.posted(status=Status.MONITORING)
    yield "A status update while it is watched", updates.published_update(view, watched)
    over = worlds.views()["resolved"]
    yield "The resolution", resolution.resolution(over)
    yield "The checklist", checklist.checklist(over)
    yield "Items still open at the end of a window", checklist.checklist_reminder(over, 3600)
    yield "Command is offered", roles.offer(view, "U0BRUNO", "U0ANA")
    yield (
        "A shift hands over",
        roles.offer(view, "U0BRUNO", "U0ANA", "The rollback runs. Look at the error rate."),
    )
    yield (
        "A page could not be delivered",
        notices.notice(
            view,
            "page_failed",
            {"contact": "CTO", "why": "Slack refused chat.postMessage: channel_not_found"},
        ),
    )
    yield "The timeline", history.timeline(view)
    yield "For who comes late", history.catchup(view)
    yield "The database is away", answers.store_away(view.runbook, in_doubt=False)
    yield "A near miss", answers.unknown_word("reslove", "resolve")
    yield "Help", answers.help()
    yield "The declare form", modals.declare(view.runbook, severity="p0", title="", origin="C0")
    yield "The update form", modals.update(view, text="", notice="")
    moment = view.incident.declared_at + timedelta(hours=24)
    yield "The resolve form", modals.resolve(view, text="", postmortem=moment)
    yield "The home", home.home("U0ANA", [view.incident], [(over.incident, 11)])


def _reminder(view: View, stage: int, missed: int) -> RemindOfUpdate:
    promised = view.incident.next_update_at
    assert promised is not None
    draft = "Acknowledged, people are on it."
    return RemindOfUpdate(
        incident=42, promise=int(promised.timestamp()), stage=stage, missed=missed, draft=draft
    )


def _workspace() -> Workspace:
    workspace = Workspace(Clocks())
    for id, name in NAMES.items():
        workspace.users[id] = User(id, name.casefold(), name, "", TEAM)
    channel = worlds.view().incident.channel
    if channel is not None:
        workspace.channels[channel] = Channel(channel, "inc-42-api-is-down", BOT_USER, 0)
    return workspace


def _short(text: str) -> str:
    lines = text.splitlines()
    return "\n".join([*lines[:4], "…"] if len(lines) > 5 else lines)


def _wrapped(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(line, WIDTH, drop_whitespace=False, replace_whitespace=False) or [""]


def _boxed(lines: Iterator[str]) -> Iterator[str]:
    yield "┌" + "─" * (WIDTH + 2) + "┐"
    for line in lines:
        yield f"│ {line.ljust(WIDTH)} │"
    yield "└" + "─" * (WIDTH + 2) + "┘"


if __name__ == "__main__":
    BOOK.write_text(book(), encoding="utf-8")
