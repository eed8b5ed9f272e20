"""The bot is killed at each call to a code host; started again, one pull request is there with one commit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from sandbox.repositories import BareRepository, GitHubStandIn, GitLabStandIn, HostStandIn
from sandbox.slack import WorkspaceView
from tests.scenarios.killing import Theatre, theatre
from tests.scenarios.test_reviews import given

BRANCH = "tocsin/inc-1-review"
CONTACTS = '[contacts]\n"CTO" = "slack:U0BRUNO001"\n'
WRITES = (
    ("GITHUB", "/git/refs"),
    ("GITHUB", "/graphql"),
    ("GITHUB", "/pulls"),
    ("GITLAB", "/commits"),
    ("GITLAB", "/merge_requests"),
)
"""Each host with the calls that change something there, in their order."""


@asynccontextmanager
async def scene(database: str, folder: Path, which: str) -> AsyncIterator[tuple[Theatre, HostStandIn]]:
    git = BareRepository(folder / "git", {"README.md": "Ours.\n"})
    host: HostStandIn = GitHubStandIn(git) if which == "GITHUB" else GitLabStandIn(git)
    await host.start()
    settings = {
        "TOCSIN_REVIEW_REPOSITORY": f"{which.lower()}:{host.NAME}:docs/incidents",
        "TOCSIN_REVIEW_TOKEN": host.TOKEN,
        "GITHUB_API_URL" if which == "GITHUB" else "GITLAB_HOST": host.url,
    }
    try:
        async with theatre(database, folder, contacts=CONTACTS, more=settings) as stage:
            yield stage, host
    finally:
        await host.stop()


async def opened(stage: Theatre) -> WorkspaceView:
    """The form that opens for who declared it."""

    def find() -> WorkspaceView | None:
        view = stage.slack.open_view("caller001")
        return view if view is not None and "submit" in view.payload else None

    view = await stage.slack.wait_for(find, 20, "a form")
    assert view is not None
    return view


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("which", "moment"), [("GITHUB", "request"), ("GITHUB", "answer"), ("GITLAB", "answer")]
)
async def test_killed_at_every_write_there_is_one_pull_request_with_one_commit(
    database: str, tmp_path: Path, which: str, moment: str
) -> None:
    """One bot after another is killed at the calls, in their order: each goes on where the one before was ended."""
    async with scene(database, tmp_path, which) as (stage, host):
        left = [path for name, path in WRITES if name == which]
        struck = asyncio.Event()

        def blow(when: str, method: str, path: str) -> None:
            if left and (method, when) == ("POST", moment) and path.endswith(left[0]):
                del left[0]
                struck.set()
                stage.program.kill()
                if moment == "request":
                    raise web.HTTPBadGateway

        await stage.declared()
        (row,) = stage.looking.rows("select channel from incident")
        channel, people = row["channel"], stage.slack.people
        await people.command("caller001", channel, "/incident", "resolve")
        form = await opened(stage)
        await people.submit("caller001", form, {"resolution": {"resolution": "Rolled back"}})
        await stage.until(stage.quiet, what="the resolution")
        await people.command("caller001", channel, "/incident", "review")
        form = await opened(stage)
        host.told = blow
        await people.submit("caller001", form, given(summary="A deploy filled the pool."))
        while left:
            await stage.until(struck.is_set, 40, f"the call {left}")
            struck.clear()
            await stage.start()
        await stage.until(lambda: host.pulls and stage.quiet(), 40, "the pull request")
        (pull,) = host.pulls
        assert pull.branch == BRANCH and host.repository.list_messages(BRANCH) == ["Review of INC-1"]
        (kept,) = stage.looking.rows("select state, link from review_proposal")
        assert kept["state"] == "open" and kept["link"].startswith(host.url)
