"""Shell, SQL, Redis and the like to a typed step and its kind. No network, no client, no shell.

All of it is pure but for jq, which reads and applies its expressions in a process of its own (`filters/jq/`).
"""

from bot.command_parsers.classifier import classify_command, classify_instruction
from bot.command_parsers.filters import FilterResult, run_filters
from bot.command_parsers.inner_commands import MAX_INNER_COMMANDS, read_argument
from bot.command_parsers.kubernetes_output import TextOutput, parse_text_output
from bot.command_parsers.parse_context import ParseContext
from bot.command_parsers.shell.grammar import MAX_TEXT_LENGTH

__all__ = [
    "MAX_INNER_COMMANDS",
    "MAX_TEXT_LENGTH",
    "FilterResult",
    "ParseContext",
    "TextOutput",
    "classify_command",
    "classify_instruction",
    "parse_text_output",
    "read_argument",
    "run_filters",
]
