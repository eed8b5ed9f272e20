"""What somebody who edits the runbook, or who can only fill in an input, must not reach."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command_parsers import ParseContext, classify_command
from bot.command_parsers.sql.safe_functions import OPERATORS
from bot.domain.playbook import AwsCall, HttpCall, RedisCall, SqlCall, StepKind
from tests.samples import examples

NEVER = [
    line.replace("⏎", "\n")
    for line in (Path(__file__).parent / "never_by_itself.txt").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("text", NEVER)
def test_never_runs_by_itself_nor_as_a_probe(text: str) -> None:
    meaning = classify_command(text)
    assert meaning.kind in {StepKind.MANUAL, StepKind.REMEDIATION}, meaning.why
    assert meaning.why


@settings(max_examples=examples(150))
@given(
    text=st.sampled_from([each for each in NEVER if "\n" not in each and "#" not in each]),
    around=st.sampled_from(
        [
            "aws ecs list-clusters && {}",
            "{} && aws ecs list-clusters",
            "{} ; redis-cli PING",
            "cd x && {}",
            "{} | head -5",
            "{} 2>/dev/null",
            "timeout 5 {}",
            "export CLUSTER=prod; {}",
        ]
    ),
)
def test_nor_does_it_with_something_harmless_beside_it(text: str, around: str) -> None:
    assert classify_command(around.format(text)).kind in {StepKind.MANUAL, StepKind.REMEDIATION}


PLACES = [
    "aws ecs list-tasks --cluster <x>",
    "aws ecs describe-services --cluster prod --services api <x>",
    "aws ec2 describe-instances --filters Name=tag:Name,Values=<x>",
    "aws cloudwatch get-metric-statistics --namespace A --metric-name <x> --start-time 2026-01-01T00:00:00"
    " --end-time 2026-01-01T01:00:00 --period 60 --statistics Average --dimensions Name=a,Value=<x>",
    "aws ssm get-parameter --name <x>",
    "aws logs filter-log-events --log-group-name /aws/<x>/log --filter-pattern '<x>'",
    "aws logs tail <x> --since 10m",
    "aws ecs stop-task --cluster prod --task <x>",
    "aws ecs list-tasks --query 'taskArns[?contains(@, `<x>`)]'",
    "psql -h db -c 'SELECT * FROM t WHERE pid = <x>'",
    "psql -c \"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '<x>'\"",
    "psql -d <x> -c 'SELECT 1'",
    "redis-cli GET session:<x>",
    "redis-cli -h <x> INFO",
    "curl -s 'https://api.example.com/users/<x>?full=<x>'",
    "curl https://<x>/health",
    'curl -X POST -d \'{"id": "<x>"}\' https://api.example.com/retry',
    "git log --oneline <x>",
    "gh run view <x>",
    "kubectl describe pod <x>",
    "kubectl delete pod <x>",
    "watch -n 5 'aws ecs list-tasks --cluster <x>'",
    "timeout 5 redis-cli GET <x> | grep -i '<x>' | head -5",
    "./scripts/rollback.sh <x>",
    "<x> --help",
]
NASTY = [
    "; rm -rf /", "$(rm -rf /)", "`id`", "--profile admin", "--profile=admin", "-x", "--with-decryption", "x y", "x,y",
    "'", '"', "' OR '1'='1", "x'; DROP TABLE t; --", "1) OR (1=1", "pid", "1; DROP TABLE t", "1 --", "/* x */", "x\ny",
    "x\r\nHost: evil", "file:///etc/passwd", "fileb://x", '["a","b"]', '{"a": 1}', "a=b,c=d", "../../admin",
    "a&admin=1", "a#b", "a?b", "u@evil.example", "evil.example/", "169.254.169.254", "| sh", "> /tmp/x", "<y>",
    "$PGPASSWORD", "", " ", "\0", "true", "host=evil options=x", "postgresql://evil/x?service=y", "secrets", "%2e%2e",
    "x` || `y", "FLUSHALL", "*", "~", "\\", "\ue000", "-", "[", "]", "[::1",
]  # fmt: skip
GOOD = ["prod-1", "42", "a.b_c", "arn:aws:ecs:eu-west-1:1:task/prod/abc"]
VALUES = (
    st.sampled_from([*NASTY, *GOOD])
    | st.text(max_size=12)
    | st.from_regex(r"[-\w'\" ;=,]{1,20}", fullmatch=True)
)


CONSTANT = r"-?\s*[\d._]+(?:e[-+]?\d+)?|0\w+|(?:e|n|u&)?'[^']*(?:''[^']*)*'|(\$\w*\$).*\1|true|false"
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def calls(text: str, value: str) -> str:
    """What a command would do with a value filled in, as text; empty when it does nothing."""
    actions = classify_command(text, given=ParseContext(NOW, inputs={"<x>": value})).actions
    return json.dumps([asdict(action) for action in actions], default=str) if actions else ""


@settings(max_examples=examples(1_500))
@given(text=st.sampled_from(PLACES), value=VALUES)
def test_a_given_value_replaces_its_placeholder_and_nothing_else(text: str, value: str) -> None:
    plain, full = (
        classify_command(text),
        classify_command(text, given=ParseContext(NOW, inputs={"<x>": value})),
    )
    assert full.kind is plain.kind
    assert full.runs in {plain.runs, None}
    if full.needs:
        assert (full.needs, full.actions) == (plain.needs, ())
        assert full.why
        return
    assert calls(text, value) == calls(text, "7777").replace("7777", json.dumps(value)[1:-1])
    if "pid = <x>" in text:
        assert re.fullmatch(CONSTANT, value.strip(), re.I), value
    if "usename" in text:
        assert "'" not in value
    for action in full.actions:
        if isinstance(action.call, HttpCall):
            asked = urlsplit(calls(text, "7777") and action.call.url.replace(value, "7777"))
            told = urlsplit(action.call.url)
            assert (told.username, told.fragment) == (None, "")
            assert len(parse_qsl(told.query, True)) == len(parse_qsl(asked.query, True))
            assert ".." not in told.path.split("/")
    if " <x>" in text and full.actions:
        assert not value.startswith("-")


@pytest.mark.parametrize("text", [place for place in PLACES if place[0] != "<"])
def test_a_value_as_people_give_it_is_taken(text: str) -> None:
    value = "42" if "pid = <x>" in text else "prod-1"
    full = classify_command(text, given=ParseContext(inputs={"<x>": value}))
    assert full.needs == ()
    assert classify_command(text).actions == () or full.actions


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("aws ecs describe-services --services a <x>", "--profile=admin", "<x> begins with a dash"),
        ("SELECT * FROM t WHERE pid = <x>", "pid", "fill in one value"),
        ("SELECT * FROM t WHERE pid = <x>", "1 OR true", "fill in one value"),
        ("SELECT * FROM t WHERE a = '<x>'", "x' OR '1'='1", "fill in one value"),
        ("redis-cli GET <x>", "a\nFLUSHALL", "cannot be seen"),
        ("redis-cli GET <x>", " ", "is empty"),
        ("curl https://api.example.com/users/<x>", "../admin", "fill in one value"),
        ("curl https://<x>/health", "169.254.169.254", "credentials"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(text: str, value: str, said: str) -> None:
    full = classify_command(
        text, "sql" if text.startswith("SELECT") else "bash", ParseContext(inputs={"<x>": value})
    )
    assert said in full.why
    assert (full.needs, full.actions) == (("<x>",), ())


def test_variables_of_the_environment_are_words_too() -> None:
    known = {"PGHOST": "db -c x", "REDIS_PASSWORD": "p' w", "AWS_PROFILE": "--region=x"}
    [psql] = classify_command("psql -h $PGHOST -c 'SELECT 1'", given=ParseContext(variables=known)).actions
    assert psql.call == SqlCall("SELECT 1", "db -c x")
    [redis] = classify_command(
        "REDISCLI_AUTH=$REDIS_PASSWORD redis-cli INFO", given=ParseContext(variables=known)
    ).actions
    assert isinstance(redis.call, RedisCall) and redis.call.password == "p' w"
    assert (
        classify_command(
            "aws ecs list-clusters --profile $AWS_PROFILE", given=ParseContext(variables=known)
        ).actions
        == ()
    )


def test_numbers_and_whole_addresses_can_be_filled_in() -> None:
    [aws] = classify_command(
        "aws ecs list-tasks --max-items <n>", given=ParseContext(inputs={"<n>": "5"})
    ).actions
    assert isinstance(aws.call, AwsCall) and aws.call.max_items == 5
    [http] = classify_command(
        "curl <url>", given=ParseContext(inputs={"<url>": "https://a.example/x?y=1"})
    ).actions
    assert isinstance(http.call, HttpCall) and http.call.url == "https://a.example/x?y=1"
    sql = "SELECT * FROM <table> WHERE age > interval '<n> minutes' LIMIT <most>"
    given = ParseContext(inputs={"<table>": "Payments", "<n>": "5", "<most>": "10"})
    [query] = classify_command(sql, "sql", given).actions
    assert query.call == SqlCall("SELECT * FROM Payments WHERE age > interval '5 minutes' LIMIT 10")


async def test_the_operators_of_a_diagnostic_are_postgresqls_own_and_act_on_nothing(database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        rows = await (
            await connection.execute(
                "SELECT o.oprname, p.provolatile::text FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode"
            )
        ).fetchall()
    assert {name for name, _ in rows} == OPERATORS
    assert not [name for name, kind in rows if kind == "v"]
