"""What came of a request: one class for each result, and `CommandResult`, any of them.

`templates.replies` has the words for each; the type checker proves that none is forgotten. A new result gets its class
in the module of its subject, its place in that module's union, and its case in the templates.
"""

from collections.abc import Mapping

from bot.domain.results.action_results import (
    ActionAddedResult,
    ActionEndedAlreadyResult,
    ActionEndedResult,
    ActionOpenAlreadyResult,
    ActionReopenedResult,
    ActionResult,
    NoActionsResult,
)
from bot.domain.results.change_results import (
    ChangeResult,
    ImpactAlreadyResult,
    ImpactChangedResult,
    NotedAlreadyResult,
    NotedResult,
    NoteResult,
    PinnedResult,
    RenamedAlreadyResult,
    RenamedResult,
    SeverityAlreadyResult,
    SeverityChangedResult,
    StatusAlreadyResult,
    StatusChangedResult,
    TimesCorrectedResult,
)
from bot.domain.results.declaration_results import (
    DeclarationResult,
    DeclaredBeforeResult,
    DeclaredResult,
)
from bot.domain.results.diagnostic_results import (
    ManualStepResult,
    PlaybookAlreadyResult,
    PlaybookChosenResult,
    RunActiveResult,
    RunResult,
    RunStartedResult,
    SendQuestionResult,
    StepNotRunResult,
)
from bot.domain.results.end_results import (
    CancelledAlreadyResult,
    CancelledResult,
    ChecklistResult,
    ClosedAlreadyResult,
    ClosedResult,
    EndResult,
    ItemOwnedAlreadyResult,
    ItemOwnedResult,
    ItemsOpenResult,
    MergedAlreadyResult,
    MergedResult,
    OpenAlreadyResult,
    ReopenedResult,
    ResolvedAlreadyResult,
    ResolvedResult,
    ReturnResult,
    TickedAlreadyResult,
    TickedResult,
    UntickedAlreadyResult,
    UntickedResult,
)
from bot.domain.results.page_results import (
    EscalatedResult,
    NobodyThereResult,
    PagedAlreadyResult,
    PagedResult,
    PageResult,
)
from bot.domain.results.publication_results import PublicationResult
from bot.domain.results.remediation_results import (
    RemediationAloneResult,
    RemediationApprovedResult,
    RemediationAskedResult,
    RemediationCalledResult,
    RemediationCheckedResult,
    RemediationRanResult,
    RemediationRefusedResult,
    RemediationRejectedResult,
    RemediationResult,
    RemediationsOffAlreadyResult,
    RemediationsOffResult,
    RemediationsOnAlreadyResult,
    RemediationsOnResult,
    RemediationsOnWantedResult,
    RemediationSwitchResult,
    RemediationWithdrawnResult,
)
from bot.domain.results.request_result import (
    RequestResult,
)
from bot.domain.results.request_results import (
    GeneralResult,
    NothingNewResult,
    NoticedResult,
    OtherVersionResult,
    RefusedResult,
    UnansweredResult,
)
from bot.domain.results.responder_results import (
    AcknowledgedAlreadyResult,
    AcknowledgedResult,
    CommanderAlreadyResult,
    CommanderChangedResult,
    CommandOfferedAlreadyResult,
    CommandOfferedResult,
    FollowedAlreadyResult,
    FollowedResult,
    FollowerResult,
    JoinedAlreadyResult,
    JoinedResult,
    NotFollowedResult,
    ResponderResult,
    RoleAssignedAlreadyResult,
    RoleAssignedResult,
    RoleResult,
    StillOnItResult,
    UnfollowedResult,
)
from bot.domain.results.review_results import ReviewAnsweredResult, ReviewResult
from bot.domain.results.update_results import (
    DraftOutdatedResult,
    NothingToSnoozeResult,
    SnoozedAlreadyResult,
    SnoozedResult,
    UpdatedMeanwhileResult,
    UpdatedResult,
    UpdateResult,
)
from bot.domain.text_fields import dump_texts, index_members, parse_texts

LifeResult = (
    UpdateResult
    | ChangeResult
    | NoteResult
    | RoleResult
    | EndResult
    | ReturnResult
    | ChecklistResult
    | ActionResult
    | ReviewResult
)
"""About the incident's own life."""

PeopleResult = ResponderResult | FollowerResult | PageResult
"""About who works on it, or reads along."""

