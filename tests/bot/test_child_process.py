"""Children that answer in frames: restart, timeout, what is too long, and what they inherit."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.child_process import (
    AsyncChild,
    BlockingChild,
    ChildCommand,
    RequestProcess,
    pack_frame,
    read_frame,
)

CHILD = """
import os, time
from bot.child_process import serve_requests
def answer(payload):
    if payload == b"die":
        os._exit(3)
    if payload == b"sleep":
        time.sleep(60)
    if payload == b"environment":
        return repr(sorted(os.environ)).encode()
    if payload == b"input":
        return os.read(0, 10)
    return payload.upper()
serve_requests(answer)
"""


def command(program: str = CHILD) -> ChildCommand:
    return ChildCommand(("-P", "-c", program), {"PYTHONPATH": os.getcwd(), "LC_ALL": "C.UTF-8"})


async def test_a_child_that_died_starts_again_with_the_next_request() -> None:
    process = RequestProcess(command())
    try:
        assert await process.request(b"one", 30) == b"ONE"
        first = process.child
        assert await process.request(b"", 30) == b"" and process.child is first
        with pytest.raises(EOFError):
            await process.request(b"die", 30)
        assert await process.request(b"two", 30) == b"TWO" and process.child is not first
    finally:
        await process.aclose()


async def test_a_child_that_is_too_slow_is_killed() -> None:
    process = RequestProcess(command())
    await process.request(b"one", 30)
    child = process.child
    with pytest.raises(TimeoutError):
        await process.request(b"sleep", 0.05)
    assert child is not None and child.process.returncode == -9 and process.child is None


async def test_a_child_gets_no_setting_of_the_bot_and_what_it_starts_not_its_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    process = RequestProcess(command())
    try:
        assert await process.request(b"environment", 30) == b"['LC_ALL', 'PYTHONPATH']"
        assert await process.request(b"input", 30) == b""
    finally:
        await process.aclose()


async def test_where_there_is_no_python_it_cannot_be_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(OSError, match="No such file"):
        await RequestProcess(command()).request(b"one", 30)
    with pytest.raises(OSError, match="No such file"):
        BlockingChild(command())


async def test_several_requests_may_be_under_way_in_one_child() -> None:
    child = await AsyncChild.start(command())
    child.writer.write(pack_frame(b"a") + pack_frame(b"b"))
    assert [await read_frame(child.reader), await read_frame(child.reader)] == [b"A", b"B"]
    child.writer.close()
    async with asyncio.timeout(60):
        assert await child.process.wait() == 0


def test_an_answer_that_is_too_long_or_late_is_refused() -> None:
    child = BlockingChild(command())
    try:
        assert child.request(b"one", 30, 10) == b"ONE"
        with pytest.raises(ValueError, match="20 bytes, more than 10"):
            child.request(b"x" * 20, 30, 10)
    finally:
        child.kill()
    child = BlockingChild(command())
    try:
        with pytest.raises(TimeoutError):
            child.request(b"sleep", 0.05, 10)
        child.process.kill()
        with pytest.raises(EOFError):
            child.request(b"one", 30, 10)
    finally:
        child.kill()
