"""What a statement that ends sessions would hit, as a statement that only looks."""

from typing import Any

from bot.command_parsers.sql.statements import parse_sql
from bot.domain.playbook import StepKind
from bot.errors import UnsupportedCommand

SHOWN = (
    "select pid, usename as role, application_name as application, state, "
    "extract(epoch from now() - state_change)::bigint as for_seconds from pg_stat_activity"
)
"""What is shown of each session in place of ending it."""

ENDS = frozenset({"pg_terminate_backend", "pg_cancel_backend"})


def build_preview(sql: str) -> str | None:
    """The same SELECT from pg_stat_activity under the same conditions, with the sessions shown in place of ended.

    None when it is any other statement, or when what remains cannot be shown to only read.
    """
    from postgast import PgQueryError, deparse, parse

    try:
        tree, shown = parse(sql), parse(SHOWN)
        if len(tree.stmts) != 1 or tree.stmts[0].stmt.WhichOneof("node") != "select_stmt":
            return None
        select = tree.stmts[0].stmt.select_stmt
        if not _is_of_sessions(select) or not _ends_sessions(select):
            return None
        select.ClearField("target_list")
        select.target_list.extend(shown.stmts[0].stmt.select_stmt.target_list)
        text = str(deparse(tree))
        ((_, kind, _),) = parse_sql(text)
    except (PgQueryError, UnsupportedCommand, ValueError):
        return None
    return text if kind is StepKind.DIAGNOSTIC else None


def _is_of_sessions(select: Any) -> bool:
    """Whether it is one SELECT from pg_stat_activity under its own name."""
    tables = [table.range_var.relname for table in select.from_clause]
    return (
        tables == ["pg_stat_activity"]
        and select.op <= 1
        and not select.from_clause[0].range_var.alias.aliasname
    )


def _ends_sessions(select: Any) -> bool:
    """Whether all that it asks for is the end of each session."""
    if len(select.target_list) != 1:
        return False
    call = select.target_list[0].res_target.val.func_call
    *schema, name = [part.string.sval for part in call.funcname] or [""]
    return name in ENDS and schema in ([], ["pg_catalog"])
