"""How public an incident is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PublicStanding:
    """What an incident's readers are to know: since when it is public, where, what was promised, and whether its end is
    published (`ended_at`)."""

    since: datetime
    link: str = ""
    promised_at: datetime | None = None
    ended_at: datetime | None = None
