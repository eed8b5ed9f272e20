"""GitHub as a diagnostic reads it, from the world's routes and from prepared answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import GitCall, VendorCall
from diagnostics.systems.github import API, GitHub
from sandbox.monitored_systems import github
from sandbox.monitored_systems.names import KEYS, REPOSITORY
from sandbox.monitored_systems.scenarios import Breakage, Scene, build_broken_scene, build_healthy_scene
from tests.diagnostics.vendor import Prepared, Reply, question, site, soon

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LAST_HOURS = GitCall("commits", {"since": "2 hours ago", "oneline": True})
MOBILE = GitCall("commits", {"since": "1 week ago"}, folder="packages/mobile/shipper")
SHA = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"


async def seen(scene: Scene, call: GitCall | VendorCall = LAST_HOURS) -> Finding:
    async with site(API, github.build_routes(lambda: scene)) as client:
        reader = GitHub(client, KEYS["GITHUB_TOKEN"], REPOSITORY)
        return await reader.run(question(call, datetime.now(UTC), scene.since), soon())


async def test_nothing_changed_before_a_healthy_moment() -> None:
    found = await seen(build_healthy_scene())
    assert found.verdict == "ok"
    assert found.headline.startswith("Nothing changed in the 2 hours before")
    assert "v2.14.0 is deployed to production" in found.headline


@pytest.mark.parametrize("call", [LAST_HOURS, VendorCall("github.changes")])
async def test_the_deployment_that_an_error_spike_came_with_is_named(call: GitCall | VendorCall) -> None:
    found = await seen(build_broken_scene(Breakage.ERRORS), call)
    assert found.verdict == "warn"
    assert (
        "v2.15.0" in found.headline
        and "was deployed to production by ana 1 min before the incident began" in found.headline
    )
    assert "Fares come from the new rate table" in found.headline
    assert found.table is not None
    assert {row[1] for row in found.table.rows} == {"release", "deployment", "commit"}
    assert [what for _, what in found.marks] == ["v2.15.0"]
    assert found.link == "https://github.com/rodistaa/rodistaa/commits/"


async def test_a_deployment_that_failed_is_bad() -> None:
    found = await seen(build_broken_scene(Breakage.DEPLOYMENT))
    assert found.verdict == "bad"
    assert "The deployment of v2.15.0" in found.headline and "FAILED" in found.headline


async def test_of_a_path_only_its_own_commits_releases_and_deployments_count() -> None:
    crashes = build_broken_scene(Breakage.CRASHES)
    found = await seen(crashes, MOBILE)
    assert found.verdict == "warn"
    assert "mobile-v5.3.0" in found.headline and "to play-store" in found.headline
    async with site(API, github.build_routes(lambda: crashes)) as client:
        reader = GitHub(client, KEYS["GITHUB_TOKEN"], REPOSITORY)
        declared = datetime.now(UTC)
        late = await reader.run(question(MOBILE, declared, declared), soon())
    assert (late.verdict, "3 hours before the incident began" in late.headline) == ("warn", True)
    backend = await seen(build_broken_scene(Breakage.ERRORS), MOBILE)
    assert backend.verdict == "ok"
    assert "v2.15.0" not in str(backend)


async def test_what_no_rule_judges_is_listed_and_never_ok() -> None:
    found = await seen(build_broken_scene(Breakage.DEPLOYMENT), GitCall("runs", {"limit": "5"}))
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.NO_RULE)
    assert found.table is not None and "failure" in found.table.rows[0]


def written(minutes: float, sha: str = SHA, **more: Any) -> dict[str, Any]:
    person = {"name": "Ana", "email": "ana@acme.example", "date": stamp(minutes)}
    said = {"author": person, "committer": person, "message": "Try key password=hunter2\n\nSee the wiki"}
    return {"sha": sha, "commit": said, "author": {"login": "ana"}, **more}


def stamp(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def went(minutes: float, number: int = 7) -> dict[str, Any]:
    return {"id": number, "sha": SHA, "ref": "v2", "environment": "production", "created_at": stamp(minutes),
            "creator": {"login": "ana"}}  # fmt: skip


WHOLE: dict[str, Reply] = {
    "/commits": [written(20)],
    "/deployments": [went(15)],
    "/statuses": [{"state": "success", "created_at": stamp(9999)}],
    "/releases": [],
    "...HEAD": {"ahead_by": 0, "commits": []},
}


@asynccontextmanager
async def prepared(**replies: Reply) -> AsyncIterator[tuple[GitHub, Prepared]]:
    vendor = Prepared(WHOLE | {f"/{name}": reply for name, reply in replies.items() if name != "head"}
                      | ({"...HEAD": replies["head"]} if "head" in replies else {}))  # fmt: skip
    async with site(API, vendor.routes) as client:
        yield GitHub(client, "ghp_secretsecretsecret", "acme/shop"), vendor


async def look(reader: GitHub, call: GitCall = LAST_HOURS) -> Finding:
    return await reader.run(question(call, NOW, NOW - timedelta(minutes=10)), soon())


async def test_what_is_asked_has_the_window_the_path_and_the_key() -> None:
    async with prepared() as (reader, vendor):
        found = await look(reader, GitCall("commits", {"since": "1 hour ago"}, ("main",), ("src",)))
    commits = next(each for each in vendor.asked if each.path.endswith("/commits"))
    assert dict(commits.query) == {
        "since": stamp(70), "until": stamp(0), "per_page": "100", "path": "src", "sha": "main"}  # fmt: skip
    assert {each.headers["authorization"] for each in vendor.asked} == {"Bearer ghp_secretsecretsecret"}
    assert "hunter2" not in str(found) and "acme.example" not in str(found) and "ghp_" not in str(found)


async def test_commits_that_are_not_deployed_are_told_apart() -> None:
    later = {"ahead_by": 3, "commits": [written(1, "b" * 40), written(1, "c" * 40), written(1, "d" * 40)]}
    async with prepared(head=later, commits=[written(20), written(1, "d" * 40)]) as (reader, _):
        found = await look(reader)
    assert found.verdict == "warn"
    assert found.headline.endswith("3 commits since are not out.")
    assert found.table is not None and {row[2][:3]: row[4] for row in found.table.rows} == {
        "ddd": "not out", "v2 ": "through", "a1b": "out"}  # fmt: skip


async def test_of_a_long_comparison_the_newest_commits_are_read() -> None:
    async with prepared(head={"ahead_by": 250, "commits": [written(1)]}) as (reader, vendor):
        await look(reader)
    assert {each.query["page"] for each in vendor.asked if each.path.endswith("HEAD")} == {"1", "2", "3"}


async def test_a_deployment_without_a_status_is_under_way_and_an_unreadable_one_is_not_through() -> None:
    async with prepared(statuses=[]) as (reader, _):
        assert "is being deployed" in (await look(reader)).headline
    async with prepared(statuses=web.Response(status=500)) as (reader, _):
        assert "its outcome is not known" in (await look(reader)).headline


async def test_a_deployment_counts_from_when_it_went_out_not_from_when_it_began_to_wait() -> None:
    approved = [
        {"state": "inactive", "created_at": stamp(3)},
        {"state": "success", "created_at": stamp(15)},
        {"state": "in_progress", "created_at": stamp(16)},
        {"state": "waiting", "created_at": stamp(300)},
    ]
    async with prepared(commits=[], deployments=[went(300)], statuses=approved[1:]) as (reader, _):
        found = await look(reader)
    assert (found.verdict, "was deployed to production by ana 5 min before" in found.headline) == (
        "warn",
        True,
    )
    async with prepared(commits=[], deployments=[went(300)], statuses=approved) as (reader, _):
        assert "was deployed to production by ana 5 min before" in (await look(reader)).headline
    async with prepared(commits=[], deployments=[went(20)], statuses=approved[3:]) as (reader, _):
        assert "is being deployed" in (await look(reader)).headline


@pytest.mark.parametrize(
    ("pages", "verdict", "said"),
    [
        ([100, [went(15)]], "warn", "v2 (a1b2c3d) was deployed to production by ana 5 min before"),
        ([100, 100, [went(15)]], "warn", "was deployed to production"),
        ([100, 100, 100], "unknown", "The newest 300 deployments all went elsewhere"),
        ([3], "ok", "Nothing changed"),
    ],
)
async def test_previews_that_fill_whole_pages_hide_no_deployment_to_production(
    pages: list[Any], verdict: str, said: str
) -> None:
    listed = [
        [went(12) | {"environment": "Preview"}] * page if isinstance(page, int) else page for page in pages
    ]

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/deployments"):
            return web.json_response(listed[int(request.query["page"]) - 1])
        whole: dict[str, Any] = {"statuses": [{"state": "success", "created_at": stamp(9999)}]}
        return web.json_response(whole.get(request.path.rpartition("/")[2], []))

    async with site(API, [web.get("/{rest:.*}", answer)]) as client:
        found = await look(GitHub(client, "ghp_secret", "acme/shop"))
    assert (found.verdict, said in found.headline) == (verdict, True), found.headline


RESET = int(datetime(2026, 11, 23, 3, 42, tzinfo=UTC).timestamp())
REFUSALS = [
    (401, {}, UnknownCause.FORBIDDEN, "GitHub refuses GITHUB_TOKEN (401)."),
    (403, {}, UnknownCause.FORBIDDEN, "GITHUB_TOKEN may not read this of acme/shop (403)."),
    (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(RESET)}, UnknownCause.THROTTLED,
     "used up until 03:42 UTC"),
    (403, {"retry-after": "60"}, UnknownCause.THROTTLED, "limit of requests"),
    (403, {"x-test-message": "You have exceeded a secondary rate limit."}, UnknownCause.THROTTLED, "limit of requests"),
    (429, {}, UnknownCause.THROTTLED, "limit of requests"),
    (404, {}, UnknownCause.NOT_FOUND, "it is not there, or GITHUB_TOKEN has no right to see it"),
    (409, {}, UnknownCause.NO_DATA, "acme/shop is empty"),
    (502, {}, UnknownCause.UNREACHABLE, "returned 502"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "cause", "said"), REFUSALS)
async def test_a_refusal_has_its_cause(
    status: int, headers: dict[str, str], cause: UnknownCause, said: str
) -> None:
    message = headers.get("x-test-message", "no")
    refusal = web.json_response({"message": message}, status=status, headers=headers)
    async with prepared(commits=refusal) as (reader, _):
        with pytest.raises(Inconclusive, match=said.replace("(", "\\(").replace(")", "\\)")) as caught:
            await look(reader)
    assert caught.value.cause is cause


async def test_a_deployed_commit_that_is_no_longer_there_is_said_as_that() -> None:
    gone: Reply = web.json_response({"message": "Not Found"}, status=404)
    async with prepared(commits=[], deployments=[went(9999)], head=gone) as (reader, _):
        found = await look(reader)
    assert "GitHub does not know the deployed commit a1b" in found.headline
    assert "any more" in found.headline and "GITHUB_TOKEN" not in found.headline


@pytest.mark.parametrize("name", ["deployments", "releases", "head"])
async def test_what_cannot_be_read_beside_the_commits_is_said_and_never_ok(name: str) -> None:
    refusal: Reply = web.json_response({"message": "no"}, status=403)
    old: dict[str, Reply] = {"commits": [], "deployments": [went(9999)], "releases": []}
    async with prepared(**{**old, name: refusal}) as (reader, _):
        found = await look(reader)
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.FORBIDDEN)
    assert "GITHUB_TOKEN may not read this" in found.headline


async def test_a_path_that_nothing_ever_touched_is_not_found_and_never_ok() -> None:
    async with prepared(commits=[]) as (reader, _):
        with pytest.raises(Inconclusive, match="No commit ever touched packages/gone") as caught:
            await look(reader, GitCall("commits", {}, folder="packages/gone"))
    assert caught.value.cause is UnknownCause.NOT_FOUND


STRANGE: list[Reply] = [
    {"message": "hello"}, [{"sha": 1}], ["text"], [written(20, commit=None)], web.Response(text="<html>Login</html>"),
    web.Response(body=b"\xff\xfe"), [written(20) | {"commit": {"committer": {"date": "yesterday"}}}],
]  # fmt: skip


@pytest.mark.parametrize("reply", STRANGE, ids=range(len(STRANGE)))
async def test_a_strange_answer_is_not_understood_and_no_fault_of_ours(reply: Reply) -> None:
    async with prepared(commits=reply) as (reader, _):
        with pytest.raises(Inconclusive) as caught:
            await look(reader)
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("token", "repository", "missing"), [("", "a/b", "GITHUB_TOKEN"), ("x", "", "GITHUB_REPOSITORY")]
)
async def test_what_is_not_configured_names_the_variable(token: str, repository: str, missing: str) -> None:
    async with site(API, []) as client:
        reader = GitHub(client, token, repository)
        assert not reader.configured
        with pytest.raises(Inconclusive, match=missing) as caught:
            await look(reader)
    assert caught.value.cause is UnknownCause.NOT_CONFIGURED
