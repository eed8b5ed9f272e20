"""Each statement's kind: one SELECT, SHOW or EXPLAIN that calls nothing that acts is a diagnostic, nothing else is."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.commands.gaps import Gaps
from bot.commands.part import Mistyped
from bot.commands.sql.functions import HARMLESS, OPERATORS, SECRET_TABLES
from bot.errors import Unclear
from bot.step import Kind

LONGEST = 20_000
MOST_NODES = 20_000
SAMPLING = frozenset({"bernoulli", "system"})
OWN: Sequence[list[str]] = ([], ["pg_catalog"])
OPERATING = {"A_Expr": "name", "SortBy": "use_op", "SubLink": "oper_name"}
BETWEEN = frozenset({"BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC", "NOT BETWEEN SYMMETRIC"})
PLANNED = frozenset({"select_stmt", "insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"})
CALLS = frozenset({"FuncCall", "TypeName", "RangeVar", "RangeTableSample", *OPERATING})

Judged = tuple[str, Kind, str]
"""One statement's text, its kind and why."""


def read_sql(text: str) -> Sequence[Judged]:
    """The statements of a text in order. Raises `Unclear` when PostgreSQL would not take it."""
    if len(text) > LONGEST:
        raise Unclear(f"it is longer than {LONGEST} letters")
    if "\0" in text or "\N{REPLACEMENT CHARACTER}" in text:
        raise Unclear("it has a letter that cannot be typed")
    from google.protobuf.message import DecodeError
    from postgast import PgQueryError, parse

    gaps = Gaps({})
    code = gaps.hide(text, brackets=False)
    try:
        tree = parse(code)
    except PgQueryError as error:
        raise Mistyped(f"PostgreSQL would not take it: {gaps.shown(str(error))[:120]}") from error
    except DecodeError as error:
        raise Unclear("the statement is nested too deeply") from error
    raw = code.encode()
    found = []
    for each in tree.stmts:
        end = each.stmt_location + each.stmt_len if each.stmt_len else len(raw)
        statement = gaps.shown(raw[each.stmt_location : end].decode()).strip()
        found.append((statement, *_judge(each.stmt)))
    if not found:
        raise Unclear("there is no statement in it")
    return found


def _judge(node: Any) -> tuple[Kind, str]:
    name = node.WhichOneof("node")
    statement = getattr(node, name)
    if name == "variable_show_stmt":
        return Kind.DIAGNOSTIC, "SHOW only reads"
    if name == "explain_stmt":
        return _explained(statement)
    if name != "select_stmt":
        return Kind.REMEDIATION, f"{_said(name)} changes something"
    return _selected(statement)


def _explained(statement: Any) -> tuple[Kind, str]:
    options = [option.def_elem.defname for option in statement.options]
    kind, why = _judge(statement.query)
    if "analyze" not in options:
        return _planned(statement.query)
    if kind is Kind.DIAGNOSTIC:
        return Kind.PROBE, "EXPLAIN ANALYZE runs the statement"
    return kind, f"EXPLAIN ANALYZE runs the statement: {why}"


def _planned(query: Any) -> tuple[Kind, str]:
    """EXPLAIN without ANALYZE; while it plans, PostgreSQL may call a function to know its value."""
    if query.WhichOneof("node") not in PLANNED:
        return _judge(query)
    kind, why = _worst(_inside(query), CALLS)
    return (kind, why) if kind is not Kind.DIAGNOSTIC else (kind, "EXPLAIN without ANALYZE only plans")


def _selected(statement: Any) -> tuple[Kind, str]:
    """A SELECT, with everything inside of it."""
    return _worst(_inside(statement), None)


def _worst(nodes: Iterator[Any], names: frozenset[str] | None) -> tuple[Kind, str]:
    """The gravest objection among the nodes of these names, or of all."""
    kind, why = Kind.DIAGNOSTIC, "one SELECT that calls nothing that acts"
    for each in nodes:
        found = _objection(each) if names is None or each.DESCRIPTOR.name in names else None
        if found and found[0] is Kind.MANUAL:
            return found
        if found:
            kind, why = found
    return kind, why


def _objection(node: Any) -> tuple[Kind, str] | None:
    """Why a part of a SELECT keeps it from being a diagnostic."""
    name = node.DESCRIPTOR.name
    if name == "FuncCall":
        parts = [part.string.sval for part in node.funcname]
        if parts[:-1] not in OWN or parts[-1] not in HARMLESS:
            return Kind.REMEDIATION, f"it calls {'.'.join(parts)[:60]}, which is not known to only read"
    elif name in OPERATING:
        parts = [part.string.sval for part in getattr(node, OPERATING[name])]
        if parts and (parts[:-1] not in OWN or parts[-1] not in OPERATORS | BETWEEN):
            return Kind.REMEDIATION, f"its operator {'.'.join(parts)[:60]} is not PostgreSQL's own"
    elif name == "TypeName":
        parts = [part.string.sval for part in node.names]
        if parts[:-1] not in OWN:
            return Kind.REMEDIATION, f"its type {'.'.join(parts)[:60]} is not PostgreSQL's own"
    elif name == "RangeVar" and node.relname in SECRET_TABLES:
        return Kind.MANUAL, f"{node.relname} holds secrets"
    elif name == "IntoClause":
        return Kind.REMEDIATION, "SELECT INTO makes a table"
    elif name == "LockingClause":
        return Kind.REMEDIATION, "it locks the rows (FOR UPDATE or its like)"
    elif name == "RangeTableSample":
        if [part.string.sval for part in node.method] not in [[each] for each in SAMPLING]:
            return Kind.REMEDIATION, "it samples by a method that is not PostgreSQL's own"
    elif name.endswith("Stmt") and name != "SelectStmt":
        return Kind.REMEDIATION, f"{name.removesuffix('Stmt').upper()} inside of it changes something"
    return None


def _inside(message: Any) -> Iterator[Any]:
    """Every message of a tree, without recursion."""
    waiting = [message]
    seen = 0
    while waiting:
        node = waiting.pop()
        seen += 1
        if seen > MOST_NODES:
            raise Unclear("the statement has too many parts")
        yield node
        for about, value in node.ListFields():
            if about.message_type is not None:
                waiting.extend([value] if hasattr(value, "ListFields") else value)


def _said(name: str) -> str:
    return name.removesuffix("_stmt").replace("_", " ").upper()
