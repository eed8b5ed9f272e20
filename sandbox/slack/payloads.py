"""The payloads that Slack sends when somebody does something."""

from typing import Any

from sandbox.slack.serializers import build_message_json, build_view_json
from sandbox.slack.view_state import build_initial_values
from sandbox.slack.workspace import APP, BOT_USER, TEAM, Workspace
from sandbox.slack.workspace_model import (
    Ephemeral,
    Json,
    User,
    WorkspaceChannel,
    WorkspaceMessage,
    WorkspaceView,
)

OBSOLETE_FIELD = "sandbox-verification"


def build_command_payload(
    workspace: Workspace, person: User, channel: WorkspaceChannel, command: str, text: str
) -> Json:
    """The form fields of a slash command, without trigger_id and response_url."""
    return {
        "token": OBSOLETE_FIELD,
        "team_id": person.team,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": format_channel_name(channel),
        "user_id": person.id,
        "user_name": person.handle,
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
    }


def format_channel_name(channel: WorkspaceChannel) -> str:
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def build_interactive_payload(workspace: Workspace, person: User, kind: str, **parts: Any) -> Json:
    """What every interactive payload has."""
    return {
        "type": kind,
        "token": OBSOLETE_FIELD,
        "api_app_id": APP,
        "team": {"id": TEAM, "domain": workspace.domain},
        "user": {
            "id": person.id,
            "username": person.handle,
            "name": person.handle,
            "team_id": person.team,
        },
        "enterprise": None,
        "is_enterprise_install": False,
        **parts,
    }


def build_message_origin(workspace: Workspace, message: WorkspaceMessage | Ephemeral) -> Json:
    """The parts of a block_actions payload that say which message it came from."""
    channel = workspace.channels[message.channel]
    private = isinstance(message, Ephemeral)
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": private,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    parts: Json = {
        "container": container,
        "channel": {"id": channel.id, "name": format_channel_name(channel)},
        "state": {"values": build_initial_values(message.blocks)},
    }
    if isinstance(message, WorkspaceMessage):
        parts["message"] = build_message_json(message, channel.replies(message.ts))
    return parts


def build_view_origin(view: WorkspaceView) -> Json:
    return {"container": {"type": "view", "view_id": view.id}, "view": build_view_json(view)}


def build_action(workspace: Workspace, block: Json, element: Json, chosen: Json) -> Json:
    """One entry of `actions`: the element as it was used, with what was chosen."""
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": workspace.next_ts(),
    }
    for key in ("text", "value", "style", "url", "placeholder"):
        if key in element:
            action[key] = element[key]
    return action | chosen


def build_event_payload(workspace: Workspace, event: Json) -> Json:
    """The envelope of the Events API."""
    number = workspace.next_number()
    channel = workspace.channels.get(str(event.get("channel")))
    return {
        "token": OBSOLETE_FIELD,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "api_app_id": APP,
        "event": {"event_ts": workspace.next_ts(), **event},
        "type": "event_callback",
        "event_id": f"Ev0SAND{number:05d}",
        "event_time": workspace.seconds(),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
        "event_context": f"4-event-{number}",
    }
