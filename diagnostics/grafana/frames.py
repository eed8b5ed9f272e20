"""What `POST /api/ds/query` answers: frames of fields, as series. Pure.

Shape: https://grafana.com/docs/grafana/latest/developers/http_api/data_source (query a data source).
Times are milliseconds.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from diagnostics.answers import items, line
from diagnostics.curves import Curve

VALUE = "Value"
"""What Grafana calls a field that has no name."""


def asked(body: str | None) -> dict[str, str]:
    """Each query's words by its reference (`A`), as they were posted; empty where they cannot be read."""
    try:
        told = json.loads(body or "{}")
        queries = told.get("queries", ()) if isinstance(told, dict) else ()
        return {str(each.get("refId", "A")): str(each.get("expr", "")) for each in queries}
    except (ValueError, AttributeError, TypeError, RecursionError):
        return {}


def series(answer: Mapping[str, Any], now: datetime) -> dict[str, tuple[Curve, ...] | str]:
    """The series of each query, or why it failed. Raises what `understood` turns into words for any other shape."""
    found: dict[str, tuple[Curve, ...] | str] = {}
    for reference, each in answer["results"].items():
        if each.get("error"):
            found[str(reference)] = line(each["error"])
        else:
            frames = items(each.get("frames") or [])
            found[str(reference)] = tuple(curve for frame in frames for curve in _curves(frame, now))
    return found


def _curves(frame: Mapping[str, Any], now: datetime) -> list[Curve]:
    """One curve for each field of numbers; without a field of times they are of now."""
    fields, values = frame["schema"]["fields"], frame["data"]["values"]
    if not values:
        return []
    at = next((values[place] for place, each in enumerate(fields) if each["type"] == "time"), None)
    found = []
    for field, column in zip(fields, values, strict=True):
        if field["type"] != "number":
            continue
        times = (
            [now] * len(column) if at is None else [datetime.fromtimestamp(each / 1000, UTC) for each in at]
        )
        points = [
            (when, float(value))
            for when, value in zip(times, column, strict=True)
            if value is not None and math.isfinite(float(value))
        ]
        if at is None:
            found += [Curve(_name(field), (point,)) for point in points]
        else:
            found.append(Curve(_name(field), tuple(sorted(points))))
    return found


def _name(field: Mapping[str, Any]) -> str:
    labels = field.get("labels") or {}
    told = ", ".join(f"{name}={value}" for name, value in labels.items() if name != "__name__")
    name = str(field.get("name") or "")
    return line(
        (field.get("config") or {}).get("displayNameFromDS") or told or ("" if name == VALUE else name)
    )
