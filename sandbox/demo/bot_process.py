"""The real bot as a program of its own, as production starts it."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Protocol

from bot.errors import TocsinError
from sandbox.monitored_systems.sites import SITES
from sandbox.slack.slack import Slack

ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"ready on (http://\S+/slack/events)")
STARTS_WITHIN, ENDS_WITHIN = 30.0, 20.0
LOOKS_EVERY = 0.5


NOWHERE = json.dumps(dict.fromkeys(SITES, "http://127.0.0.1:9"))
"""Where the sites that the shipped runbook names are while there is no world: nothing leaves this machine."""


def build_environment(slack: Slack, folder: Path, **more: str) -> dict[str, str]:
    """Everything that the bot is told: this Slack, `more`, and nothing of the caller's own systems."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "TOCSIN_HTTP": "127.0.0.1:0",
        "TOCSIN_SECRETS_DIR": str(folder / "no-secrets"),
        "TOCSIN_ADDRESSES": NOWHERE,
        **more,
    }


class Process(Protocol):
    """What is used of a `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, number: int, /) -> None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...


Launch = Callable[[Mapping[str, str], IO[bytes], Path], Process]
"""Starts the bot with an environment, a log and the folder of its code."""


def launch_program(environment: Mapping[str, str], log: IO[bytes], folder: Path) -> Process:
    """As production does it: a fresh interpreter."""
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=log,
        start_new_session=True,
    )


class BotProcess:
    """`python -m bot run` with this environment; what it logs is added to the file `log`. `build` is the folder of
    another version's code; None for our own. `launch` starts it.

    `environment` is what it was told. `took` are the seconds from its start until it listened.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        log: Path,
        build: Path | None = None,
        launch: Launch = launch_program,
    ) -> None:
        self.environment, self._log, self._build, self._launch = environment, log, build, launch
        self._running: Process | None = None
        self._begins = 0
        self.request_url = ""
        self.took = 0.0

    @property
    def pid(self) -> int:
        """The process id of the bot that runs."""
        assert self._running is not None
        return self._running.pid

    async def start(self) -> None:
        """Start it and return when it listens. Raises TocsinError with its last words when it does not."""
        began = time.monotonic()
        self._running, self._begins = self._spawn()
        while not (found := READY.search(self._read_log())):
            if self._running.poll() is not None or time.monotonic() - began > STARTS_WITHIN:
                raise TocsinError(f"The bot did not start. Its last words:\n{self.last_words()}")
            await asyncio.sleep(0.02)
        self.request_url, self.took = found[1], time.monotonic() - began

    async def wait_for_log(self, words: str) -> None:
        """Return when its log has these words since it was started. Raises TimeoutError when that takes too long."""
        async with asyncio.timeout(STARTS_WITHIN):
            while words not in self._read_log():
                await asyncio.sleep(0.02)

    def _read_log(self) -> str:
        return self._log.read_bytes()[self._begins :].decode()

    def _spawn(self) -> tuple[Process, int]:
        """The process, and where its log begins."""
        with self._log.open("ab") as log:
            end = log.tell()
            return self._launch(self.environment, log, self._build or ROOT), end

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; nothing when it is gone."""
        if self._running is not None:
            self._running.send_signal(number)

    def kill(self) -> None:
        """End it at once, as `kill -9`."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    async def stop(self) -> None:
        """Ask it to end, and return when it is gone."""
        if self._running is not None:
            self._running.terminate()
            try:
                await asyncio.to_thread(self._running.wait, ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    async def wait_until_exit(self) -> None:
        """Return when it is gone by itself."""
        while self._running is not None and self._running.poll() is None:
            await asyncio.sleep(LOOKS_EVERY)

    def last_words(self) -> str:
        """The end of what it logged."""
        return "\n".join(self._log.read_text().splitlines()[-15:])
