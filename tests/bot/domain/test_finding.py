"""What is unknown is never taken for healthy."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.finding import (
    Finding,
    TimeWindow,
    UnknownCause,
    Verdict,
    build_unknown_finding,
    find_worst_verdict,
)

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def of(verdict: Verdict) -> Finding:
    if verdict is Verdict.UNKNOWN:
        return build_unknown_finding(UnknownCause.TIMEOUT, "ECS did not answer in 8 s.", AT)
    return Finding(verdict, "4 of 6 tasks running.", AT)


@pytest.mark.parametrize(
    ("verdicts", "total"),
    [
        ("ok ok", "ok"),
        ("ok unknown", "unknown"),
        ("unknown unknown", "unknown"),
        ("", "unknown"),
        ("warn unknown ok", "warn"),
        ("bad unknown warn", "bad"),
    ],
)
def test_a_roll_up_is_ok_only_when_everything_was_seen_to_be(verdicts: str, total: str) -> None:
    assert find_worst_verdict(of(Verdict(each)) for each in verdicts.split()) == total


def test_what_is_unknown_says_why_and_nothing_else_does() -> None:
    with pytest.raises(ValueError, match="has a cause"):
        Finding(Verdict.UNKNOWN, "?", AT)
    with pytest.raises(ValueError, match="has a cause"):
        Finding(Verdict.OK, "fine", AT, UnknownCause.BUG)


def test_instants_have_a_zone_and_windows_an_order() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Finding(Verdict.OK, "fine", AT.replace(tzinfo=None))
    with pytest.raises(ValueError, match="time zone"):
        TimeWindow(AT.replace(tzinfo=None), AT)
    with pytest.raises(ValueError, match="before it begins"):
        TimeWindow(AT, AT - timedelta(minutes=1))
