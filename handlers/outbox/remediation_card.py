"""The card of a remediation, and what is told of it."""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from bot.contacts.contact_methods import Handle, HandleKind, parse_handle
from bot.domain.break_glass import Emergency, find_alone_from
from bot.domain.effects import PostRemediation, RefreshRemediation, TellOfRemediations, TellRequester
from bot.domain.remediation import Remediation, RemediationState
from bot.errors import SlackCallError
from bot.ports import LeasedEffect, SlackPayload
from bot.services.remediation_records import explain_by_hand, list_approver_handles
from handlers.outbox.effect_context import Destination, EffectContext, find_room
from handlers.outbox.effect_result import EffectResult
from templates import remediation_answers, remediation_message
from templates.incident_view import IncidentViewModel
from templates.spans import Line


async def post_card(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(PostRemediation, row.effect)
    view, found = await hands.load_view(effect.incident), await find_remediation(hands, effect.remediation)
    return EffectResult(await hands.post(row, find_room(view.situation), await _render(hands, view, found)))


async def refresh_card(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Nothing where the card was lost with its channel."""
    effect = cast(RefreshRemediation, row.effect)
    view, found = await hands.load_view(effect.incident), await find_remediation(hands, effect.remediation)
    post = view.situation.posts.get(f"remediation:{effect.incident}:{effect.remediation}")
    if post is not None and post.channel != view.incident.lost_channel:
        await hands.edit(row, post, await _render(hands, view, found))
    return EffectResult()


async def notify_requester(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(TellRequester, row.effect)
    view, found = await hands.load_view(effect.incident), await find_remediation(hands, effect.remediation)
    drawn = remediation_message.render_outcome_message(view, found)
    return EffectResult(await hands.post(row, Destination(found.asked_by), drawn))


async def post_switch(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    effect = cast(TellOfRemediations, row.effect)
    drawn = remediation_answers.render_switch(effect.is_on, effect.people, effect.reason)
    return EffectResult(await hands.post(row, await hands.incidents_channel(), drawn))


async def find_remediation(hands: EffectContext, id: int) -> Remediation:
    """The remediation that an effect names."""
    found = await hands.services.store.find_remediation(id)
    assert found is not None, f"an effect names remediation {id}, which is not there"
    return found


async def _render(hands: EffectContext, view: IncidentViewModel, found: Remediation) -> SlackPayload:
    approvers = await _format_approvers(hands, found) if found.state is RemediationState.PROPOSED else ()
    by_hand = explain_by_hand(hands.services, found.kind)
    return remediation_message.render_card(
        view, found, approvers, by_hand, await _find_alone_from(hands, view, found)
    )


async def _find_alone_from(
    hands: EffectContext, view: IncidentViewModel, found: Remediation
) -> datetime | None:
    """From when on one approver alone may have it carried out; None where nobody may."""
    kinds = hands.services.book.approvers.break_glass
    if not kinds or found.state is not RemediationState.PROPOSED:
        return None
    others = tuple(await hands.services.store.find_remediations(found.incident))
    is_worst = view.severity is not None and view.severity.rank == 0
    return find_alone_from(found, Emergency(is_worst, view.incident.drill, kinds, others))


async def _format_approvers(hands: EffectContext, found: Remediation) -> Line:
    """Who may approve it still: neither who asked for it, where others may, nor who has agreed as the first of two."""
    names = list_approver_handles(hands.services, hands.services.book.approvers.of(found.kind.value))
    people = asyncio.gather(*(_find_person(hands, name) for name in names))
    groups, handles = await asyncio.gather(_name_groups(hands, names), people)
    open_to = [name for name in dict.fromkeys(handles) if name != f"slack:{found.first_approver}"]
    others = [name for name in open_to if name != f"slack:{found.asked_by}"]
    return remediation_message.format_approvers(others or open_to, groups)


async def _find_person(hands: EffectContext, name: str) -> str:
    """The same approver by their id in Slack where the contacts file has their e-mail address and Slack tells."""
    handle = parse_handle(name)
    if not isinstance(handle, Handle) or handle.kind is not HandleKind.SLACK_EMAIL:
        return name
    try:
        return f"slack:{(await hands.chat.find_person_by_email(handle.value)).id}"
    except SlackCallError:
        return name


async def _name_groups(hands: EffectContext, names: tuple[str, ...]) -> Mapping[str, str]:
    """What the user groups among the approvers are called; by their ids where Slack does not tell."""
    ids = [name.removeprefix("slack:") for name in names if re.fullmatch(r"slack:S[A-Z0-9]+", name)]
    if not ids:
        return {}
    try:
        return await hands.chat.names(ids)
    except SlackCallError:
        return {}
