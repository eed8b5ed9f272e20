"""An on-call calendar (iCalendar, RFC 5545): its text and an instant in, who is on call out. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

AROUND = timedelta(hours=36)
"""How far around the instant events are looked at: a day's event begins up to so much earlier or later elsewhere."""

MAX_TEXT = 5_000_000
TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")


class Broken(Exception):
    """The text is no calendar that can be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One event that covers the instant. `people` are (name, e-mail) of those who attend, either may be empty."""

    summary: str
    people: tuple[tuple[str, str], ...]
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Roster:
    """The shifts under way, and (title, why) of the events that cannot be used: somebody may be missing."""

    shifts: tuple[Shift, ...] = ()
    unusable: tuple[tuple[str, str], ...] = ()


def roster(text: str, at: datetime, zone: str = "UTC") -> Roster:
    """The events under way at an instant: repeated ones, with their exceptions and moved instances; cancelled ones not.

    A day without a time, or a time without a zone, is meant in the calendar's own zone (X-WR-TIMEZONE), else `zone`.
    An event that ends at the instant has ended. Raises Broken.
    """
    import icalendar
    import recurring_ical_events

    if len(text) > MAX_TEXT:
        raise Broken("it is too large")
    try:
        calendar = icalendar.Calendar.from_ical(text)
        own = _zone(str(calendar.get("X-WR-TIMEZONE", "")) or zone)
        unusable = tuple(_without_unusable(calendar))
        events = recurring_ical_events.of(calendar).between(at - AROUND, at + AROUND)
        found = [
            shift for event in events if (shift := _shift(event, own)) and shift.begins <= at < shift.ends
        ]
    except Broken:
        raise
    except Exception as error:  # noqa: BLE001 - other people's parsers meet other people's texts
        raise Broken(f"it is no calendar ({type(error).__name__})") from None
    return Roster(tuple(sorted(found, key=lambda each: (each.begins, each.summary))), unusable)


def _without_unusable(calendar: Any) -> Iterator[tuple[str, str]]:
    """Take out the events that cannot be placed in time, so that the others still count; what they are, and why."""
    for event in [each for each in calendar.subcomponents if each.name == "VEVENT"]:
        broken = [name for name, _ in event.errors if name in TIMES] or (
            [] if "DTSTART" in event else ["DTSTART"]
        )
        why = f"its {broken[0]} cannot be read" if broken else ""
        for name in () if broken else ("DTSTART", "DTEND"):
            moment = event.get(name)
            zone = str(moment.params.get("TZID", "")) if moment is not None else ""
            if zone and isinstance(moment.dt, datetime) and moment.dt.tzinfo is None:
                why = f"there is no time zone “{zone[:60]}”"
        if why:
            calendar.subcomponents.remove(event)
            yield str(event.get("SUMMARY", "")).strip()[:80], why


def _shift(event: Any, own: tzinfo) -> Shift | None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    begins, ends = event["DTSTART"], event.get("DTEND")
    first = _instant(begins, own)
    last = _instant(ends, own) if ends is not None else first + _length(event, begins.dt)
    return Shift(str(event.get("SUMMARY", "")).strip(), tuple(_people(event)), first, last)


def _length(event: Any, begins: date) -> timedelta:
    """How long an event without an end is: its duration, else the day that it names, else nothing."""
    duration = event.get("DURATION")
    if duration is not None:
        return timedelta(seconds=duration.dt.total_seconds())
    return timedelta(0) if isinstance(begins, datetime) else timedelta(days=1)


def _instant(value: Any, own: tzinfo) -> datetime:
    moment = value.dt
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=own).astimezone(UTC)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=own).astimezone(UTC)
    return moment.astimezone(UTC)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name.strip().lstrip("/"))
    except (OSError, ValueError, KeyError):
        raise Broken(f"there is no time zone “{name[:60]}”") from None


def _people(event: Any) -> Iterator[tuple[str, str]]:
    attendees = event.get("ATTENDEE", [])
    for each in attendees if isinstance(attendees, list) else [attendees]:
        params = getattr(each, "params", {})
        declined = str(params.get("PARTSTAT", "")).upper() == "DECLINED"
        thing = str(params.get("CUTYPE", "")).upper() in ("ROOM", "RESOURCE")
        if declined or thing:
            continue
        mail = MAIL.search(str(each))
        yield str(params.get("CN", "")).strip(), mail[0] if mail else ""
