"""As much of the Logs Insights query language as a runbook's queries need, on lines that are JSON.

`fields`, `filter` (comparisons, `like`, `and`), `stats` (count, avg, min, max, sum, pct) with `by`, `sort`, `limit`.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.logs.models import LogGroup, logs_backends

from sandbox.world.places import ACCOUNT, REGION

Row = dict[str, Any]
COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
CONDITION = re.compile(
    r"(@?[\w.]+)\s*(>=|<=|!=|=|>|<|like)\s*(/.*/|\"[^\"]*\"|'[^']*'|-?[\d.]+)", re.IGNORECASE
)
FUNCTION = re.compile(r"(count|avg|min|max|sum|pct)\(([^)]*)\)(?:\s+as\s+(\w+))?", re.IGNORECASE)
MOST = 10_000


class UnknownWord(ValueError):
    """A part of a query that is not understood here."""


def execute(log_groups: list[LogGroup], query: str, start_time: int, end_time: int) -> list[Row]:
    """The rows of a query over lines between two instants, in seconds since 1970. Raises UnknownWord."""
    rows = [row for group in log_groups for row in _rows(group, start_time * 1000, end_time * 1000)]
    rows.sort(key=lambda row: str(row["@timestamp"]), reverse=True)
    shown, limit = ["@timestamp", "@message"], MOST
    for part in (part.strip() for part in query.split("|")):
        word, _, rest = part.partition(" ")
        match word.lower():
            case "fields" | "display":
                shown = [each.strip() for each in rest.split(",")]
            case "filter":
                rows = [row for row in rows if _holds(row, rest)]
            case "stats":
                rows, shown = _counted(rows, rest)
            case "sort":
                rows = _sorted(rows, rest)
            case "limit":
                limit = int(rest)
            case _:
                raise UnknownWord(f"{word} is not understood here")
    return [
        {name: row[name] for name in shown if row.get(name) is not None} | _pointer(row)
        for row in rows[:limit]
    ]


def scanned(names: Iterable[str], start_time: int, end_time: int) -> dict[str, float]:
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
            raise UnknownWord(f"filter {condition} is not understood here")
        value, kind, wanted = row.get(found[1]), found[2].lower(), found[3]
        if value is None:
            return False
        if kind == "like":
            pattern = wanted[1:-1] if wanted.startswith("/") else re.escape(wanted[1:-1])
            if not re.search(pattern, str(value)):
                return False
        elif wanted[0] in "\"'":
            if not COMPARED[kind](str(value), wanted[1:-1]):
                return False
        elif not isinstance(value, int | float) or not COMPARED[kind](value, float(wanted)):
            return False
    return True


def _counted(rows: list[Row], text: str) -> tuple[list[Row], list[str]]:
    what, _, by = re.sub(r"\s+by\s+", "\0", text, count=1, flags=re.IGNORECASE).partition("\0")
    keys = [each.strip() for each in by.split(",") if each.strip()]
    functions = [(found[1].lower(), found[2], found[3] or found[0]) for found in FUNCTION.finditer(what)]
    if not functions:
        raise UnknownWord(f"stats {what} is not understood here")
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
    name, _, percent = (each.strip() for each in of.partition(","))
    values = sorted(float(row[name]) for row in rows if isinstance(row.get(name), int | float))
    if kind == "count":
        return len(rows) if name in ("*", "") else sum(row.get(name) is not None for row in rows)
    if not values:
        return None
    if kind == "pct":
        return values[min(len(values) - 1, int(len(values) * float(percent) / 100))]
    return {"avg": sum(values) / len(values), "min": values[0], "max": values[-1], "sum": sum(values)}[kind]


def _sorted(rows: list[Row], text: str) -> list[Row]:
    name, _, direction = (
        text.strip().rpartition(" ") if text.strip().endswith((" asc", " desc")) else (text, "", "asc")
    )
    key = name.strip()
    there = [row for row in rows if row.get(key) is not None]
    return sorted(there, key=lambda row: row[key], reverse=direction == "desc")
