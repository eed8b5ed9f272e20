"""All incidents at a glance: what is open, what is over lately, and how long each took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.incident import Incident, Measured


@dataclass(frozen=True, slots=True)
class Listed:
    """What somebody is shown of all incidents: the worst and newest that are `open`, the newest `drills`, those that
    are `over` since a week at most, how many are open of each severity, and how long each took so far."""

    open: Sequence[Incident] = ()
    drills: Sequence[Incident] = ()
    over: Sequence[Incident] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    times: Mapping[int, Measured] = field(default_factory=dict)
