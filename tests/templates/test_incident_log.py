"""The incident log: an incident's row is replaced, and nothing else is touched."""

import csv
from dataclasses import replace

import pytest

from templates.incident_log import build_row, replace_csv_row, replace_markdown_row
from tests.templates import worlds

MINE = """# Log

Words of ours | with a bar.

| Cost | Incident | Title |
|------|----------|-------|
| 5 | [INC-4](x.md) | Other |
| 9 | INC-42 | Old title |

The end.
"""


def row(title: str = "API is | down") -> dict[str, str]:
    seen = worlds.view().situation
    incident = replace(seen.incident, number=42, title=title)
    return dict(build_row(replace(seen, incident=incident), "INC-42.md"))


def test_a_row_is_replaced_and_columns_of_others_stay() -> None:
    text = replace_markdown_row(MINE, row())
    assert text == MINE.replace("| 9 | INC-42 | Old title |", r"| 9 | INC-42 | API is \| down |")
    assert replace_markdown_row(text, row()) == text


def test_a_new_row_comes_below_the_last_one() -> None:
    without = MINE.replace("| 9 | INC-42 | Old title |\n", "")
    text = replace_markdown_row(without, row())
    assert text == without.replace("| Other |\n", "| Other |\n|  | INC-42 | API is \\| down |\n")


@pytest.mark.parametrize("before", [None, "# Log\n\nNothing yet.\n", "| Other | table |\n| --- | --- |\n"])
def test_a_file_without_the_table_gets_one(before: str | None) -> None:
    text = replace_markdown_row(before, row())
    assert text.startswith(before or "# Incidents\n") and "| Incident | Declared |" in text
    assert replace_markdown_row(text, row()) == text
    assert text.count("INC-42 |") == 1


def test_inc_4_is_not_inc_42() -> None:
    other = {**row(), "Incident": "INC-4"}
    text = replace_markdown_row(MINE, other)
    assert "| 9 | INC-42 | Old title |" in text and "| 5 | INC-4 | API" in text
    table = replace_csv_row(replace_csv_row(None, row()), other)
    assert [each["Incident"] for each in csv.DictReader(table.splitlines())] == ["INC-42", "INC-4"]


def test_csv_keeps_what_others_wrote_to_the_letter() -> None:
    mine = 'Incident,Cost,Title\r\nINC-4,"5,00","Two\nlines"\r\nINC-42,9,Old\r\n'
    table = replace_csv_row(mine, row())
    assert table.startswith('Incident,Cost,Title\r\nINC-4,"5,00","Two\nlines"\r\n')
    assert table.endswith("INC-42,9,API is | down\n")
    assert replace_csv_row(table, row()) == table


def test_a_title_is_no_formula_and_a_file_of_other_columns_stays() -> None:
    (found,) = csv.DictReader(replace_csv_row(None, row("=HYPERLINK(1)")).splitlines())
    assert found["Title"] == "'=HYPERLINK(1)"
    assert replace_csv_row("a,b\n1,2\n", row()) == "a,b\n1,2\n"


def test_a_secret_in_a_title_does_not_leave() -> None:
    assert "AKIAIOSFODNN7EXAMPLE" not in replace_markdown_row(None, row("key AKIAIOSFODNN7EXAMPLE leaked"))
