"""Lets texts for customers out, or keeps them inside, when somebody who may says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.effects import Effect, PublishText, RefreshPublicDraft
from bot.domain.incident import Incident
from bot.domain.public_update import (
    CONFIRMATION,
    PageImpact,
    PublicState,
    PublicUpdate,
    list_publishers,
)
from bot.domain.public_wording import WordConcern
from bot.domain.results import CommandResult
from bot.domain.results.publication_results import (
    PublicAcceptedResult,
    PublicDecidedAlreadyResult,
    PublicHeldBackResult,
    PublicNotYoursResult,
    PublicRehearsedResult,
    PublicSecondedResult,
    PublicWithheldResult,
)
from bot.domain.timeline_details import PublicAcceptedDetail, PublicWithheldDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.public_wording_check import examine_wording
from bot.services.publication_draft import (
    MAX_PUBLIC_LENGTH,
    NOTHING,
    must_be_publishable,
    public_status,
)
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut, is_blank

MAX_TITLE_LENGTH = 150


@dataclass(frozen=True, slots=True)
class PublicChange:
    """What somebody changed of a draft before they let it out: None leaves it as it is. `confirmed` is the word with
    which held words go out all the same."""

    text: str | None = None
    title: str | None = None
    impact: PageImpact | None = None
    components: Mapping[str, str] | None = None
    confirmed: str = ""


UNCHANGED = PublicChange()


@dataclass(frozen=True, slots=True)
class PublicDecision:
    """How a draft stands when somebody decides on it, held by the transaction."""

    incident: Incident
    update: PublicUpdate
    publishers: Mapping[str, str] = field(default_factory=dict)


async def accept_public_update(
    desk: ServiceContext, request: UserRequest, id: int, said: PublicChange = UNCHANGED
) -> CommandResult:
    """Let a draft out as it is, or as it was changed: `public_accepted`, `public_seconded` while a second person has to
    agree, `public_rehearsed` for a drill, `public_held_back` for words that are nobody's business outside,
    `public_decided_already`, or `refused`."""
    number = await _find_number(desk, id)

    async def change(tx: Transaction) -> CommandResult:
        found = await _hold(tx, request, number, id)
        incident, draft = found.incident, found.update
        if not draft.is_undecided:
            return _decided(draft)
        if refused := refuse_others(found, request.actor):
            return refused
        await must_be_publishable(desk, tx, incident)
        wanted = replace(apply_change(draft, said), status=public_status(incident))
        held, words = await examine_change(desk, tx, incident, wanted, said)
        if held is not None:
            return held
        by = _agree(draft, wanted, request.actor)
        if len(by) < desk.status_approvals:
            await save_change(tx, wanted, state=PublicState.SECONDED.value, accepted_by=by)
            await tx.enqueue([_refresh(draft, request.change)])
            return PublicSecondedResult(number)
        return await let_out(desk, tx, request, incident, replace(wanted, accepted_by=by), words)

    return await run_idempotent(desk, request, change)


async def examine_change(
    desk: ServiceContext, tx: Transaction, incident: Incident, wanted: PublicUpdate, said: PublicChange
) -> tuple[PublicHeldBackResult | None, str]:
    """What holds a text back, or the held words that were confirmed. Raises RuleViolation for an empty one."""
    if is_blank(wanted.text) or is_blank(wanted.title):
        raise RuleViolation(f"A public update needs a title and a text. {NOTHING}")
    concerns = [concern for concern in await examine_wording(desk, tx, incident, wanted) if concern.holds]
    confirmed = " ".join(said.confirmed.split()).casefold() == CONFIRMATION
    if concerns and not confirmed:
        return PublicHeldBackResult(incident.number, concerns=describe_concerns(concerns)), ""
    return None, "; ".join(concern.words for concern in concerns)


def _agree(draft: PublicUpdate, wanted: PublicUpdate, actor: str) -> tuple[str, ...]:
    """Who has agreed to exactly this text, with the actor: who agreed to another one has to agree anew."""
    same = (wanted.text, wanted.title, wanted.impact, dict(wanted.components)) == (
        draft.text,
        draft.title,
        draft.impact,
        dict(draft.components),
    )
    return tuple(dict.fromkeys([*(draft.accepted_by if same else ()), actor]))


async def let_out(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    incident: Incident,
    wanted: PublicUpdate,
    confirmed: str,
) -> CommandResult:
    number, pages = incident.number, ", ".join(desk.status_pages.values())
    if incident.drill:
        await save_change(tx, wanted, state=PublicState.WITHHELD.value, accepted_by=wanted.accepted_by)
        await tx.enqueue([_refresh(wanted, request.change)])
        return PublicRehearsedResult(number, pages=pages)
    promised_at = await compute_promise(tx, incident)
    await save_change(
        tx,
        wanted,
        state=PublicState.ACCEPTED.value,
        status=public_status(incident).value,
        accepted_by=wanted.accepted_by,
        accepted_at="now",
        promised_at=promised_at,
    )
    others = tuple(person for person in wanted.accepted_by if person != request.actor)
    detail = PublicAcceptedDetail(
        status=wanted.status, text=wanted.text, others=others, confirmed=cut(confirmed, 300)
    )
    await tx.add_entry(number, request.actor, detail)
    outdated = await tx.outdate_public_updates(number, wanted.id)
    effects: list[Effect] = [
        *(PublishText(incident=number, update=wanted.id, page=page) for page in desk.status_pages),
        _refresh(wanted, request.change),
        *(RefreshPublicDraft(incident=number, update=id, change=request.change) for id in outdated),
    ]
    await tx.enqueue(effects)
    return PublicAcceptedResult(number, pages=pages)


async def compute_promise(tx: Transaction, incident: Incident) -> datetime | None:
    """When readers are promised the next text: when the next status update is due, or one cadence from now where that
    is late already; None without a rhythm and at the end."""
    if not incident.status.is_open or incident.cadence is None:
        return None
    now = await tx.now()
    due = incident.next_update_at
    return due if due is not None and due > now else now + incident.cadence


async def withhold_public_update(desk: ServiceContext, request: UserRequest, id: int) -> CommandResult:
    """It stays inside: `public_withheld`, `public_decided_already` or `refused`."""
    number = await _find_number(desk, id)

    async def change(tx: Transaction) -> CommandResult:
        found = await _hold(tx, request, number, id)
        if not found.update.is_undecided:
            return _decided(found.update)
        if refused := refuse_others(found, request.actor):
            return refused
        await tx.change_public_update(id, state=PublicState.WITHHELD.value, accepted_by=(request.actor,))
        await tx.add_entry(number, request.actor, PublicWithheldDetail(status=found.update.status))
        await tx.enqueue([_refresh(found.update, request.change)])
        return PublicWithheldResult(number)

    return await run_idempotent(desk, request, change)


async def _find_number(desk: ServiceContext, id: int) -> int:
    """The incident of a draft, whose row is held before the draft's. Raises RuleViolation when there is none."""
    found = await desk.store.find_public_update(id)
    if found is None:
        raise RuleViolation(f"There is no such draft any more. {NOTHING}")
    return found.incident


