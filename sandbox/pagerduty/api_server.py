"""A PagerDuty for tests and the demo: Events API v2, the part of the REST API that pages people, and v3 webhooks.

Shapes are those of PagerDuty's developer documentation: Events API v2 (overview, trigger events, rate limits), REST
API v2 (incident creation, errors, on-calls), webhooks v3 (overview, behaviour, signatures).
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

import aiohttp
from aiohttp import web

from sandbox.pagerduty import rest_api
from sandbox.pagerduty.account import PagerDutyAccount
from sandbox.pagerduty.events_api import enqueue_event
from sandbox.pagerduty.rest_api import Work
from sandbox.pagerduty.schemas import PagerDutyRequest
from sandbox.slack.faults import Fault, Plan, plan_no_faults
from sandbox.slack.workspace_model import Json


def _nothing(name: str) -> None:
    """Nobody wants to know."""


class PagerDutyStandIn(PagerDutyAccount):
    """An account that is served. Faults are chosen by number or by name: enqueue, create, list, update, log, notes,
    note, oncalls, users, services, policies; a refusal's code is an HTTP status. `on_request` is told the name of each
    request that came, `on_answer` before it is answered."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[PagerDutyRequest] = []
        self.faults: Plan = plan_no_faults
        self.on_request: Callable[[str], None] = _nothing
        self.on_answer: Callable[[str], None] = _nothing
        self.webhook_url = ""
        self.url = ""
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve both APIs on one port; `url` is the base of either."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/v2/enqueue", self._faulty("enqueue", enqueue_event)),
                web.post("/incidents", self._faulty("create", rest_api.create_incident)),
                web.get("/incidents", self._faulty("list", rest_api.list_incidents)),
                web.put("/incidents/{id}", self._faulty("update", rest_api.update_incident)),
                web.get("/incidents/{id}/log_entries", self._faulty("log", rest_api.list_log_entries)),
                web.get("/incidents/{id}/notes", self._faulty("notes", rest_api.list_notes)),
                web.post("/incidents/{id}/notes", self._faulty("note", rest_api.add_note)),
                web.get("/oncalls", self._faulty("oncalls", rest_api.list_on_calls)),
                web.get("/users", self._faulty("users", rest_api.list_users)),
                web.get("/users/{id}", self._faulty("users", rest_api.find_user)),
                web.get("/services/{id}", self._faulty("services", rest_api.find_service)),
                web.get("/escalation_policies/{id}", self._faulty("policies", rest_api.find_policy)),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        where = self._runner.addresses[0]
        self.url = f"http://{where[0]}:{where[1]}"

    async def stop(self) -> None:
        """Let go of whoever hangs, and close."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def answer_phone(self, key: str, person: str, status: str = "acknowledged") -> int:
        """Somebody acknowledges or resolves on the phone; gives the HTTP status of the webhook that follows."""
        incident = self.open(key)
        assert incident is not None, f"no open incident {key}"
        incident.status = status
        return await self.send_webhook(self.build_news(incident, person))

    async def send_webhook(self, news: Json) -> int:
        """Deliver one webhook once; gives the HTTP status."""
        body = json.dumps(news).encode()
        headers = {
            "Content-Type": "application/json",
            "X-PagerDuty-Signature": self.signature(body),
            "X-Webhook-Id": news["event"]["id"],
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook_url, data=body, headers=headers) as answer,
        ):
            return answer.status

    def _faulty(self, name: str, work: Work) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            came, body = time.time(), cast(Json, {})
            with suppress(ValueError):
                body = await request.json() if request.can_read_body else {}
            self.calls.append(PagerDutyRequest(name, body, dict(request.headers), came))
            self.on_request(name)
            fault = self.faults(len(self.calls), name) or Fault("none", True)
            response = work(self, request, body) if fault.after_work else web.Response()
            self.on_answer(name)
            return await self._apply_fault(request, fault, response)

        return answer

    async def _apply_fault(
        self, request: web.Request, fault: Fault, response: web.Response
    ) -> web.StreamResponse:
        match fault.kind:
            case "limited":
                headers = {"Retry-After": str(fault.retry_after)}
                return web.json_response({"status": "throttle exceeded"}, status=429, headers=headers)
            case "refused":
                status = int(fault.code)
                headers = {"Location": f"{self.url}/elsewhere"} if status in (301, 302, 307, 308) else {}
                return web.json_response(
                    {"error": {"message": "Refused", "code": 2010}}, status=status, headers=headers
                )
            case "error":
                return web.Response(status=500, text="Internal Server Error")
            case "garbled":
                return web.Response(status=202, text="<html>upstream said no", content_type="text/html")
            case "huge":
                return web.json_response({"padding": "x" * fault.size}, status=202)
            case "hang" | "drop":
                if fault.kind == "hang":
                    await self._stopping.wait()
                if request.transport is not None:
                    request.transport.abort()
        return response
