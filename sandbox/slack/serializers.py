"""Slack's JSON for people, conversations, messages and views."""

from collections.abc import Iterable

from sandbox.slack.workspace import APP, BOT_ID, BOT_USER, TEAM, Workspace
from sandbox.slack.workspace_model import Json, User, WorkspaceChannel, WorkspaceMessage, WorkspaceView


def build_user_json(user: User, email: bool = True) -> Json:
    first, _, last = user.name.partition(" ")
    profile: Json = {
        "real_name": user.name,
        "real_name_normalized": user.name,
        "display_name": user.display_name or user.handle,
        "display_name_normalized": user.display_name or user.handle,
        "first_name": first,
        "last_name": last,
        "title": user.title,
        "team": user.team,
    }
    if email and user.email:
        profile["email"] = user.email
    shape: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": user.handle,
        "real_name": user.name,
        "deleted": user.deleted,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": 0,
        "profile": profile,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if user.is_stranger:
        shape["is_stranger"] = True
    return {name: each for name, each in shape.items() if name not in GONE} if user.deleted else shape


GONE = frozenset(
    {
        "real_name",
        "is_admin",
        "is_owner",
        "is_primary_owner",
        "is_restricted",
        "is_ultra_restricted",
        "tz",
        "tz_label",
        "tz_offset",
    }
)
"""What Slack leaves out of the answer about a deactivated account."""


def build_channel_json(workspace: Workspace, channel: WorkspaceChannel) -> Json:
    """A conversation as the bot sees it."""
    if channel.is_im:
        other = next((member for member in channel.members if member != BOT_USER), BOT_USER)
        return {
            "id": channel.id,
            "created": channel.created,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "context_team_id": TEAM,
            "user": other,
            "is_user_deleted": workspace.users[other].deleted,
            "is_open": True,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private and not channel.is_mpim,
        "is_im": False,
        "is_mpim": channel.is_mpim,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.is_general,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "unlinked": 0,
        "created": channel.created,
        "updated": channel.created * 1000,
        "creator": channel.creator,
        "context_team_id": TEAM,
        "is_member": BOT_USER in channel.members,
        "topic": channel.topic,
        "purpose": channel.purpose,
        "previous_names": channel.previous_names,
    }


def build_message_json(
    message: WorkspaceMessage, replies: Iterable[WorkspaceMessage] = (), metadata: bool = False
) -> Json:
    """A message; its metadata only when asked for, as Slack does."""
    shape: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    if message.subtype:
        shape["subtype"] = message.subtype
    if message.bot_id:
        shape |= {"bot_id": message.bot_id, "app_id": APP, "team": TEAM, "bot_profile": BOT_PROFILE}
    if message.blocks:
        shape["blocks"] = list(message.blocks)
    if message.attachments:
        shape["attachments"] = list(message.attachments)
    if message.thread_ts:
        shape["thread_ts"] = message.thread_ts
    if message.edited:
        shape["edited"] = {"user": message.edited[0], "ts": message.edited[1]}
    if message.metadata and metadata:
        shape["metadata"] = message.metadata
    if message.reactions:
        shape["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in message.reactions
        ]
    answers = list(replies)
    if answers:
        people = list(dict.fromkeys(answer.user for answer in answers))
        shape |= {
            "thread_ts": message.ts,
            "reply_count": len(answers),
            "reply_users": people,
            "reply_users_count": len(people),
            "latest_reply": answers[-1].ts,
        }
    return shape | message.extra


BOT_PROFILE: Json = {
    "id": BOT_ID,
    "app_id": APP,
    "user_id": BOT_USER,
    "name": "Tocsin",
    "deleted": False,
    "team_id": TEAM,
}


def build_view_json(view: WorkspaceView) -> Json:
    payload = view.payload
    return {
        "id": view.id,
        "team_id": TEAM,
        "type": view.kind,
        "blocks": payload["blocks"],
        "private_metadata": payload.get("private_metadata", ""),
        "callback_id": payload.get("callback_id", ""),
        "external_id": payload.get("external_id", ""),
        "state": {"values": view.values},
        "hash": view.hash,
        "title": payload.get("title"),
        "close": payload.get("close"),
        "submit": payload.get("submit"),
        "clear_on_close": payload.get("clear_on_close", False),
        "notify_on_close": payload.get("notify_on_close", False),
        "submit_disabled": payload.get("submit_disabled", False),
        "previous_view_id": view.previous,
        "root_view_id": view.root,
        "app_id": APP,
        "app_installed_team_id": TEAM,
        "bot_id": BOT_ID,
    }
