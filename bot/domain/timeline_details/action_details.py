"""Details about action items."""

from bot.domain.text_fields import People, text_record
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@text_record
class ActionAddedDetail(EntryDetail):
    """The action item A-`action` was added; `due` is ISO 8601, `owner` a user id, both empty for none. `purpose` is
    what it is good for; entries of earlier versions do not say it."""

    kind = EntryKind.ACTION_ADDED
    action: int
    text: str
    owner: str
    due: str
    purpose: str | None = None


@text_record
class ActionEndedDetail(EntryDetail):
    """It is done, or will not be done: `state` says which."""

    kind = EntryKind.ACTION_ENDED
    action: int
    text: str
    state: str


@text_record
class ActionReopenedDetail(EntryDetail):
    """It is open again."""

    kind = EntryKind.ACTION_REOPENED
    action: int
    text: str


@text_record
class NoActionsDetail(EntryDetail):
    """Somebody said why there is no action item."""

    kind = EntryKind.NO_ACTIONS
    reason: str


@text_record
class TicketCreatedDetail(EntryDetail):
    """It is at the team's tracker, called `name` there."""

    kind = EntryKind.TICKET_CREATED
    action: int
    tracker: str
    name: str
    url: str


@text_record
class TicketStateDetail(EntryDetail):
    """Its state at the tracker was taken over: `state` there, `was` here."""

    kind = EntryKind.TICKET_STATE
    action: int
    text: str
    tracker: str
    state: str
    was: str


@text_record
class TicketGoneDetail(EntryDetail):
    """It is not at the tracker any more; here it stays."""

    kind = EntryKind.TICKET_GONE
    action: int
    tracker: str
    name: str


@text_record
class LearningsSharedDetail(EntryDetail):
    """What was learned was shared in these channels; `share` names the sharing."""

    kind = EntryKind.LEARNINGS_SHARED
    share: str
    channels: People
    text: str


ActionDetail = (
    ActionAddedDetail
    | ActionEndedDetail
    | ActionReopenedDetail
    | NoActionsDetail
    | TicketCreatedDetail
    | TicketStateDetail
    | TicketGoneDetail
    | LearningsSharedDetail
)
