"""Links are asked without credentials, never inside, and only what is surely gone is said to be dead."""

import httpx
import pytest

from diagnostics.clients.link_check import LinkCheck

BASE = "http://wiki.example"


def answering(request: httpx.Request) -> httpx.Response:
    status = {"/gone": 410, "/missing": 404, "/broken": 500, "/no-head": 405, "/login": 401}
    found = status.get(request.url.path, 200)
    if request.url.path in ("/no-head", "/only-get") and request.method == "HEAD":
        found = 404
    elif request.url.path in ("/no-head", "/only-get"):
        found = 200
    assert "authorization" not in request.headers and "cookie" not in request.headers
    return httpx.Response(found, stream=httpx.ByteStream(b""))


async def test_only_what_is_gone_is_dead() -> None:
    checker = LinkCheck({BASE: "http://127.0.0.1:1"}, httpx.MockTransport(answering))
    paths = ("/", "/gone", "/missing", "/broken", "/no-head", "/login")
    found = await checker.find_dead([f"{BASE}{path}" for path in paths])
    assert found == {f"{BASE}/gone": "410, gone", f"{BASE}/missing": "404, not found"}


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/missing", "http://169.254.169.254/missing", "http://[::1]/missing"]
)
async def test_nothing_inside_is_asked(url: str) -> None:
    asked: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(404, stream=httpx.ByteStream(b""))

    assert await LinkCheck({}, httpx.MockTransport(note)).find_dead([url]) == {}
    assert asked == []
