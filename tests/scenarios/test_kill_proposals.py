"""The bot is killed at each call to a code host; started again, one pull request is there with one commit."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from sandbox.repositories import BareRepository, GitHubStandIn, GitLabStandIn, HostStandIn
from sandbox.slack import WorkspaceView
from tests.scenarios.beside import Databases, run_beside
from tests.scenarios.killing import WHOLE_WITHIN, Theatre, theatre
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

CASES = (("GITHUB", "request"), ("GITHUB", "answer"), ("GITLAB", "answer"))


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

    view = await stage.slack.wait_for(find, WHOLE_WITHIN, "a form")
    assert view is not None
    return view


def room(stage: Theatre) -> str:
    (row,) = stage.looking.rows("select channel from incident")
    return str(row["channel"])


async def resolved(stage: Theatre) -> None:
    """An incident that is over, and all of that is delivered."""
    await stage.declared()
    await stage.slack.people.command("caller001", room(stage), "/incident", "resolve")
    form = await opened(stage)
    await stage.slack.people.submit("caller001", form, {"resolution": {"resolution": "Rolled back"}})
    await stage.until(stage.quiet, what="the resolution")


@pytest.mark.timeout(300)
async def test_killed_at_every_write_there_is_one_pull_request_with_one_commit(
    databases: Databases, tmp_path: Path
) -> None:
    """One bot after another is killed at the calls, in their order: each goes on where the one before was ended."""
    await run_beside(CASES, databases, tmp_path, propose_killed)


async def propose_killed(case: tuple[str, str], database: str, folder: Path) -> None:
    """Kill the bot at each write to this host, before or after it is carried out; one pull request comes of it."""
    which, moment = case
    async with scene(database, folder, which) as (stage, host):
        left = [path for name, path in WRITES if name == which]
        struck = asyncio.Event()

        def blow(when: str, method: str, path: str) -> None:
            if left and (method, when) == ("POST", moment) and path.endswith(left[0]):
                del left[0]
                struck.set()
                stage.program.kill()
                if moment == "request":
                    raise web.HTTPBadGateway

        await resolved(stage)
        await stage.slack.people.command("caller001", room(stage), "/incident", "review")
        form = await opened(stage)
        host.told = blow
        await stage.slack.people.submit("caller001", form, given(summary="A deploy filled the pool."))
        while left:
            await stage.until(struck.is_set, 40, f"the call {left}")
            struck.clear()
            await stage.start()
        await stage.until(lambda: host.pulls and stage.quiet(), 40, "the pull request")
        (pull,) = host.pulls
        assert pull.branch == BRANCH and host.repository.list_messages(BRANCH) == ["Review of INC-1"]
        (kept,) = stage.looking.rows("select state, link from review_proposal")
        assert kept["state"] == "open" and kept["link"].startswith(host.url)
