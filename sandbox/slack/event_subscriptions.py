"""Which events reach the app: those that its scopes allow, and of a conversation's inside only where it is a member.

Source: the pages of the events at docs.slack.dev/reference/events.
"""

from collections.abc import Mapping

from sandbox.slack.web_api.method import FAMILY
from sandbox.slack.workspace import BOT_USER, Workspace
from sandbox.slack.workspace_model import Json, WorkspaceChannel

SCOPES: Mapping[str, str] = {
    "channel_archive": "channels:read",
    "channel_created": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "file_shared": "files:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "{family}:read",
    "member_left_channel": "{family}:read",
    "message": "{family}:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}
"""The scope that each event takes; an event that is not named takes none."""

OF_THE_TEAM = frozenset(
    {"channel_archive", "channel_created", "channel_deleted", "channel_rename", "channel_unarchive"}
)
"""Heard of every public channel."""

OF_THE_APP = frozenset({"channel_left", "group_left"})
"""Heard of a conversation when the app is no member any more."""


def is_subscribed(workspace: Workspace, event: Json, scopes: frozenset[str]) -> bool:
    """Whether Slack tells the app of this event."""
    kind = str(event["type"])
    channel = _where(workspace, event)
    family = FAMILY[channel.kind] if channel else "channels"
    needed = SCOPES.get(kind, "").format(family=family)
    if needed and needed not in scopes:
        return False
    return (
        channel is None
        or kind in OF_THE_TEAM | OF_THE_APP
        or BOT_USER in (*channel.members, event.get("user"))
    )


def _where(workspace: Workspace, event: Json) -> WorkspaceChannel | None:
    """The conversation that the event happened in."""
    place = event.get("channel") or event.get("channel_id") or (event.get("item") or {}).get("channel")
    return workspace.channels.get(str(place["id"] if isinstance(place, dict) else place))
