"""Private incidents: seen by their members only, on every surface; for everybody else there is no such incident."""

import json
import time
from functools import partial
from typing import Any
from urllib.parse import urlencode

import aiohttp

from handlers.slack.command_parser import WORDS
from sandbox.slack import WorkspaceMessage, make_refusal, plan_by_table
from sandbox.slack.call_log import CallRecord
from sandbox.slack.payloads import build_interactive_payload
from sandbox.slack.request_signing import compute_signature
from tests.scenarios.conftest import World

SECRET = "Payroll was copied by"
DECLARE = f"declare private p1 {SECRET} somebody"
NEEDS = {
    "lead": "@bruno",
    "handover": "@bruno look at it",
    "assign": "scribe @bruno",
    "severity": "P0",
    "status": "identified",
    "update": "We know more",
    "note": "x",
    "rename": "Another title",
    "cancel": "by mistake",
    "close": "anyway it is nothing",
}
"""What a word needs to do something."""
WITHOUT_INCIDENT = {"oncall", "runbook", "declare", "drill", "list", "help"}


def room_of(world: World, number: int = 1) -> str:
    """The id of an incident's channel."""
    return str(world.looking.rows("select channel from incident where number = %s", number)[0]["channel"])


def to_others(world: World, members: set[str]) -> list[CallRecord]:
    """The calls whose effect somebody outside can read: not those to the private room or to a member."""
    slack = world.slack
    private = {
        channel.id
        for channel in slack.workspace.channels.values()
        if channel.is_private and not channel.is_im
    }
    private |= {
        channel.id
        for channel in slack.workspace.channels.values()
        if channel.is_im and set(channel.members) & members
    }
    ids = members | private
    seen: list[CallRecord] = []
    for call in slack.calls:
        where = str(call.args.get("channel") or call.args.get("channel_id") or call.args.get("user_id") or "")
        hers = call.method == "chat.postEphemeral" and call.args.get("user") in members
        trigger = slack.workspace.triggers.get(str(call.args.get("trigger_id")))
        if trigger is not None and trigger.user in members:
            continue
        if call.args.get("response_type") == "ephemeral":  # for who clicked, and only a member did
            continue
        if where not in ids and call.method != "conversations.create" and not hers:
            seen.append(call)
    return seen


async def test_a_private_incident_has_a_private_channel_and_no_announcement(world: World) -> None:
    async with world.bot():
        answer = await world.incident("ana", DECLARE)
        assert "only people who are paged or invited see it" in answer.body
        await world.quiet()
        room = world.slack.channel(room_of(world))
        assert room.is_private
        assert {world.slack.person(member).handle for member in room.members} == {"tocsin", "ana", "devika"}
        assert len(world.posts(room.id, "INCIDENT ALERT")) == 1
        assert SECRET in world.text(world.slack.direct_messages("devika")[-1])
        assert world.posts("incident-response", SECRET) == []
        assert "private" in room.topic["value"]
        await world.incident("ana", "list")
        assert SECRET in world.heard("ana")


async def test_through_its_whole_life_nobody_else_reads_a_word_of_it(world: World) -> None:
    async with world.bot():
        await world.incident("ana", DECLARE)
        await world.quiet()
        room = room_of(world)
        for words in (
            "update It was an export",
            "status identified",
            "severity P0",
            "note seen in the log",
            "rename " + SECRET + " a contractor",
        ):
            await world.incident("ana", words, room)
        await world.quiet()
        stage = "select 1 from incident where notice_stage >= %s"
        for number, minutes in enumerate((16, 5, 3, 3), 1):
            world.looking.sooner(minutes)
            await world.until(partial(world.looking.rows, stage, number))
        await world.until(lambda: world.posts(room, "minutes late"))
        await world.incident("ana", "resolve", room)
        form = await world.form("ana")
        assert (await world.slack.people.submit("ana", form, {"resolution": {"resolution": "x"}})).ok
        await world.incident("ana", "reopen", room)
        await world.cancel("ana", "nothing was copied", room)
        await world.quiet()
        for who in ("bruno", "chidi"):
            await world.slack.people.open_home(who)
        await world.until(lambda: world.slack.home("bruno") and world.slack.home("chidi"))
        members = {world.slack.person(who).id for who in ("ana", "devika")}
        # The CTO was called when it became a P0.
        members |= {row["person"] for row in world.looking.rows("select person from page")}
        told = "\n".join(f"{call.method} {json.dumps(call.args)}" for call in to_others(world, members))
        assert SECRET not in told
        assert room not in told
        assert "INC-1" not in told


async def test_for_who_is_no_member_there_is_no_such_incident_whatever_is_typed(world: World) -> None:
    async with world.bot():
        await world.incident("ana", DECLARE)
        await world.quiet()
        before = world.looking.rows("select number, status, title, commander from incident")
        for word in [known for known in WORDS if known not in WITHOUT_INCIDENT]:
            answers = []
            for number in (1, 999):
                answer = await world.incident("chidi", f"{word} INC-{number} {NEEDS.get(word, '')}")
                answers.append(answer.body.replace(f"INC-{number}", "INC-N"))
            assert answers[0] == answers[1], word
            assert "INC-N doesn't exist" in answers[0], word
            await world.quiet()
            assert world.looking.rows("select number, status, title, commander from incident") == before, word
            assert world.slack.person("chidi").id not in world.slack.channel(room_of(world)).members, word


