"""The way to Slack's websockets: what goes wrong there is told apart, and the ticket is told to nobody."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.adapters.slack import SocketModeConnector
from bot.errors import (
    SlackCallError,
    SlackOutcomeUnknown,
    SlackRateLimited,
    SlackRejected,
    SlackUnreachable,
)


class Door:
    """Answers apps.connections.open as it is told, and opens no websocket."""

    def __init__(self) -> None:
        self.base, self.authorized = "", ""
        self.answer: object = None
        self.status, self.headers = 200, {"Retry-After": "7"}

    async def open(self, request: web.Request) -> web.Response:
        self.authorized = request.headers["Authorization"]
        answer = self.answer or {
            "ok": True,
            "url": f"{self.base.replace('http', 'ws', 1)}/link?ticket=hidden",
        }
        return web.json_response(answer, status=self.status, headers=self.headers)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door()
    app = web.Application()
    app.router.add_post("/api/apps.connections.open", door.open)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    door.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield door
    await runner.cleanup()


async def failure(door: Door) -> SlackCallError:
    """What comes of opening a connection."""
    async with SocketModeConnector("xapp-1", f"{door.base}/api/") as links:
        with pytest.raises(SlackCallError) as failure:
            await links.open()
        return failure.value


async def test_an_address_that_opens_no_websocket_is_away_and_is_not_repeated(door: Door) -> None:
    error = await failure(door)
    assert type(error) is SlackUnreachable
    assert "status 404" in str(error)
    assert "hidden" not in repr((error, error.__cause__, error.__context__))
    assert door.authorized == "Bearer xapp-1"


async def test_refusals_limits_and_nonsense_are_told_apart(door: Door) -> None:
    door.answer = {"ok": False, "error": "invalid_auth"}
    refusal = await failure(door)
    assert isinstance(refusal, SlackRejected)
    assert refusal.code == "invalid_auth"
    door.answer = {"ok": True}
    assert type(await failure(door)) is SlackOutcomeUnknown
    door.answer = {"ok": True, "url": "nowhere"}
    assert type(await failure(door)) is SlackUnreachable
    door.answer, door.status = {"ok": False, "error": "ratelimited"}, 429
    limit = await failure(door)
    assert isinstance(limit, SlackRateLimited)
    assert limit.retry_after == 7


async def test_an_address_that_was_asked_for_ahead_is_used_once(door: Door) -> None:
    async with SocketModeConnector("xapp-1", f"{door.base}/api/") as links:
        await links.prefetch_address()
        door.answer = {"ok": False, "error": "invalid_auth"}
        with pytest.raises(SlackUnreachable):
            await links.open()
        with pytest.raises(SlackRejected):
            await links.open()
