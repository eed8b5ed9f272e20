"""A project at GitLab: docs.gitlab.com/api (merge_requests, branches, repository_files, commits).

Files are committed by one call with an action each, which names the commit that touched the file last: all, or none.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from bot.adapters.provider_api import ProviderApi
from bot.adapters.repositories.github_repository import decode, encode
from bot.adapters.repositories.host_rules import HOST_RULES, build_refusal
from bot.ports.code_host import (
    BranchMoved,
    NewCommit,
    PullRequest,
    PullRequestState,
    RepositoryFacts,
    StoredFile,
)

DEVELOPER = 30
"""The access level from which on somebody may push and open merge requests."""

STATES = {"opened": PullRequestState.OPEN, "locked": PullRequestState.OPEN, "merged": PullRequestState.MERGED}
MOVED = ("already exists", "has changed", "doesn't exist", "out of date", "not up to date", "changed since")
"""GitLab's words for a branch or a file that is not as it was read."""


class GitLabRepository:
    """The CodeHost port on `group/name`."""

    title = "GitLab"

    def __init__(
        self, token: str, name: str, base: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.repository = name
        self._path = f"/api/v4/projects/{quote(name, safe='')}"
        self._api = ProviderApi(self.title, base.rstrip("/"), {"PRIVATE-TOKEN": token}, HOST_RULES, transport)

    async def describe(self) -> RepositoryFacts:
        answer = await self._api.ask("GET", self._path)
        if answer.status != 200:
            raise build_refusal(self.title, f"read {self.repository}", answer)
        rights = answer.json.get("permissions") or {}
        levels = [right["access_level"] for right in rights.values() if right]
        may_write = not levels or max(levels) >= DEVELOPER
        may_write = may_write and not answer.json.get("archived", False)
        public = answer.json.get("visibility") == "public"
        return RepositoryFacts(answer.json.get("default_branch") or "main", public, may_write)

    async def find_pull_requests(self, branch: str) -> Sequence[PullRequest]:
        query = {"source_branch": branch, "state": "all", "order_by": "created_at"}
        answer = await self._api.ask("GET", f"{self._path}/merge_requests", query=query)
        if answer.status != 200:
            raise build_refusal(self.title, f"read the merge requests of {self.repository}", answer)
        return [_build_pull(pull) for pull in answer.json if pull["source_branch"] == branch]

    async def find_branch(self, name: str) -> str | None:
        answer = await self._api.ask("GET", f"{self._path}/repository/branches/{quote(name, safe='')}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise build_refusal(self.title, f"read the branches of {self.repository}", answer)
        return str(answer.json["commit"]["id"])

    async def read_file(self, path: str, commit: str) -> StoredFile | None:
        address = f"{self._path}/repository/files/{quote(path, safe='')}"
        answer = await self._api.ask("GET", address, query={"ref": commit})
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise build_refusal(self.title, f"read {path}", answer)
        return StoredFile(decode(path, answer.json["content"]), answer.json["last_commit_id"])

    async def has_file(self, path: str, commit: str) -> bool:
        address = f"{self._path}/repository/files/{quote(path, safe='')}"
        answer = await self._api.ask("GET", address, query={"ref": commit})
        if answer.status not in (200, 404):
            raise build_refusal(self.title, f"read {path}", answer)
        return answer.status == 200

    async def commit(self, new: NewCommit) -> None:
        actions: list[dict[str, Any]] = []
        for path, text in new.files.items():
            known = new.before.get(path)
            how = {"action": "update", "last_commit_id": known.version} if known else {"action": "create"}
            actions.append({**how, "file_path": path, "content": encode(text), "encoding": "base64"})
        body = {"branch": new.branch, "commit_message": new.message, "actions": actions}
        if new.new_branch:
            body["start_sha"] = new.parent
        answer = await self._api.ask("POST", f"{self._path}/repository/commits", body)
        if answer.status == 400 and any(words in answer.words for words in MOVED):
            raise BranchMoved(f"Somebody committed to {new.branch} meanwhile.")
        if answer.status != 201:
            raise build_refusal(self.title, f"commit to {new.branch}", answer)

    async def open_pull_request(self, branch: str, into: str, title: str, body: str) -> PullRequest:
        asked = {"source_branch": branch, "target_branch": into, "title": title, "description": body}
        answer = await self._api.ask("POST", f"{self._path}/merge_requests", asked)
        if answer.status == 409:
            raise BranchMoved(f"A merge request from {branch} was opened meanwhile.")
        if answer.status != 201:
            raise build_refusal(self.title, "open a merge request", answer)
        return _build_pull(answer.json)

    async def aclose(self) -> None:
        await self._api.aclose()


def _build_pull(found: dict[str, Any]) -> PullRequest:
    state = STATES.get(found["state"], PullRequestState.CLOSED)
    return PullRequest(found["iid"], found["web_url"], state, found.get("description") or "")
