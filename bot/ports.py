"""The doors to the outside: what the rules need of a database and of Slack, said without either."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.calls import Page, Way
from bot.contacts import Handle, Source
from bot.effects import Effect
from bot.incident import (
    EntryKind,
    Incident,
    Measured,
    NewIncident,
    Outcome,
    Person,
    Role,
    Situation,
    StatusUpdate,
    TimelineEntry,
)
from bot.letterbox import MAY_SEND, Block, Channel, Claimed, Identity, Message, Posted, Said, Waiting
from bot.paging import Copy, Duty, PageAnswer, PageCall

__all__ = [
    "MAY_SEND",
    "Block",
    "Channel",
    "Chat",
    "Claimed",
    "Identity",
    "Message",
    "OnCall",
    "Pager",
    "Posted",
    "Said",
    "Store",
    "Transaction",
    "Waiting",
]


class Transaction(Protocol):
    """One all-or-nothing change. Instants are the database's `now()`; nothing here touches the network."""

    async def recorded(self, key: str) -> Outcome | None:
        """Take the request's key; the earlier outcome when it was taken before."""

    async def remember(self, key: str, outcome: Outcome) -> None: ...
    async def now(self) -> datetime: ...
    async def insert_incident(self, new: NewIncident) -> Incident: ...

    async def lock(self, number: int, viewer: str | None = None) -> Incident | None:
        """The incident, held by this transaction until it ends; None when there is none that `viewer` may see."""

    async def add_member(self, number: int, person: str) -> None:
        """Let somebody see a private incident; who is invited to it may see it already."""

    async def drop_member(self, number: int, person: str) -> None: ...

    async def change(self, number: int, **values: object) -> Incident:
        """Set columns of the incident; the word `"now"` for an instant means the database's now."""

    async def open_titles(self, viewer: str, limit: int) -> Sequence[tuple[int, str, str | None]]:
        """(number, title, playbook) of the newest open incidents that `viewer` may see."""

    async def add_entry(self, number: int, actor: str, kind: EntryKind, **detail: str) -> None: ...
    async def last_entry(self, number: int, actor: str, kinds: Iterable[EntryKind]) -> EntryKind | None:
        """The kind of the newest entry of this person's among these kinds."""

    async def noted_from(self, source: str) -> Mapping[int, TimelineEntry]:
        """The last entry about a message (`channel:ts`) in each incident whose timeline keeps it."""

    async def add_pages(self, number: int, people: Iterable[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """Note whom to call, each (contact, person). Gives those who were not called to this incident before."""

    async def pages(self, number: int) -> Sequence[Page]: ...
    async def page_accepted(self, number: int, person: str) -> None: ...
    async def page_failed(self, number: int, person: str, why: str) -> None: ...
    async def page_acknowledged(self, number: int, person: str) -> None: ...
    async def add_ways(self, number: int, ways: Iterable[tuple[str, Sequence[str]]]) -> Sequence[Way]:
        """Note the ways beside Slack to each contact in their order. Gives the new ones."""

    async def way(self, id: int) -> Way | None: ...
    async def ways(self, number: int) -> Sequence[Way]:
        """The ways of an incident that are not past."""

    async def contacts_over(self, number: int) -> Sequence[str]: ...  # with ways that are past
    async def change_way(
        self, id: int, *marks: str, failed: str | None = None, later: timedelta | None = None
    ) -> Way:
        """Note now as the instant of each of the marks (`requested`, `accepted`, `delivered`, `acknowledged`, `ended`),
        or that it is `by_hand`, `refused` or `past`. With `requested`, `accepted` or `settled` it is looked at again
        after `later`; None means never."""

    async def answer_ways(self, number: int, contacts: Sequence[str]) -> Sequence[Way]:
        """Somebody called as one of these answered: their ways are acknowledged, those of the others quiet, except
        who was asked for by name. Gives the ways that this changed."""

    async def end_ways(self, number: int, contacts: Sequence[str] | None = None) -> Sequence[Way]:
        """It is over for these contacts, or for all: their ways are past. Gives those with a page that was open."""

    async def incidents_of_due_ways(self, limit: int) -> Sequence[int]: ...
    async def due_ways(self, number: int) -> Sequence[Way]: ...
    async def due_ladders(self, limit: int) -> Sequence[int]:
        """The incidents whose next step up the ladder is due."""

    async def postpone(self, number: int, by: timedelta) -> None:
        """What is due of an incident's ways and ladder is due again after so long."""

    async def last_acts(self, number: int) -> tuple[datetime | None, datetime | None]:
        """When somebody did something last, and when it was last asked whether anybody still does."""

    async def keep_calendar(self, source: str, copy: Copy) -> None: ...
    async def add_update(
        self, number: int, author: str, status: str, text: str, cadence: timedelta | None
    ) -> StatusUpdate: ...
    async def latest_update(self, number: int) -> int:
        """The id of the incident's latest update; 0 while there is none."""

    async def add_checklist(self, number: int, items: Iterable[tuple[timedelta, str, int]]) -> None:
        """Copy the runbook's items, each (window, text, line), and note when each window ends."""

    async def set_item(self, number: int, position: int, done: bool, actor: str) -> str | None:
        """The item's text, or None when it was in that state already."""

    async def set_role(self, number: int, role: Role, person: str) -> None: ...
    async def drop_windows(self, number: int) -> None: ...
    async def situation(self, number: int) -> Situation | None: ...
    async def enqueue(self, effects: Iterable[Effect], later: timedelta = timedelta(0)) -> None:
        """Write the effects down, to be performed now or so much later."""

    async def is_begun(self, key: str) -> bool:
        """Whether an effect was begun: what it shows may have been read already."""

    async def effect_payload(self, key: str) -> Mapping[str, Any] | None: ...
    async def due_notices(self, limit: int) -> Sequence[Incident]: ...
    async def entries_since_update(self, numbers: Sequence[int]) -> Mapping[int, Sequence[TimelineEntry]]: ...
    async def set_notices(self, following: Mapping[int, tuple[datetime | None, int]]) -> None:
        """When each of these incidents is looked at next (None: never by itself) and at which stage."""

    async def due_windows(self, limit: int) -> Sequence[tuple[int, timedelta]]: ...
    async def drop_window(self, number: int, within: timedelta) -> None: ...
    async def set_channel_place(self, name: str, channel: str) -> None: ...
    async def keep_edition(self, sha: str, source: str, text: str) -> None: ...
    async def revive(self, key: str) -> None: ...


class Store(Protocol):
    """The database: transactions, a few reads, and the outbox as delivery sees it. Raises StoreAway.

    `installation` is unlike that of any other database, so that our marks in Slack are ours alone.
    """

    installation: str

    def transaction(self) -> AbstractAsyncContextManager[Transaction]: ...
    def is_committing(self, task: asyncio.Future[Any]) -> bool:
        """Whether a task has asked for its commit and not yet heard: it may be recorded or not."""

    async def situation(self, number: int) -> Situation | None: ...
    async def incident_in(self, channel: str, thread: str | None = None) -> int | None:
        """The incident whose channel this is, or whose announcement has this thread."""

    async def is_noted(self, source: str) -> bool:
        """Whether any timeline keeps the message (`channel:ts`)."""

    async def seen_inside(self, channel: str, person: str) -> None:
        """Somebody acts in this channel: if it is a private incident's, they are one of its members."""

    async def may_see(self, number: int, viewer: str) -> bool:
        """Whether there is this incident for that person."""

    async def open_incidents(
        self,
        viewer: str,
        limit: int,
        severities: Sequence[str],
        commander: str | None = None,
        drills: bool = False,
    ) -> Sequence[Incident]:
        """Open incidents that `viewer` may see, all or one commander's: the worst first by the order of `severities`,
        then the newest. Either real ones or `drills`."""

    async def lately_over(self, viewer: str, limit: int) -> Sequence[Incident]:
        """Incidents resolved within a week that `viewer` may see, the last one first; no drills."""

    async def measured(self, numbers: Sequence[int]) -> Mapping[int, Measured]:
        """How long these incidents took, by their timelines; without those where nothing happened yet."""

    async def open_counts(self, viewer: str) -> Mapping[str, int]:
        """How many incidents that `viewer` may see are open of each severity, without drills."""

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


class Chat(Protocol):
    """Slack. Every method raises ChatRefused, ChatLimited, ChatAway or ChatUnknown."""

    async def identity(self) -> Identity: ...
    async def post(
        self, channel: str, message: Message, key: str, thread: str | None = None, broadcast: bool = False
    ) -> Posted:
        """Post with our key in the metadata. `channel` may be a user's id: the direct message is opened."""

    async def find_post(
        self, channel: str, key: str, since: datetime, thread: str | None = None
    ) -> Posted | None:
        """The message that carries our key, if Slack has it; `channel` may be a user's id."""

    async def said(self, channel: str, ts: str) -> Said | None:
        """What a message says now, also one in a thread; None when it is gone."""

    async def keys_in(self, channel: str) -> Sequence[str]:
        """Our keys on the newest messages of a channel: whose channel it is."""

    async def edit(self, posted: Posted, message: Message, key: str) -> None: ...
    async def create_channel(self, name: str, private: bool = False) -> Channel: ...
    async def find_channel(self, name: str, private: bool = False) -> Channel | None:
        """Look through the public channels, or the private ones that the bot is in, for this exact name, archived ones
        included: slow, for doubt only."""

    async def channel(self, id: str) -> Channel: ...
    async def join(self, channel: str) -> None: ...
    async def invite(self, channel: str, people: Sequence[str]) -> Mapping[str, str]:
        """Bring people in, any number; who was there already counts as brought. The refused ones, with the code."""

    async def pin(self, posted: Posted) -> None: ...
    async def bookmarks(self, channel: str) -> Sequence[str]:
        """The addresses of the channel's bookmarks."""

    async def add_bookmark(self, channel: str, title: str, url: str) -> None: ...
    async def rename_channel(self, channel: str, name: str) -> None: ...
    async def archive(self, channel: str) -> None:
        """Archive the channel; an archived one stays as it is."""

    async def set_topic(self, channel: str, topic: str) -> None: ...
    async def person(self, id: str) -> Person: ...
    async def person_by_email(self, email: str) -> Person: ...
    async def usergroup_members(self, id: str) -> Sequence[str]: ...


class Pager(Protocol):
    """Providers that wake people. Nothing is raised: every failure is an answer that says how far the request came.

    The same key may be sent again after an unknown answer: PagerDuty then makes no second page, while what goes out
    through Apprise may come twice and says so.
    """

    async def page(self, handle: Handle, call: PageCall) -> PageAnswer: ...
    async def acknowledge(self, handle: Handle, key: str) -> PageAnswer:
        """Tell the provider that the page was answered elsewhere. Accepted too where nothing is open."""

    async def progress(self, handle: Handle, key: str) -> PageAnswer:
        """What the provider knows of an accepted page by now: delivered, where it says so; else accepted still."""

    async def resolve(self, handle: Handle, key: str) -> PageAnswer:
        """End the page at the provider. Accepted too where nothing is open."""


class OnCall(Protocol):
    """Where it is written who is on call."""

    async def on_call(self, source: Source, at: datetime, last: Copy | None = None) -> Duty:
        """Who is on call at this instant; `last` is the calendar's last good copy. Nothing is raised."""
