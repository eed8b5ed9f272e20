"""Statistics from the rows of their statement."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.adapters.database.row_mappers import build_from_row
from bot.domain.incident_statistics import DurationSpread, IncidentStatistics, SeverityStatistics

DURATIONS = ("acknowledge", "mitigate", "resolve")


def build_statistics(
    period: timedelta, rows: Sequence[Mapping[str, Any]], counts: Mapping[str, Any]
) -> IncidentStatistics:
    """The statistics of a period, with the numbers of action items and of findings."""
    return IncidentStatistics(period, tuple(map(_build_row, rows)), **counts)


def _build_row(row: Mapping[str, Any]) -> SeverityStatistics:
    spreads = {
        name: DurationSpread(row[f"{name}_count"], row[f"{name}_median"], row[f"{name}_p90"])
        for name in DURATIONS
    }
    return build_from_row(SeverityStatistics, row, **spreads)
