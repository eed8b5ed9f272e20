"""Asks the monitored systems in a process of its own.

What it loads and works through (AWS's library, pages of logs) neither grows the bot nor holds up an acknowledgement or
a page; and what it dies of leaves the bot alone. It starts when there is something to ask and ends with the bot.
"""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from bot.evidence import Asked
from bot.looking.asking import AskedInVain, actions_of
from bot.looking.frames import ASK, DONE, FORGET, GONE, HEARD, PLAN, WARM, framed, read
from bot.looking.plan import Planned
from bot.runbook import Runbook
from bot.settings import MONITORED_POSTGRES, MonitoredSettings, Settings
from bot.step import Action
from diagnostics.finding import Finding
from diagnostics.question import Question
from diagnostics.runner import TOTAL, Hear

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent.parent
SPARE = 2.0
"""Seconds beyond all of a look's own deadlines until the process counts as hung."""
ENDS_WITHIN = 2.0
NOT_ITS_OWN = ("SLACK_", "PAGERDUTY_", "TOCSIN_DATABASE_URL")


@dataclass(slots=True)
class _Line:
    """The process, the way to it, and who waits for its answers."""

    process: asyncio.subprocess.Process
    writer: asyncio.StreamWriter
    waiting: dict[int, asyncio.Queue[tuple[str, Any]]] = field(default_factory=dict)


class Apart:
    """See `bot.looking.asking.Asking`. `lacks` says what is not configured, as `bot.looking.lacking` does."""

    def __init__(self, settings: Settings, lacks: Callable[[Action], str]) -> None:
        self._settings, self._lacks = settings, lacks
        self._line: _Line | None = None
        self._starting = asyncio.Lock()
        self._hearing: asyncio.Task[None] | None = None
        self._numbers = count(1)

    async def warm(self, runbook: Runbook) -> Sequence[str]:
        if not any(map(self._is_configured, actions_of(runbook))):
            return ()
        async with self._told(WARM, runbook) as answers:
            warnings: Sequence[str] = await _last(answers)
        return warnings

    def _is_configured(self, action: Action) -> bool:
        """Whether this was configured on purpose: what needs no key is not."""
        return not action.runs.startswith("http.") and not self._lacks(action)

    async def plan(self, asked: Asked, runbook: Runbook, now: datetime, began: datetime) -> list[Planned]:
        async with self._told(PLAN, asked, runbook, now, began) as answers:
            planned: list[Planned] = await _last(answers)
        return planned

    async def ask(self, questions: Sequence[Question], hear: Hear) -> None:
        async def told(place: int, finding: Finding) -> None:
            await hear(place, finding)

        async with self._told(ASK, questions) as answers, asyncio.TaskGroup() as hearing:
            while (answer := await answers.get())[0] == HEARD:
                hearing.create_task(told(*answer[1]))
        _whole(answer)

    async def aclose(self) -> None:
        """End the process; what it was asked is not waited for."""
        line, self._line = self._line, None
        if line is None:
            return
        line.writer.close()
        try:
            async with asyncio.timeout(ENDS_WITHIN):
                await line.process.wait()
        except TimeoutError:
            line.process.kill()
            await line.process.wait()
        if self._hearing is not None:
            await self._hearing

    @asynccontextmanager
    async def _told(self, name: str, *values: object) -> AsyncIterator[asyncio.Queue[tuple[str, Any]]]:
        """Its answers to one request. Who leaves before the last one takes the request back."""
        line, number = await self._ready(), next(self._numbers)
        answers = line.waiting[number] = asyncio.Queue()
        try:
            async with asyncio.timeout(TOTAL + SPARE):
                line.writer.write(framed((number, name, values)))
                yield answers
        except TimeoutError:
            log.error("the process that asks the monitored systems hangs; it is ended")
            line.process.kill()
            raise AskedInVain from None
        except asyncio.CancelledError:
            line.writer.write(framed((number, FORGET, ())))
            raise
        finally:
            del line.waiting[number]

    async def _ready(self) -> _Line:
        async with self._starting:
            if self._line is None:
                self._line = await self._started()
            return self._line

    async def _started(self) -> _Line:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "bot.looking", str(theirs.fileno())),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is the bot's, which ends this one
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(framed(_monitored(self._settings)))
        line = _Line(process, writer)
        self._hearing = asyncio.create_task(self._hear(line, reader), name="the process that asks")
        return line

    async def _hear(self, line: _Line, reader: asyncio.StreamReader) -> None:
        """Hand each answer to who waits for it, until the process is gone."""
        try:
            while True:
                number, *answer = await read(reader)
                if number in line.waiting:
                    line.waiting[number].put_nowait(tuple(answer))
        except EOFError:
            line.writer.close()
            code = await line.process.wait()
        if self._line is line:
            self._line = None
            log.error(
                "the process that asks the monitored systems ended with %d; the next look starts it again",
                code,
            )
        for answers in line.waiting.values():
            answers.put_nowait((GONE, None))


def _environment() -> dict[str, str]:
    """The environment with the monitored database's names, which this process has set aside, and without the keys to
    Slack, PagerDuty and the bot's own database: what reads strangers' answers needs none of them."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(NOT_ITS_OWN)}
    return {**own, **MONITORED_POSTGRES, "PYTHONPATH": str(ROOT)}


def _monitored(settings: Settings) -> MonitoredSettings:
    names = MonitoredSettings.model_fields
    return MonitoredSettings.model_construct(**{name: getattr(settings, name) for name in names})


async def _last(answers: asyncio.Queue[tuple[str, Any]]) -> Any:
    return _whole(await answers.get())


def _whole(answer: tuple[str, Any]) -> Any:
    kind, value = answer
    if kind != DONE:
        raise AskedInVain
    return value
