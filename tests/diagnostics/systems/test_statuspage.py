"""What is said of a status page, row by row."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.domain.finding import Inconclusive, UnknownCause
from bot.domain.playbook import HttpCall
from diagnostics.systems.statuspage import Statuspage, interpret, parse_summary
from tests.diagnostics.asking import NOW, question, soon, web

CALL = HttpCall("GET", "https://status.razorpay.com/api/v2/status.json")


def summary(indicator: str = "none", components: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "page": {"name": "Razorpay", "updated_at": "2026-11-23T02:50:00Z"},
        "status": {"indicator": indicator, "description": "As it says"},
        "components": [
            {"name": name, "status": status}
            for name, status in (components or {"UPI": "operational"}).items()
        ],
        "incidents": [],
        "scheduled_maintenances": [],
        **more,
    }


def incident(status: str = "investigating", **more: Any) -> dict[str, Any]:
    began = (NOW - timedelta(minutes=20)).isoformat()
    update = {"body": "We are looking <!channel>\ninto it."}
    return {
        "name": "UPI fails",
        "impact": "major",
        "status": status,
        "created_at": began,
        "incident_updates": [update],
        **more,
    }


ROWS: list[tuple[str, dict[str, Any], str, str]] = [
    ("all works", summary(), "ok", "Razorpay says: As it says."),
    ("minor", summary("minor"), "warn", "Razorpay says"),
    ("major", summary("major"), "bad", "Razorpay says"),
    ("critical", summary("critical"), "bad", "Razorpay says"),
    ("a word that is new", summary("purple"), "warn", "Razorpay says"),
    (
        "one is slow though all is none",
        summary("none", {"UPI": "degraded_performance"}),
        "warn",
        "UPI (degraded performance)",
    ),
    (
        "one is down though it is minor",
        summary("minor", {"UPI": "major_outage", "Cards": "operational"}),
        "bad",
        "UPI (major outage)",
    ),
    ("many are", summary("major", {f"C{n}": "partial_outage" for n in range(5)}), "bad", "and 2 more"),
    ("maintenance", summary("none", {"Cards": "under_maintenance"}), "warn", "Cards (under maintenance)"),
    (
        "an incident is open though all is none",
        summary(incidents=[incident()]),
        "warn",
        "“UPI fails” has been open for 20 min",
    ),
    (
        "a maintenance under way",
        summary(scheduled_maintenances=[incident("in_progress")]),
        "warn",
        "has been open",
    ),
    ("a maintenance to come", summary(scheduled_maintenances=[incident("scheduled")]), "ok", "As it says."),
]


@pytest.mark.parametrize(
    ("given", "measure"),
    [
        (summary(), "operational"),
        (summary("major"), "major"),
        (summary("none", {"UPI": "degraded_performance"}), "1 open"),
    ],
)
def test_the_short_value_never_says_none(given: dict[str, Any], measure: str) -> None:
    assert interpret(parse_summary(given), question(CALL)).measure == measure


def test_a_page_without_trouble_is_not_old_and_one_with_an_incident_is_as_old_as_its_last_change() -> None:
    assert interpret(parse_summary(summary()), question(CALL)).age is None
    assert interpret(parse_summary(summary(incidents=[incident()])), question(CALL)).age == timedelta(
        minutes=10
    )


@pytest.mark.parametrize(("name", "given", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_a_page_is_judged_by_the_worst_that_it_says(
    name: str, given: dict[str, Any], verdict: str, words: str
) -> None:
    found = interpret(parse_summary(given), question(CALL))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


async def test_the_whole_page_is_read_whatever_part_the_runbook_shows() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json=summary("minor"))

    look = Statuspage(web(handle, "status.razorpay.com")).run
    found = await look(question(CALL), soon())
    assert (asked, found.verdict, found.link) == (
        ["/api/v2/summary.json"],
        "warn",
        "https://status.razorpay.com",
    )


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (httpx.Response(200, text="<html>Just a moment…</html>"), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, json={"page": {}}), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, json=[]), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, json=summary() | {"components": {}}), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, json=summary() | {"incidents": ""}), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(200, text='{"page": {"na'), UnknownCause.NOT_UNDERSTOOD),
        (httpx.Response(503), UnknownCause.UNREACHABLE),
        (httpx.Response(429), UnknownCause.THROTTLED),
        (httpx.Response(404), UnknownCause.NOT_FOUND),
    ],
)
async def test_what_is_no_status_page_is_never_fine(answer: httpx.Response, cause: UnknownCause) -> None:
    with pytest.raises(Inconclusive) as why:
        await Statuspage(web(lambda request: answer, "status.razorpay.com")).run(question(CALL), soon())
    assert why.value.cause is cause


def test_when_the_page_was_changed_is_not_told_as_the_age_of_what_was_read() -> None:
    troubled = summary("minor", components={"Payments": "degraded_performance"})
    found = interpret(parse_summary(troubled), question(CALL))
    assert (found.age, found.aged) == (timedelta(minutes=10), "their page last changed")
    assert found.collected_at == NOW
