"""What a SELECT would show of secrets, by the names of its columns, tables and settings."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from bot.command_parsers.secret_names import is_secret_name, split_name

_TOLD = """
    active at count created date disabled enabled expired expires id ids kind name on owner revoked scope
    scopes state status type updated
"""
TOLD = frozenset(_TOLD.split())
"""What the names of columns end in that only tell of a secret, in a table of secrets."""

_NAMING = "key name setting_name setting_key config_key param parameter property option variable"
NAMING = frozenset(_NAMING.split())
"""Columns that say in a table of names and values which row it is."""

LIKE = frozenset({"=", "~~", "~~*", "~", "~*"})
SETTINGS = frozenset({"setting", "boot_val", "reset_val"})
UNLIKE = frozenset({"<>", "!=", "!~~", "!~~*", "!~", "!~*"})
INTO_JSON = frozenset({"->", "->>", "#>", "#>>"})
OUT_OF_JSON = re.compile(r"jsonb?_extract_path(?:_text)?")
BY_NAME = frozenset({"row_to_json", "to_json", "to_jsonb", "json_agg", "jsonb_agg", "count"})
"""Functions over a whole row that show the names of its columns, or nothing of it."""

SETTING = re.compile(r"%?[A-Za-z_ /]{3,}%?")
"""Settings by a name or a category, or a part of one: a team's own have a dot in their names."""


def find_shown_secret(nodes: Sequence[Any]) -> str | None:
    """What in a SELECT, given by all of its nodes, would show a secret, in words; None when nothing would."""
    found = next(chain.from_iterable(map(_secrets_of, nodes)), None)
    if found:
        return f"{found[:60]} holds a secret, by its name"
    if row := _whole_row(nodes):
        return f"it shows a whole row of {row[:60]} as one value, without the names of its columns"
    return _explain_secret_table(nodes)


def _explain_secret_table(nodes: Sequence[Any]) -> str | None:
    """What of its tables, or of the rows that it asks for, is a secret by its name; None for nothing."""
    columns = [_column(node) for node in nodes if node.DESCRIPTOR.name == "ColumnRef"]
    tables = [node.relname for node in nodes if node.DESCRIPTOR.name == "RangeVar"]
    secret = next(filter(is_secret_name, tables), None)
    if secret and not all(map(_only_tells, columns)):
        return f"{secret[:60]} holds secrets, by its name"
    asked = next(chain.from_iterable(map(_find_secret_rows, nodes)), None)
    if asked and not all(_only_tells(column) or column in NAMING for column in columns):
        return f"the row of {asked[:60]} holds a secret, by its name"
    if "pg_settings" in tables and {*SETTINGS, "*"} & {*columns} and not _narrow(nodes):
        return "pg_settings holds every setting, also those that are secrets"
    return None


def _whole_row(nodes: Sequence[Any]) -> str | None:
    """The relation of which a row is made one value: `SELECT u FROM users u`, `users.*::text`."""
    relations = dict(filter(None, map(_relation, nodes)))
    told = set(_find_named_columns(nodes))
    for node in nodes:
        if node.DESCRIPTOR.name == "ColumnRef" and len(node.fields) == 1 and node.location not in told:
            name = _column(node)
            if name in relations:
                return relations[name]
    made = (column for node in nodes for column in _columns(_list_combined(node)))
    stars = (column for column in made if _column(column) == "*" and column.location not in told)
    return None if next(stars, None) is None else "a table"


def _find_named_columns(nodes: Sequence[Any]) -> Iterator[int]:
    """Where the columns stand whose own names are shown, or nothing of them."""
    for node in nodes:
        if node.DESCRIPTOR.name == "FuncCall" and node.funcname[-1].string.sval in BY_NAME:
            yield from (column.location for column in _columns(node.args))


def _columns(parts: Iterable[Any]) -> Iterator[Any]:
    """The columns among the parts of an expression."""
    return (part.column_ref for part in parts if part.WhichOneof("node") == "column_ref")


