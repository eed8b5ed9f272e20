"""Parses an on-call calendar (iCalendar, RFC 5545): gives the shifts at an instant. Pure."""

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


class CalendarUnusable(Exception):
    """The text is no calendar that can be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One event that covers the instant. `people` are (name, e-mail) of those who attend, either may be empty."""

    summary: str
    people: tuple[tuple[str, str], ...]
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """The shifts under way, and (title, why) of the events that cannot be used: somebody may be missing."""

    shifts: tuple[Shift, ...] = ()
    unusable: tuple[tuple[str, str], ...] = ()


def parse_schedule(text: str, at: datetime, zone: str = "UTC") -> Schedule:
    """The events under way at an instant: repeated ones, with their exceptions and moved instances; cancelled ones not.

    A day without a time, or a time without a zone, is meant in the calendar's own zone (X-WR-TIMEZONE), else `zone`.
    An event that ends at the instant has ended. Raises CalendarUnusable.
    """
    import icalendar
    import recurring_ical_events

    if len(text) > MAX_TEXT:
        raise CalendarUnusable("it is too large")
    try:
        calendar = icalendar.Calendar.from_ical(text)
        own = _zone(str(calendar.get("X-WR-TIMEZONE", "")) or zone)
        unusable = tuple(_without_unusable(calendar))
        _separate(calendar, own)
        events = recurring_ical_events.of(calendar).between(at - AROUND, at + AROUND)
        found = [
            shift for event in events if (shift := _shift(event, own)) and shift.begins <= at < shift.ends
        ]
    except CalendarUnusable:
        raise
    except Exception as error:  # noqa: BLE001 - other people's parsers meet other people's texts
        raise CalendarUnusable(f"it is no calendar ({type(error).__name__})") from None
    return Schedule(tuple(sorted(found, key=lambda shift: (shift.begins, shift.summary))), unusable)


def _list_events(calendar: Any) -> list[Any]:
    return [component for component in calendar.subcomponents if component.name == "VEVENT"]


def _without_unusable(calendar: Any) -> Iterator[tuple[str, str]]:
    """Take out the events that cannot be placed in time, so that the others still count; what they are, and why."""
    for event in _list_events(calendar):
        if why := _find_broken_time(event) or _find_unknown_zone(event):
            calendar.subcomponents.remove(event)
            yield str(event.get("SUMMARY", "")).strip()[:80], why


def _find_broken_time(event: Any) -> str:
    """Which of its times cannot be read; empty when none."""
    broken = [name for name, _ in event.errors if name in TIMES]
    if not broken and "DTSTART" not in event:
        broken = ["DTSTART"]
    return f"its {broken[0]} cannot be read" if broken else ""


def _find_unknown_zone(event: Any) -> str:
    """Which of its time zones does not exist, the last one; empty when none."""
    why = ""
    for name in ("DTSTART", "DTEND"):
        moment = event.get(name)
        if moment is None:
            continue
        zone = str(moment.params.get("TZID", ""))
        if zone and isinstance(moment.dt, datetime) and moment.dt.tzinfo is None:
            why = f"there is no time zone “{zone[:60]}”"
    return why


def _separate(calendar: Any, own: tzinfo) -> None:
    """Give each event a UID of its own where feeds leave it out or repeat it for each layer: of those that share one
    all but the first would vanish. One that was sent anew with a higher sequence still replaces the one before."""
    sharing: dict[str, list[Any]] = {}
    for event in _list_events(calendar):
        sharing.setdefault(str(event.get("UID", "")).strip(), []).append(event)
    for uid, events in sharing.items():
        series = _select_series(uid, events)
        if not uid or len(series) > 1:
            _number(uid, events, series, own)


def _select_series(uid: str, events: list[Any]) -> list[Any]:
    """The events that are no moved instances of another one; of those with a UID the ones sent last."""
    series = [event for event in events if "RECURRENCE-ID" not in event]
    if not uid:
        return series
    newest = max((_sequence(event) for event in series), default=0)
    return [event for event in series if _sequence(event) == newest]


def _number(uid: str, events: list[Any], series: list[Any], own: tzinfo) -> None:
    """Give each series a UID of its own, and a moved instance that of its series."""
    own_uids = {id(event): f"{uid}#{number}" for number, event in enumerate(series)}
    for number, event in enumerate(events):
        base = event if id(event) in own_uids else _series_of(event, series, own)
        event["UID"] = own_uids.get(id(base), f"{uid}#other{number}")


def _series_of(moved: Any, series: list[Any], own: tzinfo) -> Any:
    """The one of several series that has an instance where this moved one was; None when none has."""
    if "RECURRENCE-ID" not in moved:
        return None
    import icalendar
    import recurring_ical_events

    was = _instant(moved["RECURRENCE-ID"], own)
    for event in series:
        alone = icalendar.Calendar()
        alone.add_component(event)
        around = recurring_ical_events.of(alone).between(was - AROUND, was + AROUND)
        if any(_instant(instance["DTSTART"], own) == was for instance in around):
            return event
    return None


def _sequence(event: Any) -> int:
    number = event.get("SEQUENCE", 0)
    return number if isinstance(number, int) else 0


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
        raise CalendarUnusable(f"there is no time zone “{name[:60]}”") from None


def _people(event: Any) -> Iterator[tuple[str, str]]:
    attendees = event.get("ATTENDEE", [])
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        params = getattr(attendee, "params", {})
        declined = str(params.get("PARTSTAT", "")).upper() == "DECLINED"
        thing = str(params.get("CUTYPE", "")).upper() in ("ROOM", "RESOURCE")
        if declined or thing:
            continue
        mail = MAIL.search(str(attendee))
        yield str(params.get("CN", "")).strip(), mail[0] if mail else ""
