"""The port of one transaction: all changes of it are made, or none."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from bot.domain.diagnostic_run import DiagnosticRun, StepResult
from bot.domain.effects import Effect
from bot.domain.incident import (
    EntryKind,
    Incident,
    IncidentRole,
    NewIncident,
    Situation,
    StatusUpdate,
    TimelineEntry,
)
from bot.domain.page_attempts import PageAttempt, SlackPage
from bot.domain.page_provider import CachedCalendar
from bot.domain.results import CommandResult
from bot.domain.timeline_details import TimelineDetail
from bot.ports.flood_counts import FloodCounts
from bot.ports.remediation import RemediationTransaction


class Transaction(FloodCounts, RemediationTransaction, Protocol):
    """One all-or-nothing change. Instants are the database's `now()`; nothing here touches the network.

    What gives nothing may be sent later, with what gives something or with the commit: its failure comes then.
    """

    async def take(self, key: str) -> None:
        """Take the request's key. When it was taken before, nothing after this is done, and the next question or the
        commit raises DuplicateRequest."""

    async def remember(self, key: str, outcome: CommandResult) -> None: ...
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

    async def list_open_titles(self, viewer: str, limit: int) -> Sequence[tuple[int, str, str | None]]:
        """(number, title, playbook) of the newest open incidents that `viewer` may see."""

    async def add_entry(self, number: int, actor: str, detail: TimelineDetail) -> None: ...
    async def find_last_entry(self, number: int, actor: str, kinds: Iterable[EntryKind]) -> EntryKind | None:
        """The kind of the newest entry of this person's among these kinds."""

    async def list_notes_of_message(self, source: str) -> Mapping[int, TimelineEntry]:
        """The last entry about a message (`channel:ts`) in each incident whose timeline keeps it."""

    async def merge(self, number: int, into: int, person: str) -> None:
        """Note that `number` was closed into another incident."""

    async def unmerge(self, number: int) -> None: ...
    async def find_merge_target(self, number: int) -> int | None:
        """The incident into which this one was merged; None for none, and perhaps wrong for one that is open."""

    async def add_follower(self, number: int, person: str) -> bool:
        """Let somebody read along; False when they do already."""

    async def drop_follower(self, number: int, person: str) -> bool:
        """The contrary; False when they did not."""

    async def drop_followers(self, number: int) -> None: ...
    async def followers(self, number: int) -> Sequence[str]:
        """Who reads along and may see the incident."""

    async def list_due_shifts(self, limit: int) -> Sequence[int]:
        """The open incidents of which it is to be looked at whether their commander's shift ends."""

    async def begin_shift_check(self, number: int, commander: str, again: timedelta) -> int | None:
        """Check it now, and again after so long: the look's own number; None when it is not due any more."""

    async def schedule_shift_check(self, number: int, commander: str, at: datetime) -> None:
        """Check it again then, while this is still the commander."""

    async def add_pages(self, number: int, people: Iterable[tuple[str, str]]) -> None:
        """Note whom to call, each (contact, person); who was called to this incident before stays as they are."""

    async def pages(self, number: int) -> Sequence[SlackPage]: ...
    async def mark_page_accepted(self, number: int, person: str) -> None: ...
    async def mark_page_failed(self, number: int, person: str, why: str) -> None: ...
    async def mark_page_acknowledged(self, number: int, person: str) -> None: ...
    async def end_pages(self, number: int, people: Iterable[str]) -> None:
        """These are not called any more, from now on; who was not before stays as they are."""

    async def renew_pages(self, number: int, people: Iterable[str]) -> Sequence[str]:
        """An answer of these is wanted again. Gives those for whom that changes anything."""

    async def add_page_attempts(
        self, number: int, ways: Iterable[tuple[str, Sequence[str]]]
    ) -> Sequence[PageAttempt]:
        """Note the ways beside Slack to each contact in their order. Gives the new ones."""

    async def way(self, id: int) -> PageAttempt | None: ...
    async def ways(self, number: int) -> Sequence[PageAttempt]:
        """The ways of an incident that are not past."""

    async def list_finished_contacts(self, number: int) -> Sequence[str]: ...  # with ways that are past
    async def update_page_attempt(
        self, id: int, *marks: str, failed: str | None = None, later: timedelta | None = None
    ) -> None:
        """Note now as the instant of each of the marks (`requested`, `accepted`, `delivered`, `acknowledged`, `ended`),
        or that it is `by_hand`, `refused` or `past`. With `requested`, `accepted` or `settled` it is looked at again
        after `later`; None means never."""

    async def acknowledge_attempts(self, number: int, contacts: Sequence[str]) -> Sequence[PageAttempt]:
        """Somebody called as one of these answered: their ways are acknowledged, those of the others quiet, except
        who was asked for by name. Gives the ways that this changed."""

    async def end_page_attempts(
        self, number: int, contacts: Sequence[str] | None = None
    ) -> Sequence[PageAttempt]:
        """It is over for these contacts, or for all: their ways are past. Gives those with a page that was open."""

    async def list_due_attempt_incidents(self, limit: int) -> Sequence[int]: ...
    async def list_due_attempts(self, number: int) -> Sequence[PageAttempt]: ...
    async def list_due_escalations(self, limit: int) -> Sequence[int]:
        """The incidents whose next step up the ladder is due."""

    async def postpone(self, number: int, by: timedelta) -> None:
        """What is due of an incident's ways and ladder is due again after so long."""

    async def find_last_activity(self, number: int) -> tuple[datetime | None, datetime | None]:
        """When somebody did something last, and when it was last asked whether anybody still does."""

    async def cache_calendar(self, source: str, copy: CachedCalendar) -> None: ...
    async def add_update(
        self, number: int, author: str, status: str, text: str, cadence: timedelta | None
    ) -> StatusUpdate: ...
    async def find_latest_update(self, number: int) -> int:
        """The id of the incident's latest update; 0 while there is none."""

    async def add_checklist(self, number: int, items: Iterable[tuple[timedelta, str, int]]) -> None:
        """Copy the runbook's items, each (window, text, line), and note when each window ends."""

    async def set_item(self, number: int, position: int, done: bool, actor: str) -> str | None:
        """The item's text, or None when it was in that state already."""

    async def set_item_owner(
        self, number: int, position: int, owner: str | None, due_on: date | None, actor: str
    ) -> None:
        """Keep who does an item and until which day, with who said so."""

    async def set_role(self, number: int, role: IncidentRole, person: str) -> None: ...
    async def drop_windows(self, number: int) -> None: ...
    async def situation(self, number: int) -> Situation | None: ...
    async def enqueue(self, effects: Iterable[Effect], later: timedelta = timedelta(0)) -> None:
        """Write the effects down, to be performed now or so much later."""

    async def is_begun(self, key: str) -> bool:
        """Whether an effect was begun: what it shows may have been read already."""

    async def hold(self, key: str) -> bool:
        """Whether an effect has not begun yet: it does not before this transaction ends, and shows what that writes."""

    async def find_effect_payload(self, key: str) -> Mapping[str, Any] | None: ...
    async def list_due_notices(self, limit: int) -> Sequence[Incident]: ...
    async def list_entries_since_update(
        self, numbers: Sequence[int]
    ) -> Mapping[int, Sequence[TimelineEntry]]: ...
    async def list_findings_by_update(
        self, numbers: Sequence[int]
    ) -> Mapping[int, Sequence[tuple[StepResult, StepResult | None]]]:
        """What each step of these incidents found last, and what it had found when the last update was posted."""

    async def find_names(self, people: Iterable[str]) -> Mapping[str, str]:
        """What these people are called, by their ids, as far as Slack told it."""

    async def set_notices(self, following: Mapping[int, tuple[datetime | None, int]]) -> None:
        """When each of these incidents is looked at next (None: never by itself) and at which stage."""

    async def list_due_windows(self, limit: int) -> Sequence[tuple[int, timedelta]]: ...
    async def drop_window(self, number: int, within: timedelta) -> None: ...
    async def find_last_number(self) -> int:
        """The last number that an incident got; the next who asks waits until this transaction has ended."""

    async def hold_pages(self, older: timedelta) -> Sequence[tuple[int, str]]:
        """Put the pages aside that were asked for longer ago. Gives the incident and whom it was about, of each."""

    async def hold_escalations(self, older: timedelta) -> Sequence[int]:
        """Call nobody because a step fell due longer ago. Gives the incidents."""

    async def mark_all_uncertain(self) -> None:
        """All that was waiting or under way may have been done: it is looked for before it is done."""

    async def list_open_numbers(self) -> Sequence[int]: ...
    async def note_restore(self, number: int, held: Mapping[int, Sequence[str]]) -> None:
        """The next incident gets a number past this one; what was held is kept for the operator."""

    async def set_channel_place(self, name: str, channel: str) -> None: ...
    async def find_member_count(self, name: str) -> int | None:
        """As `Store.people_at`."""

    async def set_member_count(self, name: str, people: int) -> None: ...
    async def save_runbook_version(self, sha: str, source: str, text: str) -> None: ...
    async def revive(self, key: str) -> None: ...

    async def is_run_active(
        self,
        number: int,
        scope: str,
        what: str,
        step: tuple[str, int] | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether the same run of steps is under way."""

    async def add_run(
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

    async def begin_run(self, look: int, results: Iterable[StepResult]) -> bool:
        """Note the steps that are run, and what is known of some at once. Those that stand there already stay. False
        when the run was stopped before."""

    async def save_results(self, look: int, found: Iterable[tuple[StepResult, bytes | None]]) -> None:
        """Note what steps found, each with its chart (PNG). What has a verdict already stays."""

    async def end_run(self, look: int) -> bool:
        """The run has come to its end; False when it had before."""

    async def stop_runs(self, number: int, said: str) -> Sequence[DiagnosticRun]:
        """End the incident's runs that are under way; `said` is the headline of what has not answered. Gives them as
        they are then."""
