"""GitLab as a diagnostic reads it, from answers shaped as its documents show them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import GitCall
from diagnostics.systems.gitlab import GitLab
from tests.diagnostics.vendor import Prepared, Reply, question, site, soon

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LAST_HOURS = GitCall("commits", {"since": "2 hours ago", "oneline": True})
SHA = "ed899a2f4b50b4370feeea94676502b42383c746"


def stamp(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def written(minutes: float, sha: str = SHA) -> dict[str, Any]:
    return {"id": sha, "short_id": sha[:8], "title": "Try key password=hunter2", "author_name": "Ana",
            "author_email": "ana@acme.example", "committed_date": stamp(minutes)}  # fmt: skip


def went(minutes: float, status: str = "success", place: str = "production") -> dict[str, Any]:
    return {"id": 42, "iid": 2, "ref": "main", "sha": SHA, "status": status, "created_at": stamp(minutes),
            "environment": {"id": 9, "name": place}, "user": {"username": "ana"}}  # fmt: skip


WHOLE: dict[str, Reply] = {
    "shop": {"default_branch": "main"},
    "commits": [written(20)],
    "deployments": [went(15)],
    "releases": [],
    "compare": {"commits": []},
}


@asynccontextmanager
async def prepared(**replies: Reply) -> AsyncIterator[tuple[GitLab, Prepared]]:
    vendor = Prepared({f"/{name}": reply for name, reply in (WHOLE | replies).items()})
    async with site("https://git.acme.example", vendor.routes) as client:
        yield GitLab(client, "glpat-secret", "acme/shop", "git.acme.example"), vendor


async def look(reader: GitLab, call: GitCall = LAST_HOURS) -> Finding:
    return await reader.run(question(call, NOW, NOW - timedelta(minutes=10)), soon())


ROWS: list[tuple[str, dict[str, Reply], str, str]] = [
    (
        "nothing changed",
        {"commits": [], "deployments": [went(9999)]},
        "ok",
        "Nothing changed in the 2 hours before: no commit, deployment or release; main is deployed to production.",
    ),
    (
        "deployed just before",
        {},
        "warn",
        "main (ed899a2) was deployed to production by ana 5 min before the incident began",
    ),
    ("deployed since", {"deployments": [went(4)]}, "warn", "6 min after the incident began"),
    (
        "a deployment failed",
        {"deployments": [went(15, "failed")]},
        "bad",
        "The deployment of main (ed899a2) to production FAILED",
    ),
    ("one is under way", {"deployments": [went(15, "running")]}, "warn", "is being deployed"),
    ("one was cancelled", {"deployments": [went(15, "canceled")]}, "warn", "its outcome is not known"),
    (
        "a review app counts not",
        {"commits": [], "deployments": [went(15, place="review/x"), went(9999)]},
        "ok",
        "Nothing",
    ),
    (
        "a review app that failed is nobody's outage",
        {"commits": [], "deployments": [went(12, "failed", place="review/fares")]},
        "ok",
        "Nothing changed",
    ),
    (
        "one that waited for somebody",
        {"commits": [], "deployments": [went(400) | {"deployable": {"finished_at": stamp(15)}}]},
        "warn",
        "was deployed to production by ana 5 min before",
    ),
    (
        "released",
        {"deployments": [], "releases": [{"tag_name": "v2", "released_at": stamp(20)}]},
        "warn",
        "v2 was released",
    ),
    (
        "a release that is to come",
        {
            "commits": [],
            "deployments": [went(9999)],
            "releases": [{"tag_name": "v3", "released_at": stamp(-60), "upcoming_release": True}],
        },
        "ok",
        "Nothing changed",
    ),
    (
        "commits that wait",
        {"deployments": [went(9999)], "compare": {"commits": [written(20)]}},
        "ok",
        "none of them out",
    ),
]


@pytest.mark.parametrize(("what", "replies", "verdict", "said"), ROWS, ids=[row[0] for row in ROWS])
async def test_a_project(what: str, replies: dict[str, Reply], verdict: str, said: str) -> None:
    async with prepared(**replies) as (reader, _):
        found = await look(reader)
    assert found.verdict == verdict
    assert said in found.headline
    assert "hunter2" not in str(found) and "acme.example/" not in found.headline


async def test_a_deployed_commit_that_is_no_longer_there_is_said_as_that() -> None:
    gone: Reply = web.json_response({"message": "404 Commit Not Found"}, status=404)
    async with prepared(commits=[], deployments=[went(9999)], compare=gone) as (reader, _):
        found = await look(reader)
    assert f"GitLab does not know the deployed commit {SHA[:7]} any more" in found.headline


async def test_what_is_asked_has_the_window_the_path_and_the_key() -> None:
    mobile = GitCall("commits", {"since": "1 hour ago"}, ("main",), folder="packages/mobile")
    async with prepared(deployments=[went(15, place="mobile-store"), went(14)]) as (reader, vendor):
        found = await look(reader, mobile)
    assert "deployed to mobile-store" in found.headline and "1 more" not in found.headline
    commits = next(each for each in vendor.asked if each.path.endswith("/commits"))
    assert commits.raw_path.startswith("/api/v4/projects/acme%2Fshop/repository/commits?")
    assert dict(commits.query) == {"since": "2026-11-23T01:50:00+00:00", "until": "2026-11-23T03:00:00+00:00",
                                   "per_page": "100", "path": "packages/mobile", "ref_name": "main"}  # fmt: skip
    assert {each.headers["private-token"] for each in vendor.asked} == {"glpat-secret"}
    compared = next(each for each in vendor.asked if each.path.endswith("/compare"))
    assert dict(compared.query) == {"from": SHA, "to": "main"}
    assert found.link == "https://git.acme.example/acme/shop/-/commits/main/packages/mobile"


RESET = str(int(datetime(2026, 11, 23, 3, 42, tzinfo=UTC).timestamp()))


@pytest.mark.parametrize(
    ("status", "cause", "said"),
    [
        (401, UnknownCause.FORBIDDEN, "GitLab refuses GITLAB_TOKEN"),
        (403, UnknownCause.FORBIDDEN, "may not read this of acme/shop"),
        (404, UnknownCause.NOT_FOUND, "it is not there, or GITLAB_TOKEN has no right to see it"),
        (429, UnknownCause.THROTTLED, "used up until 03:42 UTC"),
        (500, UnknownCause.UNREACHABLE, "returned 500"),
    ],
)
async def test_a_refusal_has_its_cause(status: int, cause: UnknownCause, said: str) -> None:
    refusal = web.json_response({"message": "no"}, status=status, headers={"RateLimit-Reset": RESET})
    async with prepared(commits=refusal) as (reader, _):
        with pytest.raises(Inconclusive) as caught:
            await look(reader)
    assert (caught.value.cause, said in caught.value.said) == (cause, True)


async def test_deployments_that_cannot_be_read_are_said_and_never_ok() -> None:
    refusal = web.json_response({"message": "no"}, status=403)
    async with prepared(commits=[], deployments=refusal) as (reader, _):
        found = await look(reader)
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.FORBIDDEN)


@pytest.mark.parametrize(
    "reply", [{"message": "x"}, [{"id": 1}], ["x"], web.Response(text="<html>")], ids=range(4)
)
async def test_a_strange_answer_is_not_understood_and_no_fault_of_ours(reply: Reply) -> None:
    async with prepared(commits=reply) as (reader, _):
        with pytest.raises(Inconclusive) as caught:
            await look(reader)
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


async def test_a_path_that_nothing_ever_touched_is_not_found_and_never_ok() -> None:
    async with prepared(commits=[]) as (reader, _):
        with pytest.raises(Inconclusive, match="No commit ever touched packages/gone") as caught:
            await look(reader, GitCall("commits", {}, folder="packages/gone"))
    assert caught.value.cause is UnknownCause.NOT_FOUND


async def test_an_empty_project_and_what_is_not_configured_are_said() -> None:
    async with prepared(shop={"default_branch": None}) as (reader, _):
        with pytest.raises(Inconclusive, match="acme/shop is empty"):
            await look(reader)
    async with site("https://gitlab.com", []) as client:
        with pytest.raises(Inconclusive, match="GITLAB_TOKEN is not set") as caught:
            await look(GitLab(client))
        assert caught.value.cause is UnknownCause.NOT_CONFIGURED
        with pytest.raises(Inconclusive, match="TOCSIN_GITLAB_PROJECT"):
            await look(GitLab(client, "x", "nonsense"))
