"""Effects in the incident's channel and in the incidents channel."""

from dataclasses import dataclass

from bot.domain.effects.base import ANNOUNCED, ENSURED, OPENED, ROOM, AboutIncident, Effect


@dataclass(frozen=True, kw_only=True)
class EnsureIncidentsChannel(Effect, key="incidents-channel:{name}", urgency=1):
    """Create or join the channel where incidents are announced, and keep its id."""

    name: str


@dataclass(frozen=True, kw_only=True)
class CountPeople(
    Effect,
    key="people:{channel_name}:{change}",
    lane="people:{channel_name}",
    after=ENSURED,
    urgency=3,
    coalesces=True,
):
    """Count who would read a call in the incidents channel."""

    channel_name: str
    change: str


@dataclass(frozen=True, kw_only=True)
class OpenChannel(AboutIncident, key=OPENED, urgency=0):
    """Create the incident's channel."""


@dataclass(frozen=True, kw_only=True)
class PostAlert(AboutIncident, key="alert:{incident}{room}", lane=ROOM, after=OPENED, urgency=1):
    """Post the runbook's alert with its buttons in the incident's channel."""

    room: str = ""


@dataclass(frozen=True, kw_only=True)
class PinAlert(AboutIncident, key="pin:{incident}{room}", after="alert:{incident}{room}", urgency=3):
    """Pin the alert."""

    room: str = ""


@dataclass(frozen=True, kw_only=True)
class PostPlaybook(
    AboutIncident,
    key="playbook:{incident}:{part}{room}",
    lane="playbook:{incident}{room}",
    after="alert:{incident}{room}",
):
    """Post one part of the playbook's sections; parts count from 0. It waits for the evidence, which stands right below
    the alert, and holds up nothing else that is said in the room."""

    part: int
    room: str = ""


@dataclass(frozen=True, kw_only=True)
class AddBookmark(AboutIncident, key="bookmark:{incident}{room}", after=OPENED):
    """Bookmark the call and the runbook in the incident's channel."""

    room: str = ""


@dataclass(frozen=True, kw_only=True)
class SetTopic(
    AboutIncident, key="topic:{incident}:{change}", lane="topic:{incident}", after=OPENED, coalesces=True
):
    """Show severity, status and commander in the channel's topic."""

    change: str


@dataclass(frozen=True, kw_only=True)
class RefreshAlert(
    AboutIncident,
    key="refresh-alert:{incident}:{change}",
    lane="refresh-alert:{incident}",
    after="alert:{incident}",
    coalesces=True,
):
    """Bring the alert in the incident's channel up to date."""

    change: str


@dataclass(frozen=True, kw_only=True)
class AnnounceIncident(
    AboutIncident, key="announcement:{incident}", lane=ANNOUNCED, after=ENSURED, urgency=2
):
    """Post the alert in the incidents channel, calling everyone there when the declaration says why."""

    channel_name: str


@dataclass(frozen=True, kw_only=True)
class RefreshAnnouncement(
    AboutIncident,
    key="refresh-announcement:{incident}:{change}",
    lane="refresh-announcement:{incident}",
    after="announcement:{incident}",
    coalesces=True,
):
    """Bring the alert in the incidents channel up to date."""

    change: str


@dataclass(frozen=True, kw_only=True)
class RemindOfUpdate(AboutIncident, key="reminder:{incident}:{promise}:{stage}", lane=ROOM, after=OPENED):
    """Remind the commander, later the room, that the update promised for `promise` (epoch seconds) is due."""

    promise: int
    stage: int
    missed: int
    draft: str


@dataclass(frozen=True, kw_only=True)
class SettleReminder(
    AboutIncident,
    key="settle-reminder:{incident}:{promise}:{stage}",
    after="reminder:{incident}:{promise}:{stage}",
):
    """Make one line of a reminder whose promise (epoch seconds) is not awaited any more."""

    promise: int
    stage: int


