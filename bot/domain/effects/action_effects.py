"""Effects of action items."""

from dataclasses import dataclass

from bot.domain.effects.base import OPENED, ROOM, AboutIncident


@dataclass(frozen=True, kw_only=True)
class PostAction(AboutIncident, key="action:{incident}:{action}", lane=ROOM, after=OPENED):
    """Post an action item in the incident's channel, with its buttons."""

    action: int


@dataclass(frozen=True, kw_only=True)
class RefreshAction(
    AboutIncident,
    key="refresh-action:{incident}:{action}:{change}",
    lane="refresh-action:{incident}:{action}",
    after="action:{incident}:{action}",
    coalesces=True,
):
    """Bring its message up to date."""

    action: int
    change: str


@dataclass(frozen=True, kw_only=True)
class RemindOfAction(AboutIncident, key="action-reminder:{incident}:{action}:{stage}:{person}"):
    """Tell somebody by a direct message of an action item: that it is theirs (`stage` 0), or when it is due. Where its
    owner has left the workspace the commander is told."""

    action: int
    person: str
    stage: int


@dataclass(frozen=True, kw_only=True)
class TellOfEarlier(AboutIncident, key="earlier:{incident}", lane=ROOM, after=OPENED):
    """Say in its channel which earlier incidents were like it, and what of them is not done; nothing where there is
    none."""


@dataclass(frozen=True, kw_only=True)
class ShareLearnings(AboutIncident, key="learnings:{incident}:{share}:{channel}"):
    """Post in a channel what somebody shares of what was learned."""

    share: str
    channel: str


TICKET = "ticket:{incident}:{action}"


@dataclass(frozen=True, kw_only=True)
class CreateTicket(AboutIncident, key=TICKET, lane="tracker", urgency=7, paging=True):
    """Make the ticket of an action item at the team's tracker. One after the other, without those that it refused
    for what they say; it never waits for Slack."""

    action: int


@dataclass(frozen=True, kw_only=True)
class SendTicketState(
    AboutIncident,
    key="ticket-state:{incident}:{action}:{change}",
    lane="ticket-state:{incident}:{action}",
    after=TICKET,
    urgency=7,
    coalesces=True,
    paging=True,
):
    """Tell the tracker that an action item is done, not to be done, or open again."""

    action: int
    change: str