async def _hold(tx: Transaction, request: UserRequest, number: int, id: int) -> PublicDecision:
    """The draft with its incident, both held. Raises RuleViolation where this person may see none."""
    incident = await get_for_update(tx, request, number)
    update = await tx.lock_public_update(id)
    situation = await tx.situation(number)
    assert update is not None and situation is not None
    return PublicDecision(incident, update, list_publishers(incident, situation.roles))


def refuse_others(found: PublicDecision, actor: str) -> PublicNotYoursResult | None:
    """Who may publish, for everybody else; None for them."""
    if actor in found.publishers.values():
        return None
    may = tuple(f"{what} {person}" for what, person in found.publishers.items())
    return PublicNotYoursResult(found.incident.number, publishers=may)


def _decided(update: PublicUpdate) -> CommandResult:
    by = update.accepted_by[-1] if update.accepted_by else ""
    return PublicDecidedAlreadyResult(update.incident, state=update.state.value, by=by)


def apply_change(draft: PublicUpdate, said: PublicChange) -> PublicUpdate:
    """The draft with what was changed of it, cut to what is kept."""
    return replace(
        draft,
        text=draft.text if said.text is None else cut(said.text.strip(), MAX_PUBLIC_LENGTH),
        title=draft.title if said.title is None else cut(said.title.strip(), MAX_TITLE_LENGTH),
        impact=said.impact or draft.impact,
        components=draft.components if said.components is None else said.components,
    )


async def save_change(tx: Transaction, wanted: PublicUpdate, **columns: object) -> None:
    said = {
        "text": wanted.text,
        "title": wanted.title,
        "impact": wanted.impact.value,
        "components": wanted.components,
    }
    await tx.change_public_update(wanted.id, **{**said, **columns})


def _refresh(update: PublicUpdate, change: str) -> RefreshPublicDraft:
    return RefreshPublicDraft(incident=update.incident, update=update.id, change=change)


def describe_concerns(concerns: list[WordConcern]) -> tuple[str, ...]:
    """Each with why, one a line."""
    return tuple(f"“{concern.words}” {concern.why}" for concern in concerns)
