"""As much of the Logs Insights query language as a runbook's queries need, on lines that are JSON.

`fields`, `filter` (comparisons, `like`, `and`), `stats` (count, avg, min, max, sum, pct) with `by`, `sort`, `limit`.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.logs.models import LogGroup, logs_backends

from sandbox.monitored_systems.names import ACCOUNT, REGION

Row = dict[str, Any]
COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
CONDITION = re.compile(
    r"(@?[\w.]+)\s*(>=|<=|!=|=|>|<|like)\s*(/.*/|\"[^\"]*\"|'[^']*'|-?[\d.]+)", re.IGNORECASE
)
FUNCTION = re.compile(r"(count|avg|min|max|sum|pct)\(([^)]*)\)(?:\s+as\s+(\w+))?", re.IGNORECASE)
MAX_ROWS = 10_000


class QuerySyntaxError(ValueError):
    """A part of a query that is not understood here."""


def execute(log_groups: list[LogGroup], query: str, start_time: int, end_time: int) -> list[Row]:
    """The rows of a query over lines between two instants, in seconds since 1970. Raises QuerySyntaxError."""
    rows = [row for group in log_groups for row in _rows(group, start_time * 1000, end_time * 1000)]
    rows.sort(key=lambda row: str(row["@timestamp"]), reverse=True)
    result = _Result(rows)
    for part in (part.strip() for part in query.split("|")):
        word, _, rest = part.partition(" ")
        command = COMMANDS.get(word.lower())
        if command is None:
            raise QuerySyntaxError(f"{word} is not understood here")
        command(result, rest)
    return [
        {name: row[name] for name in result.shown if row.get(name) is not None} | _pointer(row)
        for row in result.rows[: result.limit]
    ]


@dataclass(slots=True)
class _Result:
    """What a query has selected so far, and which fields it shows."""

    rows: list[Row]
    shown: list[str] = field(default_factory=lambda: ["@timestamp", "@message"])
    limit: int = MAX_ROWS

    def show(self, text: str) -> None:
        self.shown = [name.strip() for name in text.split(",")]

    def filter(self, text: str) -> None:
        self.rows = [row for row in self.rows if _holds(row, text)]

    def count(self, text: str) -> None:
        self.rows, self.shown = _count_rows(self.rows, text)

    def sort(self, text: str) -> None:
        self.rows = _sort_rows(self.rows, text)

    def cut(self, text: str) -> None:
        self.limit = int(text)


COMMANDS: Mapping[str, Callable[[_Result, str], None]] = {
    "fields": _Result.show,
    "display": _Result.show,
    "filter": _Result.filter,
    "stats": _Result.count,
    "sort": _Result.sort,
    "limit": _Result.cut,
}


def count_scanned(names: Iterable[str], start_time: int, end_time: int) -> dict[str, float]:
    """How much a query over these groups read: every line between the two instants, as AWS counts it."""
    groups = logs_backends[ACCOUNT][REGION].groups
    lines = [
        row["@message"] for name in names for row in _rows(groups[name], start_time * 1000, end_time * 1000)
    ]
    return {
        "recordsScanned": float(len(lines)),
        "bytesScanned": float(sum(len(line.encode()) for line in lines)),
    }


def _pointer(row: Row) -> Row:
    return {"@ptr": row["@ptr"]} if "@ptr" in row else {}


def _rows(group: LogGroup, first: int, last: int) -> Iterable[Row]:
    for name, stream in group.streams.items():
        for event in stream.events:
            if first <= event.timestamp <= last:
                at = datetime.fromtimestamp(event.timestamp / 1000, UTC)
                try:
                    found = json.loads(event.message)
                except ValueError:
                    found = None
                yield {
                    **(found if isinstance(found, dict) else {}),
                    "@timestamp": at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
                    "@message": event.message,
                    "@logStream": name,
                    "@ptr": str(event.event_id),
                }


def _holds(row: Row, text: str) -> bool:
    for condition in re.split(r"\s+and\s+", text, flags=re.IGNORECASE):
        found = CONDITION.fullmatch(condition.strip())
        if not found:
            raise QuerySyntaxError(f"filter {condition} is not understood here")
        if not _matches(row.get(found[1]), found[2].lower(), found[3]):
            return False
    return True


def _matches(value: Any, kind: str, wanted: str) -> bool:
    """Whether a field's value is like, or compares so with, what the query writes; a missing one never does."""
    if value is None:
        return False
    if kind == "like":
        pattern = wanted[1:-1] if wanted.startswith("/") else re.escape(wanted[1:-1])
        return re.search(pattern, str(value)) is not None
    if wanted[0] in "\"'":
        return COMPARED[kind](str(value), wanted[1:-1])
    return isinstance(value, int | float) and COMPARED[kind](value, float(wanted))


def _count_rows(rows: list[Row], text: str) -> tuple[list[Row], list[str]]:
    what, _, by = re.sub(r"\s+by\s+", "\0", text, count=1, flags=re.IGNORECASE).partition("\0")
    keys = [key.strip() for key in by.split(",") if key.strip()]
    functions = [(found[1].lower(), found[2], found[3] or found[0]) for found in FUNCTION.finditer(what)]
    if not functions:
        raise QuerySyntaxError(f"stats {what} is not understood here")
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(key) for key in keys), []).append(row)
    counted = [
        dict(zip(keys, group, strict=True))
        | {name: _figure(kind, of, members) for kind, of, name in functions}
        for group, members in groups.items()
    ]
    return counted, [*keys, *(name for _, _, name in functions)]


def _figure(kind: str, of: str, rows: list[Row]) -> float | None:
    name, _, percent = (part.strip() for part in of.partition(","))
    values = sorted(float(row[name]) for row in rows if isinstance(row.get(name), int | float))
    if kind == "count":
        return len(rows) if name in ("*", "") else sum(row.get(name) is not None for row in rows)
    if not values:
        return None
    if kind == "pct":
        return values[min(len(values) - 1, int(len(values) * float(percent) / 100))]
    return {"avg": sum(values) / len(values), "min": values[0], "max": values[-1], "sum": sum(values)}[kind]


def _sort_rows(rows: list[Row], text: str) -> list[Row]:
    name, _, direction = (
        text.strip().rpartition(" ") if text.strip().endswith((" asc", " desc")) else (text, "", "asc")
    )
    key = name.strip()
    there = [row for row in rows if row.get(key) is not None]
    return sorted(there, key=lambda row: row[key], reverse=direction == "desc")
