"""Base of the notices."""

from typing import ClassVar

from bot.domain.text_fields import TextRecord, text_record


@text_record
class IncidentNotice(TextRecord):
    """One line about an incident. `words` is the name under which an outbox row keeps it."""

    words: ClassVar[str]
