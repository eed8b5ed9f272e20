"""The bot is killed at each call that makes an issue of an action item; started again, one issue is there."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from sandbox.trackers.github_issues import GitHubIssues
from sandbox.trackers.gitlab_issues import GitLabIssues
from sandbox.trackers.tracker_stand_in import TrackerStandIn
from tests.scenarios.beside import Databases, run_beside
from tests.scenarios.killing import theatre

CONTACTS = '[contacts]\n"CTO" = "slack:U0BRUNO001"\n'
CALLS = (("github", "request"), ("github", "answer"), ("gitlab", "answer"))
"""Jira is looked at after half a minute only: that its index lags is held by the contract's tests."""

TRACKERS: dict[str, Callable[[], TrackerStandIn]] = {"github": GitHubIssues, "gitlab": GitLabIssues}


@pytest.mark.timeout(300)
async def test_killed_at_the_call_there_is_one_issue(databases: Databases, tmp_path: Path) -> None:
    await run_beside(CALLS, databases, tmp_path, track_killed)


async def track_killed(case: tuple[str, str], database: str, folder: Path) -> None:
    """Kill the bot at the call that makes the issue, before or after it is carried out."""
    which, moment = case
    tracker = TRACKERS[which]()
    await tracker.start()
    settings = {
        "TOCSIN_TRACKER": f"{which}:acme/shop",
        "TOCSIN_TRACKER_TOKEN": tracker.token,
        "TOCSIN_TRACKER_URL": tracker.url,
    }
    struck = asyncio.Event()
    try:
        async with theatre(database, folder, contacts=CONTACTS, more=settings) as stage:

            def blow(when: str, method: str, path: str) -> None:
                if (method, when) == ("POST", moment) and not struck.is_set():
                    struck.set()
                    stage.program.kill()
                    if moment == "request":
                        raise web.HTTPBadGateway

            await stage.declared()
            tracker.told = blow
            (row,) = stage.looking.rows("select channel from incident")
            await stage.slack.people.command("caller001", row["channel"], "/incident", "action Add an index")
            await stage.until(struck.is_set, what="the call")
            await stage.start()
            made = "select 1 from action_ticket where id <> ''"
            await stage.until(lambda: stage.looking.rows(made), 60, "the issue")
            assert len(tracker.issues) == 1
    finally:
        await tracker.stop()
