"""Renders any JSON-like answer as a table or a text, for findings without a rule of their own."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from bot.domain.evidence import EvidenceTable

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 20, 8, 120
MAX_TEXT_LENGTH = 4_000
READ, LEAST, MOST_ITEMS = 20_000, 200, 5_000
"""Letters of a value that are looked at, of each of its items at least, and its items."""


def truncate_value(value: Any, letters: int = READ) -> Any:
    """As much of a value as can be shown: to look for secrets takes a second for each megabyte."""
    if isinstance(value, str | bytes | bytearray):
        return value[:letters]
    if isinstance(value, Mapping):
        share = max(LEAST, letters // max(1, len(value)))
        return {
            str(name)[:share]: truncate_value(part, share) for name, part in islice(value.items(), MOST_ITEMS)
        }
    if isinstance(value, list | tuple):
        share = max(LEAST, letters // max(1, len(value)))
        return [truncate_value(part, share) for part in value[:MOST_ITEMS]]
    return value


def build_table(value: Any, most: int = MOST_ROWS) -> EvidenceTable | None:
    """A list of objects, or of lists of the same length, as a table; one object with simple values as two columns.

    Columns are those of the objects in the order they first come, eight at most, and those are left out that are empty
    everywhere. `left_out` counts the rows beyond `most`. None when the value is nothing of that kind. The value must
    have been redacted.
    """
    if isinstance(value, Mapping):
        return _table_of_values(value, most)
    if not isinstance(value, list | tuple) or not value:
        return None
    if all(isinstance(row, Mapping) for row in value):
        return _table_of_objects(value, most)
    if all(isinstance(row, list | tuple) for row in value):
        return _table_of_lists(value, most)
    return None


def _table_of_values(value: Mapping[Any, Any], most: int) -> EvidenceTable | None:
    if not value or not all(_is_simple(part) for part in value.values()):
        return None
    rows = [(str(name), format_cell(part)) for name, part in value.items()]
    return EvidenceTable(("name", "value"), tuple(rows[:most]), max(0, len(rows) - most))


def _table_of_objects(value: Sequence[Mapping[Any, Any]], most: int) -> EvidenceTable | None:
    names = dict.fromkeys(str(name) for row in value for name in row)
    filled = [name for name in names if any(row.get(name) not in (None, "", [], {}) for row in value)]
    heads = filled[:MOST_COLUMNS]
    rows = tuple(tuple(format_cell(row.get(name)) for name in heads) for row in value[:most])
    return EvidenceTable(tuple(heads), rows, max(0, len(value) - most)) if heads else None


def _table_of_lists(value: Sequence[Sequence[Any]], most: int) -> EvidenceTable | None:
    lengths = {len(row) for row in value}
    width = min(*lengths, MOST_COLUMNS)
    if len(lengths) > 1 or not width:
        return None
    rows = tuple(tuple(format_cell(part) for part in row[:width]) for row in value[:most])
    return EvidenceTable(("",) * width, rows, max(0, len(value) - most))


def format_text(value: Any, longest: int = MAX_TEXT_LENGTH) -> str:
    """The value as a person reads it: a text as it is, all else as indented JSON; cut with how much is missing. The
    value must have been redacted."""
    text = (
        value if isinstance(value, str) else json.dumps(value, indent=2, default=_plain, ensure_ascii=False)
    )
    if len(text) <= longest:
        return text
    return f"{text[:longest]}\n… and {len(text) - longest:,} more characters"


def format_cell(value: Any) -> str:
    """One line for a table: nothing as an empty text, lists and objects as JSON, cut at 120 characters."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, default=_plain, ensure_ascii=False)
    text = " ".join((_plain(value) if isinstance(value, date) else text).split())
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def describe_count(value: Any) -> str:
    """How much there is, for a headline: `3 rows`, `1 row`, `nothing`, `5 values`, `a value`."""
    if _is_nothing(value):
        return "nothing"
    if isinstance(value, Mapping):
        (first, *others) = value.values()
        if isinstance(first, list) and not others:
            return describe_count(first)
        return f"{len(value)} value{'s' * (len(value) != 1)}"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        rows = not all(map(_is_simple, value))
        return f"{len(value)} {'row' if rows else 'value'}{'s' * (len(value) != 1)}"
    return "a value"


def _is_nothing(value: Any) -> bool:
    """Nothing, or an object with nothing but empty lists."""
    if isinstance(value, Mapping):
        return all(part in (None, [], {}, ()) for part in value.values())
    return value in (None, "", [], ())


def _is_simple(value: Any) -> bool:
    return not isinstance(value, Mapping | list | tuple)


def _plain(value: Any) -> str:
    """What JSON has no word for: an instant to the second, all else as Python writes it."""
    return value.isoformat(timespec="seconds") if hasattr(value, "utcoffset") else str(value)
