"""A PagerDuty for tests and the demo: Events API v2, the part of the REST API that pages people, and v3 webhooks.

Shapes are those of PagerDuty's developer documentation: Events API v2 (overview, trigger events, rate limits), REST
API v2 (incident creation, errors, on-calls), webhooks v3 (overview, behaviour, signatures).
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import aiohttp
from aiohttp import web

from sandbox.faults import Fault, Plan, no_faults
from sandbox.model import Json
from sandbox.pagerduty_shapes import (
    DutyIncident,
    event_errors,
    log_entries,
    on_call_entry,
    reference,
    refusal,
    shape,
    stamp,
    webhook,
)

PER_MINUTE = 120


@dataclass(frozen=True)
class DutyCall:
    """One request: what was asked, with which headers and body; `at` is when it came, in seconds since 1970."""

    name: str
    body: Json
    headers: dict[str, str]
    at: float


def _nothing(name: str) -> None:
    """Nobody wants to know."""


class PagerDuty:
    """One account. `services` are service ids by integration key; `on_call` are user ids by schedule; `users` are
    (name, e-mail) by id. Faults are chosen by number or by name: enqueue, create, list, update, log, oncalls; a
    refusal's code is an HTTP status. `on_request` is told the name of each request that came, `on_answer` before it is
    answered."""

    def __init__(self) -> None:
        self.api_key = "u+sandboxApiKey0001"
        self.services = {"5a11d0000000000000000000000000e1": "PSRV001"}
        self.users = {
            "PCTO001": ("Bruno", "bruno@team.example"),
            "PDEV001": ("Devika", "devika@team.example"),
            "PBOT001": ("Tocsin", "tocsin@team.example"),
        }
        self.on_call: dict[str, list[str]] = {"PSCH001": ["PDEV001"]}
        self.incidents: list[DutyIncident] = []
        self.calls: list[DutyCall] = []
        self.faults: Plan = no_faults
        self.limited = False
        self.on_request: Callable[[str], None] = _nothing
        self.on_answer: Callable[[str], None] = _nothing
        self.webhook_url = ""
        self.webhook_secrets = ["sandbox-webhook-secret"]
        self.url = ""
        self._numbers = itertools.count(1)
        self._taken: dict[str, list[float]] = {}
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve both APIs on one port; `url` is the base of either."""
        app = web.Application()
        app.add_routes(
            [
                web.post("/v2/enqueue", self._faulty("enqueue", self._enqueue)),
                web.post("/incidents", self._faulty("create", self._create)),
                web.get("/incidents", self._faulty("list", self._list)),
                web.put("/incidents/{id}", self._faulty("update", self._update)),
                web.get("/incidents/{id}/log_entries", self._faulty("log", self._log)),
                web.get("/oncalls", self._faulty("oncalls", self._on_calls)),
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

    def open(self, key: str) -> DutyIncident | None:
        """The open incident with this key."""
        return next((each for each in self.incidents if each.key == key and each.status != "resolved"), None)

    async def answer_phone(self, key: str, person: str, status: str = "acknowledged") -> int:
        """Somebody acknowledges or resolves on the phone; gives the HTTP status of the webhook that follows."""
        incident = self.open(key)
        assert incident is not None, f"no open incident {key}"
        incident.status = status
        return await self.send_webhook(self.news(incident, person))

    def news(
        self, incident: DutyIncident, person: str = "", kind: str = "", at: datetime | None = None
    ) -> Json:
        """A v3 webhook's body about an incident; `person` is who did it."""
        agent = reference(person, "user_reference", self.users[person][0]) if person else None
        return webhook(incident, self.users, agent, next(self._numbers), kind, at or datetime.now(UTC))

    def signature(self, body: bytes) -> str:
        """The `X-PagerDuty-Signature` of a body: one for each secret, while a secret is being changed."""
        return ",".join(
            "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            for secret in self.webhook_secrets
        )

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

    def _faulty(
        self, name: str, work: Callable[[web.Request, Json], web.Response]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            came, body = time.time(), cast(Json, {})
            with suppress(ValueError):
                body = await request.json() if request.can_read_body else {}
            self.calls.append(DutyCall(name, body, dict(request.headers), came))
            self.on_request(name)
            fault = self.faults(len(self.calls), name) or Fault("none", True)
            response = work(request, body) if fault.after_work else web.Response()
            self.on_answer(name)
            return await self._struck(request, fault, response)

        return answer

    async def _struck(self, request: web.Request, fault: Fault, response: web.Response) -> web.StreamResponse:
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

    def _enqueue(self, request: web.Request, body: Json) -> web.Response:
        key, routing = body.get("dedup_key") or f"auto{next(self._numbers)}", body.get("routing_key", "")
        action = body.get("event_action")
        errors = event_errors(body, self.services)
        if errors:
            told = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
            return web.json_response(told, status=400)
        if self.limited and not self._within_limit(routing):
            return web.json_response({"status": "throttle exceeded"}, status=429)
        found = self.open(key)
        if action == "trigger" and found is None:
            self._opened(key, self.services[routing], body["payload"]["summary"], details=body["payload"])
        elif found is not None and action != "trigger":
            found.status = "resolved" if action == "resolve" else "acknowledged"
        told = {"status": "success", "message": "Event processed", "dedup_key": key}
        return web.json_response(told, status=202)

    def _create(self, request: web.Request, body: Json) -> web.Response:
        if wrong := self._unauthorised(request):
            return wrong
        incident, sender = body.get("incident", {}), request.headers.get("From", "")
        key, service = incident.get("incident_key", ""), incident.get("service", {}).get("id", "")
        assignees = [each["assignee"]["id"] for each in incident.get("assignments", [])]
        if sender not in {mail for _, mail in self.users.values()}:
            return refusal(400, 1008, "Requester User Not Found")
        if service not in self.services.values():
            return refusal(404, 5002, "Service Not Found")
        if any(each not in self.users for each in assignees):
            return refusal(400, 1007, "Assigned To User Not Found")
        if key and any(each.service == service for each in [self.open(key)] if each):
            return refusal(400, 2002, "Open incident with matching dedup key already exists on this service")
        made = self._opened(
            key,
            service,
            incident.get("title", ""),
            assignee="".join(assignees[:1]),
            policy=incident.get("escalation_policy", {}).get("id", ""),
            details=incident.get("body", {}),
        )
        if assignees and self.users[assignees[0]][1] == sender:
            made.status, made.rung = "acknowledged", 0
        return web.json_response({"incident": shape(made, self.users)}, status=201)

    def _list(self, request: web.Request, body: Json) -> web.Response:
        if wrong := self._unauthorised(request):
            return wrong
        key, services = request.query.get("incident_key"), request.query.getall("service_ids[]", [])
        statuses = request.query.getall("statuses[]", ["triggered", "acknowledged", "resolved"])
        found = [
            shape(each, self.users)
            for each in self.incidents
            if each.status in statuses
            and key in (None, each.key)
            and (not services or each.service in services)
        ]
        return web.json_response({"incidents": found, "limit": 25, "offset": 0, "more": False, "total": None})

    def _update(self, request: web.Request, body: Json) -> web.Response:
        if wrong := self._unauthorised(request):
            return wrong
        found = next((each for each in self.incidents if each.id == request.match_info["id"]), None)
        if found is None:
            return refusal(404, 2100, "Not Found")
        if found.status == "resolved":
            return refusal(400, 1001, "Incident Already Resolved")
        found.status = body["incident"]["status"]
        return web.json_response({"incident": shape(found, self.users)})

    def _log(self, request: web.Request, body: Json) -> web.Response:
        if wrong := self._unauthorised(request):
            return wrong
        found = next((each for each in self.incidents if each.id == request.match_info["id"]), None)
        if found is None:
            return refusal(404, 2100, "Not Found")
        return web.json_response({"log_entries": log_entries(found), "limit": 25, "offset": 0, "more": False})

    def _on_calls(self, request: web.Request, body: Json) -> web.Response:
        if wrong := self._unauthorised(request):
            return wrong
        listed = [
            on_call_entry(schedule, level, person, *self.users[person])
            for schedule in request.query.getall("schedule_ids[]", [])
            for person in self.on_call.get(schedule, [])
            for level in (1, 2)
        ]
        return web.json_response({"oncalls": listed, "limit": 100, "offset": 0, "more": False, "total": None})

    def _opened(self, key: str, service: str, title: str, **more: Any) -> DutyIncident:
        number = next(self._numbers)
        made = DutyIncident(
            f"Q{number:013}", number, key, service, title, created_at=stamp(datetime.now(UTC)), **more
        )
        self.incidents.append(made)
        return made

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Token token={self.api_key}":
            return None
        return refusal(401, 2006, "Authentication failed")

    def forget_limit(self) -> None:
        """As if a minute had passed."""
        self._taken.clear()

    def _within_limit(self, routing: str) -> bool:
        now = time.monotonic()
        taken = [each for each in self._taken.get(routing, []) if each > now - 60]
        self._taken[routing] = [*taken, now] if len(taken) < PER_MINUTE else taken
        return len(taken) < PER_MINUTE
