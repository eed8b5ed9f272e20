"""The permissions that each call needs, for public and private channels and direct messages.

Source: the pages of the methods at docs.slack.dev/reference/methods.
"""

from collections.abc import Mapping

SCOPES: Mapping[str, frozenset[str]] = {
    "apps.connections.open": frozenset(),  # takes connections:write, which belongs to the app-level token
    "auth.test": frozenset(),
    "bookmarks.add": frozenset({"bookmarks:write"}),
    "bookmarks.list": frozenset({"bookmarks:read"}),
    "chat.delete": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "conversations.archive": frozenset({"channels:manage", "groups:write"}),
    "conversations.create": frozenset({"channels:manage", "groups:write"}),
    "conversations.history": frozenset({"channels:history", "groups:history", "im:history"}),
    "conversations.info": frozenset({"channels:read", "groups:read"}),
    "conversations.invite": frozenset({"channels:manage", "groups:write"}),
    "conversations.join": frozenset({"channels:join"}),
    "conversations.list": frozenset({"channels:read", "groups:read"}),
    "conversations.members": frozenset({"channels:read", "groups:read"}),
    "conversations.open": frozenset({"im:write"}),
    "conversations.rename": frozenset({"channels:manage", "groups:write"}),
    "conversations.replies": frozenset({"channels:history", "groups:history", "im:history"}),
    "conversations.setTopic": frozenset({"channels:manage", "groups:write"}),
    "files.completeUploadExternal": frozenset({"files:write"}),
    "files.delete": frozenset({"files:write"}),
    "files.getUploadURLExternal": frozenset({"files:write"}),
    "pins.add": frozenset({"pins:write"}),
    "usergroups.list": frozenset({"usergroups:read"}),
    "usergroups.users.list": frozenset({"usergroups:read"}),
    "users.list": frozenset({"users:read"}),
    "users.info": frozenset({"users:read"}),
    "users.lookupByEmail": frozenset({"users:read.email"}),
    "views.open": frozenset(),
    "views.publish": frozenset(),
    "views.update": frozenset(),
}
"""Every Web API method that Tocsin calls, with the bot scopes it takes."""

EVENT_SCOPES: Mapping[str, frozenset[str]] = {
    "app_home_opened": frozenset(),
    "channel_archive": frozenset({"channels:read"}),
    "channel_created": frozenset({"channels:read"}),
    "channel_deleted": frozenset({"channels:read"}),
    "channel_left": frozenset({"channels:read"}),
    "channel_rename": frozenset({"channels:read"}),
    "channel_unarchive": frozenset({"channels:read"}),
    "group_archive": frozenset({"groups:read"}),
    "group_deleted": frozenset({"groups:read"}),
    "group_left": frozenset({"groups:read"}),
    "group_rename": frozenset({"groups:read"}),
    "group_unarchive": frozenset({"groups:read"}),
    "member_joined_channel": frozenset({"channels:read", "groups:read"}),
    "member_left_channel": frozenset({"channels:read", "groups:read"}),
    "message.channels": frozenset({"channels:history"}),
    "message.groups": frozenset({"groups:history"}),
    "message.im": frozenset({"im:history"}),
    "reaction_added": frozenset({"reactions:read"}),
}
"""Every event that Tocsin listens to, with the bot scopes it takes."""

COMMAND_SCOPE = "commands"


def list_required_scopes() -> frozenset[str]:
    """All bot scopes that the installed app must have."""
    return frozenset({COMMAND_SCOPE}).union(*SCOPES.values(), *EVENT_SCOPES.values())
