"""What is said of the health endpoint, and of a probe, row by row."""

import asyncio
import contextlib

import httpx
import pytest

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Action, Filter, HttpCall, Threshold, VendorCall
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import HttpResponse
from diagnostics.systems.health import HealthProbe, ServiceHealth, build_probe, interpret
from diagnostics.systems.http_endpoint import Http
from diagnostics.systems.http_endpoint import interpret as judged
from tests.diagnostics.asking import answered, question, soon, web

CALL = VendorCall("health.check")
WELL = HealthProbe(200, 40.0, "ok")
PARTS = b'{"status": "UP", "components": {"db": {"status": "DOWN"}, "disk": {"status": "UP"}}}'


def says(body: bytes) -> HealthProbe:
    return build_probe(answered(200, body, 0.04))


PROXY_PAGE = b"<html>\r\n<head><title>502 Bad Gateway</title></head><body><hr>nginx</body></html>"
APP_PAGE = b"\xef\xbb\xbf\n<!-- built -->\n<!DOCTYPE html><html><head><script src=/a.js></script></html>"
LATENCY = Threshold("bad", "p95 latency", ">", 300, "ms", 226)
ROWS: list[tuple[str, list[HealthProbe], tuple[Threshold, ...], str, str]] = [
    ("well", [WELL, WELL], (), "ok", "Health endpoint returned 200 in 40 ms."),
    ("unavailable", [HealthProbe(503, 12.0, "unavailable")] * 2, (), "bad", "returned 503 (“unavailable”)."),
    ("timed out at the gateway", [HealthProbe(504, 900.0)] * 2, (), "bad", "returned 504"),
    ("one of two fails", [WELL, HealthProbe(503, 9.0)], (), "bad", "returned 503, but 200 at the same moment."),
    (
        "nobody answers",
        [HealthProbe(0, 3000.0, why="a.example has not answered in time.")] * 2,
        (),
        "bad",
        "did not answer: a.example",
    ),
    ("slow", [HealthProbe(200, 1500.0, "ok")] * 2, (), "warn", "takes 1500 ms (limit 1000 ms)"),
    ("very slow", [HealthProbe(200, 6000.0, "ok")] * 2, (), "bad", "takes 6000 ms (limit 5000 ms)"),
    (
        "slow by the runbook",
        [HealthProbe(200, 400.0, "ok")] * 2,
        (LATENCY,),
        "bad",
        "runbook limit 300 ms, line 226",
    ),
    ("it says that it is degraded", [says(b'{"status": "degraded"}')] * 2, (), "warn", "(“degraded”)"),
    ("it says that it is down", [says(b'{"status": "DOWN"}')] * 2, (), "bad", "returned 200 (“DOWN”)"),
    ("it says false", [says(b'{"healthy": false}')] * 2, (), "bad", "(“false”)"),
    ("it says an error in a word", [says(b"unhealthy")] * 2, (), "bad", "(“unhealthy”)"),
    ("a part of it is down", [says(PARTS)] * 2, (), "warn", "(“components: db: DOWN”)"),
    ("one of two says it", [WELL, says(b'{"state": "error"}')], (), "bad", "(“error”)"),
    ("it says it in its own words", [says(b'{"status": "Service is healthy"}')] * 2, (), "ok", "returned 200"),
    ("it says a number", [says(b'{"status": 200}')] * 2, (), "ok", "returned 200"),
    ("it says pong", [says(b"pong")] * 2, (), "ok", "returned 200"),
    ("it redirects", [HealthProbe(302, 40.0)] * 2, (), "warn", "redirects (to a sign-in page?)."),
    ("it wants a key", [HealthProbe(401, 40.0)] * 2, (), "warn", "it is up but wants credentials"),
    ("it asks to wait", [HealthProbe(429, 40.0)] * 2, (), "warn", "rate limits us"),
    ("nothing is there", [HealthProbe(404, 40.0)] * 2, (), "bad", "nothing there"),
    (
        "it rejects the request",
        [HealthProbe(400, 40.0)] * 2,
        (),
        "bad",
        "returned 400: it rejects the request",
    ),
    ("no words of its own", [HealthProbe(204, 40.0)] * 2, (), "ok", "returned 204"),
    ("a proxy's page with 200", [says(PROXY_PAGE)] * 2, (), "warn", "returned 200 with a web page, “502 Bad Gateway”"),
    ("an app's first page", [says(APP_PAGE)] * 2, (), "warn", "returned 200 with a web page:"),
    ("one of two is a page", [WELL, says(PROXY_PAGE)], (), "warn", "with a web page, “502 Bad Gateway”"),
    ("a page for what is not there", [HealthProbe(404, 40.0)] * 2, (), "bad", "nothing there"),
    ("a word in a tag", [says(b"<status>ok</status>")] * 2, (), "ok", "returned 200"),
    ("words in XML", [says(b"<?xml version='1.0'?><health><ok>true</ok></health>")] * 2, (), "ok", "returned 200"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "told", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_health_is_judged_by_the_worse_of_two_requests(
    name: str, given: list[HealthProbe], told: tuple[Threshold, ...], verdict: str, words: str
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
    assert interpret([build_probe(answered(200, body))] * 2, question(CALL)).verdict == verdict


async def test_it_is_asked_twice_and_sent_nowhere() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "http://169.254.169.254/"})

    found = await ServiceHealth(web(handle, "a.example"), "https://a.example/health").run(
        question(CALL), soon()
    )
    assert asked == ["https://a.example/health"] * 2 and found.verdict == "warn"


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("https://login.example/?next=/health&token=abc", "to login.example (a sign-in page?)."),
        ("https://a.example/health", "to https://a.example/health (a sign-in page?)."),
        ("/login?next=%2Fhealth", "to http://a.example/login (a sign-in page?)."),
        ("http://169.254.169.254/latest/meta-data/", "to 169.254.169.254 (a sign-in page?)."),
        ("https://[broken", "(to a sign-in page?)."),
        ("", "(to a sign-in page?)."),
    ],
)
def test_where_a_redirect_leads_is_said_without_its_query(location: str, named: str) -> None:
    answer = HttpResponse(301, {"Location": location}, b"", 0.04, "http://a.example/health")
    found = interpret([build_probe(answer)] * 2, question(CALL))
    assert found.headline == f"Health endpoint returned 301 and redirects {named}"


