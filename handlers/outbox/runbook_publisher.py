"""Drafts what the runbook could learn, shows it, and proposes what somebody chose of it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

from bot.domain.effects import DraftRunbook, PostRunbookDraft, ProposeRunbook, compute_backoff_s
from bot.domain.runbook_draft import DraftState, RunbookDraft
from bot.errors import SlackOutcomeUnknown
from bot.ports import LeasedEffect
from bot.ports.code_host import HostAnswerLost, HostBusy, HostRefused, RunbookPlace
from bot.runbook.dead_links import list_links
from bot.runbook.improvements import propose_improvements
from bot.services import runbook_learning as learning
from handlers.outbox.effect_context import EffectContext, RetryLater, find_room, needs_reconciliation
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.proposals import Proposal, propose, read_default
from templates.runbook_draft import format_reason, render_draft

GIVE_UP_AFTER = timedelta(hours=1)
"""For how long a host that is away is tried."""

TOLD_AT = 3
"""The attempt at which the room is told that a host is away."""

MOVED = "the runbook changed since this was made. I make it anew."
NOT_SET = "the runbook's repository is not set any more."


class _RunbookMoved(Exception):
    """The file is not the one that the hunks were made for."""


async def draft_runbook(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """From the file as it stands in its repository now."""
    draft, place = await _find(hands, cast(DraftRunbook, row.effect).draft), hands.repositories.runbook
    if place is None or draft.state is not DraftState.ASKED:
        return EffectResult()
    try:
        text = await read_default(place.host, place.path, _branch(draft))
    except HostRefused as refusal:
        return _refuse(hands, draft, str(refusal))
    except (HostBusy, HostAnswerLost) as away:
        return await _try_later(hands, row, draft, away)
    recorded = await learning.read_recorded(hands.services, draft.incident)
    if hands.links is not None:
        links = await asyncio.to_thread(list_links, text)
        recorded = replace(recorded, dead=await hands.links.find_dead(links))
    found = await asyncio.to_thread(propose_improvements, text, recorded)
    return EffectResult(on_commit=lambda tx: learning.record_draft(tx, draft, text, found))


async def post_draft(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """With its reasons and its diff."""
    effect, place = cast(PostRunbookDraft, row.effect), hands.repositories.runbook
    view, draft = await hands.load_view(effect.incident), await _find(hands, effect.draft)
    path = place.path if place else "runbook.md"
    return EffectResult(await hands.post(row, find_room(view.situation), render_draft(view, draft, path)))


async def propose_runbook(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Only onto the file that people saw the diff of."""
    desk, place = hands.services, hands.repositories.runbook
    draft = await _find(hands, cast(ProposeRunbook, row.effect).draft)
    if draft.state is not DraftState.CHOSEN:
        return EffectResult()
    if place is None:
        return _refuse(hands, draft, NOT_SET)
    needs_reconciliation(row)  # too early, what was sent last may still arrive
    try:
        pull = await propose(place.host, _build_proposal(hands, place, draft))
    except _RunbookMoved:
        return EffectResult(
            on_commit=lambda tx: learning.record_runbook_refused(desk, tx, draft, MOVED, has_moved=True)
        )
    except HostRefused as refusal:
        return _refuse(hands, draft, str(refusal))
    except (HostBusy, HostAnswerLost) as away:
        return await _try_later(hands, row, draft, away)
    return EffectResult(on_commit=lambda tx: learning.record_runbook_proposed(desk, tx, draft, pull))


async def _find(hands: EffectContext, id: int) -> RunbookDraft:
    draft = await hands.services.store.find_runbook_draft(id)
    assert draft is not None, f"an effect names the draft {id}, which is not there"
    return draft


def _branch(draft: RunbookDraft) -> str:
    return f"tocsin/inc-{draft.incident}-runbook"


def _build_proposal(hands: EffectContext, place: RunbookPlace, draft: RunbookDraft) -> Proposal:
    improved = draft.improved_text

    def rewrite(before: str | None) -> str:
        """An earlier attempt may have been done: then it reads as it shall."""
        if before not in (draft.text, improved):
            raise _RunbookMoved
        return improved

    reasons = "\n".join(f"- {format_reason(hunk)}" for hunk in draft.chosen_hunks)
    reference = f"INC-{draft.incident}"
    return Proposal(
        branch=_branch(draft),
        mark=f"tocsin {hands.services.store.installation} {reference} runbook",
        title=f"What the runbook learns from {reference}",
        body=f"From what Tocsin recorded in {reference}, one change for each reason:\n\n{reasons}",
        message=f"The runbook learns from {reference}",
        files={place.path: rewrite},
        must_be_private=True,
    )


def _refuse(hands: EffectContext, draft: RunbookDraft, why: str) -> EffectResult:
    desk = hands.services
    return EffectResult(on_commit=lambda tx: learning.record_runbook_refused(desk, tx, draft, why))


async def _try_later(
    hands: EffectContext, row: LeasedEffect, draft: RunbookDraft, away: HostBusy | HostAnswerLost
) -> EffectResult:
    if datetime.now(UTC) - row.first_sent_at > GIVE_UP_AFTER:
        return _refuse(hands, draft, f"{away} I tried for an hour and stopped.")
    if row.attempts == TOLD_AT:
        async with hands.services.store.transaction() as tx:
            await learning.record_runbook_away(hands.services, tx, draft, f"{away} I keep trying.")
    if isinstance(away, HostAnswerLost):
        raise SlackOutcomeUnknown(str(away))
    raise RetryLater(str(away), max(away.delay, timedelta(seconds=compute_backoff_s(row.attempts))))
