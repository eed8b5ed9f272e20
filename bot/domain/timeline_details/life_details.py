"""Details about the life of an incident: its beginning, its changes and its end."""

from dataclasses import dataclass, field

from bot.domain.incident_changes import ImpactChange, SeverityChange
from bot.domain.text_fields import kept_as
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@dataclass(frozen=True, kw_only=True)
class DeclaredDetail(EntryDetail):
    """It began. `everyone` is why the incidents channel was paged, empty when it was not."""

    kind = EntryKind.DECLARED
    severity: str
    title: str
    everyone: str


@dataclass(frozen=True, kw_only=True)
class ResolvedDetail(EntryDetail):
    """What was done, and why it was; an older version wrote neither."""

    kind = EntryKind.RESOLVED
    done: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class ClosedDetail(EntryDetail):
    """It was put away, with `left` open items of the checklist and a reason for that."""

    kind = EntryKind.CLOSED
    reason: str
    left: int


@dataclass(frozen=True, kw_only=True)
class CancelledDetail(EntryDetail):
    """It was a false alarm."""

    kind = EntryKind.CANCELLED
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReopenedDetail(EntryDetail):
    """It is open again; `before` is how it stood."""

    kind = EntryKind.REOPENED
    before: str


LifeDetail = DeclaredDetail | ResolvedDetail | ClosedDetail | CancelledDetail | ReopenedDetail


@dataclass(frozen=True, kw_only=True)
class StatusChangedDetail(EntryDetail):
    """It stands elsewhere."""

    kind = EntryKind.STATUS_CHANGED
    before: str
    to: str


@dataclass(frozen=True, kw_only=True)
class SeverityChangedDetail(SeverityChange, EntryDetail):
    """It is worse, or milder."""

    kind = EntryKind.SEVERITY_CHANGED


@dataclass(frozen=True, kw_only=True)
class RenamedDetail(EntryDetail):
    """It has another title."""

    kind = EntryKind.RENAMED
    before: str
    to: str


@dataclass(frozen=True, kw_only=True)
class ImpactChangedDetail(ImpactChange, EntryDetail):
    """More is known of the impact. `text` is the same as a note, for a version that does not know this kind."""

    kind = EntryKind.IMPACT_CHANGED
    text: str


@dataclass(frozen=True, kw_only=True)
class PlaybookChosenDetail(EntryDetail):
    """It goes on with this playbook."""

    kind = EntryKind.PLAYBOOK_CHOSEN
    title: str


ChangeDetail = (
    StatusChangedDetail | SeverityChangedDetail | RenamedDetail | ImpactChangedDetail | PlaybookChosenDetail
)


@dataclass(frozen=True, kw_only=True)
class MergedDetail(EntryDetail):
    """It was closed into the incident `into`, with its title and channel then."""

    kind = EntryKind.MERGED
    into: str
    title: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class MergedInDetail(EntryDetail):
    """The incident `source` was closed into this one."""

    kind = EntryKind.MERGED_IN
    source: str = field(metadata=kept_as("from"))
    title: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class UnmergedDetail(EntryDetail):
    """The incident `source` goes on by itself again."""

    kind = EntryKind.UNMERGED
    source: str = field(metadata=kept_as("from"))
    title: str
    channel: str


MergeDetail = MergedDetail | MergedInDetail | UnmergedDetail
