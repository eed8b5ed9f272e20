"""grep, sort, uniq, head, tail and wc without starting one: side by side with the real programs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command_parsers import classify_command, run_filters
from bot.command_parsers.parse_context import ParseContext
from bot.command_parsers.shell.grammar import parse_shell
from bot.domain.playbook import Filter
from bot.errors import UnsupportedCommand
from tests.machine_speed import bound_processor_time
from tests.samples import examples

REAL = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]}


def filters_of(text: str) -> list[Filter]:
    [pipe] = parse_shell(f"aws ecs list-clusters | {text}", ParseContext())
    return [Filter(each.program, tuple(word.text for word in each.words[1:])) for each in pipe[1:]]


def ours(text: str, handed: str) -> str:
    told = run_filters(filters_of(text), handed)
    assert told.trouble is None, told.trouble
    return told.text


def theirs(text: str, handed: str) -> str:
    """The same by the programs themselves, each started without a shell."""
    for each in filters_of(text):
        program = shutil.which(each.program)
        assert program, each.program
        done = subprocess.run([program, *each.words], input=handed.encode(), capture_output=True, env=REAL)
        assert b"not valid" not in done.stderr and done.returncode < 2, done.stderr
        handed = done.stdout.decode(errors="ignore")
    return handed


LOG = """\
2026-03-31T12:00:00 api ERROR Error: database refused "db-1" 120ms
2026-03-31T12:00:01 api INFO served /health in 3ms

2026-03-31T12:00:02 worker ERROR Error: timeout after 5000ms "queue"
2026-03-31T12:00:03 api ERROR Error: database refused "db-1" 98ms
  indented line, with tabs\tand more
