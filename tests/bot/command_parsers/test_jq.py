"""jq behind a command: it prints what jq prints, reaches nothing but the answer, and ends in time.

`jq_printed.json` was written by jq 1.6. `jq_written.txt` holds what people write in public runbooks, scripts and
documentation, with what jq's manual says that it prints; lines that begin with `< ` are what it is handed.
"""

import asyncio
import json
import os
import select
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command_parsers import classify_command, run_filters
from bot.command_parsers.filters.budget import Budget
from bot.command_parsers.filters.jq.command import PROCESS_POOL, parse_jq_words
from bot.command_parsers.filters.jq.worker_pool import JqProcess, ProcessLost
from bot.domain.playbook import Filter, StepKind
from tests.samples import examples

HERE = Path(__file__).parent
UNLOADED = 10.0
"""Seconds that half a second may become on a machine that has much else to do."""

DOCUMENT = (HERE / "jq.json").read_text(encoding="utf-8")
LINES = (HERE / "jq.txt").read_text(encoding="utf-8").splitlines()
PRINTED: dict[str, str] = json.loads((HERE / "jq_printed.json").read_text(encoding="utf-8"))


def words_of(line: str) -> tuple[str, ...]:
    """The options in front, and the expression as one word."""
    words, rest = [], line
    while rest.startswith("-"):
        word, _, rest = rest.partition(" ")
        words.append(word)
        for _ in range(2 if word.startswith("--arg") else 0):
            word, _, rest = rest.partition(" ")
            words.append(word)
    return (*words, rest)


@pytest.mark.parametrize("line", LINES)
def test_it_prints_what_jq_prints(line: str) -> None:
    told = run_filters([Filter("jq", words_of(line))], DOCUMENT)
    assert (told.text, told.trouble) == (PRINTED[line], None)


WRITTEN = (HERE / "jq_written.txt").read_text(encoding="utf-8").strip().split("\n\n")


@pytest.mark.parametrize("block", WRITTEN, ids=lambda block: block.split("\n")[0])
def test_what_people_write_runs_by_itself_and_prints_what_the_manual_says(block: str) -> None:
    command, *lines = block.split("\n")
    handed = "".join(f"{line[2:]}\n" for line in lines if line.startswith("< "))
    printed = "".join(f"{line}\n" for line in lines if not line.startswith("< "))
    told = run_filters([Filter("jq", tuple(shlex.split(command)[1:]))], handed)
    assert (told.text, told.trouble) == (printed, None)
    assert classify_command(f"aws ecs list-clusters | {command}").kind is StepKind.DIAGNOSTIC


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-1000, 1000)
    | st.sampled_from([0.5, -1.25])
    | st.text("aB1 \u00e9", max_size=4)
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "Key", "Value"]), inner, max_size=3)
    ),
)
LAYOUTS: dict[str, dict[str, Any]] = {
    "-c": {"separators": (",", ":"), "ensure_ascii": False},
    "-M": {"indent": 2, "ensure_ascii": False},
    "-a": {"indent": 2},
    "-S": {"indent": 2, "ensure_ascii": False, "sort_keys": True},
    "-cS": {"separators": (",", ":"), "ensure_ascii": False, "sort_keys": True},
    "-ca": {"separators": (",", ":")},
    "--tab": {"indent": "\t", "ensure_ascii": False},
}


@settings(max_examples=examples(300))
@given(value=VALUES, how=st.sampled_from(list(LAYOUTS)))
def test_any_document_is_laid_out_as_the_options_say(value: object, how: str) -> None:
    told = run_filters([Filter("jq", (how, "."))], json.dumps(value))
    assert told.text == json.dumps(value, **LAYOUTS[how]) + "\n"


@pytest.mark.parametrize("text", (HERE / "jq_never.txt").read_text().splitlines())
def test_what_reads_elsewhere_or_is_no_expression_is_left_to_a_person(text: str) -> None:
    told = classify_command(f"aws ecs list-clusters | jq {json.dumps(text)}".replace("$", "\\$"))
    assert (told.kind, told.actions) == (StepKind.MANUAL, ()), told.why
    assert run_filters([Filter("jq", (text,))], "{}").trouble


