"""A stand-in of Atlassian Statuspage's REST API: incidents, their updates, components, its limits.

Shapes: the OpenAPI description of developer.statuspage.io.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web

from sandbox.status_pages.provider_stand_in import STATUSES, Json, ProviderStandIn

MAX_NAME, MAX_BODY = 255, 25_000


class StatuspageStandIn(ProviderStandIn):
    """One page of Statuspage: over its limit it answers 420."""

    def __init__(
        self,
        key: str = "key-of-the-page",
        page: str = "kctbh9vrtdwd",
        per_minute: int = 60,
        latency: float = 0.0,
    ) -> None:
        super().__init__(key, page, "OAuth", per_minute, latency, 420)
        self.components = {"cmpapi0001": "API", "cmpweb0002": "Website"}
        self.states = dict.fromkeys(self.components, "operational")

    def list_routes(self) -> Sequence[web.RouteDef]:
        base = f"/v1/pages/{self.page}"
        return [
            web.get(base, self._page),
            web.get(f"{base}/components", self._components),
            web.get(f"{base}/incidents", self._list),
            web.get(f"{base}/incidents/unresolved", self._list),
            web.post(f"{base}/incidents", self._create),
            web.get(f"{base}/incidents/{{id}}", self._read),
            web.patch(f"{base}/incidents/{{id}}", self._update),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        return web.json_response({"id": self.page, "name": "Acme", "url": "https://status.acme.example"})

    async def _components(self, request: web.Request) -> web.Response:
        listed = [
            {"id": id, "name": name, "status": self.states[id], "group": False, "page_id": self.page}
            for id, name in self.components.items()
        ]
        return web.json_response(listed)

    async def _list(self, request: web.Request) -> web.Response:
        found = list(self.incidents.values())[::-1]
        if request.path.endswith("unresolved"):
            found = [each for each in found if each["status"] != "resolved"]
        return web.json_response(found[: int(request.query.get("limit", "100"))])

    async def _read(self, request: web.Request) -> web.Response:
        found = self.incidents.get(request.match_info["id"])
        return web.json_response(found) if found else web.json_response({"error": "not found"}, status=404)

    async def _create(self, request: web.Request) -> web.Response:
        asked = (await request.json())["incident"]
        if (why := self._explain(asked)) is not None:
            return web.json_response({"error": why}, status=422)
        id = f"inc{next(self._ids):09}"
        self.incidents[id] = {
            "id": id,
            "name": asked["name"],
            "page_id": self.page,
            "metadata": asked.get("metadata", {}),
            "shortlink": f"https://stspg.io/{id}",
            "incident_updates": [],
        }
        return web.json_response(self._add(id, asked), status=201)

    async def _update(self, request: web.Request) -> web.Response:
        id, asked = request.match_info["id"], (await request.json())["incident"]
        if id not in self.incidents:
            return web.json_response({"error": "not found"}, status=404)
        if (why := self._explain(asked)) is not None:
            return web.json_response({"error": why}, status=422)
        return web.json_response(self._add(id, asked))

    def _explain(self, asked: Json) -> list[str] | None:
        """Why it is unprocessable, as the schema says."""
        wrong = []
        if len(asked.get("name", "")) > MAX_NAME:
            wrong.append(f"name is too long (maximum is {MAX_NAME} characters)")
        if len(asked.get("body", "")) > MAX_BODY:
            wrong.append(f"body is too long (maximum is {MAX_BODY} characters)")
        if asked.get("status") not in STATUSES:
            wrong.append("status is not included in the list")
        if unknown := [id for id in asked.get("component_ids", []) if id not in self.components]:
            wrong.append(f"component_ids contains unknown components: {', '.join(unknown)}")
        if not all(isinstance(value, dict) for value in asked.get("metadata", {}).values()):
            wrong.append("metadata: all top-level values must be objects")
        return wrong or None

    def _add(self, id: str, asked: Json) -> Json:
        """One update, which is one mail to each subscriber."""
        incident, at = self.incidents[id], datetime.now(UTC).isoformat()
        update = {
            "id": f"upd{next(self._ids):09}",
            "incident_id": id,
            "status": asked["status"],
            "body": asked["body"],
            "created_at": at,
            "display_at": at,
        }
        incident["incident_updates"].insert(0, update)
        incident |= {"status": asked["status"], "name": asked["name"], "impact": asked.get("impact_override")}
        self.states |= asked.get("components", {})
        self.mails.append(asked["body"])
        return incident

    def read_texts(self) -> list[tuple[str, str]]:
        return [
            (update["status"], update["body"])
            for incident in self.incidents.values()
            for update in incident["incident_updates"][::-1]
        ]

    def resolve_by_hand(self, id: str) -> None:
        self.incidents[id]["status"] = "resolved"
