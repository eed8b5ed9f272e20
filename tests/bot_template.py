"""A process that has loaded the bot, and from which bots are forked for tests: loading takes most of a start.

Each worker of the tests has one. A forked bot has an environment, a folder, a session and a log of its own, runs the
command line as `python -m bot run` does, and is ended by the same signals. What a fork does not prove: that a fresh
interpreter finds and loads everything, that nothing is imported too early, how long a start takes, what a bot of its
own weighs, and that the seed of hashes is another one each time. That is proven by what starts a program each time:
tests/scenarios/test_start.py, test_chaos.py, test_clock_set.py, test_two_versions.py and the private server's of
test_kill.py, tests/test_launcher.py, tests/test_package.py, and `./tocsin bench`.
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from sandbox.demo.bot_process import ROOT, Process, launch_program

LOADED = (
    "bot.cli",
    "bot.app",
    "bot.cli.doctor.lines",
    "bot.cli.doctor.local_checks",
    "bot.cli.start_check",
    "bot.logging_setup",
    "bot.settings",
    "handlers",
)
"""What `tocsin run` imports until it is ready."""

READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG")
"""What an interpreter reads when it starts: a bot that is told such a thing is started as a program."""

MAX_REQUEST = 65_536
ANSWERS_WITHIN = 60.0


class ForkedBot:
    """A bot that was forked; what `subprocess.Popen` tells of a child it tells too."""

    def __init__(self, reports: socket.socket) -> None:
        self._reports = reports
        self.returncode: int | None = None
        self.pid = self._read(ANSWERS_WITHIN)

    def _read(self, timeout: float | None) -> int:
        """Its id, which the bot sends; then its exit code, from the template. Raises TimeoutError when none came."""
        if not select.select([self._reports], [], [], timeout)[0]:
            raise TimeoutError
        said = self._reports.recv(16)
        assert said, "the process that bots are forked from is gone"
        return int(said)

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code when it has ended. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            try:
                self.returncode = self._read(timeout)
            except TimeoutError:
                raise subprocess.TimeoutExpired("bot", timeout or 0.0) from None
            self._reports.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Nothing when it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class BotTemplate:
    """The way to the process that bots are forked from, which is started with the first of them."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None

    def launch(self, environment: Mapping[str, str], log: IO[bytes], folder: Path) -> Process:
        """A forked bot; a program where the code is another one, or the interpreter is told something."""
        if folder != ROOT or any(name.startswith(READ_AT_START) for name in environment):
            return launch_program(environment, log, folder)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            request = json.dumps(dict(environment)).encode()
            assert len(request) < MAX_REQUEST
            socket.send_fds(self._open(), [request], [theirs.fileno(), log.fileno()])
        return ForkedBot(ours)

    def _open(self) -> socket.socket:
        if self._requests is None:
            self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.bot_template"],
                    cwd=ROOT,
                    env={"PATH": os.environ.get("PATH", os.defpath)},
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is the tests'
                )
        return self._requests

    def close(self) -> None:
        """End the process. Bots that were forked go on."""
        if self._requests is not None and self._process is not None:
            self._requests.close()
            self._process.wait()
            self._requests = self._process = None


TEMPLATE = BotTemplate()
"""This worker's."""


# ---- the process itself


def main() -> None:
    """Fork a bot for each request, report how each ended, and end when nobody is there to ask."""
    for name in LOADED:
        __import__(name)
    assert threading.active_count() == 1, "a thread would not be in the forked bot"
    gc.collect()
    gc.freeze()
    requests = socket.socket(fileno=os.dup(0))
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    reports: dict[int, socket.socket] = {}
    while True:
        ready = select.select([requests.fileno(), woken], [], [])[0]
        if woken in ready:
            os.read(woken, 4096)
            _report_ended(reports)
        if requests.fileno() in ready:
            request, descriptors, _, _ = socket.recv_fds(requests, MAX_REQUEST, 2)
            if not request:
                return
            report = socket.socket(fileno=descriptors[0])
            if not (pid := os.fork()):
                os.setsid()
                report.send(str(os.getpid()).encode())
                for each in (requests, report, *reports.values()):
                    each.close()
                signal.set_wakeup_fd(-1)
                os.close(woken)
                os.close(wake)
                _become_bot(json.loads(request), descriptors[1])
                return
            os.close(descriptors[1])
            reports[pid] = report


def _report_ended(reports: dict[int, socket.socket]) -> None:
    while reports:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with reports.pop(pid) as report, suppress(OSError):  # nobody wants to know any more
            report.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become_bot(environment: Mapping[str, str], log: int) -> None:
    """In the fork: what a program gets from who starts it, then its command line."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for number, into in ((0, null), (1, null), (2, log)):
        os.dup2(into, number)
    os.close(null)
    os.close(log)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv[:] = ["bot", "run"]
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
