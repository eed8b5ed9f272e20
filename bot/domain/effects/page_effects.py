"""Effects at the paging providers, and the telephone fallback in the channel."""

from dataclasses import dataclass

from bot.domain.effects.base import OPENED, ROOM, AboutIncident

WAY = "way:{incident}:{way}"


@dataclass(frozen=True, kw_only=True)
class PageContact(AboutIncident, key=WAY, urgency=0, paging=True):
    """Ask a provider to wake somebody by one of their ways."""

    way: int


@dataclass(frozen=True, kw_only=True)
class RepeatPage(AboutIncident, key="repeat:{incident}:{way}", lane=WAY, urgency=0, paging=True):
    """Ask a provider once more, with the same key, for a page that it accepted and made nothing of."""

    way: int


@dataclass(frozen=True, kw_only=True)
class FollowPage(
    AboutIncident, key="follow:{incident}:{way}:{what}:{change}", lane=WAY, urgency=1, paging=True
):
    """Look how far a page came, or acknowledge or resolve it at its provider: `what` says which."""

    way: int
    what: str
    change: str


@dataclass(frozen=True, kw_only=True)
class NotePage(AboutIncident, key="note-page:{incident}:{way}:{other}", after=WAY):
    """Add to a page at its provider that the page of the incident `other` joins it.

    It is no page: where nobody can perform it, nobody is told that somebody could not be paged."""

    way: int
    other: int


@dataclass(frozen=True, kw_only=True)
class FindOnCall(AboutIncident, key="on-call:{incident}:{contact}:{place}:{change}", urgency=0, paging=True):
    """Ask who stands behind a contact now, then call them. `place` counts the contact's schedules and calendars.

    `though_answered`: somebody had answered the incident when it was asked, so that it is wanted all the same.
    `again`: who is found and was called before is called once more. `by_severity`: as long as the severity asks for it.
    """

    contact: str
    place: int
    change: str = ""
    by_hand: bool = False
    though_answered: bool = False
    again: bool = False
    by_severity: bool = False


@dataclass(frozen=True, kw_only=True)
class NamePhone(AboutIncident, key="phone:{incident}:{way}", lane=ROOM, after=OPENED):
    """Say in the room whom to call by telephone; `why` says what was tried. No number where strangers read."""

    way: int
    why: str


@dataclass(frozen=True, kw_only=True)
class AskIfStill(AboutIncident, key="still:{incident}:{change}", lane=ROOM, after=OPENED):
    """Ask in the room whether somebody is still on it."""

    change: str


@dataclass(frozen=True, kw_only=True)
class SettleCheckIn(AboutIncident, key="settle-still:{incident}:{asked}", after="still:{incident}:{asked}"):
    """Take the button off that question, which was answered or is over; `asked` is its `change`, the instant in epoch
    seconds."""

    asked: str