def _relation(node: Any) -> tuple[str, str] | None:
    """A table of the team's own, or what is selected in its place: the name by which its row is called, and its own."""
    if node.DESCRIPTOR.name == "RangeVar":
        own = node.relname
        is_catalog = own.startswith("pg_") or node.schemaname in ("pg_catalog", "information_schema")
        return None if is_catalog else (node.alias.aliasname or own, own)
    if node.DESCRIPTOR.name == "RangeSubselect":
        return node.alias.aliasname, "a subselect"
    return None


def _list_combined(node: Any) -> Sequence[Any]:
    """What a node makes one value of."""
    if node.DESCRIPTOR.name == "TypeCast":
        return [node.arg]
    if node.DESCRIPTOR.name in ("FuncCall", "RowExpr"):
        return list(node.args)
    return []


def _only_tells(column: str) -> bool:
    words = split_name(column)
    return bool(words) and words[-1] in TOLD


def _secrets_of(node: Any) -> Iterator[str]:
    """The secrets that a node asks for by their names."""
    read = READERS.get(node.DESCRIPTOR.name)
    return read(node) if read else iter(())


def _secrets_of_operator(node: Any) -> Iterator[str]:
    return filter(is_secret_name, _texts(node.rexpr) if _operator(node) in INTO_JSON else ())


def _find_secret_rows(node: Any) -> Iterator[str]:
    """The names of secrets by which an expression chooses rows: `key = 'stripe_secret_key'`."""
    if node.DESCRIPTOR.name != "A_Expr" or _operator(node) not in LIKE:
        return
    if any(_column(column) in NAMING for column in _columns([node.lexpr])):
        right = node.rexpr
        values = right.list.items if right.WhichOneof("node") == "list" else [right]
        yield from filter(is_secret_name, (text for value in values for text in _texts(value)))


def _secrets_of_function(node: Any) -> Iterator[str]:
    function = node.funcname[-1].string.sval
    if OUT_OF_JSON.fullmatch(function):
        yield from filter(is_secret_name, (text for argument in node.args for text in _texts(argument)))
    elif function == "current_setting":
        asked = list(_texts(node.args[0])) if node.args else []
        yield from filter(is_secret_name, asked or ["secret settings"])
    elif function == "pg_show_all_settings":
        yield function


READERS: Mapping[str, Callable[[Any], Iterator[str]]] = {
    "ColumnRef": lambda node: filter(is_secret_name, [_column(node)]),
    "A_Expr": _secrets_of_operator,
    "A_Indices": lambda node: filter(is_secret_name, _texts(node.uidx)),
    "FuncCall": _secrets_of_function,
}
"""By the kind of a node in PostgreSQL's tree: the secrets that it asks for by their names."""


def _column(node: Any) -> str:
    """A column's own name; `*` for all of them."""
    last = node.fields[-1]
    return str(last.string.sval) if last.WhichOneof("node") == "string" else "*"


def _texts(node: Any) -> Iterator[str]:
    """The text that a node is, through casts; none when it is anything else."""
    while node.WhichOneof("node") == "type_cast":
        node = node.type_cast.arg
    if node.WhichOneof("node") == "a_const" and node.a_const.WhichOneof("val") == "sval":
        yield node.a_const.sval.sval


def _operator(node: Any) -> str:
    return str(node.name[-1].string.sval) if node.name else ""


def _narrow(nodes: Sequence[Any]) -> bool:
    """Whether only settings of given names or categories of PostgreSQL's own are asked for."""
    unlike = any(node.DESCRIPTOR.name == "A_Expr" and _operator(node) in UNLIKE for node in nodes)
    told = [text for node in nodes if node.DESCRIPTOR.name == "Node" for text in _texts(node)]
    return (
        bool(told)
        and not unlike
        and all(SETTING.fullmatch(text) and not is_secret_name(text) for text in told)
    )
