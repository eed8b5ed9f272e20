"""`./tocsin demo` as a program: the address, taken ports, folders that cannot be written, and its end."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from bot.runbook import parse_runbook
from sandbox.demo.demo_session import PORTS
from sandbox.demo.fast_forward import shorten_durations

ROOT = Path(__file__).parents[3]
RUNBOOK = ROOT / "templates" / "runbook.md"
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")


@contextmanager
def demo(*words: str, root: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    """The demo as a program of its own; asked to end afterwards when it still runs."""
    program = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", *words],
        cwd=root,
        env={**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield program
    finally:
        if program.poll() is None:
            program.send_signal(signal.SIGINT)
        program.communicate(timeout=90)


def address(program: subprocess.Popen[str]) -> tuple[str, str]:
    """The address that it prints, and all that it said until then."""
    said = ""
    assert program.stdout is not None
    for line in program.stdout:
        said += line
        if found := ADDRESS.search(line):
            return found[0], said
    raise AssertionError(said)


def left() -> list[str]:
    """The processes that work in a demo's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            name = (process / "comm").read_text().strip()
        except OSError:  # it has ended meanwhile
            continue
        if str(ROOT / ".tmp" / "demo-").encode() in told:
            found.append(name)
    return found


def gone(within: float = 60.0) -> bool:
    until = time.monotonic() + within
    while left() and time.monotonic() < until:
        time.sleep(0.05)
    return not left()


@contextmanager
def taken_port() -> Iterator[None]:
    """The first port belongs to somebody else, unless it does already."""
    with socket.socket() as holder:
        try:
            holder.bind(("127.0.0.1", PORTS[0]))
            holder.listen()
        except OSError:
            pass
        yield


@pytest.mark.whole
def test_two_demos_at_once_each_say_where_they_are_and_leave_nothing_behind() -> None:
    with taken_port(), demo() as one, demo("--fast") as two:
        first, said = address(one)
        second, said_too = address(two)
        assert first != second
        for where, told in (
            (first, said),
            (second, said_too),
        ):  # whoever has the first port may leave it meanwhile
            assert f":{PORTS[0]}/" in where or f"Port {PORTS[0]} is taken" in told
        assert "every 2 minutes" in urlopen(first).read().decode()
        assert "60 times faster" in urlopen(second).read().decode()
        for each in (one, two):
            each.send_signal(signal.SIGINT)
            out, _ = each.communicate(timeout=90)
            assert each.returncode == 130
            assert "Traceback" not in out
    assert gone(), left()


MOMENTS = {
    "its database is made": (("initdb", "postgres"), ()),
    "its database is there": (("postgres",), ()),
    "its bot is starting": (("python",), ()),
    "its bot is starting for the script": (("python",), ("--script",)),
}
"""When Ctrl-C comes: as soon as one of these programs works for the demo; and the demo's words."""


@pytest.mark.whole
@pytest.mark.skipif(sys.platform != "linux", reason="processes are counted under /proc")
@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_at_any_moment_ends_everything(moment: str) -> None:
    names, words = MOMENTS[moment]
    with demo(*words) as program:
        until = time.monotonic() + 60
        while not any(each.startswith(names) for each in left()):
            assert time.monotonic() < until, left()
            time.sleep(0.01)
        for _ in range(3):
            program.send_signal(signal.SIGINT)
        out, _ = program.communicate(timeout=90)
    assert "Traceback" not in out
    assert program.returncode == 130
    assert gone(), left()


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    for room in ("bot", "handlers", "templates", "sandbox", "diagnostics"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("manifest.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".tmp").touch()
    with demo(root=tmp_path) as program:
        out, _ = program.communicate(timeout=90)
    assert program.returncode == 2
    assert out.startswith(f"tocsin: {tmp_path / '.tmp'} cannot be written (")
    assert out.count("\n") == 1


async def test_a_bot_that_ends_by_itself_ends_the_demo_with_its_last_words() -> None:
    with demo() as program:
        address(program)
        bots = [
            int(each.parent.name)
            for each in Path("/proc").glob("[0-9]*/cmdline")
            if _is_bot_of(each, program)
        ]
        os.kill(bots[0], signal.SIGKILL)
        out, _ = await asyncio.to_thread(program.communicate, timeout=90)
    assert program.returncode == 1
    assert "The bot has ended by itself" in out


def _is_bot_of(cmdline: Path, program: subprocess.Popen[str]) -> bool:
    try:
        words = cmdline.read_bytes().split(b"\0")
        parent = re.search(r"^PPid:\s*(\d+)", (cmdline.parent / "status").read_text(), re.MULTILINE)
    except OSError:
        return False
    return b"run" in words and parent is not None and int(parent[1]) == program.pid


def test_a_hurried_runbook_promises_everything_sixty_times_sooner() -> None:
    text = RUNBOOK.read_text()
    real, soon = parse_runbook(text), parse_runbook(shorten_durations(text))
    assert [severity.id for severity in soon.severities] == [severity.id for severity in real.severities]
    assert real.update_every is not None
    assert soon.update_every == real.update_every / 60
    for slow, quick in zip(real.severities, soon.severities, strict=True):
        assert quick.response == (slow.response and slow.response / 60)
    assert [window.within * 60 for window in soon.windows] == [window.within for window in real.windows]
    commands = [step.command for playbook in real.playbooks for step in playbook.steps()]
    assert [step.command for playbook in soon.playbooks for step in playbook.steps()] == commands
    assert len(commands) > 20
