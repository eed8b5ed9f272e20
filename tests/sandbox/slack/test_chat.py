"""Messages as the Web API sees them."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from tests.sandbox.blocks import code, section

METADATA = {"event_type": "incident", "event_payload": {"key": "k1"}}


async def test_a_posted_message_is_in_the_history_with_its_metadata_only_when_asked(
    slack: Slack, client: AsyncWebClient
) -> None:
    slack.people.join("tocsin", "general")
    posted = await client.chat_postMessage(channel="#general", text="API is down", metadata=METADATA)
    channel = posted["channel"]
    bare = await client.conversations_history(channel=channel, limit=1)
    full = await client.conversations_history(channel=channel, limit=1, include_all_metadata=True)
    assert bare["messages"][0]["ts"] == posted["ts"]
    assert "metadata" not in bare["messages"][0]
    assert full["messages"][0]["metadata"] == METADATA


async def test_a_users_id_as_channel_opens_one_direct_message(slack: Slack, client: AsyncWebClient) -> None:
    ana = slack.person("ana")
    first = await client.chat_postMessage(channel=ana.id, text="one")
    second = await client.chat_postMessage(channel=ana.id, text="two")
    opened = await client.conversations_open(users=[ana.id])
    assert first["channel"].startswith("D")
    assert first["channel"] == second["channel"] == opened["channel"]["id"]
    assert opened["already_open"] is True
    assert [message.text for message in slack.direct_messages("ana")] == ["one", "two"]


async def test_timestamps_are_unique_and_grow(slack: Slack, client: AsyncWebClient) -> None:
    ana = slack.person("ana").id
    stamps = [(await client.chat_postMessage(channel=ana, text=str(each)))["ts"] for each in range(20)]
    assert stamps == sorted(set(stamps), key=float)


async def test_replies_stay_in_their_thread_unless_they_are_broadcast(
    slack: Slack, client: AsyncWebClient
) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    root = (await client.chat_postMessage(channel=made.id, text="root"))["ts"]
    await client.chat_postMessage(channel=made.id, text="quiet", thread_ts=root)
    await client.chat_postMessage(channel=made.id, text="loud", thread_ts=root, reply_broadcast=True)
    history = await client.conversations_history(channel=made.id)
    replies = await client.conversations_replies(channel=made.id, ts=root)
    assert [each["text"] for each in history["messages"]] == ["loud", "root"]
    assert history["messages"][1]["reply_count"] == 2
    assert [reply["text"] for reply in replies["messages"]] == ["root", "quiet", "loud"]


async def test_an_update_keeps_blocks_and_metadata_that_it_does_not_name(
    slack: Slack, client: AsyncWebClient
) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    posted = await client.chat_postMessage(
        channel=made.id, text="old", blocks=[section("old")], metadata=METADATA
    )
    before = slack.messages(made)[-1]
    changed = await client.chat_update(channel=made.id, ts=posted["ts"], text="new")
    after = slack.messages(made)[-1]
    assert (after.text, after.metadata, after.blocks) == ("new", METADATA, before.blocks)
    assert before.text == "old"
    assert changed["message"]["edited"]["user"] == "U0TOCSIN01"
    await client.chat_update(channel=made.id, ts=posted["ts"], text="bare", blocks=[])
    assert slack.messages(made)[-1].blocks == ()


async def test_refusals_of_messages_have_slacks_codes(slack: Slack, client: AsyncWebClient) -> None:
    slack.api.scopes -= {"chat:write.public"}
    theirs, private = slack.add_channel("theirs"), slack.add_channel("secret", private=True)
    gone = slack.add_channel("gone", with_bot=True, archived=True)
    made = slack.add_channel("war-room", with_bot=True)
    said = slack.people.say("ana", made, "mine")
    wall = [section("x" * 2900) for _ in range(5)]
    cases: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("C0NOWHERE", {"text": "x"}, "channel_not_found"),
        (theirs.id, {"text": "x"}, "not_in_channel"),
        (private.id, {"text": "x"}, "channel_not_found"),
        (gone.id, {"text": "x"}, "is_archived"),
        (made.id, {"text": ""}, "no_text"),
        (made.id, {"text": "x", "blocks": [{"type": "spoiler"}]}, "invalid_blocks"),
        (made.id, {"text": "x", "blocks": wall}, "msg_blocks_too_long"),
        (made.id, {"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        (made.id, {"text": "x", "thread_ts": "nonsense"}, "invalid_thread_ts"),
        (made.id, {"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        (slack.person("statusbot").id, {"text": "x"}, "cannot_dm_bot"),
    )
    for channel, more, expected in cases:
        with pytest.raises(SlackApiError) as refused:
            await client.api_call("chat.postMessage", json={"channel": channel, **more})
        assert code(refused.value) == expected
    for ts, text, expected in (
        ("1.000001", "x", "message_not_found"),
        (said.ts, "x", "cant_update_message"),
    ):
        with pytest.raises(SlackApiError) as refused:
            await client.chat_update(channel=made.id, ts=ts, text=text)
        assert code(refused.value) == expected
    mine = (await client.chat_postMessage(channel=made.id, text="x"))["ts"]
    with pytest.raises(SlackApiError) as refused:
        await client.chat_update(channel=made.id, ts=mine, text="x" * 4001)
    assert code(refused.value) == "msg_too_long"
    with pytest.raises(SlackApiError) as refused:
        await client.chat_delete(channel=made.id, ts=said.ts)
    assert code(refused.value) == "cant_delete_message"


async def test_a_very_long_text_is_cut_and_a_deleted_message_is_gone(
    slack: Slack, client: AsyncWebClient
) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    posted = await client.chat_postMessage(channel=made.id, text="x" * 40_010)
    assert len(slack.messages(made)[0].text) == 40_000
    await client.chat_delete(channel=made.id, ts=posted["ts"])
    assert slack.messages(made) == []


async def test_an_ephemeral_message_is_seen_by_one_reader_and_in_no_history(
    slack: Slack, client: AsyncWebClient
) -> None:
    made = slack.add_channel("war-room", members=["bruno"], with_bot=True)
    bruno = slack.person("bruno").id
    await client.chat_postEphemeral(channel=made.id, user=bruno, text="only you")
    assert [ephemeral.text for ephemeral in slack.ephemerals("bruno")] == ["only you"]
    assert slack.ephemerals("ana") == []
    assert slack.messages(made) == []
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postEphemeral(channel=made.id, user=slack.person("gus").id, text="x")
    assert code(refused.value) == "user_not_in_channel"


async def test_a_permalink_names_the_channel_and_the_message(slack: Slack, client: AsyncWebClient) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    root = (await client.chat_postMessage(channel=made.id, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=made.id, text="reply", thread_ts=root))["ts"]
    link = (await client.chat_getPermalink(channel=made.id, message_ts=reply))["permalink"]
    assert link.endswith(f"/archives/{made.id}/p{reply.replace('.', '')}?thread_ts={root}&cid={made.id}")
