"""What is said of the health address, and of a probe, row by row."""

import httpx
import pytest

from bot.step import Action, Filter, HttpCall, Threshold, VendorCall
from diagnostics.finding import CannotTell, Cause
from diagnostics.health import Health, Try, interpret, tried
from diagnostics.http import Http
from diagnostics.http import interpret as judged
from diagnostics.web import Answer
from tests.diagnostics.asking import answered, question, soon, web

CALL = VendorCall("health.check")
WELL = Try(200, 40.0, "ok")
PARTS = b'{"status": "UP", "components": {"db": {"status": "DOWN"}, "disk": {"status": "UP"}}}'


def says(body: bytes) -> Try:
    return tried(answered(200, body, 0.04))


LATENCY = Threshold("bad", "p95 latency", ">", 300, "ms", 226)
ROWS: list[tuple[str, list[Try], tuple[Threshold, ...], str, str]] = [
    ("well", [WELL, WELL], (), "ok", "The health address answers 200 in 40 ms."),
    ("unavailable", [Try(503, 12.0, "unavailable")] * 2, (), "bad", "answers 503, it says “unavailable”."),
    ("timed out at the gateway", [Try(504, 900.0)] * 2, (), "bad", "answers 504"),
    ("one of two fails", [WELL, Try(503, 9.0)], (), "bad", "answers 503, but 200 at the same moment."),
    (
        "nobody answers",
        [Try(0, 3000.0, why="a.example has not answered in time.")] * 2,
        (),
        "bad",
        "does not answer: a.example",
    ),
    ("slow", [Try(200, 1500.0, "ok")] * 2, (), "warn", "takes 1500 ms (limit 1000 ms)"),
    ("very slow", [Try(200, 6000.0, "ok")] * 2, (), "bad", "takes 6000 ms (limit 5000 ms)"),
    (
        "slow by the runbook",
        [Try(200, 400.0, "ok")] * 2,
        (LATENCY,),
        "bad",
        "limit 300 ms by the runbook, line 226",
    ),
    ("it says that it is degraded", [says(b'{"status": "degraded"}')] * 2, (), "warn", "it says “degraded”"),
    ("it says that it is down", [says(b'{"status": "DOWN"}')] * 2, (), "bad", "answers 200, it says “DOWN”"),
    ("it says false", [says(b'{"healthy": false}')] * 2, (), "bad", "it says “false”"),
    ("it says an error in a word", [says(b"unhealthy")] * 2, (), "bad", "it says “unhealthy”"),
    ("a part of it is down", [says(PARTS)] * 2, (), "warn", "it says “components: db: DOWN”"),
    ("one of two says it", [WELL, says(b'{"state": "error"}')], (), "bad", "it says “error”"),
    ("it says it in its own words", [says(b'{"status": "Service is healthy"}')] * 2, (), "ok", "answers 200"),
    ("it says a number", [says(b'{"status": 200}')] * 2, (), "ok", "answers 200"),
    ("it says pong", [says(b"pong")] * 2, (), "ok", "answers 200"),
    ("it sends elsewhere", [Try(302, 40.0)] * 2, (), "warn", "a page to sign in?"),
    ("it wants a key", [Try(401, 40.0)] * 2, (), "warn", "it is alive, and wants a key"),
    ("it asks to wait", [Try(429, 40.0)] * 2, (), "warn", "asks us to wait"),
    ("nothing is there", [Try(404, 40.0)] * 2, (), "bad", "nothing is there"),
    (
        "it does not take the request",
        [Try(400, 40.0)] * 2,
        (),
        "bad",
        "answers 400: it does not take the request",
    ),
    ("no words of its own", [Try(204, 40.0)] * 2, (), "ok", "answers 204"),
]


@pytest.mark.parametrize(("name", "given", "told", "verdict", "words"), ROWS, ids=[each[0] for each in ROWS])
def test_health_is_judged_by_the_worse_of_two_requests(
    name: str, given: list[Try], told: tuple[Threshold, ...], verdict: str, words: str
) -> None:
    found = interpret(given, question(CALL, *told))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b'{"status": "UP"}', "ok"),
        (b'{"status": "success"}', "ok"),
        (b'{"status": 200, "message": "OK"}', "ok"),
        (b'{"state": "running"}', "ok"),
        (b'{"healthy": true}', "ok"),
        (b'{"uptime": 7}', "ok"),
        (b"OK", "ok"),
        (b'{"healthy": false}', "bad"),
        (b'{"ok": false}', "bad"),
        (b'{"status": "unhealthy"}', "bad"),
        (b'{"status": 503}', "bad"),
        (b'{"status": "starting"}', "warn"),
    ],
)
def test_what_a_body_says_of_itself_counts_though_the_answer_is_200(body: bytes, verdict: str) -> None:
    assert interpret([tried(answered(200, body))] * 2, question(CALL)).verdict == verdict


