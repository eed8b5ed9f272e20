"""What is taken out for good: incidents whose time is over, and a person's data on request. For the schema's owner."""

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from bot.adapters.database.operator_session import OperatorSession
from bot.adapters.database.session import SCHEMA
from bot.domain.timeline_proof import TimelineProof
from bot.errors import TocsinError

REFERENCES = """
select c.conrelid::regclass::text as child, c.confrelid::regclass::text as parent,
       (select array_agg(a.attname order by k.n) from unnest(c.conkey) with ordinality k(num, n)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num)::text[] as columns,
       (select array_agg(a.attname order by k.n) from unnest(c.confkey) with ordinality k(num, n)
        join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.num)::text[] as parent_columns,
       (select bool_and(not a.attnotnull) from pg_attribute a
        where a.attrelid = c.conrelid and a.attnum = any(c.conkey)) as is_optional,
       exists (select 1 from pg_attribute a where a.attrelid = c.conrelid and a.attname = 'incident'
               and not (a.attnum = any(c.conkey))) as is_anothers
from pg_constraint c
where c.contype = 'f' and c.connamespace = to_regnamespace(%s)
order by child, columns
"""
"""Which table refers to which: `is_anothers` says that a row of the child belongs to an incident by another column."""

TEXTS = """
select table_name, column_name, data_type from information_schema.columns
where table_schema = %s and data_type in ('text', 'jsonb') order by table_name, column_name
"""

KEPT_AS_THEY_ARE = {
    "edition": "the runbook is the team's own text, and is named by its hash",
    "migration": "",
    "schema_step": "",
    "removed_incident": "",
    "removed_person": "",
    "replica_known": "",
}
"""Tables in which nobody is looked for."""

FIXED = {"timeline_entry": {"kind"}, "result": {"verdict", "cause", "digest"}}
"""Columns that stay where a row is changed: what the digest or the trigger holds."""

MARKED = {"timeline_entry": "removed_at = now(), salt = null, ", "result": "removed_at = now(), "}
"""What else is set where a row is changed."""

REMOVED = "[removed]"
"""What stands in place of a name."""

ID = re.compile(r"[UW][A-Z0-9]{4,30}")
OPEN_OF = """
select number from incident i where status in ('investigating', 'identified', 'monitoring') and (
    commander = %(person)s or offered_to = %(person)s
    or exists (select 1 from role r where r.incident = i.number and r.person = %(person)s)
    or exists (select 1 from page p where p.incident = i.number and p.person = %(person)s and p.ended_at is null))
order by number
"""


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key, see REFERENCES."""

    child: str
    parent: str
    columns: Sequence[str]
    parent_columns: Sequence[str]
    is_optional: bool
    is_anothers: bool


async def remove_incident(
    session: OperatorSession, number: int, file: str, text: str, proof: TimelineProof
) -> None:
    """Take an incident out that was exported to `file` with this text; what proves its timeline stays. To be called in
    a transaction."""
    head = proof.head
    await session.all(
        "add_removed_incident",
        number=number,
        entries=proof.chained + proof.unproven,
        position=head.position if head else None,
        chain=bytes.fromhex(head.chain) if head else None,
        file=file,
        file_sha=hashlib.sha256(text.encode()).hexdigest(),
    )
    references = [Reference(**row) for row in await session.fetch(REFERENCES.encode(), (SCHEMA,))]
    for statement in _plan_removal(references, "incident", sql.SQL("number = {}").format(number)):
        await session.connection.execute(statement)


def _plan_removal(
    references: Sequence[Reference], table: str, condition: sql.Composable
) -> Iterator[sql.Composed]:
    """The statements that remove a table's rows with all that refers to them, children first."""
    for reference in references:
        if reference.parent.removeprefix(f"{SCHEMA}.") != table or reference.child == reference.parent:
            continue
        child = reference.child.removeprefix(f"{SCHEMA}.")
        chosen = sql.SQL("({}) in (select {} from {} where {})").format(
            _join(reference.columns), _join(reference.parent_columns), sql.Identifier(table), condition
        )
        if reference.is_optional and reference.is_anothers:
            emptied = sql.SQL(", ").join(
                sql.SQL("{} = null").format(sql.Identifier(column)) for column in reference.columns
            )
            yield sql.SQL("update {} set {} where {}").format(sql.Identifier(child), emptied, chosen)
        else:
            yield from _plan_removal(references, child, chosen)
    yield sql.SQL("delete from {} where {}").format(sql.Identifier(table), condition)


