"""The post-mortem meeting of an incident: when, how long, where, and who is invited; and which times are offered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.contacts import MAX_BREAK_DAYS, BusinessHours

WITHIN = timedelta(hours=24)
"""How long after the resolution the times lie that are offered, where the team works then."""

LEAD = timedelta(minutes=30)
"""Nobody is offered a meeting that begins sooner."""

STEP = timedelta(minutes=30)
LENGTHS = (30, 45, 60, 90)
"""Minutes that a meeting may take."""

USUAL_LENGTH = 45
MAX_OFFERED = 4
MAX_GUESTS = 100
MAX_AHEAD = timedelta(days=90)
"""A day beyond was mistyped."""


class MeetingState(StrEnum):
    """How the meeting stands."""

    ARRANGED = "arranged"
    CANCELLED = "cancelled"


class InvitationWay(StrEnum):
    """How somebody was invited; nobody yet for `NONE`."""

    NONE = ""
    MAIL = "mail"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class MeetingGuest:
    """Somebody who is invited, or was. `told` is the sequence of the last invitation that went out to them, -1 for
    none; `problem` says why that was no mail."""

    person: str
    is_invited: bool = True
    told: int = -1
    way: InvitationWay = InvitationWay.NONE
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The one meeting of an incident. `sequence` counts its changes, from 0."""

    incident: int
    state: MeetingState
    sequence: int
    starts_at: datetime
    minutes: int
    place: str
    arranged_by: str
    changed_at: datetime
    guests: tuple[MeetingGuest, ...] = ()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def is_arranged(self) -> bool:
        return self.state is MeetingState.ARRANGED

    @property
    def invited(self) -> list[str]:
        """Who is invited now."""
        return [guest.person for guest in self.guests if guest.is_invited]

    def find_guest(self, person: str) -> MeetingGuest | None:
        return next((guest for guest in self.guests if guest.person == person), None)


@dataclass(frozen=True, slots=True)
class NewMeeting:
    """A meeting as somebody wants it."""

    starts_at: datetime
    minutes: int
    place: str
    people: Sequence[str]


@dataclass(frozen=True, slots=True)
class OfferedTimes:
    """Times at which the meeting could begin. They are `late` where the team does not work in time."""

    times: tuple[datetime, ...]
    is_late: bool = False


def offer_times(hours: BusinessHours, now: datetime, by: datetime, minutes: int) -> OfferedTimes:
    """At most MAX_OFFERED times, spread over the working hours until `by`; where there is none, those of the next
    working day."""
    first = now + LEAD
    in_time = [moment for moment in _list_times(hours, first, minutes, by) if moment <= by]
    if in_time:
        return OfferedTimes(_spread(in_time))
    later = next((day for day in _list_days(hours, first, minutes) if day), [])
    return OfferedTimes(_spread(later), is_late=True)


def is_working_time(hours: BusinessHours, starts_at: datetime, minutes: int) -> bool:
    """Whether the team works from the beginning to the end."""
    zone = ZoneInfo(hours.zone)
    begins, ends = starts_at.astimezone(zone), (starts_at + timedelta(minutes=minutes)).astimezone(zone)
    works = hours.is_working_day(begins.date()) and begins.date() == ends.date()
    return works and hours.opens <= begins.time() and ends.time() <= hours.closes


def _list_times(hours: BusinessHours, first: datetime, minutes: int, by: datetime) -> list[datetime]:
    """Every time of the days until `by`."""
    found: list[datetime] = []
    for times in _list_days(hours, first, minutes, (by - first).days + 2):
        found += times
    return found


def _list_days(
    hours: BusinessHours, first: datetime, minutes: int, count: int = MAX_BREAK_DAYS
) -> Iterator[list[datetime]]:
    """The times of each of so many days, in UTC; none of a day on which nobody works."""
    today = first.astimezone(ZoneInfo(hours.zone)).date()
    for ahead in range(count):
        day = today + timedelta(days=ahead)
        times = _list_times_of(hours, day, minutes) if hours.is_working_day(day) else ()
        yield [moment for moment in times if moment >= first]


def _list_times_of(hours: BusinessHours, day: date, minutes: int) -> Iterator[datetime]:
    """Every half hour from the opening one at which there is room for the meeting. One that the clocks leave out on
    that day is none."""
    zone = ZoneInfo(hours.zone)
    begins, closes = datetime.combine(day, hours.opens), datetime.combine(day, hours.closes)
    while begins + timedelta(minutes=minutes) <= closes:
        moment = begins.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).time() == time(begins.hour, begins.minute, begins.second):
            yield moment
        begins += STEP


def _spread(times: Sequence[datetime]) -> tuple[datetime, ...]:
    """The first one, the last one, and some between."""
    if len(times) <= MAX_OFFERED:
        return tuple(times)
    last = len(times) - 1
    return tuple(times[round(place * last / (MAX_OFFERED - 1))] for place in range(MAX_OFFERED))
