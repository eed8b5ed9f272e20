"""The messages book in a stand-in: every message, form and home that people see, where the page can be opened."""

from typing import Any

from bot.ports import SlackPayload
from sandbox.slack.posting import post, show_ephemeral
from sandbox.slack.workspace import BOT_USER, TEAM, Workspace
from sandbox.slack.workspace_model import User, WorkspaceChannel
from tests.message_samples import chapters

WHISPERED = ("Only the person", "What came of a request", "Bad input")
STRANGERS = {"U0ANA": "Ana", "U0BRUNO": "Bruno", "U0DEVIKA": "Devika", "U0CHIDI": "Chidi"}
Window = tuple[str, dict[str, Any]]


def put_on_the_shelf(workspace: Workspace, reader: User) -> tuple[list[WorkspaceChannel], list[Window]]:
    """A channel for each chapter with its messages, as `reader` gets them; and what opens as a form or the home."""
    for id, name in STRANGERS.items():
        workspace.users[id] = User(id, f"{name.casefold()}-of-the-book", name, "", TEAM)
    channels, windows = [], []
    for number, (chapter, samples) in enumerate(chapters()):
        channel = workspace.new_channel(f"book-{number}", reader.id, members=[reader.id, BOT_USER])
        channel.topic["value"] = chapter
        for title, sample in samples:
            if not isinstance(sample, SlackPayload):
                windows.append((title, sample))
            elif chapter.startswith(WHISPERED):
                show_ephemeral(
                    workspace, reader.id, channel.id, sample.text, blocks=list(sample.blocks), user=BOT_USER
                )
            else:
                post(workspace, channel, BOT_USER, sample.text, blocks=list(sample.blocks))
        if channel.messages or any(ephemeral.channel == channel.id for ephemeral in workspace.ephemerals):
            channels.append(channel)
    return channels, windows
