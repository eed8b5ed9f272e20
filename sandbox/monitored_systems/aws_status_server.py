"""status.aws.amazon.com: a page that is no JSON, and the public feed of open events, which is UTF-16.

There is no document of the feed: its fields are those that the dashboard itself reads at
https://health.aws.amazon.com/public/currentevents. `status` is "1" informational, "2" degraded, "3" disrupted.
"""

import codecs
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from sandbox.monitored_systems.scenarios import Scene
from sandbox.slack.workspace_model import Json


def build_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """`GET /` is sent on to a page for people; `GET /public/currentevents` is the feed."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(
            text="<!doctype html><title>AWS Health Dashboard</title>", content_type="text/html"
        )

    async def onward(request: web.Request) -> web.Response:
        return web.Response(status=301, headers={"Location": "/health/status"})

    async def events(request: web.Request) -> web.Response:
        text = json.dumps(_events(datetime.now(UTC)))
        return web.Response(
            body=codecs.BOM_UTF16_BE + text.encode("utf-16-be"), content_type="application/json"
        )

    return [
        web.get("/", onward),
        web.get("/health/status", page),
        web.get("/public/currentevents", events),
    ]


def _events(now: datetime) -> list[Json]:
    """One that lasts for days in a region where the team has nothing: it must alarm nobody."""
    began = now - timedelta(days=3)
    arn = "arn:aws:health:me-south-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_7B1F4_A2C"
    said = {
        "summary": "Increased error rates",
        "message": "We are looking into increased error rates of the EC2 APIs in the ME-SOUTH-1 Region.",
        "status": 2,
        "timestamp": int(began.timestamp()),
    }
    return [
        {
            "date": str(int(began.timestamp())),
            "arn": arn,
            "region_name": "Bahrain",
            "status": "2",
            "service": "ec2-me-south-1",
            "service_name": "Amazon Elastic Compute Cloud",
            "summary": "Increased error rates",
            "event_log": [said],
            "impacted_services": {
                "ec2-me-south-1": {"service_name": "Amazon Elastic Compute Cloud", "current": "2", "max": "2"}
            },
        }
    ]
