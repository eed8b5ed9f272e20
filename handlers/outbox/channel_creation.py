"""Creates channels: the one call that cannot be repeated, listed or undone in Slack."""

from datetime import timedelta
from typing import cast

from bot.domain import effects as e
from bot.domain.incident import Incident
from bot.errors import SlackRejected
from bot.ports import LeasedEffect, SlackChannel
from bot.services import effect_results
from handlers.outbox.effect_context import (
    EffectContext,
    ensure_lease,
    get_incident_number,
    needs_reconciliation,
)
from handlers.outbox.effect_result import EffectResult
from templates.notices import build_channel_name

MAX_NAMES_TRIED = 9
MAX_CLOCK_SKEW = timedelta(hours=1)
"""How far Slack's clock and the database's may be apart when a channel's age is judged."""

MAX_NAME_LENGTH = 80


async def ensure_channel(hands: EffectContext, row: LeasedEffect, incident: Incident) -> SlackChannel:
    """Create the incident's channel, or know again the one that an unanswered attempt made.

    A taken name that is not ours gets a number behind it: a stranger's channel is never adopted.
    """
    name = build_channel_name(incident)
    looks = needs_reconciliation(row)
    for attempt in range(1, MAX_NAMES_TRIED + 1):
        suffix = "" if attempt == 1 else f"-{attempt}"
        candidate = name[: MAX_NAME_LENGTH - len(suffix)].rstrip("-") + suffix
        ensure_lease(row)
        try:
            return await hands.chat.create_channel(candidate, incident.private)
        except SlackRejected as refusal:
            if refusal.code != "name_taken":
                raise
        if looks and (ours := await _ours(hands, row, candidate, incident.private)):
            return ours
    raise SlackRejected("name_taken", "conversations.create")


async def _ours(hands: EffectContext, row: LeasedEffect, name: str, private: bool) -> SlackChannel | None:
    """The channel of this name when an unanswered attempt of this very effect made it.

    Slack tells of new channels by an event, which is kept; else the list of channels is read. It is ours when the
    bot made it, not before the first attempt, no incident has it, and its messages, if there are any, belong to this
    incident: after a restore from a backup those that went out since are there.
    """
    seen = list(await hands.services.store.list_recorded_channels(name))
    if not seen and (listed := await hands.chat.find_channel(name, private)):
        seen = [listed]
    for channel in seen:
        if channel.archived or channel.creator != hands.identity.user:
            continue
        if (
            channel.created_at < row.first_sent_at - MAX_CLOCK_SKEW
            or await hands.services.store.find_incident_in(channel.id)
        ):
            continue
        marks = await hands.chat.list_message_keys(channel.id)
        if not marks or await hands.services.store.is_marked(get_incident_number(row), marks):
            return channel
    return None


async def ensure_incidents_channel(hands: EffectContext, name: str) -> str:
    """Create or join the channel of this name (or id) and give its id."""
    if name[0] in "CG" and name.isupper():
        await hands.chat.join(name)
        return name
    try:
        return (await hands.chat.create_channel(name)).id
    except SlackRejected as refusal:
        if refusal.code != "name_taken":
            raise
    channel = await hands.chat.find_channel(name)
    if channel is None:
        raise SlackRejected("channel_is_private_or_hidden", "conversations.list")
    await hands.chat.join(channel.id)
    return channel.id


async def create_channel(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    number = get_incident_number(row)
    channel = await ensure_channel(hands, row, (await hands.load_view(number)).situation.incident)
    return EffectResult(on_commit=lambda tx: effect_results.record_opened_channel(tx, number, channel.id))


async def create_incidents_channel(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    name = cast(e.EnsureIncidentsChannel, row.effect).name
    channel = await ensure_incidents_channel(hands, name)
    return EffectResult(on_commit=lambda tx: tx.set_channel_place(name, channel))
