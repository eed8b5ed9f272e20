"""The bot is killed at each call to a status page; started again, one incident is there with one update for each text,
and each subscriber got one mail for each."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from sandbox.slack import WorkspaceMessage
from sandbox.status_pages.incident_io_api import IncidentIoStandIn
from sandbox.status_pages.provider_stand_in import ProviderStandIn
from sandbox.status_pages.statuspage_api import StatuspageStandIn
from tests.samples import spread
from tests.scenarios.beside import Databases, run_beside
from tests.scenarios.killing import Theatre, theatre

CONTACTS = '[contacts]\n"CTO" = "slack:U0BRUNO001"\n'
CALLS = (
    ("STATUSPAGE", "first", "POST"),
    ("STATUSPAGE", "second", "GET"),
    ("STATUSPAGE", "second", "PATCH"),
    ("INCIDENT_IO", "first", "POST"),
    ("INCIDENT_IO", "second", "GET"),
    ("INCIDENT_IO", "second", "POST"),
)
"""Each provider, with the calls that its two texts make."""

SAMPLE = 2


@asynccontextmanager
async def scene(database: str, folder: Path, which: str) -> AsyncIterator[tuple[Theatre, ProviderStandIn]]:
    page: ProviderStandIn = StatuspageStandIn() if which == "STATUSPAGE" else IncidentIoStandIn()
    await page.start()
    id = "STATUSPAGE_PAGE_ID" if which == "STATUSPAGE" else "INCIDENT_IO_STATUS_PAGE_ID"
    settings = {f"{which}_API_KEY": page.key, id: page.page, f"{which}_API_URL": page.url}
    try:
        async with theatre(database, folder, contacts=CONTACTS, more=settings) as stage:
            yield stage, page
    finally:
        await page.stop()


def draft(stage: Theatre, words: str) -> WorkspaceMessage | None:
    """The newest draft with these words that can be published."""
    (row,) = stage.looking.rows("select channel from incident order by number desc limit 1")
    found = [
        message
        for message in stage.slack.messages(row["channel"], of_bot=True)
        if words in stage.text(message) and "publish" in str(message.blocks)
    ]
    return found[-1] if found else None


async def publish(stage: Theatre, words: str) -> None:
    """Who declared it clicks."""
    await stage.until(lambda: draft(stage, words), what="the draft")
    message = draft(stage, words)
    assert message is not None
    await stage.slack.people.click("caller001", message, "publish")


@pytest.mark.timeout(300)
async def test_killed_at_a_call_one_incident_has_one_update_for_each_text(
    databases: Databases, tmp_path: Path, whole: bool
) -> None:
    cases = [(*call, moment) for call in CALLS for moment in ("request", "answer")]
    await run_beside(cases if whole else spread(cases, SAMPLE), databases, tmp_path, publish_killed)


async def publish_killed(case: tuple[str, str, str, str], database: str, folder: Path) -> None:
    """Kill the bot at this call of the first or the second text; each is there once."""
    which, text, method, moment = case
    async with scene(database, folder, which) as (stage, page):
        struck, armed = asyncio.Event(), asyncio.Event()

        def blow(when: str, asked: str, path: str) -> None:
            if (asked, when) == (method, moment) and armed.is_set() and not struck.is_set():
                struck.set()
                stage.program.kill()
                if moment == "request":
                    raise web.HTTPBadGateway

        await stage.declared()
        page.told = blow
        if text == "first":
            armed.set()
        await publish(stage, "currently experiencing")
        if text == "first":
            await stage.until(struck.is_set, what="the call")
            await stage.start()
        await stage.until(lambda: page.mails and stage.quiet(), 40, "the first text")
        armed.set()
        (row,) = stage.looking.rows("select channel from incident")
        await stage.slack.people.command("caller001", row["channel"], "/incident", "publish Still looking.")
        await publish(stage, "Still looking.")
        if text == "second":
            await stage.until(struck.is_set, what="the call")
            await stage.start()
        await stage.until(lambda: len(page.mails) > 1 and stage.quiet(), 40, "the second text")
        assert len(page.incidents) == 1
        assert [body for _, body in page.read_texts()] == page.mails and len(page.mails) == 2
        assert page.mails[1] == "Still looking."
        posts = stage.looking.rows("select why from public_post")
        assert [post["why"] for post in posts] == ["", ""]
