"""Who was called and takes command, posts an update, sets the status or resolves has answered the call by it."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sandbox.pagerduty.api_server import PagerDutyStandIn
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World
from tests.scenarios.duties import due, paging, shown
from tests.scenarios.test_answers import PAIR, states

TEAM = PAIR.replace('["pagerduty', '["slack:U0BRUNO001", "pagerduty')
Deed = Callable[[World, str], Awaitable[None]]


def typed(words: str) -> Deed:
    async def act(world: World, channel: str) -> None:
        await world.incident("bruno", words, channel)

    return act


async def accept(world: World, channel: str) -> None:
    await world.incident("ana", "lead @bruno", channel)
    await world.until(lambda: world.posts(channel, "asks you to take command of INC-1"))
    await world.slack.people.click(
        "bruno", world.posts(channel, "asks you to take command")[0], "accept_command"
    )


async def fill_update(world: World, channel: str) -> None:
    await world.incident("bruno", "update", channel)
    form = await world.form("bruno")
    assert (await world.slack.people.submit("bruno", form, fields(update_text="Rolled back"))).ok


async def post_draft(world: World, channel: str) -> None:
    await world.incident("ana", "note the pool is full", channel)  # without news there is no draft
    world.looking.rows("update incident set next_update_at = now(), notice_at = now()")
    await world.until(lambda: world.posts(channel, "status update is due"))
    await world.slack.people.click("bruno", world.posts(channel, "status update is due")[0], "post_draft")


async def resolve(world: World, channel: str) -> None:
    await world.incident("bruno", "resolve", channel)
    form = await world.form("bruno")
    assert (await world.slack.people.submit("bruno", form, fields(resolution="Rolled back"))).ok


DEEDS = {
    "lead": (typed("lead"), "taking command"),
    "an accepted handover": (accept, "taking command"),
    "update": (typed("update Rolled back"), "posting an update"),
    "the update form": (fill_update, "posting an update"),
    "a draft": (post_draft, "posting an update"),
    "status": (typed("status identified"), "setting the status"),
    "status with words": (typed("status identified the pool was empty"), "posting an update"),
}


def acknowledgements(world: World) -> int:
    return world.looking.kinds(1).count("acknowledged")


@pytest.mark.parametrize("name", DEEDS)
async def test_who_was_called_and_acts_has_answered_and_nobody_is_called_further(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, name: str
) -> None:
    act, by = DEEDS[name]
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared()
        assert states(duty) == [("PCTO001", "triggered")]
        await act(world, channel)
        await world.until(lambda: states(duty) == [("PCTO001", "acknowledged")])
        await world.quiet()
        row = world.looking.rows(
            "select acknowledged_by, ladder, look_at > now() + interval '20 min' as later from incident"
        )
        assert row == [
            {"acknowledged_by": world.slack.person("bruno").id, "ladder": "answered", "later": True}
        ]
        assert "Acknowledged by @Bruno Keller after" in shown(world, channel)
        (page,) = world.slack.direct_messages("bruno")
        assert "[Acknowledge]" not in world.text(page) and "Acknowledged by" in world.text(page)
        (other,) = world.slack.direct_messages("chidi")
        assert "[Acknowledge]" in world.text(other), "they did not answer"
        await world.incident("devika", "timeline", channel)
        said = [line for line in world.heard("devika").splitlines() if "acknowledged after" in line]
        assert len(said) == 1 and said[0].endswith(f", by {by}")
        await world.incident("bruno", "update It goes on", channel)
        await world.incident("bruno", "ack", channel)
        await world.quiet()
        assert acknowledgements(world) == 1, "done again it is none"
        due(world, "way")
        await world.quiet()
        assert states(duty) == [("PCTO001", "acknowledged")]


async def test_who_was_called_and_resolves_has_answered(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared()
        await resolve(world, channel)
        await world.until(lambda: states(duty) == [("PCTO001", "resolved")])
        await world.quiet()
        assert world.looking.kinds(1)[-4:].count("acknowledged") == acknowledgements(world) == 1
        await world.incident("devika", "timeline", channel)
        assert ", by resolving it\n" in world.heard("devika")
        assert "acknowledged after" in shown(world, channel)
        await world.incident("ana", "reopen", channel)
        await world.quiet()
        assert states(duty) == [("PCTO001", "resolved")], "somebody was on it"


@pytest.mark.parametrize("words", ["update We look at it", "status identified", "lead"])
async def test_what_others_do_is_no_answer_of_those_who_are_called(
    world: World, duty: PagerDutyStandIn, tmp_path: Path, words: str
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared()
        await world.incident("devika", words, channel)
        await world.quiet()
        assert states(duty) == [("PCTO001", "triggered")]
        assert acknowledgements(world) == 0
        assert world.looking.rows("select ladder from incident") == [{"ladder": "climbing"}]


async def test_who_was_called_anew_after_the_end_answers_anew_by_what_they_do(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared()
        await world.incident("bruno", "ack", channel)
        await resolve(world, channel)
        await world.quiet()
        await world.incident("ana", "reopen", channel)
        await world.incident("ana", "page CTO it is back", channel)
        await world.until(lambda: states(duty)[1:] == [("PCTO001", "triggered")])
        await world.incident("bruno", "status monitoring", channel)
        await world.until(lambda: states(duty)[1:] == [("PCTO001", "acknowledged")])
        await world.quiet()
        assert acknowledgements(world) == 2
        await world.incident("bruno", "update It goes on", channel)
        await world.quiet()
        assert acknowledgements(world) == 2


async def test_a_status_that_it_has_already_and_an_update_that_is_refused_are_no_answer(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, TEAM):
        channel = await world.declared()
        await world.incident("bruno", "status investigating", channel)
        await world.incident("bruno", "status resolved", channel)
        await world.quiet()
        assert acknowledgements(world) == 0
        assert states(duty) == [("PCTO001", "triggered")]
