"""The table of a finding: what is in it stays readable on a phone, whatever is in it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence import Table
from templates.findings import MOST_ROWS, WIDEST, detail, drawn
from tests.templates import worlds
from tests.templates.looks import SERVICE, TABLE, ended


def test_a_wide_table_loses_letters_of_its_widest_column_and_no_column() -> None:
    first, second, *_ = drawn(TABLE).splitlines()
    assert first.split() == ["service", "tasks", "what", "state", "age"]
    assert "FAILED  8 min" in second
    assert max(map(len, drawn(TABLE).splitlines())) <= WIDEST


def test_rows_and_columns_that_have_no_room_are_counted() -> None:
    wide = Table(tuple(f"column {n}" for n in range(12)), (("some words",) * 12,) * (MOST_ROWS + 3), 34)
    rows = drawn(wide).splitlines()
    assert rows[-2:] == ["and 37 more", "and 3 more columns"]
    assert len(rows) == 1 + MOST_ROWS + 2


def test_what_steers_a_screen_or_breaks_a_line_does_neither_in_a_cell() -> None:
    (head, row) = drawn(
        Table(("a", "b"), (("x\n\n🟢 all fine\t\x1b[2J\u202e", "y" * 1_000_000),))
    ).splitlines()
    assert row.startswith("x 🟢 all fine [2J")
    assert head.split() == ["a", "b"] and row.endswith("…")


@pytest.mark.parametrize(
    ("aged", "told"),
    [("", "newest data 42 s old"), ("their page last changed", "their page last changed 42 s ago")],
)
def test_the_age_is_told_as_what_it_is_the_age_of(aged: str, told: str) -> None:
    result = replace(SERVICE, detail=replace(SERVICE.detail, aged=aged))
    message = detail(worlds.view(), ended(result), result, None)
    assert f" · {told} · " in str(message.blocks)


@given(st.lists(st.lists(st.text(max_size=60), max_size=20), min_size=1, max_size=20))
def test_any_table_fits(rows: list[list[str]]) -> None:
    table = Table(tuple(rows[0]), tuple(map(tuple, rows[1:])))
    assert all(len(line) <= WIDEST for line in drawn(table).splitlines())
