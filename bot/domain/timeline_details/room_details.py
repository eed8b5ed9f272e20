"""Details about the channels."""

from dataclasses import dataclass

from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@dataclass(frozen=True, kw_only=True)
class ChannelOpenedDetail(EntryDetail):
    """The incident has this channel."""

    kind = EntryKind.CHANNEL_OPENED
    channel: str


@dataclass(frozen=True, kw_only=True)
class ChannelFailedDetail(EntryDetail):
    """Its channel could not be created."""

    kind = EntryKind.CHANNEL_FAILED
    why: str


@dataclass(frozen=True, kw_only=True)
class ChannelLostDetail(EntryDetail):
    """The channel cannot be used any more; `how` it came to that."""

    kind = EntryKind.CHANNEL_LOST
    channel: str
    how: str


@dataclass(frozen=True, kw_only=True)
class ChannelBackDetail(EntryDetail):
    """It can be used again."""

    kind = EntryKind.CHANNEL_BACK
    channel: str


@dataclass(frozen=True, kw_only=True)
class ChannelRenamedDetail(EntryDetail):
    """Somebody gave it another name."""

    kind = EntryKind.CHANNEL_RENAMED
    name: str


@dataclass(frozen=True, kw_only=True)
class AnnouncementFailedDetail(EntryDetail):
    """It could not be announced."""

    kind = EntryKind.ANNOUNCEMENT_FAILED
    why: str


RoomDetail = (
    ChannelOpenedDetail
    | ChannelFailedDetail
    | ChannelLostDetail
    | ChannelBackDetail
    | ChannelRenamedDetail
    | AnnouncementFailedDetail
)
