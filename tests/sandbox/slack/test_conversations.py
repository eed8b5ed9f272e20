"""Channels: making, joining, describing, listing, reading."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from tests.sandbox.blocks import code


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("With Space", "invalid_name_specials"),
        ("été", "invalid_name_specials"),
        ("--", "invalid_name_punctuation"),
        ("general", "name_taken"),
        ("old", "name_taken"),
        ("secret", "name_taken"),
    ],
)
async def test_a_name_that_slack_would_not_take_is_refused(
    slack: Slack, client: AsyncWebClient, name: str, expected: str
) -> None:
    slack.add_channel("old", archived=True)
    slack.add_channel("secret", private=True)
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_create(name=name)
    assert code(refused.value) == expected


async def test_a_private_channel_is_visible_to_its_members_only(slack: Slack, client: AsyncWebClient) -> None:
    slack.add_channel("secret", private=True)
    made = await client.conversations_create(name="ours", is_private=True)
    listed = await client.conversations_list(types="public_channel,private_channel")
    names = [each["name"] for each in listed["channels"]]
    assert "ours" in names
    assert "secret" not in names
    assert made["channel"]["is_private"] is True
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_info(channel=slack.channel("secret").id)
    assert code(refused.value) == "channel_not_found"


async def test_an_invitation_is_all_or_nobody_unless_forced(slack: Slack, client: AsyncWebClient) -> None:
    made = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    ana, bruno = slack.person("ana").id, slack.person("bruno").id
    await client.conversations_invite(channel=made, users=[ana])
    for users, expected in (
        ([bruno, ana], "already_in_channel"),
        (["U0TOCSIN01"], "cant_invite_self"),
        (["U0NOBODY"], "user_not_found"),
        ([slack.person("sasha").id], "cant_invite"),
        ([], "no_user"),
        (["U0NOBODY"] * 101, "invalid_arguments"),
    ):
        with pytest.raises(SlackApiError) as refused:
            await client.conversations_invite(channel=made, users=users)
        assert code(refused.value) == expected
    assert bruno not in slack.channel("inc-1").members
    forced = await client.conversations_invite(channel=made, users=[ana, bruno], force=True)
    assert forced["errors"] == [{"user": ana, "ok": False, "error": "already_in_channel"}]
    assert bruno in slack.channel("inc-1").members


async def test_joining_inviting_and_topics_leave_lines_in_the_history(
    slack: Slack, client: AsyncWebClient
) -> None:
    made = slack.add_channel("war-room")
    await client.conversations_join(channel=made.id)
    again = await client.conversations_join(channel=made.id)
    await client.conversations_invite(channel=made.id, users=[slack.person("gus").id])
    await client.conversations_setTopic(channel=made.id, topic="P0")
    await client.conversations_setTopic(channel=made.id, topic="P0")
    await client.conversations_setPurpose(channel=made.id, purpose="why")
    await client.conversations_kick(channel=made.id, user=slack.person("gus").id)
    assert again["warning"] == "already_in_channel"
    assert [message.subtype for message in slack.messages(made)] == [
        "channel_join",
        "channel_join",
        "channel_topic",
        "channel_purpose",
        "channel_leave",
    ]
    assert (await client.conversations_info(channel=made.id))["channel"]["topic"]["value"] == "P0"
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_setTopic(channel=made.id, topic="x" * 251)
    assert code(refused.value) == "too_long"


async def test_an_archived_channel_takes_nothing_until_it_is_back(
    slack: Slack, client: AsyncWebClient
) -> None:
    made = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    await client.conversations_archive(channel=made)
    for call in (
        client.conversations_archive(channel=made),
        client.conversations_join(channel=made),
        client.conversations_setTopic(channel=made, topic="x"),
    ):
        with pytest.raises(SlackApiError) as refused:
            await call
        assert code(refused.value) in ("already_archived", "is_archived")
    listed = await client.conversations_list(exclude_archived=True)
    assert "inc-1" not in [each["name"] for each in listed["channels"]]
    await client.conversations_unarchive(channel=made)
    await client.conversations_rename(channel=made, name="inc-1-api")
    assert slack.channel("inc-1-api").previous_names == ["inc-1"]
    slack.people.join("ana", made)
    await client.conversations_leave(channel=made)
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_history(channel=made)
    assert code(refused.value) == "not_in_channel"


async def test_lists_come_in_pages(slack: Slack, client: AsyncWebClient) -> None:
    for number in range(5):
        slack.add_channel(f"c-{number}")
    names: list[str] = []
    cursor = ""
    while True:
        page = await client.conversations_list(limit=3, cursor=cursor)
        names += [each["name"] for each in page["channels"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
        assert len(page["channels"]) == 3
    assert names == ["general", "partners", *(f"c-{number}" for number in range(5))]
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_list(cursor="rubbish")
    assert code(refused.value) == "invalid_cursor"
    members = await client.conversations_members(channel=slack.channel("general").id, limit=2)
    assert len(members["members"]) == 2
    assert members["response_metadata"]["next_cursor"]


async def test_history_is_bounded_by_time_and_paged_newest_first(
    slack: Slack, client: AsyncWebClient
) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    stamps = [slack.people.say("ana", made, str(number)).ts for number in range(5)]
    after = await client.conversations_history(channel=made.id, oldest=stamps[1])
    between = await client.conversations_history(
        channel=made.id, oldest=stamps[1], latest=stamps[3], inclusive=True
    )
    first = await client.conversations_history(channel=made.id, limit=2)
    rest = await client.conversations_history(
        channel=made.id, cursor=first["response_metadata"]["next_cursor"]
    )
    assert [each["text"] for each in after["messages"]] == ["4", "3", "2"]
    assert [each["text"] for each in between["messages"]] == ["3", "2", "1"]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert [each["text"] for each in rest["messages"]] == ["2", "1", "0"]


async def test_a_shared_channel_is_marked(slack: Slack, client: AsyncWebClient) -> None:
    info = await client.conversations_info(channel=slack.channel("partners").id)
    assert info["channel"]["is_ext_shared"] is True


async def test_what_people_do_to_a_channel_meets_the_bot(slack: Slack, client: AsyncWebClient) -> None:
    made = (await client.conversations_create(name="inc-1"))["channel"]["id"]
    slack.people.rename("ana", "inc-1", "inc-1-payments")
    assert (await client.conversations_info(channel=made))["channel"]["name"] == "inc-1-payments"
    slack.people.leave("tocsin", made)
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_setTopic(channel=made, topic="x")
    assert code(refused.value) == "not_in_channel"
    slack.people.archive("ana", made)
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=made, text="x")
    assert code(refused.value) == "is_archived"
