"""Pages the approvers for a card, and tells everybody when one of them acts alone."""

from collections.abc import Iterable
from typing import cast

from bot.domain import effects as e
from bot.domain.remediation import Remediation, RemediationState
from bot.errors import RuleViolation
from bot.ports import LeasedEffect, Transaction
from bot.services.approver_list import list_approvers
from bot.services.context import UserRequest
from bot.services.manual_page import PageTargets, page_targets
from bot.services.remediation_break_glass import record_paged
from handlers.outbox.effect_context import Destination, EffectContext
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.remediation_card import find_remediation
from templates import remediation_message
from templates.spans import Line

PAGE, CARD = "page", "remediation:{incident}:{remediation}"


async def page_approvers(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Who may approve is asked of Slack now. Those whom the contacts file can ring are rung, each gets the card."""
    effect = cast(e.PageApprovers, row.effect)
    found = await find_remediation(hands, effect.remediation)
    if found.state is not RemediationState.PROPOSED:
        return EffectResult()
    names = hands.services.book.approvers.of(found.kind.value)
    listed = await list_approvers(hands.services, hands.chat, names)
    await _ring(hands, found, names)
    told = [
        e.TellApprover(incident=found.incident, remediation=found.id, person=person, what=PAGE)
        for person in sorted(listed.people)
    ]
    return EffectResult(on_commit=lambda tx: tx.enqueue(told))


async def _ring(hands: EffectContext, found: Remediation, names: Iterable[str]) -> None:
    """By the ways beside Slack, where an approver is a contact who has some."""
    contacts = tuple(name for name in names if _has_other_ways(hands, name))
    if not contacts:
        return
    request = UserRequest(f"remediation-approvers:{found.id}", found.asked_by)
    try:
        await page_targets(
            hands.services, request, found.incident, PageTargets(contacts), f"to approve {found.reference}"
        )
    except RuleViolation:  # it is over meanwhile, or a contact has lost its ways: the direct message goes out
        return


def _has_other_ways(hands: EffectContext, name: str) -> bool:
    return any(not way.text.startswith("slack:") for way in hands.services.book.ways(name))


async def notify_approver(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """A direct message with the way to the card; that they have it is recorded."""
    effect = cast(e.TellApprover, row.effect)
    view, found = await hands.load_view(effect.incident), await find_remediation(hands, effect.remediation)
    if effect.what == PAGE and found.state is not RemediationState.PROPOSED:
        return EffectResult()
    card = view.situation.posts.get(CARD.format(incident=found.incident, remediation=found.id))
    place: Line = (view.build_post_link(card, "the card"),) if card else view.where
    drawn = remediation_message.render_approver_message(view, found, effect.what, place)
    sent = await hands.post(row, Destination(effect.person), drawn)

    async def record(tx: Transaction) -> None:
        if effect.what == PAGE:
            await record_paged(tx, found.incident, found.id, effect.person)

    return EffectResult(sent, record)


async def post_break_glass(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """In the incidents channel, for everybody to see."""
    effect = cast(e.TellOfBreakGlass, row.effect)
    view, found = await hands.load_view(effect.incident), await find_remediation(hands, effect.remediation)
    drawn = remediation_message.render_break_glass(view, found)
    return EffectResult(await hands.post(row, await hands.incidents_channel(), drawn))
