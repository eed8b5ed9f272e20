"""People in sentences of ours that are kept as text: a mark that nobody can type, drawn as a mention later."""

import re

BEGIN, END = "\x01", "\x02"
MARKED = re.compile(rf"{BEGIN}([UW][A-Z0-9]+){END}")
LEFT = re.compile(f"[{BEGIN}{END}]")


def mark_person(id: str) -> str:
    """The person of this Slack id, within a sentence."""
    return f"{BEGIN}{id}{END}"


def strip_marks(text: str) -> str:
    """Somebody's words, without what could be taken for a mark of ours."""
    return LEFT.sub("", text)
