"""Base of the results of requests."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class RequestResult:
    """What came of one request. It is kept with the request's key, so that its repetition gets the same answer.

    `did` is the name under which it is kept; `incident` is the number of the incident that it is about."""

    did: ClassVar[str]
    incident: int | None = None
