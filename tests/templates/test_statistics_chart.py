"""The picture of statistics: each unit of time has its bar, and the words say what it shows."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.domain.incident_statistics import (
    CountUnit,
    DurationSpread,
    IncidentCount,
    IncidentStatistics,
    SeverityStatistics,
    select_unit,
)
from diagnostics.rendering.statistics_svg import draw_statistics
from templates.statistics_chart import build_chart
from tests.action_samples import STATISTICS

COUNTED = replace(
    STATISTICS,
    counts=(
        IncidentCount(date(2026, 9, 7), "P0", 1),
        IncidentCount(date(2026, 9, 21), "P0", 3),
        IncidentCount(date(2026, 9, 21), "P2", 1),
    ),
)


def test_weeks_without_incidents_have_a_place_and_drills_have_none() -> None:
    chart = build_chart(COUNTED, "in 90 days", date(2026, 9, 30))
    assert chart is not None and chart.title == "5 incidents in 90 days, by week"
    assert list(chart.severities) == ["P0", "P2"]
    assert chart.bars == [("7 Sep", [1, 0]), ("14 Sep", [0, 0]), ("21 Sep", [3, 1]), ("28 Sep", [0, 0])]
    assert chart.words == (
        "5 incidents in 90 days, by week. Most from 21 Sep on: 3 P0, 1 P2."
        " Time to acknowledge: P0 2 min 20 s, 6 min 50 s (n 4)."
        " Time to mitigate: P0 31 min, 58 min (n 3)."
        " Time to resolve: P0 47 min, 1 h 20 min (n 3); P2 3 h, 3 h (n 1)"
    )


@pytest.mark.parametrize(
    ("days", "unit"), [(7, "week"), (182, "week"), (183, "month"), (1095, "month"), (3650, "year")]
)
def test_a_phone_shows_each_bar(days: int, unit: str) -> None:
    assert select_unit(timedelta(days=days)) == unit


def test_without_incidents_there_is_no_picture() -> None:
    assert build_chart(IncidentStatistics(timedelta(days=7)), "in 7 days", date(2026, 9, 30)) is None


@pytest.mark.parametrize("unit", CountUnit)
def test_everything_that_can_be_measured_is_drawn(unit: CountUnit) -> None:
    """Hostile names, many severities, durations from nothing to years."""
    spread = DurationSpread(1, timedelta(0), timedelta(days=900))
    names = ["P0", "<b>&", "دعم", "SEV-1 with a very long name indeed", "x\x00y", "P5", "P6", "P7"]
    rows = tuple(SeverityStatistics(name, False, 1, 0, spread, spread, spread) for name in names)
    counts = tuple(IncidentCount(date(2016, 1, 1), name, 1) for name in names)
    found = IncidentStatistics(timedelta(days=3650), rows, unit=unit, counts=counts)
    chart = build_chart(found, "in 3,650 days", date(2026, 1, 1))
    assert chart is not None and draw_statistics(chart).startswith(b"\x89PNG")
