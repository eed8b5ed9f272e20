"""Which times are offered for the post-mortem meeting: working ones, soon, in the team's own time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.contacts import BusinessHours
from bot.domain.meeting import is_working_time, offer_times

KOLKATA = BusinessHours("Asia/Kolkata", opens=time(9, 30), closes=time(18, 30))
DAY = timedelta(hours=24)


def offered(hours: BusinessHours, now: datetime, minutes: int = 45) -> tuple[list[str], bool]:
    """The times in the team's zone, and whether they are late."""
    found = offer_times(hours, now, now + DAY, minutes)
    zone = ZoneInfo(hours.zone)
    return [f"{moment.astimezone(zone):%a %d %H:%M}" for moment in found.times], found.is_late


@pytest.mark.parametrize(
    ("at", "times", "late"),
    [
        # Tuesday 10:00 in Kolkata: the rest of the day, and the next morning until 10:00.
        ("2026-12-01T04:30", ["Tue 01 10:30", "Tue 01 13:00", "Tue 01 16:00", "Wed 02 10:00"], False),
        # Tuesday 23:00: the next day.
        ("2026-12-01T17:30", ["Wed 02 09:30", "Wed 02 12:00", "Wed 02 15:00", "Wed 02 17:30"], False),
        # Friday 18:00: nobody works within a day.
        ("2026-12-04T12:30", ["Mon 07 09:30", "Mon 07 12:00", "Mon 07 15:00", "Mon 07 17:30"], True),
        # Sunday 12:00: Monday morning is within a day.
        ("2026-12-06T06:30", ["Mon 07 09:30", "Mon 07 10:30", "Mon 07 11:00", "Mon 07 12:00"], False),
    ],
)
def test_times_are_working_ones_within_a_day_else_of_the_next_working_day(
    at: str, times: list[str], late: bool
) -> None:
    assert offered(KOLKATA, datetime.fromisoformat(at).replace(tzinfo=UTC)) == (times, late)


def test_holidays_are_no_working_days_and_a_year_of_them_offers_nothing() -> None:
    monday = datetime(2026, 12, 7, 4, tzinfo=UTC)
    closed = frozenset(date(2026, 12, 7) + timedelta(days=ahead) for ahead in range(2))
    times, late = offered(BusinessHours("UTC", holidays=closed), monday)
    assert late and times[0] == "Wed 09 09:00"
    never = frozenset(date(2026, 12, 7) + timedelta(days=ahead) for ahead in range(400))
    assert offered(BusinessHours("UTC", holidays=never), monday) == ([], True)


def test_a_time_that_the_clocks_leave_out_is_not_offered() -> None:
    sunday = BusinessHours("Europe/Berlin", days=frozenset({6}), opens=time(1), closes=time(4))
    times, _ = offered(sunday, datetime(2026, 3, 28, 20, tzinfo=UTC), 30)
    assert not [each for each in times if each.startswith("Sun 29 02:")]


def test_working_time_is_from_the_beginning_to_the_end() -> None:
    friday = datetime(2026, 12, 4, 12, tzinfo=UTC)  # 17:30 in Kolkata
    assert is_working_time(KOLKATA, friday, 60)
    assert not is_working_time(KOLKATA, friday, 61)
    assert not is_working_time(KOLKATA, friday + timedelta(days=1), 30)