async def test_it_is_asked_twice_and_sent_nowhere() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "http://169.254.169.254/"})

    found = await Health(web(handle, "a.example"), "https://a.example/health").look(question(CALL), soon())
    assert asked == ["https://a.example/health"] * 2 and found.verdict == "warn"


async def test_a_refused_connection_is_bad_and_an_address_that_is_not_set_is_named() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno 111] Connection refused")

    client = web(handle, "a.example")
    found = await Health(client, "https://a.example/health").look(question(CALL), soon())
    assert (found.verdict, found.measure) == ("bad", "none")
    assert "TOCSIN_HEALTH_URL is not set" in Health(client, "").lacks(Action("health.check", CALL))


async def test_an_answer_that_cannot_be_read_is_unknown_and_not_down() -> None:
    client = web(lambda request: httpx.Response(200, content=b" " * 6_000_000), "a.example")
    with pytest.raises(CannotTell) as why:
        await Health(client, "https://a.example/health").look(question(CALL), soon())
    assert why.value.cause is Cause.NOT_UNDERSTOOD


POST = HttpCall("POST", "https://a.example/webhooks/health")
GET, WELL_KNOWN = HttpCall("GET", "https://a.example/orders"), HttpCall("GET", "https://a.example/healthz")
PROBES: list[tuple[str, HttpCall, Answer, str, str]] = [
    ("a probe is taken", POST, answered(200), "ok", "a.example answers 200"),
    ("it is taken slowly", POST, answered(202, seconds=3.0), "warn", "limit 2 s"),
    ("it fails", POST, answered(500), "bad", "the endpoint fails"),
    ("it wants a signature", POST, answered(401), "warn", "alive and wants a signature"),
    ("it is forbidden", POST, answered(403), "warn", "alive and wants a signature"),
    ("nothing is there", POST, answered(404), "bad", "nothing takes this request there"),
    ("it wants another method", POST, answered(405), "bad", "nothing takes this request there"),
    ("it does not like it", POST, answered(422), "warn", "answers 422"),
    ("it is taken, without words", POST, answered(204, b""), "ok", "answers 204"),
    (
        "it answers and says an error",
        POST,
        answered(200, b'{"status": "error"}'),
        "bad",
        "but it says “error”",
    ),
    ("it says that it failed", POST, answered(200, b'{"success": false}'), "bad", "but it says “false”"),
    (
        "a page answers",
        POST,
        answered(200, b"<!doctype html><title>Shop</title>"),
        "warn",
        "answers 200 with a page",
    ),
    (
        "a health path that says down",
        WELL_KNOWN,
        answered(200, b'{"status": "down"}'),
        "bad",
        "it says “down”",
    ),
    (
        "a health path whose part is down",
        WELL_KNOWN,
        answered(200, PARTS),
        "warn",
        "it says “components: db: DOWN”",
    ),
    ("a health path", WELL_KNOWN, answered(200), "ok", "answers 200"),
    ("a health path that fails", WELL_KNOWN, answered(503), "bad", "it is not well"),
    ("a health path that is not there", WELL_KNOWN, answered(404), "unknown", "no rule"),
    ("any other address", GET, answered(200), "unknown", "there is no rule for this"),
    ("any other address that fails", GET, answered(500), "unknown", "answers 500"),
]


@pytest.mark.parametrize(
    ("name", "call", "answer", "verdict", "words"), PROBES, ids=[each[0] for each in PROBES]
)
def test_a_probe_and_a_health_path_are_judged_the_rest_is_shown(
    name: str, call: HttpCall, answer: Answer, verdict: str, words: str
) -> None:
    found = judged(answer, call, question(call))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


async def test_a_probe_is_sent_once_and_a_pipe_is_applied_to_a_redacted_answer() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        if request.method == "POST":
            raise httpx.ReadError("gone")
        return httpx.Response(200, text='{"token": "abc123def", "state": "ok"}\nsecond\n')

    client = Http(web(handle, "a.example"))
    found = await client.look(question(POST), soon())
    assert (found.verdict, asked) == ("bad", ["POST"])
    piped = question(GET).action
    piped = Action("http.get", piped.call, (Filter("grep", ("token",)),))
    told = await client.look(question(GET).__class__("Check", piped, question(GET).now), soon())
    assert told.text == '{"token": "[secret]", "state": "ok"}\n'


async def test_any_other_address_that_does_not_answer_is_unknown() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    with pytest.raises(CannotTell) as why:
        await Http(web(handle, "a.example")).look(question(GET), soon())
    assert why.value.cause is Cause.UNREACHABLE
