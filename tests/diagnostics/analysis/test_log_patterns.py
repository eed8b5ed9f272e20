"""Which lines are of one kind, what is left of them, and that no line takes long."""

import json

import pytest

from diagnostics.analysis.log_patterns import (
    LONGEST,
    LogLine,
    PatternCounter,
    extract_message,
    redact_message,
)
from tests.machine_speed import bound_processor_time

UUID = "5eef9eb7-30b5-81ad-4597-a1d5992bcf89"

ROWS: list[tuple[str, str]] = [
    ("booking 12345 failed", "booking <n> failed"),
    ("took -1.5 s, then 2,300 ms", "took <n> s, then <n> ms"),
    (f"request {UUID} ended", "request <id> ended"),
    ("object 0x7ffd1c at deadbeef01", "object <id> at <id>"),
    ("payment pay_Kx8s9dK2 and order-77aa10 failed", "payment pay_<id> and order-<id> failed"),
    ("trace 4bf92f3577b34da6a3ce929d0e0e4736 lost", "trace <id> lost"),
    ("key bG9uZyBvcGFxdWUgdG9rZW4x lost", "key <id> lost"),
    ("2026-11-24T03:02:01.123Z it broke", "<time> it broke"),
    ("2026-11-24 03:02:01,123 +05:30 it broke", "<time> it broke"),
    ("at 03:02:01 it broke", "at <time> it broke"),
    ('10.0.3.17 - - [24/Nov/2026:03:02:01 +0000] "GET /v1/trips/77 HTTP/1.1" 500',
     "<address> - - [<time>] <text> <n>"),
    ("connect ECONNREFUSED 10.0.3.17:5432", "connect ECONNREFUSED <address>"),
    ("from 2001:db8:0:0:1:0:0:1 and fe80::1", "from <address> and <address>"),
    ("Cannot find module './config/payments'", "Cannot find module <text>"),
    ('column "fare" does not exist', "column <text> does not exist"),
    ("the user's cart can't be read", "the user's cart can't be read"),
    ("s3 says utf8 is md5", "s3 says utf8 is md5"),
    ("failed for shipper@example.com and +91 98765 43210", "failed for [e-mail] and <n>"),
    ("password=Mango-Lassi-77 refused", "password=[secret] refused"),
    ("<!channel> and <@U1> stay as they are", "<!channel> and <@U1> stay as they are"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "pattern"), ROWS, ids=[row[0][:30] for row in ROWS])
def test_what_differs_is_taken_out(line: str, pattern: str) -> None:
    assert PatternCounter().match_pattern(extract_message(line)) == pattern


JSON_ROWS: list[tuple[object, str]] = [
    ({"level": "ERROR", "message": "it broke", "token": "word"}, "it broke"),
    ({"msg": "it broke", "time": 1}, "it broke"),
    ({"error": "it broke"}, "it broke"),
    ({"err": {"message": "it broke", "stack": "at x"}}, "it broke"),
    ({"message": "request failed", "error": {"message": "it broke"}}, "request failed: it broke"),
    ({"message": "it broke badly", "error": "it broke"}, "it broke badly"),
    ({"message": ["no", "text"]}, '{"message": ["no", "text"]}'),
    ({"other": "words"}, '{"other": "words"}'),
    ("just words", '"just words"'),
    ([1, 2], "[1, 2]"),
]


@pytest.mark.parametrize(("line", "expected"), JSON_ROWS)
def test_of_a_line_that_is_json_the_message_is_taken(line: object, expected: str) -> None:
    assert extract_message(json.dumps(line)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("\x1b[31mred\x1b[0m and \x1b]0;title\x07plain", "red and plain"),
        ("one\r\ntwo\x00\x08three\t\x9b4", "one two three 4"),
        (b"caf\xe9 \xff", "caf\ufffd \ufffd"),
        ("half \ud83d of a letter", "half of a letter"),
        ("turned \u202eround\u2066 and\u200b hidden", "turned round and hidden"),
        ("\x1b", ""),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_is_taken_out(line: str | bytes, expected: str) -> None:
    assert extract_message(line) == expected


def test_lines_are_counted_with_the_first_the_last_and_the_newest() -> None:
    lines = [
        LogLine(3_000, "booking 3 failed"),
        LogLine(1_000, "booking 1 failed for a@example.com"),
        LogLine(4_000, "booking 44 failed"),
        LogLine(2_000, "booking 2 failed"),
    ]
    found, beyond = PatternCounter().count_patterns(lines)
    first, second = found.values()
    assert (first.text, first.count, first.first, first.last, first.example) == (
        "booking <n> failed", 3, 2_000, 4_000, "booking 44 failed",
    )  # fmt: skip
    assert (second.count, second.example, beyond) == (1, "booking 1 failed for [e-mail]", 0)


def test_a_secret_is_in_no_pattern_and_in_no_example() -> None:
    secrets = ["ghp_a8fj3kD9s7Hh2Kq1Zx5Wv0Lm4", "eyJhbGciOi.eyJzdWIiOiI.c2lnbmF0dXJl", "AKIA1234567890ABCDEF"]
    found, _ = PatternCounter().count_patterns(
        [LogLine(number, f"refused {each}") for number, each in enumerate(secrets)]
    )
    assert set(found) == {"refused [secret]"}
    assert all(secret not in repr(found) for secret in secrets)


def test_a_secret_that_begins_among_what_is_shown_is_taken_out_whole_before_the_line_is_cut() -> None:
    line = "x" * (LONGEST - 20) + " eyJhbGciOi." + "e" * 1_000 + ".sig"
    found, _ = PatternCounter().count_patterns([LogLine(1, line)])
    (only,) = found.values()
    assert "eyJ" not in only.text + only.example
    assert "[secret]" in only.text


def test_a_line_of_a_megabyte_is_cut() -> None:
    for line in ("a" * 1_000_000, json.dumps({"message": "b " * 500_000}), '{"a":' * 200_000):
        text = redact_message(extract_message(line))
        assert len(text) == LONGEST and text.endswith("…")


HOSTILE = (
    "'",
    '"',
    '{"a":',
    "1 ",
    "a_1-",
    ":",
    "f:",
    "-",
    "a.b@",
    "0a",
    "1.",
    "x=",
    "eyJ",
    "+1 ",
    "\x1b[",
    "1-",
)


@pytest.mark.parametrize("letters", HOSTILE)
def test_lines_made_to_take_long_do_not(letters: str) -> None:
    lines = [LogLine(number, letters * 500_000) for number in range(5)]
    bound_processor_time(1, lambda: PatternCounter().count_patterns(lines))


def test_a_hundred_thousand_lines_are_counted_in_seconds_and_what_is_of_too_many_kinds_is_told() -> None:
    same = [
        LogLine(number, f"booking {number} of {UUID[:-6]}{number:06x} failed") for number in range(50_000)
    ]
    names = (f"{number:020b}".translate({48: "x", 49: "y"}) for number in range(50_000))
    lines = [*same, *(LogLine(1, f"no such user {name}") for name in names)]
    found, beyond = bound_processor_time(8, lambda: PatternCounter().count_patterns(lines))
    assert next(iter(found.values())).count == 50_000
    assert beyond == 50_000 - (len(found) - 1) > 0
