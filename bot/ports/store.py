"""The port of the database: transactions, reads and queues."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from bot.domain.diagnostic_run import DiagnosticRun, DiagnosticRunRequest
from bot.domain.incident import Incident, Situation
from bot.domain.incident_list import IncidentList
from bot.domain.operation_counts import OperationCounts
from bot.domain.page_provider import CachedCalendar
from bot.domain.results import CommandResult
from bot.domain.timeline_proof import TimelineHead
from bot.ports.messages import LeasedEffect, MessageRef, SlackChannel, SlackPerson, UnsupportedEffect
from bot.ports.remediation import RemediationStore
from bot.ports.transaction import Transaction


class Store(RemediationStore, Protocol):
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
    def is_committing(self, task: asyncio.Future[Any]) -> bool:
        """Whether a task has asked for its commit and not yet heard: it may be recorded or not."""

    async def answer(self, key: str) -> CommandResult:
        """What came of the request that took this key."""

    async def outcome(self, key: str) -> CommandResult | None:
        """The same; None when no request has taken it."""

    async def save_request(self, key: str, actor: str, payload: Mapping[str, Any]) -> None:
        """Keep what somebody asked for, for when they ask for it to be done; what was kept before stays."""

    async def find_saved_request(self, key: str, actor: str) -> Mapping[str, Any] | None:
        """What this person asked for; None when nothing of theirs was kept under the key."""

    async def situation(self, number: int) -> Situation | None: ...
    async def list_flood_run(self, number: int, within: timedelta) -> Sequence[tuple[int, float]]:
        """The public, real incidents that the declarer of this one declared from it on, without a pause longer than
        that; each with how many seconds later that was."""

    async def find_incident_in(self, channel: str, thread: str | None = None) -> int | None:
        """The incident whose channel this is, or whose announcement has this thread."""

    async def is_noted(self, source: str) -> bool:
        """Whether any timeline keeps the message (`channel:ts`)."""

    async def add_member_by_channel(self, channel: str, person: str) -> None:
        """Somebody acts in this channel: if it is a private incident's, they are one of its members."""

    async def may_see(self, number: int, viewer: str) -> bool:
        """Whether there is this incident for that person."""

    async def find_visible_incident(self, number: int, viewer: str) -> Incident | None:
        """The incident as it stands, None when there is none for that person."""

    async def is_paged(self, number: int, person: str) -> bool:
        """Whether this person was called to the incident in Slack."""

    async def list_commanded(self, person: str, limit: int, severities: Sequence[str]) -> Sequence[Incident]:
        """The open incidents that this person commands, no drills: the worst first by the order of `severities`, then
        the newest."""

    async def list_incidents(
        self, viewer: str, severities: Sequence[str], limit: int, drills: int, over: int
    ) -> IncidentList:
        """What `viewer` may see of all incidents, by the order of `severities`: at most `limit` that are open, so many
        drills, and so many that were resolved within a week, the last one first. Read in one go."""

    async def list_open_incidents_of(self, person: str, limit: int) -> Sequence[int]:
        """The newest open incidents that this person commands or was called to; drills if there are no others."""

    async def list_owned_items(self, person: str, limit: int) -> Sequence[tuple[Incident, str, date | None]]:
        """The open items of resolved incidents that this person does: the incident, the item's words, its day; what is
        due first in front."""

    async def list_followed(self, person: str, limit: int) -> Sequence[Incident]:
        """The newest open incidents that this person follows and may see."""

    async def list_pending_checklists(self, person: str, limit: int) -> Sequence[tuple[Incident, int]]:
        """Resolved incidents that this person commands, with the number of their open checklist items."""

    async def find_mark(self, key: str) -> str | None:
        """What the message or page of the effect with this key carries out there; None when there is no such effect."""

    async def is_marked(self, number: int, marks: Sequence[str]) -> bool:
        """Whether an effect of this incident carries one of these marks."""

    async def edition(self, sha: str) -> str | None: ...
    async def find_last_runbook(self) -> tuple[str, str] | None: ...
    async def place(self, name: str) -> str | None: ...
    async def find_member_count(self, name: str) -> int | None:
        """How many people were in the channel of this name when they were last counted; None when they never were."""

    async def person(self, id: str) -> tuple[SlackPerson, datetime] | None: ...
    async def save_person(self, person: SlackPerson) -> None: ...
    async def record_channel(self, channel: SlackChannel) -> None: ...
    async def list_recorded_channels(self, name: str) -> Sequence[SlackChannel]: ...
    async def wait_for_work(self, at_most: float, paging: bool = False) -> None: ...
    async def find_cached_calendar(self, source: str) -> CachedCalendar | None:
        """The last good copy of an on-call calendar, by a digest of its address."""

    async def claim(self, limit: int, paging: bool = False) -> Sequence[LeasedEffect]:
        """Take what is due and this version can perform: the effects at the paging providers, or all others."""

    async def put_back(self, row: LeasedEffect, delay: timedelta, error: str, uncertain: bool) -> None: ...
    def mark_sent(
        self, row: LeasedEffect, posted: MessageRef | None
    ) -> AbstractAsyncContextManager[Transaction | None]:
        """Mark the row as sent in a transaction that may go on to record what follows; None when another has it."""

    async def forget_old_requests(self) -> None: ...
    async def write_heartbeat(self, within: float) -> bool:
        """Change something for its own sake. Whether a page failed within so many seconds."""

    async def count_operations(self) -> OperationCounts:
        """What is open, late, due and dead right now."""

    async def list_timeline_heads(self, since: timedelta) -> Sequence[TimelineHead]:
        """The heads of the timelines that were added to within so long."""

    async def find_recent_restore(self) -> tuple[datetime, int] | None:
        """When within the last hour a restore from a backup was noticed, and of how many incidents pages were held."""

    async def trouble(self) -> str:
        """Why no change is taken right now, to be said after "the database"; empty while nothing is known to be wrong.
        After a failure it tries a change again. Never raises."""

    def mark_dead_letter(
        self, row: LeasedEffect, error: str
    ) -> AbstractAsyncContextManager[Transaction | None]:
        """The same for a row that can never be sent."""

    async def list_unsupported(self, limit: int) -> Sequence[UnsupportedEffect]:
        """Rows that are due and that no version that runs can perform: their lanes go on without them from now on."""

    def mark_abandoned(
        self, row: UnsupportedEffect, error: str
    ) -> AbstractAsyncContextManager[Transaction | None]:
        """Such a row will not be performed; None when somebody can by now, or it was given up."""

    async def wait_for_runs(self, at_most: float) -> None:
        """Return when a run of steps was asked for, or after `at_most` seconds."""

    async def claim_runs(self, limit: int) -> Sequence[DiagnosticRunRequest]:
        """Take runs of steps that were asked for and belong to nobody, also what a dead replica left behind."""

    async def list_stopped_runs(self, ids: Iterable[int]) -> Sequence[int]:
        """Those of these runs of steps that were stopped before every step had answered."""

    async def is_room(self, number: int, channel: str, thread: str | None = None) -> bool:
        """Whether what is said of the incident is said here: in this channel, or without one in this thread."""

    async def awaits_evidence(self, number: int) -> bool:
        """Whether the message of a run of steps of this incident is still to be posted."""

    async def look(self, id: int) -> DiagnosticRun: ...
    async def has_open_runs(self, number: int) -> bool:
        """Whether anything that was asked about the incident's systems has no end yet."""

    async def chart(self, look: int, place: int) -> bytes | None:
        """The picture (PNG) of what a step found."""
