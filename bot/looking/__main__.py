"""`python -m bot.looking FD`: plans and asks for the bot at the other end of this socket, and ends when it is gone."""

import asyncio
import logging
import os
import signal
import socket
import sys
import uuid
from collections.abc import Awaitable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import logs
from bot.looking.apart import is_hidden
from bot.looking.asking import Here
from bot.looking.frames import ASK, DONE, FAILED, FORGET, HEARD, LETS_GO_WITHIN, WARM, framed, read
from bot.looking.lacking import lacking
from bot.looking.sources import monitored
from bot.settings import MonitoredSettings, set_libpq_names_aside, value_of
from diagnostics.finding import Finding
from diagnostics.question import Question
from diagnostics.runner import Runner
from diagnostics.systems import Later

log = logging.getLogger("bot.looking")

BEHIND = 10
"""How much more patient than the bot this process is with the processor: acknowledgements and pages go first."""


class Answering:
    """Answers the bot's requests side by side."""

    def __init__(self, here: Here, writer: asyncio.StreamWriter) -> None:
        self._here, self._writer = here, writer
        self._under_way: dict[int, asyncio.Task[None]] = {}

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Until the bot is gone."""
        try:
            while True:
                number, name, values = await read(reader)
                if name == FORGET:
                    self._forget(number)
                else:
                    self._under_way[number] = asyncio.create_task(self._answer(number, name, values))
        except EOFError:
            for number in list(self._under_way):
                self._forget(number)

    async def finished(self) -> None:
        """Return when nothing is under way any more."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    def _forget(self, number: int) -> None:
        if number in self._under_way:
            self._under_way[number].cancel()

    async def _answer(self, number: int, name: str, values: Sequence[Any]) -> None:
        try:
            done = await (self._ask(number, *values) if name == ASK else self._told(name, values))
            self._writer.write(framed((number, DONE, done)))
        except Exception:
            log.exception("the request %s failed, error %s", name, uuid.uuid4().hex[:8])
            self._writer.write(framed((number, FAILED, None)))
        finally:
            del self._under_way[number]

    def _told(self, name: str, values: Sequence[Any]) -> Awaitable[object]:
        return self._here.warm(*values) if name == WARM else self._here.plan(*values)

    async def _ask(self, number: int, questions: Sequence[Question]) -> None:
        async def hear(place: int, finding: Finding) -> None:
            self._writer.write(framed((number, HEARD, (place, finding))))
            await self._writer.drain()

        await self._here.ask(questions, hear)


async def serve(link: socket.socket) -> None:
    """Take the settings, then requests."""
    reader, writer = await asyncio.open_connection(sock=link)
    settings, hidden = await read(reader)
    here = _here(settings, hidden)
    answering = Answering(here, writer)
    await answering.serve(reader)
    async with asyncio.timeout(LETS_GO_WITHIN):
        await answering.finished()
        await here.aclose()


def _here(settings: MonitoredSettings, hidden: Collection[str]) -> Here:
    def known(name: str) -> str | None:
        return None if is_hidden(name, hidden) else value_of(name)

    systems = Later(lacking(settings), lambda: monitored(settings))
    return Here(Runner(lambda: datetime.now(UTC)), systems, known)


def _stand_behind() -> None:
    """Let others go first; where that is not allowed it goes without. Linux shares the processor among sessions where
    no control group does it: there it is the session's own file that counts."""
    with suppress(OSError):
        os.nice(BEHIND)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(BEHIND))


def main() -> None:
    """Serve until the bot is gone. Signals are the bot's; threads that wait for an answer are not waited for."""
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTTOU):
        signal.signal(each, signal.SIG_IGN)
    logs.start()
    set_libpq_names_aside()
    _stand_behind()
    try:
        asyncio.Runner().run(
            serve(socket.socket(fileno=int(sys.argv[1])))
        )  # not closed: that would wait for threads
    except (EOFError, TimeoutError):
        log.info("what was under way when the bot ended is left")
    except Exception:
        log.exception("the process that asks ends, error %s", uuid.uuid4().hex[:8])
    finally:
        logging.shutdown()
        os._exit(0)


if __name__ == "__main__":
    main()
