"""What a timeline entry tells: one class for each kind, and `TimelineDetail`, any of them.

`templates.timeline_entries` tells each; the type checker proves that none is forgotten. A row keeps the kind by its
name and the detail as texts. What an older version wrote less is read as empty, what a newer one wrote more is passed
over, and a kind that only a newer one knows is `OfNewerDetail`.
"""

from collections.abc import Mapping

from bot.domain.text_fields import index_members, parse_texts
from bot.domain.timeline_details.action_details import (
    ActionAddedDetail,
    ActionDetail,
    ActionEndedDetail,
    ActionReopenedDetail,
    LearningsSharedDetail,
    NoActionsDetail,
    TicketCreatedDetail,
    TicketGoneDetail,
    TicketStateDetail,
)
from bot.domain.timeline_details.entry_detail import (
    EntryDetail,
)
from bot.domain.timeline_details.entry_kinds import (
    EntryKind,
)
from bot.domain.timeline_details.life_details import (
    CancelledDetail,
    ChangeDetail,
    ClosedDetail,
    DeclaredDetail,
    ImpactChangedDetail,
    LifeDetail,
    MergedDetail,
    MergeDetail,
    MergedInDetail,
    PlaybookChosenDetail,
    RenamedDetail,
    ReopenedDetail,
    ResolvedDetail,
    SeverityChangedDetail,
    StatusChangedDetail,
    TimesCorrectedDetail,
    UnmergedDetail,
)
from bot.domain.timeline_details.page_details import (
    AcknowledgedDetail,
    EscalatedDetail,
    OnCallFoundDetail,
    OnCallNotCalledDetail,
    PageAcceptedDetail,
    PagedDetail,
    PageDeliveredDetail,
    PageDetail,
    PageDroppedDetail,
    PageFailedDetail,
    PageHeldDetail,
    PageRequestedDetail,
    PageStateDetail,
    PhoneNamedDetail,
)
from bot.domain.timeline_details.people_details import (
    AskedIfStillDetail,
    CommanderChangedDetail,
    CommandOfferedDetail,
    JoinedDetail,
    LeftDetail,
    PeopleDetail,
    RoleAssignedDetail,
    StillOnItDetail,
)
from bot.domain.timeline_details.publication_details import (
    NotPublishedDetail,
    PublicAcceptedDetail,
    PublicationDetail,
    PublicOverdueDetail,
    PublicWithheldDetail,
    PublishedDetail,
)
from bot.domain.timeline_details.remediation_details import (
    ReachedDetail,
    ReachedState,
    RemediationApprovedDetail,
    RemediationCheckedDetail,
    RemediationDetail,
    RemediationEndedDetail,
    RemediationProposedDetail,
    RemediationsSwitchedDetail,
    RemediationStartedDetail,
)
from bot.domain.timeline_details.review_details import (
    NotProposedDetail,
    ProposedDetail,
    ReviewAnsweredDetail,
    ReviewDetail,
    ReviewFiledDetail,
)
from bot.domain.timeline_details.room_details import (
    AnnouncementFailedDetail,
    ChannelBackDetail,
    ChannelFailedDetail,
    ChannelLostDetail,
    ChannelOpenedDetail,
    ChannelRenamedDetail,
    RoomDetail,
)
from bot.domain.timeline_details.work_details import (
    ItemDetail,
    ItemOwnedDetail,
    ItemTickedDetail,
    ItemUntickedDetail,
    LookedDetail,
    NoteAddedDetail,
    NoteDetail,
    OfNewerDetail,
    ReminderSnoozedDetail,
    SourceDeletedDetail,
    SourceEditedDetail,
    UpdateAskedDetail,
    UpdateDetail,
    UpdateOverdueDetail,
    UpdatePostedDetail,
)

TimelineDetail = (
    LifeDetail
    | ChangeDetail
    | MergeDetail
    | PageDetail
    | PageStateDetail
    | PeopleDetail
    | RemediationDetail
    | PublicationDetail
    | RoomDetail
    | UpdateDetail
    | ItemDetail
    | ActionDetail
    | ReviewDetail
    | NoteDetail
)

DETAILS: Mapping[EntryKind, type[TimelineDetail]] = index_members(TimelineDetail, "kind")
"""Every detail by the kind of its entry."""

KINDS = frozenset(EntryKind)


def parse_detail(kind: str, texts: Mapping[str, str]) -> TimelineDetail:
    """The detail that a row keeps. One of a kind that only a newer version knows is told as that."""
    if kind not in KINDS:
        return OfNewerDetail(text=kind.replace("_", " "))
    return parse_texts(DETAILS[EntryKind(kind)], texts)


__all__ = [
    "DETAILS",
    "AcknowledgedDetail",
    "ActionAddedDetail",
    "ActionDetail",
    "ActionEndedDetail",
    "ActionReopenedDetail",
    "AnnouncementFailedDetail",
    "AskedIfStillDetail",
    "CancelledDetail",
    "ChangeDetail",
    "ChannelBackDetail",
    "ChannelFailedDetail",
    "ChannelLostDetail",
    "ChannelOpenedDetail",
    "ChannelRenamedDetail",
    "ClosedDetail",
    "CommandOfferedDetail",
    "CommanderChangedDetail",
    "DeclaredDetail",
    "EntryDetail",
    "EntryKind",
    "EscalatedDetail",
    "ImpactChangedDetail",
    "ItemDetail",
    "ItemOwnedDetail",
    "ItemTickedDetail",
    "ItemUntickedDetail",
    "JoinedDetail",
    "LearningsSharedDetail",
    "LeftDetail",
    "LifeDetail",
    "LookedDetail",
    "MergeDetail",
    "MergedDetail",
    "MergedInDetail",
    "NoActionsDetail",
    "NotProposedDetail",
    "NotPublishedDetail",
    "NoteAddedDetail",
    "NoteDetail",
    "OfNewerDetail",
    "OnCallFoundDetail",
    "OnCallNotCalledDetail",
    "PageAcceptedDetail",
    "PageDeliveredDetail",
    "PageDetail",
    "PageDroppedDetail",
    "PageFailedDetail",
    "PageHeldDetail",
    "PageRequestedDetail",
    "PageStateDetail",
    "PagedDetail",
    "PeopleDetail",
    "PhoneNamedDetail",
    "PlaybookChosenDetail",
    "ProposedDetail",
    "PublicAcceptedDetail",
    "PublicOverdueDetail",
    "PublicWithheldDetail",
    "PublicationDetail",
    "PublishedDetail",
    "ReachedDetail",
    "ReachedState",
    "RemediationApprovedDetail",
    "RemediationCheckedDetail",
    "RemediationDetail",
    "RemediationEndedDetail",
    "RemediationProposedDetail",
    "RemediationStartedDetail",
    "RemediationsSwitchedDetail",
    "ReminderSnoozedDetail",
    "RenamedDetail",
    "ReopenedDetail",
    "ResolvedDetail",
    "ReviewAnsweredDetail",
    "ReviewDetail",
    "ReviewFiledDetail",
    "RoleAssignedDetail",
    "RoomDetail",
    "SeverityChangedDetail",
    "SourceDeletedDetail",
    "SourceEditedDetail",
    "StatusChangedDetail",
    "StillOnItDetail",
    "TicketCreatedDetail",
    "TicketGoneDetail",
    "TicketStateDetail",
    "TimelineDetail",
    "TimesCorrectedDetail",
    "UnmergedDetail",
    "UpdateAskedDetail",
    "UpdateDetail",
    "UpdateOverdueDetail",
    "UpdatePostedDetail",
    "parse_detail",
]
