"""psql's command line: where it connects, and the statements of `-c`, a here-document or a ```sql fence."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from bot.commands.given import Command, Given, Word
from bot.commands.options import Spelling, read_options, spelled
from bot.commands.part import Part
from bot.commands.sql.statements import Judged, read_sql
from bot.errors import Unclear
from bot.step import SqlCall

PSQL = Spelling(
    "psql",
    spelled(
        "-t --tuples-only, -A --no-align, -x --expanded, -q --quiet, -X --no-psqlrc, -w --no-password,"
        " -W --password, -e --echo-queries, -1 --single-transaction, -b --echo-errors, -H --html, --csv"
    ),
    spelled(
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


def read_psql(command: Command, given: Given, folder: str | None) -> tuple[Part, ...]:
    """The statements that psql is given. Raises `Unclear` for files, commands with backslashes and the prompt."""
    read = read_options(command.words[1:], PSQL)
    where: dict[str, str | None] = dict(_settings(command.settings))
    for option, name in (("host", "host"), ("port", "port"), ("username", "user"), ("dbname", "database")):
        where[name] = read.last(option) or where.get(name)
    if len(read.rest) > 2:
        raise Unclear("psql has more words than a database and a user")
    for name, value in zip(("database", "user"), read.rest, strict=False):
        where[name] = value
    _check_connection(where["database"] or "")
    texts = read.values.get("command", [])
    if texts and command.stdin is not None:
        raise Unclear("psql is given -c and a here-document, and reads only one of them")
    if not texts and command.stdin is not None:
        texts = [command.stdin.text]
    if not texts:
        raise Unclear("psql is opened at a terminal")
    judged = [each for text in texts for each in read_sql(_without_display(text))]
    return parts_of(judged, where)


def parts_of(judged: Sequence[Judged], where: Mapping[str, str | None]) -> tuple[Part, ...]:
    """Statements as parts of a step."""
    return tuple(Part(kind, why, "postgres.query", SqlCall(sql, **where)) for sql, kind, why in judged)


def read_statements(text: str) -> tuple[Part, ...]:
    """A fence in SQL, on the database that PGHOST and its like name."""
    return parts_of(read_sql(_without_display(text)), {})


def _settings(settings: Mapping[str, Word]) -> dict[str, str]:
    found = {}
    for name, word in settings.items():
        if name in SETTINGS:
            found[SETTINGS[name]] = word.text
    return found


def _check_connection(text: str) -> None:
    """A database's name may be a connection string: `host=x dbname=y`, `postgresql://...`."""
    if re.match(r"postgres(?:ql)?://", text):
        keys = [pair.partition("=")[0] for pair in urlsplit(text).query.split("&") if pair]
    elif "=" in text:
        keys = [found["key"] for found in CONNECTION.finditer(text)]
        if CONNECTION.sub("", text).strip():
            raise Unclear("psql's connection string is not understood")
    else:
        return
    strange = next((key for key in keys if key not in PLAIN), None)
    if strange is not None:
        raise Unclear(f"psql's connection string sets {strange[:30]}")


def _without_display(text: str) -> str:
    """Lines that only change how psql prints are left out; any other command with a backslash is refused."""
    lines = []
    for line in text.split("\n"):
        if line.lstrip().startswith("\\"):
            if not DISPLAY.fullmatch(line.strip()):
                raise Unclear(f"psql's own “{line.strip()[:40]}” is not evaluated")
        else:
            lines.append(line)
    return "\n".join(lines)
