"""What is told about an incident in one line: one class for each notice, and `Notice`, any of them; and the news for
followers.

`templates.notices` has the sentence of each; the type checker proves that none is forgotten. An outbox row keeps a
notice as its name (`words`) and its texts (`detail`).
"""

from collections.abc import Iterable, Mapping

from bot.domain.notices.acknowledgement_notices import (
    AcknowledgedNotice,
    AcknowledgedThereNotice,
    AcknowledgementNotice,
    AnsweredByNobodyNotice,
    AnsweredTooLateNotice,
    NotToldNotice,
    PageResolvedNotice,
)
from bot.domain.notices.change_notices import (
    ChangeNotice,
    CommanderChangedNotice,
    ImpactChangedNotice,
    RenamedNotice,
    RoleAssignedNotice,
    SeverityChangedNotice,
    StatusChangedNotice,
)
from bot.domain.notices.end_notices import (
    CancelledNotice,
    ClosedNotice,
    EndNotice,
    MergedInNotice,
    MergedNotice,
    MergeNotice,
    ReopenedNotice,
    UnmergedNotice,
)
from bot.domain.notices.follower_news import (
    CancelledNews,
    FollowerNews,
    ImpactNews,
    IncidentNews,
    MergedNews,
    ResolvedNews,
    SeverityNews,
    UpdateNews,
)
from bot.domain.notices.incident_notice import (
    IncidentNotice,
)
from bot.domain.notices.page_notices import (
    BusinessDayNotice,
    EscalatedNotice,
    NobodyThereNotice,
    NoWayLeftNotice,
    OnCallProblemNotice,
    PageDroppedNotice,
    PageFailedNotice,
    PageHeldNotice,
    PageLostNotice,
    PageNotice,
    PageProblemNotice,
    PageRequestedNotice,
    StillOnItNotice,
    WouldBeCalledNotice,
)
from bot.domain.notices.proposal_notices import (
    NotProposedNotice,
    ProposalEndedNotice,
    ProposalNotice,
    ProposedNotice,
)
from bot.domain.notices.publication_notices import (
    NotPublishedNotice,
    PublicationNotice,
    PublicOverdueNotice,
    PublishedNotice,
)
from bot.domain.notices.room_notices import (
    ChannelBackNotice,
    ChannelFailedNotice,
    ChannelLostNotice,
    ChannelNotice,
    EffectFailedNotice,
    MovedNotice,
    RemediationNewsNotice,
    RestoredNotice,
    UpdateAskedNotice,
    UpdateOverdueNotice,
    WorkNotice,
)
from bot.domain.text_fields import dump_texts, index_members, parse_texts

Notice = (
    ChangeNotice
    | EndNotice
    | MergeNotice
    | PageNotice
    | PageProblemNotice
    | AcknowledgementNotice
    | ChannelNotice
    | WorkNotice
    | PublicationNotice
    | ProposalNotice
)

NOTICES: Mapping[str, type[Notice]] = index_members(Notice, "words")
"""Every notice by the name under which it is kept."""

NEWS: Mapping[str, type[FollowerNews]] = index_members(FollowerNews, "what")
"""The news for followers by the name under which it is kept."""

TO_ACT_ON = (UpdateOverdueNotice, ChannelFailedNotice, EffectFailedNotice)
"""Notices in the incidents channel that ask somebody to do something."""

Detail = tuple[tuple[str, str], ...]
"""The texts of a notice, as an effect keeps them."""


def dump_detail(told: Notice | FollowerNews) -> Detail:
    """The texts of what is told."""
    return tuple(dump_texts(told).items())


def parse_notice(words: str, detail: Iterable[tuple[str, str]]) -> Notice:
    """The notice that an effect names. Raises KeyError when this version does not know it."""
    return parse_texts(NOTICES[words], dict(detail))


def parse_news(what: str, detail: Iterable[tuple[str, str]]) -> FollowerNews:
    """The news that an effect names. Raises KeyError when this version does not know it."""
    return parse_texts(NEWS[what], dict(detail))


__all__ = [
    "NEWS",
    "NOTICES",
    "TO_ACT_ON",
    "AcknowledgedNotice",
    "AcknowledgedThereNotice",
    "AcknowledgementNotice",
    "AnsweredByNobodyNotice",
    "AnsweredTooLateNotice",
    "BusinessDayNotice",
    "CancelledNews",
    "CancelledNotice",
    "ChangeNotice",
    "ChannelBackNotice",
    "ChannelFailedNotice",
    "ChannelLostNotice",
    "ChannelNotice",
    "ClosedNotice",
    "CommanderChangedNotice",
    "Detail",
    "EffectFailedNotice",
    "EndNotice",
    "EscalatedNotice",
    "FollowerNews",
    "ImpactChangedNotice",
    "ImpactNews",
    "IncidentNews",
    "IncidentNotice",
    "MergeNotice",
    "MergedInNotice",
    "MergedNews",
    "MergedNotice",
    "MovedNotice",
    "NoWayLeftNotice",
    "NobodyThereNotice",
    "NotProposedNotice",
    "NotPublishedNotice",
    "NotToldNotice",
    "Notice",
    "OnCallProblemNotice",
    "PageDroppedNotice",
    "PageFailedNotice",
    "PageHeldNotice",
    "PageLostNotice",
    "PageNotice",
    "PageProblemNotice",
    "PageRequestedNotice",
    "PageResolvedNotice",
    "ProposalEndedNotice",
    "ProposalNotice",
    "ProposedNotice",
    "PublicOverdueNotice",
    "PublicationNotice",
    "PublishedNotice",
    "RemediationNewsNotice",
    "RenamedNotice",
    "ReopenedNotice",
    "ResolvedNews",
    "RestoredNotice",
    "RoleAssignedNotice",
    "SeverityChangedNotice",
    "SeverityNews",
    "StatusChangedNotice",
    "StillOnItNotice",
    "UnmergedNotice",
    "UpdateAskedNotice",
    "UpdateNews",
    "UpdateOverdueNotice",
    "WorkNotice",
    "WouldBeCalledNotice",
    "dump_detail",
    "parse_news",
    "parse_notice",
]
