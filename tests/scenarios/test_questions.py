"""What is asked before it is done: a cancellation, and a declaration that may be read in two ways."""

from typing import Any

import pytest

from sandbox.slack import Ephemeral
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World


def status(world: World) -> str:
    """Of the newest incident."""
    return str(world.looking.rows("select status from incident order by number desc limit 1")[0]["status"])


def elements(question: Ephemeral) -> list[Any]:
    """The buttons under a question."""
    return [each for block in question.blocks if block["type"] == "actions" for each in block["elements"]]


async def asked(world: World, words: str, who: str = "ana") -> Ephemeral:
    """The question that a person gets for `/incident cancel`, in the room of the incident."""
    channel = world.looking.rows("select channel from incident order by number desc limit 1")[0]["channel"]
    await world.incident(who, words, channel)
    return world.slack.ephemerals(who)[-1]


async def test_cancelling_asks_the_typist_first_and_does_it_with_the_reason_when_told_so(
    world: World,
) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 API is down")
        question = await asked(world, "cancel the probe | was broken")
        assert "Cancel INC-1: API is down?" in world.text(question)
        assert "the probe | was broken" in world.text(question)
        assert [(element["text"]["text"], element.get("style")) for element in elements(question)] == [
            ("Cancel INC-1", "danger"), ("Keep", None)
        ]  # fmt: skip
        assert status(world) == "investigating"
        assert [
            message for message in world.slack.messages(channel) if "Cancel INC-1" in world.text(message)
        ] == []
        await world.slack.people.click("ana", question, "cancel")
        await world.quiet()
        assert status(world) == "cancelled"
        assert world.posts(channel, "cancelled INC-1: the probe | was broken")
        await world.until(lambda: "/incident reopen INC-1" in world.heard("ana"))
        assert "[Cancel INC-1]" not in "".join(
            world.text(ephemeral) for ephemeral in world.slack.ephemerals("ana")
        )
        await world.incident("ana", "reopen INC-1")
        assert status(world) == "investigating"


async def test_keep_changes_nothing_and_takes_the_question_away(world: World) -> None:
    async with world.bot():
        await world.declared("declare p3 API is down")
        question = await asked(world, "cancel")
        before = world.looking.rows("select id from timeline_entry")
        await world.slack.people.click("ana", question, "keep")
        await world.until(lambda: "INC-1 stays open. Nothing was changed." in world.heard("ana"))
        assert "[Cancel INC-1]" not in "".join(
            world.text(ephemeral) for ephemeral in world.slack.ephemerals("ana")
        )
        assert (status(world), world.looking.rows("select id from timeline_entry")) == (
            "investigating",
            before,
        )


async def test_the_question_is_for_the_typist_and_for_five_minutes(world: World) -> None:
    async with world.bot():
        await world.declared("declare p3 API is down")
        question = await asked(world, "cancel")
        for button in elements(question):
            number, _, at, reason = button["value"].split("|", 3)
            button["value"] = f"{number}|{world.slack.person('bruno').id}|{at}|{reason}"
        await world.slack.people.click("ana", question, "cancel")
        await world.until(lambda: "This question was for somebody else." in world.heard("ana"))
        question = await asked(world, "cancel")
        for button in elements(question):
            number, person, at, reason = button["value"].split("|", 3)
            button["value"] = f"{number}|{person}|{int(at) - 301}|{reason}"
        await world.slack.people.click("ana", question, "cancel")
        await world.until(lambda: "This question is more than 5 minutes old." in world.heard("ana"))
        assert status(world) == "investigating"


async def test_one_that_is_over_meanwhile_is_cancelled_once(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 API is down")
        first, second = await asked(world, "cancel"), await asked(world, "cancel", "bruno")
        await world.slack.people.click("ana", first, "cancel")
        await world.slack.people.click("bruno", second, "cancel")
        await world.quiet()
        assert len(world.posts(channel, "cancelled INC-1")) == 1
        await world.until(lambda: "It is already cancelled." in world.heard("bruno"))
        await world.incident("ana", "cancel", channel)
        assert "INC-1 is already cancelled. Nothing was changed." in world.heard("ana")


async def test_a_reason_that_is_longer_than_a_button_carries_is_cut(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 API is down")
        question = await asked(world, f"cancel {'it was nothing ' * 200}")
        await world.slack.people.click("ana", question, "cancel")
        await world.quiet()
        assert len(world.posts(channel, "cancelled INC-1: it was nothing it was")) == 1


@pytest.mark.parametrize(
    ("words", "title", "ticked"),
    [
        ("declare p3 private network unreachable", "private network unreachable", {"private"}),
        ("declare private key leaked", "private key leaked", {"private"}),
        ("declare Drill: x", "Drill: x", {"drill"}),
        ("declare P3: drill the pumps", "drill the pumps", {"drill"}),
        ("drill private x", "private x", {"private"}),
        ("p3 private network unreachable", "private network unreachable", {"private"}),
    ],
)
async def test_nothing_is_declared_by_an_ambiguity_and_the_form_has_it_ticked(
    world: World, words: str, title: str, ticked: set[str]
) -> None:
    async with world.bot():
        await world.incident("ana", words)
        form = await world.form("ana")
        assert world.looking.rows("select 1 from incident") == []
        values = form.values
        assert values["title"]["title"]["value"] == title
        assert {
            each for each in ("private", "drill") if each in values and values[each][each]["selected_options"]
        } == ticked
        chosen = values["severity"]["severity"]["selected_option"]
        assert (chosen or {}).get("value") == ("P3" if "p3" in words.casefold() else None)
        assert (await world.slack.people.submit("ana", form, fields(severity="P3"))).ok
        await world.quiet()
        (row,) = world.looking.rows("select private, drill, title from incident")
        assert row["private"] == ("private" in ticked)
        assert row["drill"] == ("drill" in ticked or words.startswith("drill"))


async def test_the_box_can_be_cleared(world: World) -> None:
    async with world.bot():
        await world.incident("ana", "declare p3 drill press is broken")
        cleared: dict[str, Any] = {"drill": {"drill": []}}
        assert (await world.slack.people.submit("ana", await world.form("ana"), cleared)).ok
        await world.quiet()
        assert world.looking.rows("select drill, title from incident") == [
            {"drill": False, "title": "drill press is broken"}
        ]


@pytest.mark.parametrize(
    "words", ["declare drill p0 x", "declare drill sev0 x", "drill p0 x", "declare Drill: P0: x"]
)
async def test_a_drill_in_front_of_the_severity_is_one_and_calls_nobody(world: World, words: str) -> None:
    async with world.bot():
        await world.declared(words)
        assert world.looking.rows("select severity, drill, title from incident") == [
            {"severity": "P0", "drill": True, "title": "DRILL: x"}
        ]
        assert not any(world.slack.direct_messages(who) for who in ("bruno", "chidi", "devika"))
