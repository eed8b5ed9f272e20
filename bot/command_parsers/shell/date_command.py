"""`date` as runbooks use it, in GNU's and BSD's spelling, with the clock as a value. UTC throughout."""

import calendar
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bot.errors import UnsupportedCommand

SPANS = {
    "second": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "fortnight": timedelta(weeks=2),
}
MONTHS = {"month": 1, "year": 12}
WORDS = {"now": 0, "today": 0, "yesterday": -1, "tomorrow": 1}
RELATIVE = re.compile(
    r"(?P<number>[+-]?\s*\d{1,9}|an?|last|next|this)?\s*(?P<unit>second|sec|minute|min|hour|day|week|fortnight|month|year)s?"
    r"(?P<ago>\s+ago)?\b|(?P<word>now|today|yesterday|tomorrow)\b",
    re.I,
)
ABSOLUTE = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[ T](?P<time>\d\d:\d\d(?::\d\d)?))?\s*(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?"
)
BSD = re.compile(r"(?P<number>[+-]\d{1,9})(?P<unit>[ymwdHMS])")
BSD_UNITS = {"y": "year", "m": "month", "w": "week", "d": "day", "H": "hour", "M": "minute", "S": "second"}
ISO = {
    "date": "%Y-%m-%d",
    "hours": "%Y-%m-%dT%H%:z",
    "minutes": "%Y-%m-%dT%H:%M%:z",
    "seconds": "%Y-%m-%dT%H:%M:%S%:z",
}
PLAIN = "%a %b %e %H:%M:%S UTC %Y"
CODE = re.compile(r"%(?P<flag>[-0_:3]?)(?P<code>[A-Za-z%])")
DIRECT = frozenset("YmdHMSyjabABIpuw")
COMPOSED = {"T": "%H:%M:%S", "F": "%Y-%m-%d", "R": "%H:%M", "D": "%m/%d/%y"}


def evaluate_date(words: Sequence[str], now: datetime) -> str:
    """What `date` with these words prints. Raises `Unclear` for what is not understood."""
    moment = now.astimezone(UTC)
    form = PLAIN
    rest = iter(words)
    for word in rest:
        if word in {"-u", "--utc", "--universal", "-j"}:
            continue
        if word.startswith("+"):
            form = word[1:]
        elif word.startswith("-v"):
            moment = _shift(moment, word[2:] or next(rest, ""))
        elif word.startswith(("-d", "--date")):
            said = word[2:] if word.startswith("-d") else word.removeprefix("--date").removeprefix("=")
            moment = _parse_moment(said or next(rest, ""), moment)
        else:
            form = _iso(word)
    return _format(moment, form)


def _iso(word: str) -> str:
    """The form that `-Iseconds` and its like ask for. Raises `Unclear` for any other word."""
    if word.startswith(("-I", "--iso-8601")):
        form = ISO.get(word.removeprefix("-I").removeprefix("--iso-8601").lstrip("=") or "date", "")
        if form:
            return form
    apart = ": write -u apart" if re.fullmatch(r"-u[dv].*", word) else ""
    raise UnsupportedCommand(f"date {word} is not understood{apart}")


def _shift(moment: datetime, by: str) -> datetime:
    """BSD: `-30M`. A day that the month does not have becomes its last."""
    found = BSD.fullmatch(by)
    if not found:
        raise UnsupportedCommand(f"date -v{by} is not understood")
    number, unit = int(found["number"]), BSD_UNITS[found["unit"]]
    return _move(moment, number, unit, clamp=True)


def _parse_moment(text: str, now: datetime) -> datetime:
    """GNU: `30 minutes ago`, `yesterday`, `2024-05-01 10:00`, `@1700000000`."""
    text = text.strip()
    if re.fullmatch(r"@\d{1,11}", text):
        return datetime.fromtimestamp(int(text[1:]), UTC)
    moment = now
    absolute = ABSOLUTE.match(text)
    if absolute:
        moment = _absolute(absolute)
        text = text[absolute.end() :].strip()
        if absolute["time"] and text[:1] in {"+", "-"}:
            raise UnsupportedCommand(f"the date “{text}” may be a zone or a span")
    for number, unit in _relatives(text):
        moment = _move(moment, number, unit, clamp=False)
    return moment


def _absolute(found: re.Match[str]) -> datetime:
    zone = (found["zone"] or "+00:00").replace("Z", "+00:00").replace("UTC", "+00:00")
    try:
        return datetime.fromisoformat(f"{found['day']}T{found['time'] or '00:00'}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnsupportedCommand(f"{found[0]} is no date") from error


def _relatives(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    while at < len(text):
        found = RELATIVE.match(text, at)
        if not found:
            raise UnsupportedCommand(f"the date “{text}” is not understood")
        if found["word"]:
            yield WORDS[found["word"].lower()], "day"
        else:
            said = (found["number"] or "1").replace(" ", "").lower()
            number = {"a": 1, "an": 1, "last": -1, "next": 1, "this": 0}.get(said)
            number = int(said) if number is None else number
            yield (-number if found["ago"] else number), found["unit"].lower()
        at = found.end()
        while at < len(text) and text[at] in " ,":
            at += 1


def _move(moment: datetime, number: int, unit: str, clamp: bool) -> datetime:
    try:
        if unit in SPANS:
            return moment + number * SPANS[unit]
        months = moment.year * 12 + moment.month - 1 + number * MONTHS[unit]
        year, month = divmod(months, 12)
        first = moment.replace(year=year, month=month + 1, day=1)
        last = calendar.monthrange(first.year, first.month)[1]
        return first + timedelta(days=(min(moment.day, last) if clamp else moment.day) - 1)
    except (OverflowError, ValueError, calendar.IllegalMonthError) as error:
        raise UnsupportedCommand("the date is beyond the calendar") from error


def _format(moment: datetime, form: str) -> str:
    special: dict[str, Callable[[], str]] = {
        "s": lambda: str(int(moment.timestamp())),
        "%": lambda: "%",
        "n": lambda: "\n",
        "t": lambda: "\t",
        "Z": lambda: "UTC",
        "z": lambda: "+0000",
        "e": lambda: f"{moment.day:2}",
        "k": lambda: f"{moment.hour:2}",
        "N": lambda: f"{moment.microsecond * 1000:09}",
    }

    def one(found: re.Match[str]) -> str:
        flag, code = found["flag"], found["code"]
        if flag == "3" and code == "N":
            return f"{moment.microsecond // 1000:03}"
        if flag == ":" and code == "z":
            return "+00:00"
        if flag in {":", "3"}:
            raise UnsupportedCommand(f"the date's %{flag}{code} is not understood")
        if code in COMPOSED:
            text = moment.strftime(COMPOSED[code])
        elif code in special:
            text = special[code]()
        elif code in DIRECT:
            text = moment.strftime("%" + code)
        else:
            raise UnsupportedCommand(f"the date's %{code} is not understood")
        return text.lstrip("0 ") or "0" if flag == "-" else text

    return CODE.sub(one, form)
