"""A stand-in of the REST API for incident.io's status pages: incidents, their updates, a page's structure, its limits.

Shapes: the OpenAPI description of api-docs.incident.io, version 2.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web

from sandbox.status_pages.provider_stand_in import STATUSES, Json, ProviderStandIn

MAX_NAME, MAX_MESSAGE, MAX_UPDATES = 200, 4096, 100
STATES = ("operational", "degraded_performance", "partial_outage", "full_outage")
NEEDED = ("idempotency_key", "incident_status", "message", "name", "notify_subscribers", "status_page_id")
ALSO_NEEDED = ("message", "notify_subscribers", "status_page_incident_id")


class IncidentIoStandIn(ProviderStandIn):
    """One page of incident.io: over its limit it answers 429. `incidents` are as it shows them, by id."""

    def __init__(
        self,
        key: str = "inc_key-of-the-page",
        page: str = "01FCNDV6P870EA6S7TK1DSYDG0",
        per_minute: int = 1200,
        latency: float = 0.0,
    ) -> None:
        super().__init__(key, page, "Bearer", per_minute, latency, 429)
        self.components = {"01CMPAPI": "API", "01CMPWEB": "Website", "01CMPEU": "Website, EU"}
        self.states = dict.fromkeys(self.components, "operational")
        self._answers: dict[str, str] = {}

    def list_routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/v2/status_pages", self._pages),
            web.get("/v2/status_page_structures/{id}", self._structure),
            web.get("/v2/status_page_incidents", self._list),
            web.post("/v2/status_page_incidents", self._create),
            web.get("/v2/status_page_incidents/{id}", self._read),
            web.post("/v2/status_page_incident_updates", self._update),
        ]

    def build_error(self, status: int, why: str | list[str]) -> web.Response:
        listed = [why] if isinstance(why, str) else why
        errors = [{"code": "invalid", "message": each} for each in listed]
        body = {"type": "error", "status": status, "request_id": "8e3cc412", "errors": errors}
        return web.json_response(body, status=status)

    async def _pages(self, request: web.Request) -> web.Response:
        page = {"id": self.page, "name": "Acme", "public_url": "https://status.acme.example"}
        return web.json_response({"status_pages": [page], "pagination_meta": {"page_size": 25}})

    async def _structure(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != self.page:
            return self.build_error(404, "not found")
        parts = [{"component_id": id, "name": name} for id, name in self.components.items()]
        group = {"id": "01GROUP", "name": "Sites", "components": parts[1:2]}
        below = {"id": "01SUB", "name": "Europe", "items": [{"component": each} for each in parts[2:]]}
        items = [{"component": parts[0]}, {"group": group}, {"sub_page": below}]
        return web.json_response({"current_structure": {"items": items}})

    async def _list(self, request: web.Request) -> web.Response:
        found = list(self.incidents.values())[::-1]
        return web.json_response({"status_page_incidents": found, "pagination_meta": {"page_size": 25}})

    async def _read(self, request: web.Request) -> web.Response:
        found = self.incidents.get(request.match_info["id"])
        if found is None:
            return self.build_error(404, "not found")
        return web.json_response({"status_page_incident": found})

    async def _create(self, request: web.Request) -> web.Response:
        """The same key again gives the first incident, and does nothing."""
        asked = await request.json()
        if first := self._answers.get(asked.get("idempotency_key", "")):
            return web.json_response({"status_page_incident": self.incidents[first]}, status=201)
        if asked.get("status_page_id") != self.page:
            return self.build_error(404, "not found")
        why = self._explain(asked, NEEDED)
        if len(asked.get("name", "")) > MAX_NAME:
            why.append(f"name must be at most {MAX_NAME} characters")
        if asked.get("incident_status") == "resolved":
            why.append("incident_status cannot be resolved")
        if why:
            return self.build_error(422, why)
        id = f"01INC{next(self._ids):09}"
        self.incidents[id] = {
            "id": id,
            "name": asked["name"],
            "status_page_id": self.page,
            "published_at": datetime.now(UTC).isoformat(),
            "component_impacts": [],
            "updates": [],
        }
        self._answers[asked["idempotency_key"]] = id
        self._add(id, asked)
        return web.json_response({"status_page_incident": self.incidents[id]}, status=201)

    async def _update(self, request: web.Request) -> web.Response:
        asked = await request.json()
        id = asked.get("status_page_incident_id", "")
        if id not in self.incidents:
            return self.build_error(404, "not found")
        why = self._explain(asked, ALSO_NEEDED)
        if len(self.incidents[id]["updates"]) >= MAX_UPDATES:
            why.append(f"an incident takes at most {MAX_UPDATES} updates")
        if asked.get("incident_status") == "resolved" and "component_statuses" in asked:
            why.append("component_statuses must not be set when resolving")
        if why:
            return self.build_error(422, why)
        return web.json_response({"status_page_incident_update": self._add(id, asked)}, status=201)

    def _explain(self, asked: Json, needed: Sequence[str]) -> list[str]:
        """Why it is unprocessable, as the schema says."""
        wrong = [f"{name} is required" for name in needed if name not in asked]
        if len(asked.get("message", "")) > MAX_MESSAGE:
            wrong.append(f"message must be at most {MAX_MESSAGE} characters")
        if asked.get("incident_status", "investigating") not in STATUSES:
            wrong.append("incident_status is not one of the allowed values")
        for each in asked.get("component_statuses", ()):
            if each["component_id"] not in self.components:
                wrong.append(f"unknown components: {each['component_id']}")
            if each["component_status"] not in STATES:
                wrong.append("component_status is not one of the allowed values")
        return wrong

    def _add(self, id: str, asked: Json) -> Json:
        """One update, which is one mail to each subscriber who is told."""
        incident = self.incidents[id]
        status = asked.get("incident_status", incident.get("incident_status"))
        update = {
            "id": f"01UPD{next(self._ids):09}",
            "status_page_incident_id": id,
            "incident_status": status,
            "message": asked["message"],
            "published_at": datetime.now(UTC).isoformat(),
            "component_statuses": asked.get("component_statuses", []),
        }
        incident["updates"].append(update)
        incident["incident_status"] = status
        for each in update["component_statuses"]:
            self.states[each["component_id"]] = each["component_status"]
        if status == "resolved":
            self.states = dict.fromkeys(self.states, "operational")
        if asked["notify_subscribers"]:
            self.mails.append(asked["message"])
        return update

    def read_texts(self) -> list[tuple[str, str]]:
        return [
            (update["incident_status"], update["message"])
            for incident in self.incidents.values()
            for update in incident["updates"]
        ]

    def resolve_by_hand(self, id: str) -> None:
        self.incidents[id]["incident_status"] = "resolved"