@pytest.mark.parametrize(
    "text",
    [
        "-n .",
        "-f x",
        ". /etc/passwd",
        "--slurpfile a b .",
        "-L x .",
        "--arg x",
        "--argjson x { .",
        "--rawfile a b .",
        "--seq .",
    ],
)
def test_its_files_and_other_options_are_too(text: str) -> None:
    assert run_filters([Filter("jq", tuple(text.split()))], "{}").trouble


@pytest.mark.parametrize(
    ("text", "handed"),
    [
        ("[.[] + .[] + .[] + .[] + .[] + .[]] | length", json.dumps(list(range(60)))),
        ("{a: .[], b: .[], c: .[], d: .[]}", json.dumps(list(range(90)))),
        (" | ".join([". + ."] * 60), '"ab"'),
        (" | ".join(["[., .]"] * 40), "1"),
        ('"\\(.[])\\(.[])\\(.[])\\(.[])\\(.[])"', json.dumps(list(range(90)))),
        ('.[] | test("^(.*?,){25}P")', json.dumps(["," * 60] * 20)),
        ('.[] | test("(a|aa)+$")', json.dumps(["a" * 60 + "!"] * 20)),
        (".", "[" * 100_000),
        ("|".join([". * ."] * 60), "9999"),
        ("[.[] | [.]] | add | length", json.dumps([1] * 100_000)),
        ("[.[] as $x | . | tostring] | add", json.dumps(["a" * 1_000] * 3_000)),
        ("-" * 3_000 + "1", "1"),
        ("//".join(["empty"] * 1_300), "1"),
        ("|".join(["."] * 2_000), "1"),
        ("[" * 1_900 + "]" * 1_900, "1"),
        ("def f: f; f", "1"),
        ("def f: [f]; f", "1"),
        ("def f: 1 + f; f", "1"),
        ("[range(1e12)]", "1"),
        ("range(1e12)", "1"),
        ("repeat(1)", "1"),
        ("[repeat(1)]", "1"),
        ("until(false; .)", "1"),
        ("while(true; .)", "1"),
        ("last(recurse(. + 1))", "1"),
        ("reduce repeat(1) as $x (0; .)", "1"),
        ("[limit(1e9; repeat([1]))]", "1"),
        ('"a" * 1e9', "1"),
        ('[range(1e6)] | map("abcdefgh" * 1000) | add | length', "1"),
        ("reduce range(1e6) as $i (1; [.]) | tojson | length", "1"),
        ("[range(3e5)] | combinations", "[1]"),
        (".[1e9] = 1", "[]"),
        ("[range(1e6)] | tojson | fromjson | length", "1"),
        ("ascii_downcase | ." * 1 + " | explode | implode | length", json.dumps("a" * 4_000_000)),
        ("\x01", "1"),
        ("\ud800", "1"),
        (".", '"\ud800"'),
    ],
)
def test_whatever_is_too_much_ends_in_time_with_a_sentence(text: str, handed: str) -> None:
    began = time.perf_counter()
    told = run_filters([Filter("jq", ("-c", text))], handed, seconds=0.5)
    assert time.perf_counter() - began < UNLOADED
    assert told.trouble is None or (told.trouble.startswith("jq gave up: ") and told.text == "")
    assert run_filters([Filter("jq", (".",))], "1").text == "1\n", "the next one is not concerned"


@pytest.mark.parametrize(
    ("text", "handed", "why"),
    [
        (".a", "no json", "no JSON: Invalid"),
        (".[]", "1", "Cannot iterate over number (1)"),
        (".a.b", '{"a": [1]}', "Cannot index array with"),
        ("1 / .", "0", "divided because the divisor is zero"),
        ('"a" - .', "1", 'string ("a") and number (1) cannot be subtracted'),
        ('error("no such host")', "1", "no such host"),
        ("error", '{"why": "away"}', "away"),
        (".a.", "1", "jq says: syntax error, unexpected end of file"),
        ("nosuch(1)", "1", "jq says: nosuch/1 is not defined"),
        ("$who", "1", "jq says: $who is not defined"),
    ],
)
def test_its_errors_are_sentences(text: str, handed: str, why: str) -> None:
    told = run_filters([Filter("jq", (text,))], handed)
    assert (
        told.trouble and why in told.trouble and "\n" not in told.trouble and "top-level" not in told.trouble
    )


