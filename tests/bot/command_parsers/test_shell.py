"""Shell text to words and pipelines: the safe part is evaluated, everything else has its reason."""

import shlex
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command_parsers import MAX_TEXT_LENGTH, ParseContext, classify_command
from bot.command_parsers.parse_context import Pipeline
from bot.command_parsers.shell.grammar import parse_shell
from bot.domain.playbook import StepKind
from bot.errors import UnsupportedCommand
from tests.machine_speed import bound_processor_time
from tests.samples import examples

NOW = ParseContext(datetime(2026, 3, 31, 12, 0, 0, tzinfo=UTC))


def words(text: str, known: ParseContext = NOW) -> list[list[list[str]]]:
    return [[[word.text for word in each.words] for each in pipe] for pipe in parse_shell(text, known)]


def one(text: str, known: ParseContext = NOW) -> list[str]:
    [[told]] = words(text, known)
    return told


def needs(text: str, known: ParseContext = NOW) -> tuple[str, ...]:
    pipelines: tuple[Pipeline, ...] = parse_shell(text, known)
    return tuple(need for pipe in pipelines for each in pipe for need in each.needs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 'b c' \"d e\" f\\ g", ["a", "b c", "d e", "f g"]),
        ("a --x=1 \\\n  --y 'z'", ["a", "--x=1", "--y", "z"]),
        ("a --x=1 \\\r\n  --y z", ["a", "--x=1", "--y", "z"]),
        ('a "it\'s \\"so\\" \\$x \\n"', ["a", 'it\'s "so" $x \\n']),
        ("a b'c'\"d\"e", ["a", "bcde"]),
        ("X=prod; a $X-1 ${X} \"  $X  \" '$X'", ["a", "prod-1", "prod", "  prod  ", "$X"]),
        ("a $(date -u -d '30 minutes ago' +%H:%M)", ["a", "11:30"]),
        ("a $(date -u -v-30M +%H:%M)", ["a", "11:30"]),
        ('a "x $(date -u +%H)h"', ["a", "x 12h"]),
        ("a $(( ($(date +%s) - 3600) * 1000 ))", ["a", "1774954800000"]),
        ("a $(($(date +%s) - 60))000", ["a", "1774958340000"]),
        ("END=$(date +%s)\na $((END - 60))", ["a", "1774958340"]),
        ("a '[?x==`true`]' https://h/x?y=1*", ["a", "[?x==`true`]", "https://h/x?y=1*"]),
        ("a '{\"a\": [1,2]}' 2>/dev/null", ["a", '{"a": [1,2]}']),
        ("a b 2>&1 # said", ["a", "b"]),
        ("a ''", ["a", ""]),
        ("a größe ☃", ["a", "größe", "☃"]),
    ],
)
def test_words_are_cut_as_a_shell_cuts_them(text: str, expected: list[str]) -> None:
    assert one(text) == expected


def test_a_clock_without_a_zone_is_refused_and_the_kind_depends_on_none() -> None:
    with pytest.raises(ValueError, match="zone"):
        ParseContext(datetime(2026, 3, 31))  # noqa: DTZ001
    text = "aws logs start-query --log-group-name g --query-string q --end-time $(date +%s) --start-time 1"
    assert classify_command(text).kind is classify_command(text, given=NOW).kind is StepKind.DIAGNOSTIC


def test_pipelines_and_lists_are_kept_in_order() -> None:
    assert words("cd x && a | b -c | d; e\nf") == [
        [["cd", "x"]],
        [["a"], ["b", "-c"], ["d"]],
        [["e"]],
        [["f"]],
    ]


def test_a_here_document_belongs_to_its_command() -> None:
    text = "psql -h $PGHOST <<EOF | head -3\nSELECT '$PGDATABASE', \"a\" \\$1;\nEOF"
    known = ParseContext(NOW.now, {"PGHOST": "db", "PGDATABASE": "shop"})
    [[psql, head]] = parse_shell(text, known)
    assert psql.stdin and psql.stdin.text == "SELECT 'shop', \"a\" $1;\n"
    assert head.stdin is None
    [[quoted]] = parse_shell("psql <<-'EOF'\n\tSELECT '$PGDATABASE';\n\tEOF", known)
    assert quoted.stdin and quoted.stdin.text == "SELECT '$PGDATABASE';\n"


@settings(max_examples=examples(200))
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1), min_size=1
    )
)
def test_quoted_words_come_back_as_they_were(told: list[str]) -> None:
    told = [*told, "end"]  # the grammar knows no command that ends in `==`
    assert one("a " + " ".join(map(shlex.quote, told)))[1:] == told


def test_signs_of_a_test_are_words_of_a_command() -> None:
    assert one("a == 0") == ["a", "==", "0"]
    assert one("a =~ b == c") == ["a", "=~", "b", "==", "c"]


