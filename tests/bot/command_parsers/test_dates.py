"""`date` in its two spellings, with the clock as a value."""

import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.command_parsers.shell.date_command import evaluate_date
from bot.errors import UnsupportedCommand
from tests.samples import examples

NOW = datetime(2026, 3, 31, 12, 5, 9, 123456, tzinfo=UTC)
GNU = shutil.which("date")


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["-u", "-d", "30 minutes ago", "+%Y-%m-%dT%H:%M:%S"], "2026-03-31T11:35:09"),
        (["-u", "+%Y-%m-%dT%H:%M:%SZ"], "2026-03-31T12:05:09Z"),
        (["-u", "-v-30M", "+%Y-%m-%dT%H:%M:%S"], "2026-03-31T11:35:09"),
        (["-u", "-v", "-1d", "-v+2H", "+%F %T"], "2026-03-30 14:05:09"),
        (["-v-1m", "+%F"], "2026-02-28"),
        (["-d", "1 month ago", "+%F"], "2026-03-03"),
        (["--date=-2 hours", "+%H"], "10"),
        (["--date", "yesterday", "-I"], "2026-03-30"),
        (["-d1 hour ago", "-Iseconds"], "2026-03-31T11:05:09+00:00"),
        (["-d", "2 days ago 3 hours ago", "+%F %R"], "2026-03-29 09:05"),
        (["-d", "last week", "+%F"], "2026-03-24"),
        (["-d", "@1700000000", "+%FT%TZ"], "2023-11-14T22:13:20Z"),
        (["-d", "2026-01-02 03:04", "+%s"], "1767323040"),
        (["-d", "2026-01-02T03:04:00+02:00", "+%s"], "1767315840"),
        (["+%s"], "1774958709"),
        (["+%s%3N"], "1774958709123"),
        (["+%s000"], "1774958709000"),
        (["+%-d.%-m. %j %a %%"], "31.3. 090 Tue %"),
        ([], "Tue Mar 31 12:05:09 UTC 2026"),
    ],
)
def test_a_date_is_written_as_date_would(words: list[str], printed: str) -> None:
    assert evaluate_date(words, NOW) == printed


def test_the_clock_is_turned_to_utc() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=5)))
    assert evaluate_date(["+%FT%T"], east) == "2026-03-31T12:05:09"


@pytest.mark.parametrize(
    "words",
    [
        ["-s", "2020-01-01"],
        ["--set=now"],
        ["-f", "file"],
        ["-r", "file"],
        ["-d", "the day before"],
        ["-d", "999999999 years ago"],
        ["-d", "2026-13-45"],
        ["-d", "2026-01-02 03:04 +5 days"],
        ["-v-30X"],
        ["-v"],
        ["+%Q"],
        ["today"],
    ],
)
def test_what_is_not_understood_is_refused(words: list[str]) -> None:
    with pytest.raises(UnsupportedCommand):
        evaluate_date(words, NOW)


@pytest.mark.skipif(
    GNU is None or b"GNU" not in subprocess.run([GNU, "--version"], capture_output=True).stdout,
    reason="no GNU date to compare with",
)
@settings(max_examples=examples(60))
@given(
    day=st.dates(date(1975, 1, 1), date(2099, 1, 1)),
    number=st.integers(1, 400),
    unit=st.sampled_from(["second", "minutes", "hour", "days", "week", "months", "year"]),
    ago=st.booleans(),
)
def test_sums_of_dates_are_those_of_gnu_date(day: date, number: int, unit: str, ago: bool) -> None:
    said = f"{day} {number} {unit}{' ago' if ago else ''}"
    words = ["-u", "-d", said, "+%Y-%m-%dT%H:%M:%S %s %j %e"]
    real = subprocess.run([str(GNU), *words], capture_output=True, text=True, check=True).stdout
    assert evaluate_date(words, NOW) == real.rstrip("\n")
