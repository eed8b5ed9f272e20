"""Statistics from the rows of their statement."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.adapters.database.row_mappers import build_from_row
from bot.domain.incident_statistics import (
    CountUnit,
    DurationSpread,
    IncidentCount,
    IncidentStatistics,
    SeverityStatistics,
)

DURATIONS = ("acknowledge", "mitigate", "resolve")


def build_statistics(
    period: timedelta,
    rows: Sequence[Mapping[str, Any]],
    numbers: Mapping[str, Any],
    unit: CountUnit,
    counts: Sequence[Mapping[str, Any]],
) -> IncidentStatistics:
    """The statistics of a period, with the numbers of action items and of findings, and when the incidents began."""
    began = tuple(build_from_row(IncidentCount, row) for row in counts)
    return IncidentStatistics(period, tuple(map(_build_row, rows)), **numbers, unit=unit, counts=began)


def _build_row(row: Mapping[str, Any]) -> SeverityStatistics:
    spreads = {
        name: DurationSpread(row[f"{name}_count"], row[f"{name}_median"], row[f"{name}_p90"])
        for name in DURATIONS
    }
    return build_from_row(SeverityStatistics, row, **spreads)
