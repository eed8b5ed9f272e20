"""Action items at the team's tracker: made once, its state shown here, its troubles said."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from bot.app import RunningBot
from sandbox.provider_server import AFTER
from sandbox.trackers.github_issues import GitHubIssues
from tests.scenarios.conftest import World
from tests.scenarios.test_action_items import item_message
from tests.scenarios.test_owners import resolved

DUE = "update action_ticket set read_at = now() where id <> '' returning number"


@asynccontextmanager
async def tracking(
    world: World, private: bool = False, **settings: Any
) -> AsyncIterator[tuple[RunningBot, GitHubIssues]]:
    """A bot whose action items go to a stand-in of GitHub."""
    tracker = GitHubIssues()
    await tracker.start()
    try:
        async with world.bot(
            tracker="github:acme/shop",
            tracker_token=SecretStr(tracker.token),
            tracker_url=tracker.url,
            tracker_private=private,
            **({"tracker_webhook_secret": SecretStr(tracker.webhook_secret)} | settings),
        ) as running:
            tracker.webhook_url = "http://{}:{}/webhooks/github".format(*running.address)
            yield running, tracker
    finally:
        await tracker.stop()


def states(world: World) -> list[str]:
    return [row["state"] for row in world.looking.rows("select state from action_item order by number")]


def shows(world: World, channel: str, reference: str, *words: str) -> bool:
    """Whether the item's message is there with these words."""
    found = world.posts(channel, f"{reference} ")
    return bool(found) and all(word in world.text(found[0]) for word in words)


async def test_an_item_becomes_one_issue_whose_state_is_shown_here(world: World) -> None:
    async with tracking(world) as (_, tracker):
        channel = await resolved(world)
        await world.incident("ana", "action @bruno by 2099-12-04 Add an index <!-- & @everyone", channel)
        await world.quiet()
        await world.until(lambda: shows(world, channel, "A1", "#1", " at the tracker"))
        ((title, text),) = tracker.read_texts()
        assert title.startswith("Add an index ‹!-- & @") and "@everyone" not in title + text
        assert "Owner: bruno" in text and "Due: 2099-12-04" in text and "INC-1: Search is slow" in text
        tracker.close_there("1", done=False)
        world.looking.rows(DUE)
        await world.until(lambda: states(world) == ["dropped"])
        await world.quiet()
        assert "☒ A1 Add an index" in world.text(item_message(world, channel, "A1"))
        await world.incident("ana", "timeline", channel)
        assert "read at github:acme/shop that A1 is not to be done (here: open)" in world.heard("ana")
        await world.incident("ana", "action reopen A1", channel)
        await world.until(lambda: tracker.is_open("1"))
        await world.quiet()
        world.looking.rows(DUE)
        await world.incident("ana", "action done A1", channel)
        await world.until(lambda: not tracker.is_open("1"))
        await world.quiet()
        assert states(world) == ["done"] and tracker.issues["1"]["state_reason"] == "completed"
        tracker.delete_there("1")
        world.looking.rows(DUE)
        await world.until(
            lambda: shows(world, channel, "A1", "At the tracker #1 was deleted or moved away; here it stays.")
        )
        assert states(world) == ["done"] and tracker.created == 1


async def test_what_people_said_there_meanwhile_is_shown_and_not_overwritten(world: World) -> None:
    async with tracking(world) as (_, tracker):
        channel = await resolved(world)
        await world.incident("ana", "action Add an index", channel)
        await world.quiet()
        await world.until(lambda: shows(world, channel, "A1", "#1", " at the tracker"))
        tracker.close_there("1", done=False)
        await world.incident("ana", "action done A1", channel)
        await world.until(lambda: states(world) == ["dropped"])
        await world.quiet()
        assert tracker.issues["1"]["state_reason"] == "not_planned"
        assert "☒ A1 Add an index" in world.text(item_message(world, channel, "A1"))
        await world.incident("ana", "timeline", channel)
        assert "read at github:acme/shop that A1 is not to be done (here: done)" in world.heard("ana")
        await world.incident("ana", "action reopen A1", channel)
        await world.until(lambda: tracker.is_open("1"))


async def test_private_incidents_and_drills_stay_here(world: World) -> None:
    async with tracking(world, tracker_webhook_secret=None) as (_, tracker):
        assert await tracker.tell("1", "closed") == 404
        for words in ("declare private p3 Search is slow", "drill p3 Search is slow"):
            channel = await resolved(world, words)
            await world.incident("ana", "action Add an index", channel)
            await world.quiet()
        assert tracker.calls and tracker.created == 0


async def test_an_item_that_is_refused_for_its_own_words_holds_up_no_other(world: World) -> None:
    async with tracking(world) as (_, tracker):
        channel = await resolved(world)
        tracker.fail(422)
        await world.incident("ana", "action Add an index", channel)
        await world.until(lambda: shows(world, channel, "A1", "says no (HTTP 422", "I keep trying."))
        await world.incident("ana", "action Alert on it", channel)
        await world.until(lambda: shows(world, channel, "A2", "#1", " at the tracker"))
        assert [title for title, _ in tracker.read_texts()] == ["Alert on it"]
        tracker.fail(403)
        await world.incident("ana", "action Watch it", channel)
        await world.until(lambda: shows(world, channel, "A3", "give it the right to create and edit issues"))
        await world.incident("ana", "action Test it", channel)
        rests = "select lane from outbox where kind = 'CreateTicket' and settled_at is null order by id"
        await world.until(lambda: len(world.looking.rows(rests)) == 3)
        assert [row["lane"] for row in world.looking.rows(rests)] == ["ticket:1:1", "tracker", "tracker"]
        assert tracker.created == 3, "nobody makes a ticket while the tracker lets none be made"
        world.looking.rows(
            "update outbox set not_before = now() where kind = 'CreateTicket' and settled_at is null returning id"
        )
        await world.until(lambda: len(tracker.issues) == 4)
        await world.until(lambda: shows(world, channel, "A1", " at the tracker"))
        assert len({title for title, _ in tracker.read_texts()}) == 4


async def test_a_refusal_is_said_and_an_answer_that_was_lost_is_looked_for(world: World) -> None:
    async with tracking(world, private=True) as (_, tracker):
        channel = await resolved(world, "declare private p3 Search is slow")
        tracker.fail(AFTER)
        await world.incident("ana", "action Add an index", channel)
        await world.until(
            lambda: world.looking.rows("select 1 from action_ticket where name = '#1'"), within=30
        )
        assert len(tracker.issues) == 1
        tracker.fail(403)
        await world.incident("ana", "action Alert on it", channel)
        await world.until(lambda: shows(world, channel, "A2", "give it the right to create and edit issues"))
        assert len(tracker.issues) == 1
        rests = "select 1 from outbox where kind = 'CreateTicket' and not_before > now() + interval '30 min'"
        await world.until(lambda: world.looking.rows(rests))
        world.looking.rows(
            "update outbox set not_before = now() where kind = 'CreateTicket' and settled_at is null returning id"
        )
        await world.until(lambda: len(tracker.issues) == 2)
        await world.until(lambda: shows(world, channel, "A2", "#2", " at the tracker"))
