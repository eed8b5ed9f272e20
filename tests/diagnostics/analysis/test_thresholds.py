"""Which limit holds for a measure: the runbook's words before what is shipped."""

import re

import pytest

from bot.domain.finding import Verdict
from bot.domain.playbook import Threshold
from diagnostics.analysis.thresholds import Limit, convert_unit, find_limit

SHIPPED = Limit(">", 80, 90, "%")
CPU = re.compile(r"cpu", re.I)


def told(verdict: str, metric: str, sign: str, value: float, unit: str, line: int = 7) -> Threshold:
    return Threshold(verdict, metric, sign, value, unit, line)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], SHIPPED),
        ([told("bad", "CPU usage", ">", 95, "%")], Limit(">", 80, 95, "%", 7)),
        ([told("bad", "CPU usage", ">", 70, "%")], Limit(">", None, 70, "%", 7)),
        ([told("warn", "", ">", 60, "%")], Limit(">", 60, 90, "%", warn_line=7)),
        ([told("bad", "memory", ">", 70, "%")], SHIPPED),
        ([told("bad", "cpu", "<", 70, "%")], SHIPPED),
        ([told("bad", "cpu time", ">", 70, "ms")], SHIPPED),
        ([told("bad", "cpu", ">", 50, "%", 3), told("bad", "cpu", ">", 99, "%", 9)], Limit(">", None, 50, "%", 3)),
        ([told("bad", "cpu", ">=", 95, "%")], Limit(">=", 80, 95, "%", 7)),
        ([told("warn", "cpu", ">", 95, "%")], Limit(">", 95, None, "%", warn_line=7)),
        ([told("warn", "cpu", ">", 95, "%"), told("bad", "cpu", ">=", 99, "%", 9)], Limit(">=", 95, 99, "%", 9, 7)),
    ],
)  # fmt: skip
def test_the_first_of_the_runbooks_words_that_fits_wins(words: list[Threshold], expected: Limit) -> None:
    assert find_limit(words, CPU, SHIPPED) == expected


def test_units_are_turned_into_each_other_and_nothing_else_is() -> None:
    assert convert_unit(1, "s", "ms") == pytest.approx(1000)
    assert convert_unit(1000, "ms", "s") == pytest.approx(1)
    assert convert_unit(2, "GiB", "MB") == pytest.approx(2147.483648)
    assert convert_unit(5, "", "%") == 5
    assert convert_unit(5, "%", "ms") is None


@pytest.mark.parametrize(
    ("sign", "value", "verdict"),
    [(">", 80, Verdict.OK), (">", 81, Verdict.WARN), (">", 91, Verdict.BAD), (">=", 90, Verdict.BAD)],
)
def test_a_value_is_judged_by_the_worst_limit_it_is_beyond(sign: str, value: float, verdict: Verdict) -> None:
    assert Limit(sign, 80, 90, "%").verdict(value) is verdict


def test_a_limit_is_said_with_its_source() -> None:
    assert SHIPPED.describe(Verdict.WARN) == "limit 80%"
    assert Limit(">", None, 1000, "ms", 227).describe(Verdict.BAD) == "runbook limit 1000 ms, line 227"


def test_a_limit_that_is_shipped_is_not_said_to_be_the_runbooks() -> None:
    found = find_limit([told("bad", "cpu", ">", 95, "%")], CPU, SHIPPED)
    assert found.describe(Verdict.WARN) == "limit 80%"
    assert found.describe(Verdict.BAD) == "runbook limit 95%, line 7"
    warned = find_limit([told("warn", "cpu", ">", 60, "%")], CPU, SHIPPED)
    assert (warned.describe(Verdict.WARN), warned.describe(Verdict.BAD)) == (
        "runbook limit 60%, line 7",
        "limit 90%",
    )
