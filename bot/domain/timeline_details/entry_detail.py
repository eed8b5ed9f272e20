"""Base of the details of timeline entries."""

from dataclasses import dataclass
from typing import ClassVar

from bot.domain.timeline_details.entry_kinds import EntryKind


@dataclass(frozen=True, kw_only=True)
class EntryDetail:
    """What a timeline entry of one kind tells, beside when it was and who did it."""

    kind: ClassVar[EntryKind]
