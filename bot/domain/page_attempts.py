"""Pages and page attempts of an incident, and the state of its escalation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

WORST = 2
"""The first so many severities of a runbook (P0 and P1) must never ring nobody."""


class EscalationState(StrEnum):
    """The state of an incident's escalation."""

    NONE = ""
    CLIMBING = "climbing"
    """Nobody has answered: when it is looked at next, the next ones are called."""

    ANSWERED = "answered"
    """Somebody has: when it is looked at next, and nobody did anything since, they are asked."""

    ASKED = "asked"
    """They were asked whether they are still on it; without an answer it climbs on."""

    WAITING = "waiting"
    """It can wait for the next business day, when the commander is reminded."""


def is_paged_as(called: str, contact: str) -> bool:
    """Whether somebody was paged as this contact, or is on call for it: `Devika (On-Call Engineer)`."""
    return called == contact or called.endswith(f" ({contact})")


@dataclass(frozen=True, slots=True)
class SlackPage:
    """One person paged in Slack for one incident, and how far that came; ended since `ended_at`, though the incident
    goes on. A held page rings at `held_until`, or when the page that it joined is answered."""

    person: str
    contact: str
    requested_at: datetime
    accepted_at: datetime | None = None
    failed: str = ""
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    held_until: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether an answer of this person's is still wanted."""
        return self.acknowledged_at is None and self.ended_at is None

    @property
    def is_on_its_way(self) -> bool:
        """Whether Slack has neither taken nor refused it yet, and it does not wait."""
        return self.accepted_at is None and not self.failed and self.held_until is None


@dataclass(frozen=True, slots=True)
class JoinedPage:
    """A page of another incident that joined the page of this `person` as a note. It rings `until` then at the
    latest."""

    person: str
    number: int
    title: str
    severity: str
    channel: str | None
    until: datetime


@dataclass(frozen=True, slots=True)
class RingingPage:
    """A page that rings somebody who has not answered: `who` is a Slack user (then it is `direct`), or a handle."""

    who: str
    incident: int
    since: datetime
    severity: str
    direct: bool


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A direct message to `person`, or the page attempt `way`, that joined the page of the incident `joined` and rings
    `until` then at the latest. `is_answered` when the contact has acknowledged or was paged meanwhile, `is_over` when
    they are not paged any more."""

    person: str
    way: int | None
    who: str
    contact: str
    joined: int
    until: datetime
    is_answered: bool
    is_over: bool

    @property
    def is_direct(self) -> bool:
        return self.way is None


@dataclass(frozen=True, slots=True)
class PageAttempt:
    """One contact method of one contact beside Slack, by its place in their order. `handle` is as people may see it.

    `acknowledged_at` is when this contact acknowledged, `quieted_at` when somebody else did. `by_hand`: requested by
    name. A `refused` page does not exist at the provider. A `past` attempt was ended or restarted, and is not used any
    more. `due_at` is when it is followed up next.
    """

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


def select_not_paged(before: Iterable[SlackPage], people: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of (contact, person) who were not paged before; a second contact with the same person adds nothing."""
    known = {page.person for page in before}
    new: dict[str, tuple[str, str]] = {}
    for contact, person in people:
        if person not in known:
            new.setdefault(person, (contact, person))
    return list(new.values())
