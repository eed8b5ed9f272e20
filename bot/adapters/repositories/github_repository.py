"""A repository at GitHub: docs.github.com/rest (pulls, git/refs, contents) and createCommitOnBranch of its GraphQL.

Files are committed by one mutation that names the commit on which it builds: all of them, or none, and never on top of
what was not read.
"""

import base64
from collections.abc import Sequence
from typing import Any

import httpx

from bot.adapters.provider_api import ApiAnswer, ProviderApi
from bot.adapters.repositories.host_rules import HOST_RULES, build_refusal
from bot.ports.code_host import (
    BranchMoved,
    HostAnswerLost,
    HostRefused,
    NewCommit,
    PullRequest,
    PullRequestState,
    RepositoryFacts,
    StoredFile,
)

ENTERPRISE = "/api/v3"
COMMIT = """mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}"""


class GitHubRepository:
    """The CodeHost port on `owner/name`."""

    title = "GitHub"

    def __init__(
        self, token: str, name: str, base: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.repository = name
        self._path = f"/repos/{name}"
        root = base.rstrip("/")
        self._graphql = (
            f"{root.removesuffix(ENTERPRISE)}/api/graphql" if root.endswith(ENTERPRISE) else f"{root}/graphql"
        )
        headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._api = ProviderApi(self.title, root, headers, HOST_RULES, transport)

    async def describe(self) -> RepositoryFacts:
        answer = await self._api.ask("GET", self._path)
        if answer.status != 200:
            raise build_refusal(self.title, f"read {self.repository}", answer)
        rights = answer.json.get("permissions") or {}
        public = answer.json.get("visibility", "") == "public" or not answer.json.get("private", False)
        may_write = bool(rights.get("push", True)) and not answer.json.get("archived", False)
        return RepositoryFacts(answer.json["default_branch"], public, may_write)

    async def find_pull_requests(self, branch: str) -> Sequence[PullRequest]:
        owner = self.repository.partition("/")[0]
        answer = await self._api.ask(
            "GET", f"{self._path}/pulls", query={"head": f"{owner}:{branch}", "state": "all"}
        )
        if answer.status != 200:
            raise build_refusal(self.title, f"read the pull requests of {self.repository}", answer)
        return [_build_pull(pull) for pull in answer.json if pull["head"]["ref"] == branch]

    async def find_branch(self, name: str) -> str | None:
        answer = await self._api.ask("GET", f"{self._path}/git/ref/heads/{name}")
        if answer.status in (404, 409):  # 409: the repository is empty
            return None
        if answer.status != 200:
            raise build_refusal(self.title, f"read the branches of {self.repository}", answer)
        return str(answer.json["object"]["sha"])

    async def read_file(self, path: str, commit: str) -> StoredFile | None:
        answer = await self._api.ask("GET", f"{self._path}/contents/{path}", query={"ref": commit})
        if answer.status == 404:
            return None
        if answer.status != 200 or not isinstance(answer.json, dict) or answer.json.get("type") != "file":
            raise build_refusal(self.title, f"read {path}", answer)
        content, sha = answer.json, str(answer.json["sha"])
        if content.get("encoding") != "base64":  # above a megabyte
            content = (await self._api.ask("GET", f"{self._path}/git/blobs/{sha}")).json
        return StoredFile(decode(path, content["content"]), sha)

    async def has_file(self, path: str, commit: str) -> bool:
        answer = await self._api.ask("GET", f"{self._path}/contents/{path}", query={"ref": commit})
        if answer.status not in (200, 404):
            raise build_refusal(self.title, f"read {path}", answer)
        return answer.status == 200

    async def commit(self, new: NewCommit) -> None:
        if new.new_branch:
            body = {"ref": f"refs/heads/{new.branch}", "sha": new.parent}
            answer = await self._api.ask("POST", f"{self._path}/git/refs", body)
            if answer.status == 422 and "already exists" in answer.words:
                raise BranchMoved(f"The branch {new.branch} was made meanwhile.")
            if answer.status != 201:
                raise build_refusal(self.title, f"make the branch {new.branch}", answer)
        additions = [{"path": path, "contents": encode(text)} for path, text in new.files.items()]
        asked = {
            "branch": {"repositoryNameWithOwner": self.repository, "branchName": new.branch},
            "message": {"headline": new.message},
            "fileChanges": {"additions": additions},
            "expectedHeadOid": new.parent,
        }
        answer = await self._api.ask("POST", self._graphql, {"query": COMMIT, "variables": {"input": asked}})
        self._judge_commit(answer, new.branch)

    def _judge_commit(self, answer: ApiAnswer, branch: str) -> None:
        """GraphQL says what went wrong in a 200."""
        errors = answer.json.get("errors") if isinstance(answer.json, dict) else None
        kinds = {error.get("type") for error in errors or () if isinstance(error, dict)}
        if "STALE_DATA" in kinds:
            raise BranchMoved(f"Somebody committed to {branch} meanwhile.")
        if errors and kinds & {None, "INTERNAL", "SERVICE_UNAVAILABLE"} and "rotect" not in answer.words:
            raise HostAnswerLost(f"{self.title} failed: {answer.words}.")
        if errors or answer.status != 200:
            raise build_refusal(self.title, f"commit to {branch}", answer)

    async def open_pull_request(self, branch: str, into: str, title: str, body: str) -> PullRequest:
        asked = {"title": title, "head": branch, "base": into, "body": body}
        answer = await self._api.ask("POST", f"{self._path}/pulls", asked)
        if answer.status == 422 and "already exists" in answer.words:
            raise BranchMoved(f"A pull request from {branch} was opened meanwhile.")
        if answer.status != 201:
            raise build_refusal(self.title, "open a pull request", answer)
        return _build_pull(answer.json)

    async def aclose(self) -> None:
        await self._api.aclose()


def encode(content: str | bytes) -> str:
    """Base 64, as both hosts take it."""
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def decode(path: str, content: str) -> str:
    """The text of a file. Raises HostRefused for what is no text."""
    try:
        return base64.b64decode(content).decode()
    except UnicodeDecodeError:
        raise HostRefused(f"{path} is no text in UTF-8: I leave it.") from None


def _build_pull(found: dict[str, Any]) -> PullRequest:
    state = PullRequestState.OPEN if found["state"] == "open" else PullRequestState.CLOSED
    if found.get("merged_at"):
        state = PullRequestState.MERGED
    return PullRequest(found["number"], found["html_url"], state, found.get("body") or "")
