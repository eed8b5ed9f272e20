"""Any JSON-like answer as a table or a text, for findings without a rule of their own."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

from diagnostics.finding import Table

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 20, 8, 120
LONGEST_TEXT = 4_000
READ, LEAST, MOST_ITEMS = 20_000, 200, 5_000
"""Letters of a value that are looked at, of each of its items at least, and its items."""


def bounded(value: Any, letters: int = READ) -> Any:
    """As much of a value as can be shown: to look for secrets takes a second for each megabyte."""
    if isinstance(value, str | bytes | bytearray):
        return value[:letters]
    if isinstance(value, Mapping):
        share = max(LEAST, letters // max(1, len(value)))
        return {str(name)[:share]: bounded(each, share) for name, each in islice(value.items(), MOST_ITEMS)}
    if isinstance(value, list | tuple):
        share = max(LEAST, letters // max(1, len(value)))
        return [bounded(each, share) for each in value[:MOST_ITEMS]]
    return value


def as_table(value: Any, most: int = MOST_ROWS) -> Table | None:
    """A list of objects, or of lists of the same length, as a table; one object with simple values as two columns.

    Columns are those of the objects in the order they first come, eight at most, and those are left out that are empty
    everywhere. `left_out` counts the rows beyond `most`. None when the value is nothing of that kind. The value must
    have been redacted.
    """
    if isinstance(value, Mapping):
        if not value or not all(_is_simple(each) for each in value.values()):
            return None
        rows = [(str(name), cell(each)) for name, each in value.items()]
        return Table(("name", "value"), tuple(rows[:most]), max(0, len(rows) - most))
    if not isinstance(value, list | tuple) or not value:
        return None
    if all(isinstance(each, Mapping) for each in value):
        names = list(dict.fromkeys(str(name) for each in value for name in each))
        filled = [name for name in names if any(each.get(name) not in (None, "", [], {}) for each in value)]
        heads = filled[:MOST_COLUMNS]
        rows_of = [tuple(cell(each.get(name)) for name in heads) for each in value[:most]]
        return Table(tuple(heads), tuple(rows_of), max(0, len(value) - most)) if heads else None
    if all(isinstance(each, list | tuple) for each in value) and len({len(each) for each in value}) == 1:
        width = min(len(value[0]), MOST_COLUMNS)
        if not width:
            return None
        rows_of = [tuple(cell(each) for each in row[:width]) for row in value[:most]]
        return Table(("",) * width, tuple(rows_of), max(0, len(value) - most))
    return None


def as_text(value: Any, longest: int = LONGEST_TEXT) -> str:
    """The value as a person reads it: a text as it is, all else as indented JSON; cut with how much is missing. The
    value must have been redacted."""
    text = (
        value if isinstance(value, str) else json.dumps(value, indent=2, default=_plain, ensure_ascii=False)
    )
    if len(text) <= longest:
        return text
    return f"{text[:longest]}\n… and {len(text) - longest:,} more characters"


def cell(value: Any) -> str:
    """One line for a table: nothing as an empty text, lists and objects as JSON, cut at 120 characters."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, default=_plain, ensure_ascii=False)
    text = " ".join((_plain(value) if isinstance(value, date) else text).split())
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def count(value: Any) -> str:
    """How much there is, for a headline: `3 rows`, `1 row`, `nothing`, `5 values`, `a value`."""
    if _is_nothing(value):
        return "nothing"
    if isinstance(value, Mapping):
        lists = [each for each in value.values() if isinstance(each, list)]
        if len(lists) == 1 and len(value) == 1:
            return count(lists[0])
        return f"{len(value)} value{'s' * (len(value) != 1)}"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        rows = any(isinstance(each, Mapping | list | tuple) for each in value)
        return f"{len(value)} {'row' if rows else 'value'}{'s' * (len(value) != 1)}"
    return "a value"


def _is_nothing(value: Any) -> bool:
    """Nothing, or an object with nothing but empty lists."""
    if isinstance(value, Mapping):
        return all(each in (None, [], {}, ()) for each in value.values())
    return value in (None, "", [], ())


def _is_simple(value: Any) -> bool:
    return not isinstance(value, Mapping | list | tuple)


def _plain(value: Any) -> str:
    """What JSON has no word for: an instant to the second, all else as Python writes it."""
    return value.isoformat(timespec="seconds") if hasattr(value, "utcoffset") else str(value)
