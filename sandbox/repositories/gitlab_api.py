"""A project at GitLab: docs.gitlab.com/api (projects, merge_requests, branches, repository_files, commits)."""

import base64
from collections.abc import Sequence
from urllib.parse import quote, unquote

from aiohttp import web

from sandbox.repositories.bare_repository import MAIN
from sandbox.repositories.host_stand_in import HostStandIn, Json, StandInPullRequest


class GitLabStandIn(HostStandIn):
    """See HostStandIn."""

    def knows(self, request: web.Request) -> bool:
        return request.headers.get("PRIVATE-TOKEN") == self.TOKEN

    def list_routes(self) -> Sequence[web.RouteDef]:
        return [web.route("*", "/api/v4/projects/{rest:.+}", self._route)]

    async def _route(self, request: web.Request) -> web.Response:
        """By the path as it was sent: names are one segment, encoded."""
        _, _, rest = request.raw_path.partition("?")[0].partition(f"/projects/{quote(self.NAME, safe='')}")
        parts = [unquote(part) for part in rest.strip("/").split("/") if part]
        match (request.method, parts):
            case ("GET", []):
                return self._describe()
            case ("GET", ["merge_requests"]):
                branch = request.query["source_branch"]
                found = [self._show(pull) for pull in reversed(self.pulls) if pull.branch == branch]
                return web.json_response(found)
            case ("POST", ["merge_requests"]):
                return self._open(await request.json())
            case ("GET", ["repository", "branches", branch]):
                sha = self.repository.find(branch)
                if sha is None:
                    return _refuse(404, "404 Branch Not Found")
                return web.json_response({"name": branch, "commit": {"id": sha}})
            case ("GET", ["repository", "files", path]):
                return self._read_file(request.query["ref"], path)
            case ("POST", ["repository", "commits"]):
                return self._commit(await request.json())
            case _:
                return _refuse(404, "404 Not Found")

    def _describe(self) -> web.Response:
        said = {
            "path_with_namespace": self.NAME,
            "default_branch": MAIN if self.repository.list_branches() else None,
            "visibility": self.visibility,
            "archived": False,
            "permissions": {
                "project_access": {"access_level": 40 if self.may_write else 20},
                "group_access": None,
            },
        }
        return web.json_response(said)

    def _open(self, asked: Json) -> web.Response:
        if self.find_open(asked["source_branch"]):
            return _refuse(409, ["Another open merge request already exists for this source branch: !1"])
        made = self.open(asked["source_branch"], asked["title"], asked["description"])
        return web.json_response(self._show(made), status=201)

    def _show(self, pull: StandInPullRequest) -> Json:
        return {
            "iid": pull.number,
            "web_url": f"{self.url}/{self.NAME}/-/merge_requests/{pull.number}",
            "state": "opened" if pull.state == "open" else pull.state,
            "title": pull.title,
            "description": pull.body,
            "source_branch": pull.branch,
        }

    def _read_file(self, ref: str, path: str) -> web.Response:
        found = self.repository.read(ref, path)
        if found is None:
            return _refuse(404, "404 File Not Found")
        said = {
            "file_path": path,
            "encoding": "base64",
            "content": base64.b64encode(found[0].encode(errors="surrogateescape")).decode(),
            "blob_id": found[1],
            "last_commit_id": self.repository.find_last_commit(ref, path),
        }
        return web.json_response(said)

    def _commit(self, asked: Json) -> web.Response:
        branch = asked["branch"]
        if not self.may_write or (self.protected and branch.startswith(self.protected)):
            return _refuse(403, "You are not allowed to push into this branch")
        head = self.repository.find(branch)
        if head is not None and "start_sha" in asked:
            return _refuse(400, f"A branch called '{branch}' already exists. Switch to that branch")
        parent = head or asked["start_sha"]
        for each in asked["actions"]:
            is_there = self.repository.read(parent, each["file_path"]) is not None
            if each["action"] == "create" and is_there:
                return _refuse(400, "A file with this name already exists")
            last = self.repository.find_last_commit(parent, each["file_path"])
            if each["action"] == "update" and each["last_commit_id"] != last:
                return _refuse(
                    400, "You are attempting to update a file that has changed since you started editing it."
                )
        if head is None:
            self.repository.create(branch, parent)
        files = {each["file_path"]: base64.b64decode(each["content"]) for each in asked["actions"]}
        sha = self.repository.commit(branch, parent, asked["commit_message"], files)
        return web.json_response({"id": sha, "title": asked["commit_message"]}, status=201)


def _refuse(status: int, message: str | list[str]) -> web.Response:
    return web.json_response({"message": message}, status=status)
