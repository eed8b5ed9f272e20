"""api.github.com for one repository: docs.github.com/rest (repos, pulls, git/ref, contents, git/blobs) and the mutation
createCommitOnBranch of docs.github.com/graphql."""

import base64
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from sandbox.repositories.bare_repository import MAIN, StaleParent
from sandbox.repositories.host_stand_in import HostStandIn, Json, StandInPullRequest

MEGABYTE = 1_000_000


class GitHubStandIn(HostStandIn):
    """See HostStandIn."""

    def knows(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.TOKEN}"

    def list_routes(self) -> Sequence[web.RouteDef]:
        base = f"/repos/{self.NAME}"
        return [
            web.get(base, self._describe),
            web.get(f"{base}/pulls", self._list_pulls),
            web.post(f"{base}/pulls", self._open_pull),
            web.get(f"{base}/git/ref/heads/{{branch:.+}}", self._read_ref),
            web.post(f"{base}/git/refs", self._create_ref),
            web.get(f"{base}/contents/{{path:.+}}", self._read_file),
            web.get(f"{base}/git/blobs/{{sha}}", self._read_blob),
            web.post("/graphql", self._commit),
        ]

    async def _describe(self, request: web.Request) -> web.Response:
        said = {
            "full_name": self.NAME,
            "default_branch": MAIN,
            "private": self.visibility != "public",
            "visibility": self.visibility,
            "archived": False,
            "permissions": {"admin": False, "push": self.may_write, "pull": True},
        }
        return web.json_response(said)

    async def _list_pulls(self, request: web.Request) -> web.Response:
        owner, _, branch = request.query["head"].partition(":")
        assert owner == self.NAME.partition("/")[0] and request.query["state"] == "all"
        found = [self._show(pull) for pull in reversed(self.pulls) if pull.branch == branch]
        return web.json_response(found)

    async def _open_pull(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if not self.may_write:
            return _refuse(403, "Resource not accessible by personal access token")
        if self.find_open(asked["head"]):
            return _refuse(
                422, "Validation Failed", f"A pull request already exists for acme:{asked['head']}."
            )
        if not self.repository.list_messages(asked["head"]):
            return _refuse(422, "Validation Failed", f"No commits between {MAIN} and {asked['head']}")
        return web.json_response(
            self._show(self.open(asked["head"], asked["title"], asked["body"])), status=201
        )

    def _show(self, pull: StandInPullRequest) -> Json:
        merged = "2026-11-30T05:00:00Z" if pull.state == "merged" else None
        return {
            "number": pull.number,
            "html_url": f"{self.url}/{self.NAME}/pull/{pull.number}",
            "state": "open" if pull.state == "open" else "closed",
            "merged_at": merged,
            "title": pull.title,
            "body": pull.body,
            "head": {"ref": pull.branch},
            "base": {"ref": MAIN},
        }

    async def _read_ref(self, request: web.Request) -> web.Response:
        branch = request.match_info["branch"]
        if not self.repository.list_branches():
            return _refuse(409, "Git Repository is empty.")
        sha = self.repository.find(branch)
        if sha is None:
            return _refuse(404, "Not Found")
        return web.json_response({"ref": f"refs/heads/{branch}", "object": {"type": "commit", "sha": sha}})

    async def _create_ref(self, request: web.Request) -> web.Response:
        asked = await request.json()
        branch = asked["ref"].removeprefix("refs/heads/")
        if not self.may_write:
            return _refuse(403, "Resource not accessible by personal access token")
        if not self.repository.create(branch, asked["sha"]):
            return _refuse(422, "Reference already exists")
        said = {"ref": asked["ref"], "object": {"type": "commit", "sha": asked["sha"]}}
        return web.json_response(said, status=201)

    async def _read_file(self, request: web.Request) -> web.Response:
        found = self.repository.read(request.query["ref"], request.match_info["path"])
        if found is None:
            return _refuse(404, "Not Found")
        text, sha = found
        is_big = len(text) > MEGABYTE
        content = "" if is_big else base64.b64encode(text.encode(errors="surrogateescape")).decode()
        said = {"type": "file", "sha": sha, "encoding": "none" if is_big else "base64", "content": content}
        return web.json_response(said)

    async def _read_blob(self, request: web.Request) -> web.Response:
        sha = request.match_info["sha"]
        text = self.repository.read_blob(sha)
        said = {
            "sha": sha,
            "encoding": "base64",
            "content": base64.b64encode(text.encode(errors="surrogateescape")).decode(),
        }
        return web.json_response(said)

    async def _commit(self, request: web.Request) -> web.Response:
        asked = await request.json()
        assert "createCommitOnBranch(input: $input)" in asked["query"]
        wanted: dict[str, Any] = asked["variables"]["input"]
        branch = wanted["branch"]["branchName"]
        assert wanted["branch"]["repositoryNameWithOwner"] == self.NAME
        files = {
            each["path"]: base64.b64decode(each["contents"]) for each in wanted["fileChanges"]["additions"]
        }
        if self.protected and branch.startswith(self.protected):
            return _fail("UNPROCESSABLE", f"Protected branch rules not configured for {branch}.")
        try:
            sha = self.repository.commit(
                branch, wanted["expectedHeadOid"], wanted["message"]["headline"], files
            )
        except StaleParent:
            return _fail("STALE_DATA", "Expected branch to point to another commit. Pull and try again.")
        return web.json_response({"data": {"createCommitOnBranch": {"commit": {"oid": sha}}}})


def _refuse(status: int, message: str, detail: str = "") -> web.Response:
    said: Json = {
        "message": message,
        "documentation_url": "https://docs.github.com/rest",
        "status": str(status),
    }
    if detail:
        said["errors"] = [{"resource": "PullRequest", "code": "custom", "message": detail}]
    return web.json_response(said, status=status)


def _fail(kind: str, message: str) -> web.Response:
    error = {"type": kind, "path": ["createCommitOnBranch"], "message": message}
    return web.json_response({"data": {"createCommitOnBranch": None}, "errors": [error]})
