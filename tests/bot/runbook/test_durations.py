"""Spans of time as people write them."""

from datetime import timedelta

import pytest

from bot.runbook.durations import duration, spoken


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
    ],
)
def test_a_span_is_found(text: str, minutes: float) -> None:
    assert duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text", ["", "Immediate", "Next business day", "24/7", "a major issue", "v1.5m", "P1"]
)
def test_there_is_no_span(text: str) -> None:
    assert duration(text) is None


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(15, "15 minutes"), (1, "1 minute"), (60, "1 hour"), (1440, "24 hours"), (10080, "1 week")],
)
def test_a_span_is_said_in_words(minutes: int, words: str) -> None:
    assert spoken(timedelta(minutes=minutes)) == words
