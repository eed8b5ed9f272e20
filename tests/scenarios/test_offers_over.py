"""What offers a change, another playbook or a publication goes from the messages of an incident that is over, and comes
back when it goes on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.diagnostic_run import Suspect
from bot.domain.finding import ChartSeries, Verdict
from tests.scenarios.conftest import World
from tests.scenarios.test_evidence import DEPLOYMENTS, STATUS, Monitored, finding
from tests.scenarios.test_evidence_stopped import resolve
from tests.scenarios.test_publishing import folder
from tests.scenarios.test_questions import elements

__all__ = ["folder"]


@pytest.fixture
def monitored(world: World) -> Monitored:
    made = Monitored()
    now = datetime.now(UTC)
    suspect = Suspect("deployment", "backend:42", "its tasks stop by themselves", now - timedelta(minutes=8))
    points = tuple((now - timedelta(minutes=age), float(age)) for age in (3, 2, 1))
    made.answers[STATUS] = finding(
        Verdict.BAD, "0 of 6 tasks running.", suspect=suspect, series=(ChartSeries("tasks", points),)
    )
    made.answers[DEPLOYMENTS] = finding(Verdict.BAD, "backend:42 FAILED.", suspect=suspect)
    world.systems = made.systems
    return made


def offered(world: World, channel: str) -> dict[str, int]:
    """How many buttons there are of each kind, in the channel and in its threads."""
    labels = [
        element["text"]["text"].partition(" ")[0]
        for message in world.slack.messages(channel, of_bot=True)
        for block in message.blocks
        for element in block.get("elements", [])
        if element.get("type") == "button"
    ]
    return {word: labels.count(word) for word in ("Use", "Propose:")}


@pytest.mark.parametrize("how", ["resolve", "cancel", "merge"])
@pytest.mark.parametrize("words", ["p0 API is down", "p0 nobody can book"])
async def test_what_offers_a_change_goes_with_the_incident_and_comes_back_with_it(
    world: World, monitored: Monitored, how: str, words: str
) -> None:
    async with world.bot():
        if how == "merge":
            await world.declared("declare p2 search is slow")
        channel = await world.declared(f"declare {words}")
        before = offered(world, channel)
        assert before["Propose:"] >= 3 and (before["Use"] > 0) is ("book" in words)
        match how:
            case "resolve":
                await resolve(world, channel)
            case "cancel":
                await world.cancel("ana", "", channel)
            case "merge":
                await world.incident("ana", "merge INC-1", channel)
                (yes, *_) = elements(question := world.slack.ephemerals("ana")[-1])
                await world.slack.people.click("ana", question, yes["action_id"])
        await world.quiet()
        assert offered(world, channel) == {"Use": 0, "Propose:": 0}
        assert sum("0 of 6 tasks" in world.text(each) for each in world.posts(channel)) == 2
        assert any("[image" in world.text(each) for each in world.posts(channel, "0 of 6 tasks"))
        await world.incident("ana", "reopen", channel)
        await world.quiet()
        assert offered(world, channel) == before


async def test_nobody_is_asked_to_publish_what_was_never_public_once_it_is_over(
    world: World, folder: Path
) -> None:
    async with world.bot():
        channel = await world.declared()
        assert world.posts(channel, "[Publish]")
        await resolve(world, channel)
        await world.quiet()
        assert not world.posts(channel, "[Publish]")
        assert world.posts(channel, "For customers: overtaken by what came later, not published.")
        assert not folder.exists()
