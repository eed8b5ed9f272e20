"""On-call calendars: repetitions, exceptions, time zones, clock changes, and texts that are none."""

from datetime import UTC, datetime

import pytest

from bot.adapters.paging.ical import CalendarUnusable, Schedule, parse_schedule


def calendar(*events: str, more: str = "") -> str:
    """An iCalendar text of these events, each given as its lines."""
    begin = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//\n{more}"
    body = "".join(
        f"BEGIN:VEVENT\nUID:{n}\nDTSTAMP:20260101T000000Z\n{lines}\nEND:VEVENT\n"
        for n, lines in enumerate(events)
    )
    return f"{begin}{body}END:VCALENDAR\n".replace("\n", "\r\n")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def on(text: str, instant: str, zone: str = "UTC") -> list[str]:
    return [shift.summary for shift in parse_schedule(text, at(instant), zone).shifts]


WEEKLY = calendar(
    "SUMMARY:Ana\nDTSTART;TZID=Europe/Berlin:20260105T090000\nDTEND;TZID=Europe/Berlin:20260112T090000\n"
    "RRULE:FREQ=WEEKLY;INTERVAL=2",
    "SUMMARY:Bruno\nDTSTART;TZID=Europe/Berlin:20260112T090000\nDTEND;TZID=Europe/Berlin:20260119T090000\n"
    "RRULE:FREQ=WEEKLY;INTERVAL=2",
)


@pytest.mark.parametrize(
    ("instant", "who"),
    [
        ("2026-01-05T07:59:59", []),
        ("2026-01-05T08:00:00", ["Ana"]),
        ("2026-01-12T07:59:59", ["Ana"]),
        ("2026-01-12T08:00:00", ["Bruno"]),  # in winter 9:00 in Berlin is 8:00
        ("2026-06-08T06:59:59", ["Bruno"]),
        ("2026-06-08T07:00:00", ["Ana"]),  # in summer it is 7:00
    ],
)
def test_a_weekly_rotation_changes_at_the_teams_nine_o_clock_in_summer_and_winter(
    instant: str, who: list[str]
) -> None:
    assert on(WEEKLY, instant) == who


NIGHTS = calendar(
    "SUMMARY:Night\nDTSTART;TZID=America/New_York:20260301T013000\nDTEND;TZID=America/New_York:20260301T033000\n"
    "RRULE:FREQ=DAILY"
)


@pytest.mark.parametrize(
    ("instant", "there"),
    [
        ("2026-03-08T06:29:00", False),  # 1:29, winter
        ("2026-03-08T06:30:00", True),  # 1:30, winter
        ("2026-03-08T07:29:00", True),  # 3:29, summer: the shift was an hour shorter
        ("2026-03-08T07:30:00", False),
        ("2026-11-01T05:30:00", True),  # 1:30, still summer
        ("2026-11-01T08:29:00", True),  # 3:29, winter: an hour longer
        ("2026-11-01T08:30:00", False),
    ],
)
def test_a_shift_over_a_clock_change_begins_and_ends_by_the_clock_on_the_wall(
    instant: str, there: bool
) -> None:
    assert bool(on(NIGHTS, instant)) is there


SWAPPED = calendar(
    "SUMMARY:Ana\nDTSTART:20260105T090000Z\nDURATION:PT24H\nRRULE:FREQ=DAILY\nEXDATE:20260107T090000Z",
).replace(
    "END:VCALENDAR",
    "BEGIN:VEVENT\r\nUID:0\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:20260109T090000Z\r\nSUMMARY:Bruno\r\n"
    "DTSTART:20260109T120000Z\r\nDTEND:20260110T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR",
)


@pytest.mark.parametrize(
    ("instant", "who"),
    [
        ("2026-01-06T10:00:00", ["Ana"]),
        ("2026-01-07T10:00:00", []),  # taken out
        ("2026-01-08T10:00:00", ["Ana"]),
        ("2026-01-09T10:00:00", []),  # begins later that day
        ("2026-01-09T13:00:00", ["Bruno"]),  # swapped
    ],
)
def test_exceptions_and_swaps_are_followed(instant: str, who: list[str]) -> None:
    assert on(SWAPPED, instant) == who


def test_events_that_overlap_are_all_on_call_the_earlier_first() -> None:
    text = calendar(
        "SUMMARY:Second\nDTSTART:20260105T100000Z\nDTEND:20260105T200000Z",
        "SUMMARY:First\nDTSTART:20260105T090000Z\nDTEND:20260105T180000Z",
        "SUMMARY:Called off\nSTATUS:CANCELLED\nDTSTART:20260105T090000Z\nDTEND:20260105T180000Z",
    )
    assert on(text, "2026-01-05T11:00:00") == ["First", "Second"]


@pytest.mark.parametrize(("more", "zone"), [("X-WR-TIMEZONE:Asia/Kolkata\n", "UTC"), ("", "Asia/Kolkata")])
@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260106",
        "DTSTART;VALUE=DATE:20260105",
        "DTSTART:20260105T000000\nDTEND:20260106T000000",
    ],
    ids=["a day", "a day without an end", "no zone"],
)
def test_a_day_is_the_calendars_own_day_else_the_teams(more: str, zone: str, lines: str) -> None:
    text = calendar(f"SUMMARY:Ana\n{lines}", more=more)
    there = [
        on(text, each, zone) for each in ("2026-01-04T18:29:00", "2026-01-04T18:30:00", "2026-01-05T18:30:00")
    ]
    assert there == [[], ["Ana"], []]


