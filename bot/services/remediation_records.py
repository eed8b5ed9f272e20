"""What every change of a remediation writes: its row, its timeline entry, and where it is told."""

from collections.abc import Iterable, Mapping

from bot.contacts import build_name_key
from bot.domain.effects import Effect, PostNotice, PostRemediation, RefreshRemediation, TellRequester
from bot.domain.incident import Incident
from bot.domain.notices import RemediationNewsNotice
from bot.domain.remediation import Remediation, RemediationKind, RemediationState, may_follow
from bot.domain.remediation_plan import Plan, compute_plan_hash
from bot.domain.timeline_details import (
    ReachedDetail,
    RemediationApprovedDetail,
    RemediationEndedDetail,
    RemediationProposedDetail,
    RemediationStartedDetail,
)
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.incident_guards import build_not_found

ENTRIES: Mapping[RemediationState, type[ReachedDetail]] = {
    RemediationState.PROPOSED: RemediationProposedDetail,
    RemediationState.APPROVED: RemediationApprovedDetail,
    RemediationState.EXECUTING: RemediationStartedDetail,
    RemediationState.UNKNOWN: RemediationEndedDetail,
    RemediationState.DONE: RemediationEndedDetail,
    RemediationState.FAILED: RemediationEndedDetail,
    RemediationState.REJECTED: RemediationEndedDetail,
    RemediationState.EXPIRED: RemediationEndedDetail,
    RemediationState.VOID: RemediationEndedDetail,
}
"""Each state that is reached is one entry with this detail, with the state in it."""


async def find_for_request(desk: ServiceContext, request: UserRequest, id: int) -> Remediation:
    """The remediation that a button names. Raises RuleViolation when there is none for this person."""
    found = await desk.store.find_remediation(id)
    if found is None or not await desk.store.may_see(found.incident, request.actor):
        raise RuleViolation("There is no such remediation any more. Nothing was changed.")
    return found


async def lock_both(tx: Transaction, number: int, id: int, viewer: str) -> tuple[Incident, Remediation]:
    """The incident, then the remediation, held by this transaction."""
    incident = await tx.lock(number, viewer)
    if incident is None:
        raise build_not_found(number)
    found = await tx.lock_remediation(id)
    assert found is not None
    return incident, found


async def enter_state(
    tx: Transaction,
    found: Remediation,
    state: RemediationState,
    actor: str,
    why: str = "",
    *,
    plan: Plan | None = None,
    receipt: Mapping[str, str] | None = None,
    **columns: object,
) -> list[Effect]:
    """Put a remediation into its next state, with the timeline entry of that. Gives what shows it.

    `plan`, `receipt` and `columns` are set beside, where they are given; `why` is said in the card. A state that may
    not follow is a fault of ours.
    """
    assert may_follow(found.state, state), f"{found.reference}: {found.state} -> {state}"
    given = {name: value for name, value in (("plan", plan), ("receipt", receipt)) if value is not None}
    await tx.change_remediation(found.id, state=state.value, why=why, **given, **columns)
    plan = plan or found.plan
    detail = ENTRIES[state](
        reference=found.reference,
        what=found.kind.value,
        state=state.value,
        title=plan.title if plan else found.verb,
        why=why,
        asked_by=found.asked_by,
        alone=str(columns.get("alone") or found.alone),
        approved_by=str(columns.get("approved_by") or found.approved_by or ""),
        plan=compute_plan_hash(plan) if plan else "",
        receipt={name: text for name, text in (receipt or {}).items() if text},
    )
    await tx.add_entry(found.incident, actor, detail)
    if state is RemediationState.PROPOSED:
        return [PostRemediation(incident=found.incident, remediation=found.id)]
    return [build_refresh(found, state.value)]


def build_refresh(found: Remediation, change: str) -> RefreshRemediation:
    """The card shows how it stands."""
    return RefreshRemediation(incident=found.incident, remediation=found.id, change=change)


def build_news(found: Remediation, change: str, sentence: str) -> list[Effect]:
    """What came of it, said in the room and to who asked for it."""
    notice = RemediationNewsNotice(reference=found.reference, title=found.title, sentence=sentence)
    return [
        PostNotice.say(found.incident, notice, f"{found.id}:{change}"),
        TellRequester(incident=found.incident, remediation=found.id, state=change),
    ]


def is_carried_out(desk: ServiceContext, kind: RemediationKind) -> bool:
    """Whether a remediation of this kind may be carried out at all: it is switched on, and somebody may approve it."""
    return kind in desk.remediations and bool(desk.book.approvers.of(kind.value))


def explain_by_hand(desk: ServiceContext, kind: RemediationKind) -> str:
    """Why a person carries this kind out, in a sentence; empty when Tocsin does, or nobody else could."""
    if kind is RemediationKind.BY_HAND or is_carried_out(desk, kind):
        return ""
    if kind not in desk.remediations:
        return f"{kind.value} is not switched on."
    return f"Nobody may approve {kind.value}: the contacts file names no approvers."


def list_approver_handles(desk: ServiceContext, names: Iterable[str]) -> tuple[str, ...]:
    """The Slack handles (`slack:…`) behind the approvers of the contacts file, each once; a contact who has none stays
    as the name."""
    found = [handle for name in names for handle in _expand(desk, name)]
    return tuple(dict.fromkeys(found))


def _expand(desk: ServiceContext, name: str) -> tuple[str, ...]:
    if name.startswith("slack:"):
        return (name,)
    spelled = next(
        (contact for contact in desk.contacts if build_name_key(contact) == build_name_key(name)), None
    )
    own = desk.contacts[spelled] if spelled is not None else ()
    return tuple(handle for handle in own if handle.startswith("slack:")) or (name,)
