"""A backup of everything Tocsin keeps as one file, and such a file put back: whole or not at all."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.adapters.database.operator_session import OperatorSession
from bot.adapters.database.replica_lock import FAMILY
from bot.adapters.database.session import SCHEMA
from bot.adapters.database.sql_loader import load_migrations
from bot.adapters.postgres_programs import PostgresPrograms, ProgramFailed
from bot.errors import TocsinError

ARCHIVE = b"PGDMP"
"""What a file of `pg_dump --format=custom` begins with."""

COPY = re.compile(rf"^COPY {SCHEMA}\.(\w+) \((.*)\) FROM stdin;$")
CREATE_SCHEMA = f"CREATE SCHEMA {SCHEMA};"
GRANT = re.compile(r"^(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\b.*\b(?:TO|FROM) \"?([^\";]+)\"?;$")
TIMEOUT = "SET transaction_timeout = 0;"
"""A server before 17 does not know it."""

IN_USE = (
    "This database is in use by {} of Tocsin: stop them first, a restore under a running bot loses what it does"
    " meanwhile. Nothing was changed."
)
NOT_EMPTY = (
    "This database holds {} incidents, the newest is INC-{}. With --replace the backup takes their place. Nothing was"
    " changed."
)
CUT_SHORT = "{} cannot be read to its end: it was cut short or damaged ({}). Nothing was changed."
FOREIGN = "{} is no backup of Tocsin: {}. Nothing was changed."
TOO_NEW = (
    "{} was made by a newer Tocsin (its schema has step {}, this one knows {}). Restore it with that version. Nothing"
    " was changed."
)

EMPTY_SCHEMA = """
set local client_min_messages = warning;do $$
declare
    found record;
begin
    for found in select oid::regclass as name from pg_class
                 where relnamespace = 'tocsin'::regnamespace and relkind in ('r', 'p') loop
        execute format('drop table %s cascade', found.name);
    end loop;
    for found in select oid::regclass as name from pg_class
                 where relnamespace = 'tocsin'::regnamespace and relkind = 'S' loop
        execute format('drop sequence %s cascade', found.name);
    end loop;
    for found in select oid::regprocedure as name from pg_proc where pronamespace = 'tocsin'::regnamespace loop
        execute format('drop function %s cascade', found.name);
    end loop;
end $$;
"""
"""The schema itself stays: a role that owns it may not be allowed to make another one, and its grants stay with it."""

CLEAR_GRANTS = """
do $$
declare
    found record;
begin
    for found in select c.oid::regclass as name, a.grantee::regrole as who
                 from pg_class c, lateral aclexplode(c.relacl) a
                 where c.relnamespace = 'tocsin'::regnamespace and a.grantee not in (c.relowner, 0) loop
        execute format('revoke all on %s from %s', found.name, found.who);
    end loop;
end $$;
"""
"""The schema's default privileges gave the new tables more than the backup's grants say: what was revoked stays so."""


@dataclass(frozen=True, slots=True)
class DatabaseContents:
    """What stands in a database: whether there is a schema of ours, how many incidents, and the newest."""

    has_schema: bool
    incidents: int
    newest: int


async def write_backup(programs: PostgresPrograms, address: str, file: Path) -> int:
    """Write everything into a file that only this user may read; its size in bytes. Raises TocsinError.

    Until it is whole it has another name: a file of this name is a whole backup.
    """
    if file.exists():
        raise TocsinError(f"{file} is there already: nothing was written.")
    part = file.with_name(f"{file.name}.part")
    try:
        part.touch(0o600)
        words = ("--format=custom", f"--schema={SCHEMA}", f"--file={part}")
        await programs.run("pg_dump", *words, address=address)
        await read_archive(programs, part)
        part.rename(file)
    except OSError as error:
        raise TocsinError(f"{file} cannot be written ({error.strerror}).") from error
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


async def check_archive(programs: PostgresPrograms, file: Path) -> None:
    """Read a backup to its end. Raises TocsinError when it is none of Tocsin's, cut short, or a newer version's."""
    steps = await read_archive(programs, file)
    known = {step.number for step in load_migrations()}
    if too_new := sorted(number for number, runs_from in steps.items() if runs_from not in known):
        raise TocsinError(TOO_NEW.format(file, too_new[-1], max(known)))


async def read_archive(programs: PostgresPrograms, file: Path) -> Mapping[int, int]:
    """The steps of the schema in a backup that was read to its end, each with the step that a version must know to run
    on it. Raises TocsinError when it is none of Tocsin's, or cut short."""
    try:
        with file.open("rb") as archive:
            beginning = archive.read(len(ARCHIVE))
    except OSError as error:
        raise TocsinError(f"{file} cannot be read ({error.strerror}). Nothing was changed.") from error
    if beginning != ARCHIVE:
        why = "it is empty" if not beginning else "it does not begin like a file of pg_dump --format=custom"
        raise TocsinError(FOREIGN.format(file, why))
    with tempfile.TemporaryFile() as script:
        await _write_script(programs, file, script)
        steps = _read_steps(script)
    if not steps:
        raise TocsinError(FOREIGN.format(file, f"it has no schema {SCHEMA} with its steps"))
    return steps


