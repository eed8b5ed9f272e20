"""What an incident does to people is told whenever it is known: by the word, with an update, when it is over."""

import json
from typing import Any

import pytest

from tests.scenarios.conftest import World

BOTH = ("INCIDENT ALERT", "Impact: Nobody can pay", "Affected Users: not known yet")


def impact(world: World) -> tuple[str, str]:
    row = world.looking.rows("select impact, affected_users from incident where number = 1")[0]
    return row["impact"], row["affected_users"]


def prefilled(form: Any) -> dict[str, str]:
    """What stands in the fields of a form when it opens."""
    blocks = [each for each in form.payload["blocks"] if each["type"] == "input"]
    return {block["block_id"]: block["element"].get("initial_value", "") for block in blocks}


@pytest.mark.parametrize("before", ["impact", "impact INC-1:", "INC-1 impact"])
async def test_the_word_records_it_and_every_message_shows_it(world: World, before: str) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("chidi", f"{before} Nobody can pay", channel)
        await world.quiet()
        assert impact(world) == ("Nobody can pay", "")
        for place in (channel, "incident-response"):
            text = world.text(world.posts(place, "INCIDENT ALERT")[0])
            assert all(each in text for each in BOTH), text
        assert len(world.posts(channel, "@Chidi Okafor set the impact: Nobody can pay.")) == 1
        await world.incident("ana", "timeline", channel)
        assert "Chidi Okafor set the impact: Nobody can pay" in world.heard("ana")
        await world.incident("ana", "catchup", channel)
        assert "Impact: Nobody can pay" in world.heard("ana")
        await world.incident("ana", "list")
        assert "Impact: Nobody can pay" in world.heard("ana")
        await world.slack.people.open_home("ana")
        home = await world.slack.wait_for(lambda: world.slack.home("ana"), 5, "the home")
        assert home is not None and "Impact: Nobody can pay" in json.dumps(home.payload)
        await world.incident("ana", "update We look at the provider", channel)
        await world.quiet()
        (update,) = world.posts(channel, "What changed")
        assert "Impact: Nobody can pay" in world.text(update)
        await world.slack.people.click("ana", update, "customer_copy")
        view = await world.shown("ana")
        assert "Impact: Nobody can pay" in json.dumps(view.payload)


async def test_a_change_says_what_it_was_before_and_the_same_words_change_nothing(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "impact Some cannot pay", channel)
        await world.incident("ana", "impact Nobody can pay <!channel>", channel)
        await world.quiet()
        said = "@Ana Duarte set the impact: Nobody can pay <!channel> (was: Some cannot pay)."
        assert len(world.posts(channel, said)) == 1
        await world.incident("ana", "impact Nobody can pay <!channel>", channel)
        await world.quiet()
        assert "already" in world.heard("ana")
        assert len(world.posts(channel, "set the impact")) == 2


async def test_an_update_that_comes_after_it_is_unchanged_says_nothing_of_it(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "impact Nobody can pay", channel)
        await world.incident("ana", "update One", channel)
        await world.incident("ana", "update Two", channel)
        await world.quiet()
        assert "Impact" in world.text(world.posts(channel, "> One")[0])
        assert "Impact" not in world.text(world.posts(channel, "> Two")[0])


async def test_the_update_form_has_both_as_they_are_and_takes_what_is_changed(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "impact Some cannot pay", channel)
        await world.incident("ana", "update", channel)
        form = await world.form("ana")
        assert prefilled(form)["impact"] == "Some cannot pay"
        assert prefilled(form)["affected_users"] == ""
        given = {
            "update_text": {"update_text": "The provider is down"},
            "affected_users": {"affected_users": "about 1,200"},
        }
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.quiet()
        assert impact(world) == ("Some cannot pay", "about 1,200")
        text = world.text(world.posts(channel, "What changed")[0])
        assert "Affected users: about 1,200" in text and "The provider is down" in text
        assert "Affected Users: about 1,200" in world.text(world.posts(channel, "INCIDENT ALERT")[0])


async def test_what_stood_in_the_form_before_takes_nothing_back_that_somebody_else_told_since(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "impact Some cannot pay", channel)
        await world.incident("ana", "update", channel)
        form = await world.form("ana")
        await world.incident("chidi", "impact Nobody can pay", channel)
        given = {"update_text": {"update_text": "The provider is down"}}
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.quiet()
        assert impact(world) == ("Nobody can pay", "")


async def test_what_is_emptied_in_a_form_is_taken_back(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "impact Some cannot pay", channel)
        await world.incident("ana", "update", channel)
        form = await world.form("ana")
        given: dict[str, Any] = {
            "update_text": {"update_text": "It was nothing"},
            "impact": {"impact": None},
        }
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.quiet()
        assert impact(world) == ("", "")
        await world.incident("ana", "timeline", channel)
        assert "took back the impact (was: Some cannot pay)" in world.heard("ana")


async def test_the_resolve_form_has_both_and_the_record_keeps_what_is_changed(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "impact Some cannot pay", channel)
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        assert prefilled(form)["impact"] == "Some cannot pay"
        given = {
            "resolution": {"resolution": "Rolled back"},
            "impact": {"impact": "Nobody could pay for 20 minutes"},
            "affected_users": {"affected_users": "1,212"},
        }
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.quiet()
        assert impact(world) == ("Nobody could pay for 20 minutes", "1,212")
        assert "Impact: Nobody could pay for 20 minutes" in world.text(
            world.posts(channel, "INCIDENT ALERT")[0]
        )
        await world.incident("ana", "timeline", channel)
        assert "set the impact: Nobody could pay for 20 minutes (was: Some cannot pay)" in world.heard("ana")


async def test_without_words_a_form_takes_both(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "impact", channel)
        form = await world.form("ana")
        given = {"impact": {"impact": "Nobody can pay"}, "affected_users": {"affected_users": "all"}}
        assert (await world.slack.people.submit("ana", form, given)).ok
        await world.quiet()
        assert impact(world) == ("Nobody can pay", "all")
        assert len(world.posts(channel, "set the impact: Nobody can pay; affected users: all.")) == 1


async def test_it_can_be_mended_after_the_end_until_the_incident_is_closed(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "resolve", channel)
        given = {"resolution": {"resolution": "Rolled back"}}
        assert (await world.slack.people.submit("ana", await world.form("ana"), given)).ok
        await world.incident("ana", "impact 1,212 payments failed", channel)
        await world.quiet()
        assert "Impact: 1,212 payments failed" in world.text(world.posts(channel, "INCIDENT ALERT")[0])
        await world.incident("ana", "close anyway it is small", channel)
        await world.incident("ana", "impact none", channel)
        assert "closed" in world.heard("ana")
        assert impact(world) == ("1,212 payments failed", "")


async def test_words_that_nobody_can_see_are_refused(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "impact INC-1 \u2800\u200b", channel)
        assert "Nothing was changed" in world.heard("ana")
        assert impact(world) == ("", "")