async def test_a_refused_connection_is_bad_and_an_address_that_is_not_set_is_named() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno 111] Connection refused")

    client = web(handle, "a.example")
    found = await ServiceHealth(client, "https://a.example/health").run(question(CALL), soon())
    assert (found.verdict, found.measure) == ("bad", "none")
    assert "TOCSIN_HEALTH_URL is not set" in ServiceHealth(client, "").describe_missing(
        Action("health.check", CALL)
    )


def nowhere(reason: str, *answering: str) -> HttpClient:
    """A web in which only these hosts answer; every other request fails for this reason."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.host in answering:
            return httpx.Response(200, json={"status": "ok"})
        raise httpx.ConnectError(reason)

    return web(handle, "a.example", "status.vendor.example", "api.other.example", "c.example")


REASONS = [
    "[Errno -2] Name or service not known",
    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate",
    "All connection attempts failed",
]


async def look_beside(client: HttpClient, *others: str) -> Finding:
    """Health endpoint is asked while other steps ask other sites."""

    async def other(name: str) -> None:
        with contextlib.suppress(Inconclusive):
            await client.ask("GET", f"https://{name}/", soon())

    beside = asyncio.gather(*map(other, others))
    try:
        return await ServiceHealth(client, "https://a.example/health").run(question(CALL), soon())
    finally:
        await beside


@pytest.mark.parametrize("reason", REASONS)
async def test_when_every_other_site_fails_alike_it_is_the_way_out_from_here(reason: str) -> None:
    with pytest.raises(Inconclusive) as told:
        await look_beside(nowhere(reason), "status.vendor.example", "api.other.example")
    assert told.value.cause is UnknownCause.UNREACHABLE
    assert "it is the way out from here" in told.value.said and "status.vendor.example" in told.value.said


@pytest.mark.parametrize(
    ("answering", "others"),
    [
        (("c.example",), ("status.vendor.example", "api.other.example", "c.example")),
        ((), ("status.vendor.example",)),
        ((), ()),
    ],
    ids=["one other answers", "only one other was asked", "nobody else was asked"],
)
async def test_else_an_address_that_cannot_be_reached_is_down(
    answering: tuple[str, ...], others: tuple[str, ...]
) -> None:
    found = await look_beside(nowhere(REASONS[0], *answering), *others)
    assert found.verdict == "bad" and "did not answer" in found.headline


async def test_an_answer_that_cannot_be_read_is_unknown_and_not_down() -> None:
    client = web(lambda request: httpx.Response(200, content=b" " * 6_000_000), "a.example")
    with pytest.raises(Inconclusive) as why:
        await ServiceHealth(client, "https://a.example/health").run(question(CALL), soon())
    assert why.value.cause is UnknownCause.NOT_UNDERSTOOD


POST = HttpCall("POST", "https://a.example/webhooks/health")
GET, WELL_KNOWN = HttpCall("GET", "https://a.example/orders"), HttpCall("GET", "https://a.example/healthz")
PROBES: list[tuple[str, HttpCall, HttpResponse, str, str]] = [
    ("a probe is taken", POST, answered(200), "ok", "a.example returned 200"),
    ("it is taken slowly", POST, answered(202, seconds=3.0), "warn", "limit 2 s"),
    ("it fails", POST, answered(500), "bad", "the endpoint fails"),
    ("it wants a signature", POST, answered(401), "warn", "alive and wants a signature"),
    ("it is forbidden", POST, answered(403), "warn", "alive and wants a signature"),
    ("nothing is there", POST, answered(404), "bad", "nothing takes this request there"),
    ("it wants another method", POST, answered(405), "bad", "nothing takes this request there"),
    ("it does not like it", POST, answered(422), "warn", "returned 422"),
    ("it is taken, without words", POST, answered(204, b""), "ok", "returned 204"),
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
        "returned 200 with a page",
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
    ("a health path", WELL_KNOWN, answered(200), "ok", "returned 200"),
    (
        "a health path with a page",
        WELL_KNOWN,
        answered(200, PROXY_PAGE),
        "warn",
        "with a web page, “502 Bad Gateway”",
    ),
    ("a health path that fails", WELL_KNOWN, answered(503), "bad", "it is not well"),
    ("a health path that is not there", WELL_KNOWN, answered(404), "unknown", "no rule"),
    ("any other address", GET, answered(200), "unknown", "there is no rule for this"),
    ("any other address that fails", GET, answered(500), "unknown", "returned 500"),
]


@pytest.mark.parametrize(
    ("name", "call", "answer", "verdict", "words"), PROBES, ids=[probe[0] for probe in PROBES]
)
def test_a_probe_and_a_health_path_are_judged_the_rest_is_shown(
    name: str, call: HttpCall, answer: HttpResponse, verdict: str, words: str
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
    found = await client.run(question(POST), soon())
    assert (found.verdict, asked) == ("bad", ["POST"])
    piped = question(GET).action
    piped = Action("http.get", piped.call, (Filter("grep", ("token",)),))
    told = await client.run(question(GET).__class__("Check", piped, question(GET).now), soon())
    assert told.text == '{"token": "[secret]", "state": "ok"}\n'


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-r", ".apiKey"), "[secret]\n"),
        (("grep state", "-r", ".apiKey"), "[secret]\n"),
        (("-r", ".apiKey | @base64d"), None),
        (("-c", "[.apiKey | explode[]] | implode"), '"[secret]"\n'),
        (("-r", '.apiKey | split("") | join("-")'), "[-s-e-c-r-e-t-]\n"),
        (("-R", "-r", "fromjson | .apiKey"), "[secret]\n"),
        (("-c", "{state, price}"), '{"state":"ok","price":1.5}\n'),
    ],
)
async def test_jq_is_handed_no_secret_that_it_could_take_out_of_its_name(
    words: tuple[str, ...], told: str | None
) -> None:
    body = '{"apiKey": "aHVudGVyMg==", "state": "ok", "price": 1.50}'
    client = Http(web(lambda request: httpx.Response(200, text=body), "a.example"))
    plain = question(GET)
    before = (Filter("grep", ("state",)),) if words[0] == "grep state" else ()
    filters = (*before, Filter("jq", words[len(before) :]))
    piped = CheckRequest("Check", Action("http.get", plain.action.call, filters), plain.now)
    if told is None:
        with pytest.raises(Inconclusive):
            await client.run(piped, soon())
    else:
        assert (await client.run(piped, soon())).text == told


async def test_any_other_address_that_does_not_answer_is_unknown() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    with pytest.raises(Inconclusive) as why:
        await Http(web(handle, "a.example")).run(question(GET), soon())
    assert why.value.cause is UnknownCause.UNREACHABLE
