"""An answer as large as is read at all: it is judged, shown cut and without secrets, and holds up nobody meanwhile."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive
from bot.domain.playbook import Action, Call, Filter, HttpCall, VendorCall
from diagnostics.systems.http_endpoint import Http
from diagnostics.systems.razorpay import Razorpay
from diagnostics.systems.sentry import Sentry
from diagnostics.systems.statuspage import Statuspage
from tests.diagnostics.asking import soon, standstill
from tests.diagnostics.vendor import Prepared, question, site

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECRET = "hunter2"
LINE = f"{'x' * 60} password={SECRET} asha@example.com "
PAGE = "https://page.example"
LARGE = 4_800_000
PATIENCE = 1.0
"""Seconds for which the event loop may stand still on a busy machine; judged on the loop, each took twice as long."""


def many(item: dict[str, Any]) -> list[dict[str, Any]]:
    return [item] * (LARGE // (len(json.dumps(item)) + 2))


def summary(component: dict[str, Any], incident: dict[str, Any]) -> bytes:
    told: dict[str, Any] = {"page": {"name": "p"}, "status": {"indicator": "major", "description": "d"}}
    listed = {
        "components": many(component) if component else [],
        "incidents": many(incident) if incident else [],
    }
    return json.dumps({**told, **listed}).encode()


PLAIN = (LINE * (LARGE // len(LINE))).encode()
ROWS = json.dumps(many({"id": 1, "message": LINE, "nested": {"deep": [LINE]}})).encode()
COMPONENTS = summary({"name": LINE, "status": "major_outage"}, {})
OUTAGE = {"name": LINE, "status": LINE, "created_at": NOW.isoformat(), "incident_updates": [{"body": LINE}]}
INCIDENTS = summary({}, OUTAGE)
PAYMENT = {
    "method": "upi",
    "status": "failed",
    "error_reason": LINE,
    "created_at": int(NOW.timestamp()) - 900,
}
PAYMENTS = json.dumps({"items": many(PAYMENT)}).encode()
ISSUES = json.dumps(
    many(
        {"id": "1", "title": LINE, "culprit": LINE, "permalink": "https://sentry.io/x", "count": "900",
         "userCount": 3, "firstSeen": NOW.isoformat(), "lastSeen": NOW.isoformat(), "level": "error",
         "status": "unresolved", "stats": {"24h": [[1, 2]]}, "project": {"slug": "api"}}
    )
).encode()  # fmt: skip


@pytest.mark.parametrize("reader", ["text", "rows", "components", "incidents", "payments", "issues"])
async def test_a_large_answer_is_judged_and_nobody_waits_for_it(reader: str) -> None:
    body = {"text": PLAIN, "rows": ROWS, "components": COMPONENTS, "incidents": INCIDENTS, "payments": PAYMENTS,
            "issues": ISSUES}[reader]  # fmt: skip
    reply = web.Response(body=body, content_type="application/json")
    call = HttpCall("GET", f"{PAGE}/api/v2/status.json")
    async with site(
        (PAGE, "https://api.razorpay.com", "https://sentry.io"), Prepared({"": reply}).routes
    ) as client:
        looks: dict[str, tuple[Callable[[CheckRequest, float], Awaitable[Finding]], Call]] = {
            "components": (Statuspage(client).run, call),
            "incidents": (Statuspage(client).run, call),
            "payments": (Razorpay(client, "key", "word").run, VendorCall("razorpay.payments")),
            "issues": (Sentry(client, "key", "acme").run, VendorCall("sentry.issues")),
        }
        look, asked = looks.get(reader, (Http(client).run, call))
        async with standstill() as gaps:
            found = await look(question(asked, NOW, NOW - timedelta(minutes=10)), soon(100))
    assert max(gaps) < PATIENCE
    assert found.verdict != "ok" and SECRET not in str(found) and len(str(found)) < 20_000


async def test_what_filters_let_through_is_cut_and_the_rest_is_counted() -> None:
    lines = b"\n".join([f"ERROR {LINE}".encode()] * 20_000)
    call = HttpCall("GET", f"{PAGE}/log")
    asked = CheckRequest("Log", Action("http.get", call, (Filter("grep", ("ERROR",)),)), NOW)
    async with site(PAGE, Prepared({"": web.Response(body=lines)}).routes) as client:
        found = await Http(client).run(asked, soon())
    assert found.text.startswith("ERROR x") and found.text.endswith(" more characters")
    assert len(found.text) < 4_100 and SECRET not in found.text


async def test_a_large_answer_that_is_not_read_in_time_says_so() -> None:
    reply = web.Response(body=ROWS, content_type="application/json")
    async with site(PAGE, Prepared({"": reply}).routes) as client:
        with pytest.raises(Inconclusive, match="in time"):
            await Http(client).run(question(HttpCall("GET", f"{PAGE}/rows"), NOW), soon(0.5))