def _join(columns: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


async def remove_person(
    session: OperatorSession, person: str, names: Sequence[str]
) -> tuple[str, Mapping[str, int]]:
    """Put an alias in place of a person's Slack id everywhere, and REMOVED in place of the names. Gives the alias, and
    by table how many rows were changed. To be called in a transaction. Raises TocsinError.

    Timelines keep the digests of what they said: the chain still proves that nothing else was changed.
    """
    if not ID.fullmatch(person):
        raise TocsinError(f"{person!r} is no id of a Slack user (U0123456789): it stands in their profile.")
    rows = await (await session.connection.execute(OPEN_OF.encode(), {"person": person})).fetchall()
    if rows:
        named = ", ".join(f"INC-{row['number']}" for row in rows)
        raise TocsinError(
            f"{person} commands, has a role or was called in {named}: resolve it first. Nothing was changed."
        )
    alias = f"UREMOVED{secrets.token_hex(4).upper()}"
    replaced = [(_find_word(person), alias, "g"), *((_find_word(name), REMOVED, "gi") for name in names)]
    changed: Counter[str] = Counter()
    await session.all("forget_person", person=person)
    for table, columns in await _list_texts(session):
        statement = _plan_replacement(table, columns, replaced)
        changed[table] = (await session.connection.execute(statement)).rowcount
    await session.all("add_removed_person", alias=alias, changed=changed.total())
    return alias, {table: count for table, count in changed.items() if count}


def _find_word(word: str) -> str:
    """A pattern of PostgreSQL's for the word as JSON writes it, no part of a longer one."""
    return rf"(?<!\w){re.escape(word)}(?!\w)"


async def _list_texts(session: OperatorSession) -> list[tuple[str, list[tuple[str, str]]]]:
    """The tables in which somebody may be named, with the columns and their types."""
    tables: dict[str, list[tuple[str, str]]] = {}
    for row in await session.fetch(TEXTS.encode(), (SCHEMA,)):
        table, column = row["table_name"], row["column_name"]
        if table not in KEPT_AS_THEY_ARE and column not in FIXED.get(table, ()):
            tables.setdefault(table, []).append((column, row["data_type"]))
    # A change of the outbox writes the place of its message: that one is found under its new key.
    return sorted(tables.items(), key=lambda table: table[0] == "outbox")


def _plan_replacement(
    table: str, columns: Sequence[tuple[str, str]], replaced: Sequence[tuple[str, str, str]]
) -> sql.Composed:
    """One statement that replaces in all of these columns, where any of the patterns is found."""
    changes, conditions = [], []
    for column, kind in columns:
        name = sql.Identifier(column)
        text: sql.Composable = sql.SQL("{}::text").format(name)
        for pattern, by, flags in replaced:
            case = sql.SQL("~*" if "i" in flags else "~")
            conditions.append(sql.SQL("{}::text {} {}").format(name, case, pattern))
            text = sql.SQL("regexp_replace({}, {}, {}, {})").format(text, pattern, by, flags)
        changes.append(
            sql.SQL("{} = ({})::{}").format(name, text, sql.SQL("jsonb" if kind == "jsonb" else "text"))
        )
    return sql.SQL("update {} set {}{} where {}").format(
        sql.Identifier(table),
        sql.SQL(MARKED[table]) if table in MARKED else sql.SQL(""),
        sql.SQL(", ").join(changes),
        sql.SQL(" or ").join(conditions),
    )
