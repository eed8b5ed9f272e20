"""Details about pages and acknowledgements."""

from datetime import datetime

from bot.domain.incident_changes import EscalatedLevel, ManualPage
from bot.domain.text_fields import text_record
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@text_record
class PagedDetail(EntryDetail):
    """A person was paged in Slack, as this contact."""

    kind = EntryKind.PAGED
    person: str
    contact: str


@text_record
class PageRequestedDetail(ManualPage, EntryDetail):
    """The actor paged people by hand."""

    kind = EntryKind.PAGE_REQUESTED


@text_record
class PageAcceptedDetail(EntryDetail):
    """A provider has accepted the page, sent by the method `how`."""

    kind = EntryKind.PAGE_ACCEPTED
    contact: str
    how: str


@text_record
class PageDeliveredDetail(EntryDetail):
    """A provider told that the page arrived, in a sentence."""

    kind = EntryKind.PAGE_DELIVERED
    contact: str
    why: str


@text_record
class PhoneNamedDetail(EntryDetail):
    """The channel was asked to phone a contact."""

    kind = EntryKind.PHONE_NAMED
    contact: str
    why: str


@text_record
class PageFailedDetail(EntryDetail):
    """A contact could not be paged, or a `person` who stands for it."""

    kind = EntryKind.PAGE_FAILED
    contact: str
    why: str
    person: str | None = None


@text_record
class EscalatedDetail(EscalatedLevel, EntryDetail):
    """The next level was paged."""

    kind = EntryKind.ESCALATED


PageDetail = (
    PagedDetail
    | PageRequestedDetail
    | PageAcceptedDetail
    | PageDeliveredDetail
    | PhoneNamedDetail
    | PageFailedDetail
    | EscalatedDetail
)


@text_record
class AcknowledgedDetail(EntryDetail):
    """Somebody acknowledged `seconds` after the declaration. `by` is what they did instead of saying so; `who` and the
    contact `page` are those of an acknowledgement at a provider."""

    kind = EntryKind.ACKNOWLEDGED
    seconds: int
    by: str | None = None
    who: str | None = None
    page: str | None = None


@text_record
class PageHeldDetail(EntryDetail):
    """The pages for these contacts wait, until then at the latest."""

    kind = EntryKind.PAGE_HELD
    names: str
    until: datetime


@text_record
class PageDroppedDetail(EntryDetail):
    """The waiting pages for these contacts are not needed any more."""

    kind = EntryKind.PAGE_DROPPED
    names: str


@text_record
class OnCallFoundDetail(EntryDetail):
    """Who is on call as this contact."""

    kind = EntryKind.ON_CALL_FOUND
    contact: str
    names: str


@text_record
class OnCallNotCalledDetail(EntryDetail):
    """They were not paged: it was acknowledged or lowered in severity meanwhile."""

    kind = EntryKind.ON_CALL_NOT_CALLED
    contact: str
    names: str


PageStateDetail = (
    AcknowledgedDetail | PageHeldDetail | PageDroppedDetail | OnCallFoundDetail | OnCallNotCalledDetail
)
