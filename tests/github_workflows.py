"""GitHub's workflows as its documentation has them: a server that dispatches, lists and shows runs.

https://docs.github.com/rest/actions/workflows, https://docs.github.com/rest/actions/workflow-runs
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORKFLOW = """name: Roll back
run-name: "Rollback ${{ inputs.tocsin }}"
on:
  workflow_dispatch:
    inputs:
      service:
        required: true
      reason:
        required: false
      tocsin:
        description: key
        required: true
  push:
jobs: {}
"""


@dataclass
class GitHubWorkflows:
    """One repository with one workflow. `dispatches` are the bodies that were taken; `mode` is what goes wrong."""

    text: str = WORKFLOW
    state: str = "active"
    token: str = "ghp_act"
    mode: str = ""
    dispatches: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""

    def take(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self.dispatches.append(dict(body))
        number = 1000 + len(self.runs)
        run = {
            "id": number,
            "html_url": f"https://github.com/acme/app/actions/runs/{number}",
            "status": "in_progress",
            "conclusion": None,
            "display_title": f"Rollback {body['inputs'].get('tocsin', '')}",
            "created_at": datetime.now(UTC).isoformat(),
        }
        self.runs.insert(0, run)
        return run


@contextmanager
def serve() -> Iterator[GitHubWorkflows]:
    """The server on a free port of loopback."""
    github = GitHubWorkflows()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            return

        def answer(self, status: int, value: Any = None) -> None:
            text = value if isinstance(value, str) else json.dumps(value)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            if value is not None:
                self.wfile.write(text.encode())

        def do_GET(self) -> None:
            path = self.path.removeprefix("/repos/acme/app/")
            if path.startswith("actions/workflows/rollback.yml/runs"):
                self.answer(200, {"workflow_runs": github.runs})
            elif path == "actions/workflows/rollback.yml":
                self.answer(200, {"id": 1, "state": github.state})
            elif path.startswith("contents/.github/workflows/rollback.yml"):
                raw = "raw" in self.headers["Accept"]
                self.answer(200, github.text if raw else {"sha": "abc123def4567890"})
            elif path.startswith("actions/runs/"):
                found = [run for run in github.runs if str(run["id"]) == path.rpartition("/")[2]]
                self.answer(200, found[0]) if found else self.answer(404, {})
            elif path == "":
                self.answer(200, {"default_branch": "main"})
            else:
                self.answer(404, {"message": "Not Found"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers["Authorization"] != f"Bearer {github.token}":
                self.answer(403, {"message": "Resource not accessible by personal access token"})
            elif github.mode == "old" and "return_run_details" in body:
                self.answer(422, {"message": 'Invalid request. "return_run_details" is not a permitted key.'})
            elif github.mode == "old":
                github.take(body)
                self.answer(204)
            elif github.mode == "drops":
                github.take(body)
                self.connection.close()
            elif github.mode == "down":
                self.answer(502, {"message": "Bad gateway"})
            else:
                run = github.take(body)
                self.answer(200, {"workflow_run_id": run["id"], "html_url": run["html_url"]})

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
