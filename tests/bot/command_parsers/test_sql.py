"""SQL: only what PostgreSQL's own grammar shows to read is a diagnostic; its own catalogue is asked about functions."""

import shlex

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command_parsers import ParseContext, classify_command
from bot.command_parsers.sql.safe_functions import HARMLESS, VOLATILE
from bot.domain.playbook import SqlCall, StepKind
from tests.samples import examples

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
    meaning = classify_command(sql, "sql")
    assert meaning.kind is StepKind.DIAGNOSTIC, meaning.why
    [action] = meaning.actions
    assert (action.runs, action.call) == (
        "postgres.query",
        SqlCall(sql.rstrip(";").removeprefix("-- idle ones\n")),
    )


SECRET = [
    "SELECT password_hash FROM users",
    "SELECT id, pin FROM cards",
    "SELECT card_number FROM cards",
    "SELECT recovery_codes, security_answer FROM users",
    "SELECT email, password_hash FROM users WHERE id = 7",
    "SELECT u.api_key FROM users u",
    'SELECT "apiKey" FROM users',
    "SELECT id AS x, upper(secret) FROM apps",
    "SELECT substring(access_token FROM 1 FOR 8) AS shown FROM logins",
    "SELECT * FROM (SELECT encrypted_password AS p FROM users) x",
    "WITH x AS (SELECT client_secret FROM apps) SELECT * FROM x",
    "SELECT 1 UNION SELECT otp_secret FROM users",
    "SELECT id FROM users ORDER BY refresh_token",
    "SELECT id FROM users WHERE api_key LIKE 'a%'",
    "SELECT settings->>'api_key' FROM accounts",
    "SELECT settings #>> '{smtp,password}' FROM accounts",
    "SELECT jsonb_extract_path_text(settings, 'smtp', 'password') FROM accounts",
    "EXPLAIN ANALYZE SELECT password FROM users",
    "SELECT dsn, name FROM sources",
    "SELECT connection_string FROM tenants",
    "SELECT private_key FROM certificates",
    "SELECT pwd FROM users",
    "SELECT rolpassword FROM pg_roles",
    "SELECT conninfo FROM pg_stat_wal_receiver",
    "SELECT current_setting('app.secret_key')",
    "SELECT current_setting('app.' || 'jwt_' || 'secret')",
    "SELECT current_setting(name) FROM pg_settings",
    "SELECT pg_catalog.current_setting('app.api_key', true)",
    "SHOW app.secret_key",
    'SHOW "app.jwt_secret"',
    "SHOW ALL",
    "SELECT setting FROM pg_settings WHERE name = 'app.secret_key'",
    "SELECT name, setting FROM pg_settings",
    "SELECT * FROM pg_settings",
    "SELECT * FROM pg_show_all_settings()",
    "SELECT setconfig FROM pg_db_role_setting",
    "SELECT value FROM settings WHERE key = 'stripe_secret_key'",
    "SELECT s.* FROM app.config s WHERE s.name IN ('title', 'smtp_password')",
    "SELECT setting FROM config WHERE name LIKE '%api_key%'",
    "SELECT * FROM api_keys",
    "SELECT * FROM api_keys LIMIT 1",
    "TABLE api_keys",
    "SELECT value FROM secrets WHERE name = 'x'",
    "SELECT * FROM auth.refresh_tokens",
    "SELECT t.* FROM users u JOIN oauth_access_tokens t ON t.user_id = u.id",
    "SELECT row_to_json(t) FROM credentials t",
    "SELECT string_agg(hash, ',') FROM user_passwords",
    "SELECT count(*), max(hash) FROM user_passwords",
    "SELECT settings['smtp']['password'] FROM accounts",
    "SELECT id, hash FROM api_keys",
    "SELECT name, setting FROM pg_settings WHERE name <> 'x'",
    "SELECT name, reset_val FROM pg_settings WHERE name LIKE 'app.%'",
    "SELECT name, setting FROM pg_settings WHERE name LIKE '%'",
    "SELECT * FROM vault.secrets",
    "SELECT decrypted_secret FROM vault.decrypted_secrets",
    "SELECT * FROM pg_shadow",
    "SELECT umoptions FROM pg_user_mappings",
    "SELECT u FROM users u",
    "SELECT users FROM users",
    "SELECT u::text FROM users u",
    "SELECT users.*::text FROM users",
    "SELECT row(u.*) FROM users u",
    "SELECT array_agg(u) FROM users u",
    "SELECT concat(u) FROM users u",
    "SELECT string_agg(u::text, ',') FROM users u",
    "SELECT s FROM (SELECT * FROM users) s",
    "WITH c AS (SELECT * FROM users) SELECT c FROM c",
]
TOLD_OF = [
    "SELECT password_changed_at FROM users WHERE id = 7",
    "SELECT pinned, pin_count, card_numbers_count FROM posts",
    "SELECT token_count, prompt_tokens FROM calls",
    "SELECT count(*) FROM api_keys",
    "SELECT count(*) FROM api_keys WHERE expires_at < now()",
    "SELECT count(*), count(DISTINCT user_id) FROM refresh_tokens",
    "SELECT id, user_id, expires_at FROM api_keys WHERE revoked_at IS NULL ORDER BY created_at",
    "SELECT name FROM pg_settings WHERE pending_restart",
    "SELECT name, setting FROM pg_settings WHERE category LIKE 'Autovacuum%'",
    "EXPLAIN SELECT password_hash FROM users",
    "SELECT * FROM audit WHERE event = 'password_reset' AND note LIKE '%token%'",
    "SELECT api_key_id, has_password, token_type FROM calls",
    "SELECT key, value FROM counters",
    "SELECT value FROM settings WHERE key = 'site_title'",
    "SELECT count(*) FROM events WHERE name = 'access_token' AND user_id = 7",
    "SELECT key, updated_at FROM settings WHERE key = 'stripe_secret_key'",
    "SELECT sort_key, primary_key, next_token FROM pages",
    "SELECT secretary, passenger, compass FROM people",
    "SELECT * FROM users",
    "SELECT name, setting FROM pg_settings WHERE name IN ('max_connections', 'shared_buffers')",
    "SELECT name, setting FROM pg_settings WHERE name LIKE '%timeout%'",
    "SELECT name, setting FROM pg_settings WHERE name = 'password_encryption'",
    "SELECT current_setting('max_connections')::int",
    "SELECT current_setting('server_version')",
    "SHOW password_encryption",
    "SHOW statement_timeout",
    "SELECT datname, sessions, sessions_killed FROM pg_stat_database",
    "SELECT * FROM tokens_per_second",
    "SELECT payload->>'status' FROM orders",
    "SELECT u.* FROM users u",
    "SELECT count(u) FROM users u",
    "SELECT row_to_json(u) FROM users u",
    "SELECT to_jsonb(u.*) FROM users u",
    "SELECT a FROM pg_stat_activity a",
    "SELECT o.status, count(*) FROM orders o GROUP BY o.status",
    "SELECT id FROM (SELECT id FROM users) x",
]


