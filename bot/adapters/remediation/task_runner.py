"""Starts a process for each thing that is read or done, and waits for its answer.

Each is split off from one that has its libraries loaded and no keys: what it needs comes with its task. It serves one
task and ends. Slack's, PagerDuty's and the bot database's keys never reach it.
"""

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.adapters.remediation.protocol import CARRY_OUT, FIND_RETURN, OBSERVE, PREVIEW, Task, parse_answer
from bot.adapters.remediation.task_template import TaskTemplate
from bot.domain.remediation import Remediation, RemediationKind
from bot.domain.remediation_plan import Plan
from bot.domain.remediation_rights import RIGHTS
from bot.ports.remediation import Observation, Receipt, Refusal, RemediationUnavailable
from bot.settings.remediation_settings import SystemSettings
from bot.settings.setting_lookup import MONITORED_POSTGRES

log = logging.getLogger(__name__)

CALL_WITHIN_S = 8.0
"""Seconds after it was asked within which a process may still make the one call."""

READ_WITH = (
    "aws_role",
    "monitored_database_url",
    "github_token",
    "github_repository",
    "github_api_url",
    "scale_cap",
    "google_token",
    "google_credentials",
    "firebase_project",
    "firebase_banner",
    "addresses",
)
PLACES = (
    "github_repository",
    "github_api_url",
    "scale_cap",
    "firebase_project",
    "firebase_banner",
    "addresses",
)
"""Settings that are no keys: where things are, and how much is too much."""


def build_read_keys(settings: SystemSettings) -> dict[str, Any]:
    """The settings that a process gets which only reads."""
    return {**_dump(settings, READ_WITH), "libpq": dict(MONITORED_POSTGRES)}


def _dump(settings: SystemSettings, fields: tuple[str, ...]) -> dict[str, Any]:
    """Settings as JSON can hold them."""
    values = {field: getattr(settings, field) for field in fields}
    return {field: _reveal(value) for field, value in values.items()}


def _reveal(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value) if isinstance(value, Path) else value


def explain_unusable_key(settings: SystemSettings) -> str:
    """Why the key with which the banner is shown opens nothing, in a sentence; empty when it may."""
    file = settings.remediation_google_credentials
    if file is None:
        return ""
    # It loads cryptography, which a bot without banners does not need.
    from bot.google_assertion import build_token_request

    try:
        build_token_request(file, "", 0)
    except ValueError:
        return "The file that TOCSIN_REMEDIATION_GOOGLE_CREDENTIALS names is no service account's key."
    return ""


class RemediationProcessClient:
    """See `bot.ports.remediation.RemediationExecutor`."""

    def __init__(self, settings: SystemSettings) -> None:
        self._settings = settings
        self._template = TaskTemplate()

    def explain_unready(self, kind: RemediationKind) -> str:
        for field, setting in RIGHTS[kind].needed:
            if not getattr(self._settings, field):
                return f"{kind.value} needs {setting}, which is not set."
        return explain_unusable_key(self._settings) if kind is RemediationKind.BANNER else ""

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

    async def prepare(self) -> None:
        try:
            await self._template.open()
        except OSError as error:
            log.error("the process for remediations cannot be started: %s", error)

    async def aclose(self) -> None:
        """End what runs: what was under way is looked for later."""
        await self._template.aclose()

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
            said = await self._template.ask(task.dump())
        except OSError as error:
            log.error("the process for a remediation cannot be started: %s", error)
            return NOT_STARTED
        try:
            return parse_answer(said)
        except ValueError:
            log.error("the process for a remediation ended without an answer")
            return NO_ANSWER


NOT_STARTED = "The process for it could not be started."
NO_ANSWER = "The process that was to do it ended without an answer."


def _explain(answer: object) -> str:
    return answer if isinstance(answer, str) else NO_ANSWER
