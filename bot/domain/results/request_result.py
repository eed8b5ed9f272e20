"""Base of the results of requests."""

from dataclasses import field
from typing import ClassVar

from bot.domain.text_fields import TextRecord, text_record


@text_record
class RequestResult(TextRecord):
    """What came of one request. It is kept with the request's key, so that its repetition gets the same answer.

    `did` is the name under which it is kept; `incident` is the number of the incident that it is about."""

    did: ClassVar[str]
    incident: int | None = field(default=None, kw_only=False)
