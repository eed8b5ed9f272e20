"""The pages in the database: in Slack, by the ways beside it, and the escalation that pages further people."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Protocol

from bot.domain.page_attempts import PageAttempt, SlackPage
from bot.domain.page_provider import CachedCalendar


class PageRepository(Protocol):
    """Whom an incident pages, each way of theirs, and the next step of the escalation."""

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

    async def hold_pages(self, older: timedelta) -> Sequence[tuple[int, str]]:
        """Put the pages aside that were asked for longer ago. Gives the incident and whom it was about, of each."""

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

    async def hold_escalations(self, older: timedelta) -> Sequence[int]:
        """Call nobody because a step fell due longer ago. Gives the incidents."""

    async def postpone(self, number: int, by: timedelta) -> None:
        """What is due of an incident's ways and ladder is due again after so long."""

    async def cache_calendar(self, source: str, copy: CachedCalendar) -> None: ...


class PageReader(Protocol):
    """Who was paged, and the kept copies of calendars."""

    async def is_paged(self, number: int, person: str) -> bool:
        """Whether this person was called to the incident in Slack."""

    async def find_cached_calendar(self, source: str) -> CachedCalendar | None:
        """The last good copy of an on-call calendar, by a digest of its address."""
