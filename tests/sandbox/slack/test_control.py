"""The door for tests in other programs: push, faults, limits, the clock, the calls, and people."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from aiohttp import ClientSession, web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from sandbox.slack.tier_limits import RateLimits
from tests.sandbox.blocks import code
from tests.sandbox.stub_bot import Received, StubBot


class Door:
    """Another program at `/control/`."""

    def __init__(self, url: str, http: ClientSession) -> None:
        self._url, self._http = url, http

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        async with self._http.request(
            method, f"{self._url}/control/{path}", json=body, headers=headers
        ) as got:
            return got.status, await got.json()

    async def post(self, path: str, **body: Any) -> Any:
        status, answer = await self.ask("POST", path, body)
        assert status == 200, answer
        return answer


@pytest.fixture
async def door(slack: Slack) -> AsyncIterator[Door]:
    async with ClientSession() as http:
        yield Door(slack.url, http)


def waiting_after(slack: Slack, bot: StubBot, heard: int) -> bool:
    return len(bot.received) == heard and slack.events.waiting == 1


async def failing(received: Received) -> web.Response:
    return web.Response(status=500)


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return code(refused.value)


async def test_any_event_and_payload_is_pushed_as_honestly_as_wanted(
    slack: Slack, bot: StubBot, door: Door
) -> None:
    answer = await door.post("push", event={"type": "team_join", "user": {"id": "U1"}})
    assert answer["answer"]["status"] == 200
    await door.post("push", kind="interactive", payload={"type": "odd"}, delivery={"wrong_signature": True})
    await door.post("push", kind="slash_commands", payload={"command": "/x"}, delivery={"copies": 2})
    assert [each.signed for each in bot.received] == [True, False, True, True]
    assert bot.received[0].payload["event"]["user"] == {"id": "U1"}
    assert bot.received[1].payload == {"type": "odd"}
    assert bot.received[3].form == {"command": "/x"}


async def test_a_refused_event_comes_again_at_once_after_a_minute_and_after_five_by_the_doors_clock() -> None:
    slack = await Slack.start()
    bot = StubBot(slack)
    await bot.start()
    bot.respond = failing
    try:
        async with ClientSession() as http:
            door = Door(slack.url, http)
            await AsyncWebClient(slack.bot_token, base_url=slack.api_url).conversations_create(name="inc-1")
            for heard, seconds in ((2, 60), (3, 300)):
                await slack.wait_for(partial(waiting_after, slack, bot, heard))
                assert (await door.ask("GET", "clock"))[1]["events_waiting"] == 1
                await door.post("clock", advance=seconds - 1)
                assert (len(bot.received), slack.events.waiting) == (heard, 1)
                await door.post("clock", advance=1)
            await slack.wait_for(lambda: slack.events.delivered)
            numbers = [each.headers.get("X-Slack-Retry-Num") for each in bot.received]
            assert numbers == [None, "1", "2", "3"]
            assert len({each.payload["event_id"] for each in bot.received}) == 1
    finally:
        await bot.stop()
        await slack.stop()


async def test_the_doors_clock_lets_a_trigger_expire_and_limits_refill(
    slack: Slack, client: AsyncWebClient, door: Door
) -> None:
    await door.post("limits", on=True, per_minute={"auth.test": 1})
    await client.auth_test()
    assert await refusal(client.auth_test()) == "ratelimited"
    trigger = slack.workspace.new_trigger(slack.person("ana").id).id
    moved = await door.post("clock", advance=60)
    assert moved["ahead"] == 60
    await client.auth_test()
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": []}
    assert await refusal(client.views_open(trigger_id=trigger, view=view)) == "expired_trigger_id"
    await door.post("limits", on=False)
    await client.auth_test()
    await client.auth_test()


async def test_calls_are_shown_by_method_and_forgotten(
    slack: Slack, client: AsyncWebClient, door: Door
) -> None:
    await door.post("faults", **{"api.test": [{"kind": "limited", "retry_after": 7}]})
    await client.auth_test()
    assert await refusal(client.api_test()) == "ratelimited"
    _, calls = await door.ask("GET", "calls?method=api.test")
    assert [(call["number"], call["status"], call["fault"]["retry_after"]) for call in calls] == [(2, 429, 7)]
    await door.ask("DELETE", "calls")
    assert (await door.ask("GET", "calls"))[1] == []


async def test_people_join_write_react_and_use_shortcuts_at_the_door(
    slack: Slack, client: AsyncWebClient, bot: StubBot, door: Door
) -> None:
    slack.events.types = frozenset({"reaction_added", "reaction_removed"})
    made = slack.add_channel("war-room", with_bot=True)
    me: dict[str, str] = {"as": "bruno", "channel": "war-room"}
    await door.post("act", do="join", **me)
    said = (await door.post("act", do="say", text="look", **me))["answer"]
    on_it = {**me, "ts": said["ts"]}
    await door.post("act", do="react", name="eyes", **on_it)
    await door.post("act", do="unreact", name="eyes", **on_it)
    await door.post("act", do="shortcut", callback_id="add_to_timeline", **on_it)
    await door.post("act", do="shortcut", callback_id="declare", **{"as": "bruno"})
    await door.post("act", do="leave", **me)
    await slack.wait_for(lambda: len(bot.received) == 4)
    kinds = {each.payload.get("event", each.payload)["type"] for each in bot.received}
    assert kinds == {"reaction_added", "reaction_removed", "message_action", "shortcut"}
    assert slack.person("bruno").id not in made.members


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("act", {"do": "dance"}, "there is no 'dance'"),
        ("act", {"do": "say", "as": "nobody", "channel": "general", "text": "x"}, "nobody is called nobody"),
        ("push", {"kind": "carrier_pigeon", "payload": {}}, "a kind of payload is one of slash_commands"),
        ("push", {"event": {}}, "there is no 'type'"),
        ("push", {"event": {"type": "x"}, "delivery": {"speed": 3}}, "unexpected keyword argument 'speed'"),
        ("faults", {"auth.test": {"kind": "gremlin"}}, "a fault is one of none, limited"),
        ("limits", {"on": True, "per_minute": {"auth.test": 0}}, "at least once a minute"),
        ("clock", {"advance": "soon"}, "could not convert string to float"),
        ("clock", [], "has to be a JSON object"),
    ],
)
async def test_what_makes_no_sense_at_the_door_is_refused_with_a_sentence(
    door: Door, path: str, body: Any, sentence: str
) -> None:
    status, answer = await door.ask("POST", path, body)
    assert (status, answer["ok"]) == (400, False)
    assert sentence in answer["error"]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=str,
)
async def test_another_sites_page_finds_the_door_shut(
    slack: Slack, door: Door, headers: dict[str, str]
) -> None:
    for method, path, body in (("GET", "state", None), ("POST", "clock", {"advance": 60})):
        assert (await door.ask(method, path, body, **headers))[0] == 403
    assert slack.workspace.clocks.skew == 0


@pytest.mark.parametrize(
    ("method", "a_minute"),
    [
        ("conversations.create", 20),
        ("bookmarks.edit", 20),
        ("usergroups.users.list", 20),
        ("chat.update", 50),
        ("conversations.invite", 50),
        ("users.lookupByEmail", 50),
        ("views.publish", 100),
        ("chat.postEphemeral", 100),
        ("files.getUploadURLExternal", 100),
    ],
)
def test_a_method_is_limited_by_its_tier(method: str, a_minute: int) -> None:
    limits = RateLimits()
    assert [limits.take(method, "C1", 0.0) for _ in range(a_minute)] == [0] * a_minute
    assert limits.take(method, "C1", 0.0) == -(-60 // a_minute)
