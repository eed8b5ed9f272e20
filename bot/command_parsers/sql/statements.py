"""Each statement's kind: one SELECT, SHOW or EXPLAIN that calls nothing that acts is a diagnostic, nothing else is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.command_parsers.parsed_command import MistypedCommand
from bot.command_parsers.placeholders import PlaceholderMap
from bot.command_parsers.secret_names import is_secret_name
from bot.command_parsers.sql.safe_functions import HARMLESS, OPERATORS, SECRET_TABLES
from bot.command_parsers.sql.secret_columns import find_shown_secret
from bot.domain.playbook import StepKind
from bot.errors import UnsupportedCommand

MAX_SQL_LENGTH = 20_000
MAX_NODES = 20_000
SAMPLING = frozenset({"bernoulli", "system"})
OWN: Sequence[list[str]] = ([], ["pg_catalog"])
OPERATING = {"A_Expr": "name", "SortBy": "use_op", "SubLink": "oper_name"}
BETWEEN = frozenset({"BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC", "NOT BETWEEN SYMMETRIC"})
PLANNED = frozenset({"select_stmt", "insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"})
CALLS = frozenset({"FuncCall", "TypeName", "RangeVar", "RangeTableSample", *OPERATING})

ClassifiedStatement = tuple[str, StepKind, str]
"""One statement's text, its kind and why."""


def parse_sql(text: str) -> Sequence[ClassifiedStatement]:
    """The statements of a text in order. Raises `Unclear` when PostgreSQL would not take it."""
    if len(text) > MAX_SQL_LENGTH:
        raise UnsupportedCommand(f"it is longer than {MAX_SQL_LENGTH} letters")
    if "\0" in text or "\N{REPLACEMENT CHARACTER}" in text:
        raise UnsupportedCommand("it has a letter that cannot be typed")
    from google.protobuf.message import DecodeError
    from postgast import PgQueryError, parse

    gaps = PlaceholderMap({})
    code = gaps.hide(text, brackets=False)
    try:
        tree = parse(code)
    except PgQueryError as error:
        raise MistypedCommand(f"PostgreSQL would not take it: {gaps.unhide(str(error))[:120]}") from error
    except DecodeError as error:
        raise UnsupportedCommand("the statement is nested too deeply") from error
    raw = code.encode()
    found = []
    for node in tree.stmts:
        end = node.stmt_location + node.stmt_len if node.stmt_len else len(raw)
        statement = gaps.unhide(raw[node.stmt_location : end].decode()).strip()
        found.append((statement, *_judge(node.stmt)))
    if not found:
        raise UnsupportedCommand("there is no statement in it")
    return found


def _judge(node: Any) -> tuple[StepKind, str]:
    name = node.WhichOneof("node")
    statement = getattr(node, name)
    if name == "variable_show_stmt":
        return _classify_show(statement.name)
    if name == "explain_stmt":
        return _classify_explain(statement)
    if name != "select_stmt":
        return StepKind.REMEDIATION, f"{_describe_statement(name)} changes something"
    return _classify_select(statement)


def _classify_show(name: str) -> tuple[StepKind, str]:
    if name == "all" or is_secret_name(name):
        return StepKind.MANUAL, f"SHOW {name[:60]} may show a secret"
    return StepKind.DIAGNOSTIC, "SHOW only reads"


def _classify_explain(statement: Any) -> tuple[StepKind, str]:
    options = [option.def_elem.defname for option in statement.options]
    kind, why = _judge(statement.query)
    if "analyze" not in options:
        return _classify_plan(statement.query)
    if kind is StepKind.DIAGNOSTIC:
        return StepKind.PROBE, "EXPLAIN ANALYZE runs the statement"
    return kind, f"EXPLAIN ANALYZE runs the statement: {why}"


def _classify_plan(query: Any) -> tuple[StepKind, str]:
    """EXPLAIN without ANALYZE; while it plans, PostgreSQL may call a function to know its value."""
    if query.WhichOneof("node") not in PLANNED:
        return _judge(query)
    kind, why = _worst(_inside(query), CALLS)
    return (kind, why) if kind is not StepKind.DIAGNOSTIC else (kind, "EXPLAIN without ANALYZE only plans")


