"""A stand-in of Jira Cloud's REST API, version 3: developer.atlassian.com/cloud/jira/platform/rest/v3.

The old search answers 410. The index of the new one lags: what was made is found after `lag` calls of it.
"""

import base64
import re
from collections.abc import Sequence

from aiohttp import web

from sandbox.trackers.tracker_stand_in import Json, TrackerStandIn

JQL = re.compile(r'project = "(?P<project>[^"]+)" AND labels = "(?P<label>[^"]+)"')
STATUSES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}
WAYS = {"11": "To Do", "21": "In Progress", "31": "Done"}


class JiraIssues(TrackerStandIn):
    """The issues of one project of a site."""

    def __init__(
        self, key: str = "ana@acme.example:ATATT3xFfGF0", project: str = "OPS", lag: int = 0
    ) -> None:
        super().__init__(key)
        self.project, self.lag = project, lag

    def list_routes(self) -> Sequence[web.RouteDef]:
        api = "/rest/api/3"
        return [
            web.get(f"{api}/project/{{key}}", self._project),
            web.post(f"{api}/issue", self._create),
            web.get(f"{api}/issue/{{id}}", self._read),
            web.get(f"{api}/issue/{{id}}/transitions", self._list_transitions),
            web.post(f"{api}/issue/{{id}}/transitions", self._transit),
            web.post(f"{api}/search/jql", self._search),
            web.route("*", f"{api}/search", self._old_search),
        ]

    def is_allowed(self, request: web.Request) -> bool:
        key = base64.b64encode(self.token.encode()).decode()
        return request.headers.get("Authorization") == f"Basic {key}"

    def build_error(self, status: int, why: str) -> web.Response:
        return web.json_response({"errorMessages": [why], "errors": {}}, status=status)

    async def _project(self, request: web.Request) -> web.Response:
        if request.match_info["key"] != self.project:
            return self.build_error(404, "No project could be found with key")
        return web.json_response({"id": "10000", "key": self.project})

    async def _create(self, request: web.Request) -> web.Response:
        fields = (await request.json()).get("fields", {})
        wrong = self._explain(fields)
        if wrong:
            return web.json_response({"errorMessages": [], "errors": wrong}, status=400)
        number = next(self._ids)
        id = str(10_000 + number)
        self.issues[id] = {
            "id": id,
            "key": f"{self.project}-{number}",
            "self": f"{self.url}/rest/api/3/issue/{id}",
            "fields": {**fields, "status": _build_status("To Do"), "resolution": None},
        }
        made = {name: self.issues[id][name] for name in ("id", "key", "self")}
        return web.json_response(made, status=201)

    def _explain(self, fields: Json) -> dict[str, str]:
        """What is wrong with the fields of an issue, by their names."""
        wrong = {}
        if fields.get("project", {}).get("key") != self.project:
            wrong["project"] = "valid project is required"
        if not fields.get("summary") or "\n" in fields["summary"] or len(fields["summary"]) > 255:
            wrong["summary"] = "The summary is invalid"
        if (fields.get("description") or {}).get("type") != "doc":
            wrong["description"] = "Operation value must be an Atlassian Document"
        if any(" " in label for label in fields.get("labels", ())):
            wrong["labels"] = "The label contains spaces which is invalid."
        return wrong

    def _find(self, request: web.Request) -> Json | None:
        return self.issues.get(request.match_info["id"])

    def _missing(self) -> web.Response:
        return self.build_error(404, "Issue does not exist or you do not have permission to see it.")

    async def _read(self, request: web.Request) -> web.Response:
        found = self._find(request)
        return web.json_response(found) if found else self._missing()

    async def _list_transitions(self, request: web.Request) -> web.Response:
        if self._find(request) is None:
            return self._missing()
        ways = [{"id": id, "name": name, "to": _build_status(name)} for id, name in WAYS.items()]
        return web.json_response({"transitions": ways})

    async def _transit(self, request: web.Request) -> web.Response:
        found, asked = self._find(request), await request.json()
        if found is None:
            return self._missing()
        name = WAYS.get(asked.get("transition", {}).get("id", ""))
        if name is None:
            return self.build_error(
                400, "It seems that you have tried to perform an invalid workflow operation"
            )
        found["fields"]["status"] = _build_status(name)
        return web.Response(status=204)

    async def _search(self, request: web.Request) -> web.Response:
        asked = await request.json()
        found = JQL.fullmatch(asked.get("jql", ""))
        if found is None or "fields" not in asked:
            return self.build_error(400, "Error in the JQL Query")
        lags, self.lag = self.lag > 0, max(0, self.lag - 1)
        issues = [
            issue
            for issue in self.issues.values()
            if found["label"] in issue["fields"].get("labels", ()) and not lags
        ]
        return web.json_response({"issues": issues, "isLast": True})

    async def _old_search(self, request: web.Request) -> web.Response:
        return self.build_error(410, "The requested API has been removed. Migrate to /rest/api/3/search/jql")

    def close_there(self, id: str, done: bool = True) -> None:
        fields = self.issues[id]["fields"]
        fields["status"] = _build_status("Done")
        fields["resolution"] = {"name": "Done" if done else "Won't Do"}

    def open_there(self, id: str) -> None:
        self.issues[id]["fields"].update(status=_build_status("In Progress"), resolution=None)

    def move_there(self, id: str) -> None:
        """It keeps its id and gets another key."""
        self.issues[id]["key"] = "PLAT-7"

    def build_news(self, id: str, what: str) -> tuple[dict[str, str], Json]:
        """An event of an admin webhook: developer.atlassian.com/cloud/jira/platform/webhooks."""
        issue = self.issues.get(id, {"id": id, "key": f"{self.project}-0", "fields": {}})
        headers = {"X-Atlassian-Webhook-Identifier": f"{id}-{what}", "X-Atlassian-Webhook-Flow": "Primary"}
        event = {
            "timestamp": 1_525_698_237_764,
            "webhookEvent": what,
            "issue_event_type_name": "issue_generic",
            "user": {"accountId": "99:27935d01-92a7-4687-8272-a9b8d3b2ae2e"},
            "issue": issue,
        }
        return headers, event

    def prove(self, body: bytes) -> dict[str, str]:
        return {"X-Hub-Signature": self.sign(body)}

    def read_texts(self) -> list[tuple[str, str]]:
        return [
            (issue["fields"]["summary"], _read_document(issue["fields"]["description"]))
            for issue in self.issues.values()
        ]

    def is_open(self, id: str) -> bool:
        return bool(self.issues[id]["fields"]["status"]["statusCategory"]["key"] != "done")


def _build_status(name: str) -> Json:
    return {"name": name, "statusCategory": {"key": STATUSES[name]}}


def _read_document(document: Json) -> str:
    return "\n".join(
        text["text"] for paragraph in document["content"] for text in paragraph.get("content", ())
    )
