"""What is said of the lines of a log, row by row."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import Action, AwsCall, Threshold
from diagnostics.analysis.log_lines import EarlierLines, LogSnapshot, build_log_snapshot, render_tail
from diagnostics.analysis.log_patterns import LogLine
from diagnostics.analysis.log_spikes import interpret
from tests.machine_speed import bound_processor_time

NOW = datetime(2026, 11, 24, 3, 10, tzinfo=UTC)
TEN, HOUR = timedelta(minutes=10), timedelta(hours=1)
WINDOW, BEFORE = TimeWindow(NOW - TEN, NOW), TimeWindow(NOW - TEN - HOUR, NOW - TEN)
OLD, FRESH = "booking {n} failed", "no fare for route {n}"


def lines(window: TimeWindow, count: int, text: str = OLD) -> list[LogLine]:
    """Evenly over the window."""
    step = (window.end - window.begin) / (count + 1)
    instants = (window.begin + step * (number + 1) for number in range(count))
    return [
        LogLine(int(each.timestamp() * 1000), text.replace("{n}", str(number)))
        for number, each in enumerate(instants)
    ]


def question(*told: Threshold) -> CheckRequest:
    call = AwsCall("logs", "FilterLogEvents", {"logGroupName": "/backend"})
    return CheckRequest("a step", Action("logs.filter_log_events", call), NOW, told)


def seen(
    now: Sequence[LogLine],
    before: "Sequence[LogLine] | Inconclusive" = (),
    *,
    read: tuple[TimeWindow, ...] = (WINDOW,),
    before_read: TimeWindow = BEFORE,
    words: str = "ERROR",
    **more: Any,
) -> LogSnapshot:
    earlier = before if isinstance(before, Inconclusive) else EarlierLines(before_read, before)
    return build_log_snapshot(
        words, "/backend", WINDOW, read, sorted(now, key=lambda each: each.at), earlier, **more
    )


def errors(sign: str, value: float, verdict: str = "bad", unit: str = "") -> Threshold:
    return Threshold(verdict, "errors", sign, value, unit, 77)


LATE = Inconclusive(UnknownCause.TIMEOUT, "AWS logs has not answered in time.")
HALF = (TimeWindow(NOW - TEN, NOW - TEN / 2),)

ROWS: list[tuple[str, LogSnapshot, tuple[Threshold, ...], str, str]] = [
    ("five times as many and twenty", seen(lines(WINDOW, 50), lines(BEFORE, 60)), (), "bad",
     "50 lines with “ERROR” in 10 min. 5.0× the rate of the previous hour (limit 5×). Most frequent pattern, 50 l"),
    ("just under five times", seen(lines(WINDOW, 49), lines(BEFORE, 60)), (), "warn", "(limit 2×)"),
    ("twice as many and ten", seen(lines(WINDOW, 20), lines(BEFORE, 60)), (), "warn", "2.0× the rate"),
    ("just under twice", seen(lines(WINDOW, 19), lines(BEFORE, 60)), (), "ok",
     "19 lines with “ERROR” in 10 min. 1.9×"),
    ("many times as many, but few", seen(lines(WINDOW, 9), lines(BEFORE, 1)), (), "ok", "9 lines"),
    ("five times as many, but fifteen", seen(lines(WINDOW, 15), lines(BEFORE, 6)), (), "warn", "15× the rate"),
    ("twenty, none before", seen(lines(WINDOW, 20)), (), "bad",
     "20 lines with “ERROR” in 10 min. None in the hour before"),
    ("ten, none before", seen(lines(WINDOW, 10)), (), "warn", "None in the hour before (limit 2×)"),
    ("four of a new kind", seen([*lines(WINDOW, 10), *lines(WINDOW, 4, FRESH)], lines(BEFORE, 60)), (), "ok",
     "Most frequent pattern, 10 lines: booking"),
    ("five of a new kind", seen([*lines(WINDOW, 10), *lines(WINDOW, 5, FRESH)], lines(BEFORE, 60)), (), "warn",
     "New pattern, 5 lines: no fare for route <n>."),
    ("a new kind with a name in quotes",
     seen([*lines(WINDOW, 10), *lines(WINDOW, 5, "no module './a/b'")], lines(BEFORE, 60)), (), "warn",
     "New pattern, 5 lines, such as: no module './a/b'."),
    ("a hundred as ever", seen(lines(WINDOW, 100), lines(BEFORE, 600)), (), "warn",
     "1.0× the rate of the previous hour. That is many (limit 10 a minute): usual here, or it began before that."),
    ("just under a hundred as ever", seen(lines(WINDOW, 99), lines(BEFORE, 600)), (), "ok", "1.0× the rate"),
    ("a hundred as ever, and a new kind", seen([*lines(WINDOW, 100), *lines(WINDOW, 5, FRESH)], lines(BEFORE, 600)), (),
     "warn", "New pattern, 5 lines: no fare for route <n>."),
    ("a hundred of what is no error", seen(lines(WINDOW, 100), lines(BEFORE, 600), words="razorpay"), (), "ok", "1.0"),
    ("as many as ever in the little that was read", seen(lines(HALF[0], 50), lines(BEFORE, 600), read=HALF), (), "warn",
     "That is many (limit 10 a minute)"),
    ("nothing now, nothing before", seen([]), (), "ok", "No line with “ERROR” in 10 min. None in the hour before."),
    ("nothing now, some before", seen([], lines(BEFORE, 60)), (), "ok",
     "No line with “ERROR” in 10 min. 60 in the hour before."),
    ("what is no error has gone", seen([], lines(BEFORE, 600), words="razorpay"), (), "warn",
     "No line with “razorpay” in 10 min. 600 in the hour before (limit 0.1×)."),
    ("hardly any of what is no error", seen(lines(WINDOW, 9), lines(BEFORE, 600), words="razorpay"), (), "warn",
     "0.09× the rate of the previous hour (limit 0.1×)."),
    ("a tenth of what is no error", seen(lines(WINDOW, 10), lines(BEFORE, 600), words="razorpay"), (), "ok",
     "0.1×"),
    ("few as ever of what is no error", seen([], lines(BEFORE, 100), words="razorpay"), (), "ok", "100 in the hour"),
    ("errors of a provider have gone", seen([], lines(BEFORE, 600), words="razorpay timeout"), (), "ok", "No line"),
    ("hardly any line at all", seen(lines(WINDOW, 1), lines(BEFORE, 600), words=""), (), "warn", "(limit 0.1×)"),
    ("what is no error has gone, and before is not known", seen([], LATE, words="razorpay"), (), "ok", "No line"),
    ("nothing is written", seen([], silent=HOUR), (), "warn",
     "Nothing at all was written to /backend in the last hour."),
    ("nothing is written for ten minutes", seen([], lines(BEFORE, 9), silent=TEN), (), "warn", "in the last 10 min."),
    ("the hour before is not known", seen(lines(WINDOW, 50), LATE), (), "no_data",
     "50 lines with “ERROR” in 10 min, and nothing to compare with: AWS logs has not answered in time."),
    ("nothing now, before is not known", seen([], LATE), (), "ok", "No line with “ERROR” in 10 min."),
    ("half of it was read, nothing there", seen([], read=HALF), (), "timeout",
     "could be read in time of the last 10 min"),
    ("nothing of it was read", seen([], read=()), (), "timeout", "Nothing could be read"),
    ("no minute of it was read whole", seen(lines(HALF[0], 25), lines(BEFORE, 60), read=()), (), "bad",
     "Only a part of that time could be read."),
    ("half of it was read, spiking", seen(lines(HALF[0], 25), lines(BEFORE, 60), read=HALF), (), "bad",
     "At least 25 lines with “ERROR” in 10 min. 5.0× the rate of the previous hour"),
    ("the half is named", seen(lines(HALF[0], 25), lines(BEFORE, 60), read=HALF), (), "bad", "Read: 03:00–03:05 UTC."),
    ("a quarter of the hour was read", seen(lines(WINDOW, 20), lines(BEFORE, 15), before_read=TimeWindow(
        BEFORE.begin, BEFORE.begin + HOUR / 4)), (), "warn", "2.0× the rate of the previous 15 min"),
    ("nothing of the hour was read", seen(lines(WINDOW, 20), before_read=TimeWindow(BEFORE.begin, BEFORE.begin)), (),
     "no_data", "nothing to compare with: It could not be read in time."),
    ("the runbook allows as many", seen(lines(WINDOW, 50), lines(BEFORE, 1)), (errors(">", 50),), "ok",
     "(runbook limit 50, line 77)"),
    ("the runbook allows fewer", seen(lines(WINDOW, 6), lines(BEFORE, 36)), (errors(">", 5),), "bad", "line 77"),
    ("the runbook's warning", seen(lines(WINDOW, 6), lines(BEFORE, 36)), (errors(">", 5, "warn"),), "warn", "line 77"),
    ("the runbook speaks of a rate", seen(lines(WINDOW, 6), lines(BEFORE, 36)), (errors(">", 5, unit="%"),), "ok",
     "1.0"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "what", "told", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_lines_are_judged(
    name: str, what: LogSnapshot, told: tuple[Threshold, ...], verdict: str, words: str
) -> None:
    found = interpret(what, question(*told))
    assert found.cause or found.verdict, name
    assert (found.cause or found.verdict) == verdict
    assert words in found.headline


def found_with(now: Sequence[LogLine], before: Sequence[LogLine] = (), **more: Any) -> Finding:
    return interpret(seen(now, before, **more), question())


def test_the_table_has_the_new_kinds_first_and_tells_how_many_kinds_are_left_out() -> None:
    kinds = [
        line for number in range(14) for line in lines(WINDOW, 20 - number, f"kind {'k' * number} {{n}}")
    ]
    before = [line for number in range(13) for line in lines(BEFORE, 9, f"kind {'k' * number} {{n}}")]
    table = found_with(kinds, before).table
    assert table is not None
    assert (table.rows[0][0], table.rows[0][1], table.rows[0][4]) == ("7", "new", "kind kkkkkkkkkkkkk <n>")
    assert [row[0] for row in table.rows[1:]] == ["20", "19", "18", "17", "16", "15", "14", "13", "12"]
    assert table.left_out == 4


def test_a_kind_that_was_there_before_was_first_seen_then() -> None:
    table = found_with([*lines(WINDOW, 9), *lines(WINDOW, 6, FRESH)], lines(BEFORE, 59)).table
    assert table is not None
    assert [(row[1], row[2]) for row in table.rows] == [("new", "03:01:25"), ("", "02:01:00")]


def test_the_newest_lines_come_first_and_each_kind_has_one() -> None:
    rare = LogLine(int(WINDOW.begin.timestamp() * 1000), "a rare one for a@example.com")
    text = found_with([rare, *lines(WINDOW, 30)]).text
    newest, others = text.split("\n\n")
    assert newest.splitlines()[0].endswith("booking 29 failed") and len(newest.splitlines()) == 10
    assert others == "03:00:00 a rare one for [e-mail]"


def test_the_runbooks_own_answer_is_shown_in_place_of_the_newest_lines() -> None:
    found = found_with(lines(WINDOW, 3), answer="   2 it broke for a@example.com\x1b[0m\n   1 <!channel>\n")
    assert found.text.startswith("2 it broke for [e-mail]\n1 <!channel>")
    assert found_with(lines(WINDOW, 3), answer="").text.startswith("(nothing came through the filters)")


def test_lines_a_minute_are_a_series_with_the_limit_and_without_holes() -> None:
    (series,) = found_with(lines(WINDOW, 100), lines(BEFORE, 120)).series
    assert (len(series.points), series.threshold) == (70, 10)
    assert sum(value for _, value in series.points) == 220
    assert [at for at, _ in series.points] == [BEFORE.begin + timedelta(minutes=each) for each in range(70)]


def test_lines_are_typed_as_the_command_line_writes_them_and_redacted_before_anything_picks_from_them() -> (
    None
):
    line = LogLine(1_795_489_200_000, '{"password":"Mango-Lassi-77","message":"it broke"}', "backend/1")
    assert render_tail([line]) == (
        '2026-11-24T03:00:00.000000+00:00 backend/1 {"password":"[secret]","message":"it broke"}\n'
    )


def test_a_hundred_thousand_lines_are_judged_in_seconds() -> None:
    now, before = lines(WINDOW, 50_000), lines(BEFORE, 50_000)
    found = bound_processor_time(5, lambda: found_with(now, before))
    assert found.verdict == "bad" and found.headline.startswith("50,000 lines")
