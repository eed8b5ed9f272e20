"""What a statement that ends sessions would hit, as a statement that only looks."""

from bot.commands.sql.statements import read_sql
from bot.errors import Unclear
from bot.step import Kind

SHOWN = (
    "select pid, usename as role, application_name as application, state, "
    "extract(epoch from now() - state_change)::bigint as for_seconds from pg_stat_activity"
)
"""What is shown of each session in place of ending it."""

ENDS = frozenset({"pg_terminate_backend", "pg_cancel_backend"})


def preview_of(sql: str) -> str | None:
    """The same SELECT from pg_stat_activity under the same conditions, with the sessions shown in place of ended.

    None when it is any other statement, or when what remains cannot be shown to only read.
    """
    from postgast import PgQueryError, deparse, parse

    try:
        tree, shown = parse(sql), parse(SHOWN)
        if len(tree.stmts) != 1 or tree.stmts[0].stmt.WhichOneof("node") != "select_stmt":
            return None
        select = tree.stmts[0].stmt.select_stmt
        tables = [each.range_var.relname for each in select.from_clause]
        if tables != ["pg_stat_activity"] or len(select.target_list) != 1 or select.op > 1:
            return None
        call = select.target_list[0].res_target.val.func_call
        names = [part.string.sval for part in call.funcname]
        if not names or names[-1] not in ENDS or (len(names) > 1 and names[:-1] != ["pg_catalog"]):
            return None
        alias = select.from_clause[0].range_var.alias.aliasname
        if alias:
            return None
        select.ClearField("target_list")
        select.target_list.extend(shown.stmts[0].stmt.select_stmt.target_list)
        text = str(deparse(tree))
        ((_, kind, _),) = read_sql(text)
    except (PgQueryError, Unclear, ValueError):
        return None
    return text if kind is Kind.DIAGNOSTIC else None
