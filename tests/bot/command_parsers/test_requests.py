"""Requests over HTTP: which only read, which wait for a click, and which change something and are never Tocsin's."""

import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command_parsers import classify_command
from bot.domain.playbook import HttpCall, StepKind
from tests.samples import examples

ROWS = [
    (StepKind(kind), command)
    for kind, _, command in (
        line.partition(" ")
        for line in (Path(__file__).parent / "requests.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
]


@pytest.mark.parametrize(("kind", "command"), ROWS, ids=[command for _, command in ROWS])
def test_each_request_is_what_it_does(kind: StepKind, command: str) -> None:
    meaning = classify_command(command)
    assert meaning.kind is kind, meaning.why
    assert meaning.why
    if kind in (StepKind.DIAGNOSTIC, StepKind.PROBE):
        assert meaning.actions


def test_half_of_the_table_is_innocent() -> None:
    reads = [command for kind, command in ROWS if kind is StepKind.DIAGNOSTIC]
    assert len(reads) > 80 and len(ROWS) > 200


METHODS = (
    "GET",
    "HEAD",
    "OPTIONS",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "PURGE",
    "BAN",
    "COPY",
    "LINK",
    "MKCOL",
)
READS = ("GET", "HEAD", "OPTIONS")
ACTING = (
    "restart", "delete", "remove", "reset", "flush", "purge", "build", "trigger", "deploy", "rollback", "revoke",
    "enable", "disable", "failover", "send", "run", "shutdown",
)  # fmt: skip
PLAIN = ("orders", "v1", "runs", "resets", "enabled", "sender", "deployments", "builder", "flushed", "health")
SAID = (
    "curl -X {method} {url}", "curl -s{flags}X{method} {url}", "curl --request {method} {url}", "curl {url} -X{method}",
    "curl --request={method} -s {url}", "curl -X '{method}' {url} | jq .", "timeout 5 curl -X {method} {url}",
    "curl -X {method} -o /dev/null {url}", "watch -n 5 'curl -X {method} {url}'",
)  # fmt: skip


@settings(max_examples=examples(400))
@given(
    said=st.sampled_from(SAID),
    method=st.sampled_from(METHODS),
    lower=st.booleans(),
    flags=st.sampled_from(["", "S", "k", "SL", "v"]),
    path=st.lists(st.sampled_from(PLAIN), min_size=1, max_size=3),
)
def test_no_method_but_those_that_read_is_sent_by_itself_and_none_but_post_by_a_click(
    said: str, method: str, lower: bool, flags: str, path: list[str]
) -> None:
    url = "https://api.example.com/" + "/".join(path)
    typed = method.lower() if lower else method
    kind = classify_command(said.format(method=typed, url=url, flags=flags)).kind
    if method in READS:
        assert kind is StepKind.DIAGNOSTIC
    elif method == "POST":
        assert kind is (StepKind.PROBE if path[-1] == "health" else StepKind.REMEDIATION)
    else:
        assert kind is StepKind.REMEDIATION


@settings(max_examples=examples(600))
@given(
    verb=st.sampled_from(ACTING),
    write=st.sampled_from([str.lower, str.upper, str.title]),
    where=st.sampled_from(
        [
            "/{}", "/api/{}/now", "/do-{}", "/{}_all", "/cache.{}", "/api?{}=1", "/api?a=b&{}=1", "/api?action={}",
            "/api?cmd={}", "/api?op={}", "/api?do={}", "/api?confirm={}", "/{}/health", "/x?force_{}=1",
        ]
    ),
    method=st.sampled_from(["", "-X GET ", "-X POST ", "-I "]),
)  # fmt: skip
def test_a_word_that_acts_is_never_sent_by_itself_nor_by_a_click(
    verb: str, write: object, where: str, method: str
) -> None:
    assert callable(write)
    url = shlex.quote("https://api.example.com" + where.format(write(verb)))
    assert classify_command(f"curl {method}{url}").kind is StepKind.REMEDIATION


@settings(max_examples=examples(300))
@given(
    words=st.lists(st.sampled_from([*PLAIN, "2026", "api-1", "lastBuild", "run_7"]), min_size=1, max_size=4),
    query=st.sampled_from(["", "?limit=1", "?sort=restart", "?status=enabled&type=run", "?query=delete"]),
)
def test_an_address_without_such_a_word_is_read(words: list[str], query: str) -> None:
    meaning = classify_command(f"curl 'https://api.example.com/{'/'.join(words)}{query}'")
    assert meaning.kind is StepKind.DIAGNOSTIC, meaning.why


@pytest.mark.parametrize(
    ("command", "harmless"),
    [
        ("curl -X POST https://api.example.com/v1/webhooks/razorpay/health", True),
        ("curl -X POST https://api.example.com/ping", True),
        ("curl -X POST https://api.example.com/health -d '{}'", False),
        ("curl -X POST 'https://api.example.com/health?deep=1'", False),
        ("curl -X POST https://api.example.com/v1/orders/validate", False),
        ('curl https://api.example.com/graphql -d \'{"query":"{ a }"}\'', False),
        ("curl -X POST http://es:9200/_search", False),
        ("aws sts get-caller-identity", False),
        ("redis-cli KEYS a*", False),
    ],
)
def test_only_a_bare_look_at_a_health_address_is_harmless(command: str, harmless: bool) -> None:
    meaning = classify_command(command)
    assert meaning.kind is StepKind.PROBE
    assert meaning.harmless is harmless


def test_what_is_filled_in_cannot_make_an_address_act() -> None:
    from bot.command_parsers import ParseContext

    for word in ("restart", "flush", "admin-restart"):
        full = classify_command("curl https://api.example.com/<x>", given=ParseContext(inputs={"<x>": word}))
        assert full.kind is StepKind.DIAGNOSTIC and not full.actions and full.needs == ("<x>",)
    [action] = classify_command(
        "curl https://api.example.com/<x>", given=ParseContext(inputs={"<x>": "orders"})
    ).actions
    assert isinstance(action.call, HttpCall) and action.call.url == "https://api.example.com/orders"
