"""Details about what customers were told."""

from bot.domain.text_fields import People, text_record
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@text_record
class PublicAcceptedDetail(EntryDetail):
    """The actor let a text for customers out; `others` agreed before, `confirmed` are the words that they confirmed."""

    kind = EntryKind.PUBLIC_ACCEPTED
    status: str
    text: str
    others: People
    confirmed: str


@text_record
class PublicWithheldDetail(EntryDetail):
    """The actor decided that a text stays inside."""

    kind = EntryKind.PUBLIC_WITHHELD
    status: str


@text_record
class PublishedDetail(EntryDetail):
    """A text is public at a page, with the link."""

    kind = EntryKind.PUBLISHED
    page: str
    link: str
    status: str


@text_record
class NotPublishedDetail(EntryDetail):
    """A text could not be published at a page, and why."""

    kind = EntryKind.NOT_PUBLISHED
    page: str
    why: str


@text_record
class PublicOverdueDetail(EntryDetail):
    """The channel was told that the public update is late."""

    kind = EntryKind.PUBLIC_OVERDUE
    minutes: int


PublicationDetail = (
    PublicAcceptedDetail | PublicWithheldDetail | PublishedDetail | NotPublishedDetail | PublicOverdueDetail
)
