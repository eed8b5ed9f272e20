"""What is said of a query of Prometheus, row by row."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote, quote_plus

import httpx
import pytest

from bot.domain.finding import Inconclusive, UnknownCause
from bot.domain.playbook import HttpCall, Threshold
from diagnostics.analysis.query_series import interpret, parse_curves
from diagnostics.systems.prometheus import Prometheus
from tests.diagnostics.asking import NOW, question, soon, web

QUERY = "rate(http_errors_total[5m])"
CALL = HttpCall("GET", f"https://prometheus.example/api/v1/query?query={QUERY}")


def vector(*values: float) -> dict[str, Any]:
    at = NOW.timestamp()
    result = [{"metric": {"pod": str(n)}, "value": [at, str(value)]} for n, value in enumerate(values)]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def matrix(*values: float) -> dict[str, Any]:
    start = NOW - timedelta(minutes=len(values))
    points = [[(start + timedelta(minutes=n)).timestamp(), str(value)] for n, value in enumerate(values)]
    return {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": {}, "values": points}]},
    }


def backwards(*values: float) -> dict[str, Any]:
    told = matrix(*values)
    told["data"]["result"][0]["values"].reverse()
    return told


SCALAR: dict[str, Any] = {
    "status": "success",
    "data": {"resultType": "scalar", "result": [NOW.timestamp(), "4"]},
}
OWN = Threshold("bad", "", ">", 5, "%", 12)
NAMED = Threshold("bad", "http errors", ">", 5, "/s", 12)
OTHER = Threshold("bad", "p95 latency", ">", 5, "ms", 12)
LOW = Threshold("bad", "", "<", 10, "", 12)
WARN = Threshold("warn", "", ">", 2, "%", 11)
ROWS: list[tuple[str, dict[str, Any], tuple[Threshold, ...], str, str]] = [
    ("no limit", vector(3), (), "unknown", "3 of pod=0; there is no rule for this."),
    ("beyond the step's limit", vector(7), (OWN,), "bad", "7% of pod=0 (runbook limit 5%, line 12)."),
    ("within it", vector(3), (OWN,), "ok", "3% of pod=0"),
    ("suspicious", vector(3), (WARN, OWN), "warn", "limit 2%"),
    ("a limit by the query's words", vector(7), (NAMED,), "bad", "7/s of pod=0 (runbook limit 5/s, line 12)"),
    ("a limit for something else", vector(7), (OTHER,), "unknown", "no rule"),
    ("the worst of several", vector(1, 9, 3), (OWN,), "bad", "9% of pod=1"),
    ("the lowest where low is bad", vector(50, 4), (LOW,), "bad", "4 of pod=1"),
    ("it rose", matrix(1, 2, 8), (OWN,), "bad", ", rose from 1%."),
    ("points the newest first", backwards(1, 2, 8), (OWN,), "bad", ", rose from 1%."),
    ("nothing matches", vector(), (OWN,), "unknown", "has no data"),
    ("not a number", vector(float("nan")), (OWN,), "unknown", "has no data"),
    ("a scalar", SCALAR, (OWN,), "ok", "4%"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "told", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_a_query_is_judged_by_the_runbooks_limit_or_not_at_all(
    name: str, given: dict[str, Any], told: tuple[Threshold, ...], verdict: str, words: str
) -> None:
    found = interpret(parse_curves(given), QUERY, question(CALL, *told))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


SHARE = 'sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))'
P95 = "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"
ERRORS = Threshold("bad", "HIGH ERROR RATE", ">", 5, "%", 158)
SUCCESS = Threshold("bad", "Payment success rate", "<", 50, "%", 136)
LATENCY = Threshold("bad", "p95 latency", ">", 1000, "ms", 226)
MEMORY = Threshold("bad", "memory usage", ">", 2, "GB", 9)
MEANT: list[tuple[str, str, float, tuple[Threshold, ...], str, str]] = [
    ("a share against percent", SHARE, 0.12, (ERRORS,), "bad", "12% (runbook limit 5%, line 158)"),
    ("a small share against percent", SHARE, 0.004, (ERRORS,), "ok", "0.4% (runbook limit 5%"),
    ("a share times 100", f"100 * {SHARE}", 12, (ERRORS,), "bad", "12% (runbook limit 5%"),
    ("a share against the step's own percent", SHARE, 0.12, (OWN,), "bad", "12% (runbook limit 5%"),
    ("seconds against milliseconds", P95, 1.2, (LATENCY,), "bad", "1200 ms (runbook limit 1000 ms, line 226)"),
    ("fast in seconds", P95, 0.2, (LATENCY,), "ok", "200 ms (runbook limit 1000 ms"),
    ("seconds times 1000", f"1000 * {P95}", 450, (LATENCY,), "ok", "450 ms (runbook limit 1000 ms"),
    ("milliseconds by name", "app_latency_p95_ms", 1200, (LATENCY,), "bad", "1200 ms"),
    ("another quantile", P95.replace("0.95", "0.50"), 1.2, (LATENCY,), "unknown", "there is no rule"),
    ("rate is a function", "rate(http_requests_total[5m])", 12, (ERRORS, SUCCESS), "unknown", "no rule"),
    ("errors a second are no percent", "rate(http_errors_total[5m])", 12, (ERRORS,), "unknown", "no rule"),
    ("what is taken from 1", "1 - payment_success_ratio", 0.02, (SUCCESS,), "unknown", "no rule"),
    ("payments that succeed", "payment_success_ratio", 0.31, (SUCCESS,), "bad", "31% (runbook limit 50%"),
    ("memory is not time", "container_memory_bytes", 3e9, (LATENCY,), "unknown", "no rule"),
    ("gigabytes of memory", "container_memory_bytes", 3e9, (MEMORY,), "bad", "3 GB (runbook limit 2 GB"),
    ("a share or percent, nobody knows", "job:errors", 0.12, (OWN,), "unknown", "depends on the unit"),
    ("nothing is nothing in each unit", "job:errors", 0, (OWN,), "ok", "0% (runbook limit 5%"),
    ("seconds or milliseconds, nobody knows", "job:latency:p95", 450, (LATENCY,), "unknown", "depends on the unit"),
    ("slow in each unit", "job:latency:p95", 5000, (LATENCY,), "bad", "limit 1000 ms"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "query", "value", "told", "verdict", "words"), MEANT, ids=[each[0] for each in MEANT]
)
def test_a_limit_is_compared_in_its_own_unit_with_what_it_names_only(
    name: str, query: str, value: float, told: tuple[Threshold, ...], verdict: str, words: str
) -> None:
    given = SCALAR | {"data": {"resultType": "scalar", "result": [NOW.timestamp(), str(value)]}}
    found = interpret(parse_curves(given), query, question(CALL, *told))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


def lines(*series: tuple[int, float]) -> dict[str, Any]:
    """Series of ten points a minute apart; each with the minutes since its last one, and its value."""
    result = [
        {
            "metric": {"pod": str(number)},
            "values": [
                [(NOW - timedelta(minutes=ago + n)).timestamp(), str(value)] for n in range(9, -1, -1)
            ],
        }
        for number, (ago, value) in enumerate(series)
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


TIMES: list[tuple[str, dict[str, Any], str, str]] = [
    ("until now", lines((0, 3)), "ok", "3% of pod=0"),
    ("two minutes ago", lines((2, 7)), "bad", "7% of pod=0"),
    (
        "one has ended",
        lines((0, 3), (8, 99)),
        "ok",
        "3% of pod=0 (runbook limit 5%, line 12), 1 ended.",
    ),
    ("all ended long ago", lines((3 * 24 * 60, 3)), "unknown", "The newest value is 3 days old: it was 3"),
    ("what was bad is not bad now", lines((60, 99)), "unknown", "The newest value is 60 min old"),
    ("nothing to divide by in the end", lines((0, float("nan"))), "unknown", "has no data"),
]


@pytest.mark.parametrize(("name", "given", "verdict", "words"), TIMES, ids=[time[0] for time in TIMES])
def test_what_is_old_does_not_tell_how_it_is_now(
    name: str, given: dict[str, Any], verdict: str, words: str
) -> None:
    found = interpret(parse_curves(given), QUERY, question(CALL, OWN))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


def test_the_chart_is_in_the_limits_unit() -> None:
    found = interpret(parse_curves(matrix(0.01, 0.02, 0.12)), SHARE, question(CALL, ERRORS))
    (series,) = found.series
    assert [round(value, 6) for _, value in series.points] == [1.0, 2.0, 12.0]
    assert (series.unit, series.threshold, found.table and found.table.rows) == ("%", 5, (("value", "12%"),))


async def test_a_query_that_is_posted_after_a_click_is_judged_by_its_values() -> None:
    heard: list[tuple[str, str, str | None]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        heard.append((request.method, request.content.decode(), request.headers.get("content-type")))
        return httpx.Response(200, json=vector(0.12))

    call = HttpCall("POST", "https://prometheus.example/api/v1/query", body="query=" + quote_plus(SHARE))
    found = await Prometheus(web(handle, "prometheus.example")).run(question(call, ERRORS), soon())
    assert (
        found.verdict == "bad"
        and found.link == f"https://prometheus.example/graph?g0.expr={quote(SHARE, safe='')}"
    )
    assert heard == [("POST", call.body, "application/x-www-form-urlencoded")]


async def test_a_query_with_a_fault_is_told_in_prometheus_words_and_a_missing_token_by_its_name() -> None:
    fault = {"status": "error", "errorType": "bad_data", "error": "parse error: unclosed left parenthesis"}
    client = web(lambda request: httpx.Response(400, json=fault), "prometheus.example")
    with pytest.raises(Inconclusive, match="unclosed left parenthesis"):
        await Prometheus(client).run(question(CALL), soon())
    proxied = HttpCall("GET", "https://grafana.example/api/datasources/proxy/1/api/v1/query?query=up")
    client = web(lambda request: httpx.Response(401), "grafana.example")
    with pytest.raises(Inconclusive) as why:
        await Prometheus(client, "https://grafana.example").run(question(proxied), soon())
    assert (why.value.cause, "GRAFANA_SERVICE_ACCOUNT_TOKEN is not set" in why.value.said) == (
        UnknownCause.NOT_CONFIGURED,
        True,
    )


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (httpx.Response(400, json={"status": "error"}), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(401), UnknownCause.FORBIDDEN),
        (httpx.Response(200, json={"status": "error"}), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, json={"status": "success", "data": {}}), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, text="<html>sign in</html>"), UnknownCause.NOT_UNDERSTOOD),
    ],
)
async def test_what_is_no_answer_of_prometheus_is_never_fine(
    answer: httpx.Response, cause: UnknownCause
) -> None:
    with pytest.raises(Inconclusive) as why:
        await Prometheus(web(lambda request: answer, "prometheus.example")).run(question(CALL, OWN), soon())
    assert why.value.cause is cause


async def test_grafanas_token_goes_to_grafana_only() -> None:
    heard: list[str | None] = []

    def handle(request: httpx.Request) -> httpx.Response:
        heard.append(request.headers.get("authorization"))
        return httpx.Response(200, json=vector(1))

    client = web(handle, "prometheus.example", "grafana.example")
    look = Prometheus(client, "https://grafana.example", "word").run
    proxied = HttpCall("GET", "https://grafana.example/api/datasources/proxy/1/api/v1/query?query=up")
    await look(question(CALL), soon())
    await look(question(proxied), soon())
    assert heard == [None, "Bearer word"]
