"""Addresses that a person opens."""

import re

from bot.command_parsers.parse_context import ParseContext, ShellCommand
from bot.command_parsers.parsed_command import ParsedCommand
from bot.domain.playbook import StepKind
from bot.errors import UnsupportedCommand

ADDRESS = re.compile(r"https?://[^\s<>\"'`|\\^{}]+[^\s<>\"'`|\\^{}.,;:!?)\]]")
VISIT = re.compile(
    r"\b(?:visit|open|go to|log ?in|sign in|browse|navigate|see|check|view|look at|dashboard|console)\b", re.I
)


def find_addresses(text: str) -> tuple[str, ...]:
    """The web addresses in a text, each once."""
    return tuple(dict.fromkeys(ADDRESS.findall(text)))


def is_visit_instruction(text: str) -> bool:
    """Whether a text sends its reader to an address: `Visit: URL`, `Login to URL`, or nothing but the URL."""
    found = find_addresses(text)
    return bool(found) and (bool(VISIT.search(text)) or text.strip() in found)


def parse_open(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """`open URL`, `xdg-open URL`."""
    words = [word.text for word in command.words[1:] if not word.text.startswith("-")]
    if len(words) != 1 or not ADDRESS.fullmatch(words[0]):
        raise UnsupportedCommand(f"{command.program} opens something that is no web address")
    return ParsedCommand(StepKind.LINK, f"opened by a person: {words[0]}")
