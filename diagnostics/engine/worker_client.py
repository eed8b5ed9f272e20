"""Client of the diagnostics worker, a child process that asks the monitored systems.

What the worker loads and works through (AWS's library, pages of logs) neither grows the bot nor delays an
acknowledgement or a page, and the bot survives its crash. It starts on the first request and ends with the bot.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from bot import child_process
from bot.child_process import AsyncChild, ChildCommand
from bot.domain.check_request import CheckRequest
from bot.domain.diagnostic_run import DiagnosticRunRequest
from bot.domain.finding import Finding
from bot.domain.playbook import Action
from bot.ports.diagnostics import OnFinding, PlannedCheck, WorkerHung, WorkerUnavailable
from bot.runbook import Runbook
from bot.settings import Settings
from bot.settings.monitored_systems import MonitoredSettings
from bot.settings.setting_lookup import MONITORED_POSTGRES
from diagnostics.engine.executor import list_actions
from diagnostics.engine.runner import TOTAL
from diagnostics.engine.worker_protocol import (
    ASK,
    DONE,
    FORGET,
    GONE,
    HEARD,
    PLAN,
    SHUTDOWN_GRACE_S,
    WARM,
    encode_frame,
    read_frame,
)

log = logging.getLogger(__name__)

REPLY_TIMEOUT_S = TOTAL + 5.0
"""Without an answer for so long, beyond all deadlines of a run itself, the worker counts as hung."""

EXIT_TIMEOUT_S = SHUTDOWN_GRACE_S + 1.0
OWN_KEYS = ("SLACK_", "PAGERDUTY_", "TOCSIN_DATABASE_")
"""What the names of the bot's own keys begin with."""


@dataclass(slots=True)
class _ReplyStream:
    """What comes back for one request. `is_over` when the last one was read."""

    link: "_WorkerLink"
    answers: asyncio.Queue[tuple[str, Any]] = field(default_factory=asyncio.Queue)
    is_over: bool = False

    async def next(self) -> tuple[str, Any]:
        """The next one: HEARD, or DONE as the last. Raises WorkerUnavailable when none will come."""
        try:
            async with asyncio.timeout(REPLY_TIMEOUT_S):
                kind, value = await self.answers.get()
        except TimeoutError:
            log.error("diagnostics worker timeout: no answer in %.0f s; killed", REPLY_TIMEOUT_S)
            self.link.is_hung = True
            self.link.child.kill()
            raise WorkerHung from None
        self.is_over = kind != HEARD
        if kind not in (HEARD, DONE):
            raise WorkerHung if self.link.is_hung else WorkerUnavailable
        return kind, value


@dataclass(slots=True)
class _WorkerLink:
    """The worker, and the requests that wait for its answers, by number. `is_hung` when it was ended since it gave no
    answer."""

    child: AsyncChild
    is_hung: bool = False
    requests: dict[int, _ReplyStream] = field(default_factory=dict)


