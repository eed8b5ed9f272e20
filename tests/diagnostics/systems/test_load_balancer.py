"""What is said of the traffic of a load balancer, row by row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import Action, Threshold, VendorCall
from diagnostics.clients.aws import AwsClients
from diagnostics.systems.load_balancer import LoadBalancer, Traffic, build_windows, interpret

NOW = datetime(2026, 11, 24, 3, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WINDOW = TimeWindow(NOW - 6 * MINUTE, NOW - MINUTE)
BEFORE = TimeWindow(WINDOW.begin - timedelta(hours=1), WINDOW.begin)


def by_minute(now: float, before: float) -> dict[datetime, float]:
    """As CloudWatch gives it: a minute in which nothing was counted has no point."""
    counted = {WINDOW.end - MINUTE * ago: now if ago <= 5 else before for ago in range(1, 66)}
    return {at: value for at, value in counted.items() if value}


def traffic(
    requests: tuple[float, float] = (1900, 1900),
    targets: tuple[float, float] = (0, 0),
    own: tuple[float, float] = (0, 0),
    p95: float | None = 0.2,
    partial: bool = False,
) -> Traffic:
    """Each by minute: now, and in the hour before."""
    points = () if p95 is None else tuple((at, p95) for at in sorted(by_minute(1, 1)))
    counts = (by_minute(*requests), by_minute(*targets), by_minute(*own))
    return Traffic("app/backend/1", WINDOW, BEFORE, *counts, points, partial)


def question(*told: Threshold) -> CheckRequest:
    return CheckRequest(
        "Zero traffic", Action("load_balancer.traffic", VendorCall("load_balancer.traffic")), NOW, told
    )


RATE = Threshold("bad", "HIGH ERROR RATE", ">", 2, "%", 166)
P95 = Threshold("bad", "p95 latency", ">", 100, "ms", 235)

ROWS: list[tuple[str, Traffic, tuple[Threshold, ...], str, str]] = [
    ("as usual", traffic(), (), "ok",
     "1,900 requests a minute, 1,900 in the hour before. 0% of 9,500 requests in the last 5 min"),
    ("zero traffic", traffic((0, 1900), p95=None), (), "bad", "No request arrives: none in 5 min, 1,900 a minute"),
    ("never any", traffic((0, 0), p95=None), (), "no_data", "no request of app/backend/1 in the last hour"),
    ("not all points came, none of now", traffic((0, 1900), partial=True), (), "no_data", "did not give all points"),
    ("a tenth", traffic((180, 1900)), (), "bad", "180 requests a minute, 1,900 in the hour before: 9% (limit 10%)."),
    ("less than half", traffic((900, 1900)), (), "warn", "47% (limit 50%)"),
    ("four times as many", traffic((8000, 1900)), (), "warn", "421% (limit 300%)"),
    ("little as always", traffic((1, 1)), (), "ok", "1 requests a minute"),
    ("none, where few come", traffic((0, 0.1), p95=None), (), "warn",
     "No request arrives: none in 5 min, 0.1 a minute in the hour before, too few to tell."),
    ("none, where two a minute come", traffic((0, 2), p95=None), (), "bad", "none in 5 min, 2 a minute in the hour"),
    ("six in a hundred", traffic(targets=(114, 2)), (), "bad", "6% of 9,500 requests in the last 5 min returned 5xx "
     "(limit 5%), mostly from the service."),
    ("five in a hundred", traffic(targets=(95, 2)), (), "warn", "5% of 9,500 requests"),
    ("one in a hundred", traffic(targets=(19, 2)), (), "ok", "1% of 9,500 requests"),
    ("the runbook allows two", traffic(targets=(57, 2)), (RATE,), "bad", "(runbook limit 2%, line 166)"),
    ("a rate without a unit is one in a hundred", traffic(targets=(57, 2)), (replace(RATE, unit=""),), "bad",
     "(runbook limit 2%, line 166)"),
    ("a number of errors is no share", traffic(targets=(266, 2)), (Threshold("bad", "5xx", ">", 50, "", 9),), "bad",
     "14% of 9,500 requests in the last 5 min returned 5xx (limit 5%)"),
    ("failing payments are no failing requests", traffic(targets=(266, 2)),
     (Threshold("bad", "Payment failures", ">", 20, "%", 9),), "bad", "(limit 5%)"),
    ("failing requests", traffic(targets=(266, 2)), (Threshold("bad", "failed requests", ">", 20, "%", 9),), "warn",
     "(limit 1%)"),
    ("the balancer finds no target", traffic((0, 1900), own=(640, 0), p95=None), (), "bad",
     "100% of 3,200 requests in the last 5 min returned 5xx (limit 5%), mostly from the load balancer."),
    ("half of a few", traffic((2, 2), targets=(1, 0)), (), "warn", "50% of 10 requests"),
    ("slow", traffic(p95=1.4), (), "warn", "p95 of answers: 1.4 s (limit 1 s)."),
    ("slow by the runbook, without a unit", traffic(p95=0.2), (replace(P95, unit=""),), "bad", "(runbook limit 0.1 s,"),
    ("slow by the runbook", traffic(p95=0.2), (P95,), "bad",
     "p95 of answers: 0.2 s (runbook limit 0.1 s, line 235)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "seen", "told", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_traffic_is_judged(
    name: str, seen: Traffic, told: tuple[Threshold, ...], verdict: str, words: str
) -> None:
    found = interpret(seen, question(*told))
    assert (found.cause or found.verdict) == verdict, found.headline
    assert words in found.headline, name


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (None, WINDOW.begin),
        (2, WINDOW.begin),
        (40, NOW - 40 * MINUTE),
        (170, NOW - 170 * MINUTE),
        (600, WINDOW.begin),
        (-5, WINDOW.begin),
    ],
)
def test_what_it_is_compared_with_ends_when_the_incident_began(
    minutes: int | None, expected: datetime
) -> None:
    began = None if minutes is None else NOW - minutes * MINUTE
    now, before = build_windows(replace(question(), began=began))
    assert (now, before) == (WINDOW, TimeWindow(expected - timedelta(hours=1), expected))


def test_minutes_without_a_request_are_nought_in_the_chart() -> None:
    found = interpret(traffic((0, 1900), p95=None), question())
    requests, shares = found.series
    assert [value for _, value in requests.points] == [1900] * 60 + [0] * 5
    assert len(shares.points) == 60 and shares.threshold == 5
    assert found.measure == "0/min, 0.0% 5xx"


async def test_without_its_name_it_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    aws = AwsClients()
    try:
        with pytest.raises(Inconclusive) as caught:
            await LoadBalancer(aws, "").run(question(), 0)
    finally:
        aws.close()
    assert caught.value.cause is UnknownCause.NOT_CONFIGURED
    assert "TOCSIN_LOAD_BALANCER is not set" in caught.value.said and "app/name/id" in caught.value.next_look