@pytest.mark.parametrize("sql", SECRET)
def test_what_would_show_a_secret_is_a_persons(sql: str) -> None:
    meaning = classify_command(sql, "sql")
    assert meaning.kind is StepKind.MANUAL, meaning.why
    assert meaning.why and not meaning.actions
    assert classify_command(f"psql -c {shlex.quote(sql)}").kind is StepKind.MANUAL


@pytest.mark.parametrize("sql", TOLD_OF)
def test_what_only_tells_of_one_is_a_diagnostic(sql: str) -> None:
    meaning = classify_command(sql, "sql")
    assert meaning.kind is StepKind.DIAGNOSTIC, meaning.why


@pytest.mark.parametrize("sql", ACTS)
def test_what_acts_is_a_remediation(sql: str) -> None:
    meaning = classify_command(sql, "sql")
    assert meaning.kind is StepKind.REMEDIATION, meaning.why


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("EXPLAIN ANALYZE SELECT 1", StepKind.PROBE),
        ("SELECT * FROM pg_authid", StepKind.MANUAL),
        ("SELECT passwd FROM pg_shadow", StepKind.MANUAL),
        ("EXPLAIN SELECT * FROM pg_shadow", StepKind.MANUAL),
        ("SELECT FROM WHERE", StepKind.MANUAL),
        ("SHOW PROCESSLIST;", StepKind.DIAGNOSTIC),
        ("\\! rm -rf /", StepKind.MANUAL),
        ("\\copy t to 'f'", StepKind.MANUAL),
        ("\\watch 5", StepKind.MANUAL),
        ("\\x on\nSELECT 1;", StepKind.DIAGNOSTIC),
        ("SELECT 1 \\gx", StepKind.MANUAL),
        ("", StepKind.MANUAL),
        ("-- nothing", StepKind.MANUAL),
        ("SELECT '\0'", StepKind.MANUAL),
    ],
)
def test_the_kind_of(sql: str, kind: StepKind) -> None:
    assert classify_command(sql, "sql").kind is kind


def test_several_statements_are_several_calls() -> None:
    meaning = classify_command("SELECT 1; -- é\nSELECT 'é;', 2;\nSHOW work_mem;", "sql")
    assert [action.call for action in meaning.actions] == [
        SqlCall("SELECT 1"),
        SqlCall("SELECT 'é;', 2"),
        SqlCall("SHOW work_mem"),
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
    meaning = classify_command(text)
    assert meaning.kind is StepKind.DIAGNOSTIC, meaning.why
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
        "psql postgresql://[x/a -c 'SELECT 1'",
    ],
)
def test_what_psql_does_besides_is_left_to_a_person(text: str) -> None:
    assert classify_command(text).kind is StepKind.MANUAL


def test_a_value_that_was_asked_for_stays_a_value() -> None:
    sql = "SELECT * FROM pg_stat_activity WHERE pid = <pid>"
    asked = classify_command(sql, "sql")
    assert (asked.kind, asked.needs) == (StepKind.DIAGNOSTIC, ("<pid>",))
    filled = classify_command(sql, "sql", ParseContext(inputs={"<pid>": "42"}))
    assert [action.call for action in filled.actions] == [SqlCall(sql.replace("<pid>", "42"))]
    evil = ParseContext(inputs={"<pid>": "1; DROP TABLE t"})
    for refused in (classify_command(sql, "sql", evil), classify_command(f'psql -c "{sql}"', given=evil)):
        assert (refused.kind, refused.needs, refused.actions) == (StepKind.DIAGNOSTIC, ("<pid>",), ())
    assert classify_command(f'psql -c "{sql}"').needs == ("<pid>",)


@settings(max_examples=examples(300))
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
    assert classify_command(text, "sql" if fence else "bash").kind in {StepKind.REMEDIATION, StepKind.MANUAL}


@settings(max_examples=examples(300))
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
    assert classify_command(text).kind is classify_command(sql, "sql").kind, classify_command(text).why


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
        assert classify_command(f'SELECT "{name}"(1)', "sql").kind is StepKind.REMEDIATION, name
