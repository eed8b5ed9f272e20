"""The port of one transaction: all changes of it are made, or none."""

from datetime import datetime
from typing import Protocol

from bot.domain.results import CommandResult
from bot.ports.action_repository import ActionRepository, TicketRepository
from bot.ports.checklist_repository import ChecklistRepository
from bot.ports.diagnostic_run_repository import DiagnosticRunRepository
from bot.ports.flood_counts import FloodCounts
from bot.ports.incident_repository import IncidentRepository
from bot.ports.meeting_repository import MeetingRepository
from bot.ports.outbox_repository import OutboxRepository
from bot.ports.page_repository import PageRepository
from bot.ports.publication_repository import PublicationRepository
from bot.ports.remediation import RemediationTransaction
from bot.ports.review_repository import ReviewRepository
from bot.ports.runbook_repository import RunbookRepository
from bot.ports.status_update_repository import StatusUpdateRepository
from bot.ports.timeline_repository import TimelineRepository
from bot.ports.workspace_repository import WorkspaceRepository


class Transaction(
    IncidentRepository,
    TimelineRepository,
    PageRepository,
    StatusUpdateRepository,
    ChecklistRepository,
    DiagnosticRunRepository,
    OutboxRepository,
    WorkspaceRepository,
    FloodCounts,
    RemediationTransaction,
    ActionRepository,
    TicketRepository,
    ReviewRepository,
    MeetingRepository,
    RunbookRepository,
    PublicationRepository,
    Protocol,
):
    """One all-or-nothing change. Instants are the database's `now()`; nothing here touches the network.

    What gives nothing may be sent later, with what gives something or with the commit: its failure comes then.
    """

    async def take(self, key: str) -> None:
        """Take the request's key. When it was taken before, nothing after this is done, and the next question or the
        commit raises DuplicateRequest."""

    async def remember(self, key: str, outcome: CommandResult) -> None: ...
    async def now(self) -> datetime: ...
    async def save_runbook_version(self, sha: str, source: str, text: str) -> None: ...
