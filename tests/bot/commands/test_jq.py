"""The part of jq that is evaluated, held against what jq itself prints (1.6 wrote `jq_printed.json`)."""

import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands import filtered, recognise
from bot.step import Filter, Kind

HERE = Path(__file__).parent
DOCUMENT = (HERE / "jq.json").read_text(encoding="utf-8")
LINES = (HERE / "jq.txt").read_text(encoding="utf-8").splitlines()
PRINTED: dict[str, str] = json.loads((HERE / "jq_printed.json").read_text(encoding="utf-8"))
JQ = shutil.which("jq")


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
    told = filtered([Filter("jq", words_of(line))], DOCUMENT)
    assert (told.text, told.trouble) == (PRINTED[line], None)


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
EXPRESSIONS = (HERE / "jq_for_any.txt").read_text().splitlines()


@pytest.mark.skipif(JQ is None, reason="jq is not installed here")
@settings(max_examples=300, deadline=None)
@given(value=VALUES, text=st.sampled_from(EXPRESSIONS), how=st.sampled_from(["-c", "-r", "-S", "-s"]))
def test_so_it_does_for_any_document(value: object, text: str, how: str) -> None:
    handed = json.dumps(value)
    done = subprocess.run([str(JQ), how, text], input=handed.encode(), capture_output=True)
    told = filtered([Filter("jq", (how, text))], handed)
    assert (told.trouble is None) is (done.returncode == 0), (told.trouble, done.stderr)
    if told.trouble is None:
        assert told.text == done.stdout.decode()


@pytest.mark.parametrize("text", (HERE / "jq_never.txt").read_text().splitlines())
def test_what_reads_elsewhere_goes_on_for_ever_or_is_not_known_is_left_to_a_person(text: str) -> None:
    told = recognise(f"aws ecs list-clusters | jq {json.dumps(text)}".replace("$", "\\$"))
    assert (told.kind, told.actions) == (Kind.MANUAL, ()), told.why
    assert filtered([Filter("jq", (text,))], "{}").trouble


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
    assert filtered([Filter("jq", tuple(text.split()))], "{}").trouble


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
    ],
)
def test_whatever_is_too_much_ends_in_time_with_a_sentence(text: str, handed: str) -> None:
    began = time.perf_counter()
    told = filtered([Filter("jq", ("-c", text))], handed, seconds=0.5)
    assert time.perf_counter() - began < 3
    assert told.trouble is None or (told.trouble.startswith("jq gave up: ") and told.text == "")


@pytest.mark.parametrize(
    ("text", "handed", "why"),
    [
        (".a", "no json", "no JSON"),
        (".[]", "1", "number (1) has no parts"),
        (".a.b", '{"a": [1]}', 'array has no "b"'),
        ("1 / 0", "1", "divided by zero"),
        ('"a" - 1', "1", 'string ("a") and number (1) have no -'),
    ],
)
def test_its_errors_are_sentences(text: str, handed: str, why: str) -> None:
    told = filtered([Filter("jq", (text,))], handed)
    assert told.trouble and why in told.trouble


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from([*".[]{}()|,:\"'ab1$@?+-*/%= \\", " and ", " if ", " then ", " end", "map("]),
        max_size=20,
    ).map("".join)
)
def test_no_expression_raises(text: str) -> None:
    told = filtered([Filter("jq", (text,))], '{"a": [1, {"b": null}]}')
    assert told.trouble is None or told.trouble.startswith("jq gave up: ")
