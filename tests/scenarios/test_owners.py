"""Who does an item of the checklist, and until when: set by a form, told once, shown where people look."""

import json
from typing import Any

from sandbox.slack import WorkspaceMessage, WorkspaceView
from tests.scenarios.conftest import World

ROOT_CAUSE = 5


async def resolved(world: World, words: str = "declare p3 Search is slow") -> str:
    """A resolved incident's channel."""
    channel = await world.declared(words)
    await world.incident("ana", "resolve", channel)
    form = await world.form("ana")
    assert (await world.slack.people.submit("ana", form, {"resolution": {"resolution": "Rolled back"}})).ok
    await world.quiet()
    return channel


def checklist(world: World, channel: str) -> WorkspaceMessage:
    (found,) = world.posts(channel, "Post-incident checklist")
    return found


async def opened(world: World, channel: str, position: int = ROOT_CAUSE, who: str = "ana") -> WorkspaceView:
    """The form for one item, by the small menu beside it."""
    found = checklist(world, channel)
    menus = [
        each for block in found.blocks for each in block.get("elements", ()) if each.get("type") == "overflow"
    ]
    number = world.looking.rows("select max(number) as n from incident")[0]["n"]
    value = f"{number}|{position}"
    menu = next(each for each in menus if value in {choice["value"] for choice in each["options"]})
    await world.slack.people.click(who, found, menu["action_id"], value=value)
    return await world.form(who)


def given(world: World, owner: str | None = "bruno", due: str | None = "2026-12-24") -> dict[str, Any]:
    person = world.slack.person(owner).id if owner else None
    return {"owner": {"owner": person}, "due": {"due": due}}


async def test_an_item_gets_an_owner_and_a_day_and_everybody_sees_them(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        form = await opened(world, channel)
        assert "Document root cause" in json.dumps(form.payload)
        assert (await world.slack.people.submit("ana", form, given(world))).ok
        await world.quiet()
        line = "☐ Document root cause  · owner @Bruno Keller, due 24 Dec 2026"
        assert line in world.text(checklist(world, channel))
        (told,) = world.slack.direct_messages("bruno")
        assert "You own an item of INC-1's checklist: Document root cause, due 24 Dec 2026." in world.text(
            told
        )
        assert world.slack.person("bruno").id in world.slack.channel(channel).members
        await world.incident("ana", "timeline", channel)
        assert "set the owner of “Document root cause”: @Bruno Keller, due 24 Dec 2026" in world.heard("ana")
        await world.slack.people.open_home("bruno")
        await world.until(
            lambda: "Yours to do" in json.dumps(getattr(world.slack.home("bruno"), "payload", {}))
        )
        home = json.dumps(getattr(world.slack.home("bruno"), "payload", {}))
        assert "Document root cause" in home and "due 24 Dec 2026" in home and "INC-1" in home
        await world.slack.people.click("bruno", checklist(world, channel), f"set_item:{ROOT_CAUSE}")
        await world.quiet()
        await world.slack.people.open_home("bruno")
        await world.until(
            lambda: "Yours to do" not in json.dumps(getattr(world.slack.home("bruno"), "payload", {}))
        )


async def test_the_owner_is_told_once_however_often_it_is_set(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        for owner, due in (("bruno", "2026-12-24"), ("bruno", "2026-12-25"), (None, None), ("bruno", None)):
            form = await opened(world, channel)
            assert (await world.slack.people.submit("ana", form, given(world, owner, due))).ok
            await world.quiet()
        assert len(world.slack.direct_messages("bruno")) == 1
        assert "☐ Document root cause  · owner @Bruno Keller" in world.text(checklist(world, channel))
        form = await opened(world, channel)
        assert (await world.slack.people.submit("ana", form, given(world, "chidi", None))).ok
        await world.quiet()
        assert len(world.slack.direct_messages("chidi")) == 1
        assert len(world.slack.direct_messages("bruno")) == 1


async def test_who_takes_an_item_themselves_needs_no_message(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        form = await opened(world, channel, who="chidi")
        assert (await world.slack.people.submit("chidi", form, given(world, "chidi", None))).ok
        await world.quiet()
        assert "owner @Chidi Okafor" in world.text(checklist(world, channel))
        assert world.slack.direct_messages("chidi") == []


async def test_the_form_has_what_is_set_and_an_emptied_field_takes_it_back(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        assert (await world.slack.people.submit("ana", await opened(world, channel), given(world))).ok
        await world.quiet()
        form = await opened(world, channel)
        assert world.slack.person("bruno").id in json.dumps(form.payload)
        assert "2026-12-24" in json.dumps(form.payload)
        assert (await world.slack.people.submit("ana", form, given(world, None, "2026-12-24"))).ok
        await world.quiet()
        assert "☐ Document root cause  · due 24 Dec 2026" in world.text(checklist(world, channel))
        await world.incident("ana", "timeline", channel)
        assert "“Document root cause”: nobody (was: @Bruno Keller), due 24 Dec 2026" in world.heard("ana")


async def test_a_bot_cannot_own_an_item_and_the_form_says_why(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        form = await opened(world, channel)
        await world.slack.people.submit("ana", form, given(world, "statusbot"))
        assert "is a bot" in form.errors["owner"]
        assert world.looking.rows("select * from item_owner") == []


async def test_owners_stay_through_a_reopening_and_a_closed_checklist_is_left_alone(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        assert (await world.slack.people.submit("ana", await opened(world, channel), given(world))).ok
        await world.quiet()
        late = await opened(world, channel)
        await world.incident("ana", "close anyway it is small", channel)
        await world.quiet()
        await world.slack.people.submit("ana", late, given(world, "chidi"))
        assert "Its checklist stays as it is" in late.errors["owner"]
        await world.slack.people.close(late)
        await world.incident("ana", "reopen INC-1", "general")
        await world.incident("ana", "resolve INC-1", "general")
        form = await world.form("ana")
        await world.slack.people.submit("ana", form, {"resolution": {"resolution": "Again"}})
        await world.quiet()
        assert "owner @Bruno Keller" in world.text(world.posts(channel, "Post-incident checklist")[-1])


async def test_an_owner_sees_the_private_incident_whose_item_it_is(world: World) -> None:
    async with world.bot():
        channel = await resolved(world, "declare private p3 Search is slow")
        assert (
            await world.slack.people.submit("ana", await opened(world, channel), given(world, "bruno"))
        ).ok
        await world.quiet()
        await world.incident("bruno", "timeline INC-1", "general")
        assert "Document root cause" in world.heard("bruno")
        await world.slack.people.open_home("chidi")
        await world.until(lambda: world.slack.home("chidi"))
        assert "Document root cause" not in json.dumps(getattr(world.slack.home("chidi"), "payload", {}))
