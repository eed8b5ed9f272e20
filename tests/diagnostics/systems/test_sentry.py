"""What is said of Sentry's issues, row by row, and how Sentry is asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Threshold, VendorCall
from diagnostics.systems.sentry import API, Sentry
from diagnostics.systems.sentry.rules import SentryIssue, SentrySnapshot, interpret, parse_issue
from sandbox.monitored_systems import sentry
from sandbox.monitored_systems.names import KEYS
from sandbox.monitored_systems.scenarios import Breakage, Scene, build_broken_scene, build_healthy_scene
from tests.diagnostics.vendor import Prepared, Reply, question, site, soon

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BEGAN = NOW - timedelta(minutes=20)
BACKEND = VendorCall("sentry.issues", {"organisation": "rodistaa"})
MOBILE = VendorCall("sentry.issues", {"organisation": "rodistaa", "project": "rodistaa-mobile-prod"})


def one(
    count: int,
    age: timedelta = timedelta(days=40),
    usual: float | None = 2,
    users: int = 0,
    release: str = "",
) -> SentryIssue:
    return SentryIssue(
        str(age), "TypeError: fare", "backend", count, users, NOW - age, usual, release=release
    )


FRESH = timedelta(minutes=10)
ROWS: list[tuple[str, tuple[SentryIssue, ...], str, str]] = [
    ("nothing came", (), "ok", "No unresolved issue of shop came in the last hour."),
    (
        "known, as usual",
        (one(3), one(1)),
        "ok",
        "2 known issues, none new and none far above its usual; the most frequent 3 times",
    ),
    (
        "known, once",
        (one(1),),
        "ok",
        "1 known issue, none new and none far above its usual; the most frequent once",
    ),
    (
        "a new one, often",
        (one(3), one(400, FRESH, None, 80, "v2.15.0")),
        "bad",
        "New in this incident: “TypeError: fare” 400 times in the last hour, 80 people, in v2.15.0 (limit 50 events).",
    ),
    (
        "a new one, seldom",
        (one(2, FRESH),),
        "warn",
        "New in this incident: “TypeError: fare” 2 times in the last hour",
    ),
    ("new shortly before the start", (one(60, timedelta(minutes=70)),), "bad", "New in this incident"),
    ("new long before the start", (one(60, timedelta(minutes=90), None),), "ok", "1 known issue"),
    (
        "two new ones",
        (one(60, FRESH), one(90, FRESH)),
        "bad",
        "90 times in the last hour (limit 50 events). 1 more new.",
    ),
    (
        "a known one spikes",
        (one(100, usual=4),),
        "warn",
        "“TypeError: fare” came 100 times in the last hour, usually 4 an hour.",
    ),
    (
        "one of this morning spikes",
        (one(100, timedelta(hours=3), 4),),
        "warn",
        "usually 4 an hour, first seen 3 hours ago.",
    ),
    ("a known one, a little more", (one(19, usual=1),), "ok", "1 known issue"),
    ("a known one, not so many times more", (one(100, usual=30),), "ok", "1 known issue"),
    ("how often is usual is not told", (one(100, usual=None),), "ok", "1 known issue"),
    ("a known one that never came before", (one(30, usual=0),), "warn", "usually 0 an hour"),
    (
        "new and spiking: the new one leads",
        (one(900, usual=4), one(3, FRESH)),
        "warn",
        "New in this incident",
    ),
]


@pytest.mark.parametrize(("what", "issues", "verdict", "said"), ROWS, ids=[row[0] for row in ROWS])
def test_issues(what: str, issues: tuple[SentryIssue, ...], verdict: str, said: str) -> None:
    found = interpret(SentrySnapshot("shop", issues, "https://sentry.io/x"), NOW, BEGAN)
    assert found.verdict == verdict
    assert said in found.headline
    assert (found.next_look == "") == (verdict == "ok")


@pytest.mark.parametrize(
    ("what", "issues", "taken", "dropped", "verdict", "said"),
    [
        ("all was taken", (one(10),), 900, 0, "ok", "1 known issue"),
        ("a few were dropped", (one(10),), 900, 19, "ok", "1 known issue"),
        (
            "most were dropped",
            (one(10),),
            100,
            4_900,
            "warn",
            "Sentry dropped 98% of all events of that hour",
        ),
        ("all were dropped", (), 0, 5_000, "warn", "came in the last hour. Sentry dropped 100%"),
        ("and a new one is bad", (one(60, FRESH),), 100, 4_900, "bad", "Sentry dropped 98%"),
    ],
)
def test_what_sentry_did_not_take_makes_its_silence_worth_nothing(
    what: str, issues: tuple[SentryIssue, ...], taken: int, dropped: int, verdict: str, said: str
) -> None:
    found = interpret(SentrySnapshot("shop", issues, "", taken=taken, dropped=dropped), NOW, BEGAN)
    assert (found.verdict, said in found.headline) == (verdict, True), found.headline
    assert (found.next_look == "") == (verdict == "ok")


def test_the_runbook_s_own_limit_wins() -> None:
    told = [Threshold("bad", "events", ">", 500, "", 151)]
    found = interpret(SentrySnapshot("shop", (one(400, FRESH),), ""), NOW, BEGAN, told)
    assert (found.verdict, "limit" in found.headline) == ("warn", False)


TOLD = {
    "id": "7", "title": "E: password=hunter2 of ana@acme.example", "count": "40", "userCount": 3,
    "project": {"slug": "shop"}, "firstSeen": "2026-11-23T02:10:00.5Z", "permalink": "https://sentry.io/organizations/acme/issues/7/",
}  # fmt: skip


def test_how_old_an_issue_is_stands_in_its_lifetime_where_there_is_one() -> None:
    """Within a period Sentry may tell the first event of the period: everything would be new."""
    old = {**TOLD, "lifetime": {"firstSeen": "2026-01-01T00:00:00Z"}}
    assert parse_issue(old, BEGAN).first_seen.year == 2026 and parse_issue(old, BEGAN).first_seen.month == 1
    assert parse_issue(TOLD, BEGAN).first_seen > BEGAN - timedelta(hours=1)
    assert (
        "hunter2" not in str(parse_issue(TOLD, BEGAN))
        and "acme.example/" not in parse_issue(TOLD, BEGAN).title
    )


def test_usual_is_what_came_before_the_incident() -> None:
    hours = [
        [int((NOW - timedelta(hours=back)).timestamp()), 500 if back < 2 else 6] for back in range(24, -1, -1)
    ]
    assert parse_issue({**TOLD, "stats": {"24h": hours}}, BEGAN).usual == 6
    assert parse_issue(TOLD, BEGAN).usual is None


async def seen(scene: Scene, call: VendorCall = BACKEND) -> Finding:
    async with site(API, sentry.build_routes(lambda: scene)) as client:
        reader = Sentry(client, KEYS["SENTRY_AUTH_TOKEN"], "rodistaa")
        return await reader.run(question(call, datetime.now(UTC), scene.since), soon())


async def test_the_new_issue_of_a_broken_world_leads_with_its_release() -> None:
    found = await seen(build_broken_scene(Breakage.ERRORS))
    assert found.verdict == "bad"
    assert found.headline.startswith("New in this incident: “TypeError: Cannot read properties of undefined")
    assert "in v2.15.0" in found.headline
    assert found.table is not None and [row[0] for row in found.table.rows] == ["NEW", "known", "known"]
    assert found.link.endswith("/issues/5204/") and found.series[0].points
    crash = await seen(build_broken_scene(Breakage.CRASHES), MOBILE)
    assert crash.verdict == "bad" and "NullPointerException" in crash.headline
    assert crash.table is not None and {row[6] for row in crash.table.rows} == {"rodistaa-mobile-prod"}


async def test_a_healthy_world_has_known_issues_only() -> None:
    found = await seen(build_healthy_scene())
    assert (found.verdict, "2 known issues, none new" in found.headline) == ("ok", True)


@asynccontextmanager
async def prepared(reply: Reply, **more: Reply) -> AsyncIterator[tuple[Sentry, Prepared]]:
    replies = {
        "/issues/": reply,
        "/issues/7/": {"firstRelease": {"version": "shop@2.0+9", "shortVersion": "2.0"}},
    }
    vendor = Prepared(replies | {f"/{name}/": each for name, each in more.items()})
    async with site(API, vendor.routes) as client:
        yield Sentry(client, "sntrys_secret", "acme"), vendor


async def look(reader: Sentry, names: dict[str, str] | None = None, seconds: float = 5) -> Finding:
    return await reader.run(question(VendorCall("sentry.issues", names or {}), NOW, BEGAN), soon(seconds))


async def test_what_is_asked_has_the_project_and_the_key() -> None:
    async with prepared([TOLD]) as (reader, vendor):
        found = await look(reader, {"project": "shop"})
    assert dict(vendor.asked[0].query) == {
        "statsPeriod": "1h",
        "groupStatsPeriod": "24h",
        "sort": "freq",
        "limit": "100",
        "query": "is:unresolved project:shop",
    }
    assert vendor.asked[0].headers["authorization"] == "Bearer sntrys_secret"
    assert vendor.asked[0].path == "/api/0/organizations/acme/issues/"
    assert "in 2.0" in found.headline
    assert "hunter2" not in str(found) and "sntrys_secret" not in str(found)


async def test_pages_are_followed_and_their_end_is_said() -> None:
    more = {"Link": '<http://x/?cursor=0:100:0>; rel="next"; results="true"; cursor="0:100:0"'}
    reply = web.json_response([{**TOLD, "firstSeen": "2026-01-01T00:00:00Z"}], headers=more)
    async with prepared(reply) as (reader, vendor):
        found = await look(reader)
    assert [each.query.get("cursor") for each in vendor.asked[:3]] == [None, "0:100:0", "0:100:0"]
    assert found.headline.startswith("3 or more known issues")


async def test_what_is_new_and_rare_is_found_behind_many_that_are_not() -> None:
    old = {**TOLD, "firstSeen": "2026-01-01T00:00:00Z"}
    more = {"Link": '<http://x/?cursor=0:100:0>; rel="next"; results="true"; cursor="0:100:0"'}

    async def answer(request: web.Request) -> web.Response:
        if request.query.get("sort") == "new":
            return web.json_response([{**TOLD, "id": "9", "count": "3"}, old], headers=more)
        return web.json_response([old], headers=more)

    async with site(API, [web.get("/api/0/organizations/acme/issues/", answer)]) as client:
        found = await look(Sentry(client, "sntrys_secret", "acme"))
    assert found.verdict == "warn" and found.headline.startswith(
        "New in this incident: “E: password=[secret]"
    )


async def test_events_that_were_dropped_are_counted_by_their_outcome() -> None:
    groups = [
        {"by": {"outcome": name}, "totals": {"sum(quantity)": count}, "series": {}}
        for name, count in (("accepted", 100), ("rate_limited", 800), ("abuse", 100), ("filtered", 9_000))
    ]
    async with prepared([TOLD], stats_v2={"groups": groups}) as (reader, vendor):
        found = await look(reader)
    assert "Sentry dropped 90%" in found.headline
    asked = next(each for each in vendor.asked if each.path.endswith("/stats_v2/"))
    assert asked.path == "/api/0/organizations/acme/stats_v2/"
    assert asked.query["groupBy"] == "outcome" and asked.query["category"] == "error"


async def test_silence_of_two_weeks_is_unknown_and_never_healthy() -> None:
    async with prepared([]) as (reader, vendor):
        with pytest.raises(Inconclusive, match="not even of the last 14 days") as caught:
            await look(reader)
    assert caught.value.cause is UnknownCause.NO_DATA
    assert [each.query["statsPeriod"] for each in vendor.asked] == ["1h", "14d"]


async def test_a_release_that_cannot_be_read_is_left_out() -> None:
    async with prepared([{**TOLD, "id": "8"}]) as (reader, _):
        assert (await look(reader)).verdict == "warn"


@pytest.mark.parametrize(
    ("status", "cause", "said"),
    [
        (400, UnknownCause.NOT_UNDERSTOOD, "does not take the question (400): Invalid query"),
        (401, UnknownCause.FORBIDDEN, "refuses SENTRY_AUTH_TOKEN"),
        (403, UnknownCause.FORBIDDEN, "may not read issues"),
        (404, UnknownCause.NOT_FOUND, "no such organisation"),
        (429, UnknownCause.THROTTLED, "limit of requests is used up"),
        (503, UnknownCause.UNREACHABLE, "returned 503"),
    ],
)
async def test_a_refusal_has_its_cause(status: int, cause: UnknownCause, said: str) -> None:
    async with prepared(web.json_response({"detail": "Invalid query"}, status=status)) as (reader, _):
        with pytest.raises(Inconclusive) as caught:
            await look(reader)
    assert (caught.value.cause, said in caught.value.said) == (cause, True)


STRANGE: list[Any] = [
    {"detail": "x"}, [{"id": 1}], ["text"], [{**TOLD, "firstSeen": "lately"}], [{**TOLD, "count": "many"}],
    [{**TOLD, "stats": {"24h": [[None, 1]]}}], web.Response(text="<html>"),
]  # fmt: skip


@pytest.mark.parametrize("reply", STRANGE, ids=range(len(STRANGE)))
async def test_a_strange_answer_is_not_understood_and_no_fault_of_ours(reply: Reply) -> None:
    async with prepared(reply) as (reader, _):
        with pytest.raises(Inconclusive) as caught:
            await look(reader)
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


async def test_what_is_not_configured_names_the_variable_and_the_page() -> None:
    async with site(API, []) as client:
        with pytest.raises(Inconclusive, match="SENTRY_AUTH_TOKEN is not set") as caught:
            await look(Sentry(client), {"organisation": "acme"})
        assert "https://sentry.io/organizations/acme/issues/" in caught.value.next_look
        with pytest.raises(Inconclusive, match="SENTRY_ORG is not set"):
            await look(Sentry(client, "x"))
        with pytest.raises(Inconclusive, match="is no name"):
            await look(Sentry(client, "x"), {"organisation": "../.."})
