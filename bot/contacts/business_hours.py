"""A team's business hours: days, hours, holidays and time zone, for what can wait for the next business day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WORKDAYS = frozenset(range(5))
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_BREAK_DAYS = 366
"""Days without a business day after which the calendar of holidays cannot be meant."""


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """The team's working time. `days` are weekdays from 0 (Monday); `zone` is an IANA name such as Asia/Kolkata."""

    zone: str
    days: frozenset[int] = WORKDAYS
    opens: time = time(9)
    closes: time = time(18)
    holidays: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays


def find_next_business_day(hours: BusinessHours, now: datetime) -> datetime:
    """When work begins on the first business day after today, as the team's calendar has it, in UTC.

    Where clocks go forward over the opening hour, it is the same moment counted from before the change.
    Raises ValueError for a time without a zone, or when a whole year has no business day.
    """
    if now.tzinfo is None:
        raise ValueError("a time needs a time zone")
    zone = ZoneInfo(hours.zone)
    today = now.astimezone(zone).date()
    for ahead in range(1, MAX_BREAK_DAYS):
        day = today + timedelta(days=ahead)
        if hours.is_working_day(day):
            return datetime.combine(day, hours.opens, zone).astimezone(UTC)
    raise ValueError("no business day in a year")
