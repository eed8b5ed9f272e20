"""psql's command line: where it connects, and the statements of `-c`, a here-document or a ```sql fence."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from bot.command_parsers.parse_context import ParseContext, ShellCommand, ShellWord
from bot.command_parsers.parsed_command import ParsedCommand
from bot.command_parsers.shell.options import OptionSpec, ParsedOptions, parse_options, parse_spellings
from bot.command_parsers.sql.statements import ClassifiedStatement, parse_sql
from bot.domain.playbook import SqlCall
from bot.errors import UnsupportedCommand

PSQL = OptionSpec(
    "psql",
    parse_spellings(
        "-t --tuples-only, -A --no-align, -x --expanded, -q --quiet, -X --no-psqlrc, -w --no-password,"
        " -W --password, -e --echo-queries, -1 --single-transaction, -b --echo-errors, -H --html, --csv"
    ),
    parse_spellings(
        "-h --host, -p --port, -U --username, -d --dbname, -c --command, -F --field-separator, -P --pset,"
        " -R --record-separator"
    ),
)
DISPLAY = re.compile(r"\\(?:x|timing|t|a|pset)(?:[ \t]+[\w ]{0,40})?")
SETTINGS = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGDATABASE": "database"}
CONNECTION = re.compile(r"(?<!\w)(?P<key>\w+)\s*=\s*(?:'(?:[^'\\]|\\.)*'|[^\s']*)")
PLAIN = frozenset(
    {"host", "port", "user", "password", "dbname", "sslmode", "connect_timeout", "application_name"}
)
"""What a connection string may say; others read files of this machine or set parameters of the session."""


def parse_psql(command: ShellCommand, given: ParseContext, folder: str | None) -> tuple[ParsedCommand, ...]:
    """The statements that psql is given. Raises `Unclear` for files, commands with backslashes and the prompt."""
    read = parse_options(command.words[1:], PSQL)
    where = _where(command, read)
    _check_connection(where["database"] or "")
    texts = read.values.get("command", [])
    if texts and command.stdin is not None:
        raise UnsupportedCommand("psql is given -c and a here-document, and reads only one of them")
    if not texts and command.stdin is not None:
        texts = [command.stdin.text]
    if not texts:
        raise UnsupportedCommand("psql is opened at a terminal")
    judged = [statement for text in texts for statement in parse_sql(_without_display(text))]
    return build_parts(judged, where)


def _where(command: ShellCommand, read: ParsedOptions) -> dict[str, str | None]:
    """Where psql connects: by its words, before them by its options, before them by the environment."""
    where: dict[str, str | None] = dict(_settings(command.settings))
    for option, name in (("host", "host"), ("port", "port"), ("username", "user"), ("dbname", "database")):
        where[name] = read.last(option) or where.get(name)
    if len(read.rest) > 2:
        raise UnsupportedCommand("psql has more words than a database and a user")
    return where | dict(zip(("database", "user"), read.rest, strict=False))


def build_parts(
    judged: Sequence[ClassifiedStatement], where: Mapping[str, str | None]
) -> tuple[ParsedCommand, ...]:
    """Statements as parts of a step."""
    return tuple(
        ParsedCommand(kind, why, "postgres.query", SqlCall(sql, **where)) for sql, kind, why in judged
    )


def parse_sql_fence(text: str) -> tuple[ParsedCommand, ...]:
    """A fence in SQL, on the database that PGHOST and its like name."""
    return build_parts(parse_sql(_without_display(text)), {})


def _settings(settings: Mapping[str, ShellWord]) -> dict[str, str]:
    found = {}
    for name, word in settings.items():
        if name in SETTINGS:
            found[SETTINGS[name]] = word.text
    return found


def _check_connection(text: str) -> None:
    """A database's name may be a connection string: `host=x dbname=y`, `postgresql://...`."""
    if re.match(r"postgres(?:ql)?://", text):
        try:
            asked = urlsplit(text).query
        except ValueError as error:
            raise UnsupportedCommand("psql's connection string is no address") from error
        keys = [pair.partition("=")[0] for pair in asked.split("&") if pair]
    elif "=" in text:
        keys = [found["key"] for found in CONNECTION.finditer(text)]
        if CONNECTION.sub("", text).strip():
            raise UnsupportedCommand("psql's connection string is not understood")
    else:
        return
    strange = next((key for key in keys if key not in PLAIN), None)
    if strange is not None:
        raise UnsupportedCommand(f"psql's connection string sets {strange[:30]}")


def _without_display(text: str) -> str:
    """Lines that only change how psql prints are left out; any other command with a backslash is refused."""
    lines = []
    for line in text.split("\n"):
        if line.lstrip().startswith("\\"):
            if not DISPLAY.fullmatch(line.strip()):
                raise UnsupportedCommand(f"psql's own “{line.strip()[:40]}” is not evaluated")
        else:
            lines.append(line)
    return "\n".join(lines)
