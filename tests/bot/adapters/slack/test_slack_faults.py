"""SlackChat before a stand-in that fails as Slack does: what is raised, and what was done nevertheless."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime

import pytest

from bot.adapters.slack import SCOPES, SlackGateway, list_required_scopes
from bot.errors import TOKEN_CODES, SlackCallError, SlackOutcomeUnknown, SlackRateLimited, SlackRejected
from bot.ports import MessageRef, SlackPayload
from sandbox.slack import faults
from sandbox.slack.faults import Fault
from sandbox.slack.workspace import BOT_USER
from sandbox.slack.workspace_model import File
from tests.chat_worlds import ANA, GROUP, StandInWorld, stand_in

HELLO = SlackPayload("hello")

Ask = Callable[[SlackGateway, MessageRef], Awaitable[object]]
BEGUN, KEPT = "F0BEGUN01", "F0KEPT01"
ASKED: Sequence[tuple[str, Ask]] = [
    ("auth.test", lambda chat, at: chat.identity()),
    ("chat.postMessage", lambda chat, at: chat.post(at.channel, HELLO, "alert:2")),
    ("chat.update", lambda chat, at: chat.edit(at, HELLO, "alert:1")),
    ("conversations.create", lambda chat, at: chat.create_channel("inc-2")),
    ("conversations.history", lambda chat, at: chat.find_post(at.channel, "alert:1", datetime.now(UTC))),
    ("conversations.history", lambda chat, at: chat.list_message_keys(at.channel)),
    ("conversations.replies", lambda chat, at: chat.find_post(at.channel, "n:1", datetime.now(UTC), at.ts)),
    ("conversations.replies", lambda chat, at: chat.read_message(at.channel, at.ts)),
    ("conversations.open", lambda chat, at: chat.find_post(ANA, "page:1", datetime.now(UTC))),
    ("conversations.list", lambda chat, at: chat.find_channel("inc-1")),
    ("conversations.info", lambda chat, at: chat.channel(at.channel)),
    ("conversations.members", lambda chat, at: chat.list_members_up_to(at.channel, 10)),
    ("conversations.join", lambda chat, at: chat.join(at.channel)),
    ("conversations.invite", lambda chat, at: chat.invite(at.channel, [ANA])),
    ("conversations.setTopic", lambda chat, at: chat.set_topic(at.channel, "P0")),
    ("pins.add", lambda chat, at: chat.pin(at)),
    ("bookmarks.list", lambda chat, at: chat.bookmarks(at.channel)),
    ("files.getUploadURLExternal", lambda chat, at: chat.upload(b"\x89PNG", "chart.png")),
    ("files.completeUploadExternal", lambda chat, at: chat.share_upload(BEGUN, "R", at.channel, at.ts, "R")),
    ("files.delete", lambda chat, at: chat.delete_file(KEPT)),
    ("bookmarks.add", lambda chat, at: chat.add_bookmark(at.channel, "Runbook", "https://example.com")),
    ("users.info", lambda chat, at: chat.person(ANA)),
    ("users.list", lambda chat, at: chat.list_people(10)),
    ("users.lookupByEmail", lambda chat, at: chat.find_person_by_email("ana@team.example")),
    ("usergroups.users.list", lambda chat, at: chat.list_usergroup_members(GROUP)),
    ("conversations.rename", lambda chat, alert: chat.rename_channel(alert.channel, "inc-1-other")),
    ("chat.delete", lambda chat, alert: chat.delete(alert)),
    ("conversations.archive", lambda chat, alert: chat.archive(alert.channel)),
]

ASKED_BY_HANDLERS = {
    "apps.connections.open",
    "chat.postEphemeral",
    "views.open",
    "views.publish",
    "views.update",
}
"""What the port does not call."""


@pytest.fixture
async def world() -> AsyncIterator[StandInWorld]:
    async with stand_in(patience=0.5) as world:
        yield world


def add_files(world: StandInWorld) -> None:
    """A file that was begun, and one that is whole."""
    for id, ready in ((BEGUN, None), (KEPT, 0.0)):
        world.workspace.files[id] = File(id, "a.md", 1, BOT_USER, 0, "", content=b"x", ready=ready)


@pytest.fixture
async def alert(world: StandInWorld) -> MessageRef:
    """A post of ours in a channel of ours."""
    add_files(world)
    room = await world.chat.create_channel("inc-1")
    return await world.chat.post(room.id, HELLO, "alert:1")


@pytest.mark.parametrize(
    ("fault", "error", "done"),
    [
        (faults.make_rate_limit(9), SlackRateLimited, False),
        (faults.make_server_error(), SlackOutcomeUnknown, False),
        (faults.make_server_error(after_work=True), SlackOutcomeUnknown, True),
        (faults.make_drop(), SlackOutcomeUnknown, False),
        (faults.make_drop(after_work=True), SlackOutcomeUnknown, True),
        (faults.make_hang(), SlackOutcomeUnknown, False),
        (faults.make_hang(after_work=True), SlackOutcomeUnknown, True),
        (faults.make_garbage(), SlackOutcomeUnknown, True),
        (faults.make_huge_answer(), SlackOutcomeUnknown, True),
        (faults.make_refusal("fatal_error"), SlackOutcomeUnknown, False),
        (faults.make_refusal("invalid_blocks"), SlackRejected, False),
    ],
    ids=str,
)
async def test_a_failed_post_is_told_by_its_error_and_found_exactly_when_it_was_done(
    world: StandInWorld, alert: MessageRef, fault: Fault, error: type[SlackCallError], done: bool
) -> None:
    world.api.faults = faults.plan_by_table({"chat.postMessage": [fault]})
    with pytest.raises(error):
        await world.chat.post(alert.channel, HELLO, "alert:2")
    assert len(world.api.calls.of("chat.postMessage")) == 2, (
        "one for the alert, one that failed, none repeated"
    )
    found = await world.chat.find_post(alert.channel, "alert:2", datetime.now(UTC))
    assert (found is not None) == done
    assert len(world.seen(alert.channel)) == 1 + done


@pytest.mark.parametrize(("method", "ask"), ASKED)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.make_rate_limit(9), SlackRateLimited),
        (faults.make_drop(), SlackOutcomeUnknown),
        (faults.make_refusal("missing_scope"), SlackRejected),
        (faults.make_refusal("token_revoked"), SlackRejected),
    ],
    ids=["limited", "dropped", "missing scope", "revoked"],
)
async def test_every_method_of_the_port_tells_failures_apart(
    world: StandInWorld, alert: MessageRef, method: str, ask: Ask, fault: Fault, error: type[SlackCallError]
) -> None:
    world.api.faults = faults.plan_by_table({method: fault})
    with pytest.raises(error):
        await ask(world.chat, alert)
    assert world.api.calls[-1].method == method


async def test_the_named_scopes_are_all_that_the_port_needs(world: StandInWorld, alert: MessageRef) -> None:
    for _, ask in ASKED:
        await ask(world.chat, alert)
    await world.chat.names([GROUP])
    called = {record.method for record in world.api.calls}
    assert [record.error for record in world.api.calls if record.error] == []
    assert called - {"upload"} == set(SCOPES) - ASKED_BY_HANDLERS
    assert (await world.chat.identity()).scopes == list_required_scopes()


@pytest.mark.parametrize(("method", "ask"), [each for each in ASKED if SCOPES[each[0]]])
async def test_each_method_needs_the_scope_that_is_named_for_it(
    world: StandInWorld, alert: MessageRef, method: str, ask: Ask
) -> None:
    world.api.scopes = list_required_scopes() - SCOPES[method]
    with pytest.raises(SlackRejected) as caught:
        await ask(world.chat, alert)
    assert (caught.value.code, caught.value.method) == ("missing_scope", method)
    assert SCOPES[method] & set(caught.value.needed.split(","))


async def test_a_limit_is_kept_without_asking_and_ends(world: StandInWorld, alert: MessageRef) -> None:
    world.api.faults = faults.plan_by_table({"chat.update": [faults.make_rate_limit(1)]})
    refused = 0
    async with asyncio.timeout(60):
        while len(world.api.calls.of("chat.update")) < 2:
            try:
                await world.chat.edit(alert, HELLO, "alert:1")
            except SlackRateLimited:
                refused += 1
                await asyncio.sleep(0.02)
    assert refused > 2
    assert [record.status for record in world.api.calls.of("chat.update")] == [429, 200]


@pytest.mark.parametrize("code", sorted(TOKEN_CODES))
async def test_a_token_that_slack_does_not_take_is_refused(world: StandInWorld, code: str) -> None:
    world.api.token_error = code
    with pytest.raises(SlackRejected) as caught:
        await world.chat.identity()
    assert caught.value.code == code


async def test_a_channel_beyond_the_first_page_is_found(world: StandInWorld) -> None:
    for number in range(1100):
        world.add_channel(f"room-{number}")
    found = await world.chat.find_channel("room-1099")
    assert found is not None
    assert len(world.api.calls.of("conversations.list")) == 2


async def test_a_post_behind_many_others_is_found(world: StandInWorld, alert: MessageRef) -> None:
    for number in range(420):
        world.forge(alert.channel, ANA, f"note:{number}")
    assert await world.chat.find_post(alert.channel, "alert:1", datetime.now(UTC)) == alert
    assert len(world.api.calls.of("conversations.history")) == 3
