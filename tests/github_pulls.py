"""GitHub's pull requests as its documentation has them: a server that lists and shows them, and reverts one.

https://docs.github.com/rest/pulls/pulls, https://docs.github.com/graphql/reference/mutations#revertpullrequest
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Pull = dict[str, Any]


def build_pull(
    number: int, branch: str, title: str, *, merged: timedelta | None = None, body: str = ""
) -> Pull:
    """One pull request, merged so long ago or open."""
    now = datetime.now(UTC)
    return {
        "number": number,
        "node_id": f"PR_{number}",
        "title": title,
        "body": body,
        "state": "closed" if merged else "open",
        "html_url": f"https://github.com/acme/app/pull/{number}",
        "head": {"ref": branch},
        "base": {"ref": "main"},
        "merged_at": (now - merged).strftime("%Y-%m-%dT%H:%M:%SZ") if merged else None,
        "merged_by": {"login": "devika"} if merged else None,
        "merge_commit_sha": f"{number:040x}",
    }


@dataclass
class GitHubPulls:
    """One repository. `reverted` are the variables of the mutations that were taken; `mode` is what goes wrong."""

    token: str = "ghp_act"
    mode: str = ""
    pulls: list[Pull] = field(default_factory=list)
    files: list[str] = field(default_factory=lambda: ["src/fares.py"])
    reverted: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""

    def revert(self, variables: Mapping[str, Any]) -> Pull:
        """What the mutation does."""
        self.reverted.append(dict(variables))
        (old,) = [pull for pull in self.pulls if pull["node_id"] == variables["id"]]
        number = max(pull["number"] for pull in self.pulls) + 1
        branch = f"revert-{old['number']}-{old['head']['ref']}"
        new = build_pull(number, branch, variables["title"], body=variables["body"])
        self.pulls.append(new)
        return new

    def read(self, path: str, query: Mapping[str, list[str]]) -> Any:
        """The answer to a question; None for what is not there."""
        if path == "":
            return {"default_branch": "main"}
        if path.endswith("/files"):
            return [{"filename": name} for name in self.files]
        if path != "pulls":
            number = path.rpartition("/")[2]
            return next((pull for pull in self.pulls if str(pull["number"]) == number), None)
        if head := query.get("head"):
            return [pull for pull in self.pulls if f"acme:{pull['head']['ref']}" == head[0]]
        return [pull for pull in self.pulls if pull["state"] == "closed"]


@contextmanager
def serve_pulls() -> Iterator[GitHubPulls]:
    """The server on a free port of loopback."""
    github = GitHubPulls()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            return

        def answer(self, status: int, value: Any) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            found = github.read(asked.path.removeprefix("/repos/acme/app").strip("/"), parse_qs(asked.query))
            self.answer(
                404 if found is None else 200, found if found is not None else {"message": "Not Found"}
            )

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/graphql" or self.headers["Authorization"] != f"Bearer {github.token}":
                self.answer(403, {"message": "Resource not accessible by personal access token"})
            elif github.mode == "down":
                self.answer(502, {"message": "Bad gateway"})
            elif github.mode == "conflict":
                said = {"message": "Pull Request could not be reverted", "type": "UNPROCESSABLE"}
                self.answer(200, {"data": {"revertPullRequest": None}, "errors": [said]})
            else:
                new = github.revert(body["variables"])
                if github.mode == "drops":
                    self.connection.close()
                    return
                made = {"number": new["number"], "url": new["html_url"]}
                self.answer(200, {"data": {"revertPullRequest": {"revertPullRequest": made}}})

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    github.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
