"""The team's own site: its health, and the health of the address that Razorpay's webhooks go to."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from aiohttp import web

from sandbox.monitored_systems.names import BACKEND_BEFORE, format_iso
from sandbox.monitored_systems.scenarios import Breakage, Scene
from sandbox.slack.workspace_model import Json

DOWN: Mapping[Breakage | None, tuple[int, Json]] = {
    Breakage.DEPLOYMENT: (503, {"status": "unavailable", "reason": "no healthy targets"}),
    Breakage.DATABASE: (503, {"status": "unavailable", "checks": {"database": "too many connections"}}),
}
"""What the health endpoint answers while this is broken; it is well otherwise."""


def build_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """`GET /health`; `POST /v1/webhooks/razorpay/health`, which any other method is refused at."""

    async def health(request: web.Request) -> web.Response:
        well = (200, {"status": "ok", "version": BACKEND_BEFORE})
        status, body = DOWN.get(scene().broken, well)
        return web.json_response({**body, "time": format_iso(datetime.now(UTC))}, status=status)

    async def webhook(request: web.Request) -> web.Response:
        if scene().broken in DOWN:
            return await health(request)
        if scene().has(Breakage.PAYMENTS):
            body = {
                "status": "failing",
                "reason": "signature mismatch",
                "last_success": format_iso(scene().since),
            }
            return web.json_response(body, status=500)
        return web.json_response({"status": "ok", "last_success": format_iso(datetime.now(UTC))})

    return [web.get("/health", health), web.post("/v1/webhooks/razorpay/health", webhook)]
