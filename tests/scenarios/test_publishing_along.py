"""`Also publish` in the forms of updates and resolutions: off each time, and one change when it is ticked."""

from pathlib import Path
from typing import Any

import pytest

from sandbox.slack import WorkspaceView
from tests.scenarios.conftest import World
from tests.scenarios.test_publishing import folder as folder
from tests.scenarios.test_publishing import given, published, read


async def ticked(world: World, who: str) -> WorkspaceView:
    """The form with the text for customers in it."""
    form = await world.form(who)
    await world.slack.people.click(who, form, "also_publish", value=["also_publish"])

    def opened() -> WorkspaceView | None:
        view = world.slack.open_view(who)
        there = view is not None and any(block.get("block_id") == "public_text" for block in view.blocks)
        return view if there else None

    view = await world.slack.wait_for(opened, 30, "the text for customers")
    assert view is not None
    return view


def initial(view: WorkspaceView, block_id: str) -> Any:
    return next(
        block["element"].get("initial_value") for block in view.blocks if block.get("block_id") == block_id
    )


async def test_an_update_goes_to_the_team_and_the_text_of_the_template_to_customers(
    world: World, folder: Path
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "update", channel)
        form = await world.form("ana")
        assert form.payload["submit"]["text"] == "Post update"
        form = await ticked(world, "ana")
        assert form.payload["submit"]["text"] == "Post and publish"
        assert "We are currently experiencing issues" in initial(form, "public_text")
        await world.slack.people.submit(
            "ana", form, given(update_text="Replica db-7 is lagging, asked Bruno")
        )
        await world.quiet()
        (incident,) = read(folder, "incidents.json")["incidents"]
        assert "db-7" not in str(incident) and len(incident["incident_updates"]) == 1
        assert world.posts(channel, "Replica db-7 is lagging")
        (alert,) = world.posts(channel, "Public since")
        assert "next update promised" in world.text(alert)
        await world.incident("ana", "update", channel)
        again = await world.form("ana")
        assert again.payload["submit"]["text"] == "Post update", "off each time"
        await world.slack.people.submit("ana", again, given(update_text="Nothing new"))
        await world.quiet()
        assert len(read(folder, "incidents.json")["incidents"][0]["incident_updates"]) == 1


async def test_held_words_stop_the_whole_form_and_nothing_is_posted(world: World, folder: Path) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "update", channel)
        form = await ticked(world, "ana")
        sent = given(update_text="Found it", public_text="db-prod-07 is broken")
        answer = await world.slack.people.submit("ana", form, sent)
        assert "public_text" in answer.body and "is a host" in answer.body
        assert not world.posts(channel, "Found it") and not folder.exists()


async def test_resolving_says_it_on_the_page_in_the_same_step(world: World, folder: Path) -> None:
    async with world.bot():
        channel = await world.declared()
        message, action = world.button(channel, "edit_public")
        await world.slack.people.click("ana", message, action)
        sent = given(public_components__0=["own:api"], public_state="major_outage")
        await world.slack.people.submit("ana", await world.form("ana"), sent)
        await world.quiet()
        await world.incident("ana", "resolve Restarted it", channel)
        form = await ticked(world, "ana")
        assert "are resolved" in initial(form, "public_text")
        await world.slack.people.submit("ana", form, {})
        await world.quiet()
        (incident,) = read(folder, "incidents.json")["incidents"]
        assert incident["status"] == "resolved"
        assert [part["status"] for part in read(folder, "components.json")["components"]] == [
            "operational"
        ] * 3
        (checklist,) = world.posts(channel, "Post-incident checklist")
        assert "says resolved since" in world.text(checklist)


async def test_a_change_of_severity_offers_the_next_text_when_it_is_public(
    world: World, folder: Path
) -> None:
    async with world.bot():
        channel = await world.declared("declare p2 Search is slow")
        await world.incident("ana", "severity p1 worse", channel)
        await world.quiet()
        assert len(world.posts(channel, "Draft for customers")) == 1
        await published(world, channel)
        await world.incident("ana", "severity p0 all is down", channel)
        await world.quiet()
        assert len(world.posts(channel, "Draft for customers")) == 1
        assert read(folder, "incidents.json")["incidents"][0]["impact"] == "major"
        await published(world, channel)
        assert read(folder, "incidents.json")["incidents"][0]["impact"] == "critical"


@pytest.mark.parametrize("words", ["update Still looking", "status identified Found the cause"])
async def test_an_update_that_is_typed_offers_the_next_text_to_those_who_read_along(
    world: World, folder: Path, words: str
) -> None:
    async with world.bot():
        channel = await world.declared()
        await published(world, channel)
        await world.incident("ana", words, channel)
        await world.quiet()
        (draft,) = world.posts(channel, "Draft for customers")
        status = "Identified" if "identified" in words else "Investigating"
        assert f"Status: {status}" in world.text(draft)
        await published(world, channel)
        assert len(read(folder, "incidents.json")["incidents"][0]["incident_updates"]) == 2


async def test_a_first_draft_that_waits_follows_the_status(world: World, folder: Path) -> None:
    async with world.bot():
        channel = await world.declared()
        (old,) = world.posts(channel, "Draft for customers")
        await world.incident("ana", "update Still looking", channel)
        await world.quiet()
        assert world.posts(channel, "Draft for customers") == [old], "nothing new to say"
        await world.incident("ana", "status monitoring", channel)
        await world.quiet()
        (draft,) = world.posts(channel, "Draft for customers")
        said = world.text(draft)
        assert "Status: Monitoring" in said and "currently experiencing" not in said
        assert world.posts(channel, "overtaken by what came later")
        await published(world, channel)
        (incident,) = read(folder, "incidents.json")["incidents"]
        assert incident["status"] == "monitoring" and len(incident["incident_updates"]) == 1


async def test_a_status_that_is_chosen_after_the_text_was_drawn_has_to_fit_it(
    world: World, folder: Path
) -> None:
    async with world.bot():
        channel = await world.declared()
        await world.incident("ana", "update", channel)
        form = await ticked(world, "ana")
        sent = given(update_text="Fix is out", status="monitoring")
        answer = await world.slack.people.submit("ana", form, sent)
        assert "does not fit the status, monitoring" in answer.body
        assert not world.posts(channel, "Fix is out") and not folder.exists()
