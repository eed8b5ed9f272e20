"""Base of the notices."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class IncidentNotice:
    """One line about an incident. `words` is the name under which an outbox row keeps it."""

    words: ClassVar[str]