@settings(max_examples=examples(400))
@given(
    st.lists(
        st.sampled_from([*".[]{}()|,:\"'ab1$@?+-*/%= \\", " and ", " if ", " then ", " end", "map("]),
        max_size=20,
    ).map("".join)
)
def test_no_expression_raises(text: str) -> None:
    told = run_filters([Filter("jq", (text,))], '{"a": [1, {"b": null}]}')
    assert told.trouble is None or told.trouble.startswith("jq gave up: ")


REACHING = [
    "env", "env.PATH", "$ENV", "$ENV.SLACK_BOT_TOKEN", "$ ENV", "$__prog_args", "input", "[inputs]", "input_filename",
    "input_line_number", "get_search_list", "modulemeta", '"a" | modulemeta', 'import "a" as a; .', 'include "a"; .',
    "halt", "halt_error", "halt_error(1)", ".a | env", "{a: env}", "{(env | keys[0]): 1}", "[env]", "[1, env]",
    '"\\(env)"', '"a \\("b \\(env.HOME)")"', '@json "\\($ENV)"', "def f: env; f", "{a: 1, b: [{c: env}]}",
    ". as $x | env", "try input catch .", "env?", ".a // env", "# a comment\nenv", "{a: (.b, env)}", '{"a": env}',
    "reduce inputs as $x (0; .)", ".[env]", "if env then 1 else 2 end", "get_jq_origin", "get_prog_origin",
]  # fmt: skip
NOT_REACHING = [
    ".env", ".input.inputs", '."env"', '.["env"]', "{env}", "{env: 1}", "{a: 1, env: 2, input: 3}", '"env"',
    '"\\("env")"', "{env: .env}", ". as {env: $e} | $e", ". as $env | $env", "{$__loc__}", "# env\n.",
    ".a.import?", "{import: 1, include: 2}", '{"a": {env: 1}, env: 2}', ".environment", "[.[]? | .halt?]",
    '"#" | . == "env"', "{a: [1, 2], env: 3}",
]  # fmt: skip


@pytest.mark.parametrize("text", REACHING)
def test_what_reaches_beyond_the_answer_is_left_to_a_person(text: str) -> None:
    told = run_filters([Filter("jq", (text,))], "{}")
    assert told.trouble and any(
        words in told.trouble
        for words in ("reads", "asks for more than the command's answer", "ends jq itself")
    )


@pytest.mark.parametrize("text", NOT_REACHING)
def test_what_only_has_such_a_name_is_not(text: str) -> None:
    assert run_filters([Filter("jq", (text,))], "{}").trouble is None


@pytest.fixture
def child() -> Iterator[JqProcess]:
    child = JqProcess()
    yield child
    child.end()


def asked(expression: str, document: str | None = "null") -> dict[str, object]:
    return {"expression": expression, "variables": {}, "flags": ["compact-output"], "document": document}


