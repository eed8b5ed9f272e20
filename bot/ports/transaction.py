"""One all-or-nothing change of the database, as the rules need it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.calls import Page, Way
from bot.effects import Effect
from bot.evidence import Look, Result
from bot.incident import (
    EntryKind,
    Incident,
    NewIncident,
    Outcome,
    Role,
    Situation,
    StatusUpdate,
    TimelineEntry,
)
from bot.paging import Copy


class Transaction(Protocol):
    """One all-or-nothing change. Instants are the database's `now()`; nothing here touches the network.

    What gives nothing may be sent later, with what gives something or with the commit: its failure comes then.
    """

    async def take(self, key: str) -> None:
        """Take the request's key. When it was taken before, nothing after this is done, and the next question or the
        commit raises TakenBefore."""

    async def remember(self, key: str, outcome: Outcome) -> None: ...
    async def now(self) -> datetime: ...
    async def insert_incident(self, new: NewIncident) -> Incident: ...

    async def lock(self, number: int, viewer: str | None = None) -> Incident | None:
        """The incident, held by this transaction until it ends; None when there is none that `viewer` may see."""

    async def add_member(self, number: int, person: str) -> None:
        """Let somebody see a private incident; who is invited to it may see it already."""

    async def drop_member(self, number: int, person: str) -> None: ...

    async def incident(self, number: int) -> Incident:
        """As it stands now, with what this transaction changed."""

    async def change(self, number: int, **values: object) -> None:
        """Set columns of the incident; the word `"now"` for an instant means the database's now."""

    async def open_titles(self, viewer: str, limit: int) -> Sequence[tuple[int, str, str | None]]:
        """(number, title, playbook) of the newest open incidents that `viewer` may see."""

    async def add_entry(self, number: int, actor: str, kind: EntryKind, **detail: str) -> None: ...
    async def last_entry(self, number: int, actor: str, kinds: Iterable[EntryKind]) -> EntryKind | None:
        """The kind of the newest entry of this person's among these kinds."""

    async def noted_from(self, source: str) -> Mapping[int, TimelineEntry]:
        """The last entry about a message (`channel:ts`) in each incident whose timeline keeps it."""

    async def add_pages(self, number: int, people: Iterable[tuple[str, str]]) -> None:
        """Note whom to call, each (contact, person); who was called to this incident before stays as they are."""

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
    ) -> None:
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

    async def hold(self, key: str) -> bool:
        """Whether an effect has not begun yet: it does not before this transaction ends, and shows what that writes."""

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

    async def is_looking(
        self,
        number: int,
        scope: str,
        what: str,
        step: tuple[str, int] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether the same run of steps is under way."""

    async def add_look(
        self,
        number: int,
        request: str,
        scope: str,
        what: str,
        asked_by: str,
        step: tuple[str, int] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> None:
        """Ask for a run of steps, unless the same is under way. `step` is (file, line) of the one that is meant, `what`
        the playbook's id or that step's title, `inputs` what its gaps are filled with."""

    async def begin_look(self, look: int, results: Iterable[Result]) -> bool:
        """Note the steps that are run, and what is known of some at once. Those that stand there already stay. False
        when the run was stopped before."""

    async def put_results(self, look: int, found: Iterable[tuple[Result, bytes | None]]) -> None:
        """Note what steps found, each with its chart (PNG). What has a verdict already stays."""

    async def end_look(self, look: int) -> bool:
        """The run has come to its end; False when it had before."""

    async def stop_looks(self, number: int, said: str) -> Sequence[Look]:
        """End the incident's runs that are under way; `said` is the headline of what has not answered. Gives them as
        they are then."""
