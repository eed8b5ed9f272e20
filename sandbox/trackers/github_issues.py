"""A stand-in of GitHub's REST API for issues, version 2022-11-28: docs.github.com/en/rest/issues."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web

from sandbox.trackers.tracker_stand_in import Json, TrackerStandIn

NOW = "%Y-%m-%dT%H:%M:%SZ"
MAX_TITLE = 256


class GitHubIssues(TrackerStandIn):
    """The issues of one repository."""

    def __init__(self, key: str = "github_pat_of_the_tracker", repository: str = "acme/shop") -> None:
        super().__init__(key)
        self.repository = repository
        self._moved: set[str] = set()

    def list_routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get("/repos/{owner}/{repo}", self._repository),
            web.get("/repos/{owner}/{repo}/issues", self._list),
            web.post("/repos/{owner}/{repo}/issues", self._create),
            web.get("/repos/{owner}/{repo}/issues/{number}", self._read),
            web.patch("/repos/{owner}/{repo}/issues/{number}", self._change),
        ]

    def is_allowed(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    def _is_here(self, request: web.Request) -> bool:
        return f"{request.match_info['owner']}/{request.match_info['repo']}" == self.repository

    async def _repository(self, request: web.Request) -> web.Response:
        if not self._is_here(request):
            return self.build_error(404, "Not Found")
        return web.json_response({"full_name": self.repository, "has_issues": True, "private": True})

    async def _list(self, request: web.Request) -> web.Response:
        if not self._is_here(request):
            return self.build_error(404, "Not Found")
        asked = request.query
        found = sorted(self.issues.values(), key=lambda issue: -issue["number"])
        found = [issue for issue in found if issue["updated_at"] >= asked.get("since", "")]
        if asked.get("state", "open") != "all":
            found = [issue for issue in found if issue["state"] == asked.get("state", "open")]
        size, page = int(asked.get("per_page", 30)), int(asked.get("page", 1))
        return web.json_response(found[size * (page - 1) : size * page])

    async def _create(self, request: web.Request) -> web.Response:
        if not self._is_here(request):
            return self.build_error(404, "Not Found")
        asked = await request.json()
        if not asked.get("title") or len(asked["title"]) > MAX_TITLE:
            return self.build_error(422, "Validation Failed")
        number = next(self._ids)
        now = datetime.now(UTC).strftime(NOW)
        self.issues[str(number)] = {
            "id": 2_000_000 + number,
            "number": number,
            "html_url": f"https://github.example/{self.repository}/issues/{number}",
            "title": asked["title"],
            "body": asked.get("body"),
            "labels": [{"name": name} for name in asked.get("labels", ())],
            "state": "open",
            "state_reason": None,
            "created_at": now,
            "updated_at": now,
        }
        return web.json_response(self.issues[str(number)], status=201)

    async def _read(self, request: web.Request) -> web.Response:
        """One that was deleted is gone; one that was transferred is elsewhere."""
        number = request.match_info["number"]
        if number in self._moved:
            at = f"{self.url}/repositories/186853002/issues/{number}"
            return web.json_response({"message": "Moved Permanently"}, status=301, headers={"Location": at})
        found = self.issues.get(number)
        return web.json_response(found) if found else self.build_error(410, "This issue was deleted")

    async def _change(self, request: web.Request) -> web.Response:
        found, asked = self.issues.get(request.match_info["number"]), await request.json()
        if found is None:
            return self.build_error(410, "This issue was deleted")
        if asked.get("state", "open") not in ("open", "closed"):
            return self.build_error(422, "Validation Failed")
        self._set(found, asked.get("state", found["state"]), asked.get("state_reason"))
        return web.json_response(found)

    @staticmethod
    def _set(issue: Json, state: str, reason: str | None) -> None:
        issue["state"] = state
        issue["state_reason"] = (reason or "completed") if state == "closed" else "reopened"
        issue["updated_at"] = datetime.now(UTC).strftime(NOW)

    def close_there(self, id: str, done: bool = True) -> None:
        self._set(self.issues[id], "closed", "completed" if done else "not_planned")

    def open_there(self, id: str) -> None:
        self._set(self.issues[id], "open", None)

    def move_there(self, id: str) -> None:
        """To another repository of the organisation."""
        self._moved.add(id)

    def build_news(self, id: str, what: str) -> tuple[dict[str, str], Json]:
        """The event `issues`: docs.github.com/en/webhooks/webhook-events-and-payloads#issues."""
        issue = self.issues.get(id, {"number": int(id), "state": "open"})
        headers = {
            "User-Agent": "GitHub-Hookshot/044aadd",
            "X-GitHub-Delivery": str(uuid.uuid4()),
            "X-GitHub-Event": "issues",
            "X-GitHub-Hook-ID": "292430182",
        }
        repository = {"id": 17273051, "name": self.repository.split("/")[1], "full_name": self.repository}
        event = {"action": what, "issue": issue, "repository": repository, "sender": {"login": "octocat"}}
        return headers, event

    def prove(self, body: bytes) -> dict[str, str]:
        return {"X-Hub-Signature-256": self.sign(body)}

    def read_texts(self) -> list[tuple[str, str]]:
        return [(issue["title"], issue["body"] or "") for issue in self.issues.values()]

    def is_open(self, id: str) -> bool:
        return bool(self.issues[id]["state"] == "open")
