"""What every `Chat` does, held against the fake and against SlackChat before the stand-in."""

from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import SlackCallError, SlackOutcomeUnknown, SlackRateLimited, SlackRejected
from bot.ports import Chat, MessageRef, SlackPayload
from tests.chat_worlds import (
    ANA,
    BRUNO,
    GROUP,
    GUS,
    NOBODY,
    SASHA,
    STATUSBOT,
    FakeWorld,
    World,
    gone,
    stand_in,
)

HELLO = SlackPayload("hello", ({"type": "section", "text": {"type": "mrkdwn", "text": "hello"}},))


@pytest.fixture(params=["fake", "slack"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        yield FakeWorld()
    else:
        async with stand_in() as world:
            yield world


@pytest.fixture
def chat(world: World) -> Chat:
    return world.chat


@pytest.fixture
async def room(chat: Chat) -> str:
    return (await chat.create_channel("inc-1-api-down")).id


async def refusal(call: Awaitable[object]) -> str:
    """The code with which the call is refused."""
    with pytest.raises(SlackRejected) as caught:
        await call
    return caught.value.code


def lately() -> datetime:
    return datetime.now(UTC)


async def test_the_bot_knows_itself(chat: Chat) -> None:
    me = await chat.identity()
    assert (me.user, me.team) == ("U0TOCSIN01", "T0TOCSIN01")


async def test_a_post_stands_where_it_says_with_its_key(world: World, chat: Chat, room: str) -> None:
    posted = await chat.post(room, HELLO, "alert:1")
    assert posted.channel == room
    assert world.seen(room) == [("hello", "alert:1", None)]
    assert await chat.find_post(room, "alert:1", lately()) == posted


async def test_a_post_to_a_person_opens_the_direct_message_and_is_found_by_the_person(
    world: World, chat: Chat
) -> None:
    assert await chat.find_post(ANA, "page:1:ana", lately()) is None
    first = await chat.post(ANA, HELLO, "page:1:ana")
    second = await chat.post(ANA, HELLO, "page:2:ana")
    assert first.channel == second.channel != ANA
    assert await chat.find_post(ANA, "page:1:ana", lately()) == first
    assert await chat.find_post(first.channel, "page:2:ana", lately()) == second
    assert await chat.find_post(BRUNO, "page:1:ana", lately()) is None


async def test_a_reply_stands_in_its_thread_and_is_found_there_only(
    world: World, chat: Chat, room: str
) -> None:
    alert = await chat.post(room, HELLO, "alert:1")
    reply = await chat.post(room, SlackPayload("a note"), "note:1", thread=alert.ts)
    shown = await chat.post(room, SlackPayload("for all"), "note:2", thread=alert.ts, broadcast=True)
    assert ("a note", "note:1", alert.ts) in world.seen(room)
    assert await chat.find_post(room, "note:1", lately(), thread=alert.ts) == reply
    assert await chat.find_post(room, "note:1", lately()) is None
    assert await chat.find_post(room, "note:2", lately()) == shown


async def test_only_our_own_message_with_the_very_key_is_found(world: World, chat: Chat, room: str) -> None:
    world.forge(room, BRUNO, "alert:1")
    await chat.post(room, HELLO, "alert:11")
    assert await chat.find_post(room, "alert:1", lately()) is None


async def test_a_message_from_before_the_search_is_not_found(chat: Chat, room: str) -> None:
    posted = await chat.post(room, HELLO, "alert:1")
    assert await chat.find_post(room, "alert:1", lately() + timedelta(hours=1)) is None
    assert await chat.find_post(room, "alert:1", lately() + timedelta(seconds=50)) == posted


@pytest.mark.parametrize(
    ("error", "done"),
    [(SlackOutcomeUnknown, True), (SlackOutcomeUnknown, False), (SlackRateLimited, False)],
    ids=str,
)
async def test_after_a_failed_post_the_search_tells_whether_it_was_done(
    world: World, chat: Chat, room: str, error: type[SlackCallError], done: bool
) -> None:
    world.fail_next_post(error, done)
    with pytest.raises(error):
        await chat.post(room, HELLO, "alert:1")
    found = await chat.find_post(room, "alert:1", lately())
    assert (found is not None) == done
    assert len(world.seen(room)) == done


async def test_the_keys_of_a_channel_tell_whose_it_is(world: World, chat: Chat, room: str) -> None:
    assert await chat.list_message_keys(room) == []
    world.forge(room, BRUNO, "alert:7")
    alert = await chat.post(room, HELLO, "alert:1")
    await chat.post(room, HELLO, "playbook:1:0")
    await chat.post(room, HELLO, "note:1", thread=alert.ts)
    assert await chat.list_message_keys(room) == ["playbook:1:0", "alert:1"]


async def test_an_edit_changes_the_words_and_keeps_the_key(world: World, chat: Chat, room: str) -> None:
    posted = await chat.post(room, HELLO, "alert:1")
    for _ in range(2):
        await chat.edit(posted, SlackPayload("resolved"), "alert:1")
    assert world.seen(room) == [("resolved", "alert:1", None)]
    assert await chat.find_post(room, "alert:1", lately()) == posted


async def test_a_created_channel_is_the_bots_own_and_its_name_is_taken(chat: Chat) -> None:
    before = lately() - timedelta(seconds=2)
    made = await chat.create_channel("inc-1-api-down")
    me = await chat.identity()
    assert (made.name, made.creator, made.member, made.archived) == ("inc-1-api-down", me.user, True, False)
    assert before <= made.created_at <= lately()
    assert await refusal(chat.create_channel("inc-1-api-down")) == "name_taken"
    assert await refusal(chat.create_channel("Inc 1")) == "invalid_name_specials"


async def test_archived_and_private_channels_hold_their_names(world: World, chat: Chat) -> None:
    world.add_channel("inc-1-old", archived=True)
    world.add_channel("inc-2-secret", private=True)
    assert await refusal(chat.create_channel("inc-1-old")) == "name_taken"
    assert await refusal(chat.create_channel("inc-2-secret")) == "name_taken"


async def test_a_channel_is_found_by_its_exact_name(world: World, chat: Chat) -> None:
    open_one = world.add_channel("incidents")
    world.add_channel("inc-12")
    old = world.add_channel("inc-1", archived=True)
    world.add_channel("hidden", private=True)
    found = await chat.find_channel("incidents")
    assert found is not None
    assert (found.id, found.member, found.archived, found.creator) == (open_one, False, False, ANA)
    archived = await chat.find_channel("inc-1")
    assert archived is not None
    assert (archived.id, archived.archived) == (old, True)
    assert await chat.find_channel("incident") is None
    assert await chat.find_channel("hidden") is None


async def test_a_private_channel_does_not_exist_for_the_bot(world: World, chat: Chat) -> None:
    for channel in (world.add_channel("secret", private=True), "C0UNKNOWN1"):
        assert await refusal(chat.channel(channel)) == "channel_not_found"
        assert await refusal(chat.post(channel, HELLO, "alert:1")) == "channel_not_found"
        assert await refusal(chat.find_post(channel, "alert:1", lately())) == "channel_not_found"
        assert await refusal(chat.invite(channel, [ANA])) == "channel_not_found"
        assert await refusal(chat.bookmarks(channel)) == "channel_not_found"


async def test_joining_a_channel_is_what_it_takes_to_post(world: World, chat: Chat) -> None:
    channel = world.add_channel("incidents")
    assert await refusal(chat.post(channel, HELLO, "alert:1")) == "not_in_channel"
    assert await refusal(chat.find_post(channel, "alert:1", lately())) == "not_in_channel"
    assert await refusal(chat.add_bookmark(channel, "Runbook", "https://example.com")) == "not_in_channel"
    for _ in range(2):
        await chat.join(channel)
    assert (await chat.channel(channel)).member
    await chat.post(channel, HELLO, "alert:1")


async def test_an_archived_channel_takes_nothing(world: World, chat: Chat, room: str) -> None:
    posted = await chat.post(room, HELLO, "alert:1")
    world.archive(room)
    assert await refusal(chat.post(room, HELLO, "alert:2")) == "is_archived"
    assert await refusal(chat.edit(posted, HELLO, "alert:1")) == "is_inactive"
    assert await refusal(chat.invite(room, [ANA])) == "is_archived"
    assert await refusal(chat.set_topic(room, "P0")) == "is_archived"
    assert await refusal(chat.join(room)) == "is_archived"
    assert (await chat.channel(room)).archived


async def test_everybody_comes_in_but_the_one_who_cannot(world: World, chat: Chat, room: str) -> None:
    crowd = world.add_people(130)
    me = (await chat.identity()).user
    await chat.invite(room, crowd[:3])
    refused = await chat.invite(room, [*crowd[:60], NOBODY, *crowd[60:], me, SASHA, crowd[5]])
    assert refused == {NOBODY: "user_not_found", SASHA: "cant_invite"}
    assert world.members(room) == {*crowd, me}


async def test_inviting_again_or_nobody_is_fine(world: World, chat: Chat, room: str) -> None:
    for _ in range(2):
        assert await chat.invite(room, [ANA]) == {}
    assert await chat.invite(room, []) == {}
    assert await chat.invite(room, [NOBODY]) == {NOBODY: "user_not_found"}


async def test_who_is_in_a_channel_is_told_unless_there_are_too_many(
    world: World, chat: Chat, room: str
) -> None:
    me = (await chat.identity()).user
    await chat.invite(room, [ANA, BRUNO])
    assert sorted(await chat.list_members_up_to(room, 3) or ()) == sorted([ANA, BRUNO, me])
    assert await chat.list_members_up_to(room, 2) is None
    hidden = world.add_channel("secret", private=True)
    assert await refusal(chat.list_members_up_to(hidden, 9)) == "channel_not_found"


async def test_a_message_is_pinned_once(world: World, chat: Chat, room: str) -> None:
    posted = await chat.post(room, HELLO, "alert:1")
    for _ in range(2):
        await chat.pin(posted)
    assert world.pinned(room) == [posted.ts]


async def test_what_does_not_exist_can_neither_be_edited_nor_pinned(chat: Chat, room: str) -> None:
    missing = gone(MessageRef(room, ""))
    assert await refusal(chat.edit(missing, HELLO, "alert:1")) == "message_not_found"
    assert await refusal(chat.pin(missing)) == "message_not_found"


async def test_bookmarks_are_told_by_their_addresses(chat: Chat, room: str) -> None:
    assert await chat.bookmarks(room) == []
    await chat.add_bookmark(room, "Runbook", "https://example.com/runbook")
    assert await chat.bookmarks(room) == ["https://example.com/runbook"]


async def test_a_topic_is_cut_to_what_slack_takes(chat: Chat, room: str) -> None:
    await chat.set_topic(room, "P0 investigating")
    assert (await chat.channel(room)).topic == "P0 investigating"
    await chat.set_topic(room, "ü" * 300)
    assert (await chat.channel(room)).topic == "ü" * 250


async def test_people_are_told_apart(chat: Chat) -> None:
    ana, gus, sasha, bot = [await chat.person(each) for each in (ANA, GUS, SASHA, STATUSBOT)]
    assert (ana.id, ana.name, ana.guest, ana.bot, ana.stranger) == (ANA, "ana", False, False, False)
    assert (gus.guest, gus.bot, gus.stranger) == (True, False, False)
    assert (sasha.guest, sasha.bot, sasha.stranger) == (False, False, True)
    assert (bot.guest, bot.bot, bot.stranger) == (False, True, False)
    assert await refusal(chat.person(NOBODY)) == "user_not_found"


async def test_a_person_is_found_by_address(chat: Chat) -> None:
    assert await chat.find_person_by_email("ana@team.example") == await chat.person(ANA)
    assert await refusal(chat.find_person_by_email("nobody@team.example")) == "users_not_found"


async def test_the_people_of_the_workspace_are_listed_without_bots(chat: Chat) -> None:
    people = await chat.list_people(1000)
    ids = {each.id for each in people}
    assert {ANA, BRUNO} <= ids and STATUSBOT not in ids and all(each.name for each in people)
    assert len(await chat.list_people(1)) == 1


async def test_those_who_are_mentioned_have_names_and_who_is_not_known_is_left_out(
    chat: Chat, world: World, room: str
) -> None:
    ana = (await chat.person(ANA)).name
    public = (await chat.channel(room)).name
    secret = (await chat.create_channel("inc-7-merger", private=True)).id
    hidden = world.add_channel("board", private=True)
    asked = [ANA, GROUP, room, secret, hidden, NOBODY, "S0UNKNOWN1"]
    expected = {ANA: ana, GROUP: "oncall", room: public, secret: "private-channel"}
    assert await chat.names(asked) == expected
    assert await chat.names(asked) == expected
    assert await chat.names([]) == {}


async def test_who_is_in_a_channel_is_told_to_the_last_one(world: World) -> None:
    chat = world.chat
    room = await chat.create_channel("inc-1-x")
    people = world.add_people(250)
    await chat.invite(room.id, people)
    assert set(people) < set(await chat.channel_members(room.id)) == world.members(room.id)
    hidden = world.add_channel("others", private=True)
    assert await refusal(chat.channel_members(hidden)) == "channel_not_found"


async def test_a_usergroup_has_its_members(chat: Chat) -> None:
    assert list(await chat.list_usergroup_members(GROUP)) == [ANA, BRUNO]
    assert await refusal(chat.list_usergroup_members("S0UNKNOWN1")) == "no_such_subteam"


@pytest.mark.parametrize(
    ("person", "code"), [(NOBODY, "channel_not_found"), (STATUSBOT, "cannot_dm_bot")], ids=["nobody", "a bot"]
)
async def test_who_cannot_be_written_to_is_refused(chat: Chat, person: str, code: str) -> None:
    assert await refusal(chat.post(person, HELLO, "page:1")) == code


async def test_a_channel_is_renamed_and_a_taken_name_is_refused(chat: Chat, room: str) -> None:
    other = await chat.create_channel("inc-2-other")
    await chat.rename_channel(room, "inc-1-payments")
    assert (await chat.channel(room)).name == "inc-1-payments"
    assert await refusal(chat.rename_channel(other.id, "inc-1-payments")) == "name_taken"


async def test_archiving_twice_is_archiving_once(chat: Chat, room: str) -> None:
    await chat.archive(room)
    await chat.archive(room)
    assert (await chat.channel(room)).archived


async def test_what_somebody_said_is_read_with_its_author_and_its_address(
    world: World, chat: Chat, room: str
) -> None:
    await chat.invite(room, [ANA, BRUNO])
    first = world.say(room, ANA, "errors > 5% & rising")
    answer = world.say(room, BRUNO, "since the deploy", first.ts)
    url = (await chat.identity()).url
    said = await chat.read_message(room, first.ts)
    link = f"{url}archives/{room}/p{first.ts.replace('.', '')}"
    assert said is not None
    assert (said.author, said.text, said.link) == (ANA, "errors > 5% & rising", link)
    reply = await chat.read_message(room, answer.ts)
    assert reply is not None
    assert (reply.author, reply.text, reply.thread) == (BRUNO, "since the deploy", first.ts)
    assert reply.link.endswith(f"?thread_ts={first.ts}&cid={room}")


async def test_what_was_deleted_is_not_there_to_be_read(world: World, chat: Chat, room: str) -> None:
    alone, first = world.say(room, ANA, "alone"), world.say(room, ANA, "with an answer")
    world.say(room, BRUNO, "the answer", first.ts)
    for each in (alone, first):
        world.delete(each)
        assert await chat.read_message(room, each.ts) is None
    assert await chat.read_message(room, gone(alone).ts) is None


async def test_an_upload_has_an_id_and_is_seen_by_nobody(world: World, chat: Chat, room: str) -> None:
    before = len(world.seen(room))
    first = await chat.upload(b"\x89PNG", "chart.png")
    assert first and first != await chat.upload(b"\x89PNG", "chart.png")
    assert len(world.seen(room)) == before


async def test_a_file_is_shown_once_in_its_thread_found_there_and_taken_away(
    world: World, chat: Chat, room: str
) -> None:
    top = await chat.post(room, HELLO, "review:1")
    began = datetime.now(UTC)
    file, other = [await chat.begin_upload(b"# Review", f"INC-{n}-review.md") for n in (1, 2)]
    assert not await chat.find_shared_file(file, room, top.ts, began)
    await chat.share_upload(file, "Review of INC-1", room, top.ts, "As it reads now.")
    assert await chat.find_shared_file(file, room, top.ts, began)
    assert not await chat.find_shared_file(other, room, top.ts, began)
    with pytest.raises(SlackRejected, match="file_not_found"):
        await chat.share_upload(file, "Review of INC-1", room, top.ts, "As it reads now.")
    for _ in range(2):
        await chat.delete_file(file)
