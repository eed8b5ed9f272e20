"""Messages coming and going in a conversation, whoever causes them."""

from dataclasses import replace
from typing import Any

from sandbox.slack.block_ids import assign_ids
from sandbox.slack.mentions import find_notified_users
from sandbox.slack.serializers import build_message_json
from sandbox.slack.workspace import BOT_ID, BOT_USER, Workspace
from sandbox.slack.workspace_model import Ephemeral, Json, WorkspaceChannel, WorkspaceMessage

SAID = (None, "thread_broadcast", "file_share")
"""Subtypes of what somebody said; the others are lines of Slack's own."""


def post(
    workspace: Workspace, channel: WorkspaceChannel, user: str, text: str, **parts: Any
) -> WorkspaceMessage:
    """Add a message; `parts` are further fields of Message. Subscribers hear of it as a `message` event."""
    ts = workspace.next_ts()
    blocks = assign_ids(parts.pop("blocks", ()), f"b{ts[-6:]}")
    silent = parts.get("subtype") not in SAID
    message = WorkspaceMessage(
        channel=channel.id,
        ts=ts,
        user=user,
        text=text,
        blocks=blocks,
        bot_id=BOT_ID if user == BOT_USER and not silent else None,
        pings=frozenset() if silent else find_notified_users(workspace, channel, text, blocks, user),
        **parts,
    )
    channel.messages[ts] = message
    kind = find_channel_type(channel)
    workspace.emit(
        {**build_message_json(message), "channel": channel.id, "channel_type": kind, "event_ts": ts}
    )
    workspace.changes.touch()
    return message


def edit(
    workspace: Workspace, channel: WorkspaceChannel, message: WorkspaceMessage, **parts: Any
) -> WorkspaceMessage:
    """Replace fields of a message; the old value stays what it was."""
    changed = replace(message, **parts)
    channel.messages[message.ts] = changed
    workspace.emit(
        {
            "type": "message",
            "subtype": "message_changed",
            "channel": channel.id,
            "channel_type": find_channel_type(channel),
            "message": build_message_json(changed),
            "previous_message": build_message_json(message),
            "hidden": True,
            "ts": changed.ts,
            "event_ts": workspace.next_ts(),
        }
    )
    workspace.changes.touch()
    return changed


def react(
    workspace: Workspace, channel: WorkspaceChannel, message: WorkspaceMessage, user: str, name: str
) -> None:
    """Put an emoji on a message. Subscribers hear whose message it is, not what it says."""
    users = dict(message.reactions)
    users[name] = (*users.get(name, ()), user)
    _emit_reaction(workspace, channel, replace(message, reactions=tuple(users.items())), user, name, "added")


def unreact(
    workspace: Workspace, channel: WorkspaceChannel, message: WorkspaceMessage, user: str, name: str
) -> None:
    """Take one's emoji off a message."""
    users = {
        emoji: tuple(who for who in people if (emoji, who) != (name, user))
        for emoji, people in message.reactions
    }
    left = tuple((emoji, people) for emoji, people in users.items() if people)
    _emit_reaction(workspace, channel, replace(message, reactions=left), user, name, "removed")


def _emit_reaction(
    workspace: Workspace,
    channel: WorkspaceChannel,
    message: WorkspaceMessage,
    user: str,
    name: str,
    what: str,
) -> None:
    channel.messages[message.ts] = message
    workspace.emit(
        {
            "type": f"reaction_{what}",
            "user": user,
            "reaction": name,
            "item_user": message.user,
            "item": {"type": "message", "channel": channel.id, "ts": message.ts},
            "event_ts": workspace.next_ts(),
        }
    )
    workspace.changes.touch()


def delete(workspace: Workspace, channel: WorkspaceChannel, message: WorkspaceMessage) -> None:
    """Remove a message; one with replies leaves a stone in its place, so that its thread stays."""
    if any(channel.replies(message.ts)):
        edit(workspace, channel, message, text="This message was deleted.", subtype="tombstone", blocks=())
        return
    del channel.messages[message.ts]
    channel.pins = [pin for pin in channel.pins if pin.ts != message.ts]
    workspace.emit(
        {
            "type": "message",
            "subtype": "message_deleted",
            "channel": channel.id,
            "channel_type": find_channel_type(channel),
            "deleted_ts": message.ts,
            "previous_message": build_message_json(message),
            "hidden": True,
            "event_ts": workspace.next_ts(),
        }
    )
    workspace.changes.touch()


