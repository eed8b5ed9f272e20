"""The diagnostics worker: plans and runs checks for the bot at the other end of a socket, and ends when it is gone.

Started as `python -m diagnostics.engine.worker` with the socket as its standard input.
"""

import asyncio
import logging
import os
import signal
import socket
import uuid
from collections.abc import Awaitable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import logging_setup
from bot.child_process import take_parent_socket
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding
from bot.settings.monitored_systems import MonitoredSettings
from bot.settings.setting_lookup import find_monitored_value, set_libpq_names_aside
from diagnostics.engine.configuration_check import build_missing_check
from diagnostics.engine.executor import InProcessExecutor
from diagnostics.engine.registry import build_registry
from diagnostics.engine.router import LazyDiagnostics
from diagnostics.engine.runner import Runner
from diagnostics.engine.worker_client import is_hidden
from diagnostics.engine.worker_protocol import (
    ASK,
    DONE,
    FAILED,
    FORGET,
    HEARD,
    SHUTDOWN_GRACE_S,
    WARM,
    encode_frame,
    read_frame,
)

log = logging.getLogger("diagnostics.engine")

NICE_INCREMENT = 10
"""How much more patient than the bot this process is with the processor: acknowledgements and pages go first."""


class WorkerServer:
    """Answers the bot's requests side by side."""

    def __init__(self, here: InProcessExecutor, writer: asyncio.StreamWriter) -> None:
        self._here, self._writer = here, writer
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Until the bot is gone."""
        try:
            while True:
                number, name, values = await read_frame(reader)
                if name == FORGET:
                    self._forget(number)
                else:
                    self._under_way[number] = asyncio.create_task(self._answer(number, name, values))
        except EOFError:
            for number in list(self._under_way):
                self._forget(number)

    async def wait_until_idle(self) -> None:
        """Return when nothing is under way any more."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _forget(self, number: int) -> None:
        if number in self._under_way:
            self._under_way[number].cancel()

    async def _answer(self, number: int, name: str, values: Sequence[Any]) -> None:
        try:
            done = await (self._ask(number, *values) if name == ASK else self._dispatch(name, values))
            self._writer.write(encode_frame((number, DONE, done)))
        except Exception:
            log.exception("the request %s failed, error %s", name, uuid.uuid4().hex[:8])
            self._writer.write(encode_frame((number, FAILED, None)))
        finally:
            del self._under_way[number]

    def _dispatch(self, name: str, values: Sequence[Any]) -> Awaitable[object]:
        return self._here.warm(*values) if name == WARM else self._here.plan(*values)

    async def _ask(self, number: int, questions: Sequence[CheckRequest]) -> None:
        async def hear(place: int, finding: Finding) -> None:
            self._writer.write(encode_frame((number, HEARD, (place, finding))))
            await self._writer.drain()

        await self._here.ask(questions, hear)


async def serve(link: socket.socket) -> None:
    """Take the settings, then requests."""
    reader, writer = await asyncio.open_connection(sock=link)
    settings, hidden = await read_frame(reader)
    here = _here(settings, hidden)
    answering = WorkerServer(here, writer)
    await answering.serve(reader)
    async with asyncio.timeout(SHUTDOWN_GRACE_S):
        await answering.wait_until_idle()
        await here.aclose()


def _here(settings: MonitoredSettings, hidden: Collection[str]) -> InProcessExecutor:
    def known(name: str) -> str | None:
        return None if is_hidden(name, hidden) else find_monitored_value(name)

    systems = LazyDiagnostics(build_missing_check(settings), lambda: build_registry(settings))
    return InProcessExecutor(Runner(lambda: datetime.now(UTC)), systems, known)


def _stand_behind() -> None:
    """Let others go first; where that is not allowed it goes without. Linux shares the processor among sessions where
    no control group does it: there it is the session's own file that counts."""
    with suppress(OSError):
        os.nice(NICE_INCREMENT)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICE_INCREMENT))


def main() -> None:
    """Serve until the bot is gone. Signals are the bot's; threads that wait for an answer are not waited for."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    logging_setup.start_logging()
    set_libpq_names_aside()
    _stand_behind()
    try:
        asyncio.Runner().run(serve(take_parent_socket()))  # not closed: that would wait for threads
    except (EOFError, TimeoutError):
        log.info("diagnostics worker: the bot is gone; unfinished checks are dropped")
    except Exception:
        log.exception("diagnostics worker failed, error %s", uuid.uuid4().hex[:8])
    finally:
        logging.shutdown()
        os._exit(0)


if __name__ == "__main__":
    main()
