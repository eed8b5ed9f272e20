"""What is said of panels, of Explore, and of queries that are posted to Grafana, row by row."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from bot.command_parsers import classify_command
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Action, HttpCall, StepKind, Threshold, VendorCall
from bot.runbook.grafana_links import parse_grafana_link
from diagnostics.systems.grafana import Grafana
from tests.diagnostics.asking import NOW, question, soon, web

URL = "https://grafana.example"
SHARE = (
    'sum(rate(http_requests_total{job="$job",status=~"5.."}[$__rate_interval]))'
    " / sum(rate(http_requests_total[5m]))"
)
P95 = "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"
ERRORS = Threshold("bad", "HIGH ERROR RATE", ">", 5, "%", 158)
LATENCY = Threshold("bad", "p95 latency", ">", 1000, "ms", 226)
PROMETHEUS = {"type": "prometheus", "uid": "prom1"}


def panel(number: int, title: str, *queries: str, **more: Any) -> dict[str, Any]:
    targets = [{"refId": chr(65 + place), "expr": each} for place, each in enumerate(queries)]
    return {
        "id": number,
        "title": title,
        "type": "timeseries",
        "datasource": PROMETHEUS,
        "targets": targets,
        **more,
    }


def dashboard(*panels: dict[str, Any], **more: Any) -> dict[str, Any]:
    variables = [{"name": "job", "type": "query", "current": {"text": "shop", "value": "shop"}}]
    found = {"uid": "abc", "title": "Shop", "panels": list(panels), "templating": {"list": variables}}
    return {"dashboard": found | more, "meta": {"slug": "shop"}}


def answered(*values: float) -> dict[str, Any]:
    points = [[(NOW - timedelta(minutes=n)).timestamp(), str(values[-1 - n])] for n in range(len(values))][
        ::-1
    ]
    return {
        "status": "success",
        "data": {"resultType": "matrix", "result": [{"metric": {}, "values": points}]},
    }


class Site:
    """Grafana with one dashboard and one Prometheus; `values` by a word of the query."""

    def __init__(self, shown: dict[str, Any], values: dict[str, Any]) -> None:
        self.shown, self.values, self.asked = shown, values, list[httpx.Request]()

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path
        if path == "/api/dashboards/uid/abc":
            return httpx.Response(200, json=self.shown)
        if path == "/api/datasources":
            listed = [{"name": "Main", "uid": "prom1", "isDefault": True}, {"name": "Logs", "uid": "loki"}]
            return httpx.Response(200, json=listed)
        if path == "/api/datasources/proxy/uid/prom1/api/v1/query_range":
            query = request.url.params["query"]
            told = next(value for word, value in self.values.items() if word in query)
            return told if isinstance(told, httpx.Response) else httpx.Response(200, json=answered(*told))
        return httpx.Response(404, json={"message": "Dashboard not found"})

    async def run(self, link: str, *told: Threshold) -> Finding:
        (call,) = parse_grafana_link(link)
        client = web(self.answer, "grafana.example")
        return await Grafana(client, URL, "glsa_word").run(question(call, *told), soon())


BROKEN, WELL = (
    {"requests": [0.01, 0.12], "duration": [0.2, 0.2]},
    {"requests": [0.01, 0.01], "duration": [0.2, 0.2]},
)
BOTH = dashboard(panel(1, "Errors", SHARE), panel(2, "Latency", P95))
ONE, ALL = f"{URL}/d/abc/shop?orgId=1&viewPanel=panel-1", f"{URL}/d/abc/shop?orgId=1"
ROWS: list[tuple[str, str, dict[str, Any], dict[str, Any], str, str]] = [
    (
        "a panel beyond the limit",
        ONE,
        BOTH,
        BROKEN,
        "bad",
        "“Errors”: 12% (runbook limit 5%, line 158), rose from 1%.",
    ),
    ("a panel within it", ONE, BOTH, WELL, "ok", "“Errors”: 1% (runbook limit 5%"),
    ("a whole dashboard, one beyond", ALL, BOTH, BROKEN, "bad", "1 of 2 queries fine, 0 not checked."),
    ("a whole dashboard, all within", ALL, BOTH, WELL, "ok", "2 of 2 queries fine"),
    (
        "a panel without a limit",
        ONE,
        dashboard(panel(1, "Orders", "orders_open")),
        {"orders": [7]},
        "unknown",
        "no rule",
    ),
    (
        "beside it one without",
        ALL,
        dashboard(panel(1, "Errors", SHARE), panel(2, "Orders", "orders_open")),
        {**WELL, "orders": [7]},
        "unknown",
        "1 of 2 queries fine, 1 not checked.",
    ),
    (
        "beside it logs",
        ALL,
        dashboard(
            panel(1, "Errors", SHARE), panel(2, "Lines", "{}", datasource={"type": "loki", "uid": "l"})
        ),
        WELL,
        "unknown",
        "Skipped: Lines.",
    ),
    (
        "text beside it",
        ALL,
        dashboard(panel(1, "Errors", SHARE), {"id": 2, "type": "text", "title": "Read me"}),
        WELL,
        "ok",
        "1%",
    ),
    (
        "in a folded row",
        ONE,
        dashboard({"id": 9, "type": "row", "panels": [panel(1, "Errors", SHARE)]}),
        BROKEN,
        "bad",
        "12%",
    ),
    (
        "a hidden query",
        ONE,
        dashboard(panel(1, "Errors", SHARE) | {"targets": [{"expr": SHARE}, {"expr": "x", "hide": True}]}),
        WELL,
        "ok",
        "“Errors”: 1%",
    ),
    (
        "a data source by name",
        ONE,
        dashboard(panel(1, "Errors", SHARE, datasource="Main")),
        BROKEN,
        "bad",
        "12%",
    ),
    (
        "the usual data source",
        ONE,
        dashboard(panel(1, "Errors", SHARE, datasource=None)),
        BROKEN,
        "bad",
        "12%",
    ),
    (
        "one query fails",
        ALL,
        BOTH,
        {**WELL, "duration": httpx.Response(502)},
        "unknown",
        "“Latency”: grafana.example returned 502.",
    ),
    ("nothing is measured", ONE, BOTH, {"requests": [float("nan")]}, "unknown", "has no data"),
    (
        "a variable that nobody knows",
        ONE,
        dashboard(panel(1, "Errors", SHARE.replace("$job", "$stage")), panel(1, "Latency", P95)),
        WELL,
        "unknown",
        "Skipped: Errors.",
    ),
]


@pytest.mark.parametrize(
    ("name", "link", "shown", "values", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS]
)
async def test_panels_are_judged_by_the_runbooks_limits(
    name: str, link: str, shown: dict[str, Any], values: dict[str, Any], verdict: str, words: str
) -> None:
    found = await Site(shown, values).run(link, ERRORS, LATENCY)
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline
    assert found.link == link


async def test_it_only_reads_with_the_links_variables_and_the_token_and_has_the_series() -> None:
    site = Site(BOTH, BROKEN)
    found = await site.run(f"{ONE}&var-job=api&var-job=web", ERRORS)
    assert {each.method for each in site.asked} == {"GET"}
    assert {each.headers["authorization"] for each in site.asked} == {"Bearer glsa_word"}
    query = site.asked[-1].url.params
    assert 'job="(api|web)"' in query["query"] and "[5m]" in query["query"] and "$" not in query["query"]
    assert int(query["end"]) - int(query["start"]) == 3600
    (series,) = found.series
    assert (series.unit, series.threshold, round(series.points[-1][1], 6)) == ("%", 5, 12.0)


def explored(**pane: Any) -> str:
    return f"{URL}/explore?schemaVersion=1&panes={quote(json.dumps({'x': pane}))}&orgId=1"


LINKS: list[tuple[str, dict[str, str] | None]] = [
    (
        explored(datasource="prom1", queries=[{"expr": "up", "datasource": PROMETHEUS}]),
        {"source": "prom1", "query": "up"},
    ),
    (
        f"{URL}/explore?left={quote(json.dumps(['now-1h', 'now', 'Main', {'expr': 'up'}]))}",
        {"source": "Main", "query": "up", "by": "name"},
    ),
    (explored(queries=[{"expr": "{job=1}", "datasource": {"type": "loki", "uid": "l"}}]), None),
    (f"{URL}/explore?panes=broken", None),
    (f"{URL}/explore", None),
    (f"{URL}/d/abc/shop?viewPanel=3", {"uid": "abc", "panel": "3", "base": URL}),
    (f"{URL}/d-solo/abc/shop?panelId=3", {"uid": "abc", "panel": "3"}),
    ("https://tools.example/grafana/d/abc", {"uid": "abc", "base": "https://tools.example/grafana"}),
    ("https://metrics.example/d/abc/shop?var-job=api", {"uid": "abc", "var-job": "api"}),
    ("https://wiki.example/d/abc", None),
    (f"{URL}/alerting/list", None),
]


@pytest.mark.parametrize(("link", "told"), LINKS, ids=range(len(LINKS)))
def test_a_link_is_known_by_its_path(link: str, told: dict[str, str] | None) -> None:
    calls = list(parse_grafana_link(link))
    assert bool(calls) is (told is not None)
    assert all(call.names.items() >= (told or {}).items() for call in calls)


async def test_a_query_in_explore_is_asked() -> None:
    link = explored(
        datasource="prom1", queries=[{"expr": SHARE.replace("$job", "a"), "datasource": PROMETHEUS}]
    )
    found = await Site(BOTH, {"requests": [0.12]}).run(link.replace("%24__rate_interval", "5m"), ERRORS)
    assert (found.verdict, "“Explore”: 12%" in found.headline) == ("bad", True)


def frame(*values: float | None, labels: dict[str, str] | None = None) -> dict[str, Any]:
    times = [int((NOW - timedelta(minutes=n)).timestamp() * 1000) for n in range(len(values))][::-1]
    fields = [{"name": "Time", "type": "time"}, {"name": "Value", "type": "number", "labels": labels or {}}]
    return {"schema": {"refId": "A", "fields": fields}, "data": {"values": [times, list(values)]}}


def told(*frames: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"results": {"A": {"status": 200, "frames": list(frames)}, **others}}


TABLE = {"schema": {"fields": [{"name": "v", "type": "number"}]}, "data": {"values": [[0.12]]}}
POSTED: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "beyond the limit",
        told(frame(0.01, 0.12)),
        "bad",
        "“A”: 12% (runbook limit 5%, line 158), rose from 1%.",
    ),
    ("within it", told(frame(0.01, 0.01)), "ok", "1% (runbook limit 5%"),
    (
        "the worst of several",
        told(frame(0.01, labels={"pod": "a"}), frame(0.2, labels={"pod": "b"})),
        "bad",
        "20% of pod=b",
    ),
    ("gaps", told(frame(0.12, None, 0.01)), "ok", "1% (runbook limit"),
    ("only gaps", told(frame(None, None)), "unknown", "has no data"),
    ("no frames", told(), "unknown", "has no data"),
    ("an empty frame", told({"schema": {"fields": []}, "data": {"values": []}}), "unknown", "has no data"),
    ("a number without a time", told(TABLE), "bad", "12%"),
    (
        "it failed",
        {"results": {"A": {"status": 400, "error": "parse error"}}},
        "unknown",
        "The query fails: parse error",
    ),
    (
        "one of two failed",
        told(frame(0.01), B={"error": "timeout", "status": 504}),
        "unknown",
        "“B”: The query fails: timeout",
    ),
]
BODY = json.dumps(
    {"queries": [{"refId": "A", "datasource": {"uid": "p"}, "expr": SHARE}], "from": "now-1h", "to": "now"}
)
CALL = HttpCall("POST", f"{URL}/api/ds/query", body=BODY)


def posting(handle: Callable[[httpx.Request], httpx.Response], token: str = "glsa_word") -> Grafana:
    return Grafana(web(handle, "grafana.example", "other.example"), URL, token)


@pytest.mark.parametrize(("name", "given", "verdict", "words"), POSTED, ids=[each[0] for each in POSTED])
async def test_what_is_posted_is_judged_by_its_values_and_not_by_being_answered(
    name: str, given: dict[str, Any], verdict: str, words: str
) -> None:
    status = 207 if "failed" in name else 200
    found = await posting(lambda request: httpx.Response(status, json=given)).run(
        question(CALL, ERRORS), soon()
    )
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


async def test_a_posted_query_waits_for_a_click_and_the_token_goes_to_grafana_only() -> None:
    heard: list[tuple[str, str | None]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        heard.append((request.url.host, request.headers.get("authorization")))
        assert request.headers["content-type"] == "application/json"
        return httpx.Response(200, json=told(frame(0.01)))

    read = classify_command(
        f"curl -X POST {URL}/api/ds/query -H 'Authorization: Bearer old' -d '{BODY.replace(SHARE, 'up')}'"
    )
    assert read.kind is StepKind.PROBE
    for call in (read.actions[0].call, HttpCall("POST", "https://other.example/api/ds/query", body="{}")):
        assert isinstance(call, HttpCall)
        await posting(handle).run(question(call), soon())
    assert heard == [("grafana.example", "Bearer glsa_word"), ("other.example", None)]


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (httpx.Response(401, json={"message": "Unauthorized"}), UnknownCause.FORBIDDEN),
        (httpx.Response(403, json={"message": "no"}), UnknownCause.FORBIDDEN),
        (httpx.Response(404, json={"message": "Dashboard not found"}), UnknownCause.NOT_FOUND),
        (httpx.Response(429), UnknownCause.THROTTLED),
        (httpx.Response(502, text="<html>"), UnknownCause.UNREACHABLE),
        (httpx.Response(200, text="<html>Sign in</html>"), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, json=[]), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, json={"results": []}), UnknownCause.NOT_UNDERSTOOD),
        (
            httpx.Response(200, json={"dashboard": {"panels": [1]}, "results": {"A": 1}}),
            UnknownCause.NOT_UNDERSTOOD,
        ),
    ],
)
async def test_what_is_no_answer_of_grafana_is_never_fine(
    answer: httpx.Response, cause: UnknownCause
) -> None:
    (panel_of,) = parse_grafana_link(ONE)
    for call in (panel_of, CALL):
        with pytest.raises(Inconclusive) as why:
            await posting(lambda request: answer).run(question(call, ERRORS), soon())
        assert why.value.cause is cause


async def test_what_is_missing_is_named_and_another_grafana_is_not_asked() -> None:
    action = Action("grafana.panel", VendorCall("grafana.panel"))
    client = web(lambda request: httpx.Response(500), "grafana.example")
    assert "GRAFANA_URL is not set" in Grafana(client).describe_missing(action)
    assert "GRAFANA_SERVICE_ACCOUNT_TOKEN is not set" in Grafana(client, URL).describe_missing(action)
    assert Grafana(client, URL, "t").describe_missing(action) == ""
    with pytest.raises(
        Inconclusive, match=r"https://grafana\.evil is not the Grafana that GRAFANA_URL names"
    ):
        await Site(BOTH, WELL).run("https://grafana.evil/d/abc/shop", ERRORS)
    with pytest.raises(Inconclusive, match="has no panel 77"):
        await Site(BOTH, WELL).run(f"{URL}/d/abc/shop?viewPanel=77", ERRORS)
    with pytest.raises(Inconclusive, match="asks a Prometheus"):
        await Site(dashboard({"id": 1, "type": "text"}), WELL).run(ONE, ERRORS)
