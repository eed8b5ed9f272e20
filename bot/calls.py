"""How far the people of an incident were called: the ladder, and each way to somebody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Ladder(StrEnum):
    """Where an incident stands on the ladder of people who are called."""

    NONE = ""
    CLIMBING = "climbing"
    """Nobody has answered: when it is looked at next, the next ones are called."""

    ANSWERED = "answered"
    """Somebody has: when it is looked at next, and nobody did anything since, they are asked."""

    ASKED = "asked"
    """They were asked whether they are still on it; without an answer it climbs on."""

    WAITING = "waiting"
    """It can wait for the next business day, when the commander is reminded."""


def stands_for(called: str, contact: str) -> bool:
    """Whether somebody was called as this contact, or is on call for it: `Devika (On-Call Engineer)`."""
    return called == contact or called.endswith(f" ({contact})")


@dataclass(frozen=True, slots=True)
class Page:
    """One person called to one incident, and how far the call got."""

    person: str
    contact: str
    requested_at: datetime
    accepted_at: datetime | None = None
    failed: str = ""
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to one contact beside Slack, by its place in their order. `handle` is as people may see it.

    `acknowledged_at` is when this contact answered, `quieted_at` when somebody else did. A way `by_hand` was asked for
    by name. A `refused` page does not exist at the provider. A `past` one was ended or begun anew, and is not used any
    more. `due_at` is when it is looked at next."""

    id: int
    incident: int
    contact: str
    place: int
    handle: str
    requested_at: datetime | None = None
    accepted_at: datetime | None = None
    delivered_at: datetime | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    failed: str = ""
    due_at: datetime | None = None
    past: bool = False
    quieted_at: datetime | None = None
    by_hand: bool = False
    refused: bool = False

    @property
    def is_waiting(self) -> bool:
        """Whether this contact is still to be reached: nobody has answered for it, and it is not over."""
        return self.acknowledged_at is None and self.quieted_at is None and not self.past

    @property
    def is_told(self) -> bool:
        """Whether its provider has to hear of an answer or of the end: it may hold a page open."""
        return self.at_pagerduty and self.requested_at is not None and not self.refused

    @property
    def is_phone(self) -> bool:
        """Whether it is a number for people to dial."""
        return self.handle.startswith("tel:")

    @property
    def at_pagerduty(self) -> bool:
        """Whether a provider keeps the page open until it is told otherwise."""
        return self.handle.startswith("pagerduty:")

    @property
    def key(self) -> str:
        """What names this page in the outbox, and at the provider."""
        return f"way:{self.incident}:{self.id}"


def not_paged(before: Iterable[Page], people: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of (contact, person) who were not called before; a second contact with the same person adds nothing."""
    known = {page.person for page in before}
    new: dict[str, tuple[str, str]] = {}
    for contact, person in people:
        if person not in known:
            new.setdefault(person, (contact, person))
    return list(new.values())
