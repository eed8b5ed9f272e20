"""Effects of the post-mortem meeting."""

from dataclasses import dataclass

from bot.domain.effects.base import OPENED, ROOM, AboutIncident

MEETING = "meeting:{incident}"
LANES = 4
"""Mails that go out side by side at most: the mail server is one, and pages use the same workers."""


@dataclass(frozen=True, kw_only=True)
class PostMeeting(AboutIncident, key=MEETING, lane=ROOM, after=OPENED):
    """Post in the incident's channel when the meeting is."""


@dataclass(frozen=True, kw_only=True)
class RefreshMeeting(
    AboutIncident,
    key="refresh-meeting:{incident}:{change}",
    lane="refresh-meeting:{incident}",
    after=MEETING,
    coalesces=True,
):
    """Bring that message up to date."""

    change: str


@dataclass(frozen=True, kw_only=True)
class SendInvitation(
    AboutIncident,
    key="invitation:{incident}:{sequence}:{person}",
    lane="mail:{share}",
    urgency=7,
    paging=True,
):
    """Send one person a mail about the meeting as it was changed the `sequence`-th time: an invitation, or that it is
    cancelled. Nothing when it was changed since. `share` is the same for the same person: theirs go out in order. It
    never waits for messages in Slack."""

    sequence: int
    person: str
    share: int


@dataclass(frozen=True, kw_only=True)
class TellOfMeeting(AboutIncident, key="meeting-message:{incident}:{sequence}:{person}"):
    """The same by a direct message, to who could get no mail."""

    sequence: int
    person: str
