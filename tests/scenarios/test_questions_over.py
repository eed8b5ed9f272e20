"""What asks people for something says what came of it once nobody waits for it any more, and has no button then."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from sandbox.slack import WorkspaceMessage, make_rate_limit, plan_by_table
from tests.scenarios.asking import contacts
from tests.scenarios.conftest import World
from tests.scenarios.duties import due
from tests.scenarios.test_calls_over import TEAM, resolved
from tests.scenarios.test_ladder import quiet_for

ASKED, CHECK_IN = "is overdue", "are you still on INC-1?"
End = Callable[[World, str], Awaitable[None]]


def as_it_is(world: World, message: WorkspaceMessage) -> WorkspaceMessage:
    """A message as it stands now."""
    return world.slack.channel(message.channel).messages[message.ts]


async def updated(world: World, channel: str) -> None:
    await world.incident("bruno", "update The index is rebuilt", channel)
    await world.quiet()


async def cancelled(world: World, channel: str) -> None:
    await world.cancel("ana", "a test", channel)
    await world.quiet()


async def merged(world: World, channel: str) -> None:
    await world.incident("ana", "declare p3 Search is slow for everybody")
    await world.quiet()
    await world.incident("ana", "merge INC-2", channel)
    await world.slack.people.click("ana", world.slack.ephemerals("ana")[-1], "merge")
    await world.quiet()


async def overdue(world: World) -> tuple[str, WorkspaceMessage]:
    """An incident whose commander was asked for the update in a direct message: its channel, and the message."""
    channel = await world.declared("declare p1 Search is slow")
    for minutes, words in (
        (15, "update is due"),
        (5, "minutes late"),
        (3, "Please post it."),
        (3, "as commander"),
    ):
        world.looking.sooner(minutes)
        await world.until(partial(world.posts, channel, words))
    await world.quiet()
    (message,) = [each for each in world.slack.direct_messages("ana") if ASKED in world.text(each)]
    assert "[Post update]" in world.text(message)
    return channel, message


@pytest.mark.parametrize(
    ("end", "says"),
    [
        (updated, "status update was posted by @Bruno Keller at "),
        (resolved, "status update is not needed: INC-1 was resolved at "),
        (cancelled, "status update is not needed: INC-1 was cancelled at "),
        (merged, "status update is not needed: INC-1 was merged into INC-2 at "),
    ],
    ids=["updated", "resolved", "cancelled", "merged"],
)
async def test_who_was_asked_for_an_overdue_update_reads_what_came_of_it(
    world: World, end: End, says: str
) -> None:
    async with world.bot():
        channel, message = await overdue(world)
        await end(world, channel)
        message = as_it_is(world, message)
        text = world.text(message)
        assert says in text and "Search is slow" in text
        assert ASKED not in text and "[Post update]" not in text
        assert ASKED not in message.text, "what a list of conversations shows"


async def checked_in(world: World) -> tuple[str, WorkspaceMessage]:
    """An incident in which Chidi is asked whether he is still on it: its channel, and the question."""
    channel = await world.declared("declare p2 Search is slow")
    await world.incident("chidi", "ack", channel)
    await world.quiet()
    quiet_for(world, 31)
    await world.until(lambda: world.posts(channel, CHECK_IN))
    (message,) = world.posts(channel, CHECK_IN)
    assert "[Still on it]" in world.text(message)
    return channel, message


async def clicked(world: World, channel: str) -> None:
    (message,) = world.posts(channel, CHECK_IN)
    await world.slack.people.click("chidi", message, "still_on_it")
    await world.quiet()


async def active(world: World, channel: str) -> None:
    await world.incident("devika", "note The index is rebuilt", channel)
    due(world)
    await world.until(lambda: world.looking.rows("select 1 from incident where ladder = 'answered'"))
    await world.quiet()


async def acknowledged(world: World, channel: str) -> None:
    await world.incident("bruno", "ack", channel)
    await world.quiet()


async def graver(world: World, channel: str) -> None:
    await world.incident("ana", "severity p1", channel)
    await world.quiet()


async def silent_and_resolved(world: World, channel: str) -> None:
    due(world)
    await world.until(lambda: world.posts(channel, "Those who acknowledged have been silent."))
    await world.quiet()
    assert len(world.posts(channel, "[Still on it]")) == 1, "a click still stops what was begun"
    await resolved(world, channel)


@pytest.mark.parametrize(
    ("end", "says"),
    [
        (clicked, "@Chidi Okafor is still on it."),
        (active, "@Devika Rao is active."),
        (acknowledged, "@Bruno Keller acknowledged."),
        (graver, "@Ana Duarte is active."),
        (resolved, "INC-1 was resolved at "),
        (cancelled, "INC-1 was cancelled at "),
        (merged, "INC-1 was merged into INC-2 at "),
        (silent_and_resolved, "INC-1 was resolved at "),
    ],
    ids=["clicked", "active", "acknowledged", "graver", "resolved", "cancelled", "merged", "silent"],
)
async def test_the_question_who_is_still_on_it_says_how_it_was_answered(
    world: World, tmp_path: Path, end: End, says: str
) -> None:
    async with world.bot(**contacts(tmp_path, TEAM)):
        channel, message = await checked_in(world)
        await end(world, channel)
        text = world.text(as_it_is(world, message))
        assert text.startswith("Checked in at ") and says in text
        assert "[Still on it]" not in text and CHECK_IN not in text


async def test_a_question_that_is_over_before_slack_takes_it_is_not_asked(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, TEAM)):
        channel = await world.declared("declare p2 Search is slow")
        await world.incident("chidi", "ack", channel)
        await world.quiet()
        world.slack.api.faults = plan_by_table({"chat.postMessage": make_rate_limit(1)})
        quiet_for(world, 31)
        await world.until(lambda: world.looking.rows("select 1 from outbox where kind = 'AskIfStill'"))
        await world.incident("chidi", "status monitoring", channel)
        world.slack.api.faults = plan_by_table({})
        due(world)
        await world.until(lambda: world.looking.rows("select 1 from incident where ladder = 'answered'"))
        await world.quiet()
        assert world.posts(channel, CHECK_IN) == world.posts(channel, "Checked in at ") == []
