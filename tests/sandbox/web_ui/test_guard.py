"""The page answers its own address in this machine's browser, and nobody else."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.slack import Slack
from tests.sandbox.browsing import OWN, Window, slack_with_page


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with slack_with_page() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-origin", "Host": "evil.example"},
    {},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=[str(each) for each in FOREIGN])
async def test_no_other_page_acts_or_listens(
    slack: Slack, http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    body = {"as": "ana", "channel": slack.channel("general").id, "text": "forged"}
    async with http.post(f"{slack.url}/act/say", json=body, headers=headers) as answer:
        assert answer.status == 403
    async with http.get(f"{slack.url}/live", params={"as": "ana"}, headers=headers) as answer:
        assert answer.status == 403
    assert slack.messages("general") == []


async def test_the_pages_own_requests_are_taken(slack: Slack, http: aiohttp.ClientSession) -> None:
    body = {"as": "ana", "channel": slack.channel("general").id, "text": "mine"}
    for headers in (OWN, {"Origin": slack.url}, OWN | {"Origin": slack.url}):
        async with http.post(f"{slack.url}/act/say", json=body, headers=headers) as answer:
            assert answer.status == 200
    assert len(slack.messages("general")) == 3


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "127.0.0.1:1",
        "127.0.0.1",
        "localhost@evil:{port}",
    ],
)
async def test_a_name_that_was_made_to_point_here_is_refused(
    slack: Slack, http: aiohttp.ClientSession, host: str
) -> None:
    headers = {"Host": host.format(port=slack.port)}
    for path in ("/", "/static/page.js"):
        async with http.get(slack.url + path, headers=headers) as answer:
            assert answer.status == 403
            assert "Open its address directly" in await answer.text()


async def test_another_site_cannot_lead_to_the_page(slack: Slack, http: aiohttp.ClientSession) -> None:
    for site in ("cross-site", "same-site"):
        async with http.get(f"{slack.url}/", headers={"Sec-Fetch-Site": site}) as answer:
            assert answer.status == 403
    for host in (f"127.0.0.1:{slack.port}", f"localhost:{slack.port}"):
        async with http.get(f"{slack.url}/", headers={"Host": host, "Sec-Fetch-Site": "none"}) as answer:
            assert answer.status == 200


async def test_every_answer_carries_the_strict_policy(slack: Slack, http: aiohttp.ClientSession) -> None:
    for path, status in {
        "/": 200,
        "/?as=nobody": 404,
        "/static/page.js": 200,
        "/static/none.js": 404,
    }.items():
        async with http.get(slack.url + path, headers=OWN) as answer:
            assert answer.status == status, path
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
    async with http.get(f"{slack.url}/live", params={"as": "ana", "since": "x"}, headers=OWN) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.content_type == "text/event-stream"


async def test_files_come_from_the_static_folder_only(slack: Slack, http: aiohttp.ClientSession) -> None:
    for name in ("..%2fpage.html", "%2e%2e%2fguard.py", "guard.py", ".", "page.html", "%00"):
        async with http.get(f"{slack.url}/static/{name}", headers=OWN) as answer:
            assert answer.status == 404, name


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \"' & {{ 7*7 }}"


async def test_hostile_words_are_shown_as_words_everywhere(slack: Slack, http: aiohttp.ClientSession) -> None:
    room = slack.add_channel("war-room", members=["bruno"])
    room.topic["value"] = HOSTILE
    room.bookmarks["b"] = {"id": "b", "title": HOSTILE, "link": 'https://x.example/"onmouseover="alert(1)'}
    slack.add_person("mallory", HOSTILE, title=HOSTILE)
    slack.people.join("mallory", room)
    ana = Window(slack, "ana", http, room.id)
    slack.people.join("ana", room)
    await ana.act("say", text=HOSTILE)
    said = slack.messages(room)[-1]
    await ana.act("say", text="/" + HOSTILE)
    ana.thread = said.ts
    page = await ana.page()
    assert "<script>" not in page
    assert "<img src=x" not in page
    assert '"onmouseover=' not in page
    assert page.count("&lt;script&gt;") >= 4


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"x"'])
async def test_bodies_that_are_no_acts_are_answered(
    slack: Slack, http: aiohttp.ClientSession, body: bytes
) -> None:
    async with http.post(f"{slack.url}/act/say", data=body, headers=OWN) as answer:
        assert answer.status == 400
    async with http.post(f"{slack.url}/act/nothing", json={}, headers=OWN) as answer:
        assert answer.status == 400


async def test_odd_values_in_acts_are_answered_with_a_sentence(
    slack: Slack, http: aiohttp.ClientSession
) -> None:
    ana = Window(slack, "ana", http, slack.channel("general").id)
    for what in ({"text": 7}, {"text": None}):
        assert await ana.act("say", **what) == ""
    assert "too long" in await ana.act("say", 409, text="x" * 12_001)
    for name in ("click", "shortcut", "react", "edit", "delete"):
        assert await ana.act(name, 409, ts={"$gt": ""}, shortcut=[], name=1), name
    assert "Nobody here" in await Window(slack, "statusbot", http).act("say", 409, text="x")
    assert slack.messages("general") == []
