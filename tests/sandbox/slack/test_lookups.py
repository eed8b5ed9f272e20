"""People, groups, pins, bookmarks, reactions, the token and its scopes."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import ImpossibleActionError, Slack
from tests.sandbox.blocks import code
from tests.sandbox.stub_bot import StubBot


async def test_the_tokens_scopes_are_in_the_header_of_auth_test(slack: Slack, client: AsyncWebClient) -> None:
    slack.api.scopes = frozenset({"chat:write", "commands"})
    answer = await client.auth_test()
    assert answer.headers["x-oauth-scopes"] == "chat:write,commands"
    assert answer["user_id"] == "U0TOCSIN01"


async def test_a_wrong_a_missing_and_a_revoked_token_are_told_apart(
    slack: Slack, client: AsyncWebClient
) -> None:
    for wrong, expected in (("xoxb-wrong", "invalid_auth"), ("", "not_authed")):
        with pytest.raises(SlackApiError) as refused:
            await AsyncWebClient(wrong, base_url=slack.api_url).auth_test()
        assert code(refused.value) == expected
    slack.api.token_error = "token_revoked"
    with pytest.raises(SlackApiError) as refused:
        await client.auth_test()
    assert code(refused.value) == "token_revoked"


async def test_a_missing_scope_is_named_beside_the_provided_ones(
    slack: Slack, client: AsyncWebClient
) -> None:
    slack.api.scopes = frozenset({"channels:manage"})
    with pytest.raises(SlackApiError) as refused:
        await client.pins_add(channel="C1", timestamp="1.1")
    assert refused.value.response["needed"] == "pins:write"
    assert refused.value.response["provided"] == "channels:manage"
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_create(name="x", is_private=True)
    assert refused.value.response["needed"] == "groups:write"


async def test_an_unknown_method_is_refused(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        await client.api_call("chat.shout")
    assert code(refused.value) == "unknown_method"


async def test_people_are_found_by_id_and_email_and_listed_in_pages(
    slack: Slack, client: AsyncWebClient
) -> None:
    ana, gus, sasha = (slack.person(each) for each in ("ana", "gus", "sasha"))
    assert (await client.users_info(user=gus.id))["user"]["is_restricted"] is True
    assert (await client.users_info(user=sasha.id))["user"]["team_id"] != "T0TOCSIN01"
    assert (await client.users_lookupByEmail(email="ANA@team.example"))["user"]["id"] == ana.id
    for call in (client.users_lookupByEmail(email=sasha.email), client.users_info(user="U0NOBODY")):
        with pytest.raises(SlackApiError) as refused:
            await call
        assert code(refused.value) in ("users_not_found", "user_not_found")
    pages = [page["members"] async for page in await client.users_list(limit=3)]
    ids = [each["id"] for page in pages for each in page]
    assert len(pages) > 1
    assert ana.id in ids
    assert sasha.id not in ids
    slack.api.scopes -= {"users:read.email"}
    assert "email" not in (await client.users_info(user=ana.id))["user"]["profile"]


async def test_groups_have_members_and_conversations_are_listed_for_a_person(
    slack: Slack, client: AsyncWebClient
) -> None:
    group = slack.add_usergroup("oncall", "On call", ["chidi", "devika"])
    listed = await client.usergroups_list(include_users=True)
    members = await client.usergroups_users_list(usergroup=group.id)
    assert listed["usergroups"][0]["handle"] == "oncall"
    assert members["users"] == list(group.members) == listed["usergroups"][0]["users"]
    with pytest.raises(SlackApiError) as refused:
        await client.usergroups_users_list(usergroup="S0")
    assert code(refused.value) == "no_such_subteam"
    ana, bruno, gus = (slack.person(each).id for each in ("ana", "bruno", "gus"))
    changed = await client.usergroups_users_update(usergroup=group.id, users=[ana, bruno])
    assert (changed["usergroup"]["users"], changed["usergroup"]["user_count"]) == ([ana, bruno], 2)
    assert (await client.usergroups_users_list(usergroup=group.id))["users"] == [ana, bruno]
    for users, expected in (([], "no_users_provided"), (["U0"], "invalid_users"), ([gus], "invalid_user")):
        with pytest.raises(SlackApiError) as refused:
            await client.usergroups_users_update(usergroup=group.id, users=users)
        assert code(refused.value) == expected
    theirs = await client.users_conversations(user=slack.person("sasha").id)
    assert [their["name"] for their in theirs["channels"]] == ["partners"]


async def test_a_message_is_pinned_once_and_the_pin_shows_in_the_history(
    slack: Slack, client: AsyncWebClient
) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    ts = (await client.chat_postMessage(channel=made.id, text="alert"))["ts"]
    await client.pins_add(channel=made.id, timestamp=ts)
    with pytest.raises(SlackApiError) as refused:
        await client.pins_add(channel=made.id, timestamp=ts)
    assert code(refused.value) == "already_pinned"
    pins = await client.pins_list(channel=made.id)
    assert [pin["message"]["ts"] for pin in pins["items"]] == [ts]
    assert slack.messages(made)[-1].subtype == "pinned_item"
    await client.pins_remove(channel=made.id, timestamp=ts)
    with pytest.raises(SlackApiError) as refused:
        await client.pins_remove(channel=made.id, timestamp=ts)
    assert code(refused.value) == "no_pin"
    with pytest.raises(SlackApiError) as refused:
        await client.pins_add(channel=made.id, timestamp="1.000001")
    assert code(refused.value) == "message_not_found"


async def test_bookmarks_are_added_edited_listed_and_removed(slack: Slack, client: AsyncWebClient) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    added = await client.bookmarks_add(
        channel_id=made.id, title="Runbook", type="link", link="https://example.com/runbook"
    )
    id = added["bookmark"]["id"]
    await client.bookmarks_edit(channel_id=made.id, bookmark_id=id, title="The runbook")
    listed = await client.bookmarks_list(channel_id=made.id)
    assert [(each["title"], each["link"]) for each in listed["bookmarks"]] == [
        ("The runbook", "https://example.com/runbook")
    ]
    await client.bookmarks_remove(channel_id=made.id, bookmark_id=id)
    assert slack.channel("war-room").bookmarks == {}
    for call, expected in (
        (client.bookmarks_remove(channel_id=made.id, bookmark_id=id), "not_found"),
        (client.bookmarks_add(channel_id=made.id, title="x", type="link", link="nowhere"), "invalid_link"),
    ):
        with pytest.raises(SlackApiError) as refused:
            await call
        assert code(refused.value) == expected


async def test_a_reaction_counts_once(slack: Slack, client: AsyncWebClient) -> None:
    made = slack.add_channel("war-room", with_bot=True)
    ts = slack.people.say("ana", made, "look").ts
    await client.reactions_add(channel=made.id, timestamp=ts, name="eyes")
    with pytest.raises(SlackApiError) as refused:
        await client.reactions_add(channel=made.id, timestamp=ts, name="eyes")
    assert code(refused.value) == "already_reacted"
    got = await client.reactions_get(channel=made.id, timestamp=ts)
    assert got["message"]["reactions"] == [{"name": "eyes", "users": ["U0TOCSIN01"], "count": 1}]
    slack.people.react("ana", slack.messages(made)[0], "eyes")
    await client.reactions_remove(channel=made.id, timestamp=ts, name="eyes")
    got = await client.reactions_get(channel=made.id, timestamp=ts)
    assert got["message"]["reactions"] == [{"name": "eyes", "users": [slack.person("ana").id], "count": 1}]
    slack.people.unreact("ana", slack.messages(made)[0], "eyes")
    assert slack.messages(made)[0].reactions == ()
    with pytest.raises(ImpossibleActionError, match="no :eyes: there"):
        slack.people.unreact("ana", slack.messages(made)[0], "eyes")
    for arguments, expected in (
        ({"timestamp": ts, "name": "no such"}, "invalid_name"),
        ({"timestamp": "yesterday", "name": "eyes"}, "bad_timestamp"),
        ({"timestamp": "", "name": "eyes"}, "no_item_specified"),
        ({"timestamp": "1.1", "name": "eyes"}, "message_not_found"),
        ({"timestamp": ts, "name": "eyes"}, "no_reaction"),
    ):
        with pytest.raises(SlackApiError) as refused:
            await client.reactions_remove(channel=made.id, **arguments)
        assert code(refused.value) == expected


async def test_a_reaction_that_comes_or_goes_is_heard(
    slack: Slack, client: AsyncWebClient, bot: StubBot
) -> None:
    slack.events.types = frozenset({"reaction_added", "reaction_removed"})
    made = slack.add_channel("war-room", with_bot=True)
    said = slack.people.say("ana", made, "look")
    await client.reactions_add(channel=made.id, timestamp=said.ts, name="eyes")
    await client.reactions_remove(channel=made.id, timestamp=said.ts, name="eyes")
    await slack.wait_for(lambda: len(bot.received) == 2)
    events = sorted((each.payload["event"] for each in bot.received), key=lambda each: str(each["type"]))
    assert [event["type"] for event in events] == ["reaction_added", "reaction_removed"]
    assert {(event["item"]["ts"], event["item_user"]) for event in events} == {(said.ts, said.user)}
