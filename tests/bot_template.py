"""A process that has loaded the bot, and from which bots are forked for tests: loading takes most of a start.

What it starts beside itself is forked from there as well (`tests/template_process.py`).

Each worker of the tests has one. A forked bot has an environment, a folder, a session and a log of its own, runs the
command line as `python -m bot run` does, and is ended by the same signals. What a fork does not prove: that a fresh
interpreter finds and loads everything, that nothing is imported too early, how long a start takes, what a bot of its
own weighs, and that the seed of hashes is another one each time. That is proven by what starts a program each time:
tests/scenarios/test_start.py, test_chaos.py, test_clock_set.py, test_two_versions.py and the private server's of
test_kill.py, tests/test_launcher.py, tests/test_package.py, and `./tocsin bench`.
"""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from sandbox.demo.bot_process import ROOT, Process, launch_program
from tests.scratch import make_server_folder
from tests.template_process import MAX_REQUEST, STAND_IN

READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG")
"""What an interpreter reads when it starts: a bot that is told such a thing is started as a program."""

ANSWERS_WITHIN = 60.0


Ended = subprocess.CompletedProcess[str]


class Fork:
    """A command that was forked; what `subprocess.Popen` tells of a child it tells too."""

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
        self._folder: Path | None = None

    def launch(self, environment: Mapping[str, str], log: IO[bytes], folder: Path) -> Process:
        """A forked bot; a program where the code is another one, or the interpreter is told something."""
        if folder != ROOT or any(name.startswith(READ_AT_START) for name in environment):
            return launch_program(environment, log, folder)
        with open(os.devnull, "wb") as nothing:
            return self._fork(["run"], environment, nothing, log, folder)

    def run(self, words: Sequence[str], environment: Mapping[str, str], folder: Path = ROOT) -> Ended:
        """What `subprocess.run` tells of `tocsin` with these words, forked, whose interpreter is told nothing. Raises
        subprocess.TimeoutExpired."""
        own = {name: text for name, text in environment.items() if not name.startswith(READ_AT_START)}
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as log:
            fork = self._fork(words, own, output, log, folder)
            try:
                code = fork.wait(ANSWERS_WITHIN)
            finally:
                fork.kill()
            output.seek(0)
            log.seek(0)
            return Ended(list(words), code, output.read().decode(), log.read().decode())

    def _fork(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        output: IO[bytes],
        log: IO[bytes],
        folder: Path,
    ) -> Fork:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            request = json.dumps([list(words), str(folder), dict(environment)]).encode()
            assert len(request) < MAX_REQUEST
            files = [theirs.fileno(), output.fileno(), log.fileno()]
            socket.send_fds(self._open(), [request], files)
        return Fork(ours)

    def _open(self) -> socket.socket:
        if self._requests is None:
            self._folder = make_server_folder("bots-")
            self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.template_process", str(self._folder)],
                    cwd=ROOT,
                    env={"PATH": os.environ.get("PATH", os.defpath)},
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is the tests'
                )
        return self._requests

    @property
    def stand_in(self) -> Path:
        """What forked bots start in place of Python; there when a bot was launched."""
        assert self._folder is not None
        return self._folder / STAND_IN

    def close(self) -> None:
        """End the process. Bots that were forked go on, but can start nothing beside themselves any more."""
        if self._requests is not None and self._process is not None and self._folder is not None:
            self._requests.close()
            self._process.wait()
            shutil.rmtree(self._folder)
            self._requests = self._process = self._folder = None


TEMPLATE = BotTemplate()
"""This worker's."""
