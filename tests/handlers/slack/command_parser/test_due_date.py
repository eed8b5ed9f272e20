"""Until when: the day that words name, in the team's week. What is right was written down from a calendar."""

from datetime import date

import pytest

from bot.contacts import BusinessHours
from bot.errors import RuleViolation
from handlers.slack.command_parser.due_date import Calendar, parse_due_date

WEDNESDAY = Calendar(date(2026, 12, 2), BusinessHours("UTC", holidays=frozenset({date(2026, 12, 4)})))
"""2 December 2026, a Wednesday; the Friday after it is a holiday."""

TEXT = "Add an index on orders(status)"


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("by today", date(2026, 12, 2)),
        ("by tomorrow", date(2026, 12, 3)),
        ("by friday", date(2026, 12, 4)),
        ("by fri:", date(2026, 12, 4)),
        ("by wednesday", date(2026, 12, 9)),
        ("due monday", date(2026, 12, 7)),
        ("by next tuesday", date(2026, 12, 8)),
        ("by next friday", date(2026, 12, 11)),
        ("by this thursday,", date(2026, 12, 3)),
        ("by end of week", date(2026, 12, 3)),
        ("by EOW", date(2026, 12, 3)),
        ("by next week", date(2026, 12, 11)),
        ("by the end of the month", date(2026, 12, 31)),
        ("by 2026-12-05", date(2026, 12, 5)),
        ("due by 5 dec", date(2026, 12, 5)),
        ("by 5th December 2026", date(2026, 12, 5)),
        ("by Dec 5,", date(2026, 12, 5)),
        ("by 7 jan", date(2027, 1, 7)),
        ("by sept 1 2027 –", date(2027, 9, 1)),
        ("in 1 day", date(2026, 12, 3)),
        ("in 2 days", date(2026, 12, 7)),
        ("in 3 working days", date(2026, 12, 8)),
        ("in 2 weeks", date(2026, 12, 16)),
    ],
)
def test_a_day_is_read_in_front_of_the_text_and_behind_it(words: str, day: date) -> None:
    assert parse_due_date(f"{words} {TEXT}", WEDNESDAY) == (day, TEXT)
    assert parse_due_date(f"{TEXT} {words.strip(' ,:–')}.", WEDNESDAY) == (day, TEXT)


@pytest.mark.parametrize("words", ["by someday", "by soon", "due later", "by 12/5", "by 5.12.2026"])
def test_words_that_name_no_day_are_refused_with_the_words_given_back(words: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        parse_due_date(f"{words} {TEXT}", WEDNESDAY)
    assert "is no day" in str(refused.value) and "Nothing was added." in str(refused.value)
    assert refused.value.words == f"{words} {TEXT}"


@pytest.mark.parametrize(
    "words", ["by 1 dec", "by 2026-12-01", "by 30 nov 2026", "by yesterday", "due last friday", "by last wed"]
)
def test_a_day_that_is_over_is_refused(words: str) -> None:
    with pytest.raises(RuleViolation, match="is over"):
        parse_due_date(f"{words} {TEXT}", WEDNESDAY)


@pytest.mark.parametrize("words", ["by 31 feb", "by 2026-13-01", "by 0 dec"])
def test_a_day_that_does_not_exist_is_refused(words: str) -> None:
    with pytest.raises(RuleViolation, match="There is no day"):
        parse_due_date(f"{words} {TEXT}", WEDNESDAY)


@pytest.mark.parametrize(
    ("today", "words", "day"),
    [
        (date(2027, 12, 2), "by 29 feb", date(2028, 2, 29)),
        (date(2028, 2, 29), "by feb 29", date(2028, 2, 29)),
        (date(2026, 12, 2), "by 29 feb 2028", date(2028, 2, 29)),
        (date(2028, 2, 28), "in 1 day", date(2028, 2, 29)),
        (date(2026, 12, 2), "by 29 feb", None),
        (date(2028, 3, 1), "by 29 feb", None),
        (date(2027, 1, 10), "by 29 feb", None),
    ],
)
def test_the_29th_of_february_is_a_day_where_there_is_one(today: date, words: str, day: date | None) -> None:
    calendar = Calendar(today, BusinessHours("UTC"))
    if day:
        assert parse_due_date(f"{words} {TEXT}", calendar) == (day, TEXT)
    else:
        with pytest.raises(RuleViolation, match=r"There is no day|is over"):
            parse_due_date(f"{words} {TEXT}", calendar)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Replace the cache by redis",
        "Order the hosts by monday.com id",
        "Split the writer in 3 shards",
        "Move it to the may release",
    ],
)
def test_text_that_names_no_day_stays_whole(text: str) -> None:
    assert parse_due_date(text, WEDNESDAY) == (None, text)
