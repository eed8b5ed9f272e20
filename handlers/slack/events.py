"""Events: what Slack tells without being asked."""

from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot import services
from bot.adapters.slack import extract_text, find_unnamed_mentions, unescape_text
from bot.errors import RuleViolation
from bot.ports import SlackChannel
from handlers.slack.command_parser import list_help
from handlers.slack.request_context import RequestContext, build_request
from handlers.slack.responses import post_ephemeral
from handlers.transport.event_filter import get_own_id
from templates import notices, replies
from templates.help import command_help

PIN = "pushpin"
"""The reaction that keeps a message."""


def listen(bolt: AsyncApp, front: RequestContext) -> None:
    """Register the event listeners."""
    _listen_to_messages(bolt, front)
    _listen_to_channels(bolt, front)
    _listen_to_members(bolt, front)


def _listen_to_messages(bolt: AsyncApp, front: RequestContext) -> None:
    @bolt.event("reaction_added")
    async def reaction_added(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event["reaction"] == PIN and event["item"]["type"] == "message":
            await _pin_message(front, body, event)

    @bolt.event("message")
    async def message(body: dict[str, Any], event: dict[str, Any]) -> None:
        await _handle_message(front, body, event)


async def _pin_message(front: RequestContext, body: dict[str, Any], event: dict[str, Any]) -> None:
    """A pin on a message keeps it in the timeline of the incident whose channel or thread it stands in."""
    item, who = event["item"], str(event["user"])
    where = str(item["channel"])
    number = await front.services.store.find_incident_in(where)
    if number is None and where != await front.services.store.place(front.services.channel_name):
        return
    try:
        await front.ensure_allowed(who)
        if number is not None:
            await front.services.store.add_member_by_channel(where, who)
        if event.get("item_user") == get_own_id(body):
            raise RuleViolation("My own messages come from the timeline, so this is already in it.")
        asked = build_request("event", str(body["event_id"]), who)
        result = await services.pin_message(front.services, asked, number, where, str(item["ts"]))
        answer = replies.render_reply(result)
    except RuleViolation as refusal:
        answer = replies.render_refusal(str(refusal))
    if answer != replies.render_nothing():
        post_ephemeral(front, where, who, answer)


async def _handle_message(front: RequestContext, body: dict[str, Any], event: dict[str, Any]) -> None:
    """A message that a timeline keeps may say something else now, or be gone; who writes to Tocsin alone is told what
    it understands; the runbook may learn from commands. Everything else is chatter, which does not come here."""
    match event:
        case {"channel_type": "im", "channel": str(where), "user": str(user)} if "subtype" not in event:
            post_ephemeral(front, where, user, command_help(list_help()))
            return
        case {"channel": str(where), "text": str(said)} if "subtype" not in event:
            learns = front.services.proposes.runbook_host
            number = await front.services.store.find_incident_in(where) if learns else None
            if number is not None:
                await services.keep_typed_commands(front.services, number, unescape_text(said))
            return
        case {"subtype": "message_changed", "message": {"subtype": "tombstone", "ts": ts}}:
            who, text = "", None
        case {"subtype": "message_changed", "message": {"ts": ts} as now}:
            if extract_text(now) == extract_text(event.get("previous_message") or {}):
                return
            who = (now.get("edited") or {}).get("user", "")
            text = extract_text(now, await front.names(find_unnamed_mentions(now)))
        case {"subtype": "message_deleted", "deleted_ts": ts}:
            who, text = "", None
        case _:
            return
    asked = build_request("event", str(body["event_id"]), str(who))
    await services.update_source_message(front.services, asked, f"{event['channel']}:{ts}", text)


def _listen_to_channels(bolt: AsyncApp, front: RequestContext) -> None:
    @bolt.event("channel_created")
    async def channel_created(event: dict[str, Any]) -> None:
        """Kept so that a channel whose creation was never answered is known again."""
        told = event["channel"]
        created = datetime.fromtimestamp(int(told["created"]), UTC)
        await front.services.store.record_channel(
            SlackChannel(told["id"], told["name"], told["creator"], created)
        )

    @bolt.event("channel_archive")
    @bolt.event("group_archive")
    async def archived(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Nobody can write there any more."""
        await _handle_channel_gone(front, body, event, "archived")

    @bolt.event("channel_deleted")
    @bolt.event("group_deleted")
    async def deleted(body: dict[str, Any], event: dict[str, Any]) -> None:
        """It will not come back."""
        await _handle_channel_gone(front, body, event, "deleted")

    @bolt.event("channel_left")
    @bolt.event("group_left")
    async def left(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Tocsin itself was taken out of it. `member_left_channel` is not sure to tell that."""
        front.members.forget(str(event["channel"]))
        await _handle_channel_gone(front, body, event, "removed")

    @bolt.event("channel_unarchive")
    @bolt.event("group_unarchive")
    async def unarchived(body: dict[str, Any], event: dict[str, Any]) -> None:
        """It may be used again."""
        asked = build_request("event", str(body["event_id"]), str(event.get("user", "")))
        await services.handle_channel_usable(front.services, asked, str(event["channel"]))

    @bolt.event("channel_rename")
    @bolt.event("group_rename")
    async def renamed(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Known by its id, it stays the same channel."""
        asked = build_request("event", str(body["event_id"]), "")
        told = event["channel"]
        await services.handle_channel_renamed(
            front.services, asked, told["id"], told["name"], notices.build_channel_name
        )


def _listen_to_members(bolt: AsyncApp, front: RequestContext) -> None:
    @bolt.event("member_joined_channel")
    async def member_joined_channel(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Who comes into an incident's channel stands in its timeline."""
        await _handle_member_moved(front, body, event, came=True)

    @bolt.event("member_left_channel")
    async def member_left_channel(body: dict[str, Any], event: dict[str, Any]) -> None:
        """Who leaves it too."""
        await _handle_member_moved(front, body, event, came=False)


async def _handle_channel_gone(
    front: RequestContext, body: dict[str, Any], event: dict[str, Any], how: str
) -> None:
    asked = build_request("event", str(body["event_id"]), str(event.get("user", "")))
    await services.handle_channel_gone(front.services, asked, str(event["channel"]), how)


async def _handle_member_moved(
    front: RequestContext, body: dict[str, Any], event: dict[str, Any], *, came: bool
) -> None:
    asked = build_request("event", str(body["event_id"]), str(event["user"]))
    front.members.forget(str(event["channel"]))
    if asked.actor == get_own_id(body):
        if came:
            await services.handle_channel_usable(front.services, asked, str(event["channel"]))
        else:
            await _handle_channel_gone(front, body, event, "removed")
        return
    await services.track_channel_member(front.services, asked, str(event["channel"]), came)
