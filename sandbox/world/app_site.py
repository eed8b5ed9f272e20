"""The team's own site: its health, and the health of the address that Razorpay's webhooks go to."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from aiohttp import web

from sandbox.model import Json
from sandbox.world.breaks import Break, Scene
from sandbox.world.places import BACKEND_BEFORE, iso

DOWN: Mapping[Break | None, tuple[int, Json]] = {
    Break.DEPLOYMENT: (503, {"status": "unavailable", "reason": "no healthy targets"}),
    Break.DATABASE: (503, {"status": "unavailable", "checks": {"database": "too many connections"}}),
}
"""What the health address answers while this is broken; it is well otherwise."""


def routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """`GET /health`; `POST /v1/webhooks/razorpay/health`, which any other method is refused at."""

    async def health(request: web.Request) -> web.Response:
        well = (200, {"status": "ok", "version": BACKEND_BEFORE})
        status, body = DOWN.get(scene().broken, well)
        return web.json_response({**body, "time": iso(datetime.now(UTC))}, status=status)

    async def webhook(request: web.Request) -> web.Response:
        if scene().broken in DOWN:
            return await health(request)
        if scene().has(Break.PAYMENTS):
            body = {"status": "failing", "reason": "signature mismatch", "last_success": iso(scene().since)}
            return web.json_response(body, status=500)
        return web.json_response({"status": "ok", "last_success": iso(datetime.now(UTC))})

    return [web.get("/health", health), web.post("/v1/webhooks/razorpay/health", webhook)]
