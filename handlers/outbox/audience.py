"""Counts who is in the incidents channel: at the start, when people come and go, and when it is paged."""

import logging
from collections.abc import Awaitable, Callable

from bot.domain import effects as e
from bot.errors import SlackCallError
from bot.ports import Chat, LeasedEffect, Transaction
from bot.services import effect_results
from handlers.outbox.effect_context import EffectContext, get_incident_number
from handlers.outbox.effect_result import EffectResult
from templates.paging_sentences import describe_empty_channel

log = logging.getLogger(__name__)

MAX_AUDIENCE_PROBE = 10
"""Among more members than so many there are people, whichever of them are bots."""

ENOUGH = 3
"""So many people do not all leave unheard: Slack tells of each one, and a start counts anew."""

Handler = Callable[[EffectContext, LeasedEffect], Awaitable[EffectResult]]


async def count_people(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Count them and write it down; where there is nobody, say so in the log."""
    people = await _people(hands)
    if people is None:
        return EffectResult()
    if people == 0:
        log.warning("%s", describe_empty_channel(hands.services.channel_name))
    name = hands.services.channel_name
    return EffectResult(
        on_commit=lambda work: effect_results.record_member_count(work, name, people, None, "")
    )


def add_audience_check(perform: Handler) -> Handler:
    """A handler that pages the incidents channel, and then says in the incident's channel when that reached nobody."""

    async def then_count(hands: EffectContext, row: LeasedEffect) -> EffectResult:
        done = await perform(hands, row)
        view = await hands.load_view(get_incident_number(row))
        calls = isinstance(row.effect, e.CallEveryone) or (bool(view.everyone) and await _may_be_empty(hands))
        people = await _people(hands) if calls and not view.incident.private else None
        if people is None:
            return done
        number, name, counts = get_incident_number(row), hands.services.channel_name, people

        async def then(tx: Transaction) -> None:
            if done.on_commit is not None:
                await done.on_commit(tx)
            await effect_results.record_member_count(tx, name, counts, number, row.effect.key)

        return EffectResult(done.posted, then)

    return then_count


async def _may_be_empty(hands: EffectContext) -> bool:
    """Whether the last count leaves that open. A call to everyone, who are the last to be asked, is counted always."""
    known = await hands.services.store.find_member_count(hands.services.channel_name)
    return known is None or known < ENOUGH


async def count_channel_members(chat: Chat, own: str, channel: str) -> int:
    """How many people are in a channel, at least, without bots; `own` is the bot's user id. Raises SlackCallError."""
    members = await chat.list_members_up_to(channel, MAX_AUDIENCE_PROBE)
    if members is None:
        return MAX_AUDIENCE_PROBE
    return sum([not (await chat.person(member)).bot for member in members if member != own])


async def _people(hands: EffectContext) -> int | None:
    """How many there are, at least; None while that is unknown: no page is repeated because of it."""
    channel = await hands.services.store.place(hands.services.channel_name)
    if channel is None:
        return None
    try:
        return await count_channel_members(hands.chat, hands.identity.user, channel)
    except SlackCallError as error:
        log.warning("cannot count the members of the incidents channel: %s", error)
        return None
