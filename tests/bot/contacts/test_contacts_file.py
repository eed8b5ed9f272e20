"""The contacts file: what is understood of it, and a sentence with its line for what is not."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from bot.contacts import (
    BusinessHours,
    ContactBook,
    Handle,
    HandleKind,
    OnCallSource,
    OnCallSourceKind,
    find_next_business_day,
    list_missing_settings,
    parse_contacts,
    parse_handle,
    read_contacts_file,
)
from bot.errors import SettingsProblem
from bot.runbook import Contact

KEY = "0123456789abcdef0123456789ABCDEF"
WHOLE = f"""
[contacts]
"CTO" = ["slack:U0123ABCD", "pagerduty:user/PABC123", "apprise:CTO_SMS", "tel:+91 98765-43210"]
"DevOps Lead" = "slack:dana@example.com"
Ops = ["pagerduty:service/{KEY}", "pagerduty:service/OPS_KEY", "pagerduty:service/PSRV001", "pagerduty:policy/PPOL001"]

[on_call]
"On-Call Engineer" = ["pagerduty:schedule/PSCH001", "slack:S0456EFGH", "calendar:on/call.ics", "calendar:ONCALL_URL"]
"Night" = "calendar:webcal://cal.example/x.ics"

[team]
time_zone = "Asia/Kolkata"
days = "sun-thu"
hours = "09:30-18:30"
holidays = [2026-12-25, "2027-01-26"]
"""


def test_the_whole_file_is_read_in_its_order() -> None:
    book, problems = parse_contacts(WHOLE, Path("/etc/tocsin"))
    assert problems == ()
    assert [(handle.kind, handle.value) for handle in book.handles["CTO"]] == [
        (HandleKind.SLACK_USER, "U0123ABCD"),
        (HandleKind.PAGERDUTY_USER, "PABC123"),
        (HandleKind.APPRISE, "CTO_SMS"),
        (HandleKind.PHONE, "+919876543210"),
    ]
    assert [handle.setting for handle in book.handles["Ops"]] == ["", "OPS_KEY", "", ""]
    assert book.on_call["On-Call Engineer"] == (
        OnCallSource(OnCallSourceKind.SCHEDULE, "PSCH001"),
        OnCallSource(OnCallSourceKind.GROUP, "S0456EFGH"),
        OnCallSource(OnCallSourceKind.CALENDAR, "/etc/tocsin/on/call.ics"),
        OnCallSource(OnCallSourceKind.CALENDAR, "ONCALL_URL"),
    )
    assert book.on_call["Night"] == (OnCallSource(OnCallSourceKind.CALENDAR, "https://cal.example/x.ics"),)
    assert book.hours == BusinessHours(
        "Asia/Kolkata",
        frozenset({6, 0, 1, 2, 3}),
        time(9, 30),
        time(18, 30),
        frozenset({date(2026, 12, 25), date(2027, 1, 26)}),
    )


def test_an_integration_key_is_never_shown_whole() -> None:
    handle = parse_contacts(WHOLE)[0].handles["Ops"][0]
    assert handle.shown == "pagerduty:service/…CDEF"
    assert handle.text.endswith(KEY)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[contacts]\nCTO = [", 2, "is not valid TOML"),
        ('[contacts]\nCTO = "slack:U1"\nCTO = "slack:U2"', 3, "is not valid TOML"),
        ('[contacts]\nCTO = "slack:U01"\n"cto" = "slack:U02"', 3, '"cto" stands there twice'),
        ('[contacts]\nCTO = "slack:U01"\n"CTO " = "slack:U02"', 3, '"CTO " stands there twice'),
        ('[contacts]\n"On-Call" = "slack:U01"\n"On\u2011Call" = "slack:U02"', 3, "stands there twice"),
        ("[contacts]\nCTO = []", 2, '"CTO" has an empty list'),
        ("[on_call]\nCTO = []", 2, '"CTO" has an empty list'),
        ('\n[contact]\nCTO = "slack:U01"', 2, "“contact” is not known here"),
        ('contacts = "x"', 1, "“contacts” must be a table"),
        ('[contacts]\n"" = "slack:U01"', 2, "a contact needs a name"),
        ("[contacts]\nCTO = 5", 2, '"CTO" must be a handle or a list of handles'),
        ('[contacts]\nCTO = ["tel:+15550100", 3]', 2, '"CTO" must be a handle or a list of handles'),
        ('[contacts]\n\nCTO = "@dana"', 3, "“@dana” is no handle"),
        ('[contacts]\nCTO = "slack:dana"', 2, "is no slack handle"),
        ('[contacts]\nCTO = "apprise:mailto://a:b@c"', 2, "the name of a setting"),
        ('[contacts]\nCTO = "pagerduty:PABC123"', 2, "is no pagerduty handle"),
        ('[contacts]\nCTO = "tel:ring me"', 2, "is no tel handle"),
        (
            '[contacts]\nA = "slack:U01"\n[on_call]\nA = "calendar:ftp://x"',
            4,
            "a source is pagerduty:schedule",
        ),
        ('[team]\ntime_zone = "Asia/Bangalore"', 2, "there is no time zone “Asia/Bangalore”"),
        ('[team]\ntime_zone = "../../etc/passwd"', 2, "there is no time zone"),
        ('[team]\nhours = "09:00-18:00"', 1, "[team] needs a time_zone"),
        ('[team]\ntime_zone = "UTC"\nhours = "18:00-09:00"', 3, "end later than they begin"),
        ('[team]\ntime_zone = "UTC"\nhours = "9-25"', 3, "hours are like"),
        ('[team]\ntime_zone = "UTC"\ndays = "mon-fri, sat"', 3, "days are"),
        ('[team]\ntime_zone = "UTC"\nholidays = ["25 December"]', 3, "“25 December” is no day"),
        ('[team]\ntime_zone = "UTC"\nzone = "x"', 3, "“zone” is not known in [team]"),
    ],
)
def test_a_mistake_is_a_sentence_with_its_line(text: str, line: int, words: str) -> None:
    problems = parse_contacts(text)[1]
    assert any(problem.startswith(f", line {line}") and words in problem for problem in problems), problems


def test_all_mistakes_are_said_at_once_with_the_files_name(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text('[contacts]\nA = "x:1"\nB = "slack:"\n')
    with pytest.raises(SettingsProblem) as problem:
        read_contacts_file(path)
    assert [each.partition(': "')[0] for each in problem.value.problems] == [
        "TOCSIN_CONTACTS: people.toml, line 2",
        "TOCSIN_CONTACTS: people.toml, line 3",
    ]


def test_a_secret_in_the_wrong_place_is_not_repeated_whole() -> None:
    secret = "apprise:tgram://123456789:AAEabcdefghijklmnop/12345"
    assert secret[25:] not in parse_contacts(f'[contacts]\nCTO = "{secret}"')[1][0]


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "contacts.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsProblem, match=r"^TOCSIN_CONTACTS: "):
        read_contacts_file(path)


def test_no_file_is_an_empty_book() -> None:
    assert read_contacts_file(None) == ContactBook()


def test_runbook_and_file_are_joined_by_name_whatever_its_capitals() -> None:
    book = parse_contacts(
        '[contacts]\n"cto" = ["slack:U02", "tel:+15550100"]\nVP = "slack:U03"\n[on_call]\nNight = "slack:S01"'
    )[0]
    named = [Contact("CTO", 1, "", ("slack:U01", "slack:U02")), Contact("AWS", 2, "", ())]
    assert book.merge_handles(named) == {
        "CTO": ("slack:U01", "slack:U02", "tel:+15550100"),
        "AWS": (),
        "VP": ("slack:U03",),
        "Night": (),
    }
    assert book.merge_page_handles(named)["Night"] == ("slack:S01",)
    assert book.sources("NIGHT") == (OnCallSource(OnCallSourceKind.GROUP, "S01"),)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("slack:U01", ()),
        ("tel:+15550100", ()),
        ("apprise:CTO_SMS", ("CTO_SMS",)),
        (f"pagerduty:service/{KEY}", ()),
        ("pagerduty:service/OPS_KEY", ("OPS_KEY",)),
        ("pagerduty:service/PSRV001", ("PAGERDUTY_API_KEY", "PAGERDUTY_FROM")),
        ("pagerduty:user/PABC123", ("PAGERDUTY_API_KEY", "PAGERDUTY_FROM", "PAGERDUTY_SERVICE")),
    ],
)
def test_what_a_handle_needs_and_does_not_have_is_named(text: str, missing: tuple[str, ...]) -> None:
    handle = parse_handle(text)
    assert isinstance(handle, Handle)
    assert list_missing_settings(handle, lambda name: False) == missing
    assert list_missing_settings(handle, lambda name: True) == ()


INDIA = BusinessHours("Asia/Kolkata", opens=time(9, 30), holidays=frozenset({date(2026, 11, 24)}))
NEW_YORK = BusinessHours("America/New_York", days=frozenset(range(7)))


@pytest.mark.parametrize(
    ("hours", "now", "begins"),
    [
        (INDIA, "2026-11-23T12:00", "2026-11-25T04:00"),  # the next day is a holiday
        (INDIA, "2026-11-23T19:00", "2026-11-25T04:00"),  # already the 24th in Kolkata
        (INDIA, "2026-11-27T06:00", "2026-11-30T04:00"),  # over the weekend
        (NEW_YORK, "2026-03-07T12:00", "2026-03-08T13:00"),  # clocks go forward in the night
        (NEW_YORK, "2026-10-31T12:00", "2026-11-01T14:00"),  # and back
    ],
)
def test_the_next_business_day_is_the_teams(hours: BusinessHours, now: str, begins: str) -> None:
    told = find_next_business_day(hours, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert told == datetime.fromisoformat(begins).replace(tzinfo=UTC)


def test_a_year_without_a_business_day_and_a_time_without_a_zone_are_refused() -> None:
    with pytest.raises(ValueError, match="no business day"):
        find_next_business_day(BusinessHours("UTC", days=frozenset()), datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(ValueError, match="time zone"):
        find_next_business_day(INDIA, datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"
SAME = [f"On{hyphen}Call Engineer" for hyphen in HYPHENS]
SAME += ["on-call engineer", " On-Call  Engineer ", "On-Call\u00a0Engineer", "On-Call Engineer\u200b"]


@pytest.mark.parametrize("written", SAME)
def test_a_name_is_the_runbooks_however_its_spaces_and_hyphens_are_written(written: str) -> None:
    book, problems = parse_contacts(f'[contacts]\n"{written}" = "slack:U0123ABCD"\n')
    assert problems == ()
    joined = book.merge_handles([Contact("On-Call Engineer", 1, "", ())])
    assert joined == {"On-Call Engineer": ("slack:U0123ABCD",)}
    assert book.ways(written) == book.ways("On-Call Engineer") != ()


@pytest.mark.parametrize(
    "written", ["OnCall Engineer", "On Call Engineer", "On-Call Engineers", "On_Call Engineer"]
)
def test_another_name_stays_another_contact(written: str) -> None:
    book, _ = parse_contacts(f'[contacts]\n"{written}" = "slack:U0123ABCD"\n')
    assert list(book.merge_handles([Contact("On-Call Engineer", 1, "", ())])) == ["On-Call Engineer", written]
