"""Starts a process for each thing that is read or done, and waits for its answer.

Processes are started in advance, with their libraries loaded and without any keys: what one needs comes with its task,
over a pipe. It serves one task and ends. Slack's, PagerDuty's and the bot database's keys never reach it.
"""

import asyncio
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.adapters.remediation.protocol import CARRY_OUT, FIND_RETURN, OBSERVE, PREVIEW, Task, parse_answer
from bot.domain.remediation import Remediation, RemediationKind
from bot.domain.remediation_plan import Plan
from bot.domain.remediation_rights import RIGHTS
from bot.performance import SPARE_PROCESSES
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationUnavailable
from bot.settings import MONITORED_POSTGRES
from bot.settings.remediation import SystemSettings

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
CALL_WITHIN_S = 8.0
"""Seconds after it was asked within which a process may still make the one call."""

KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
)
KEPT_BEGINNINGS = ("AWS_", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
"""What a process inherits: where things are, and who this machine is at AWS, by which a role is assumed."""

READ_WITH = (
    "aws_role",
    "monitored_database_url",
    "github_token",
    "github_repository",
    "github_api_url",
    "scale_cap",
)
PLACES = ("github_repository", "github_api_url", "scale_cap")
"""Settings that are no keys: where things are, and how much is too much."""


def build_read_keys(settings: SystemSettings) -> dict[str, Any]:
    """The settings that a process gets which only reads."""
    return {**_dump(settings, READ_WITH), "libpq": dict(MONITORED_POSTGRES)}


def _dump(settings: SystemSettings, fields: tuple[str, ...]) -> dict[str, Any]:
    """Settings as JSON can hold them."""
    values = {field: getattr(settings, field) for field in fields}
    return {
        field: value.get_secret_value() if hasattr(value, "get_secret_value") else value
        for field, value in values.items()
    }


class RemediationProcessClient:
    """See `bot.ports.remediation.RemediationExecutor`."""

    def __init__(self, settings: SystemSettings) -> None:
        self._settings = settings
        self._spares: deque[asyncio.Task[asyncio.subprocess.Process]] = deque()
        self._running: set[asyncio.subprocess.Process] = set()

    def explain_unready(self, kind: RemediationKind) -> str:
        right = RIGHTS[kind]
        if getattr(self._settings, right.field):
            return ""
        return f"{kind.value} needs {right.setting}, which is not set."

    async def preview(self, kind: RemediationKind, parameters: Mapping[str, str]) -> Plan | Refusal:
        answer = await self._ask(Task(PREVIEW, kind.value, dict(parameters), self._read_keys(), {}))
        if isinstance(answer, Plan | Refusal):
            return answer
        raise RemediationUnavailable(_explain(answer))

    async def observe(self, asked: Remediation) -> Observation:
        answer = await self._ask(self._build_task(OBSERVE, asked, self._read_keys()))
        if isinstance(answer, Observation):
            return answer
        raise RemediationUnavailable(_explain(answer))

    async def find_return(self, asked: Remediation) -> Observation:
        answer = await self._ask(self._build_task(FIND_RETURN, asked, self._read_keys()))
        if isinstance(answer, Observation):
            return answer
        raise RemediationUnavailable(_explain(answer))

    async def carry_out(self, asked: Remediation) -> Receipt:
        if why := self.explain_unready(asked.kind):
            return Receipt(False, why)
        keys = self._dump((RIGHTS[asked.kind].field, *PLACES))
        answer = await self._ask(self._build_task(CARRY_OUT, asked, keys))
        if isinstance(answer, Receipt):
            return answer
        return Receipt(None, _explain(answer))

    async def aclose(self) -> None:
        """End what runs: what was under way is looked for later."""
        for spare in self._spares:
            spare.cancel()
            with suppress(asyncio.CancelledError, OSError):
                self._running.add(await spare)
        for process in self._running:
            _kill(process)
        await asyncio.gather(*(process.wait() for process in self._running))

    def _build_task(self, deed: str, asked: Remediation, keys: Mapping[str, Any]) -> Task:
        assert asked.plan is not None and asked.started_at is not None
        return Task(
            deed,
            asked.kind.value,
            dict(asked.parameters),
            keys,
            dict(asked.plan.action),
            asked.plan.target,
            asked.key,
            asked.title,
            asked.started_at.isoformat(),
            dict(asked.receipt),
            time.time() + CALL_WITHIN_S,
        )

    def _read_keys(self) -> dict[str, Any]:
        return build_read_keys(self._settings)

    def _dump(self, fields: tuple[str, ...]) -> dict[str, Any]:
        return _dump(self._settings, fields)

    async def _ask(self, task: Task) -> Plan | Refusal | Receipt | Observation | str:
        """The answer of one process to one task; a sentence where there is none. Who is cancelled ends it."""
        try:
            process = await self._take_spare()
        except OSError as error:
            log.error("the process for a remediation cannot be started: %s", error)
            return NOT_STARTED
        self._running.add(process)
        try:
            said, _ = await process.communicate(task.dump())
            return parse_answer(said)
        except ValueError:
            log.error("the process for a remediation ended with %s and without an answer", process.returncode)
            return NO_ANSWER
        finally:
            if process.returncode is None:
                _kill(process)
            self._running.discard(process)

    async def _take_spare(self) -> asyncio.subprocess.Process:
        """A process that was started in advance, or a new one; the next ones are started meanwhile."""
        spare = self._spares.popleft() if self._spares else None
        while len(self._spares) < SPARE_PROCESSES:
            self._spares.append(asyncio.create_task(_start(), name="the next remediation's process"))
        if spare is not None:
            process = await spare
            if process.returncode is None:
                return process
        return await _start()


NOT_STARTED = "The process for it could not be started."
NO_ANSWER = "The process that was to do it ended without an answer."


def _explain(answer: object) -> str:
    return answer if isinstance(answer, str) else NO_ANSWER


async def _start() -> asyncio.subprocess.Process:
    own = {
        name: text for name, text in os.environ.items() if name in KEPT or name.startswith(KEPT_BEGINNINGS)
    }
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "bot.adapters.remediation.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**own, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C is the bot's
    )


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
