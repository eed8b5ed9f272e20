"""All incidents at a glance, as far as whoever looks may see them."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from bot.domain.incident import Incident
from bot.domain.incident_list import IncidentList
from bot.errors import RuleViolation
from bot.ports.action_repository import ListedAction
from bot.services import ServiceContext
from handlers.slack.people.channel_members import ChannelMembers
from templates.incident_list import DRILLS

MAX_SCANNED = 100
"""How many of the open incidents are looked through for those that an outsider may see."""

MOST_OFFERED = 5
"""Open incidents that are named where nobody can tell which one is meant."""


class VisibleIncidents(ABC):
    """Part of the front desk."""

    __slots__ = ()
    services: ServiceContext
    members: ChannelMembers

    @abstractmethod
    async def is_outsider(self, user: str) -> bool:
        """Whether Slack hides channels from this person."""

    async def find_shown(self, what: str, named: int | None, channel: str) -> int:
        """The incident that is named, or that this channel belongs to. Raises RuleViolation for an outsider elsewhere,
        to whom `what` is not shown."""
        meant = named or await self.services.store.find_incident_in(channel)
        if meant is None:
            raise RuleViolation(f"{what} is shown to you in the channel of an incident that you are in.")
        return meant

    async def filter_visible(self, incidents: Iterable[Incident], user: str) -> list[Incident]:
        """Those of the incidents that an outsider sees: in whose channels they are now."""
        listed = list(incidents)
        place = await self.services.store.place(self.services.channel_name)
        rooms = [incident.channel or place or "" for incident in listed]
        known = {room for room in rooms if room}
        inside = dict(
            zip(known, await asyncio.gather(*(self.members.has(room, user) for room in known)), strict=True)
        )
        return [incident for incident, room in zip(listed, rooms, strict=True) if inside.get(room)]

    async def list_incidents(self, viewer: str, limit: int, over: int = 0) -> IncidentList:
        """What `viewer` may see of all incidents: at most `limit` that are open, drills, and so many that are over."""
        if not await self.is_outsider(viewer):
            return await self.services.store.list_incidents(viewer, self._ranks, limit, DRILLS, over)
        found = await self.services.store.list_incidents(viewer, self._ranks, MAX_SCANNED, DRILLS, over)
        shown = [await self.filter_visible(part, viewer) for part in (found.open, found.drills, found.over)]
        counts = Counter(incident.severity for incident in shown[0])
        return IncidentList(shown[0][:limit], shown[1], shown[2], counts, found.times)

    async def list_commanded(self, person: str, limit: int) -> Sequence[Incident]:
        """The open incidents that this person commands, the worst and newest first."""
        found = await self.services.store.list_commanded(person, limit, self._ranks)
        return await self.filter_visible(found, person) if found and await self.is_outsider(person) else found

    async def list_followed(self, person: str, limit: int) -> Sequence[Incident]:
        """The open incidents that this person follows, the newest first."""
        found = await self.services.store.list_followed(person, limit)
        return await self.filter_visible(found, person) if found and await self.is_outsider(person) else found

    async def list_pending_checklists(self, person: str, limit: int) -> Sequence[tuple[Incident, int]]:
        """Resolved incidents that this person commands, with the number of their open checklist items."""
        found = await self.services.store.list_pending_checklists(person, limit)
        if not found or not await self.is_outsider(person):
            return found
        shown = {incident.number for incident in await self.filter_visible((one for one, _ in found), person)}
        return [entry for entry in found if entry[0].number in shown]

    async def list_owned_items(self, person: str, limit: int) -> Sequence[tuple[Incident, str, date | None]]:
        """The open items of resolved incidents that this person does, with the day that each is due."""
        found = await self.services.store.list_owned_items(person, limit)
        if not found or not await self.is_outsider(person):
            return found
        shown = {
            incident.number
            for incident in await self.filter_visible((incident for incident, _, _ in found), person)
        }
        return [entry for entry in found if entry[0].number in shown]

    async def list_open_actions(self, viewer: str, owner: str | None, limit: int) -> Sequence[ListedAction]:
        """The open action items of incidents that `viewer` may see, of one owner or of all."""
        found = await self.services.store.list_open_actions(viewer, owner, limit)
        if not found or not await self.is_outsider(viewer):
            return found
        numbers = {one.item.incident for one in found}
        known = [await self.services.store.find_visible_incident(number, viewer) for number in numbers]
        seen = [incident for incident in known if incident is not None]
        shown = {incident.number for incident in await self.filter_visible(seen, viewer)}
        return [one for one in found if one.item.incident in shown]

    async def offered(self, user: str, own: Collection[int]) -> list[Incident]:
        """The few incidents that are named where nobody can tell which one is meant: the person's `own`, else the open
        ones that they may see, drills where there is nothing real."""
        if own:
            found = [await self.services.store.find_visible_incident(number, user) for number in own]
            seen = [incident for incident in found if incident is not None]
            return await self.filter_visible(seen, user) if await self.is_outsider(user) else seen
        listed = await self.list_incidents(user, MOST_OFFERED)
        return list(listed.open or listed.drills)

    @property
    def _ranks(self) -> list[str]:
        return [severity.id for severity in self.services.runbook_versions.current.runbook.severities]
