"""SQL: only what PostgreSQL's own grammar shows to read is a diagnostic; its own catalogue is asked about functions."""

import shlex

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import Given, recognise
from bot.commands.sql.functions import HARMLESS, VOLATILE
from bot.step import Kind, SqlCall

READS = [
    "SELECT 1",
    "SELECT count(*), state FROM pg_stat_activity GROUP BY state;",
    "SELECT * FROM pg_stat_activity WHERE wait_event IS NOT NULL;",
    "SELECT pid, now() - query_start AS age FROM pg_stat_activity ORDER BY age DESC LIMIT 5",
    "SELECT pg_size_pretty(pg_database_size(current_database()))",
    "SELECT query, mean_exec_time FROM pg_stat_statements WHERE mean_exec_time > 100 ORDER BY 2 DESC LIMIT 10",
    "WITH busy AS (SELECT pid FROM pg_stat_activity) SELECT * FROM busy JOIN pg_locks USING (pid)",
    "SELECT a.pid, pg_blocking_pids(a.pid) FROM pg_stat_activity a WHERE cardinality(pg_blocking_pids(a.pid)) > 0",
    "SELECT date_trunc('hour', created_at) AT TIME ZONE 'UTC', count(*) FILTER (WHERE ok) FROM payments GROUP BY 1",
    "SELECT extract(epoch FROM now()), substring('a' FROM 1), position('a' IN 'b'), trim(both ' ' from ' a ')",
    "SELECT pg_catalog.count(*) FROM t TABLESAMPLE system (1)",
    "SELECT row_number() OVER (ORDER BY a) FROM t WHERE a = ANY(ARRAY[1,2]) AND b @> '{}' AND c ~ 'x'",
    "SELECT 1 UNION ALL SELECT 2",
    "VALUES (1), (2)",
    "TABLE pg_locks",
    "SHOW max_connections",
    "EXPLAIN SELECT * FROM t",
    "EXPLAIN (FORMAT json) SELECT * FROM t",
    "EXPLAIN UPDATE t SET a = 1",
    "-- idle ones\nSELECT 1 /* here */",
]
ACTS = [
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle'",
    "SELECT pg_cancel_backend(1)",
    "SELECT pg_reload_conf()",
    "SELECT setval('s', 1)",
    "SELECT nextval('s')",
    "SELECT * FROM dblink('host=x', 'DELETE FROM t') AS t(a int)",
    "SELECT lo_unlink(1)",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT * FROM pg_ls_dir('.')",
    "SELECT pg_sleep(1000)",
    "SELECT set_config('a.b', 'c', false)",
    "SELECT pg_advisory_lock(1)",
    "SELECT query_to_xml('DELETE FROM t', true, true, '')",
    "SELECT my_own_function()",
    "SELECT public.count(1)",
    "SELECT evil.now()",
    "SELECT 1 OPERATOR(evil.+) 2",
    "SELECT * FROM t FOR UPDATE",
    "SELECT * FROM t FOR SHARE SKIP LOCKED",
    "SELECT * INTO copy FROM t",
    "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
    "WITH new AS (INSERT INTO t VALUES (1) RETURNING a) SELECT a FROM new",
    "SELECT (SELECT pg_terminate_backend(1))",
    "SELECT * FROM (SELECT * FROM t FOR UPDATE) x",
    "SELECT 1 WHERE EXISTS (SELECT pg_reload_conf())",
    "SELECT count(*) FILTER (WHERE pg_cancel_backend(1)) FROM t",
    "SELECT * FROM t ORDER BY pg_sleep(1)",
    "SELECT * FROM t LIMIT (SELECT nextval('s'))",
    "SELECT * FROM t TABLESAMPLE evil (1)",
    "EXPLAIN ANALYZE UPDATE t SET a = 1",
    "EXPLAIN (ANALYZE true) DELETE FROM t",
    "INSERT INTO t VALUES (1)",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "TRUNCATE t",
    "DROP TABLE t",
    "VACUUM FULL t",
    "REINDEX TABLE t",
    "ALTER SYSTEM SET max_connections = 500",
    "SET default_transaction_read_only = off",
    "COPY t TO PROGRAM 'sh'",
    "COPY (SELECT 1) TO '/tmp/x'",
    "DO $$ BEGIN PERFORM 1; END $$",
    "CALL p()",
    "BEGIN; SELECT 1; COMMIT",
    "LOCK TABLE t",
    "NOTIFY a",
    "CREATE INDEX CONCURRENTLY i ON t (a)",
    "SELECT 1; DROP TABLE t",
    "PREPARE x AS DELETE FROM t",
    "EXECUTE x",
    "REFRESH MATERIALIZED VIEW v",
]


