"""An answer without a rule is shown: as a table where it is one, else as a text, and never whole when it is long."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.domain.evidence import EvidenceTable
from diagnostics.rendering.tables import build_table, describe_count, format_text

AT = datetime(2026, 11, 23, 3, 0, 0, 5, tzinfo=UTC)

TABLES: list[tuple[str, Any, EvidenceTable | None]] = [
    ("objects", [{"a": 1, "b": "x"}, {"a": 2}], EvidenceTable(("a", "b"), (("1", "x"), ("2", "")))),
    ("a column that is empty everywhere goes", [{"a": 1, "b": None, "c": []}], EvidenceTable(("a",), (("1",),))),
    ("a zero and a false are no empty cells", [{"a": 0, "b": False}], EvidenceTable(("a", "b"), (("0", "false"),))),
    ("lists", [["web", 4], ["worker", 2]], EvidenceTable(("", ""), (("web", "4"), ("worker", "2")))),
    ("lists of one length only", [["web", 4], ["worker"]], None),
    ("one object", {"State": "ok", "Count": 3}, EvidenceTable(("name", "value"), (("State", "ok"), ("Count", "3")))),
    ("one object with more inside", {"State": {"Name": "ok"}}, None),
    ("values inside", [{"t": {"Id": "i-1"}}], EvidenceTable(("t",), (('{"Id": "i-1"}',),))),
    ("instants", [{"at": AT, "day": date(2026, 11, 23)}],
     EvidenceTable(("at", "day"), (("2026-11-23T03:00:00+00:00", "2026-11-23"),))),
    ("what JSON has no word for", [{"n": Decimal("1.50")}], EvidenceTable(("n",), (('"1.50"',),))),
    ("a line break", [{"a": "one\n two"}], EvidenceTable(("a",), (("one two",),))),
    ("nothing", [], None),
    ("empty objects", [{}, {}], None),
    ("values", ["a", "b"], None),
    ("a text", "words", None),
]  # fmt: skip


@pytest.mark.parametrize(("what", "value", "table"), TABLES, ids=[each[0] for each in TABLES])
def test_a_table(what: str, value: Any, table: EvidenceTable | None) -> None:
    assert build_table(value) == table


def test_rows_columns_and_cells_beyond_what_a_phone_shows_are_cut_and_counted() -> None:
    table = build_table([{f"c{column}": "x" * 500 for column in range(30)} for _ in range(57)])
    assert table is not None
    assert (len(table.rows), table.left_out, len(table.heads)) == (20, 37, 8)
    assert {len(each) for row in table.rows for each in row} == {120}


def test_a_text_is_json_that_says_how_much_of_it_is_missing() -> None:
    assert format_text({"at": AT, "names": ["ä"]}) == (
        '{\n  "at": "2026-11-23T03:00:00+00:00",\n  "names": [\n    "ä"\n  ]\n}'
    )
    assert format_text("as it is") == "as it is"
    assert format_text("x" * 5_000).endswith("x\n… and 1,000 more characters")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([{"a": 1}] * 3, "3 rows"),
        ([{"a": 1}], "1 row"),
        ([[1, 2]], "1 row"),
        (["a", "b"], "2 values"),
        ({"Things": [{"a": 1}] * 4}, "4 rows"),
        ({"Things": []}, "nothing"),
        ({"Things": [], "Others": []}, "nothing"),
        ({"Things": [], "Count": 0}, "2 values"),
        ({"Name": ""}, "1 value"),
        ({}, "nothing"),
        ({"a": 1, "b": 2}, "2 values"),
        (None, "nothing"),
        ([], "nothing"),
        (0, "a value"),
        (False, "a value"),
        ("text", "a value"),
    ],
)
def test_how_much_came_back_is_said_in_numbers(value: Any, words: str) -> None:
    assert describe_count(value) == words