def test_the_process_has_no_environment_and_opens_no_file(
    child: JqProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret.json").write_text('"hunter2"')
    (tmp_path / "secret.jq").write_text("def told: 1;")
    data = f'import "secret" as $s {{search: "{tmp_path}"}}; $s'
    code = f'import "secret" as s {{search: "{tmp_path}"}}; s::told'
    assert "hunter2" in jq_here(data), "jq would read it"
    assert child.ask(asked("env, $ENV"), 10).text == "{}\n{}\n"
    for text in (data, code, f'include "secret" {{search: "{tmp_path}"}}; told'):
        found = child.ask(asked(text), 10)
        assert found.text == "" and found.unclear
    assert Path(f"/proc/{child.pid}/environ").read_bytes() == b""


def jq_here(expression: str) -> str:
    program = "import jq, sys; print(jq.compile(sys.argv[1]).input(None).all())"
    return subprocess.run([sys.executable, "-c", program, expression], capture_output=True, text=True).stdout


def test_the_settings_of_the_bot_are_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    child = JqProcess()
    try:
        assert child.ask(asked("env"), 10).text == "{}\n"
    finally:
        child.end()


def test_where_jq_ends_over_an_expression_it_is_said_when_it_runs(caplog: pytest.LogCaptureFixture) -> None:
    """Whether memory is short is no property of a runbook, and what was understood of one is kept."""
    too_large = '"a" * 1e9'
    assert classify_command(f"aws ecs list-clusters | jq '{too_large}'").kind is StepKind.DIAGNOSTIC
    assert "jq could not be asked about an expression" in caplog.text
    told = run_filters([Filter("jq", (too_large,))], "1")
    assert told.trouble and "more memory than it may have" in told.trouble


async def test_killed_in_the_middle_it_is_a_sentence_and_the_next_call_works() -> None:
    run_filters([Filter("jq", (".",))], "1")
    [kept] = PROCESS_POOL.idle
    endless = asyncio.create_task(
        asyncio.to_thread(run_filters, [Filter("jq", ("last(repeat(1))",))], "1", 60)
    )
    before = used(kept.pid)
    while used(kept.pid) < before + 0.2:
        await asyncio.sleep(0.01)
    os.kill(kept.pid, signal.SIGKILL)
    assert (await endless).trouble == (
        "jq gave up: its process ended in the middle (SIGKILL). The command's answer itself is not lost."
    )
    assert run_filters([Filter("jq", (".a",))], '{"a": 1}').text == "1\n"


def used(pid: int) -> float:
    """Seconds of the processor."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def test_killed_while_nobody_asks_nobody_notices() -> None:
    run_filters([Filter("jq", (".",))], "1")
    [kept] = PROCESS_POOL.idle
    os.kill(kept.pid, signal.SIGKILL)
    os.waitid(os.P_PID, kept.pid, os.WEXITED | os.WNOWAIT)
    assert run_filters([Filter("jq", (".",))], "2").text == "2\n"


def test_stopped_it_is_a_sentence_in_time_and_the_next_call_works() -> None:
    run_filters([Filter("jq", (".",))], "1")
    [kept] = PROCESS_POOL.idle
    os.kill(kept.pid, signal.SIGSTOP)
    told = run_filters([Filter("jq", (".",))], json.dumps("a" * 4_000_000), seconds=0.5)
    assert told.trouble and "takes longer than 0.5 s" in told.trouble
    assert run_filters([Filter("jq", (".",))], "2").text == "2\n"


def test_it_ends_with_who_asks() -> None:
    program = (
        "from bot.command_parsers import run_filters; from bot.domain.playbook import Filter;"
        "from bot.command_parsers.filters.jq.command import PROCESS_POOL; import os, signal;"
        "run_filters([Filter('jq', ('.',))], '1'); print(PROCESS_POOL.idle[0].pid, flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], stdout=subprocess.PIPE, env={"PYTHONPATH": "."}
    )
    pid = int(done.stdout)
    with suppress(ProcessLookupError):  # it may have ended before
        select.select([os.pidfd_open(pid)], [], [], UNLOADED)
    assert not Path(f"/proc/{pid}").exists() or "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()


def test_where_nobody_is_left_to_end_it_it_ends_by_itself(child: JqProcess) -> None:
    with pytest.raises(TimeoutError):
        child.ask(asked("last(repeat(1))"), 0.05)
    assert select.select([os.pidfd_open(child.pid)], [], [], 60)[0]
    assert not child.is_alive()


def test_what_takes_much_memory_ends(child: JqProcess) -> None:
    with pytest.raises(ProcessLost, match="more memory than it may have"):
        child.ask(asked("def f: [f]; f"), 60)


def test_what_has_taken_much_memory_is_not_kept(child: JqProcess) -> None:
    assert child.ask(asked("."), 60).text == "null\n" and not child.is_worn
    large = json.dumps([{"a": str(number)} for number in range(100_000)])
    assert child.ask(asked("map(.a) | length", large), 60).text == "100000\n"
    assert child.is_worn


def test_waiting_for_others_costs_nothing_of_the_time() -> None:
    apply = parse_jq_words([".here"])
    now, waits = [0.0], threading.Event()

    def clock() -> float:
        if threading.current_thread() is not threading.main_thread():
            waits.set()
        return now[0]

    budget = Budget(30.0, 1, clock)
    with ThreadPoolExecutor() as pool:
        with PROCESS_POOL.lease(), PROCESS_POOL.lease():
            answer = pool.submit(apply, '{"here": 1}', budget)
            assert waits.wait(UNLOADED)
            now[0] = 100.0
        assert answer.result(UNLOADED) == "1\n"