@pytest.mark.parametrize("sql", READS)
def test_what_only_reads_is_a_diagnostic(sql: str) -> None:
    meaning = recognise(sql, "sql")
    assert meaning.kind is Kind.DIAGNOSTIC, meaning.why
    [action] = meaning.actions
    assert (action.runs, action.call) == (
        "postgres.query",
        SqlCall(sql.rstrip(";").removeprefix("-- idle ones\n")),
    )


@pytest.mark.parametrize("sql", ACTS)
def test_what_acts_waits_for_approval(sql: str) -> None:
    meaning = recognise(sql, "sql")
    assert meaning.kind is Kind.REMEDIATION, meaning.why


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("EXPLAIN ANALYZE SELECT 1", Kind.PROBE),
        ("SELECT * FROM pg_authid", Kind.MANUAL),
        ("SELECT passwd FROM pg_shadow", Kind.MANUAL),
        ("EXPLAIN SELECT * FROM pg_shadow", Kind.MANUAL),
        ("SELECT FROM WHERE", Kind.MANUAL),
        ("SHOW PROCESSLIST;", Kind.DIAGNOSTIC),
        ("\\! rm -rf /", Kind.MANUAL),
        ("\\copy t to 'f'", Kind.MANUAL),
        ("\\watch 5", Kind.MANUAL),
        ("\\x on\nSELECT 1;", Kind.DIAGNOSTIC),
        ("SELECT 1 \\gx", Kind.MANUAL),
        ("", Kind.MANUAL),
        ("-- nothing", Kind.MANUAL),
        ("SELECT '\0'", Kind.MANUAL),
    ],
)
def test_the_kind_of(sql: str, kind: Kind) -> None:
    assert recognise(sql, "sql").kind is kind


def test_several_statements_are_several_calls() -> None:
    meaning = recognise("SELECT 1; -- é\nSELECT 'é;', 2;\nSHOW all;", "sql")
    assert [action.call for action in meaning.actions] == [
        SqlCall("SELECT 1"),
        SqlCall("SELECT 'é;', 2"),
        SqlCall("SHOW all"),
    ]


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (
            'psql -h $PGHOST -U app -d shop -p 5433 -c "SELECT 1;"',
            SqlCall("SELECT 1", "$PGHOST", "5433", "app", "shop"),
        ),
        ("psql -h db shop app <<EOF\nSELECT 1;\nEOF", SqlCall("SELECT 1", "db", None, "app", "shop")),
        ("psql --host=db -tAc 'SELECT 1'", SqlCall("SELECT 1", "db")),
        ("PGPASSWORD=$PGPASSWORD PGHOST=db psql -Atc 'SELECT 1'", SqlCall("SELECT 1", "db")),
        ('psql "$DATABASE_URL" -xc "SELECT 1"', SqlCall("SELECT 1", database="$DATABASE_URL")),
    ],
)
def test_the_command_line_of_psql_is_understood(text: str, call: SqlCall) -> None:
    meaning = recognise(text)
    assert meaning.kind is Kind.DIAGNOSTIC, meaning.why
    assert [action.call for action in meaning.actions] == [call]


