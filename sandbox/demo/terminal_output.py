"""What the bot says, printed as it comes: for a terminal without the page."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sandbox.slack.plain_text import render_message_lines
from sandbox.slack.slack import Slack
from sandbox.slack.workspace import BOT_USER
from sandbox.slack.workspace_model import Ephemeral, WorkspaceMessage


@asynccontextmanager
async def print_messages(slack: Slack, say: Callable[[str], None]) -> AsyncIterator[None]:
    """Prints each message and each edit of the bot with `say`."""
    task = asyncio.create_task(_print_changes(slack, say))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _print_changes(slack: Slack, say: Callable[[str], None]) -> None:
    shown: dict[str, str] = {}
    changes = slack.workspace.changes
    while True:
        count = changes.count
        for message in _all_messages(slack):
            text = "\n".join(render_message_lines(slack.workspace, message))
            key = message.ts if isinstance(message, WorkspaceMessage) else f"only-{message.ts}"
            if shown.get(key) != text:
                _print(slack, say, message, text, edited=key in shown)
                shown[key] = text
        await changes.after(count)


def _all_messages(slack: Slack) -> list[WorkspaceMessage | Ephemeral]:
    found: list[WorkspaceMessage | Ephemeral] = [*slack.workspace.ephemerals]
    for channel in slack.workspace.channels.values():
        found += [message for message in channel.messages.values() if message.bot_id]
    return sorted(found, key=lambda message: message.ts)


def _print(
    slack: Slack, say: Callable[[str], None], message: WorkspaceMessage | Ephemeral, text: str, edited: bool
) -> None:
    channel = slack.workspace.channels[message.channel]
    people = (
        [slack.workspace.users[member].name for member in channel.members if member != BOT_USER]
        if channel.is_im
        else []
    )
    where = f"direct message to {', '.join(people)}" if people else f"#{channel.name}"
    if isinstance(message, Ephemeral):
        where += f", only for {slack.workspace.users[message.reader].name}"
    if edited:
        say(f"    ✎ {where}: {next((line for line in text.splitlines() if line.strip()), '')} (edited)")
        return
    say(f"\n    ┌ {where}")
    for line in text.splitlines():
        say(f"    │ {line}")
