"""A form that does not open takes nobody's words with it."""

from typing import Any

import pytest

from sandbox.slack.faults import Fault, make_hang, make_refusal, make_server_error, plan_by_table
from tests.scenarios.conftest import World


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (make_refusal("expired_trigger_id"), "more than 3 seconds passed before the form was ready"),
        (make_refusal("invalid_trigger_id"), "Slack does not know this click any more"),
        (make_refusal("some_new_code"), "Slack refused it: some new code"),
        (make_server_error(), "Slack had a fault of its own"),
        (make_hang(), "Slack did not answer in time"),
    ],
    ids=str,
)
async def test_the_reason_and_the_words_come_back(world: World, fault: Fault, why: str) -> None:
    async with world.bot():
        world.slack.api.faults = plan_by_table({"views.open": [fault]})
        await world.incident("ana", "declare checkout returned 503")
        await world.until(lambda: "could not be opened" in world.heard("ana"))
        heard = world.heard("ana")
        assert why in heard
        assert "checkout returned 503" in heard
        assert "/incident declare p0 checkout returned 503" in heard
        assert world.looking.rows("select 1 from incident") == []


@pytest.mark.parametrize(
    ("code", "again"), [("ratelimited", True), ("missing_scope", False), ("view_too_large", False)]
)
async def test_nobody_is_told_to_try_again_what_will_not_work_in_a_moment(
    world: World, code: str, again: bool
) -> None:
    async with world.bot():
        world.slack.api.faults = plan_by_table({"views.open": [make_refusal(code)]})
        await world.incident("ana", "declare checkout returned 503")
        await world.until(lambda: "could not be opened" in world.heard("ana"))
        assert ("Try again in a moment." in world.heard("ana")) is again
        assert "/incident declare p0 checkout returned 503" in world.heard("ana")


async def test_each_form_has_advice_of_its_own(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        asked: list[tuple[str, str]] = [
            ("declare p1", "/incident declare p1 "),
            ("drill Search is slow", "/incident drill p0 Search is slow"),
            ("declare p1 private network is away", "/incident declare private p1 private network is away"),
            ("declare private key leaked", "/incident declare private p0 private key leaked"),
            ("declare private", "/incident declare private p0 API is down"),
            ("private p3", "/incident declare private p3 API is down"),
            ("declare p3 Search is slow (drill)", "/incident drill p3 Search is slow (drill)"),
            ("drill private p3", "/incident drill private p3 API is down"),
            ("update", "/incident update INC-1 "),
            ("resolve Rolled back to 1.42", "/incident resolve INC-1 Rolled back to 1.42"),
        ]
        for text, advice in asked:
            await failing(world, world.incident("ana", text, channel))
            heard = world.heard("ana")
            assert advice in heard, text
            if (
                "private" in text or "drill" in text
            ):  # typed as it is advised, it asks no more and is no public one
                made = world.looking.rows("select count(*) from incident")[0]["count"]
                line = advice.removeprefix("/incident ").replace("API is down", f"part {made} is down")
                await world.incident("ana", line, channel)
                row = world.looking.rows("select private, drill from incident order by number desc")[0]
                assert world.looking.rows("select count(*) from incident")[0]["count"] == made + 1, advice
                assert (row["private"], row["drill"]) == ("private" in text, "drill" in text), advice
        made = world.looking.rows("select count(*) from incident")[0]["count"]
        said = world.slack.people.say("chidi", "general", "orders hang\nsince 02:50, nobody can pay")
        await failing(world, world.slack.people.shortcut("ana", "declare_from_message", said))
        assert "since 02:50, nobody can pay" in world.heard("ana")
        assert world.looking.rows("select count(*) from incident")[0]["count"] == made


async def failing(world: World, asking: Any) -> None:
    """Ask for a form that Slack refuses, and wait until that is said."""
    before = len(world.slack.ephemerals("ana"))
    world.slack.api.faults = plan_by_table({"views.open": [make_refusal("expired_trigger_id")]})
    await asking
    await world.until(lambda: len(world.slack.ephemerals("ana")) > before)
