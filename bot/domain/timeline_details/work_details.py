"""Details about updates, the checklist, notes and diagnostic runs."""

from bot.domain.text_fields import Lines, People, text_record
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@text_record
class UpdatePostedDetail(EntryDetail):
    """A status update was posted; `update` is its id."""

    kind = EntryKind.UPDATE_POSTED
    update: int | None


class UpdateOverdueDetail(EntryDetail):
    """The incidents channel was told that the update is late."""

    kind = EntryKind.UPDATE_OVERDUE


@text_record
class UpdateAskedDetail(EntryDetail):
    """Somebody was asked for it by their role: `people`, or the contact `to`."""

    kind = EntryKind.UPDATE_ASKED
    role: str
    people: People
    to: str


class ReminderSnoozedDetail(EntryDetail):
    """The actor snoozed the reminder."""

    kind = EntryKind.REMINDER_SNOOZED


UpdateDetail = UpdatePostedDetail | UpdateOverdueDetail | UpdateAskedDetail | ReminderSnoozedDetail


@text_record
class ItemTickedDetail(EntryDetail):
    """An item of the checklist is done."""

    kind = EntryKind.ITEM_TICKED
    text: str


@text_record
class ItemUntickedDetail(EntryDetail):
    """It is open again."""

    kind = EntryKind.ITEM_UNTICKED
    text: str


@text_record
class ItemOwnedDetail(EntryDetail):
    """It has this owner and due day (ISO 8601), and had those before; empty for none."""

    kind = EntryKind.ITEM_OWNED
    text: str
    owner: str
    due: str
    owner_before: str
    due_before: str


ItemDetail = ItemTickedDetail | ItemUntickedDetail | ItemOwnedDetail


@text_record
class NoteAddedDetail(EntryDetail):
    """These words are kept. Of a message there are its `link`, its `author`, and its `source` (`channel:ts`)."""

    kind = EntryKind.NOTE_ADDED
    text: str
    link: str | None = None
    author: str | None = None
    source: str | None = None


@text_record
class SourceEditedDetail(EntryDetail):
    """The message of a note was edited; `text` is what it says now."""

    kind = EntryKind.SOURCE_EDITED
    text: str
    source: str


@text_record
class SourceDeletedDetail(EntryDetail):
    """It was deleted; `text` is what it said."""

    kind = EntryKind.SOURCE_DELETED
    text: str
    source: str


@text_record
class LookedDetail(EntryDetail):
    """A diagnostic run ended. `what` was run, empty for the checks of all playbooks; the numbers are those of each
    verdict that there was; `found` are the worst sentences, `points` is where they point; `stopped` is the state of the
    incident that ended the run early."""

    kind = EntryKind.LOOKED
    what: str
    digest: str
    found: Lines
    ok: int | None = None
    bad: int | None = None
    warn: int | None = None
    unknown: int | None = None
    points: str | None = None
    stopped: str | None = None


@text_record
class OfNewerDetail(EntryDetail):
    """A newer version wrote it; `text` is what it says, or the name of its kind."""

    kind = EntryKind.OF_NEWER
    text: str


NoteDetail = NoteAddedDetail | SourceEditedDetail | SourceDeletedDetail | LookedDetail | OfNewerDetail
