"""Effects that page people and bring them together."""

from dataclasses import dataclass

from bot.domain.effects.base import ENSURED, OPENED, AboutIncident, Effect
from bot.domain.notices import Detail, FollowerNews, parse_news


@dataclass(frozen=True, kw_only=True)
class PageResponder(AboutIncident, key="page:{incident}:{person}", urgency=0):
    """Send one person the direct message with `Acknowledge`."""

    person: str
    contact: str


@dataclass(frozen=True, kw_only=True)
class AskForUpdate(AboutIncident, key="ask-update:{incident}:{promise}:{person}", urgency=2):
    """Ask one person in a direct message for the update promised for `promise` (epoch seconds), as `role`."""

    person: str
    role: str
    promise: int


@dataclass(frozen=True, kw_only=True)
class SettleUpdateRequest(
    AboutIncident,
    key="settle-ask-update:{incident}:{promise}:{person}",
    after="ask-update:{incident}:{promise}:{person}",
):
    """Take the button off that direct message: the update promised for `promise` (epoch seconds) is not awaited any
    more."""

    person: str
    promise: int


@dataclass(frozen=True, kw_only=True)
class FindResponders(AboutIncident, key="find:{incident}:{contact}:{handle}", urgency=0):
    """Translate a contact's e-mail address or usergroup into people, then page each."""

    contact: str
    handle: str


@dataclass(frozen=True, kw_only=True)
class RefreshPage(
    AboutIncident,
    key="refresh-page:{incident}:{person}:{change}",
    lane="refresh-page:{incident}:{person}",
    after="page:{incident}:{person}",
    coalesces=True,
):
    """Show in one person's direct message how the page stands now."""

    person: str
    change: str


@dataclass(frozen=True, kw_only=True)
class InvitePeople(AboutIncident, key="invite:{incident}:{change}", after=OPENED, urgency=2):
    """Bring people into the incident's channel."""

    people: tuple[str, ...]
    change: str


@dataclass(frozen=True, kw_only=True)
class MovePeople(AboutIncident, key="move-people:{incident}:{change}", after="channel:{into}", urgency=2):
    """Invite who is in the incident's channel into that of the incident `into` which it was merged."""

    into: int
    change: str


@dataclass(frozen=True, kw_only=True)
class MentionPeople(
    AboutIncident, key="mention:{incident}:{change}", after="invite:{incident}:{change}", urgency=2
):
    """Call the invited people by name in the channel, and name the contacts that could not be reached."""

    people: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]
    change: str


@dataclass(frozen=True, kw_only=True)
class TellFollower(
    AboutIncident, key="follow:{incident}:{person}:{what}:{change}", lane="follow:{incident}:{person}"
):
    """Tell somebody who follows the incident some news: `what` names it, `more` has its texts; of an update `change` is
    the id."""

    person: str
    what: str
    change: str
    more: Detail = ()

    @property
    def news(self) -> FollowerNews:
        """What is told. Raises KeyError when this version does not know it."""
        return parse_news(self.what, self.more)


@dataclass(frozen=True, kw_only=True)
class CallEveryone(AboutIncident, key="everyone:{incident}{cause}", after=ENSURED, urgency=0):
    """Call the incidents channel: nobody else could be called (once), or another `cause` (`:` and its key)."""

    channel_name: str
    why: str
    cause: str = ""


@dataclass(frozen=True, kw_only=True)
class OfferCommand(
    AboutIncident, key="offer:{incident}:{change}", after="invite:{incident}:{change}", urgency=2
):
    """Ask somebody in the incident's channel to take command, with the words of a handover."""

    person: str
    by: str
    change: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class SettleOffer(AboutIncident, key="settle-offer:{incident}:{offer}", after="{offer}"):
    """Take the button off a message that offers command and is not open any more; `offer` is that message's key, the
    rest is what it says. `ends` is the end of a shift (epoch seconds) where that made the offer, else 0."""

    offer: str
    person: str
    by: str
    words: str = ""
    ends: int = 0


@dataclass(frozen=True, kw_only=True)
class KeepMessage(Effect, key="keep:{channel}:{ts}"):
    """Read a message that somebody pinned and note it in the timeline of the incident that it was written in.

    In the thread of an announcement only the message itself tells which incident that is: then `incident` is None.
    """

    channel: str
    ts: str
    person: str
    incident: int | None


@dataclass(frozen=True, kw_only=True)
class TellOfFlood(AboutIncident, key="flood:{incident}:{person}", after=ENSURED, urgency=2):
    """Say in the incidents channel that one person declares very much at once; `incident` is the first of it."""

    person: str
    channel_name: str


@dataclass(frozen=True, kw_only=True)
class RefreshFlood(
    AboutIncident,
    key="refresh-flood:{incident}:{person}:{change}",
    lane="refresh-flood:{incident}:{person}",
    after="flood:{incident}:{person}",
    coalesces=True,
):
    """Bring the count in that message up to date."""

    person: str
    change: str
