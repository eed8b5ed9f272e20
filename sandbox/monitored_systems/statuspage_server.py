"""status.razorpay.com: an Atlassian Statuspage.

Shapes: https://metastatuspage.com/api (status.json, summary.json, components.json, incidents/unresolved.json).
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from aiohttp import web

from sandbox.monitored_systems.names import format_iso
from sandbox.monitored_systems.scenarios import Breakage, Scene
from sandbox.slack.workspace_model import Json

PAGE = "5w8z1cmxs8xm"
NAMES = ("Payment Gateway", "UPI", "Cards", "Netbanking", "Webhooks", "Dashboard")
HURT = {"UPI": "major_outage", "Payment Gateway": "partial_outage", "Webhooks": "degraded_performance"}


def build_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    def answering(*parts: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def answer(request: web.Request) -> web.Response:
            now = scene()
            whole: Json = {
                "page": _page(now.since),
                "status": _status(now),
                "components": _components(now),
                "incidents": _incidents(now),
                "scheduled_maintenances": [],
            }
            return web.json_response({part: whole[part] for part in ("page", *parts)})

        return answer

    return [
        web.get("/api/v2/status.json", answering("status")),
        web.get("/api/v2/components.json", answering("components")),
        web.get("/api/v2/incidents/unresolved.json", answering("incidents")),
        web.get(
            "/api/v2/summary.json",
            answering("status", "components", "incidents", "scheduled_maintenances"),
        ),
    ]


def _page(at: datetime) -> Json:
    return {
        "id": PAGE,
        "name": "Razorpay",
        "url": "https://status.razorpay.com",
        "time_zone": "Asia/Kolkata",
        "updated_at": format_iso(at),
    }


def _status(scene: Scene) -> Json:
    if scene.has(Breakage.PAYMENTS):
        return {"indicator": "major", "description": "Partial System Outage"}
    return {"indicator": "none", "description": "All Systems Operational"}


def _components(scene: Scene) -> list[Json]:
    return [
        {
            "id": f"c{place:011}",
            "name": name,
            "status": HURT.get(name, "operational") if scene.has(Breakage.PAYMENTS) else "operational",
            "created_at": "2019-04-02T06:11:00Z",
            "updated_at": format_iso(scene.since),
            "position": place,
            "description": None,
            "showcase": False,
            "start_date": None,
            "group_id": None,
            "page_id": PAGE,
            "group": False,
            "only_show_if_degraded": False,
        }
        for place, name in enumerate(NAMES, start=1)
    ]


def _incidents(scene: Scene) -> list[Json]:
    if not scene.has(Breakage.PAYMENTS):
        return []
    noticed = scene.since + timedelta(minutes=6)
    update = {
        "id": "u00000000001",
        "status": "investigating",
        "body": "We see a drop in the success rate of UPI payments at several banks and are looking into it.",
        "incident_id": "i00000000001",
        "created_at": format_iso(noticed),
        "updated_at": format_iso(noticed),
        "display_at": format_iso(noticed),
        "affected_components": [
            {"code": "c00000000002", "name": "UPI", "old_status": "operational", "new_status": "major_outage"}
        ],
    }
    return [
        {
            "id": "i00000000001",
            "name": "UPI payments fail at several banks",
            "status": "investigating",
            "created_at": format_iso(noticed),
            "updated_at": format_iso(noticed),
            "monitoring_at": None,
            "resolved_at": None,
            "impact": "major",
            "shortlink": "https://status.razorpay.com/incidents/i00000000001",
            "started_at": format_iso(noticed),
            "page_id": PAGE,
            "incident_updates": [update],
            "components": [
                component for component in _components(scene) if component["status"] != "operational"
            ],
        }
    ]
