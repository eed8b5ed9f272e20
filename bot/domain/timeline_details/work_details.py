"""Details about updates, the checklist, notes and diagnostic runs."""

from dataclasses import dataclass

from bot.domain.text_fields import Lines, People
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@dataclass(frozen=True, kw_only=True)
class UpdatePostedDetail(EntryDetail):
    """A status update was posted; `update` is its id."""

    kind = EntryKind.UPDATE_POSTED
    update: int | None


@dataclass(frozen=True, kw_only=True)
class UpdateOverdueDetail(EntryDetail):
    """The incidents channel was told that the update is late."""

    kind = EntryKind.UPDATE_OVERDUE


@dataclass(frozen=True, kw_only=True)
class UpdateAskedDetail(EntryDetail):
    """Somebody was asked for it by their role: `people`, or the contact `to`."""

    kind = EntryKind.UPDATE_ASKED
    role: str
    people: People
    to: str


@dataclass(frozen=True, kw_only=True)
class ReminderSnoozedDetail(EntryDetail):
    """The actor snoozed the reminder."""

    kind = EntryKind.REMINDER_SNOOZED


UpdateDetail = UpdatePostedDetail | UpdateOverdueDetail | UpdateAskedDetail | ReminderSnoozedDetail


@dataclass(frozen=True, kw_only=True)
class ItemTickedDetail(EntryDetail):
    """An item of the checklist is done."""

    kind = EntryKind.ITEM_TICKED
    text: str


@dataclass(frozen=True, kw_only=True)
class ItemUntickedDetail(EntryDetail):
    """It is open again."""

    kind = EntryKind.ITEM_UNTICKED
    text: str


@dataclass(frozen=True, kw_only=True)
class ItemOwnedDetail(EntryDetail):
    """It has this owner and due day (ISO 8601), and had those before; empty for none."""

    kind = EntryKind.ITEM_OWNED
    text: str
    owner: str
    due: str
    owner_before: str
    due_before: str


ItemDetail = ItemTickedDetail | ItemUntickedDetail | ItemOwnedDetail


@dataclass(frozen=True, kw_only=True)
class NoteAddedDetail(EntryDetail):
    """These words are kept. Of a message there are its `link`, its `author`, and its `source` (`channel:ts`)."""

    kind = EntryKind.NOTE_ADDED
    text: str
    link: str | None = None
    author: str | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class SourceEditedDetail(EntryDetail):
    """The message of a note was edited; `text` is what it says now."""

    kind = EntryKind.SOURCE_EDITED
    text: str
    source: str


@dataclass(frozen=True, kw_only=True)
class SourceDeletedDetail(EntryDetail):
    """It was deleted; `text` is what it said."""

    kind = EntryKind.SOURCE_DELETED
    text: str
    source: str


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
class OfNewerDetail(EntryDetail):
    """A newer version wrote it; `text` is what it says, or the name of its kind."""

    kind = EntryKind.OF_NEWER
    text: str


NoteDetail = NoteAddedDetail | SourceEditedDetail | SourceDeletedDetail | LookedDetail | OfNewerDetail
