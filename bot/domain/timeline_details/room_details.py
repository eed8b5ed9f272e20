"""Details about the channels."""

from bot.domain.text_fields import text_record
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@text_record
class ChannelOpenedDetail(EntryDetail):
    """The incident has this channel."""

    kind = EntryKind.CHANNEL_OPENED
    channel: str


@text_record
class ChannelFailedDetail(EntryDetail):
    """Its channel could not be created."""

    kind = EntryKind.CHANNEL_FAILED
    why: str


@text_record
class ChannelLostDetail(EntryDetail):
    """The channel cannot be used any more; `how` it came to that."""

    kind = EntryKind.CHANNEL_LOST
    channel: str
    how: str


@text_record
class ChannelBackDetail(EntryDetail):
    """It can be used again."""

    kind = EntryKind.CHANNEL_BACK
    channel: str


@text_record
class ChannelRenamedDetail(EntryDetail):
    """Somebody gave it another name."""

    kind = EntryKind.CHANNEL_RENAMED
    name: str


@text_record
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
