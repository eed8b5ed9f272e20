"""Addresses that a person opens."""

import re

from bot.commands.given import Command, Given
from bot.commands.part import Part
from bot.errors import Unclear
from bot.step import Kind

ADDRESS = re.compile(r"https?://[^\s<>\"'`|\\^{}]+[^\s<>\"'`|\\^{}.,;:!?)\]]")
VISIT = re.compile(
    r"\b(?:visit|open|go to|log ?in|sign in|browse|navigate|see|check|view|look at|dashboard|console)\b", re.I
)


def addresses(text: str) -> tuple[str, ...]:
    """The web addresses in a text, each once."""
    return tuple(dict.fromkeys(ADDRESS.findall(text)))


def told_to_visit(text: str) -> bool:
    """Whether a text sends its reader to an address: `Visit: URL`, `Login to URL`, or nothing but the URL."""
    found = addresses(text)
    return bool(found) and (bool(VISIT.search(text)) or text.strip() in found)


def read_open(command: Command, given: Given, folder: str | None) -> Part:
    """`open URL`, `xdg-open URL`."""
    words = [word.text for word in command.words[1:] if not word.text.startswith("-")]
    if len(words) != 1 or not ADDRESS.fullmatch(words[0]):
        raise Unclear(f"{command.program} opens something that is no web address")
    return Part(Kind.LINK, f"opened by a person: {words[0]}")
