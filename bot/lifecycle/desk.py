"""What every change of an incident needs at hand, and the one way in which a change is made."""

import asyncio
import hashlib
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.contacts import ContactBook, Handle, SourceKind, parse_handle
from bot.errors import Refused, StoreAway, TakenBefore
from bot.incident import Incident, Outcome
from bot.ports import Store, Transaction
from bot.precedence import Precedence
from bot.runbook import Runbook, read

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a person. `key` names the delivery, so that its repetition has no second effect."""

    key: str
    actor: str

    @property
    def change(self) -> str:
        """A short name for what this request causes, for the keys of its effects."""
        return hashlib.blake2s(self.key.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of the runbook's text; `sha` is the SHA-256 of it in hexadecimal.

    `instead_of` says what is wrong with the file, when this is the last good one.
    """

    sha: str
    source: str
    text: str
    runbook: Runbook
    instead_of: str = ""


def edition(text: str, source: str) -> Edition:
    """Read a runbook's text; `source` says where it came from."""
    return Edition(hashlib.sha256(text.encode()).hexdigest(), source, text, read(text))


@dataclass(slots=True)
class Editions:
    """The runbook in force, and the older ones that running incidents were declared with."""

    current: Edition
    store: Store
    _known: dict[str, Runbook] = field(default_factory=dict)

    def take(self, found: Edition) -> None:
        """Put an edition in force; the one before is kept as it was understood, for its incidents."""
        if found.sha != self.current.sha:
            self._known[self.current.sha] = self.current.runbook
        self.current = found

    async def of(self, incident: Incident) -> Runbook:
        """The runbook that was in force when the incident was declared."""
        sha = incident.edition
        if sha == self.current.sha:
            return self.current.runbook
        if sha not in self._known:
            text = await self.store.edition(sha)
            self._known[sha] = read(text) if text is not None else self.current.runbook
        return self._known[sha]


IN_TURN = 4
"""How many changes are made at the same time; who only looks never stands behind a crowd of them."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that stands on the desk where changes are made.

    `channel_name` is where incidents are announced; `contacts` are all names with their handles;
    `book` is the contacts file; `update_every` overrides the runbook's cadence; after `still_after` without anything
    done, those who answered are asked whether they are still on it.
    """

    store: Store
    editions: Editions
    channel_name: str
    contacts: dict[str, tuple[str, ...]]
    update_every: timedelta | None = None
    book: ContactBook = field(default_factory=ContactBook)
    still_after: timedelta = timedelta(minutes=30)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_TURN))
    precedence: Precedence = field(default_factory=Precedence)

    @property
    def on_call(self) -> frozenset[str]:
        """The names behind which a schedule or a calendar knows who that is now."""
        asked = (SourceKind.SCHEDULE, SourceKind.CALENDAR)
        return frozenset(
            name for name in self.contacts if any(each.kind in asked for each in self.book.sources(name))
        )

    def handle(self, shown: str) -> Handle | None:
        """The handle that people see as `shown`; None when the contacts file has it no more."""
        every = (each for handles in self.book.handles.values() for each in handles)
        known = next((each for each in every if each.shown == shown), None)
        parsed = parse_handle(shown)
        return known or (parsed if isinstance(parsed, Handle) else None)


Change = Callable[[Transaction], Awaitable[Outcome]]


async def once(desk: Desk, request: Request, change: Change) -> Outcome:
    """Make one change in one transaction. A repeated request gets the first one's outcome and changes nothing.

    A change that is refused must be refused before its first write: then the refusal is its outcome. It touches nothing
    but `work`: for a repeated request it is begun too, and ends with its first question.
    Raises StoreAway when nothing could be recorded.
    """
    async with desk.turns:
        try:
            async with desk.store.transaction() as work:
                await work.take(request.key)
                try:
                    outcome = await change(work)
                except Refused as refusal:
                    outcome = Outcome("refused", None, {"sentence": str(refusal)})
                await work.remember(request.key, outcome)
                return outcome
        except TakenBefore:
            try:
                return await desk.store.answer(request.key)
            except StoreAway as away:  # its first delivery was recorded, as far as we know
                raise StoreAway(str(away), in_doubt=True, why=away.why) from away


BATCH = 250
LATER = timedelta(minutes=1)
"""After how long an incident is looked at again whose look failed."""


async def each_by_itself(
    desk: Desk,
    what: str,
    due: Callable[[Transaction, int], Awaitable[Sequence[int]]],
    look: Callable[[Desk, Transaction, Incident], Awaitable[None]],
) -> int:
    """Look at each incident that is due, held, in a transaction of its own. Gives how many there were.

    One whose look fails waits for a minute, the others go on. Two replicas may find the same incident: `look` has to
    see for itself what is due still. Raises StoreAway.
    """
    async with desk.store.transaction() as work:
        numbers = await due(work, BATCH)
    for number in numbers:
        try:
            async with desk.store.transaction() as work:
                incident = await work.lock(number)
                assert incident is not None
                await look(desk, work, incident)
        except StoreAway:
            raise
        except Exception:
            error_id = uuid.uuid4().hex[:8]
            log.exception(
                "looking at what is due (%s) of INC-%d failed, error %s; again in a minute",
                what,
                number,
                error_id,
            )
            async with desk.store.transaction() as work:
                await work.lock(number)
                await work.postpone(number, LATER)
    return len(numbers)


async def held(work: Transaction, request: Request, number: int) -> Incident:
    """The incident, locked until the transaction ends. Raises Refused when there is none for who asks."""
    incident = await work.lock(number, request.actor)
    if incident is None:
        raise not_there(number)
    return incident


def not_there(number: int) -> Refused:
    """The same words for an incident that there is not and for one that somebody may not see."""
    return Refused(f"There is no INC-{number}. See `/incident list`. Nothing was changed.")


def must_be_real(incident: Incident) -> None:
    """Raises Refused when the incident is a drill, for what would wake somebody."""
    if incident.drill:
        raise Refused(f"{incident.reference} is a drill: nobody is called for it. Nobody was called.")


def must_be_open(incident: Incident) -> None:
    """Raises Refused when the incident is over."""
    if not incident.status.is_open:
        raise Refused(f"{incident.reference} is {incident.status} already. Nothing was changed.")
