"""The database: transactions, reads, and what waits there to be done."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.evidence import Asked, Look
from bot.incident import Incident, Outcome, Situation
from bot.letterbox import Channel, Claimed, Person, Posted
from bot.listed import Listed
from bot.paging import Copy
from bot.ports.transaction import Transaction


class Store(Protocol):
    """The database: transactions, a few reads, and the outbox as delivery sees it. Raises StoreAway.

    `installation` is unlike that of any other database, so that our marks in Slack are ours alone.
    """

    installation: str

    def transaction(self) -> AbstractAsyncContextManager[Transaction]: ...
    def is_committing(self, task: asyncio.Future[Any]) -> bool:
        """Whether a task has asked for its commit and not yet heard: it may be recorded or not."""

    async def answer(self, key: str) -> Outcome:
        """What came of the request that took this key."""

    async def situation(self, number: int) -> Situation | None: ...
    async def incident_in(self, channel: str, thread: str | None = None) -> int | None:
        """The incident whose channel this is, or whose announcement has this thread."""

    async def is_noted(self, source: str) -> bool:
        """Whether any timeline keeps the message (`channel:ts`)."""

    async def seen_inside(self, channel: str, person: str) -> None:
        """Somebody acts in this channel: if it is a private incident's, they are one of its members."""

    async def may_see(self, number: int, viewer: str) -> bool:
        """Whether there is this incident for that person."""

    async def commanded(self, person: str, limit: int, severities: Sequence[str]) -> Sequence[Incident]:
        """The open incidents that this person commands, no drills: the worst first by the order of `severities`, then
        the newest."""

    async def listed(
        self, viewer: str, severities: Sequence[str], limit: int, drills: int, over: int
    ) -> Listed:
        """What `viewer` may see of all incidents, by the order of `severities`: at most `limit` that are open, so many
        drills, and so many that were resolved within a week, the last one first. Read in one go."""

    async def open_incidents_of(self, person: str, limit: int) -> Sequence[int]:
        """The newest open incidents that this person commands or was called to; drills if there are no others."""

    async def waiting_for(self, person: str, limit: int) -> Sequence[tuple[Incident, int]]:
        """Resolved incidents that this person commands, with the number of their open checklist items."""

    async def edition(self, sha: str) -> str | None: ...
    async def last_edition(self) -> tuple[str, str] | None: ...
    async def place(self, name: str) -> str | None: ...
    async def person(self, id: str) -> tuple[Person, datetime] | None: ...
    async def save_person(self, person: Person) -> None: ...
    async def see_channel(self, channel: Channel) -> None: ...
    async def channels_seen(self, name: str) -> Sequence[Channel]: ...
    async def wait_for_work(self, at_most: float, paging: bool = False) -> None: ...
    async def calendar_copy(self, source: str) -> Copy | None:
        """The last good copy of an on-call calendar, by a digest of its address."""

    async def claim(self, limit: int, paging: bool = False) -> Sequence[Claimed]:
        """Take what is due: the effects at the paging providers, or all others."""

    async def put_back(self, row: Claimed, delay: timedelta, error: str, uncertain: bool) -> None: ...
    def settling(
        self, row: Claimed, posted: Posted | None
    ) -> AbstractAsyncContextManager[Transaction | None]:
        """Mark the row as sent in a transaction that may go on to record what follows; None when another has it."""

    async def forget_old_requests(self) -> None: ...
    async def trouble(self) -> str:
        """Why no change is taken right now, to be said after "the database"; empty while nothing is known to be wrong.
        After a failure it tries a change again. Never raises."""

    def burying(self, row: Claimed, error: str) -> AbstractAsyncContextManager[Transaction | None]:
        """The same for a row that can never be sent."""

    async def wait_for_looks(self, at_most: float) -> None:
        """Return when a run of steps was asked for, or after `at_most` seconds."""

    async def claim_looks(self, limit: int) -> Sequence[Asked]:
        """Take runs of steps that were asked for and belong to nobody, also what a dead replica left behind."""

    async def stopped_looks(self, ids: Iterable[int]) -> Sequence[int]:
        """Those of these runs of steps that were stopped before every step had answered."""

    async def look(self, id: int) -> Look: ...
    async def chart(self, look: int, place: int) -> bytes | None:
        """The picture (PNG) of what a step found."""
