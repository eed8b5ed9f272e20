"""Migrations between two images: their tags are commits or tags of the repository, or it is said that they are not."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.adapters.remediation.migrations_between import MOST_FILES, find_migrations
from bot.adapters.remediation.protocol import Task

FILES: dict[str, list[str]] = {
    "v2.14.0...v2.15.0": ["src/fares.ts", "db/migrate/0042_rates.sql"],
    "a1b2c3d...d4e5f6a": ["src/fares.ts"],
    "v1...v2": [f"src/{number}.ts" for number in range(MOST_FILES)],
}


@pytest.fixture(scope="module")
def github() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            return

        def do_GET(self) -> None:
            files = FILES.get(self.path.rpartition("/")[2])
            self.send_response(200 if files is not None else 404)
            self.end_headers()
            self.wfile.write(json.dumps({"files": [{"filename": name} for name in files or ()]}).encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def task(address: str) -> Task:
    keys = {"github_repository": "acme/app", "github_token": "ghp_read", "github_api_url": address}
    return Task("", "ecs.rollback", {}, keys, {})


def test_those_between_two_tags_or_commits_are_named(github: str) -> None:
    assert find_migrations(task(github), "v2.14.0", "v2.15.0").found == ("db/migrate/0042_rates.sql",)
    none = find_migrations(task(github), "sha-a1b2c3d", "d4e5f6a")
    assert (none.found, none.unknown) == ((), "")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("latest", "v2.15.0", "name no commits"),
        ("", "", "name no commits"),
        ("../../x", "v2.15.0", "name no commits"),
        ("v3", "v4", "GitHub knows no v3 or v4"),
        ("v1", "v2", "too many files"),
    ],
)
def test_what_cannot_be_told_is_said(github: str, old: str, new: str, words: str) -> None:
    told = find_migrations(task(github), old, new)
    assert told.found == ()
    assert words in told.unknown


def test_a_github_that_is_away_is_unknown() -> None:
    assert "did not tell" in find_migrations(task("http://127.0.0.1:9"), "v1", "v2").unknown