def test_a_variable_is_a_need_until_it_is_known() -> None:
    assert needs("a $PGHOST ${REDIS_HOST}x $PGHOST") == ("$PGHOST", "$REDIS_HOST")
    known = ParseContext(NOW.now, {"PGHOST": "db; rm -rf /"})
    assert one("a $PGHOST", known) == ["a", "db; rm -rf /"]
    assert needs("a $MINE", ParseContext(NOW.now, allowed=frozenset({"MINE"}))) == ("$MINE",)


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "HOME", "AWS_SECRET_ACCESS_KEY", "PATH", "API_KEY"])
def test_a_variable_of_no_monitored_system_is_never_read(name: str) -> None:
    with pytest.raises(UnsupportedCommand, match=name):
        words(f"a ${name}", ParseContext(NOW.now, {name: "secret"}))


def test_a_variable_that_nobody_sets_is_asked_for_by_its_bare_name_and_never_read() -> None:
    known = ParseContext(NOW.now, {"CLUSTER": "from the environment"})
    assert needs("a $CLUSTER ${SERVICE}x", known) == ("CLUSTER", "SERVICE")
    filled = ParseContext(NOW.now, inputs={"CLUSTER": "shop; rm -rf /", "SERVICE": "web"})
    assert one("a $CLUSTER ${SERVICE}x", filled) == ["a", "shop; rm -rf /", "webx"]
    assert one("a --option=$CLUSTER", filled) == ["a", "--option=shop; rm -rf /"]
    with pytest.raises(UnsupportedCommand, match="begins with a dash"):
        words("a $CLUSTER", ParseContext(NOW.now, inputs={"CLUSTER": "--all"}))


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\nset -euo pipefail\na b",
        'echo "== a =="\na b\nsleep 5',
        "a b || echo failed",
        "a b && echo fine",
        "a b || exit 1",
        "a b; printf '%s' $TOKEN",
        "echo gone >&2; a b",
    ],
)
def test_what_only_talks_or_waits_changes_nothing(text: str) -> None:
    assert one(text) == ["a", "b"]


@pytest.mark.parametrize("text", ["echo a > b", "a b || c", "echo $(a b)", "echo `a b`", "echo <(a)"])
def test_what_more_than_talks_is_seen(text: str) -> None:
    with pytest.raises(UnsupportedCommand):
        words(text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("a --tasks <task-arn>", "<task-arn>"),
        ("a --tasks '<task-arn>'", "<task-arn>"),
        ("a /aws/<env>/log", "<env>"),
        ("a service/<name>", "<name>"),
        ("a <your cluster>", "<your cluster>"),
        ("a --cluster [cluster]", "[cluster]"),
        ("a --cluster [Cluster Name] b", "[Cluster Name]"),
        ('a --cluster "[cluster-name]"', "[cluster-name]"),
        ("a -h YOUR_HOST", "YOUR_HOST"),
        ("a -h your-db-host.example.com", "your-db-host"),
        ("a --id {{ instance }}", "{{ instance }}"),
        ("watch -n 5 'a <task-arn>'", "<task-arn>"),
    ],
)
def test_a_placeholder_is_asked_for_and_filled_in_as_a_part_of_a_word(text: str, asked: str) -> None:
    assert needs(text) == (asked,)
    told = [word for pipe in words(text) for each in pipe for word in each]
    assert any(asked in word for word in told)
    filled = ParseContext(NOW.now, inputs={asked: "x'; rm -rf / $(id)"})
    assert any("x'; rm -rf / $(id)" in word for pipe in words(text, filled) for each in pipe for word in each)
    assert needs(text, filled) == ()


@pytest.mark.parametrize(
    "text",
    [
        "a --query '[status]'",
        "a --query 'services[0].[serviceName,status]'",
        "a --query 'x[?a<b]'",
        "a | grep '[a-z]'",
        "a | jq '[.x]'",
        "a 'x < y and z > w'",
        "a '{{.Names}}'",
    ],
)
def test_brackets_of_another_language_are_no_placeholder(text: str) -> None:
    assert needs(text) == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a $(rm -rf /)", "runs another command inside"),
        ("a `date`", "runs another command inside"),
        ('a "x $(curl evil)"', "runs another command inside"),
        ("a $(date; rm x)", "runs another command inside"),
        ("a $(date | sh)", "runs another command inside"),
        ("a 'b", "single quote"),
        ('a "b', "double quote"),
        ("a \\", "backslash"),
        ("a <(b)", "process substitution"),
        ("a <<< x", "here-string"),
        ("a > f", "file"),
        ("a >> ~/.bashrc", "file"),
        ("a < f", "file"),
        ("a || b", "failure"),
        ("a & b", "background"),
        ("a |& b", "“|&”"),
        ("for x in 1 2; do a; done", "loop"),
        ("while true; do a; done", "loop"),
        ("if a; then b; fi", "condition"),
        ("(a)", "subshell"),
        ("{ a; }", "group"),
        ("f() { a; }", "function"),
        ("[ -f x ]", "test"),
        ("! a", "negation"),
        ("a $'\\x41'", "$'...'"),
        ("a {b,c}", "braces"),
        ("a x{1..9}", "braces"),
        ("a ${PGHOST:-x}", "not evaluated"),
        ("a $1", "not evaluated"),
        ("a $?", "not evaluated"),
        ("a –cluster x", "U+2013"),
        ("a −−cluster x", "U+2212"),
        ("a “b c”", "typographic quote"),
        ("a \0", "cannot be typed"),
        ("a \ue000", "private"),
        ("X=1", "only sets variables"),
        ("", "no command"),
        ("a " + "x" * 100_000, "longer"),
        ("a " + "<x> " * 3, None),
        ("a $((1 << 90))", "not evaluated"),
        ("a $((9999999999 * 9999999999))", "too big"),
        ("a $((1 / 0))", "not evaluated"),
        ("readonly X=1", "not evaluated"),
        ("export X", "not evaluated"),
    ],
)
def test_everything_else_is_left_to_a_person_with_the_reason(text: str, why: str | None) -> None:
    if why is None:
        assert one(text)
        return
    meaning = classify_command(text)
    assert meaning.kind is StepKind.MANUAL
    assert meaning.actions == ()
    assert why in meaning.why, meaning.why


