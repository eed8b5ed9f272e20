"""A stand-in of GitLab's REST API for issues, version 4: docs.gitlab.com/api/issues."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web

from sandbox.provider_page import render_pull_request
from sandbox.trackers.tracker_stand_in import Json, TrackerStandIn

EVENTS = {"close": "closed", "reopen": "opened"}


class GitLabIssues(TrackerStandIn):
    """The issues of one project."""

    def __init__(self, key: str = "glpat-of_the_tracker", project: str = "acme/shop") -> None:
        super().__init__(key)
        self.project = project

    def list_routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/projects/{id}", self._project),
            web.get("/projects/{id}/issues", self._list),
            web.post("/projects/{id}/issues", self._create),
            web.get("/projects/{id}/issues/{iid}", self._read),
            web.put("/projects/{id}/issues/{iid}", self._change),
        ]

    def list_pages(self) -> Sequence[web.RouteDef]:
        return [web.get(f"/{self.project}/-/issues/{{iid}}", self._show_page)]

    def is_for_people(self, request: web.Request) -> bool:
        return request.path.startswith(f"/{self.project}/-/issues/")

    async def _show_page(self, request: web.Request) -> web.Response:
        """What an issue's link leads to."""
        found = self.issues.get(request.match_info["iid"])
        if found is None:
            raise web.HTTPNotFound
        page = render_pull_request(found["iid"], found["title"], found["description"] or "", found["state"])
        return web.Response(text=page, content_type="text/html")

    def is_allowed(self, request: web.Request) -> bool:
        return request.headers.get("PRIVATE-TOKEN") == self.token

    def build_error(self, status: int, why: str) -> web.Response:
        return web.json_response({"message": f"{status} {why}"}, status=status)

    def _is_here(self, request: web.Request) -> bool:
        return request.match_info["id"] == self.project

    async def _project(self, request: web.Request) -> web.Response:
        if not self._is_here(request):
            return self.build_error(404, "Project Not Found")
        return web.json_response({"path_with_namespace": self.project, "issues_enabled": True})

    async def _list(self, request: web.Request) -> web.Response:
        if not self._is_here(request):
            return self.build_error(404, "Project Not Found")
        found = [
            issue
            for issue in sorted(self.issues.values(), key=lambda issue: -issue["iid"])
            if issue["created_at"] >= request.query.get("created_after", "")
        ]
        size, page = int(request.query.get("per_page", 20)), int(request.query.get("page", 1))
        return web.json_response(found[size * (page - 1) : size * page])

    async def _create(self, request: web.Request) -> web.Response:
        if not self._is_here(request):
            return self.build_error(404, "Project Not Found")
        asked = await request.json()
        if not asked.get("title") or len(asked["title"]) > 255:
            return self.build_error(400, "title is missing, empty or too long")
        iid = next(self._ids)
        self.issues[str(iid)] = {
            "id": 80_000 + iid,
            "iid": iid,
            "web_url": f"{self.url}/{self.project}/-/issues/{iid}",
            "title": asked["title"],
            "description": asked.get("description"),
            "labels": [name for name in asked.get("labels", "").split(",") if name],
            "due_date": asked.get("due_date"),
            "state": "opened",
            "moved_to_id": None,
            "created_at": datetime.now(UTC).isoformat(),
        }
        return web.json_response(self.issues[str(iid)], status=201)

    async def _read(self, request: web.Request) -> web.Response:
        found = self.issues.get(request.match_info["iid"])
        return web.json_response(found) if found else self.build_error(404, "Not found")

    async def _change(self, request: web.Request) -> web.Response:
        found, asked = self.issues.get(request.match_info["iid"]), await request.json()
        if found is None:
            return self.build_error(404, "Not found")
        if asked.get("state_event") not in EVENTS:
            return self.build_error(400, "state_event does not have a valid value")
        found["state"] = EVENTS[asked["state_event"]]
        return web.json_response(found)

    def close_there(self, id: str, done: bool = True) -> None:
        self.issues[id]["state"] = "closed"

    def open_there(self, id: str) -> None:
        self.issues[id]["state"] = "opened"

    def move_there(self, id: str) -> None:
        """GitLab closes the one that was moved, and names the new one."""
        self.issues[id] |= {"state": "closed", "moved_to_id": 80_777}

    def build_news(self, id: str, what: str) -> tuple[dict[str, str], Json]:
        """An issue event: docs.gitlab.com/user/project/integrations/webhook_events."""
        issue = self.issues.get(id, {"iid": int(id), "state": "opened"})
        event = {
            "object_kind": "issue",
            "event_type": "issue",
            "user": {"id": 1, "name": "Administrator", "username": "root"},
            "project": {"id": 1, "name": "Shop", "path_with_namespace": self.project},
            "object_attributes": {**issue, "action": what},
            "labels": [],
        }
        return {"X-Gitlab-Event": "Issue Hook"}, event

    def prove(self, body: bytes) -> dict[str, str]:
        return {"X-Gitlab-Token": self.webhook_secret}

    def read_texts(self) -> list[tuple[str, str]]:
        return [(issue["title"], issue["description"] or "") for issue in self.issues.values()]

    def is_open(self, id: str) -> bool:
        return bool(self.issues[id]["state"] == "opened")
