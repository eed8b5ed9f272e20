"""The list of incidents: what is open, what ended lately, and how long each took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.incident import Incident, IncidentDurations


@dataclass(frozen=True, slots=True)
class IncidentList:
    """What somebody is shown of all incidents: the worst and newest that are `open`, the newest `drills`, those that
    are `over` since a week at most, how many are open of each severity, and how long each took so far."""

    open: Sequence[Incident] = ()
    drills: Sequence[Incident] = ()
    over: Sequence[Incident] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    times: Mapping[int, IncidentDurations] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecentDeclaration:
    """A declaration of a moment ago: its incident as it is called now, the `words` that it was declared with, and how
    many seconds ago that was."""

    number: int
    title: str
    severity: str
    private: bool
    words: str
    is_open: bool
    seconds: int
