"""Performers of what an incident's channel shows beside its messages: topic, name, bookmark, archive."""

from bot.delivery.done import Done
from bot.delivery.hands import Hands, must_be_in_time, number_of
from bot.incident import Status
from bot.ports import Claimed
from templates import notices


async def add_bookmark(hands: Hands, row: Claimed) -> Done:
    incident = (await hands.view(number_of(row))).situation.incident
    if incident.channel is None or not hands.runbook_url:
        return Done()
    if row.attempts > 1 and hands.runbook_url in await hands.chat.bookmarks(incident.channel):
        return Done()
    must_be_in_time(row)
    await hands.chat.add_bookmark(incident.channel, "Runbook", hands.runbook_url)
    return Done()


async def set_topic(hands: Hands, row: Claimed) -> Done:
    view = await hands.view(number_of(row))
    if view.situation.incident.channel is not None:
        must_be_in_time(row)
        await hands.chat.set_topic(view.situation.incident.channel, notices.topic(view))
    return Done()


async def rename_channel(hands: Hands, row: Claimed) -> Done:
    incident = (await hands.view(number_of(row))).situation.incident
    if incident.channel is not None:
        must_be_in_time(row)
        await hands.chat.rename_channel(incident.channel, notices.channel_name(incident))
    return Done()


async def archive_channel(hands: Hands, row: Claimed) -> Done:
    incident = (await hands.view(number_of(row))).situation.incident
    if incident.channel is not None and incident.status in (Status.CLOSED, Status.CANCELLED):
        must_be_in_time(row)
        await hands.chat.archive(incident.channel)
    return Done()
