"""A process of its own for each task, split off from one that knows nothing."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.adapters.remediation.protocol import CARRY_OUT, PREVIEW, Task, parse_answer
from bot.adapters.remediation.task_template import TaskTemplate
from bot.ports.remediation import Refusal


@pytest.fixture
async def template(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TaskTemplate]:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-never-there")
    made = TaskTemplate()
    yield made
    await made.aclose()


def task(repository: str = "", api: str = "") -> bytes:
    keys = {"github_repository": repository, "github_api_url": api}
    return Task(PREVIEW, "github.workflow", {"workflow": "w.yml"}, keys, {}).dump()


def held_by(silent: socket.socket) -> bytes:
    """A task that waits for this server for 8 s."""
    keys = {"github_repository": "a/b", "github_api_url": f"http://127.0.0.1:{silent.getsockname()[1]}"}
    action = {"workflow": "w.yml", "ref": "main", "inputs": {}, "is_keyed": False}
    return Task(CARRY_OUT, "github.workflow", {}, keys, action, not_after=time.time() + 60).dump()


def list_children(pid: int) -> list[int]:
    """The processes that this one started and that still run."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):
            found += map(int, (thread / "children").read_text().split())
    return [each for each in found if b"adapters.remediation.task_process" in read(each, "cmdline")]


def read(pid: int, what: str) -> bytes:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/{what}").read_bytes()
    return b""


async def test_each_task_has_a_process_of_its_own_that_ends_and_has_no_keys(template: TaskTemplate) -> None:
    said = await asyncio.gather(*(template.ask(task()) for _ in range(12)))
    answers = [parse_answer(each) for each in said]
    assert all(isinstance(each, Refusal) and "GITHUB_REPOSITORY" in each.sentence for each in answers)
    (first,) = list_children(os.getpid())
    assert b"PATH=" in read(first, "environ")
    assert b"xoxb-never-there" not in read(first, "environ")
    async with asyncio.timeout(60):
        while list_children(first):
            await asyncio.sleep(0.01)


async def test_one_that_was_killed_has_no_answer_and_the_next_one_is_started(
    template: TaskTemplate,
) -> None:
    assert parse_answer(await template.ask(task()))
    (first,) = list_children(os.getpid())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asked = asyncio.create_task(template.ask(held_by(silent)))
        async with asyncio.timeout(60):
            caller, _ = await asyncio.to_thread(silent.accept)
        *_, running = list_children(first)
        os.kill(running, signal.SIGKILL)
        assert await asked == b""
        caller.close()
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(60):
            while read(first, "cmdline"):
                await asyncio.sleep(0.01)
        assert isinstance(parse_answer(await template.ask(task())), Refusal)
    assert list_children(os.getpid()) != [first]


async def test_whoever_stops_waiting_ends_it(template: TaskTemplate) -> None:
    assert parse_answer(await template.ask(task()))
    (first,) = list_children(os.getpid())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asked = asyncio.create_task(template.ask(held_by(silent)))
        async with asyncio.timeout(60):
            caller, _ = await asyncio.to_thread(silent.accept)
        asked.cancel()
        began = time.monotonic()
        async with asyncio.timeout(60):
            while list_children(first):
                await asyncio.sleep(0.01)
        caller.close()
        assert time.monotonic() - began < 7, "it did not wait for its own deadline"


async def test_a_task_that_was_cut_short_is_not_done(template: TaskTemplate) -> None:
    assert await template.ask(task()[:-9]) == b""
