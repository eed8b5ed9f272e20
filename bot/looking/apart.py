"""Asks the monitored systems in a process of its own.

What it loads and works through (AWS's library, pages of logs) neither grows the bot nor holds up an acknowledgement or
a page; and what it dies of leaves the bot alone. It starts when there is something to ask and ends with the bot.
"""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from bot.evidence import Asked
from bot.looking.asking import AskedInVain, actions_of
from bot.looking.frames import ASK, DONE, FORGET, GONE, HEARD, LETS_GO_WITHIN, PLAN, WARM, framed, read
from bot.looking.plan import Planned
from bot.runbook import Runbook
from bot.settings import MONITORED_POSTGRES, MonitoredSettings, Settings
from bot.step import Action
from diagnostics.finding import Finding
from diagnostics.question import Question
from diagnostics.runner import TOTAL, Hear

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent.parent
SILENT = TOTAL + 5.0
"""Seconds without an answer, beyond all of a look's own deadlines, after which the process counts as hung."""

ENDS_WITHIN = LETS_GO_WITHIN + 1.0
OWN_KEYS = ("SLACK_", "PAGERDUTY_", "TOCSIN_DATABASE_URL")
"""What the names of the bot's own keys begin with."""


@dataclass(slots=True)
class _Answers:
    """What comes back for one request. `is_over` when the last one was read."""

    process: asyncio.subprocess.Process
    come: asyncio.Queue[tuple[str, Any]] = field(default_factory=asyncio.Queue)
    is_over: bool = False

    async def next(self) -> tuple[str, Any]:
        """The next one: HEARD, or DONE as the last. Raises AskedInVain when none will come."""
        try:
            async with asyncio.timeout(SILENT):
                kind, value = await self.come.get()
        except TimeoutError:
            log.error("the process that asks the monitored systems hangs; it is ended")
            _kill(self.process)
            raise AskedInVain from None
        self.is_over = kind != HEARD
        if kind not in (HEARD, DONE):
            raise AskedInVain
        return kind, value


@dataclass(slots=True)
class _Line:
    """The process, the way to it, and who waits for its answers."""

    process: asyncio.subprocess.Process
    writer: asyncio.StreamWriter
    waiting: dict[int, _Answers] = field(default_factory=dict)


class Apart:
    """See `bot.looking.asking.Asking`. `lacks` says what is not configured, as `bot.looking.lacking` does; `hidden`
    are settings that are none of the process's business, beside the bot's own keys."""

    def __init__(
        self, settings: Settings, lacks: Callable[[Action], str], hidden: Iterable[str] = ()
    ) -> None:
        self._settings, self._lacks, self._hidden = settings, lacks, frozenset(hidden)
        self._line: _Line | None = None
        self._starting = asyncio.Lock()
        self._hearing: set[asyncio.Task[None]] = set()
        self._numbers = count(1)

    async def warm(self, runbook: Runbook) -> Sequence[str]:
        if not any(map(self._is_configured, actions_of(runbook))):
            return ()
        async with self._told(WARM, runbook) as answers:
            _, warnings = await answers.next()
        return tuple(warnings)

    def _is_configured(self, action: Action) -> bool:
        """Whether this was configured on purpose: what needs no key is not."""
        return not action.runs.startswith("http.") and not self._lacks(action)

    async def plan(self, asked: Asked, runbook: Runbook, now: datetime, began: datetime) -> list[Planned]:
        with suppress(AskedInVain):
            return await self._planned(asked, runbook, now, began)
        return await self._planned(
            asked, runbook, now, began
        )  # it only reads: a fresh process does it once more

    async def _planned(self, *values: object) -> list[Planned]:
        async with self._told(PLAN, *values) as answers:
            _, planned = await answers.next()
        return list(planned)

    async def ask(self, questions: Sequence[Question], hear: Hear) -> None:
        async def told(place: int, finding: Finding) -> None:
            await hear(place, finding)

        in_vain = False
        async with self._told(ASK, questions) as answers, asyncio.TaskGroup() as hearing:
            try:
                while (answer := await answers.next())[0] == HEARD:
                    hearing.create_task(told(*answer[1]))
            except AskedInVain:
                in_vain = True  # what was heard before is recorded all the same
        if in_vain:
            raise AskedInVain

    async def aclose(self) -> None:
        """End the process; what it was asked is not waited for."""
        line, self._line = self._line, None
        if line is not None:
            line.writer.close()
            try:
                async with asyncio.timeout(ENDS_WITHIN):
                    await line.process.wait()
            except TimeoutError:
                _kill(line.process)
        await asyncio.gather(*self._hearing)

    @asynccontextmanager
    async def _told(self, name: str, *values: object) -> AsyncIterator[_Answers]:
        """Its answers to one request. Who leaves before the last one takes the request back."""
        line, number = await self._ready(), next(self._numbers)
        answers = line.waiting[number] = _Answers(line.process)
        try:
            line.writer.write(framed((number, name, values)))
            yield answers
        finally:
            del line.waiting[number]
            if not answers.is_over and not line.writer.is_closing():
                line.writer.write(framed((number, FORGET, ())))

    async def _ready(self) -> _Line:
        async with self._starting:
            if self._line is None:
                try:
                    self._line = await self._started()
                except OSError as error:
                    log.error("the process that asks the monitored systems cannot be started: %s", error)
                    raise AskedInVain from None
            return self._line

    async def _started(self) -> _Line:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-m", "bot.looking", str(theirs.fileno())),
                    pass_fds=[theirs.fileno()],
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    env=self._environment(),
                    start_new_session=True,  # Ctrl-C is the bot's, which ends this one
                )
            except BaseException:
                ours.close()
                raise
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(framed((_monitored(self._settings), self._hidden)))
        line = _Line(process, writer)
        hearing = asyncio.create_task(self._hear(line, reader), name="the process that asks")
        self._hearing.add(hearing)
        hearing.add_done_callback(self._hearing.discard)
        return line

    def _environment(self) -> dict[str, str]:
        """The environment with the monitored database's names, which this process has set aside, and without the bot's
        own keys: what reads strangers' answers needs none of them."""
        own = {name: value for name, value in os.environ.items() if not is_hidden(name, self._hidden)}
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        return {**own, **MONITORED_POSTGRES, "PYTHONPATH": path}

    async def _hear(self, line: _Line, reader: asyncio.StreamReader) -> None:
        """Hand each answer to who waits for it, until the process is gone."""
        try:
            while True:
                number, *answer = await read(reader)
                if number in line.waiting:
                    line.waiting[number].come.put_nowait(tuple(answer))
        except EOFError:
            pass
        except Exception:
            log.exception("the process that asks the monitored systems was not understood; it is ended")
            _kill(line.process)
        line.writer.close()
        code = await line.process.wait()
        if self._line is line:
            self._line = None
            log.error(
                "the process that asks the monitored systems ended with %d; the next look starts it again",
                code,
            )
        for answers in line.waiting.values():
            answers.come.put_nowait((GONE, None))


def is_hidden(name: str, hidden: Iterable[str]) -> bool:
    """Whether a setting is one of the bot's own keys, which the process that asks must not have."""
    return name.upper().startswith(OWN_KEYS) or name in hidden


def _monitored(settings: Settings) -> MonitoredSettings:
    names = MonitoredSettings.model_fields
    return MonitoredSettings.model_construct(**{name: getattr(settings, name) for name in names})


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
