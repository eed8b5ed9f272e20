"""Details about the life of an incident: its beginning, its changes and its end."""

from dataclasses import field
from datetime import datetime

from bot.domain.incident_changes import ImpactChange, SeverityChange
from bot.domain.text_fields import kept_as, text_record
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@text_record
class DeclaredDetail(EntryDetail):
    """It began. `everyone` is why the incidents channel was paged, empty when it was not."""

    kind = EntryKind.DECLARED
    severity: str
    title: str
    everyone: str


@text_record
class ResolvedDetail(EntryDetail):
    """What was done, and why it was; an older version wrote neither."""

    kind = EntryKind.RESOLVED
    done: str
    cause: str


@text_record
class ClosedDetail(EntryDetail):
    """It was put away, with `left` open items of the checklist and a reason for that."""

    kind = EntryKind.CLOSED
    reason: str
    left: int


@text_record
class CancelledDetail(EntryDetail):
    """It was a false alarm."""

    kind = EntryKind.CANCELLED
    reason: str


@text_record
class ReopenedDetail(EntryDetail):
    """It is open again; `before` is how it stood."""

    kind = EntryKind.REOPENED
    before: str


LifeDetail = DeclaredDetail | ResolvedDetail | ClosedDetail | CancelledDetail | ReopenedDetail


@text_record
class StatusChangedDetail(EntryDetail):
    """It stands elsewhere."""

    kind = EntryKind.STATUS_CHANGED
    before: str
    to: str


@text_record
class SeverityChangedDetail(SeverityChange, EntryDetail):
    """It is worse, or milder."""

    kind = EntryKind.SEVERITY_CHANGED


@text_record
class RenamedDetail(EntryDetail):
    """It has another title."""

    kind = EntryKind.RENAMED
    before: str
    to: str


@text_record
class ImpactChangedDetail(ImpactChange, EntryDetail):
    """More is known of the impact. `text` is the same as a note, for a version that does not know this kind."""

    kind = EntryKind.IMPACT_CHANGED
    text: str


@text_record
class PlaybookChosenDetail(EntryDetail):
    """It goes on with this playbook."""

    kind = EntryKind.PLAYBOOK_CHOSEN
    title: str


@text_record
class TimesCorrectedDetail(EntryDetail):
    """It began at `began`, earlier than it was declared, and why somebody says so."""

    kind = EntryKind.TIMES_CORRECTED
    began: datetime
    reason: str


ChangeDetail = (
    StatusChangedDetail
    | SeverityChangedDetail
    | RenamedDetail
    | ImpactChangedDetail
    | PlaybookChosenDetail
    | TimesCorrectedDetail
)


@text_record
class MergedDetail(EntryDetail):
    """It was closed into the incident `into`, with its title and channel then."""

    kind = EntryKind.MERGED
    into: str
    title: str
    channel: str


@text_record
class MergedInDetail(EntryDetail):
    """The incident `source` was closed into this one."""

    kind = EntryKind.MERGED_IN
    source: str = field(metadata=kept_as("from"))
    title: str
    channel: str


@text_record
class UnmergedDetail(EntryDetail):
    """The incident `source` goes on by itself again."""

    kind = EntryKind.UNMERGED
    source: str = field(metadata=kept_as("from"))
    title: str
    channel: str


MergeDetail = MergedDetail | MergedInDetail | UnmergedDetail