async def test_the_card_and_lookalikes_of_others_show_nothing(world: World) -> None:
    async with world.bot():
        await world.incident("ana", DECLARE)
        await world.quiet()
        assert "INC-1 doesn't exist" in (await world.incident("chidi", "INC-1")).body
        answer = await world.incident("chidi", f"declare p1 {SECRET} somebody")
        assert "looks like the same problem" not in answer.body
        assert "INC-1" not in answer.body
        world.looking.calm()
        answer = await world.incident("ana", f"declare private p1 {SECRET} somebody")
        assert "INC-2 is open and looks like the same problem" in answer.body


async def test_a_button_that_came_into_wrong_hands_does_nothing(world: World) -> None:
    async with world.bot():
        await world.incident("ana", DECLARE)
        await world.quiet()
        room = world.slack.channel(room_of(world))
        alert = world.posts(room.id, "INCIDENT ALERT")[0]
        (page,) = [each for each in world.slack.direct_messages("devika") if SECRET in world.text(each)]
        for message, action in ((alert, "post_update"), (alert, "resolve"), (page, "acknowledge")):
            await forged(world, "chidi", message, action)
            await world.until(lambda: "INC-1 doesn't exist" in world.heard("chidi"))
            world.slack.workspace.ephemerals.clear()
        assert world.slack.open_view("chidi") is None
        assert "acknowledged" not in world.looking.kinds(1)


async def forged(world: World, who: str, message: WorkspaceMessage, action: str) -> None:
    """A click in #general on a button that stands elsewhere."""
    general, person = world.slack.channel("general"), world.slack.person(who)
    (element,) = [
        element
        for block in message.blocks
        for element in block.get("elements", [])
        if str(element.get("action_id", "")).startswith(action)
    ]
    address = world.slack.workspace.new_reply_address(person.id, general.id, None)
    payload = build_interactive_payload(
        world.slack.workspace,
        person,
        "block_actions",
        channel={"id": general.id, "name": "general"},
        container={"type": "message", "message_ts": message.ts, "channel_id": general.id},
        trigger_id=world.slack.workspace.new_trigger(person.id).id,
        response_url=f"{world.slack.url}/response/{person.team}/{address.id}",
        actions=[{**element, "block_id": "b", "action_ts": world.slack.workspace.next_ts()}],
    )
    body = urlencode({"payload": json.dumps(payload)}).encode()
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": compute_signature(world.slack.signing_secret, timestamp, body),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(world.slack.request_url, data=body, headers=headers) as answer,
    ):
        assert answer.status == 200


async def test_who_is_asked_in_sees_it_and_who_leaves_does_not_any_more(world: World) -> None:
    async with world.bot():
        await world.incident("ana", DECLARE)
        await world.quiet()
        room = room_of(world)
        await world.incident("ana", "assign scribe @chidi", room)
        await world.incident("ana", "lead @bruno", room)
        await world.quiet()
        for who in ("chidi", "bruno"):
            assert SECRET in (await world.incident(who, "catchup INC-1")).body
        world.slack.people.leave("chidi", room)
        await world.until(lambda: "left" in world.looking.kinds(1))
        assert "INC-1 doesn't exist" in (await world.incident("chidi", "catchup INC-1")).body
        world.slack.people.leave("ana", room)
        await world.quiet()
        assert SECRET in (await world.incident("ana", "catchup INC-1")).body, "who commands cannot lose it"


async def test_who_writes_in_the_room_is_in_it_though_slack_did_not_tell(world: World) -> None:
    async with world.bot():
        await world.incident("ana", DECLARE)
        await world.quiet()
        room = world.slack.channel(room_of(world))
        room.members.append(world.slack.person("chidi").id)
        assert SECRET in (await world.incident("chidi", "catchup", room.id)).body
        assert SECRET in (await world.incident("chidi", "catchup INC-1")).body


async def test_the_form_has_a_box_for_it_that_the_typed_word_ticks(world: World) -> None:
    async with world.bot():
        await world.incident("ana", "declare private")
        form = await world.form("ana")
        given: dict[str, Any] = {"severity": {"severity": "P1"}, "title": {"title": f"{SECRET} x"}}
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.incident("ana", f"declare private {SECRET} y")
        form = await world.form("ana")
        assert "only people who are paged or invited will see it" in json.dumps(form.payload)
        assert form.values["title"]["title"]["value"] == f"private {SECRET} y"
        assert (await world.slack.people.submit("ana", form, {"severity": {"severity": "P1"}})).ok
        await world.quiet()
        assert [
            row["private"] for row in world.looking.rows("select private from incident order by number")
        ] == [True, True]


async def test_without_a_channel_everything_goes_to_the_commander_and_nothing_is_announced(
    world: World,
) -> None:
    async with world.bot():
        await world.quiet()
        world.slack.api.faults = plan_by_table({"conversations.create": make_refusal("restricted_action")})
        await world.incident("ana", DECLARE)
        await world.quiet()
        heard = "\n".join(world.text(message) for message in world.slack.direct_messages("ana"))
        assert "INCIDENT ALERT" in heard
        assert "I couldn't create its channel" in heard
        assert world.posts("incident-response", SECRET) == []
