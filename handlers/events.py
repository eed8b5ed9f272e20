"""Events: what Slack tells without being asked."""

from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot import lifecycle
from bot.errors import Refused
from bot.ports import Channel
from bot.slack import as_typed
from handlers.chatter import own_id
from handlers.front import Front, request
from handlers.replies import whisper
from templates import answers, notices

PIN = "pushpin"
"""The reaction that keeps a message."""


def listen(bolt: AsyncApp, front: Front) -> None:
    """Register the event listeners."""
    _listen_to_messages(bolt, front)
    _listen_to_channels(bolt, front)
    _listen_to_members(bolt, front)


def _listen_to_messages(bolt: AsyncApp, front: Front) -> None:
    @bolt.event("reaction_added")
    async def reaction_added(body: dict[str, Any], event: dict[str, Any]) -> None:
        """A pin on a message keeps it in the timeline of the incident whose channel or thread it stands in."""
        item, who = event["item"], str(event["user"])
        if event["reaction"] != PIN or item["type"] != "message":
            return
        where = str(item["channel"])
        number = await front.desk.store.incident_in(where)
        if number is None and where != await front.desk.store.place(front.desk.channel_name):
            return
        try:
            await front.must_be_allowed(who)
            if number is not None:
                await front.desk.store.seen_inside(where, who)
            if event.get("item_user") == own_id(body):
                raise Refused(
                    "What I write comes from the timeline: it is there already. Nothing was done twice."
                )
            asked = request("event", str(body["event_id"]), who)
            message = answers.answer(await lifecycle.pin(front.desk, asked, number, where, str(item["ts"])))
        except Refused as refusal:
            message = answers.refused(str(refusal))
        if message != answers.nothing():
            whisper(front, where, who, message)

    @bolt.event("message")
    async def message(body: dict[str, Any], event: dict[str, Any]) -> None:
        """A message that a timeline keeps may say something else now, or be gone; who writes to Tocsin alone is told
        what it understands. Everything else is chatter, which does not come here.
        """
        match event:
            case {"channel_type": "im", "channel": str(where), "user": str(user)} if "subtype" not in event:
                whisper(front, where, user, answers.help())
                return
            case {"subtype": "message_changed", "message": {"subtype": "tombstone", "ts": ts}}:
                who, text = "", None
            case {"subtype": "message_changed", "message": {"ts": ts, "text": text}}:
                if text == event.get("previous_message", {}).get("text"):
                    return
                who, text = event["message"].get("edited", {}).get("user", ""), as_typed(text)
            case {"subtype": "message_deleted", "deleted_ts": ts}:
                who, text = "", None
            case _:
                return
        asked = request("event", str(body["event_id"]), str(who))
        await lifecycle.source_changed(front.desk, asked, f"{event['channel']}:{ts}", text)


def _listen_to_channels(bolt: AsyncApp, front: Front) -> None:
    @bolt.event("channel_created")
    async def channel_created(event: dict[str, Any]) -> None:
        """Kept so that a channel whose creation was never answered is known again."""
        told = event["channel"]
        created = datetime.fromtimestamp(int(told["created"]), UTC)
        await front.desk.store.see_channel(Channel(told["id"], told["name"], told["creator"], created))

    @bolt.event("channel_archive")
    @bolt.event("group_archive")
    async def archived(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Nobody can write there any more."""
        await _gone(front, body, event, "archived")

    @bolt.event("channel_deleted")
    @bolt.event("group_deleted")
    async def deleted(body: dict[str, Any], event: dict[str, Any]) -> None:
        """It will not come back."""
        await _gone(front, body, event, "deleted")

    @bolt.event("channel_unarchive")
    @bolt.event("group_unarchive")
    async def unarchived(body: dict[str, Any], event: dict[str, Any]) -> None:
        """It may be used again."""
        asked = request("event", str(body["event_id"]), str(event.get("user", "")))
        await lifecycle.channel_usable(front.desk, asked, str(event["channel"]))

    @bolt.event("channel_rename")
    @bolt.event("group_rename")
    async def renamed(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Known by its id, it stays the same channel."""
        asked = request("event", str(body["event_id"]), "")
        told = event["channel"]
        await lifecycle.channel_renamed(front.desk, asked, told["id"], told["name"], notices.channel_name)


def _listen_to_members(bolt: AsyncApp, front: Front) -> None:
    @bolt.event("member_joined_channel")
    async def member_joined_channel(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Who comes into an incident's channel stands in its timeline."""
        await _moved(front, body, event, came=True)

    @bolt.event("member_left_channel")
    async def member_left_channel(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Who leaves it too."""
        await _moved(front, body, event, came=False)


async def _gone(front: Front, body: dict[str, Any], event: dict[str, Any], how: str) -> None:
    asked = request("event", str(body["event_id"]), str(event.get("user", "")))
    await lifecycle.channel_gone(front.desk, asked, str(event["channel"]), how)


async def _moved(front: Front, body: dict[str, Any], event: dict[str, Any], *, came: bool) -> None:
    asked = request("event", str(body["event_id"]), str(event["user"]))
    if asked.actor == own_id(body):
        if came:
            await lifecycle.channel_usable(front.desk, asked, str(event["channel"]))
        else:
            await _gone(front, body, event, "removed")
        return
    await lifecycle.came_or_went(front.desk, asked, str(event["channel"]), came)
