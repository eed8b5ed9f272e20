"""The incident log: one row for each incident, as a Markdown table and as CSV, beside the reviews.

A row is found by the incident's reference and replaced; what others wrote, rows, columns and words around the table,
stays as it is.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from bot.domain.incident import Situation
from bot.text.durations import format_duration
from bot.text.redaction import redact
from templates.incident_export import escape_markdown, format_instant

MARKDOWN_NAME, CSV_NAME = "INCIDENTS.md", "incidents.csv"
COLUMNS = (
    "Incident",
    "Declared",
    "Severity",
    "Title",
    "Status",
    "Acknowledged after",
    "Resolved after",
    "Review",
)
HEAD = "# Incidents\n"
CELLS = re.compile(r"(?<!\\)\|")
RULE = re.compile(r"^\s*\|?\s*:?-{3,}")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would reckon."""


def build_row(situation: Situation, review: str) -> Mapping[str, str]:
    """The cells of an incident by their columns; `review` is the path of its review from the log."""
    incident, took = situation.incident, situation.measured
    spans = {"Acknowledged after": took.to_acknowledge, "Resolved after": took.to_resolve}
    return {
        "Incident": incident.reference,
        "Declared": format_instant(incident.declared_at),
        "Severity": " ".join(incident.severity.split()),
        "Title": redact(" ".join(incident.title.split())),
        "Status": situation.standing,
        **{name: format_duration(span.total_seconds()) if span else "" for name, span in spans.items()},
        "Review": review,
    }


def replace_markdown_row(text: str | None, row: Mapping[str, str]) -> str:
    """The file with this row in its table; a file without one gets one at its end."""
    lines = (text if text is not None else HEAD).rstrip("\n").split("\n")
    at = next((n for n, line in enumerate(lines) if _is_table_head(lines, n, line)), None)
    if at is None:
        table = [_format_markdown(COLUMNS, dict(zip(COLUMNS, COLUMNS, strict=True)), {})]
        rule = f"|{' --- |' * len(COLUMNS)}"
        return "\n".join([*lines, "", *table, rule, _format_markdown(COLUMNS, _escape(row), {})]) + "\n"
    columns = _split(lines[at])
    end = next((n for n in range(at + 2, len(lines)) if not lines[n].lstrip().startswith("|")), len(lines))
    own = next((n for n in range(at + 2, end) if _names(lines[n], columns, row["Incident"])), None)
    before = dict(zip(columns, _split(lines[own]), strict=False)) if own is not None else {}
    written = _format_markdown(columns, _escape(row), before)
    lines[own if own is not None else end : end if own is None else own + 1] = [written]
    return "\n".join(lines) + "\n"


def _is_table_head(lines: Sequence[str], number: int, line: str) -> bool:
    is_ruled = number + 1 < len(lines) and RULE.match(lines[number + 1]) is not None
    return is_ruled and line.lstrip().startswith("|") and COLUMNS[0] in _split(line)


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in CELLS.split(line.strip().strip("|"))]


def _names(line: str, columns: Sequence[str], reference: str) -> bool:
    cells = dict(zip(columns, _split(line), strict=False))
    return re.search(rf"\b{re.escape(reference)}(?!\d)", cells.get(COLUMNS[0], "")) is not None


def _escape(row: Mapping[str, str]) -> dict[str, str]:
    cells = {name: escape_markdown(value) for name, value in row.items()}
    cells["Review"] = f"[review](<{row['Review']}>)"
    return cells


def _format_markdown(columns: Sequence[str], row: Mapping[str, str], before: Mapping[str, str]) -> str:
    """Columns that people added keep what stands in them."""
    return f"| {' | '.join(row.get(name, before.get(name, '')) for name in columns)} |"


def replace_csv_row(text: str | None, row: Mapping[str, str]) -> str:
    """The file with this row, every other line as it is. A file of other columns is somebody's own, and stays."""
    rows = _read_rows((text or _write(COLUMNS)).splitlines(keepends=True))
    columns = [name.lstrip("\ufeff") for name in rows[0][0]] if rows else []
    if COLUMNS[0] not in columns:
        return text or ""
    safe = {name: f"'{value}" if value.startswith(FORMULA) else value for name, value in row.items()}
    written, is_there = [], False
    for cells, raw in rows:
        before = dict(zip(columns, cells, strict=False))
        if before.get(COLUMNS[0]) == row["Incident"]:
            raw, is_there = _write([safe.get(name, before.get(name, "")) for name in columns]), True
        written.append(raw if raw.endswith("\n") else f"{raw}\n")
    own = "" if is_there else _write([safe.get(name, "") for name in columns])
    return "".join(written) + own


def _read_rows(lines: Sequence[str]) -> Sequence[tuple[list[str], str]]:
    """Each row with its own text: one with line breaks inside quotes is of several lines."""
    found: list[tuple[list[str], str]] = []
    reader, begin = csv.reader(lines), 0
    for cells in reader:
        found.append((cells, "".join(lines[begin : reader.line_num])))
        begin = reader.line_num
    return found


def _write(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()
