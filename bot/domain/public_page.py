"""A status page of our own as a value: what it shows, before anything is drawn. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.incident import Status
from bot.domain.public_update import ComponentState, PageComponent, PageImpact

DAY = timedelta(days=1)
RANKS = tuple(ComponentState)


def build_public_token(installation: str, number: int, opening: int) -> str:
    """The address of an incident's opening on our own page: always the same, and it tells nobody how many there are."""
    return hashlib.blake2s(f"{installation}:{number}:{opening}".encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """One text of an incident on the page. `components` are states by the page's own ids."""

    id: str
    at: datetime
    status: Status
    text: str
    components: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublicIncident:
    """An incident on the page, its texts the oldest first; `token` is its address there, not its number."""

    token: str
    title: str
    impact: PageImpact
    entries: tuple[PublicEntry, ...]
    promised_at: datetime | None = None

    @property
    def started_at(self) -> datetime:
        return self.entries[0].at

    @property
    def updated_at(self) -> datetime:
        return self.entries[-1].at

    @property
    def status(self) -> Status:
        return self.entries[-1].status

    @property
    def resolved_at(self) -> datetime | None:
        return None if self.status.is_open else self.updated_at

    @property
    def components(self) -> dict[str, str]:
        """The last state of each component that it touched, by id."""
        states: dict[str, str] = {}
        for entry in self.entries:
            states |= entry.components
        return states


@dataclass(frozen=True, slots=True)
class PublicPage:
    """The whole page: `url` is its public address, empty where none is set; `incidents` the newest first."""

    name: str
    url: str
    components: tuple[PageComponent, ...]
    incidents: tuple[PublicIncident, ...]
    made_at: datetime

    @property
    def open(self) -> tuple[PublicIncident, ...]:
        return tuple(incident for incident in self.incidents if incident.status.is_open)

    @property
    def impact(self) -> PageImpact:
        """The worst impact of what is open."""
        ranks = tuple(PageImpact)
        return max((incident.impact for incident in self.open), key=ranks.index, default=PageImpact.NONE)

    @property
    def updated_at(self) -> datetime:
        """When something was published last; when it was made while nothing was."""
        return max((incident.updated_at for incident in self.incidents), default=self.made_at)

    def find_state(self, id: str) -> ComponentState:
        """How a component is now: the worst that an open incident says of it."""
        said = [incident.components[id] for incident in self.open if id in incident.components]
        return max(
            (ComponentState(state) for state in said), key=RANKS.index, default=ComponentState.OPERATIONAL
        )


def list_bad_days(page: PublicPage, id: str, days: int) -> Sequence[ComponentState]:
    """The worst state of a component on each of the last days (in UTC), the oldest first; by incidents only."""
    today = page.made_at.date()
    worst = [ComponentState.OPERATIONAL] * days
    for incident in page.incidents:
        for start, end, state in _list_spans(incident, id, page.made_at):
            first = max(0, days - 1 - (today - start.date()).days)
            for place in range(first, days - (today - end.date()).days):
                worst[place] = max(worst[place], state, key=RANKS.index)
    return worst


def _list_spans(
    incident: PublicIncident, id: str, now: datetime
) -> list[tuple[datetime, datetime, ComponentState]]:
    """From when until when an incident says what of a component, as far as that is no good state."""
    said = [
        (entry.at, ComponentState(entry.components[id]))
        for entry in incident.entries
        if id in entry.components
    ]
    ends = [*(at for at, _ in said[1:]), incident.resolved_at or now] if said else []
    return [
        (start, end, state)
        for (start, state), end in zip(said, ends, strict=True)
        if state is not ComponentState.OPERATIONAL
    ]