def _classify_select(statement: Any) -> tuple[StepKind, str]:
    """A SELECT, with everything inside of it."""
    nodes = list(_inside(statement))
    kind, why = _worst(nodes, None)
    secret = find_shown_secret(nodes) if kind is StepKind.DIAGNOSTIC else None
    return (StepKind.MANUAL, secret) if secret else (kind, why)


def _worst(nodes: Iterable[Any], names: frozenset[str] | None) -> tuple[StepKind, str]:
    """The gravest objection among the nodes of these names, or of all."""
    kind, why = StepKind.DIAGNOSTIC, "one SELECT that calls nothing that acts"
    for node in nodes:
        found = _objection(node) if names is None or node.DESCRIPTOR.name in names else None
        if found and found[0] is StepKind.MANUAL:
            return found
        if found:
            kind, why = found
    return kind, why


Objection = tuple[StepKind, str] | None
"""The kind that a part makes of a SELECT, and why; None when it only reads."""


def _objection(node: Any) -> Objection:
    """Why a part of a SELECT keeps it from being a diagnostic."""
    name = node.DESCRIPTOR.name
    if name in OBJECTIONS:
        return OBJECTIONS[name](node)
    if name.endswith("Stmt") and name != "SelectStmt":
        return StepKind.REMEDIATION, f"{name.removesuffix('Stmt').upper()} inside of it changes something"
    return None


def _parts(name: Any) -> list[str]:
    return [part.string.sval for part in name]


def _object_to_function(node: Any) -> Objection:
    parts = _parts(node.funcname)
    if parts[:-1] in OWN and parts[-1] in HARMLESS:
        return None
    return StepKind.REMEDIATION, f"it calls {'.'.join(parts)[:60]}, which is not known to only read"


def _object_to_operator(node: Any) -> Objection:
    parts = _parts(getattr(node, OPERATING[node.DESCRIPTOR.name]))
    if not parts or (parts[:-1] in OWN and parts[-1] in OPERATORS | BETWEEN):
        return None
    return StepKind.REMEDIATION, f"its operator {'.'.join(parts)[:60]} is not PostgreSQL's own"


def _object_to_type(node: Any) -> Objection:
    parts = _parts(node.names)
    if parts[:-1] in OWN:
        return None
    return StepKind.REMEDIATION, f"its type {'.'.join(parts)[:60]} is not PostgreSQL's own"


def _object_to_table(node: Any) -> Objection:
    return (StepKind.MANUAL, f"{node.relname} holds secrets") if node.relname in SECRET_TABLES else None


def _object_to_sample(node: Any) -> Objection:
    if _parts(node.method) in [[method] for method in SAMPLING]:
        return None
    return StepKind.REMEDIATION, "it samples by a method that is not PostgreSQL's own"


OBJECTIONS: Mapping[str, Callable[[Any], Objection]] = {
    "FuncCall": _object_to_function,
    **dict.fromkeys(OPERATING, _object_to_operator),
    "TypeName": _object_to_type,
    "RangeVar": _object_to_table,
    "IntoClause": lambda _: (StepKind.REMEDIATION, "SELECT INTO makes a table"),
    "LockingClause": lambda _: (StepKind.REMEDIATION, "it locks the rows (FOR UPDATE or its like)"),
    "RangeTableSample": _object_to_sample,
}
"""By the name of a part in PostgreSQL's tree: what keeps it from being a diagnostic. Any other statement does too."""


def _inside(message: Any) -> Iterator[Any]:
    """Every message of a tree, without recursion."""
    waiting = [message]
    seen = 0
    while waiting:
        node = waiting.pop()
        seen += 1
        if seen > MAX_NODES:
            raise UnsupportedCommand("the statement has too many parts")
        yield node
        for about, value in node.ListFields():
            if about.message_type is not None:
                waiting.extend([value] if hasattr(value, "ListFields") else value)


def _describe_statement(name: str) -> str:
    return name.removesuffix("_stmt").replace("_", " ").upper()
