"""Spans of time as people write them."""

from datetime import timedelta

import pytest

from bot.runbook.durations import format_span, parse_duration


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Immediate (< 5 minutes)", 5),
        ("< 15 minutes", 15),
        ("30 min", 30),
        ("30min", 30),
        ("4h", 240),
        ("1 hr", 60),
        ("1h30m", 90),
        ("1 hour and 30 minutes", 90),
        ("15-30 minutes", 30),
        ("half an hour", 30),
        ("within an hour", 60),
        ("90s", 1.5),
        ("24/7, within 2 days", 2880),
        ("1 week", 10080),
        ("fifteen minutes", 15),
        ("one-hour response", 60),
        ("within the hour", 60),
        ("a quarter of an hour", 15),
        ("2-hour SLA", 120),
        ("5\u201310 min", 10),
        ("4H", 240),
        ("twenty-four hours", 1440),
    ],
)
def test_a_span_is_found(text: str, minutes: float) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text",
    [
        *("", "Immediate", "Next business day", "24/7", "a major issue", "v1.5m", "P1"),
        *("As soon as possible", "ad hoc", "9 am", "at 9 a.m.", "10 M users", "2 s3 buckets", "a m", "5 MB"),
        *("by the hour", "a dashboard", "one service", "as the mood strikes", "5 star"),
    ],
)
def test_there_is_no_span(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(15, "15 minutes"), (1, "1 minute"), (60, "1 hour"), (1440, "24 hours"), (10080, "1 week")],
)
def test_a_span_is_said_in_words(minutes: int, words: str) -> None:
    assert format_span(timedelta(minutes=minutes)) == words
