"""Pages people by direct messages in Slack."""

import asyncio
from typing import cast

from bot.domain import effects as e
from bot.errors import SlackCallError
from bot.ports import LeasedEffect
from bot.services import dead_letters, effect_results
from handlers.outbox.effect_context import Destination, EffectContext
from handlers.outbox.effect_result import EffectResult
from templates import alert
from templates.incident_view import IncidentViewModel

MAX_ACCOUNT_CHECKS, ACCOUNT_CHECK_TIMEOUT_S = 30, 1.0
"""When at most so many people are paged, it is checked whether their accounts are in use, for so many seconds."""


async def page_responder(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.PageResponder, row.effect)
    view = await hands.load_view(effect.incident, at_once=True)
    asking = asyncio.create_task(_is_deactivated(hands, view, effect.person))
    try:
        sent = await hands.post(row, Destination(effect.person), alert.render_page(view, effect.person))
        if await asking:  # Slack takes messages to such accounts without a word
            return EffectResult(sent, lambda tx: dead_letters.handle_unread_page(hands.services, tx, effect))
    finally:
        asking.cancel()
    return EffectResult(sent, lambda tx: effect_results.mark_page_accepted(tx, effect))


async def _is_deactivated(hands: EffectContext, view: IncidentViewModel, person: str) -> bool:
    """Whether the account is deactivated, if Slack says so in time. Not checked for many people, nor again within a
    minute: Slack limits the calls, and the permission checks of people who act need them."""
    if len(view.situation.pages) > MAX_ACCOUNT_CHECKS or hands.is_known_active(person):
        return False
    try:
        async with asyncio.timeout(ACCOUNT_CHECK_TIMEOUT_S):
            is_deactivated = (await hands.chat.person(person)).deactivated
    except (SlackCallError, TimeoutError):
        return False
    if not is_deactivated:
        hands.note_active(person)
    return is_deactivated


async def refresh_page(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.RefreshPage, row.effect)
    view = await hands.load_view(effect.incident)
    post = view.situation.posts.get(f"page:{effect.incident}:{effect.person}")
    if post is not None:
        await hands.edit(row, post, alert.render_page(view, effect.person))
    return EffectResult()


async def find_responders(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(e.FindResponders, row.effect)
    if "@" in effect.handle:
        people = [(await hands.chat.find_person_by_email(effect.handle)).id]
    else:
        people = list(await hands.chat.list_usergroup_members(effect.handle))
    return EffectResult(
        on_commit=lambda tx: effect_results.page_found_responders(hands.services, tx, effect, people)
    )