HOSTILE = [
    "a " + "$(" * 6000,
    "a " + "${" * 6000,
    "a " + "((" * 6000,
    "(" * 19_000,
    "a " + "'\"" * 9_000,
    "a " + "&& a " * 3_900,
    "a " + "| a " * 4_500,
    "a; " * 6_000,
    "a " + "{" * 19_000,
    "a " + "<" * 19_000,
    "a " + "<x" * 9_000,
    "a " + "[x" * 9_000,
    "a " + "[a " * 6_000 + "]",
    "a " + "<a b c d e f" * 1_500,
    "a " + "your-" * 3_900,
    "a " + "MY_A_" * 3_900,
    "a $((" + "1+" * 9_000 + "1))",
    "a $((" + "(" * 9_000 + "1" + ")" * 9_000 + "))",
    "a " + '"$(' * 3_000 + ")" + '"' * 10,
    "watch " * 3_000 + "a",
    "timeout 5 " * 1_900 + "a",
    "watch '" + "watch " * 3_000 + "a'",
    "a <<EOF\n" * 1_500,
    "a $(date -d '" + "1 day ago " * 1_800 + "')",
    "a $(date +" + "%s" * 9_000 + ")",
    "a " + "\\" * 19_001,
    "a " + "\u202e\ufeff" * 9_000,
    "a | grep " + "-" * 19_000,
    "open " + "https://x.y/" * 1_600,
    "aws ec2 describe-instances --filters '" + "[" * 15_000 + "'",
    "aws ec2 describe-instances --filters '" + "{" * 15_000 + "'",
    "aws ec2 describe-instances --filters 'a=" + "[" * 15_000 + "'",
    "aws ec2 describe-instances --filters 'a=" + "{a=" * 6_000 + "'",
    "aws ec2 describe-instances --filters Name=x,Values=" + "a," * 9_000,
    "aws ec2 describe-instances --query '" + "(" * 15_000 + "'",
    "aws ec2 describe-instances --query '" + "a[" * 6_000 + "]" * 6_000 + "'",
    "aws ec2 " + "x" * 15_000,
    "aws " + "--x " * 4_500,
    "aws logs tail g --since " + "9" * 15_000 + "h",
    "aws rds describe-events --duration " + "9" * 15_000,
    "aws ecs list-tasks --max-items ²",
    "psql -c '" + "(" * 15_000 + "'",
    "psql -c 'SELECT " + "(" * 7_000 + "1" + ")" * 7_000 + "'",
    "psql -c 'SELECT 1" + "+1" * 7_000 + "'",
    "psql -c 'SELECT " + "1;" * 7_000 + "'",
    "psql -c 'SELECT 1 WHERE a" + " AND a" * 3_000 + "'",
    "redis-cli -p " + "9" * 15_000 + " INFO",
    "curl -m " + "9" * 15_000 + " https://x.y",
    "curl 'https://[" + ":" * 15_000 + "'",
]


@pytest.mark.parametrize(
    "text", [*HOSTILE, *(text[:MAX_TEXT_LENGTH] for text in HOSTILE)], ids=lambda text: text[:12]
)
def test_hostile_commands_take_less_than_a_second_and_raise_nothing(text: str) -> None:
    assert bound_processor_time(1, lambda: classify_command(text)).why


@settings(max_examples=examples(300))
@given(st.text(st.sampled_from(list("ab -'\"\\$(){}[]<>|&;`#!=\n\t*?~%+1é\u2013\0")), max_size=60))
def test_no_text_raises(text: str) -> None:
    assert classify_command(text).why
    assert classify_command("a " + text).kind in set(StepKind)
