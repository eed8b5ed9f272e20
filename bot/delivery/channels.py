"""Making channels: the one call that Slack cannot repeat, list or undo for us."""

from datetime import timedelta

from bot.delivery.hands import Hands, must_be_in_time, must_look
from bot.errors import ChatRefused
from bot.incident import Incident
from bot.ports import Channel, Claimed
from templates.notices import channel_name

NAMES_TO_TRY = 9
SKEW = timedelta(hours=1)
"""How far Slack's clock and the database's may be apart when a channel's age is judged."""

LONGEST_NAME = 80


async def open_channel(hands: Hands, row: Claimed, incident: Incident) -> Channel:
    """Create the incident's channel, or know again the one that an unanswered attempt made.

    A taken name that is not ours gets a number behind it: a stranger's channel is never adopted.
    """
    name = channel_name(incident)
    looks = must_look(row)
    for attempt in range(1, NAMES_TO_TRY + 1):
        suffix = "" if attempt == 1 else f"-{attempt}"
        candidate = name[: LONGEST_NAME - len(suffix)].rstrip("-") + suffix
        must_be_in_time(row)
        try:
            return await hands.chat.create_channel(candidate, incident.private)
        except ChatRefused as refusal:
            if refusal.code != "name_taken":
                raise
        if looks and (ours := await _ours(hands, row, candidate, incident.private)):
            return ours
    raise ChatRefused("name_taken", "conversations.create")


async def _ours(hands: Hands, row: Claimed, name: str, private: bool) -> Channel | None:
    """The channel of this name when an unanswered attempt of this very effect made it.

    Slack tells of new channels by an event, which is kept; else the list of channels is read. It is ours when the
    bot made it, not before the first attempt, no incident has it, and no message in it belongs to another effect.
    """
    seen = list(await hands.desk.store.channels_seen(name))
    if not seen and (listed := await hands.chat.find_channel(name, private)):
        seen = [listed]
    for channel in seen:
        if channel.archived or channel.creator != hands.identity.user:
            continue
        if channel.created_at < row.first_sent_at - SKEW or await hands.desk.store.incident_in(channel.id):
            continue
        if not await hands.chat.keys_in(channel.id):
            return channel
    return None


async def ensure_incidents_channel(hands: Hands, name: str) -> str:
    """Create or join the channel of this name (or id) and give its id."""
    if name[0] in "CG" and name.isupper():
        await hands.chat.join(name)
        return name
    try:
        return (await hands.chat.create_channel(name)).id
    except ChatRefused as refusal:
        if refusal.code != "name_taken":
            raise
    channel = await hands.chat.find_channel(name)
    if channel is None:
        raise ChatRefused("channel_is_private_or_hidden", "conversations.list")
    await hands.chat.join(channel.id)
    return channel.id
