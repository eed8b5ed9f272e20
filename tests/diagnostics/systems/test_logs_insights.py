"""Queries of Logs Insights: what is asked beside the runbook's own, what is said of it, and that none goes on alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, TimeWindow, UnknownCause
from bot.domain.playbook import Action, AwsCall, Threshold
from diagnostics.analysis.endpoint_latency import (
    LatencyFields,
    QueryResult,
    build_endpoint_query,
    find_latency_fields,
    interpret,
    parse_query_result,
)
from diagnostics.clients.aws import AwsClients
from diagnostics.systems.logs_insights import LogsInsights
from tests.diagnostics.answering_aws import AnsweringAws, Reply, answer, error, isolate_aws

NOW = datetime(2026, 11, 24, 3, 10, tzinfo=UTC)
WINDOW = TimeWindow(NOW - timedelta(hours=1), NOW)
SLOW = "fields @timestamp, endpoint, duration | filter duration > 1000 | sort duration desc | limit 20"
CALL = AwsCall(
    "logs",
    "StartQuery",
    {
        "logGroupName": "/backend",
        "startTime": int(WINDOW.begin.timestamp()),
        "endTime": int(NOW.timestamp()),
        "queryString": SLOW,
    },
)
RULE = Threshold("bad", "p95 latency", ">", 1000, "ms", 235)
MS, S = LatencyFields("duration", "endpoint", "ms"), LatencyFields("took_s", "path", "s")


def question(*told: Threshold, query: str = SLOW) -> CheckRequest:
    call = AwsCall(CALL.service, CALL.operation, {**CALL.parameters, "queryString": query})
    return CheckRequest("Identify slow endpoints", Action("logs.start_query", call), NOW, told)


FIELDS: list[tuple[str, LatencyFields | None]] = [
    (SLOW, MS),
    ("fields path, took_s | sort took_s desc", LatencyFields("took_s", "path", "s")),
    ("fields `http.route`, http.duration_ms", LatencyFields("http.duration_ms", "`http.route`", "ms")),
    (
        "fields requestPath, responseTime | filter @message like /duration/",
        LatencyFields("responseTime", "requestPath", "ms"),
    ),
    ("fields request_path, response_time_ms", LatencyFields("response_time_ms", "request_path", "ms")),
    ("fields @timestamp, @message | filter @message like 'endpoint duration'", None),
    ("fields endpoint | sort @timestamp desc", None),
    ("stats pct(duration, 99) by endpoint", None),
    ("fields @duration, url", None),
    ("", None),
]


@pytest.mark.parametrize(("query", "expected"), FIELDS)
def test_the_fields_that_tell_how_long_what_took_are_found(
    query: str, expected: LatencyFields | None
) -> None:
    assert find_latency_fields(query) == expected


def test_p95_is_asked_over_all_lines_that_the_query_looks_at_and_not_only_the_slow_ones() -> None:
    query = 'fields endpoint, duration | filter level = "a|b" | filter duration > 1000 | filter x like /a|duration/'
    assert build_endpoint_query(query, MS) == (
        'filter level = "a|b" | filter x like /a|duration/ | stats count(duration) as requests,'
        " pct(duration, 95) as p95, max(duration) as slowest by endpoint | sort p95 desc | limit 20"
    )


def rows(*each: tuple[str, int, float, float], field: str = "endpoint") -> tuple[dict[str, str], ...]:
    return tuple(
        {field: name, "requests": f"{count}", "p95": f"{p95}", "slowest": f"{most}"}
        for name, count, p95, most in each
    )


def came(*each: dict[str, str], whole: bool = True, matched: int = 12, read: int = 4300) -> QueryResult:
    return QueryResult(each, whole, matched, read, 1.2e6)


def found(
    own: QueryResult,
    slow: "QueryResult | Inconclusive | None",
    *told: Threshold,
    timed: LatencyFields | None = MS,
) -> Finding:
    return interpret(own, slow, timed, question(*told), WINDOW)


SEARCH, BOOKINGS = ("/v1/search", 1204, 3200.0, 5100.0), ("/v1/bookings", 900, 88.0, 140.0)
ROW = {"endpoint": "/v1/search", "duration": "5100"}
LATE = Inconclusive(UnknownCause.TIMEOUT, "AWS logs has not answered in time.")

ROWS: list[tuple[str, Finding, str, str]] = [
    ("one is slow", found(came(ROW), came(*rows(SEARCH, BOOKINGS))), "bad",
     "p95 of /v1/search is 3,200 ms over 1,204 requests (limit 3000 ms); 1 of 2 endpoints is over it."),
    ("the runbook's limit", found(came(ROW), came(*rows(("/a", 90, 1001, 1), BOOKINGS)), RULE), "bad",
     "(runbook limit 1000 ms, line 235)"),
    ("at the runbook's limit", found(came(ROW), came(*rows(("/a", 90, 1000, 1))), RULE), "ok", "p95 of /a is 1,000 ms"),
    ("between the limits", found(came(ROW), came(*rows(("/a", 90, 1500, 1)))), "warn", "(limit 1000 ms)"),
    ("all are fast", found(came(), came(*rows(BOOKINGS))), "ok", "p95 of /v1/bookings is 88 ms over 900 requests"),
    ("slow, of a few requests", found(came(ROW), came(*rows(("/a", 19, 9000, 1)))), "warn", "over 19 requests"),
    ("a few slow ones beside many", found(came(ROW), came(*rows(("/a", 2, 9000, 1), SEARCH))), "bad", "/v1/search"),
    ("seconds", found(came(ROW), came(*rows(("/a", 90, 1.5, 2), field="path")), RULE, timed=S), "bad", "1,500 ms"),
    ("slow so far", found(came(ROW), came(*rows(SEARCH), whole=False)), "bad", "as far as it was read in time"),
    ("fast so far", found(came(), came(*rows(BOOKINGS), whole=False)), "timeout", "as far as it was read in time"),
    ("p95 did not come", found(came(ROW), LATE), "no_rule", "1 row came; I have no rule for what they mean."),
    ("no fields for it", found(came(ROW, ROW), None, timed=None), "no_rule", "2 rows came;"),
    ("some rows so far", found(came(ROW, whole=False), None, timed=None), "no_rule", "there may be more"),
    ("no row", found(came(matched=0), None, timed=None), "no_data", "No row came."),
    ("nothing was written", found(came(matched=0, read=0), None, timed=None), "no_data", "nothing was written then"),
    ("no row in time", found(came(whole=False), None, timed=None), "timeout", "before the time was over"),
    ("rows without a time", found(came(), came({"requests": "0"})), "no_data", "No row came."),
    ("lines without an endpoint", found(came(ROW), came(*({k: v for k, v in each.items() if k != "endpoint"}
     for each in rows(SEARCH)))), "bad", "p95 of (no endpoint) is 3,200 ms"),
    ("times that are no numbers", found(came(ROW), came(*rows(("/a", 90, float("nan"), 1)))), "no_rule", "1 row came"),
    ("rows that are no numbers", found(came(ROW), came({"endpoint": "/a", "requests": "x", "p95": "y", "slowest": "z"}
     )), "no_rule", "1 row came"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "what", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_queries_are_judged(name: str, what: Finding, verdict: str, words: str) -> None:
    assert (what.cause or what.verdict) == verdict, what.headline
    assert words in what.headline, name
    assert "4,300 lines match" in what.text or "0 lines match" in what.text
    assert "1.2 MB read" in what.text


def test_rows_are_redacted_and_another_shape_is_not_understood() -> None:
    row = [{"field": "@message", "value": "refused a@example.com"}, {"field": "token", "value": "word"},
           {"field": "@ptr", "value": "x"}]  # fmt: skip
    seen = parse_query_result({"status": "Complete", "results": [row], "statistics": {"recordsScanned": 7.0}})
    assert seen.rows == ({"@message": "refused [e-mail]", "token": "[secret]"},)
    assert (seen.whole, seen.read) == (True, 7)
    for strange in ([["text"]], [7], "text", [[{"value": 1}]]):
        with pytest.raises(Inconclusive) as caught:
            parse_query_result({"status": "Complete", "results": strange})
        assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


@pytest.fixture(autouse=True)
def _only_these_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_aws(monkeypatch, tmp_path)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AnsweringAws]:
    async with AnsweringAws().served() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.address)
        yield running


@pytest.fixture
async def aws(server: AnsweringAws) -> AsyncIterator[AwsClients]:
    made = AwsClients()
    await made.warm(["logs"])
    yield made
    made.close()


class Queries:
    """Answers as Logs Insights does: `statuses` are those of each query in turn, the last for ever."""

    def __init__(self, *statuses: str) -> None:
        self.statuses, self.polled = statuses, dict[str, int]()
        self.started = list[str]()
        self.stopped = set[str]()
        self.seen = asyncio.Event()

    def __call__(self, operation: str, body: bytes) -> Reply:
        asked: dict[str, Any] = json.loads(body)
        if operation == "StartQuery":
            self.started.append(asked["queryString"])
            return answer(queryId=f"q{len(self.started)}")
        if operation == "StopQuery":
            self.stopped.add(asked["queryId"])
            return answer(success=True)
        self.seen.set()
        which = asked["queryId"]
        number = self.polled[which] = self.polled.get(which, 0) + 1
        status = self.statuses[min(number, len(self.statuses)) - 1]
        derived = "stats" in self.started[int(which[1:]) - 1]
        row = (
            {"endpoint": "/v1/search", "requests": "1204", "p95": "3200", "slowest": "5100"}
            if derived
            else {"endpoint": "/v1/search", "duration": "5100"}
        )
        return answer(
            status=status,
            results=[[{"field": name, "value": value} for name, value in row.items()]],
            statistics={"recordsMatched": 12.0, "recordsScanned": 4300.0, "bytesScanned": 1.2e6},
        )


async def looked(aws: AwsClients, asked: CheckRequest, seconds: float = 6) -> Finding:
    return await LogsInsights(aws).run(asked, asyncio.get_running_loop().time() + seconds)


async def test_both_queries_are_polled_to_their_end_and_nothing_is_stopped(
    server: AnsweringAws, aws: AwsClients
) -> None:
    queries = server.replies = Queries("Scheduled", "Running", "Complete")
    seen = await looked(aws, question(RULE))
    assert seen.verdict == "bad" and "line 235" in seen.headline
    assert len(queries.started) == 2 and SLOW in queries.started and not queries.stopped
    assert seen.table is not None and seen.table.rows == (("/v1/search", "1,204", "3,200 ms", "5,100 ms"),)
    assert "logs-insights$3FqueryDetail$3D$257E$2528end$257E$25272026-11-24T03*3a10*3a00.000Z" in seen.link
    assert "editorString$257E$2527fields*20*40timestamp*2c*20endpoint" in seen.link
    assert seen.link.endswith("$257Esource$257E$2528$257E$2527*2fbackend$2529$2529")


async def test_a_query_that_does_not_end_is_stopped_and_what_it_has_is_shown(
    server: AnsweringAws, aws: AwsClients
) -> None:
    queries = server.replies = Queries("Running")
    seen = await looked(aws, question(RULE), 2.5)
    assert queries.stopped == {"q1", "q2"}
    assert seen.verdict == "bad" and "as far as it was read in time" in seen.headline


async def test_who_is_cancelled_leaves_no_query_running(server: AnsweringAws, aws: AwsClients) -> None:
    queries = server.replies = Queries("Running")
    task = asyncio.create_task(looked(aws, question(), 20))
    await queries.seen.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert queries.stopped == {f"q{number + 1}" for number in range(len(queries.started))} != set()


@pytest.mark.parametrize(
    ("reply", "cause", "words"),
    [
        (
            error("MalformedQueryException", "unexpected symbol"),
            UnknownCause.NOT_UNDERSTOOD,
            "unexpected symbol",
        ),
        (
            error("ResourceNotFoundException", "Log group '/backend' does not exist"),
            UnknownCause.NOT_FOUND,
            "not exist",
        ),
        (error("AccessDeniedException"), UnknownCause.FORBIDDEN, "logs:StartQuery"),
        (error("LimitExceededException"), UnknownCause.THROTTLED, ""),
        (answer(), UnknownCause.NOT_UNDERSTOOD, "started no query"),
    ],
)
async def test_a_refusal_has_its_cause(
    server: AnsweringAws, aws: AwsClients, reply: Reply, cause: UnknownCause, words: str
) -> None:
    server.say(reply)
    with pytest.raises(Inconclusive) as caught:
        await looked(aws, question())
    assert caught.value.cause is cause and words in caught.value.said


async def test_a_query_that_fails_is_not_understood(server: AnsweringAws, aws: AwsClients) -> None:
    server.replies = Queries("Running", "Failed")
    with pytest.raises(Inconclusive) as caught:
        await looked(aws, question())
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD
