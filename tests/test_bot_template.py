"""The forked bots of the tests are what a program is: told the same, ended the same, and nothing of the tests' own."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.demo.bot_process import ROOT, Launch, launch_program
from tests.bot_template import TEMPLATE, Fork

TOLD = {"PATH": os.environ["PATH"], "TOCSIN_SECRETS_DIR": "/nowhere", "TOCSIN_HTTP": "3000"}


def refused(launch: Launch, log: Path) -> tuple[int, str]:
    """The exit code and the words of a bot that is told no token and a wrong address."""
    with log.open("ab") as opened:
        bot = launch(TOLD, opened, ROOT)
    return bot.wait(60), log.read_text()


def test_it_ends_with_the_code_and_the_words_of_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-of-the-tests")
    code, said = refused(TEMPLATE.launch, tmp_path / "forked")
    assert (code, said) == refused(launch_program, tmp_path / "program")
    assert code == 2
    assert "SLACK_BOT_TOKEN is not set" in said
    assert "TOCSIN_HTTP must be" in said


async def test_it_has_a_session_of_its_own_and_a_signal_ends_it(tmp_path: Path) -> None:
    waits = {
        **TOLD,
        "TOCSIN_HTTP": "127.0.0.1:0",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "1" * 32,
    }
    # Nobody answers there, so that it waits for a Slack that is away.
    with (tmp_path / "log").open("ab") as log:
        bot = TEMPLATE.launch({**waits, "SLACK_API_URL": "http://127.0.0.1:9/api/"}, log, ROOT)
    assert bot.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        bot.wait(0.01)
    assert os.getsid(bot.pid) == bot.pid != os.getsid(0)
    bot.kill()
    assert bot.wait(60) == -9
    assert bot.poll() == -9
    bot.terminate()  # it is gone, and who has its number now is left alone


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONHASHSEED"])
def test_what_an_interpreter_reads_at_its_start_makes_it_a_program(tmp_path: Path, name: str) -> None:
    with (tmp_path / "log").open("ab") as log:
        bot = TEMPLATE.launch({**TOLD, name: "0"}, log, ROOT)
    assert not isinstance(bot, Fork)
    assert bot.wait(60) == 2


CHILD = "bot.adapters.runbook_parser_process"


@contextmanager
def started_child(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    """What a forked bot starts beside itself, and the socket to it."""
    refused(TEMPLATE.launch, tmp_path / "bot")
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    with ours:
        with theirs:
            child = subprocess.Popen([str(TEMPLATE.stand_in), "-P", "-m", CHILD], stdin=theirs.fileno())
        yield child, ours
    child.wait(60)


def test_what_a_forked_bot_starts_is_a_fork_that_ends_with_its_bot(tmp_path: Path) -> None:
    with started_child(tmp_path) as (child, link):
        link.sendall((1).to_bytes(8, "big") + b"?")
        assert link.recv(1) == b""  # it could not read that
        assert child.wait(60) == 1
    with started_child(tmp_path) as (child, link):
        link.shutdown(socket.SHUT_WR)
        assert child.wait(60) == 0


def test_who_kills_the_stand_in_kills_the_fork(tmp_path: Path) -> None:
    with started_child(tmp_path) as (child, link):
        child.kill()
        assert link.recv(1) == b""


def test_the_stand_in_leaves_other_programs_to_python(tmp_path: Path) -> None:
    refused(TEMPLATE.launch, tmp_path / "bot")
    words = [str(TEMPLATE.stand_in), "-I", "-c", "print(6 * 7)"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "42\n"
