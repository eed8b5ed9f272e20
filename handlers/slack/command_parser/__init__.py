"""The words of `/incident`: `table` says which there are, `command` reads what was typed, `references` which incident
is named in it."""

from handlers.slack.command_parser.command_grammar import SlashCommand, parse_command
from handlers.slack.command_parser.command_spec import ArgumentKind, CommandSpec
from handlers.slack.command_parser.command_table import (
    ALIASES,
    COMMANDS,
    HELP,
    WORDS,
    find_command,
    list_help,
    list_page_rows,
)
from handlers.slack.command_parser.declaration import (
    ParsedDeclaration,
    find_other_severity,
    has_leading_severity,
    parse_declaration,
    parse_severity,
    parse_status,
)
from handlers.slack.command_parser.incident_references import (
    IncidentReference,
    guess_number,
    parse_channel_name,
    parse_last_reference,
    parse_references,
)

__all__ = [
    "ALIASES",
    "COMMANDS",
    "HELP",
    "WORDS",
    "ArgumentKind",
    "CommandSpec",
    "IncidentReference",
    "ParsedDeclaration",
    "SlashCommand",
    "find_command",
    "find_other_severity",
    "guess_number",
    "has_leading_severity",
    "list_help",
    "list_page_rows",
    "parse_channel_name",
    "parse_command",
    "parse_declaration",
    "parse_last_reference",
    "parse_references",
    "parse_severity",
    "parse_status",
]