CommandResult = (
    DeclarationResult
    | LifeResult
    | PeopleResult
    | RunResult
    | StepNotRunResult
    | RemediationResult
    | RemediationSwitchResult
    | PublicationResult
    | GeneralResult
)

RESULTS: Mapping[str, type[CommandResult]] = index_members(CommandResult, "did")
"""Every result by the name under which it is kept."""


def dump_result(result: CommandResult) -> dict[str, object]:
    """What is kept with the request's key: `did`, the incident's number, and the facts as texts."""
    return {"did": result.did, "incident": result.incident, "facts": dump_texts(result)}


def parse_result(kept: Mapping[str, object]) -> CommandResult:
    """The result that `dump_result` wrote. One whose name only another version knows is that, and has no words."""
    kind = RESULTS.get(str(kept["did"]), OtherVersionResult)
    facts = kept.get("facts") or {}
    assert isinstance(facts, Mapping)
    return parse_texts(kind, facts, incident=kept.get("incident"))


__all__ = [
    "RESULTS",
    "AcknowledgedAlreadyResult",
    "AcknowledgedResult",
    "ActionAddedResult",
    "ActionEndedAlreadyResult",
    "ActionEndedResult",
    "ActionOpenAlreadyResult",
    "ActionReopenedResult",
    "ActionResult",
    "CancelledAlreadyResult",
    "CancelledResult",
    "ChangeResult",
    "ChecklistResult",
    "ClosedAlreadyResult",
    "ClosedResult",
    "CommandOfferedAlreadyResult",
    "CommandOfferedResult",
    "CommandResult",
    "CommanderAlreadyResult",
    "CommanderChangedResult",
    "DeclarationResult",
    "DeclaredBeforeResult",
    "DeclaredResult",
    "DraftOutdatedResult",
    "EndResult",
    "EscalatedResult",
    "FollowedAlreadyResult",
    "FollowedResult",
    "FollowerResult",
    "GeneralResult",
    "ImpactAlreadyResult",
    "ImpactChangedResult",
    "ItemOwnedAlreadyResult",
    "ItemOwnedResult",
    "ItemsOpenResult",
    "JoinedAlreadyResult",
    "JoinedResult",
    "LifeResult",
    "ManualStepResult",
    "MergedAlreadyResult",
    "MergedResult",
    "NoActionsResult",
    "NobodyThereResult",
    "NotFollowedResult",
    "NoteResult",
    "NotedAlreadyResult",
    "NotedResult",
    "NothingNewResult",
    "NothingToSnoozeResult",
    "NoticedResult",
    "OpenAlreadyResult",
    "OtherVersionResult",
    "PageResult",
    "PagedAlreadyResult",
    "PagedResult",
    "PeopleResult",
    "PinnedResult",
    "PlaybookAlreadyResult",
    "PlaybookChosenResult",
    "PublicationResult",
    "RefusedResult",
    "RemediationAloneResult",
    "RemediationApprovedResult",
    "RemediationAskedResult",
    "RemediationCalledResult",
    "RemediationCheckedResult",
    "RemediationRanResult",
    "RemediationRefusedResult",
    "RemediationRejectedResult",
    "RemediationResult",
    "RemediationSwitchResult",
    "RemediationWithdrawnResult",
    "RemediationsOffAlreadyResult",
    "RemediationsOffResult",
    "RemediationsOnAlreadyResult",
    "RemediationsOnResult",
    "RemediationsOnWantedResult",
    "RenamedAlreadyResult",
    "RenamedResult",
    "ReopenedResult",
    "RequestResult",
    "ResolvedAlreadyResult",
    "ResolvedResult",
    "ResponderResult",
    "ReturnResult",
    "ReviewAnsweredResult",
    "ReviewResult",
    "RoleAssignedAlreadyResult",
    "RoleAssignedResult",
    "RoleResult",
    "RunActiveResult",
    "RunResult",
    "RunStartedResult",
    "SendQuestionResult",
    "SeverityAlreadyResult",
    "SeverityChangedResult",
    "SnoozedAlreadyResult",
    "SnoozedResult",
    "StatusAlreadyResult",
    "StatusChangedResult",
    "StepNotRunResult",
    "StillOnItResult",
    "TickedAlreadyResult",
    "TickedResult",
    "TimesCorrectedResult",
    "UnansweredResult",
    "UnfollowedResult",
    "UntickedAlreadyResult",
    "UntickedResult",
    "UpdateResult",
    "UpdatedMeanwhileResult",
    "UpdatedResult",
    "dump_result",
    "parse_result",
]