class DiagnosticsWorkerClient:
    """See `bot.ports.diagnostics.DiagnosticExecutor`. `lacks` says what is not configured, as
    `diagnostics.engine.configuration_check` does; `hidden`
    are settings that are none of the process's business, beside the bot's own keys."""

    def __init__(
        self, settings: Settings, lacks: Callable[[Action], str], hidden: Iterable[str] = ()
    ) -> None:
        self._settings, self._lacks, self._hidden = settings, lacks, frozenset(hidden)
        self._link: _WorkerLink | None = None
        self._starting = asyncio.Lock()
        self._reading: set[asyncio.Task[None]] = set()
        self._numbers = count(1)

    async def warm(self, runbook: Runbook) -> Sequence[str]:
        if not any(map(self._is_configured, list_actions(runbook))):
            return ()
        async with self._open_request(WARM, runbook) as answers:
            _, warnings = await answers.next()
        return tuple(warnings)

    def _is_configured(self, action: Action) -> bool:
        """Whether this was configured on purpose: what needs no key is not."""
        return not action.runs.startswith("http.") and not self._lacks(action)

    async def plan(
        self, asked: DiagnosticRunRequest, runbook: Runbook, now: datetime, began: datetime
    ) -> list[PlannedCheck]:
        with suppress(WorkerUnavailable):
            return await self._request_plan(asked, runbook, now, began)
        return await self._request_plan(
            asked, runbook, now, began
        )  # it only reads: a fresh process does it once more

    async def _request_plan(self, *values: object) -> list[PlannedCheck]:
        async with self._open_request(PLAN, *values) as answers:
            _, planned = await answers.next()
        return list(planned)

    async def ask(self, questions: Sequence[CheckRequest], on_finding: OnFinding) -> None:
        async def told(place: int, finding: Finding) -> None:
            await on_finding(place, finding)

        lost: WorkerUnavailable | None = None
        async with self._open_request(ASK, questions) as answers, asyncio.TaskGroup() as hearing:
            try:
                while (answer := await answers.next())[0] == HEARD:
                    hearing.create_task(told(*answer[1]))
            except WorkerUnavailable as why:
                lost = why  # what was heard before is recorded all the same
        if lost is not None:
            raise lost

    async def aclose(self) -> None:
        """End the worker, without waiting for what it was asked."""
        link, self._link = self._link, None
        if link is not None:
            link.child.writer.close()
            try:
                async with asyncio.timeout(EXIT_TIMEOUT_S):
                    await link.child.process.wait()
            except TimeoutError:
                link.child.kill()
        await asyncio.gather(*self._reading)

    @asynccontextmanager
    async def _open_request(self, name: str, *values: object) -> AsyncIterator[_ReplyStream]:
        """The answers to one request. Leaving before the last one cancels the request."""
        link, number = await self._ensure_started(), next(self._numbers)
        writer = link.child.writer
        replies = link.requests[number] = _ReplyStream(link)
        try:
            writer.write(encode_frame((number, name, values)))
            yield replies
        finally:
            del link.requests[number]
            if not replies.is_over and not writer.is_closing():
                writer.write(encode_frame((number, FORGET, ())))

    async def _ensure_started(self) -> _WorkerLink:
        async with self._starting:
            if self._link is None or self._link.is_hung:
                try:
                    self._link = await self._start()
                except OSError as error:
                    log.error("diagnostics worker cannot be started: %s", error)
                    raise WorkerUnavailable from None
            return self._link

    async def _start(self) -> _WorkerLink:
        child = await AsyncChild.start(
            ChildCommand.of_module("diagnostics.engine.worker", self._environment())
        )
        child.writer.write(encode_frame((_build_worker_settings(self._settings), self._hidden)))
        link = _WorkerLink(child)
        reading = asyncio.create_task(self._read_answers(link), name="diagnostics worker")
        self._reading.add(reading)
        reading.add_done_callback(self._reading.discard)
        return link

    def _environment(self) -> dict[str, str]:
        """The environment with the monitored database's names, which this process has set aside, and without the bot's
        own keys: what reads strangers' answers needs none of them."""
        own = {name: value for name, value in os.environ.items() if not is_hidden(name, self._hidden)}
        path = os.pathsep.join(filter(None, (str(child_process.ROOT), os.environ.get("PYTHONPATH"))))
        return {**own, **MONITORED_POSTGRES, "PYTHONPATH": path}

    async def _read_answers(self, link: _WorkerLink) -> None:
        """Hand each answer to the request that waits for it, until the worker is gone."""
        child = link.child
        try:
            while True:
                number, *answer = await read_frame(child.reader)
                if number in link.requests:
                    link.requests[number].answers.put_nowait(tuple(answer))
        except EOFError:
            pass
        except Exception:
            log.exception("diagnostics worker sent an invalid message; killed")
            child.kill()
        child.writer.close()
        code = await child.process.wait()
        if self._link is link:
            self._link = None
            log.error("diagnostics worker exited with code %d; it restarts on the next run", code)
        for replies in link.requests.values():
            replies.answers.put_nowait((GONE, None))


def is_hidden(name: str, hidden: Iterable[str]) -> bool:
    """Whether a setting is one of the bot's own keys, which the diagnostics worker must not have."""
    return name.upper().startswith(OWN_KEYS) or name in hidden


def _build_worker_settings(settings: Settings) -> MonitoredSettings:
    names = MonitoredSettings.model_fields
    return MonitoredSettings.model_construct(**{name: getattr(settings, name) for name in names})
