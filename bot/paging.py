"""A page and what became of it, as values: what is asked of a provider, its answer, who is on call, what came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.contacts import Handle, Kind


class PageOutcome(StrEnum):
    """How far a request to a provider came."""

    ACCEPTED = "accepted"
    """The provider has it. Whether the person's phone rang is not known."""

    DELIVERED = "delivered"
    """The provider says that it reached the person's device or mailbox."""

    REFUSED = "refused"
    """Surely not done."""

    UNKNOWN = "unknown"
    """Sent, and no usable answer: it may have been done."""


@dataclass(frozen=True, slots=True)
class PageCall:
    """One page of one contact. `key` is ours, the same for each attempt and for what follows (acknowledge, resolve);
    `again` says that an earlier attempt may have got through."""

    key: str
    contact: str
    summary: str
    details: str = ""
    link: str = ""
    severity: str = "critical"
    again: bool = False


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What a provider made of a request. `sentence` can be shown in the room as it is, secrets are not in it.

    `again_after` is set where a refusal is only for now (a limit, no connection); `limited` says that the provider asks
    to wait and is well otherwise. `reference` is the provider's id.
    """

    outcome: PageOutcome
    sentence: str
    reference: str = ""
    again_after: timedelta | None = None
    limited: bool = False

    @property
    def moves_on(self) -> bool:
        """Whether the next way to the contact has to be tried now."""
        return self.outcome in (PageOutcome.REFUSED, PageOutcome.UNKNOWN)


def last_rung(contact: str, sentence: str, handles: Sequence[Handle], shared: bool = False) -> str:
    """What the room is told when no way is left: what went wrong, and the number for a person to dial.

    In a channel that is `shared` with another company the number is not shown, which is said.
    """
    numbers = " or ".join(each.value for each in handles if each.kind is Kind.PHONE)
    if not numbers:
        return f"{sentence} Reach {contact} another way: there is no phone number."
    if shared:
        hidden = (
            "the number is in the contacts file, it is not shown in a channel shared with another company."
        )
        return f"{sentence} Call {contact}: {hidden}"
    return f"{sentence} Call {contact}: {numbers}"


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody who is on call, and how to reach them; no handles when the source names nobody that is known."""

    name: str
    handles: tuple[Handle, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A calendar as it was read, to fall back on."""

    text: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on call. `problem` is a sentence for the room: nobody, nobody reachable, or an old copy with its age.
    `copy` is what to keep as the last good one; None for a source that is no calendar, or when there is none."""

    people: tuple[OnDuty, ...] = ()
    problem: str = ""
    copy: Copy | None = None


class Answered(StrEnum):
    """What somebody did with a page at the provider."""

    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PageNews:
    """A provider's word about a page. `id` is the same for each delivery of the same news, `key` is the page's.

    `person` and `who` are the provider's id and name of who did it, empty when a service did.
    """

    id: str
    what: Answered
    key: str
    reference: str
    person: str
    who: str
    at: datetime
