"""What Slack sends, one file for each surface: parse, make one call, give one reply."""

COMMANDS = ("/incident",)
"""The slash commands that are listened to."""

EVENTS = ("channel_created",)
"""The events that are listened to."""
