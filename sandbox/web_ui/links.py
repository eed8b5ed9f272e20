"""Addresses within the page."""

from urllib.parse import urlencode

from sandbox.slack.workspace_model import User


def build_upload_url(reader: User, file: str) -> str:
    """The address of a file's bytes, for this person."""
    return f"/file/{file}?{urlencode({'as': reader.handle})}"


def build_conversation_url(reader: User, place: str, thread: str = "") -> str:
    """The address of a conversation, seen by this person."""
    query = {"as": reader.handle, "at": place} | ({"thread": thread} if thread else {})
    return f"/?{urlencode(query)}"