def test_those_who_attend_are_named_without_rooms_and_those_who_declined() -> None:
    text = calendar(
        "SUMMARY:On call\nDTSTART:20260105T090000Z\nDTEND:20260105T180000Z\n"
        "ATTENDEE;CN=Ana:mailto:ana@team.example\nATTENDEE:mailto:bruno@team.example\n"
        "ATTENDEE;CN=Chidi;PARTSTAT=DECLINED:mailto:chidi@team.example\n"
        "ATTENDEE;CN=War room;CUTYPE=ROOM:mailto:room@team.example"
    )
    [shift] = parse_schedule(text, at("2026-01-05T10:00:00")).shifts
    assert shift.people == (("Ana", "ana@team.example"), ("", "bruno@team.example"))
    assert shift.ends == at("2026-01-05T18:00:00")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is no calendar"),
        ("<html>Sign in</html>", "it is no calendar"),
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "it is no calendar"),
        (calendar(more="X-WR-TIMEZONE:Mars/Phobos\n"), "there is no time zone “Mars/Phobos”"),
        ("x" * 5_000_001, "it is too large"),
    ],
    ids=["empty", "a page", "cut off", "a zone", "too large"],
)
def test_a_text_that_is_no_usable_calendar_says_why(text: str, why: str) -> None:
    with pytest.raises(CalendarUnusable, match=why):
        parse_schedule(text, at("2026-01-05T10:00:00"))


def test_an_empty_calendar_has_nobody() -> None:
    assert parse_schedule(calendar(), at("2026-01-05T10:00:00")) == Schedule()


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("DTSTART:2026-01-05\nDTEND:soon", "its DTSTART cannot be read"),
        ("DTSTART:20260105T090000Z\nDTEND:20260106T090000Z\nRRULE:FREQ=OFTEN", "its RRULE cannot be read"),
        ("DTSTART;TZID=Mars/Phobos:20260105T090000", "there is no time zone “Mars/Phobos”"),
        ("DESCRIPTION:whenever", "its DTSTART cannot be read"),
    ],
)
def test_an_event_that_cannot_be_used_is_named_and_the_others_count(lines: str, why: str) -> None:
    text = calendar(f"SUMMARY:Odd\n{lines}", "SUMMARY:Ana\nDTSTART:20260105T090000Z\nDTEND:20260105T180000Z")
    found = parse_schedule(text, at("2026-01-05T10:00:00"))
    assert found.unusable == (("Odd", why),)
    assert [shift.summary for shift in found.shifts] == ["Ana"]


DAY = "DTSTART:20260105T090000Z\nDTEND:20260105T180000Z"
MOMENT = "2026-01-05T10:00:00"


def with_uids(text: str, *uids: str | None) -> str:
    """The calendar with these UIDs in place of its own; None for an event without any."""
    for number, uid in enumerate(uids):
        text = text.replace(f"UID:{number}\r\n", "" if uid is None else f"UID;X-N={number}:{uid}\r\n", 1)
    return text


@pytest.mark.parametrize(
    "uids",
    [
        ("", "", ""),
        ("", " ", ""),
        (None, None, None),
        ("x", "x", "x"),
        ("x", "", None),
        ("PXYZ@pagerduty.com",) * 3,
    ],
    ids=["empty", "blank", "missing", "repeated", "mixed", "a feed's"],
)
def test_events_whose_uid_is_empty_missing_or_repeated_all_count(uids: tuple[str | None, ...]) -> None:
    text = with_uids(
        calendar(
            f"SUMMARY:Ana\n{DAY}",
            "SUMMARY:Earlier\nDTSTART:20260104T090000Z\nDTEND:20260104T180000Z",
            "SUMMARY:Bruno\nDTSTART:20260105T093000Z\nDTEND:20260105T180000Z",
        ),
        *uids,
    )
    assert on(text, MOMENT) == ["Ana", "Bruno"]
    assert on(text, "2026-01-04T10:00:00") == ["Earlier"]


@pytest.mark.parametrize("uid", ["", None, "x"], ids=["empty", "missing", "repeated"])
def test_layers_that_repeat_keep_their_own_exceptions_and_swaps(uid: str | None) -> None:
    swap = f"UID:{uid}\r\n" if uid is not None else ""
    weekly = with_uids(WEEKLY, uid, uid).replace(
        "END:VCALENDAR",
        f"BEGIN:VEVENT\r\n{swap}DTSTAMP:20260101T000000Z\r\n"
        "RECURRENCE-ID;TZID=Europe/Berlin:20260112T090000\r\nSUMMARY:Chidi\r\n"
        "DTSTART;TZID=Europe/Berlin:20260113T090000\r\nDTEND;TZID=Europe/Berlin:20260119T090000\r\n"
        "END:VEVENT\r\nEND:VCALENDAR",
    )
    there = [
        on(weekly, each) for each in ("2026-01-06T10:00:00", "2026-01-12T10:00:00", "2026-01-14T10:00:00")
    ]
    assert there == [["Ana"], [], ["Chidi"]]
    assert on(weekly, "2026-01-27T10:00:00") == ["Bruno"], "the next turn is Bruno's again"


def test_an_event_that_was_sent_anew_with_a_higher_sequence_replaces_the_one_before() -> None:
    text = with_uids(
        calendar(f"SEQUENCE:0\nSUMMARY:Ana\n{DAY}", f"SEQUENCE:1\nSUMMARY:Bruno\n{DAY}"), "x", "x"
    )
    assert on(text, MOMENT) == ["Bruno"]
