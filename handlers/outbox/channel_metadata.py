"""Effect handlers for what a channel shows beside its messages: topic, name, bookmark, archive."""

from bot.domain.incident import Status
from bot.errors import SlackRejected
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import EffectContext, ensure_lease, get_incident_number
from handlers.outbox.effect_result import EffectResult
from templates import notices


async def add_bookmark(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Bookmark the bridge and the runbook; what an earlier attempt may have added is looked up first."""
    view = await hands.load_view(get_incident_number(row))
    channel = view.incident.channel
    wanted = {url: title for title, url in (("Runbook", hands.runbook_url), ("Call", view.call)) if url}
    if channel is None or not wanted:
        return EffectResult()
    is_repeated = row.attempts > 1 or row.uncertain_for is not None
    there = await hands.chat.bookmarks(channel) if is_repeated else ()
    for url in reversed([link for link in wanted if link not in there]):
        ensure_lease(row)
        await hands.chat.add_bookmark(channel, wanted[url], url)
    return EffectResult()


async def set_topic(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    view = await hands.load_view(get_incident_number(row))
    if view.situation.incident.channel is not None:
        ensure_lease(row)
        await hands.chat.set_topic(view.situation.incident.channel, notices.format_topic(view))
    return EffectResult()


async def rename_channel(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    incident = (await hands.load_view(get_incident_number(row))).situation.incident
    if incident.channel is not None:
        ensure_lease(row)
        await _rename(hands, incident.channel, notices.build_channel_name(incident))
    return EffectResult()


async def _rename(hands: EffectContext, channel: str, name: str) -> None:
    """Give the channel its name. Other titles may lead to the same one, and so may an attempt before."""
    try:
        await hands.chat.rename_channel(channel, name)
    except SlackRejected as refusal:
        if refusal.code != "name_taken" or (await hands.chat.channel(channel)).name != name:
            raise


async def archive_channel(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    incident = (await hands.load_view(get_incident_number(row))).situation.incident
    if incident.channel is not None and incident.status in (Status.CLOSED, Status.CANCELLED):
        ensure_lease(row)
        await hands.chat.archive(incident.channel)
    return EffectResult()
