"""Who resolves can look again from the form, keeps what they typed, and never has to wait for it."""

import asyncio
from typing import Any

import pytest

from bot.domain.finding import Verdict
from handlers.slack import rerun_checks
from sandbox.slack.plain_text import render_view_lines
from tests.scenarios.conftest import World
from tests.scenarios.test_evidence import METRICS, STATUS, Monitored, finding


@pytest.fixture
def monitored(world: World) -> Monitored:
    made = Monitored()
    world.systems = made.systems
    return made


def words(world: World, who: str) -> str:
    view = world.slack.open_view(who)
    assert view is not None
    return "\n".join(render_view_lines(world.slack.workspace, view))


def typed(world: World, who: str) -> dict[str, Any]:
    view = world.slack.open_view(who)
    assert view is not None
    return {name: next(iter(each.values())).get("value") for name, each in view.values.items()}


async def test_a_click_asks_again_and_the_form_shows_what_came(world: World, monitored: Monitored) -> None:
    monitored.answers[STATUS] = finding(Verdict.BAD, "4 of 6 tasks running.")
    async with world.bot():
        channel = await world.declared()
        world.ask_anew()
        await world.incident("ana", "resolve Rolled back", channel)
        form = await world.form("ana")
        assert "4 of 6 tasks running, just now" in words(world, "ana")
        monitored.answers[STATUS] = finding(Verdict.OK, "6 of 6 tasks running.")
        monitored.held[METRICS] = asyncio.Event()
        assert (await world.slack.people.click("ana", form, "look_again")).ok
        await world.until(lambda: "⏳ Checking again" in words(world, "ana"))
        monitored.held[METRICS].set()
        await world.until(lambda: "All 8 checks are OK" in words(world, "ana"))
        assert "Looking again" not in words(world, "ana")
        assert typed(world, "ana")["resolution"] == "Rolled back"
        view = world.slack.open_view("ana")
        assert view is not None
        assert (await world.slack.people.submit("ana", view)).ok
        await world.until(lambda: world.posts(channel, "INCIDENT RESOLVED"))


async def test_the_form_can_be_sent_while_it_looks_again(world: World, monitored: Monitored) -> None:
    async with world.bot():
        channel = await world.declared()
        world.ask_anew()
        await world.incident("ana", "resolve Rolled back", channel)
        monitored.held[METRICS] = asyncio.Event()
        await world.slack.people.click("ana", await world.form("ana"), "look_again")
        await world.until(lambda: "⏳ Checking again" in words(world, "ana"))
        view = world.slack.open_view("ana")
        assert view is not None
        assert (await world.slack.people.submit("ana", view)).ok
        await world.until(lambda: world.posts(channel, "INCIDENT RESOLVED"))
        monitored.held[METRICS].set()
        await world.quiet()
        assert len(world.posts(channel, "INCIDENT RESOLVED")) == 1


async def test_when_nobody_answers_the_form_says_so_and_keeps_what_is_known(
    world: World, monitored: Monitored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerun_checks, "WITHIN", 0.5)
    monitored.answers[STATUS] = finding(Verdict.BAD, "4 of 6 tasks running.")
    async with world.bot():
        channel = await world.declared()
        world.ask_anew()
        await world.incident("ana", "resolve Rolled back", channel)
        monitored.held[METRICS] = asyncio.Event()
        await world.slack.people.click("ana", await world.form("ana"), "look_again")
        await world.until(lambda: "No answer in time" in words(world, "ana"))
        assert typed(world, "ana")["resolution"] == "Rolled back"
        view = world.slack.open_view("ana")
        assert view is not None
        assert (await world.slack.people.submit("ana", view)).ok
        await world.until(lambda: world.posts(channel, "INCIDENT RESOLVED"))
        monitored.held[METRICS].set()


async def test_who_may_not_change_it_keeps_the_form_and_hears_why(world: World, monitored: Monitored) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "resolve Rolled back", channel)
        form = await world.form("ana")
        await world.incident("chidi", "cancel", channel)
        await world.slack.people.click("chidi", world.slack.ephemerals("chidi")[-1], "cancel")
        await world.quiet()
        before = world.looking.rows("select count(*) as n from look")
        await world.slack.people.click("ana", form, "look_again")
        await world.until(lambda: "already cancelled" in words(world, "ana"))
        assert typed(world, "ana")["resolution"] == "Rolled back"
        assert world.looking.rows("select count(*) as n from look") == before
