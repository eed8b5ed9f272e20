"""What reaches the bot by itself, and the door for other programs."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession, web
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack, WorkspaceMessage
from tests.sandbox.blocks import actions, button, section
from tests.sandbox.stub_bot import Received, StubBot


async def posted(slack: Slack, client: AsyncWebClient, *elements: dict[str, Any]) -> WorkspaceMessage:
    made = slack.workspace.find_channel("war-room") or slack.add_channel("war-room", with_bot=True)
    await client.chat_postMessage(channel=made.id, text="card", blocks=[section("card"), actions(*elements)])
    return slack.messages(made)[-1]


async def test_events_are_delivered_beside_the_answer_and_again_when_refused(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    bot.answers(web.Response(status=500))
    await client.conversations_create(name="inc-1")
    await slack.wait_for(lambda: len(bot.received) == 2)
    first, again = bot.received
    assert first.signed
    assert first.payload["event"]["channel"]["name"] == "inc-1"
    assert first.payload["event_id"] == again.payload["event_id"]
    assert "X-Slack-Retry-Num" not in first.headers
    assert (again.headers["X-Slack-Retry-Num"], again.headers["X-Slack-Retry-Reason"]) == ("1", "http_error")


@pytest.mark.parametrize(
    "answer", [{"status": 204}, {"status": 500, "headers": {"X-Slack-No-Retry": "1"}}], ids=str
)
async def test_an_event_that_is_taken_or_not_wanted_again_comes_once(
    slack: Slack, client: AsyncWebClient, bot: StubBot, answer: dict[str, Any]
) -> None:
    async def respond(received: Received) -> web.Response:
        return web.Response(**answer)

    bot.respond = respond
    await client.conversations_create(name="inc-1")
    await slack.wait_for(lambda: slack.events.delivered)
    assert len(bot.received) == 1


async def test_the_inside_of_a_conversation_is_heard_by_members_with_the_scope(
    slack: Slack, bot: StubBot
) -> None:
    slack.events.types = frozenset(
        {"message.channels", "message.groups", "reaction_added", "channel_rename", "member_joined_channel"}
    )
    slack.api.scopes = frozenset({"channels:read", "channels:history"})
    inside, outside = slack.add_channel("inside", with_bot=True), slack.add_channel("outside")
    private = slack.add_channel("private", with_bot=True, private=True)
    for room in (outside, private, inside):
        said = slack.people.say("ana", room, f"in {room.name}")
        slack.people.react("ana", said, "eyes")
        slack.people.join("bruno", room)
    slack.people.rename("ana", outside, "outside-2")
    await slack.wait_for(lambda: len(slack.events.delivered) == 4)
    events = [each.payload["event"] for each in bot.received]
    assert sorted((event["type"], event.get("text", "")) for event in events) == [
        ("channel_rename", ""),
        ("member_joined_channel", ""),
        ("message", f"<@{slack.person('bruno').id}> has joined the channel"),
        ("message", "in inside"),
    ]
    slack.api.scopes |= {"reactions:read"}
    slack.people.react("bruno", slack.messages(inside)[0], "eyes")
    await slack.wait_for(lambda: len(slack.events.delivered) == 5)
    assert bot.received[-1].payload["event"]["type"] == "reaction_added"


async def test_only_subscribed_events_are_sent(slack: Slack, client: AsyncWebClient, bot: StubBot) -> None:
    slack.events.types = frozenset(
        {"member_joined_channel", "channel_archive", "channel_rename", "message.channels", "message.im"}
    )
    made = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    await client.conversations_invite(channel=made, users=[slack.person("ana").id])
    await client.conversations_rename(channel=made, name="inc-1-api")
    await client.conversations_archive(channel=made)
    await slack.wait_for(lambda: len(slack.events.delivered) == 6)
    kinds = sorted(each.payload["event"]["type"] for each in bot.received)
    assert kinds == ["channel_archive", "channel_rename", "member_joined_channel", *["message"] * 3]


async def test_a_slow_bot_holds_up_no_answer(slack: Slack, client: AsyncWebClient, bot: StubBot) -> None:
    never = asyncio.Event()

    async def respond(received: Received) -> web.Response:
        await never.wait()
        return web.Response()

    bot.respond = respond
    await asyncio.wait_for(client.conversations_create(name="inc-1"), 1)
    await slack.wait_for(lambda: bot.received)
    never.set()


async def test_the_control_door_shows_acts_and_breaks(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    message = await posted(slack, client, button("ack", "1"))
    async with ClientSession() as other:

        async def act(**body: Any) -> Any:
            async with other.post(f"{slack.url}/control/act", json=body) as response:
                return await response.json()

        clicked = {"do": "click", "as": "ana", "channel": "war-room", "ts": message.ts, "action_id": "ack"}
        assert (await act(**clicked))["answer"]["status"] == 200
        assert (await act(**{**clicked, "action_id": "none"}))["ok"] is False
        command = await act(do="command", **{"as": "ana"}, channel="general", command="/incident", text="x")
        assert command["answer"]["trigger_id"] in slack.workspace.triggers
        async with other.post(
            f"{slack.url}/control/faults", json={"auth.test": {"kind": "error", "after_work": True}}
        ) as response:
            assert response.status == 200
        assert slack.api.faults(1, "auth.test") is not None
        async with other.get(f"{slack.url}/control/state") as response:
            state = await response.json()
        room = next(each for each in state["channels"] if each.get("name") == "war-room")
        assert room["messages"][0]["text"] == "card"
        async with other.get(f"{slack.url}/control/calls") as response:
            assert [each["method"] for each in await response.json()] == ["chat.postMessage"]
        async with other.get(f"{slack.url}/control/wait?since=0") as response:
            assert (await response.json())["changes"] > 0
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            async with other.get(f"{slack.url}/control/state", headers=headers) as response:
                assert response.status == 403
    assert len(bot.received) == 2
