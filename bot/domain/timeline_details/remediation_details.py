"""Details about remediations."""

from collections.abc import Mapping
from dataclasses import field

from bot.domain.text_fields import TextRecord, kept_with_prefix, text_record
from bot.domain.timeline_details.entry_detail import EntryDetail
from bot.domain.timeline_details.entry_kinds import EntryKind


@text_record
class ReachedState(TextRecord):
    """The remediation (`R1`) and the state that it reached: of what kind it is, why, who asked for it and approved it,
    why one person alone approved it, the hash of its plan, and what was answered when it was carried out. What is empty
    is left out."""

    reference: str = ""
    what: str = ""
    state: str = ""
    title: str = ""
    why: str = ""
    asked_by: str = ""
    approved_by: str = ""
    alone: str = ""
    plan: str = ""
    receipt: Mapping[str, str] = field(default_factory=dict, metadata=kept_with_prefix("receipt_"))


@text_record
class RemediationProposedDetail(ReachedState, EntryDetail):
    """Somebody asked for it."""

    kind = EntryKind.REMEDIATION_PROPOSED


@text_record
class RemediationApprovedDetail(ReachedState, EntryDetail):
    """A second person approved it."""

    kind = EntryKind.REMEDIATION_APPROVED


@text_record
class RemediationStartedDetail(ReachedState, EntryDetail):
    """It is being carried out."""

    kind = EntryKind.REMEDIATION_STARTED


@text_record
class RemediationEndedDetail(ReachedState, EntryDetail):
    """It reached a state that is an end, or the diagnostics were run after it (`state` is `judged`)."""

    kind = EntryKind.REMEDIATION_ENDED


ReachedDetail = (
    RemediationProposedDetail | RemediationApprovedDetail | RemediationStartedDetail | RemediationEndedDetail
)


@text_record
class RemediationCheckedDetail(EntryDetail):
    """A second person checked what was run by hand."""

    kind = EntryKind.REMEDIATION_CHECKED
    reference: str
    title: str


@text_record
class RemediationsSwitchedDetail(EntryDetail):
    """The actor switched them on with `other`, or off, and why."""

    kind = EntryKind.REMEDIATIONS_SWITCHED
    is_on: bool
    why: str
    other: str


RemediationDetail = ReachedDetail | RemediationCheckedDetail | RemediationsSwitchedDetail