@dataclass(frozen=True, kw_only=True)
class PostUpdate(AboutIncident, key="update:{incident}:{update}", lane=ROOM, after=OPENED):
    """Post a status update in the incident's channel."""

    update: int


@dataclass(frozen=True, kw_only=True)
class PublishUpdate(AboutIncident, key="published-update:{incident}:{update}", lane=ANNOUNCED, after=ENSURED):
    """Post the same status update in the incidents channel."""

    channel_name: str
    update: int


@dataclass(frozen=True, kw_only=True)
class PostResolution(AboutIncident, key="resolution:{incident}:{count}", lane=ROOM, after=OPENED):
    """Post the runbook's resolution message in the incident's channel; `count` tells one resolution from the next."""

    count: int


@dataclass(frozen=True, kw_only=True)
class PublishResolution(
    AboutIncident, key="published-resolution:{incident}:{count}", lane=ANNOUNCED, after=ENSURED
):
    """Post the same resolution message in the incidents channel."""

    channel_name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class PostChecklist(AboutIncident, key="checklist:{incident}:{count}", lane=ROOM, after=OPENED):
    """Post the post-incident checklist with a button for each item."""

    count: int


@dataclass(frozen=True, kw_only=True)
class RefreshChecklist(
    AboutIncident,
    key="refresh-checklist:{incident}:{change}",
    lane="refresh-checklist:{incident}",
    after="checklist:{incident}:{count}",
    coalesces=True,
):
    """Bring the checklist up to date."""

    count: int
    change: str


@dataclass(frozen=True, kw_only=True)
class TellItemOwner(AboutIncident, key="item-owner:{incident}:{position}:{person}"):
    """Tell one person, once, that an item of the checklist is theirs."""

    position: int
    person: str


@dataclass(frozen=True, kw_only=True)
class Repost(AboutIncident, key="{post}:again"):
    """Post a message anew that somebody deleted, once; `post` is the key of the deleted one."""

    post: str


@dataclass(frozen=True, kw_only=True)
class RemindOfChecklist(AboutIncident, key="checklist-reminder:{incident}:{within}", lane=ROOM, after=OPENED):
    """Bring the items still open at the end of a window (`within` seconds) to the commander."""

    within: int


@dataclass(frozen=True, kw_only=True)
class RenameChannel(
    AboutIncident, key="rename:{incident}:{change}", lane="rename:{incident}", after=OPENED, coalesces=True
):
    """Give the incident's channel the name of its title as it is now."""

    change: str


@dataclass(frozen=True, kw_only=True)
class ArchiveChannel(AboutIncident, key="archive:{incident}:{change}", after=OPENED):
    """Archive the incident's channel, unless the incident was reopened meanwhile."""

    change: str


@dataclass(frozen=True, kw_only=True)
class MoveToChannel(AboutIncident, key="move:{incident}:{attempt}", after=OPENED):
    """Try again to make the channel that Slack refused at first, and move the incident there from its thread."""

    attempt: int


@dataclass(frozen=True, kw_only=True)
class ReturnToChannel(AboutIncident, key="return:{incident}:{change}"):
    """Go back to the channel that was lost, if it can be used again."""

    change: str


@dataclass(frozen=True, kw_only=True)
class TellOfContacts(Effect, key="contacts:{digest}", after=ENSURED):
    """Say in the incidents channel, for whoever operates Tocsin, whom the runbook calls and nothing reaches:
    (name, severities, why). `digest` names the list: it is told once, not at each incident."""

    channel_name: str
    digest: str
    unreached: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, kw_only=True)
class TellOfRunbook(Effect, key="runbook:{sha}", after=ENSURED):
    """Say in the incidents channel that the runbook's file cannot be read, or, where it is `in_force` all the same,
    what is gravely missing from it. `sha` names what was found there."""

    channel_name: str
    sha: str
    why: str
    in_force: bool = False