@pytest.mark.parametrize(
    "text",
    [
        "psql",
        "psql -f x.sql",
        "psql -c 'SELECT 1' -o f",
        "psql -v x=1 -c 'SELECT :x'",
        "psql -l",
        "psql < f",
        "PGOPTIONS=-cx=y psql -c 'SELECT 1'",
        "psql -L log -c 'SELECT 1'",
        "psql a b c -c 'SELECT 1'",
    ],
)
def test_what_psql_does_besides_is_left_to_a_person(text: str) -> None:
    assert recognise(text).kind is Kind.MANUAL


def test_a_value_that_was_asked_for_stays_a_value() -> None:
    sql = "SELECT * FROM pg_stat_activity WHERE pid = <pid>"
    asked = recognise(sql, "sql")
    assert (asked.kind, asked.needs) == (Kind.DIAGNOSTIC, ("<pid>",))
    filled = recognise(sql, "sql", Given(inputs={"<pid>": "42"}))
    assert [action.call for action in filled.actions] == [SqlCall(sql.replace("<pid>", "42"))]
    evil = Given(inputs={"<pid>": "1; DROP TABLE t"})
    for refused in (recognise(sql, "sql", evil), recognise(f'psql -c "{sql}"', given=evil)):
        assert (refused.kind, refused.needs, refused.actions) == (Kind.DIAGNOSTIC, ("<pid>",), ())
    assert recognise(f'psql -c "{sql}"').needs == ("<pid>",)


@settings(max_examples=300, deadline=None)
@given(
    read=st.sampled_from(READS),
    act=st.sampled_from(ACTS),
    shape=st.sampled_from(
        ["{0}; {1}", "{1}; {0}", "SELECT ({1})", "WITH x AS ({1}) {0}", "EXPLAIN ANALYZE {1}"]
    )
    | st.sampled_from(["SELECT * FROM ({1}) y", "SELECT 1 WHERE 1 IN ({1})", "({1}) UNION ALL ({1})"]),
    fence=st.booleans(),
)
def test_what_acts_is_no_diagnostic_wherever_it_stands(read: str, act: str, shape: str, fence: bool) -> None:
    sql = shape.format(read.rstrip(";"), act.rstrip(";"))
    text = sql if fence else f"psql <<'EOF'\n{sql};\nEOF"
    assert recognise(text, "sql" if fence else "bash").kind in {Kind.REMEDIATION, Kind.MANUAL}


@settings(max_examples=300, deadline=None)
@given(
    sql=st.sampled_from(READS + ACTS),
    around=st.sampled_from(
        [
            "psql -c {}",
            'PGHOST=db psql -U "$PGUSER" -Atc {} | grep -v x | head -5',
            "timeout 5 psql -h db shop -c {}",
            "psql --command={} 2>/dev/null | wc -l",
            "cd x && psql -c {} && psql -c 'SELECT 1'",
            "export PGHOST=db\npsql -c {} # look",
            "timeout 1m watch -n 5 WATCHED",
        ]
    ),
)
def test_wrapped_in_pipes_quotes_watch_timeout_and_variables_the_answer_stays_the_same(
    sql: str, around: str
) -> None:
    typed = shlex.quote(sql)
    text = around.replace("{}", typed).replace("WATCHED", shlex.quote(f"psql -c {typed} | tail -3"))
    assert recognise(text).kind is recognise(sql, "sql").kind, recognise(text).why


async def test_every_function_of_a_diagnostic_is_harmless_in_the_catalogue_of_postgresql(
    database: str,
) -> None:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        rows = await (await connection.execute("SELECT proname, provolatile::text FROM pg_proc")).fetchall()
    volatile = {name for name, kind in rows if kind == "v"}
    known = {name for name, _ in rows}
    by_grammar = {"any_value", "mode", "timezone", "overlaps", "position", "overlay", "extract", "substring"}
    assert HARMLESS - known - by_grammar == set()
    assert HARMLESS & volatile == VOLATILE
    for name in sorted(known - HARMLESS):
        assert recognise(f'SELECT "{name}"(1)', "sql").kind is Kind.REMEDIATION, name
