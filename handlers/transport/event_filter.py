"""Drops message events the bot does not need before they reach Bolt."""

from collections.abc import Mapping
from typing import Any

CODE = "`"
CHANGED = frozenset({"message_changed", "message_deleted"})
"""The subtypes of message events that tell what became of an earlier message."""


def is_chatter(payload: Mapping[str, Any]) -> bool:
    """Whether a payload is a message that means nothing to Tocsin: its own, or one of people among themselves.

    Left are edits and deletions, which may concern a note, what somebody writes to Tocsin alone, and what has words in
    code format: the runbook may learn a command from it.
    """
    event = payload.get("event")
    if not isinstance(event, dict) or event.get("type") != "message":
        return False
    me = get_own_id(payload)
    subtype = event.get("subtype")
    if subtype in CHANGED:
        changed = event.get("message")
        return isinstance(changed, dict) and changed.get("user") == me
    if subtype is not None or event.get("user") == me:
        return True
    return event.get("channel_type") != "im" and CODE not in str(event.get("text"))


def get_own_id(payload: Mapping[str, Any]) -> str:
    """The bot's own user id: the event is delivered because it may see it."""
    match payload:
        case {"authorizations": [{"user_id": str(me)}, *_]}:
            return me
    return ""
