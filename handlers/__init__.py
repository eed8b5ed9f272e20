"""What Slack sends, one file for each surface: parse, make one call, give one reply."""

COMMANDS = ("/incident",)
"""The slash commands that are listened to."""

EVENTS = (
    "app_home_opened",
    "channel_archive",
    "channel_created",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "channel_unarchive",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
)
"""The events that are listened to."""

SHORTCUTS = ("declare_from_message", "add_to_timeline", "add_action_item")
"""The message shortcuts that are listened to, by their callback ids."""
