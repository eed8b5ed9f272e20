"""The tracker's webhook: what it tells of is read at the tracker at once, and nothing that it says is believed."""

import asyncio
import io
import json
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.adapters.slack import SlackGateway
from bot.app import RunningBot
from bot.cli.doctor.lines import Level, Patient
from bot.cli.doctor.tracker_checks import check_tracker
from bot.settings import Settings
from sandbox.trackers.github_issues import GitHubIssues
from tests.scenarios.conftest import World
from tests.scenarios.test_action_items import item_message
from tests.scenarios.test_owners import resolved
from tests.scenarios.test_trackers import states, tracking

LATER = "update action_ticket set read_at = now() + interval '1 day' where id <> '' returning number"
CHANGES = "select id from ticket_change"
JSON = {"Content-Type": "application/json"}
MB = 1024 * 1024


async def added(world: World) -> str:
    """The channel of an incident with an item, whose issue nobody reads by itself."""
    channel = await resolved(world)
    await world.incident("ana", "action Add an index", channel)
    await world.until(lambda: world.looking.rows(LATER))
    await world.quiet()
    return channel


async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=io.BytesIO(body), headers=headers) as answer,
    ):
        return answer.status


async def say(running: RunningBot, settings: Settings) -> tuple[Level, str]:
    """What doctor says of the webhook."""
    gateway = SlackGateway("xoxb-none", settings.slack_api_url)
    desk = running.services
    patient = Patient(settings, desk.runbook_versions.current.runbook, desk.book, gateway)
    lines = [line async for line in check_tracker(patient)]
    return lines[-1].level, lines[-1].text


async def send_wrong_ones(tracker: GitHubIssues) -> None:
    """Forged, misshapen, huge, for another route: each gets its answer."""
    news, event = tracker.build_news("1", "closed")
    body, url = json.dumps(event).encode(), tracker.webhook_url
    proof = tracker.prove(body)
    assert await post(url, body, JSON | news) == 401
    assert await post(url, body + b" ", JSON | news | proof) == 401
    assert await post(url, body, news | proof | {"Content-Type": "application/x-www-form-urlencoded"}) == 415
    for strange in (b"<html>", b"[]", b"\xff"):
        assert await post(url, strange, JSON | news | tracker.prove(strange)) == 400
    huge = b" " * (MB + 1)
    assert await post(url, huge, JSON | news | tracker.prove(huge)) == 413
    for other in ("gitlab", "jira", "linear"):
        assert await post(url.replace("github", other), body, JSON | news | proof) == 404
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 405


async def test_what_changes_there_shows_here_and_what_it_says_is_not_believed(world: World) -> None:
    """In Socket Mode, where it is served too."""
    world.slack.socket_mode = True
    by_socket: dict[str, Any] = {
        "slack_app_token": SecretStr(world.slack.app_token),
        "slack_signing_secret": None,
    }
    async with tracking(world, **by_socket) as (running, tracker):
        settings = world.settings.model_copy(
            update={
                "tracker": "github:acme/shop",
                "tracker_token": SecretStr(tracker.token),
                "tracker_url": tracker.url,
                "tracker_webhook_secret": SecretStr(tracker.webhook_secret),
            }
        )
        level, text = await say(running, settings)
        assert level is Level.YELLOW and "has not come to /webhooks/github yet" in text
        channel = await added(world)
        tracker.close_there("1")
        await send_wrong_ones(tracker)
        assert world.looking.rows(CHANGES) == [] and states(world) == ["open"]
        assert await tracker.tell("1", "labeled") == 202
        assert await say(running, settings) == (Level.GREEN, "its webhook came last just now")
        tracker.repository = "acme/other"
        assert await tracker.tell("1", "closed") == 202
        tracker.repository = "acme/shop"
        assert world.looking.rows(CHANGES) == []

        late, said = tracker.build_news("1", "closed")
        body = json.dumps(said).encode()
        assert await tracker.tell("1", "closed") == 202
        assert await tracker.tell("999", "closed") == 202
        await world.until(lambda: states(world) == ["done"] and not world.looking.rows(CHANGES))
        tracker.open_there("1")
        assert await tracker.tell("1", "reopened") == 202
        await world.until(lambda: states(world) == ["open"])
        before = len(tracker.calls)
        for _ in range(3):
            assert await post(tracker.webhook_url, body, JSON | late | tracker.prove(body)) == 202
        await world.until(lambda: len(tracker.calls) > before and not world.looking.rows(CHANGES))
        await world.quiet()
        assert states(world) == ["open"]
        await world.incident("ana", "timeline", channel)
        assert world.heard("ana").count("read at github:acme/shop that A1 is") == 2

        tracker.delete_there("1")
        assert await tracker.tell("1", "deleted") == 202
        await world.until(lambda: "deleted or moved away" in world.text(item_message(world, channel, "A1")))
        assert states(world) == ["open"]
        async with aiohttp.ClientSession() as session:
            host, port = running.address
            async with session.get(f"http://{host}:{port}/metrics") as answer:
                metrics = await answer.text()
        assert 'tocsin_tracker_webhooks_total{status="401"} 2.0' in metrics
        assert 'tocsin_tracker_webhooks_total{status="413"} 1.0' in metrics


@pytest.mark.timeout(180)
@pytest.mark.whole
async def test_a_thousand_at_once_are_taken_and_nobody_waits_for_them(world: World) -> None:
    async with tracking(world) as (_, tracker):
        channel = await added(world)
        tracker.close_there("1")
        connector = aiohttp.TCPConnector(limit=200)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def deliver(number: int) -> int:
                news, event = tracker.build_news("1" if number % 2 else str(number + 10), "closed")
                body = json.dumps(event).encode()
                headers = JSON | news | tracker.prove(body)
                async with session.post(tracker.webhook_url, data=body, headers=headers) as answer:
                    return answer.status

            sent = [asyncio.create_task(deliver(number)) for number in range(1000)]
            answer = await world.incident("ana", "actions", channel)
            assert "Add an index" in str(answer.body)
            assert set(await asyncio.gather(*sent)) == {202}
        await world.until(lambda: states(world) == ["done"])
        await world.until(lambda: world.looking.rows(CHANGES) == [])
        reads = [path for method, path in tracker.calls if path.endswith("/issues/1") and method == "GET"]
        assert len(reads) <= 4
