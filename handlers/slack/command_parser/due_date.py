"""Until when something is to be done, as people say it: `by friday`, `by 5 dec`, `in 3 days`. Pure."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.contacts import MAX_BREAK_DAYS, WEEKDAYS, BusinessHours
from bot.errors import RuleViolation

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONGEST_AHEAD_DAYS = 300
"""A day without a year that would come later than this was meant in the past."""

WEEKDAY = (
    r"(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?)"
)
MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
LEAD = r"(?:due\s+(?:(?:by|on)\s+)?|by\s+|until\s+)"
VAGUE = re.compile(
    rf"{LEAD}(someday|some\s+day|sometime|soon|later|asap|whenever|eventually|\d{{1,2}}[/.]\d{{1,2}}(?:[/.]\d{{2,4}})?)"
    r"(?![\w-])[\s,:.–—-]*",
    re.IGNORECASE,
)
"""What names no day, or one that two readers read differently."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The team's today and its working days; Monday to Friday where the contacts file says nothing."""

    today: date
    hours: BusinessHours

    def works_on(self, day: date) -> bool:
        return self.hours.is_working_day(day)

    def add_working_days(self, count: int) -> date:
        """The working day that is `count` of them ahead. Raises ValueError where a whole year has none left."""
        day, left = self.today, count
        for _ in range(MAX_BREAK_DAYS + count * 7):
            day += timedelta(days=1)
            left -= self.works_on(day)
            if left == 0:
                return day
        raise ValueError("no such working day")

    def last_working_day(self, monday: date) -> date:
        """The last working day of the week that begins there; its Friday where it has none."""
        week = [monday + timedelta(days=ahead) for ahead in range(7)]
        return max((day for day in week if self.works_on(day)), default=week[4])

    @property
    def monday(self) -> date:
        return self.today - timedelta(days=self.today.weekday())


Reader = Callable[[Calendar, re.Match[str]], date]


def _read_weekday(calendar: Calendar, found: re.Match[str]) -> date:
    wanted = WEEKDAYS.index(found[2][:3].casefold())
    if (found[1] or "").casefold().startswith("next"):
        return calendar.monday + timedelta(days=7 + wanted)
    return calendar.today + timedelta(days=(wanted - calendar.today.weekday() - 1) % 7 + 1)


def _read_past_weekday(calendar: Calendar, found: re.Match[str]) -> date:
    wanted = WEEKDAYS.index(found[1][:3].casefold())
    return calendar.today - timedelta(days=(calendar.today.weekday() - wanted - 1) % 7 + 1)


def _read_month_end(calendar: Calendar, found: re.Match[str]) -> date:
    return calendar.today.replace(day=monthrange(calendar.today.year, calendar.today.month)[1])


def _read_date(calendar: Calendar, found: re.Match[str]) -> date:
    month = MONTHS.index(found["month"][:3].casefold()) + 1
    if found["year"]:
        return date(int(found["year"]), month, int(found["day"]))
    year, number = calendar.today.year, int(found["day"])
    days = [date(each, month, number) for each in (year, year + 1) if number <= monthrange(each, month)[1]]
    coming = next((day for day in days if day >= calendar.today), None)
    if coming is not None and (coming - calendar.today).days <= LONGEST_AHEAD_DAYS:
        return coming
    return date(year, month, number)


def _read_span(calendar: Calendar, found: re.Match[str]) -> date:
    count = int(found["count"])
    if "day" in found["unit"].casefold():
        return calendar.add_working_days(count) if count else calendar.today
    return calendar.today + timedelta(days=7 * count)


READERS: tuple[tuple[str, Reader], ...] = (
    (r"(?:today|eod|end\s+of\s+(?:the\s+)?day)", lambda calendar, found: calendar.today),
    (r"tomorrow", lambda calendar, found: calendar.add_working_days(1)),
    (r"yesterday", lambda calendar, found: calendar.today - timedelta(days=1)),
    (rf"last\s+{WEEKDAY}", _read_past_weekday),
    (rf"(next\s+|this\s+)?{WEEKDAY}", _read_weekday),
    (
        r"(?:(?:the\s+)?end\s+of\s+)?next\s+week",
        lambda calendar, found: calendar.last_working_day(calendar.monday + timedelta(days=7)),
    ),
    (
        r"(?:eow|(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?week)",
        lambda calendar, found: calendar.last_working_day(calendar.monday),
    ),
    (r"(?:eom|(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?month)", _read_month_end),
    (r"(\d{4}-\d{2}-\d{2})", lambda calendar, found: date.fromisoformat(found[1])),
    (
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?P<month>{MONTH})\.?(?:,?\s+(?P<year>\d{{4}}))?",
        _read_date,
    ),
    (rf"(?P<month>{MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?", _read_date),
)
SPAN = r"in\s+(?P<count>\d{1,3})\s+(?P<unit>days?|working\s+days?|weeks?)"
RULES: tuple[tuple[str, Reader], ...] = (
    *((LEAD + shape, reader) for shape, reader in READERS),
    (rf"{LEAD}?{SPAN}", _read_span),
)
FRONT = tuple((re.compile(rf"{shape}(?![\w-])[\s,:.–—-]*", re.IGNORECASE), reader) for shape, reader in RULES)
BEHIND = tuple(
    (re.compile(rf"[\s,;(–—-]+{shape}[\s.!)]*$", re.IGNORECASE), reader) for shape, reader in RULES
)


def parse_due_date(text: str, calendar: Calendar) -> tuple[date | None, str]:
    """The day that is named in front of the text or at its end, and the text without it; None where none is.

    Raises RuleViolation for a day that is over, that does not exist, and for words that name none."""
    if vague := VAGUE.match(text):
        raise RuleViolation(
            f"“{vague[1]}” is no day. Write one like `by friday`, `by 5 dec`, `in 3 days` or `by 2026-12-05`. "
            "Nothing was added.",
            words=text,
        )
    for rules, behind in ((FRONT, False), (BEHIND, True)):
        for shape, reader in rules:
            found = shape.search(text) if behind else shape.match(text)
            if found:
                rest = text[: found.start()] if behind else text[found.end() :]
                return _check(reader, calendar, found, text), rest.strip()
    return None, text.strip()


def _check(reader: Reader, calendar: Calendar, found: re.Match[str], text: str) -> date:
    typed = found[0].strip(" ,:.;()–—-")
    try:
        day = reader(calendar, found)
    except (ValueError, OverflowError):
        raise RuleViolation(f"There is no day “{typed}”. Nothing was added.", words=text) from None
    if day < calendar.today:
        raise RuleViolation(
            f"“{typed}” is over ({day.isoformat()}). Name a day that comes. Nothing was added.", words=text
        )
    return day
