"""The bot is killed at each call that makes an issue of an action item; started again, one issue is there."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from sandbox.trackers.github_issues import GitHubIssues
from sandbox.trackers.gitlab_issues import GitLabIssues
from sandbox.trackers.jira_issues import JiraIssues
from sandbox.trackers.tracker_stand_in import TrackerStandIn
from tests.scenarios.beside import Databases, run_beside
from tests.scenarios.killing import theatre

CONTACTS = '[contacts]\n"CTO" = "slack:U0BRUNO001"\n'
CALLS = (
    ("github", "request"),
    ("github", "answer"),
    ("gitlab", "answer"),
    ("jira", "request"),
    ("jira", "answer"),
)
TRACKERS: dict[str, Callable[[], TrackerStandIn]] = {
    "github": GitHubIssues,
    "gitlab": GitLabIssues,
    "jira": JiraIssues,
}
MADE = "select 1 from action_ticket where id <> ''"
LATER = """
update outbox set uncertain_since = uncertain_since - interval '31 s', not_before = now()
where kind = 'CreateTicket' and settled_at is null and lease_owner is null and uncertain_since > now() - interval '30 s'
returning id
"""
"""Half a minute later: sooner nobody believes Jira's index."""


@pytest.mark.timeout(300)
async def test_killed_at_the_call_there_is_one_issue(databases: Databases, tmp_path: Path) -> None:
    await run_beside(CALLS, databases, tmp_path, track_killed)


async def track_killed(case: tuple[str, str], database: str, folder: Path) -> None:
    """Kill the bot at the call that makes the issue, before or after it is carried out."""
    which, moment = case
    tracker = TRACKERS[which]()
    await tracker.start()
    is_jira = which == "jira"
    settings = {
        "TOCSIN_TRACKER": f"jira:{tracker.url}:OPS" if is_jira else f"{which}:acme/shop",
        "TOCSIN_TRACKER_TOKEN": tracker.token,
        **({} if is_jira else {"TOCSIN_TRACKER_URL": tracker.url}),
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

            def is_made() -> object:
                if is_jira:
                    stage.looking.rows(LATER)
                return stage.looking.rows(MADE)

            await stage.until(is_made, 60, "the issue")
            assert len(tracker.issues) == 1
    finally:
        await tracker.stop()
