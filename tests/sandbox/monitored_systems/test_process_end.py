"""The broken world leaves nothing behind, whoever ends it, and does not get into another one's way."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox.monitored_systems import Breakage, SystemsProcess, SystemsProcessError

ROOT = Path(__file__).resolve().parents[3]
PARENT = """
import asyncio, signal, sys
from pathlib import Path
from sandbox.monitored_systems import SystemsProcess

async def main():
    async with SystemsProcess.start(Path(sys.argv[1])) as world:
        print("started", flush=True)
        await asyncio.Event().wait()

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell hands down that it is ignored
print("starting", flush=True)
asyncio.run(main())
"""


def processes_of(folder: Path) -> list[int]:
    """Those that name the folder on their command line or work in it."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            said = Path(f"/proc/{pid}/cmdline").read_bytes().decode() + os.readlink(f"/proc/{pid}/cwd")
            if str(folder) in said:
                found.append(int(pid))
    return found


async def none_left(folder: Path) -> None:
    """Return when no process has to do with the folder any more."""
    async with asyncio.timeout(60):  # a busy machine takes its time
        while left := processes_of(folder):
            assert os.getpid() not in left
            await asyncio.sleep(0.05)


@contextlib.contextmanager
def parent_of_a_world(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A program that starts a world in the folder and waits."""
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield program
    finally:
        program.kill()
        program.wait()
        assert program.stdout is not None
        program.stdout.close()


async def read_until(program: subprocess.Popen[str], word: str) -> None:
    assert program.stdout is not None
    while (await asyncio.to_thread(program.stdout.readline)).strip() != word:
        assert program.poll() is None


async def test_two_worlds_at_once_are_broken_apart_and_leave_nothing(tmp_path: Path) -> None:
    async with SystemsProcess.start(tmp_path / "one") as one, SystemsProcess.start(tmp_path / "two") as two:
        await one.break_(Breakage.DEPLOYMENT)
        health = [f"{each.addresses['https://api.rodistaa.com']}/health" for each in (one, two)]
        async with httpx.AsyncClient() as client:
            assert [(await client.get(each)).status_code for each in health] == [503, 200]
        assert len(processes_of(tmp_path)) > 4
    assert processes_of(tmp_path) == []


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
async def test_a_world_ends_with_the_program_that_started_it(tmp_path: Path, ending: signal.Signals) -> None:
    with parent_of_a_world(tmp_path) as program:
        await read_until(program, "started")
        assert len(processes_of(tmp_path)) > 4
        program.send_signal(ending)
        await none_left(tmp_path)


@pytest.mark.whole
@pytest.mark.parametrize(
    "mark", ["", "world.log", "postgres/lock", "postgres/postgres", "postgres/postgres.log"]
)
async def test_a_world_ends_with_its_parent_also_while_it_starts(tmp_path: Path, mark: str) -> None:
    """Killed when this file or folder has appeared: at five moments of the start."""
    with parent_of_a_world(tmp_path / "w") as program:
        await read_until(program, "starting")
        while not (tmp_path / "w" / mark).exists():
            await asyncio.sleep(0.001)
        program.kill()
        program.wait()
        await none_left(tmp_path)


async def test_a_folder_that_cannot_be_written_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemsProcessError) as problem:
        async with SystemsProcess.start(tmp_path / "file" / "world"):
            pass
    assert "cannot be written" in str(problem.value)
    assert "\n" not in str(problem.value)


async def test_a_world_whose_process_is_gone_says_so(tmp_path: Path) -> None:
    async with SystemsProcess.start(tmp_path) as world:
        [keeper] = [
            pid for pid in processes_of(tmp_path) if b"\0world\0" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]
        os.kill(keeper, signal.SIGTERM)
        with pytest.raises(SystemsProcessError, match="has ended"):
            await world.break_(Breakage.SLOW)
    await none_left(tmp_path)
