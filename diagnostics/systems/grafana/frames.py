"""Parses the response of `POST /api/ds/query`: frames of fields, as series. Pure.

Shape: https://grafana.com/docs/grafana/latest/developers/http_api/data_source (query a data source).
Times are milliseconds.
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from diagnostics.analysis.query_series import Curve
from diagnostics.clients.response_parsing import clean_line, read_items

VALUE = "Value"
"""What Grafana calls a field that has no name."""


def parse_queries(body: str | None) -> dict[str, str]:
    """Each query's words by its reference (`A`), as they were posted; empty where they cannot be read."""
    try:
        told = json.loads(body or "{}")
        queries = told.get("queries", ()) if isinstance(told, dict) else ()
        return {str(query.get("refId", "A")): str(query.get("expr", "")) for query in queries}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}


def parse_frame_series(answer: Mapping[str, Any], now: datetime) -> dict[str, tuple[Curve, ...] | str]:
    """The series of each query, or why it failed. Raises what `guard_parsing` turns into words for any other shape."""
    found: dict[str, tuple[Curve, ...] | str] = {}
    for reference, result in answer["results"].items():
        if result.get("error"):
            found[str(reference)] = clean_line(result["error"])
        else:
            frames = read_items(result.get("frames") or [])
            found[str(reference)] = tuple(curve for frame in frames for curve in _curves(frame, now))
    return found


def _curves(frame: Mapping[str, Any], now: datetime) -> list[Curve]:
    """One curve for each field of numbers; without a field of times they are of now."""
    fields, values = frame["schema"]["fields"], frame["data"]["values"]
    if not values:
        return []
    kinds = [field["type"] for field in fields]
    at = values[kinds.index("time")] if "time" in kinds else None
    times = None if at is None else [datetime.fromtimestamp(instant / 1000, UTC) for instant in at]
    found = []
    for field, column in zip(fields, values, strict=True):
        if field["type"] != "number":
            continue
        if times is None:
            found += [Curve(_name(field), (point,)) for point in _points([now] * len(column), column)]
        else:
            found.append(Curve(_name(field), tuple(sorted(_points(times, column)))))
    return found


def _points(times: Sequence[datetime], values: Sequence[Any]) -> list[tuple[datetime, float]]:
    """What is a number, each with its time."""
    return [
        (when, float(value))
        for when, value in zip(times, values, strict=True)
        if value is not None and math.isfinite(float(value))
    ]


def _name(field: Mapping[str, Any]) -> str:
    labels = field.get("labels") or {}
    told = ", ".join(f"{name}={value}" for name, value in labels.items() if name != "__name__")
    name = str(field.get("name") or "")
    return clean_line(
        (field.get("config") or {}).get("displayNameFromDS") or told or ("" if name == VALUE else name)
    )