größe ☃ 1.5K and -3 and 0.25
ERROR error Error a+b (c) [d] {e} $f ^g *h |i \\j
10 apples
9 apples
-2 pears
last line without an end"""
LINES = (Path(__file__).parent / "filters.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("text", LINES)
def test_what_comes_through_is_what_the_program_lets_through(text: str) -> None:
    for handed in (LOG, LOG + "\n", "", "\n", "one\n"):
        assert ours(text, handed) == theirs(text, handed), repr(handed)[:20]


LETTERS = st.text(st.sampled_from(list("ab AB01-.\t9K\u00e4:,")), max_size=8)
TEXTS = st.lists(LETTERS, max_size=12).map(lambda lines: "\n".join(lines))
ANY = st.sampled_from(
    [line for line in LINES if "-c 3" not in line and "+30" not in line and " -30" not in line]
)


@settings(max_examples=examples(250))
@given(text=ANY, handed=TEXTS)
def test_so_it_does_for_any_text(text: str, handed: str) -> None:
    assert ours(text, handed) == theirs(text, handed)


ATOM = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "[0-9]", "(a|ab)", "(b)", "^", "$", r"\.", "-", "K"])
PATTERNS = st.lists(
    st.tuples(ATOM, st.sampled_from(["", "", "*", "?", "{1,2}", "+"])), min_size=1, max_size=5
).map(lambda parts: "".join(atom + ("" if atom in "^$" else times) for atom, times in parts))


@settings(max_examples=examples(250))
@given(
    pattern=PATTERNS,
    handed=TEXTS,
    how=st.sampled_from(["-E", "-P", "-oE", "-iE", "-vP", "-xE", "-oP", "-cE", "-nE"]),
)
def test_so_does_any_pattern(pattern: str, handed: str, how: str) -> None:
    words = (how, "-e", pattern)
    done = subprocess.run(["grep", *words], input=handed.encode(), capture_output=True, env=REAL)
    told = run_filters([Filter("grep", words)], handed)
    if told.trouble is None:
        assert done.returncode < 2
        assert told.text == done.stdout.decode()


@pytest.mark.parametrize(
    "text",
    [
        r"grep -P '^(.*?,){25}P'", r"grep -P '(a|aa)+$'", r"grep -E '(a|aa)+$'", r"grep -P '(?:x+x+)+y'",
        r"grep -oP '((a?){20}){20}b'",
    ],
)  # fmt: skip
def test_a_pattern_that_needs_too_long_is_an_error_of_its_filter(text: str) -> None:
    handed = ("a" * 40 + "," * 40 + "x" * 40 + "!\n") * 50
    told = bound_processor_time(2, lambda: run_filters(filters_of(text), handed, seconds=0.2))
    if told.trouble is not None:
        assert told.text == ""
        assert "grep gave up: its pattern takes longer than 0.2 s" in told.trouble


def test_one_such_pattern_is_given_up_in_a_sentence() -> None:
    told = run_filters(filters_of("grep -P '(a|aa)+$' | head -3"), "a" * 60 + "!", seconds=0.1)
    assert told.trouble == (
        "grep gave up: its pattern takes longer than 0.1 s. The command's answer itself is not lost."
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("grep -P '((a{500}){500}){500}'", "repeats too much"),
        ("grep -E '((((a{99}){99}){99}){99}){99}'", "repeats too much"),
        ("grep -P '" + "(" * 60 + "a" + ")" * 60 + "'", "nested too deeply"),
        ("grep -P '(?{ system(1) })'", "not evaluated"),
        ("grep -P '(?r)a'", "not evaluated"),
        ("grep -P 'a\\Kb\\Cc'", "not evaluated"),
        ("grep -P '(*LIMIT_MATCH=1)a'", "not evaluated"),
        ("grep '[a'", "does not close it"),
        ("grep -E '(a'", "does not close it"),
        ("grep -E 'a)'", "did not open"),
        ("grep -E '*a'", "nothing before"),
        ("grep -f /etc/passwd", "not evaluated"),
        ("grep -r a", "not evaluated"),
        ("grep a /etc/passwd", "files"),
        ("grep -EF a", "two kinds"),
        ("sort -o x", "not evaluated"),
        ("sort -V", "not evaluated"),
        ("sort -k 0", "not evaluated"),
        ("sort -nh", "two ways"),
        ("sort -S 100G", "not evaluated"),
        ("uniq a b", "file"),
        ("head -n x", "number"),
        ("head -n 5 -c 5", "both"),
        ("tail -f", "not evaluated"),
        ("wc x", "file"),
        ("wc --files0-from=x", "not evaluated"),
    ],
)
def test_what_is_not_evaluated_leaves_the_step_to_a_person_with_the_reason(text: str, why: str) -> None:
    meaning = classify_command(f"aws ecs list-clusters | {text}")
    assert (meaning.kind, meaning.actions) == ("manual", ())
    assert why in meaning.why


def test_an_answer_that_is_too_long_is_not_read() -> None:
    told = run_filters(filters_of("head -1"), "a" * 5_000_001)
    assert told.trouble and "5,000,001 letters" in told.trouble


def test_every_filter_that_is_recognised_can_be_applied() -> None:
    for text in LINES:
        meaning = classify_command(f"aws ecs list-clusters | {text}")
        assert meaning.kind == "diagnostic", (text, meaning.why)
        assert run_filters(meaning.actions[0].filters, LOG).trouble is None, text


def test_long_texts_are_filtered_within_the_time() -> None:
    handed = LOG * 4_000
    text = bound_processor_time(2, lambda: ours(LINES[0], handed))
    assert text.splitlines()[0].split(maxsplit=1) == ["8000", "database refused "]


@pytest.mark.parametrize(
    ("text", "handed"),
    [
        ("grep -A1000 -B1000 a", "a\n" * 240_000),
        ("sort -k2,2n", "a 5\nb 4\n" * 400_000),
        ("sort -n", ("9" * 2_000_000 + "\n") * 2),
        ("uniq -c", "a\n" * 2_000_000),
        ("grep -c a", "a\n" * 2_000_000),
        ("wc", "a b " * 1_200_000),
    ],
)
def test_whatever_is_handed_over_takes_no_longer_than_it_may(text: str, handed: str) -> None:
    told = bound_processor_time(3, lambda: run_filters(filters_of(text), handed, seconds=0.3))
    assert told.trouble is None or "takes longer than 0.3 s" in told.trouble


def test_a_filter_that_was_not_recognised_is_given_up_too() -> None:
    told = run_filters([Filter("grep", ("-f", "/etc/passwd"))], "x")
    assert told.trouble and "grep gave up" in told.trouble
    with pytest.raises(UnsupportedCommand):
        parse_shell("aws <(x)", ParseContext())
