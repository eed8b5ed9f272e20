"""The incidents in the database: what a transaction changes of them, and what is read of them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.domain.incident import (
    Incident,
    IncidentRole,
    NewIncident,
    Situation,
)
from bot.domain.incident_list import IncidentList
from bot.domain.incident_statistics import IncidentStatistics


class IncidentRepository(Protocol):
    """Incidents, who leads and sees them, and into which others they were merged."""

    async def insert_incident(self, new: NewIncident) -> Incident: ...
    async def lock(self, number: int, viewer: str | None = None) -> Incident | None:
        """The incident, held by this transaction until it ends; None when there is none that `viewer` may see."""

    async def hold_incident(self, number: int) -> None:
        """Held as by `lock`, and not read: nobody waits for an answer."""

    async def lock_for_channel(self, number: int) -> Incident | None:
        """The same for who changes its channel; nothing that refers to the incident is written meanwhile."""

    async def incident(self, number: int) -> Incident:
        """As it stands now, with what this transaction changed."""

    async def change(self, number: int, **values: object) -> None:
        """Set columns of the incident; the word `"now"` for an instant means the database's now."""

    async def situation(self, number: int) -> Situation | None: ...
    async def list_open_titles(self, viewer: str, limit: int) -> Sequence[tuple[int, str, str | None]]:
        """(number, title, playbook) of the newest open incidents that `viewer` may see."""

    async def list_open_numbers(self) -> Sequence[int]: ...
    async def find_last_number(self) -> int:
        """The last number that an incident got; the next who asks waits until this transaction has ended."""

    async def set_role(self, number: int, role: IncidentRole, person: str) -> None: ...
    async def add_member(self, number: int, person: str) -> None:
        """Let somebody see a private incident; who is invited to it may see it already."""

    async def drop_member(self, number: int, person: str) -> None: ...
    async def merge(self, number: int, into: int, person: str) -> None:
        """Note that `number` was closed into another incident."""

    async def unmerge(self, number: int) -> None: ...
    async def find_merge_target(self, number: int) -> int | None:
        """The incident into which this one was merged; None for none, and perhaps wrong for one that is open."""

    async def list_due_shifts(self, limit: int) -> Sequence[int]:
        """The open incidents of which it is to be looked at whether their commander's shift ends."""

    async def begin_shift_check(self, number: int, commander: str, again: timedelta) -> int | None:
        """Check it now, and again after so long: the look's own number; None when it is not due any more."""

    async def schedule_shift_check(self, number: int, commander: str, at: datetime) -> None:
        """Check it again then, while this is still the commander."""


class IncidentReader(Protocol):
    """Incidents as they stand, for those who may see them."""

    async def situation(self, number: int) -> Situation | None: ...
    async def find_incident_in(self, channel: str, thread: str | None = None) -> int | None:
        """The incident whose channel this is, or whose announcement has this thread."""

    async def may_see(self, number: int, viewer: str) -> bool:
        """Whether there is this incident for that person."""

    async def find_visible_incident(self, number: int, viewer: str) -> Incident | None:
        """The incident as it stands, None when there is none for that person."""

    async def is_room(self, number: int, channel: str, thread: str | None = None) -> bool:
        """Whether what is said of the incident is said here: in this channel, or without one in this thread."""

    async def measure_incidents(
        self,
        viewer: str,
        period: timedelta,
        severities: Sequence[str],
        until: datetime | None = None,
        zone: str = "UTC",
    ) -> IncidentStatistics:
        """Of what was declared within the period that ends now or then, and the viewer may see, by severity in this
        order."""

    async def list_flood_run(self, number: int, within: timedelta) -> Sequence[tuple[int, float]]:
        """The public, real incidents that the declarer of this one declared from it on, without a pause longer than
        that; each with how many seconds later that was."""

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

    async def list_followed(self, person: str, limit: int) -> Sequence[Incident]:
        """The newest open incidents that this person follows and may see."""

    async def list_owned_items(self, person: str, limit: int) -> Sequence[tuple[Incident, str, date | None]]:
        """The open items of resolved incidents that this person does: the incident, the item's words, its day; what is
        due first in front."""

    async def list_pending_checklists(self, person: str, limit: int) -> Sequence[tuple[Incident, int]]:
        """Resolved incidents that this person commands, with the number of their open checklist items."""

    async def add_member_by_channel(self, channel: str, person: str) -> None:
        """Somebody acts in this channel: if it is a private incident's, they are one of its members."""
