"""Parses the contacts file (TOML): every mistake is a sentence with its line, all at once."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.contacts.approvers import Approvers, parse_approvers
from bot.contacts.business_hours import WEEKDAYS, WORKDAYS, BusinessHours
from bot.contacts.contact_book import ContactBook, OnCallSource, OnCallSourceKind
from bot.contacts.contact_methods import SETTING, Handle, parse_handle
from bot.contacts.name_matching import build_name_key, tidy_name
from bot.errors import SettingsProblem

TABLES = ("contacts", "on_call", "team", "approvers")
TEAM = ("time_zone", "days", "hours", "holidays")
SOURCES = (
    (OnCallSourceKind.SCHEDULE, re.compile(r"pagerduty:schedule/([A-Z][A-Z0-9]{3,19})")),
    (OnCallSourceKind.GROUP, re.compile(r"slack:(S[A-Z0-9]{2,20})")),
    (
        OnCallSourceKind.CALENDAR,
        re.compile(rf"calendar:({SETTING}|https?://\S+|webcals?://\S+|[^\s:]\S*\.ics)"),
    ),
)
HOURS = re.compile(r"(\d\d?):(\d\d)\s*[-\u2013]\s*(\d\d?):(\d\d)")
DAYS = re.compile(rf"({'|'.join(WEEKDAYS)})\s*[-\u2013]\s*({'|'.join(WEEKDAYS)})")
AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read_contacts_file(path: Path | None) -> ContactBook:
    """The file's contacts; an empty book without a file. Raises SettingsProblem with a sentence for each mistake."""
    if path is None:
        return ContactBook()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsProblem([f"TOCSIN_CONTACTS: {path} cannot be read: {error.strerror}."]) from None
    except UnicodeDecodeError:
        raise SettingsProblem([f"TOCSIN_CONTACTS: {path} is not valid TOML: it is not UTF-8 text."]) from None
    book, problems = parse_contacts(text, path.parent)
    if problems:
        raise SettingsProblem([f"TOCSIN_CONTACTS: {path.name}{problem}" for problem in problems])
    return book