async def restore_backup(
    programs: PostgresPrograms, address: str, session: OperatorSession, file: Path, may_replace: bool
) -> None:
    """Put a backup in the place of what is there, in one transaction. Raises TocsinError; then nothing was changed."""
    await check_archive(programs, file)
    found = await read_contents(session)
    if found.incidents and not may_replace:
        raise TocsinError(NOT_EMPTY.format(found.incidents, found.newest))
    with tempfile.NamedTemporaryFile("w+b", suffix=".sql") as script, tempfile.TemporaryFile() as whole:
        await _write_script(programs, file, whole)
        roles = {row["rolname"] for row in await session.fetch(b"select rolname from pg_roles")}
        for line in _adapt_script(whole, found.has_schema, roles):
            script.write(line.encode() + b"\n")
        script.flush()
        words = (
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            "--file",
            script.name,
        )
        try:
            await programs.run("psql", *words, address=address)
        except ProgramFailed as failed:
            raise TocsinError(f"The backup could not be put back: {failed} Nothing was changed.") from failed


async def ensure_unused(session: OperatorSession) -> None:
    """Raises TocsinError while a replica uses the database."""
    row = (
        await session.fetch(
            b"select count(*) as n from pg_locks l join pg_database d on d.oid = l.database"
            b" where l.locktype = 'advisory' and l.granted and l.objsubid = 2 and d.datname = current_database()"
            b" and l.classid::bigint = %s",
            (FAMILY,),
        )
    )[0]
    if row["n"]:
        raise TocsinError(IN_USE.format("1 replica" if row["n"] == 1 else f"{row['n']} replicas"))


async def read_contents(session: OperatorSession) -> DatabaseContents:
    """What stands in the database before a restore."""
    row = (
        await session.fetch(
            b"select to_regnamespace(%s) is not null as has_schema, to_regclass(%s) is not null as has_table",
            (SCHEMA, f"{SCHEMA}.incident"),
        )
    )[0]
    if not row["has_table"]:
        return DatabaseContents(row["has_schema"], 0, 0)
    rows = await session.fetch(
        b"select count(*) as n, coalesce(max(number), 0) as newest from tocsin.incident"
    )
    return DatabaseContents(True, rows[0]["n"], rows[0]["newest"])


async def _write_script(programs: PostgresPrograms, file: Path, script: IO[bytes]) -> None:
    try:
        await programs.run("pg_restore", "--no-owner", "--file=-", str(file), output=script)
    except ProgramFailed as failed:
        raise TocsinError(CUT_SHORT.format(file, failed)) from failed
    script.seek(0)


def _read_steps(script: IO[bytes]) -> Mapping[int, int]:
    """The same, from a backup's script."""
    steps: dict[str, dict[int, int]] = {"migration": {}, "schema_step": {}}
    for table, row in _read_rows(script, frozenset(steps)):
        number = int(row["number"])
        steps[table][number] = int(row.get("runs_from", number))
    return {**steps["migration"], **steps["schema_step"]}


def _read_rows(script: IO[bytes], tables: frozenset[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The rows of these tables in a script of pg_restore."""
    table = ""
    columns: list[str] = []
    for line in map(_decode, script):
        if table and line == r"\.":
            table = ""
        elif table in tables:
            yield table, dict(zip(columns, line.split("\t"), strict=True))
        elif not table and (copied := COPY.match(line)):
            table, columns = copied[1], copied[2].split(", ")


def _adapt_script(script: IO[bytes], has_schema: bool, roles: set[str]) -> Iterator[str]:
    """The script for this server: into the schema that is there, without grants to roles that are not."""
    if has_schema:
        yield EMPTY_SCHEMA
    left_out = (TIMEOUT, CREATE_SCHEMA) if has_schema else (TIMEOUT,)
    is_copied, is_cleared = False, not has_schema
    for line in map(_decode, script):
        granted = None if is_copied else GRANT.match(line)
        is_copied = line != r"\." if is_copied else bool(COPY.match(line))
        is_granted = granted is None or granted[1] in roles or granted[1] == "PUBLIC"
        if granted is not None and is_granted and not is_cleared:
            is_cleared = True
            yield CLEAR_GRANTS
        if is_copied or (is_granted and line not in left_out):
            yield line


def _decode(line: bytes) -> str:
    return line.decode().rstrip("\n")
