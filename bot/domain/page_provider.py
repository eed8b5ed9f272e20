"""Requests to paging providers, their responses, on-call results and provider events, as values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.contacts import Handle, HandleKind


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
class PageRequest:
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
class PageResponse:
    """A provider's response to a request. `sentence` can be shown in the channel, secrets are not in it.

    `again_after` is set for a temporary refusal (a rate limit, no connection); `limited` says that the provider asks to
    wait and is well otherwise. `reference` is the provider's id. `is_lost` when the provider surely has no page of this
    key, in any state, whatever it accepted.
    """

    outcome: PageOutcome
    sentence: str
    reference: str = ""
    again_after: timedelta | None = None
    limited: bool = False
    is_lost: bool = False

    @property
    def moves_on(self) -> bool:
        """Whether the next way to the contact has to be tried now."""
        return self.outcome in (PageOutcome.REFUSED, PageOutcome.UNKNOWN)


def describe_last_resort(contact: str, sentence: str, handles: Sequence[Handle], shared: bool = False) -> str:
    """The channel's message when no method is left: what went wrong, and the number to dial.

    In a channel that is `shared` with another company the number is not shown, which is said.
    """
    numbers = " or ".join(handle.value for handle in handles if handle.kind is HandleKind.PHONE)
    if not numbers:
        return f"{sentence} Reach {contact} another way: there is no phone number."
    if shared:
        hidden = (
            "the number is in the contacts file, it is not shown in a channel shared with another company."
        )
        return f"{sentence} Call {contact}: {hidden}"
    return f"{sentence} Call {contact}: {numbers}"


@dataclass(frozen=True, slots=True)
class OnCallPerson:
    """Somebody who is on call, and how to reach them; no handles when the source names nobody that is known."""

    name: str
    handles: tuple[Handle, ...] = ()
    until: datetime | None = None


def merge_people(people: Iterable[OnCallPerson]) -> tuple[OnCallPerson, ...]:
    """Each person once, however many layers or events name them: known again by a handle, else by the name. The name
    that is no address and the latest end count."""
    merged: list[OnCallPerson] = []
    for person in people:
        place = next((number for number, known in enumerate(merged) if _is_same(known, person)), None)
        if place is None:
            merged.append(person)
            continue
        before = merged[place]
        ends = [known.until for known in (before, person) if known.until is not None]
        merged[place] = OnCallPerson(
            before.name if "@" not in before.name else person.name,
            before.handles or person.handles,
            max(ends) if len(ends) == 2 else None,
        )
    return tuple(merged)


def _is_same(one: OnCallPerson, other: OnCallPerson) -> bool:
    known = [{handle.text.casefold() for handle in person.handles} for person in (one, other)]
    if all(known):
        return bool(known[0] & known[1])
    return one.name.casefold() == other.name.casefold()


@dataclass(frozen=True, slots=True)
class CachedCalendar:
    """A calendar as it was read, to fall back on."""

    text: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class OnCallResult:
    """Who is on call. `problem` is a sentence for the channel: nobody, nobody reachable, or an old copy with its age.
    `copy` is the calendar to keep as the last good one; None for other sources."""

    people: tuple[OnCallPerson, ...] = ()
    problem: str = ""
    copy: CachedCalendar | None = None


class ProviderEventKind(StrEnum):
    """What somebody did with a page at the provider."""

    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A provider's word about a page. `id` is the same for each delivery of the same news, `key` is the page's.

    `person` and `who` are the provider's id and name of who did it, empty when a service did.
    """

    id: str
    what: ProviderEventKind
    key: str
    reference: str
    person: str
    who: str
    at: datetime
