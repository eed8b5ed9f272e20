"""The heartbeat: it stops as soon as something that matters does not work, and only then."""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web

from bot.workers import heartbeat
from bot.workers.heartbeat import Heartbeat
from handlers.outbox.delivery_record import DeliveryOutcome
from sandbox.slack import plan_by_table
from sandbox.slack.faults import make_refusal, plan_no_faults
from tests.scenarios.conftest import World
from tests.scenarios.test_database_closed import full


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[str, list[str]]]:
    """An address that notes who asked it."""
    came: list[str] = []

    async def note(request: web.Request) -> web.Response:
        came.append(request.path)
        return web.Response(status=503 if request.path == "/full" else 200)

    app = web.Application()
    app.router.add_get("/{any}", note)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}", came
    finally:
        await runner.cleanup()


def heart_of(world: World) -> Heartbeat:
    assert world.running is not None
    heart = world.running.health.telling.heart
    assert isinstance(heart, Heartbeat)
    return heart


async def test_it_beats_while_everything_works_and_stops_when_something_does_not(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(heartbeat, "BEAT_EVERY_S", 3600.0)  # after the first one only this test beats
    async with (
        listening() as (url, came),
        httpx.AsyncClient() as client,
        world.bot(heartbeat_url=f"{url}/beat") as running,
    ):
        await world.declared()
        await world.until(lambda: came)
        heart = heart_of(world)
        assert await heart.beat(client) == ""
        beaten = len(came)

        # A delivery failed within the last minute.
        running.health.telling.deliveries.note(DeliveryOutcome.REFUSED, "topic:1")  # type: ignore[union-attr]
        assert await heart.beat(client) == "the delivery of topic:1 (refused) failed"
        running.health.telling.deliveries.failed_at = float("-inf")  # type: ignore[union-attr]

        # A page failed, at whatever replica.
        world.looking.rows(
            "insert into timeline_entry (incident, actor, kind, detail) values"
            """ (1, '', 'page_failed', '{"contact": "CTO", "why": "x"}') returning id"""
        )
        assert await heart.beat(client) == "a page failed"
        world.looking.rows("alter table timeline_entry disable trigger user")
        world.looking.rows("update timeline_entry set at = at - interval '61 seconds'")
        world.looking.rows("alter table timeline_entry enable trigger user")

        # The scheduler does not tick.
        ticks, running.health.last_tick = running.health.last_tick, lambda: time.monotonic() - 61
        assert "the scheduler" in await heart.beat(client)
        running.health.last_tick = ticks

        # Slack does not say who the bot is.
        world.slack.api.faults = plan_by_table({"auth.test": make_refusal("internal_error")})
        assert (await heart.beat(client)).startswith("Slack does not answer auth.test")
        world.slack.api.faults = plan_no_faults
        assert await heart.beat(client) == ""

        # The database takes no change.
        with full(world.looking):
            assert "no room left on its disk" in await heart.beat(client)

        # Its own address does not take it.
        heart._url = f"{url}/full"
        assert "does not take it" in await heart.beat(client)
        heart._url = f"{url}/beat"
        assert len([path for path in came if path == "/beat"]) == beaten + 1
        assert await heart.beat(client) == ""
    assert "heartbeat withheld: a page failed" in caplog.text
    assert "the heartbeat goes on" in caplog.text


async def test_without_an_address_nothing_is_asked(world: World) -> None:
    async with world.bot() as running:
        assert running.health.telling.heart is None
