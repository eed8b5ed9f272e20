"""What SlackChat asks of Slack, and what it makes of Slack's answers."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.adapters.slack import SlackGateway
from bot.errors import SlackOutcomeUnknown, SlackRejected
from bot.ports import MessageRef, SlackPayload
from tests.answering import ME, POSTED, Answering

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


async def test_a_post_carries_its_key_and_unfolds_no_links(chat: SlackGateway, answering: Answering) -> None:
    answering.replies.append(POSTED)
    blocks = ({"type": "divider"},)
    assert await chat.post("U1", SlackPayload("Ünïcode", blocks), "page:1:U1") == MessageRef("C1", "1.000001")
    ((method, form),) = answering.asked
    assert method == "chat.postMessage"
    assert json.loads(form.pop("metadata")) == {
        "event_type": "tocsin",
        "event_payload": {"key": "page:1:U1"},
    }
    assert json.loads(form.pop("blocks")) == [{"type": "divider"}]
    assert form == {"channel": "U1", "text": "Ünïcode", "unfurl_links": "false", "unfurl_media": "false"}


def marked(author: str, key: str, ts: str, kind: str = "tocsin") -> dict[str, Any]:
    return {"user": author, "ts": ts, "metadata": {"event_type": kind, "event_payload": {"key": key}}}


async def test_a_post_is_found_on_a_later_page_among_odd_messages(
    chat: SlackGateway, answering: Answering
) -> None:
    odd = [
        None,
        {"user": "UBOT", "ts": "1.1"},
        {"user": "UBOT", "ts": "1.2", "metadata": []},
        {"user": "UBOT", "ts": "1.3", "metadata": {"event_type": "tocsin", "event_payload": None}},
        marked("UBOT", "alert:11", "1.4"),
        marked("UBOT", "alert:1", "1.5", kind="another"),
        marked("USOMEBODY", "alert:1", "1.6"),
    ]
    first = {"ok": True, "messages": odd, "response_metadata": {"next_cursor": "more"}}
    second = {"ok": True, "messages": [marked("UBOT", "alert:1", "1.7")], "response_metadata": None}
    answering.replies.extend([ME, first, second])
    assert await chat.find_post("C1", "alert:1", NOW) == MessageRef("C1", "1.7")
    assert answering.methods == ["auth.test", "conversations.history", "conversations.history"]
    asked = answering.asked[1][1]
    assert float(asked["oldest"]) == (NOW - timedelta(minutes=15)).timestamp()
    assert asked["include_all_metadata"] == "true"
    assert "cursor" not in asked
    assert answering.asked[2][1]["cursor"] == "more"


async def test_a_history_without_end_is_no_proof_of_absence(chat: SlackGateway, answering: Answering) -> None:
    answering.replies.append(ME)
    page = {"ok": True, "messages": [], "response_metadata": {"next_cursor": "more"}}
    answering.replies.extend([page] * 100)
    with pytest.raises(SlackOutcomeUnknown):
        await chat.find_post("C1", "alert:1", NOW)
    assert len(answering.asked) == 21


async def test_a_direct_message_and_a_thread_are_looked_up_where_they_are(
    chat: SlackGateway, answering: Answering
) -> None:
    nothing = {"ok": True, "messages": []}
    answering.replies.extend([ME, {"ok": True, "channel": {"id": "D9"}}, nothing, nothing])
    assert await chat.find_post("U1", "page:1:U1", NOW) is None
    assert await chat.find_post("C1", "note:1", NOW, thread="1.5") is None
    assert answering.methods[1:] == ["conversations.open", "conversations.history", "conversations.replies"]
    assert answering.asked[1][1] == {"users": "U1"}
    assert answering.asked[2][1]["channel"] == "D9"
    assert answering.asked[3][1]["ts"] == "1.5"


async def test_a_channel_is_found_on_a_later_page(chat: SlackGateway, answering: Answering) -> None:
    def listed(name: str) -> dict[str, Any]:
        return {
            "id": f"C-{name}",
            "name": name,
            "creator": "U1",
            "created": 1_700_000_000,
            "is_archived": True,
        }

    more = {"ok": True, "channels": [listed("inc-12")], "response_metadata": {"next_cursor": "more"}}
    answering.replies.extend([more, {"ok": True, "channels": [listed("inc-1")]}])
    found = await chat.find_channel("inc-1")
    assert found is not None
    assert (found.id, found.archived, found.created_at) == (
        "C-inc-1",
        True,
        datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
    )
    assert answering.asked[0][1]["exclude_archived"] == "false"


async def test_one_refused_among_a_hundred_is_named_and_the_others_come_in(
    chat: SlackGateway, answering: Answering
) -> None:
    people = [f"U{number}" for number in range(150)]
    named = [
        {"user": "U7", "ok": False, "error": "user_is_restricted"},
        {"user": "U8", "ok": False, "error": "already_in_channel"},
    ]
    answering.replies.extend(
        [
            {"ok": False, "error": "user_is_restricted", "errors": named},
            {"ok": True},
            {"ok": True, "errors": []},
        ]
    )
    assert await chat.invite("C1", people) == {"U7": "user_is_restricted"}
    groups = [form["users"].split(",") for _, form in answering.asked]
    assert [len(group) for group in groups] == [100, 98, 50]
    assert groups[1] == [person for person in people[:100] if person not in ("U7", "U8")]


async def test_a_forced_invitation_that_passed_somebody_over_says_so(
    chat: SlackGateway, answering: Answering
) -> None:
    answering.replies.append({"ok": True, "errors": [{"user": "U2", "ok": False, "error": "cant_invite"}]})
    assert await chat.invite("C1", ["U1", "U2", "U1"]) == {"U2": "cant_invite"}
    assert answering.asked[0][1] == {"channel": "C1", "users": "U1,U2", "force": "true"}


async def test_a_refusal_that_names_nobody_is_narrowed_down(chat: SlackGateway, answering: Answering) -> None:
    refused = {"ok": False, "error": "cant_invite"}
    answering.replies.extend([refused, {"ok": True}, refused, refused, {"ok": True}])
    assert await chat.invite("C1", ["U1", "U2", "U3", "U4"]) == {"U3": "cant_invite"}
    assert [form["users"] for _, form in answering.asked] == ["U1,U2,U3,U4", "U1,U2", "U3,U4", "U3", "U4"]


async def test_an_invitation_to_a_lost_channel_is_refused_as_a_whole(
    chat: SlackGateway, answering: Answering
) -> None:
    answering.replies.append({"ok": False, "error": "is_archived"})
    with pytest.raises(SlackRejected, match="is_archived"):
        await chat.invite("C1", ["U1", "U2"])
    assert len(answering.asked) == 1


@pytest.mark.parametrize(
    ("user", "guest", "bot", "stranger"),
    [
        ({"team_id": "T1"}, False, False, False),
        ({"team_id": "T1", "is_app_user": True}, False, False, False),
        ({"team_id": "T1", "is_restricted": True}, True, False, False),
        ({"team_id": "T1", "is_ultra_restricted": True}, True, False, False),
        ({"team_id": "T1", "is_bot": True}, False, True, False),
        ({"team_id": "T1", "id": "USLACKBOT"}, False, True, False),
        ({"team_id": "T1", "is_stranger": True}, False, False, True),
        ({"team_id": "T2"}, False, False, True),
        ({}, False, False, True),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T2", "T1"]}}, False, False, False),
    ],
)
async def test_a_person_is_told_by_what_slack_says_of_them(
    chat: SlackGateway, answering: Answering, user: dict[str, Any], guest: bool, bot: bool, stranger: bool
) -> None:
    profile = {"display_name": "", "real_name": "Ana Duarte"}
    answering.replies.extend([ME, {"ok": True, "user": {"id": "U1", "profile": profile, **user}}])
    person = await chat.person("U1")
    assert (person.guest, person.bot, person.stranger) == (guest, bot, stranger)
    assert person.name == "Ana Duarte"


async def test_a_persons_names_and_whether_the_account_is_in_use_are_told(
    chat: SlackGateway, answering: Answering
) -> None:
    profile = {"display_name": "dee", "real_name": "Devika Rao"}
    gone = {"id": "U1", "team_id": "T1", "name": "devika", "deleted": True, "profile": profile}
    visitor = {
        "id": "U2",
        "team_id": "T1",
        "name": "vi",
        "is_restricted": True,
        "is_ultra_restricted": True,
        "real_name": "Vi Sitor",
    }
    answering.replies.extend([ME, {"ok": True, "user": gone}, {"ok": True, "user": visitor}])
    first, second = await chat.person("U1"), await chat.person("U2")
    assert (first.name, first.real_name, first.handle) == ("dee", "Devika Rao", "devika")
    assert (first.deactivated, first.single_channel, first.guest) == (True, False, False)
    assert (second.name, second.real_name, second.handle) == ("vi", "Vi Sitor", "vi")
    assert (second.deactivated, second.single_channel, second.guest) == (False, True, True)


async def test_the_identity_has_the_scopes_of_the_token(chat: SlackGateway, answering: Answering) -> None:
    answering.replies.append(
        web.json_response(ME, headers={"X-OAuth-Scopes": "chat:write, commands,users:read"})
    )
    identity = await chat.identity()
    assert (identity.user, identity.team, identity.url) == ("UBOT", "T1", "https://team.slack.example/")
    assert identity.scopes == {"chat:write", "commands", "users:read"}


async def test_an_edit_brings_the_key_again_and_cuts_the_plain_text(
    chat: SlackGateway, answering: Answering
) -> None:
    await chat.edit(MessageRef("C1", "1.1"), SlackPayload("x" * 5000), "alert:1")
    ((method, form),) = answering.asked
    assert method == "chat.update"
    assert json.loads(form.pop("metadata")) == {"event_type": "tocsin", "event_payload": {"key": "alert:1"}}
    assert form == {"channel": "C1", "ts": "1.1", "text": "x" * 4000, "blocks": "[]", "parse": "none"}


async def test_handlers_ask_slack_over_the_same_connection(chat: SlackGateway, answering: Answering) -> None:
    answering.replies.append(ME)
    await chat.identity()
    await chat.client.views_open(trigger_id="1.2", view={"type": "modal"})
    assert answering.methods == ["auth.test", "views.open"]
    assert len(answering.connections) == 1
