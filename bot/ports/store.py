"""The port of the database: transactions, reads and queues."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

from bot.domain.operation_counts import OperationCounts
from bot.ports.action_repository import ActionReader
from bot.ports.diagnostic_run_repository import DiagnosticRunQueue
from bot.ports.due_work import DueWorkReader
from bot.ports.incident_repository import IncidentReader
from bot.ports.outbox_queue import OutboxQueue
from bot.ports.page_repository import PageReader
from bot.ports.publication_repository import PublicationReader
from bot.ports.remediation import RemediationStore
from bot.ports.request_log import RequestLog
from bot.ports.review_repository import ReviewReader
from bot.ports.runbook_repository import RunbookReader
from bot.ports.timeline_repository import TimelineReader
from bot.ports.transaction import Transaction
from bot.ports.workspace_repository import WorkspaceReader


class Store(
    IncidentReader,
    TimelineReader,
    PageReader,
    DiagnosticRunQueue,
    DueWorkReader,
    OutboxQueue,
    WorkspaceReader,
    RequestLog,
    RemediationStore,
    ActionReader,
    ReviewReader,
    RunbookReader,
    PublicationReader,
    Protocol,
):
    """The database: transactions, a few reads, and the outbox as delivery sees it. Raises DatabaseUnavailable.

    `installation` is unlike that of any other database: our marks in Slack begin with it.
    """

    installation: str

    @property
    def begun(self) -> int:
        """How often this replica began to use the database: another state of it may be there each time."""

    @property
    def replaced(self) -> int:
        """How often its tables turned out to be made anew since this replica knows them: a backup was put back."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]: ...
    def may_be_recorded(self, task: asyncio.Future[Any]) -> bool:
        """Whether a task's request may be recorded: it has asked for its commit, or its key was taken before."""

    async def edition(self, sha: str) -> str | None: ...
    async def find_last_runbook(self) -> tuple[str, str] | None: ...
    async def write_heartbeat(self, within: float) -> bool:
        """Change something for its own sake. Whether a page failed within so many seconds."""

    async def count_operations(self) -> OperationCounts:
        """What is open, late, due and dead right now."""

    async def find_recent_restore(self) -> tuple[datetime, int] | None:
        """When within the last hour a restore from a backup was noticed, and of how many incidents pages were held."""

    async def trouble(self) -> str:
        """Why no change is taken right now, to be said after "the database"; empty while nothing is known to be wrong.
        After a failure it tries a change again. Never raises."""
