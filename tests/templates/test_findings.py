"""The table of a finding: what is in it stays readable on a phone, whatever is in it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evidence import EvidenceTable
from templates.evidence_table import LONGEST_LIST, MOST_ROWS, WIDEST, format_table
from templates.finding import render_evidence
from tests.templates import worlds
from tests.templates.looks import SERVICE, TABLE, ended
from tests.templates.reading import read_aloud

PHONE = 40
"""Letters of one width that a phone shows beside each other in a block of code; more of them break the line."""


def test_a_table_that_is_too_wide_for_a_phone_names_every_cell_below_its_row() -> None:
    text = format_table(TABLE)
    assert max(map(len, text.splitlines())) <= PHONE
    told = " ".join(text.split())
    assert told.startswith("rodistaa-backend-prod • tasks 4/6 · backend:118 · state FAILED · age 8 min ")
    for row in TABLE.rows:
        assert all(cell in told for cell in row)
    assert "…" not in text


def test_a_name_of_64_letters_is_whole_and_breaks_no_row() -> None:
    name = "a-service-with-a-very-long-name-" * 2
    for heads in (("service", "tasks"), ("service", "tasks", "state", "age", "image", "why")):
        cells = ("4/6", "FAILED", "8 min", "backend:118", "OutOfMemoryError")[: len(heads) - 1]
        text = format_table(EvidenceTable(heads, ((name, *cells),)))
        assert max(map(len, text.splitlines())) <= PHONE
        assert name in "".join(text.split()) and all(cell in text for cell in cells)


STATEMENT = (
    "update booking set state = 'paid', paid_at = now() where id = any($1) and state <> 'paid' returning id"
)


def test_a_cell_that_has_no_room_stands_whole_below_the_table() -> None:
    rows = (("4711", "idle in transaction", STATEMENT, "8 min"), ("4712", "active", "select 1", "1 s"))
    text = format_table(EvidenceTable(("pid", "state", "statement", "for"), rows))
    table, _, below = text.partition("\n\n")
    assert "…" in table and STATEMENT not in table
    assert " ".join(below.split()) == f"4711, state: idle in transaction 4711, statement: {STATEMENT}"
    assert max(map(len, text.splitlines())) <= WIDEST


def test_a_cut_name_in_the_first_column_is_told_by_its_head() -> None:
    name = "arn:aws:ecs:ap-south-1:123456789012:service/rodistaa-production/rodistaa-backend-prod"
    below = format_table(EvidenceTable(("service", "tasks"), ((name, "4/6"),))).partition("\n\n")[2]
    assert "".join(below.split()).endswith(name) and below.startswith("service: ")


def test_what_was_cut_in_several_rows_stands_below_once_so_that_all_of_it_has_room() -> None:
    name, heads = "rodistaa-backend-prod-in-ap-south-1", ("service", "tasks", "what")
    told = [f"{word} {'of the deployment circuit breaker ' * 2}" for word in "abcdef"]
    rows = tuple((name if row % 2 else f"{name}-b", "0/6", words) for row, words in enumerate(told))
    below = " ".join(format_table(EvidenceTable(heads, rows)).partition("\n\n")[2].split())
    assert below.count(f"service: {name} ") == 1
    assert all(" ".join(words.split()) in below for words in told)


def test_what_was_read_in_a_run_that_took_long_was_not_read_before_it() -> None:
    look = ended(SERVICE)
    late = replace(
        SERVICE,
        collected_at=look.begun_at + timedelta(seconds=1),
        seen_at=look.begun_at + timedelta(seconds=20),
    )
    assert "before this run" not in read_aloud(render_evidence(worlds.view(), look, late, None))
    kept = replace(late, collected_at=look.begun_at - timedelta(seconds=13))
    assert "13 s before this run" in read_aloud(render_evidence(worlds.view(), look, kept, None))


def test_what_fits_has_nothing_below_it() -> None:
    assert "\n\n" not in format_table(EvidenceTable(("method", "succeed"), (("upi", "0%"), ("card", "100%"))))


def test_a_name_that_stands_above_is_not_repeated() -> None:
    rows = (("backend", "6/6", "backend:42"), ("backend", "", "backend:41"), ("worker", "2/2", "worker:7"))
    shown = format_table(EvidenceTable(("service", "tasks", "what"), rows)).splitlines()
    assert [line.split()[0] for line in shown] == ["service", "backend", "backend:41", "worker"]


def test_very_long_cells_are_few_and_bounded() -> None:
    many = tuple((f"{number}", "x" * 5000) for number in range(12))
    assert len(format_table(EvidenceTable(("id", "text"), many))) < 6000


def test_rows_that_have_no_room_are_counted_and_no_column_is_left_out() -> None:
    wide = EvidenceTable(tuple(f"column {n}" for n in range(9)), (("some words",) * 9,) * (MOST_ROWS + 3), 34)
    text = format_table(wide)
    assert text.splitlines()[-1] == "and 37 more"
    assert " ".join(text.split()).count("column 8 some words") == MOST_ROWS
    narrow = format_table(EvidenceTable(("pid",), (("4711",),) * (MOST_ROWS + 3), 34))
    assert narrow.splitlines()[-1] == "and 37 more" and len(narrow.splitlines()) == 1 + MOST_ROWS + 1


def test_very_many_letters_are_bounded_and_the_rows_without_room_counted() -> None:
    heads = tuple(f"head {n}" for n in range(9))
    text = format_table(EvidenceTable(heads, tuple((f"row {n}", *["x" * 390] * 8) for n in range(12))))
    assert len(text) < 3 * LONGEST_LIST
    assert text.splitlines()[-1] == "and 11 more"


def test_what_steers_a_screen_or_breaks_a_line_does_neither_in_a_cell() -> None:
    head, row, *below = format_table(
        EvidenceTable(("a", "b"), (("x\n\n🟢 all fine\t\x1b[2J\u202e", "y" * 1_000_000),))
    ).splitlines()
    assert row.startswith("x 🟢 all fine [2J")
    assert head.split() == ["a", "b"] and row.endswith("…")
    assert all(each.isprintable() for each in "".join(below))


@pytest.mark.parametrize(
    ("aged", "told"),
    [("", "newest data 42 s old"), ("their page last changed", "their page last changed 42 s ago")],
)
def test_the_age_is_told_as_what_it_is_the_age_of(aged: str, told: str) -> None:
    result = replace(SERVICE, detail=replace(SERVICE.detail, aged=aged))
    message = render_evidence(worlds.view(), ended(result), result, None)
    assert f" · {told} · " in str(message.blocks)


@given(st.lists(st.lists(st.text(max_size=60), max_size=20), min_size=1, max_size=20))
def test_any_table_fits(rows: list[list[str]]) -> None:
    table = EvidenceTable(tuple(rows[0]), tuple(map(tuple, rows[1:])))
    assert all(len(line) <= WIDEST for line in format_table(table).splitlines())
