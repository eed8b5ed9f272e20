"""`./tocsin demo`: the bot, a private PostgreSQL and the Slack stand-in on this machine, and one incident played."""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp

from sandbox.changes import Changes
from sandbox.model import Ephemeral, Message
from sandbox.plain import message_lines
from sandbox.slack import Slack
from sandbox.stopping import stopped_by_signals
from sandbox.story import CONTACTS, EVERY, Story, Stuck
from sandbox.workspace import BOT_USER

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 30.0
OWN = ("SLACK_", "TOCSIN_", "PG")
"""Beginnings of names in the environment that the demo must not inherit: it uses nobody's real systems."""


def say(line: str) -> None:
    """One line on standard output, at once."""
    print(line, flush=True)


async def play(stay: bool, scopes: Iterable[str], events: Iterable[str]) -> int:
    """Play the incident; with `stay` go on afterwards until Ctrl-C. Gives the exit code: 0 when all went well.

    `scopes` and `events` are those of the app's manifest.
    """
    began = time.monotonic()
    (ROOT / ".tmp").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="demo-", dir=ROOT / ".tmp"))
    try:
        return await stopped_by_signals(_play(folder, stay, began, scopes, events))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _play(folder: Path, stay: bool, began: float, scopes: Iterable[str], events: Iterable[str]) -> int:
    say("Starting a Slack stand-in, a private PostgreSQL and the bot …")
    slack = await Slack.start(scopes=scopes, events=events)
    try:
        async with _bot(slack, folder) as process, _printer(slack):
            say(f"Ready after {time.monotonic() - began:.1f} s. Nothing leaves this machine.")
            try:
                await Story(slack, say).play()
            except Stuck as stuck:
                say(f"\nThe story is stuck: {stuck}. The bot's log: {_tail(folder / 'bot.log')}")
                return 1
            calls = len(slack.calls)
            say(f"\nAll went well: one incident, {calls} Slack calls, {time.monotonic() - began:.1f} s.")
            if stay:
                await _stay(slack, process)
            return 0
    finally:
        await slack.stop()


@asynccontextmanager
async def _bot(slack: Slack, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The real bot as a program of its own: the only difference to production is the address of Slack."""
    contacts = folder / "contacts.toml"
    contacts.write_text(CONTACTS, encoding="utf-8")
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    environment |= {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "TOCSIN_DATA_DIR": str(folder / "data"),
        "TOCSIN_CONTACTS": str(contacts),
        "TOCSIN_HTTP": f"127.0.0.1:{port}",
        "TOCSIN_UPDATE_EVERY": EVERY,
        "PYTHONPATH": str(ROOT),
    }
    with (folder / "bot.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        await _ready(process, port, folder)
        slack.request_url = f"http://127.0.0.1:{port}/slack/events"
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _ready(process: asyncio.subprocess.Process, port: int, folder: Path) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(READY_WITHIN):
        while True:
            if process.returncode is not None:
                raise SystemExit(f"The bot did not start: {_tail(folder / 'bot.log')}")
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _printer(slack: Slack) -> AsyncIterator[None]:
    """Prints what the bot says, as it comes."""
    task = asyncio.create_task(_print_changes(slack))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _print_changes(slack: Slack) -> None:
    shown: dict[str, str] = {}
    changes = slack.workspace.changes
    while True:
        count = changes.count
        for message in _all_messages(slack):
            text = "\n".join(message_lines(slack.workspace, message))
            key = message.ts if isinstance(message, Message) else f"only-{message.ts}"
            if shown.get(key) != text:
                _print(slack, message, text, edited=key in shown)
                shown[key] = text
        await changes.wait_for(partial(_changed, changes, count), 3600.0, "a change")


def _changed(changes: Changes, since: int) -> bool:
    return changes.count > since


def _all_messages(slack: Slack) -> list[Message | Ephemeral]:
    found: list[Message | Ephemeral] = [*slack.workspace.ephemerals]
    for channel in slack.workspace.channels.values():
        found += [each for each in channel.messages.values() if each.bot_id]
    return sorted(found, key=lambda each: each.ts)


def _print(slack: Slack, message: Message | Ephemeral, text: str, edited: bool) -> None:
    channel = slack.workspace.channels[message.channel]
    people = (
        [slack.workspace.users[each].name for each in channel.members if each != BOT_USER]
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


async def _stay(slack: Slack, process: asyncio.subprocess.Process) -> None:
    say(f"\nThe bot goes on. Its Slack stand-in answers at {slack.url} (state: {slack.url}/control/state).")
    say(
        "Type as Ana in #general, such as  /incident declare p1 payments failing  or  /incident help; Ctrl-C ends it."
    )
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while process.returncode is None:
        line = (await reader.readline()).decode(errors="replace")
        if not line:
            await process.wait()
        word, _, text = line.strip().partition(" ")
        if word == "/incident":
            await slack.people.command("ana", "general", "/incident", text)
        elif word:
            say("Only /incident is understood here.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-1500:]
