"""What is said of a query of Prometheus, row by row."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.step import HttpCall, Threshold
from diagnostics.finding import CannotTell, Cause
from diagnostics.prometheus import Prometheus, curves, interpret
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
NAMED = Threshold("bad", "http errors", ">", 5, "%", 12)
OTHER = Threshold("bad", "p95 latency", ">", 5, "ms", 12)
LOW = Threshold("bad", "http requests", "<", 10, "", 12)
WARN = Threshold("warn", "", ">", 2, "%", 11)
ROWS: list[tuple[str, dict[str, Any], tuple[Threshold, ...], str, str]] = [
    ("no limit", vector(3), (), "unknown", "3 of pod=0; there is no rule for this."),
    ("beyond the step's limit", vector(7), (OWN,), "bad", "7% of pod=0 (limit 5% by the runbook, line 12)."),
    ("within it", vector(3), (OWN,), "ok", "3% of pod=0"),
    ("suspicious", vector(3), (WARN, OWN), "warn", "limit 2%"),
    ("a limit by the query's words", vector(7), (NAMED,), "bad", "limit 5%"),
    ("a limit for something else", vector(7), (OTHER,), "unknown", "no rule"),
    ("the worst of several", vector(1, 9, 3), (OWN,), "bad", "9% of pod=1"),
    ("the lowest where low is bad", vector(50, 4), (LOW,), "bad", "4 of pod=1"),
    ("it rose", matrix(1, 2, 8), (OWN,), "bad", ", rose from 1."),
    ("points the newest first", backwards(1, 2, 8), (OWN,), "bad", ", rose from 1."),
    ("nothing matches", vector(), (OWN,), "unknown", "has no data"),
    ("not a number", vector(float("nan")), (OWN,), "unknown", "has no data"),
    ("a scalar", SCALAR, (OWN,), "ok", "4%"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "told", "verdict", "words"), ROWS, ids=[each[0] for each in ROWS])
def test_a_query_is_judged_by_the_runbooks_limit_or_not_at_all(
    name: str, given: dict[str, Any], told: tuple[Threshold, ...], verdict: str, words: str
) -> None:
    found = interpret(curves(given), QUERY, question(CALL, *told))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (httpx.Response(400, json={"status": "error"}), Cause.NOT_UNDERSTOOD),
        (httpx.Response(401), Cause.FORBIDDEN),
        (httpx.Response(200, json={"status": "error"}), Cause.NOT_UNDERSTOOD),
        (httpx.Response(200, json={"status": "success", "data": {}}), Cause.NOT_UNDERSTOOD),
        (httpx.Response(200, text="<html>sign in</html>"), Cause.NOT_UNDERSTOOD),
    ],
)
async def test_what_is_no_answer_of_prometheus_is_never_fine(answer: httpx.Response, cause: Cause) -> None:
    with pytest.raises(CannotTell) as why:
        await Prometheus(web(lambda request: answer, "prometheus.example")).look(question(CALL, OWN), soon())
    assert why.value.cause is cause


async def test_grafanas_token_goes_to_grafana_only() -> None:
    heard: list[str | None] = []

    def handle(request: httpx.Request) -> httpx.Response:
        heard.append(request.headers.get("authorization"))
        return httpx.Response(200, json=vector(1))

    client = web(handle, "prometheus.example", "grafana.example")
    look = Prometheus(client, "https://grafana.example", "word").look
    proxied = HttpCall("GET", "https://grafana.example/api/datasources/proxy/1/api/v1/query?query=up")
    await look(question(CALL), soon())
    await look(question(proxied), soon())
    assert heard == [None, "Bearer word"]