def find_channel_type(channel: WorkspaceChannel) -> str:
    """What kind of conversation it is, as message events name it."""
    if channel.is_im:
        return "im"
    if channel.is_mpim:
        return "mpim"
    return "group" if channel.is_private else "channel"


def show_ephemeral(workspace: Workspace, reader: str, channel: str, text: str, **parts: Any) -> Ephemeral:
    """Show a message to one person only."""
    ts = workspace.next_ts()
    blocks = assign_ids(parts.pop("blocks", ()), f"b{ts[-6:]}")
    message = Ephemeral(reader=reader, channel=channel, ts=ts, text=text, blocks=blocks, **parts)
    workspace.ephemerals.append(message)
    workspace.changes.touch()
    return message


def join(workspace: Workspace, channel: WorkspaceChannel, user: str, inviter: str | None = None) -> None:
    """Bring somebody in: the member, the line in the history and the event."""
    channel.members.append(user)
    extra: Json = {"inviter": inviter} if inviter else {}
    post(workspace, channel, user, f"<@{user}> has joined the channel", subtype="channel_join", extra=extra)
    workspace.emit(
        {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": channel.id[0],
            "team": workspace.users[user].team,
            **extra,
        }
    )


def leave(workspace: Workspace, channel: WorkspaceChannel, user: str) -> None:
    post(workspace, channel, user, f"<@{user}> has left the channel", subtype="channel_leave")
    channel.members.remove(user)
    workspace.changes.touch()
    workspace.emit(
        {
            "type": "member_left_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": channel.id[0],
            "team": workspace.users[user].team,
        }
    )
    if user == BOT_USER:
        family = "group" if channel.is_private else "channel"
        workspace.emit({"type": f"{family}_left", "channel": channel.id, "actor_id": user})


def set_archived(workspace: Workspace, channel: WorkspaceChannel, user: str, archived: bool) -> None:
    word = "archive" if archived else "unarchive"
    post(workspace, channel, user, f"{word}d the channel", subtype=f"channel_{word}")
    channel.is_archived = archived
    workspace.changes.touch()
    family = "group" if channel.is_private else "channel"
    workspace.emit({"type": f"{family}_{word}", "channel": channel.id, "user": user, "is_moved": 0})


def set_topic(workspace: Workspace, channel: WorkspaceChannel, user: str, what: str, value: str) -> None:
    """Set the `topic` or the `purpose`; the same words again leave no line in the history."""
    known = channel.topic if what == "topic" else channel.purpose
    if known["value"] == value:
        return
    setattr(channel, what, {"value": value, "creator": user, "last_set": workspace.seconds()})
    words = f"set the channel {what}: {value}" if value else f"cleared the channel {what}"
    post(workspace, channel, user, words, subtype=f"channel_{what}", extra={what: value})


def rename(workspace: Workspace, channel: WorkspaceChannel, user: str, name: str) -> None:
    old, channel.name = channel.name, name
    channel.previous_names.insert(0, old)
    post(
        workspace,
        channel,
        user,
        f'has renamed the channel from "{old}" to "{name}"',
        subtype="channel_name",
        extra={"old_name": old, "name": name},
    )
    workspace.emit(
        {
            "type": "group_rename" if channel.is_private else "channel_rename",
            "channel": {
                "id": channel.id,
                "name": name,
                "name_normalized": name,
                "created": channel.created,
                "is_channel": not channel.is_private,
                "is_mpim": False,
            },
        }
    )


def emit_channel_created(workspace: Workspace, channel: WorkspaceChannel) -> None:
    """Tell subscribers of a new public channel."""
    if not channel.is_private:
        workspace.emit(
            {
                "type": "channel_created",
                "channel": {
                    "id": channel.id,
                    "name": channel.name,
                    "name_normalized": channel.name,
                    "created": channel.created,
                    "creator": channel.creator,
                    "is_channel": True,
                    "is_shared": False,
                    "is_org_shared": False,
                    "context_team_id": workspace.users[channel.creator].team,
                },
            }
        )