def parse_contacts(text: str, folder: Path = Path()) -> tuple[ContactBook, tuple[str, ...]]:
    """The contacts in a TOML text, and what is wrong with it: `, line 7: …`. Paths are taken from `folder`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        found = AT_LINE.search(said)
        line = found[1] if found else len(text.splitlines())
        why = said.partition(" (at ")[0]
        return ContactBook(), (f", line {line} is not valid TOML: {why}.",)
    reading = _ContactsReader(text, folder)
    book = reading.book(document)
    return book, tuple(reading.problems)


class _ContactsReader:
    """One pass over the document, that notes each mistake with its line."""

    def __init__(self, text: str, folder: Path) -> None:
        self.problems: list[str] = []
        self._lines = text.splitlines()
        self._folder = folder

    def book(self, document: dict[str, Any]) -> ContactBook:
        for name in document.keys() - set(TABLES):
            known = ", ".join(f"[{table}]" for table in TABLES)
            self._wrong("", name, f"“{name}” is not known here. The file has {known}.")
        tables = {name: self._table(document, name) for name in TABLES}
        handles = {
            name: self._handles(name, value) for name, value in self._iterate_names(tables, "contacts")
        }
        on_call = {name: self._sources(name, value) for name, value in self._iterate_names(tables, "on_call")}
        hours = self._hours(tables["team"]) if "team" in document else None
        return ContactBook(handles, on_call, hours, self._approvers(tables))

    def _approvers(self, tables: dict[str, dict[str, Any]]) -> Approvers:
        """A name among them must be one of the file's contacts, or stand in the runbook: that is seen at the start."""
        return parse_approvers(
            tables["approvers"], lambda key, sentence: self._wrong("approvers", key, sentence)
        )

    def _table(self, document: dict[str, Any], name: str) -> dict[str, Any]:
        table = document.get(name, {})
        if isinstance(table, dict):
            return table
        self._wrong("", name, f"“{name}” must be a table: write [{name}] on a line of its own.")
        return {}

    def _iterate_names(self, tables: dict[str, dict[str, Any]], table: str) -> Iterator[tuple[str, object]]:
        """The entries of a table, each name once whatever its capitals, spaces and hyphens."""
        seen: dict[str, str] = {}
        for name, value in tables[table].items():
            first = seen.setdefault(build_name_key(name), name)
            if not tidy_name(name):
                self._wrong(table, name, "a contact needs a name.")
            elif first != name:
                self._wrong(table, name, f'"{name}" stands there twice, the other time as "{first}".')
            elif value == []:
                self._wrong(table, name, f'"{name}" has an empty list. Write a handle, or take the line out.')
            else:
                yield tidy_name(name), value

    def _handles(self, name: str, value: object) -> tuple[Handle, ...]:
        found: dict[Handle, None] = {}
        for text in self._texts("contacts", name, value, "a handle or a list of handles"):
            handle = parse_handle(text)
            if isinstance(handle, str):
                self._wrong("contacts", name, f'"{name}": {handle}')
            else:
                found[handle] = None
        return tuple(found)

    def _sources(self, name: str, value: object) -> tuple[OnCallSource, ...]:
        found = []
        for text in self._texts("on_call", name, value, "a source or a list of sources"):
            kind, match = next(
                ((kind, match) for kind, shape in SOURCES if (match := shape.fullmatch(text.strip()))),
                (None, None),
            )
            if kind is None or match is None:
                said = (
                    "a source is pagerduty:schedule/PABC123, slack:S0456EFGH, or calendar: with a path that ends "
                    "in .ics, an address, or the name of a setting that holds one."
                )
                self._wrong("on_call", name, f'"{name}": {said}')
            else:
                found.append(OnCallSource(kind, self._place(kind, match[1])))
        return tuple(found)

    def _place(self, kind: OnCallSourceKind, value: str) -> str:
        if kind is not OnCallSourceKind.CALENDAR or "://" in value or re.fullmatch(SETTING, value):
            return re.sub(r"^webcals?:", "https:", value)
        return str(self._folder / Path(value).expanduser())

    def _texts(self, table: str, name: str, value: object, wanted: str) -> list[str]:
        listed = [value] if isinstance(value, str) else value
        if isinstance(listed, list) and all(isinstance(handle, str) for handle in listed):
            return listed
        self._wrong(table, name, f'"{name}" must be {wanted}, in quotation marks.')
        return []

    def _hours(self, team: dict[str, Any]) -> BusinessHours | None:
        for key in team.keys() - set(TEAM):
            self._wrong("team", key, f"“{key}” is not known in [team]. It has {', '.join(TEAM)}.")
        before = len(self.problems)
        zone = self._zone(team.get("time_zone"))
        days = self._days(team["days"]) if "days" in team else WORKDAYS
        opens, closes = self._open(team["hours"]) if "hours" in team else (time(9), time(18))
        holidays = frozenset(self._holidays(team.get("holidays", [])))
        return BusinessHours(zone, days, opens, closes, holidays) if len(self.problems) == before else None

    def _zone(self, value: object) -> str:
        if not isinstance(value, str):
            self._wrong("team", "time_zone", '[team] needs a time_zone, such as "Asia/Kolkata".')
            return ""
        try:
            ZoneInfo(value)
        except (OSError, ValueError, KeyError):
            self._wrong(
                "team",
                "time_zone",
                f'there is no time zone “{value}”. Write one like "Asia/Kolkata" or "UTC".',
            )
        return value

    def _days(self, value: object) -> frozenset[int]:
        said = 'days are "mon-fri" or a list such as ["mon", "tue"].'
        if isinstance(value, str) and (span := DAYS.fullmatch(value.strip().casefold())):
            first, last = WEEKDAYS.index(span[1]), WEEKDAYS.index(span[2])
            return frozenset((first + offset) % 7 for offset in range((last - first) % 7 + 1))
        if isinstance(value, list) and value and all(str(day).casefold() in WEEKDAYS for day in value):
            return frozenset(WEEKDAYS.index(str(day).casefold()) for day in value)
        self._wrong("team", "days", said)
        return frozenset()

    def _open(self, value: object) -> tuple[time, time]:
        found = HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
        if found:
            numbers = [int(group) for group in found.groups()]
            if numbers[0] < 24 and numbers[2] < 24 and max(numbers[1], numbers[3]) < 60:
                opens, closes = time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
                if opens < closes:
                    return opens, closes
        self._wrong("team", "hours", 'hours are like "09:30-18:30", and end later than they begin.')
        return time(9), time(18)

    def _holidays(self, value: object) -> Iterator[date]:
        for day in value if isinstance(value, list) else [value]:
            try:
                if isinstance(day, datetime) or not isinstance(day, date | str):
                    raise ValueError
                yield date.fromisoformat(day) if isinstance(day, str) else day
            except ValueError:
                self._wrong(
                    "team", "holidays", f"“{day}” is no day. Holidays are like [2026-12-25, 2027-01-26]."
                )

    def _wrong(self, table: str, key: str, sentence: str) -> None:
        line = self._line(table, key)
        self.problems.append(f"{f', line {line}' if line else ''}: {sentence}")

    def _line(self, table: str, key: str) -> int | None:
        """The line where a key of a table stands; None when it is written in a way that is not looked for."""
        inside = ""
        bare = f"|{key}" if re.fullmatch(r"[A-Za-z0-9_-]+", key) else ""  # others stand in quotation marks
        own = re.compile(rf"""\s*(?:(["']){re.escape(key)}\1{bare})\s*=""")
        for number, line in enumerate(self._lines, 1):
            if head := re.match(r"\s*\[+\s*[\"']?([^\]\"']+)[\"']?\s*\]", line):
                inside = head[1].strip()
                if not table and inside == key:
                    return number
            elif inside == table and own.match(line):
                return number
        return self._find_table(table) if table else None

    def _find_table(self, table: str) -> int | None:
        heads = (number for number, line in enumerate(self._lines, 1) if line.strip() == f"[{table}]")
        return next(heads, None)
