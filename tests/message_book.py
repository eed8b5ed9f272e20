"""`docs/messages.md`: every message's text and a drawing of it, made from the templates themselves.

`python -m tests.message_book` writes it anew; a test fails when it is stale.
"""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.ports import SlackPayload
from sandbox.slack.clocks import Clocks
from sandbox.slack.mrkdwn_text import render_readable
from sandbox.slack.plain_text import render_block_lines
from sandbox.slack.workspace import BOT_USER, TEAM, Workspace
from sandbox.slack.workspace_model import User, WorkspaceChannel
from tests.message_samples import chapters
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
    for chapter, samples in chapters():
        parts.append(f"## {chapter}\n")
        for title, sample in samples:
            parts.append(f"### {title}\n")
            parts += _drawn(workspace, sample)
    return "\n".join(parts)


def _drawn(workspace: Workspace, sample: SlackPayload | dict[str, Any]) -> Iterator[str]:
    blocks: Any = sample.blocks if isinstance(sample, SlackPayload) else sample["blocks"]
    if isinstance(sample, SlackPayload):
        text = render_readable(workspace, sample.text).strip()
        yield f"{textwrap.indent(_short(text), '> ', lambda line: True)}\n"
    else:
        title, submit = sample.get("title", {}).get("text"), sample.get("submit", {}).get("text")
        if title:
            yield f"Form “{title}”" + (f", sent with “{submit}”\n" if submit else "\n")
    lines = _wrapped(render_block_lines(workspace, blocks, "UTC", {}))
    yield "```text\n" + "\n".join(_boxed(lines)) + "\n```\n"


def _workspace() -> Workspace:
    workspace = Workspace(Clocks())
    for id, name in NAMES.items():
        workspace.users[id] = User(id, name.casefold(), name, "", TEAM)
    channel = worlds.view().incident.channel
    if channel is not None:
        workspace.channels[channel] = WorkspaceChannel(channel, "inc-42-api-is-down", BOT_USER, 0)
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
