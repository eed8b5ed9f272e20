"""Base of the details of timeline entries."""

from typing import ClassVar

from bot.domain.text_fields import TextRecord, text_record
from bot.domain.timeline_details.entry_kinds import EntryKind


@text_record
class EntryDetail(TextRecord):
    """What a timeline entry of one kind tells, beside when it was and who did it."""

    kind: ClassVar[EntryKind]
