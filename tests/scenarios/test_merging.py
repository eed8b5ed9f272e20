"""Two incidents that are one outage: one is closed into the other, once, and can be taken out again."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import Ephemeral
from tests.scenarios.conftest import World
from tests.scenarios.duties import paging
from tests.scenarios.test_questions import elements


async def two(
    world: World, first: str = "declare p3 Search is slow", second: str = "declare p3 API is down"
) -> list[str]:
    """The channels of INC-1 and INC-2."""
    return [await world.declared(first, "chidi"), await world.declared(second)]


async def asked(world: World, who: str, words: str, channel: str) -> Ephemeral:
    """The question that a person gets."""
    await world.incident(who, words, channel)
    assert "[Merge into INC-2]" in world.heard(who), world.heard(who)
    return world.slack.ephemerals(who)[-1]


def stands(world: World, number: int = 1) -> str:
    return str(world.looking.rows("select status from incident where number = %s", number)[0]["status"])


def told(world: World, number: int) -> list[str]:
    """The kinds of an incident's entries, also those that an older version would not know."""
    query = (
        "select coalesce(newer ->> 'kind', kind) as kind from timeline_entry where incident = %s order by id"
    )
    return [str(row["kind"]) for row in world.looking.rows(query, number)]


def members(world: World, channel: str) -> set[str]:
    return {world.slack.person(member).handle for member in world.slack.channel(channel).members}


async def test_it_asks_the_typist_and_then_says_so_everywhere(world: World) -> None:
    async with world.bot():
        one, other = await two(world)
        await world.incident("devika", "join INC-1")
        await world.quiet()
        question = await asked(world, "bruno", "merge INC-2", one)
        said = world.text(question)
        assert "Merge INC-1: Search is slow" in said
        assert "into INC-2: API is down?" in said
        assert [(element["text"]["text"], element.get("style")) for element in elements(question)] == [
            ("Merge into INC-2", "danger"), ("Keep", None)
        ]  # fmt: skip
        assert stands(world) == "investigating"
        await world.slack.people.click("bruno", question, "merge")
        await world.quiet()
        assert stands(world) == "cancelled"
        assert stands(world, 2) == "investigating"
        await world.until(lambda: "/incident reopen INC-1" in world.heard("bruno"))
        assert len(world.posts(one, "Merged into INC-2: API is down. @Bruno Keller closed INC-1")) == 1
        assert len(world.posts(other, "merged INC-1: Search is slow into INC-2")) == 1
        assert len(world.posts("incident-response", "Merged into INC-2")) == 1
        assert {"chidi", "devika"} <= members(world, other)
        for place in (one, "incident-response"):
            (alert,) = [
                post for post in world.posts(place, "INCIDENT ALERT") if "Search is slow" in world.text(post)
            ]
            assert "INC-1 · merged into INC-2" in world.text(alert)
            assert "[Acknowledge]" not in world.text(alert)
        assert "merged into INC-2" in world.slack.channel(one).topic["value"]
        assert world.posts(one, "Post-incident checklist") == []
        row = world.looking.rows(
            "select notice_at, look_at, ladder, close_reason from incident where number = 1"
        )[0]
        assert (row["notice_at"], row["look_at"], row["close_reason"]) == (None, None, "merged into INC-2")
        await world.incident("ana", "timeline INC-1", "general")
        assert "merged it into INC-2: API is down in #inc-2-api-is-down" in world.heard("ana")
        await world.incident("ana", "timeline INC-2", "general")
        assert "merged into it: INC-1: Search is slow in #inc-1-search-is-slow" in world.heard("ana")
        archive = "update outbox set not_before = now() where kind = 'ArchiveChannel' returning key"
        assert len(world.looking.rows(archive)) == 1
        await world.until(lambda: world.slack.channel(one).is_archived)


async def test_its_pages_end_in_slack_and_at_the_provider_and_nobody_is_called_further(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        one, _ = await two(world, "declare p0 Search is down")
        await world.until(lambda: len(duty.incidents) == 1)
        question = await asked(world, "ana", "merge INC-2", one)
        await world.slack.people.click("ana", question, "merge")
        await world.until(lambda: duty.incidents[0].status == "resolved")
        await world.quiet()
        (page,) = [
            message
            for message in world.slack.direct_messages("bruno")
            if "P0: Search is down" in world.text(message)
        ]
        assert "[Acknowledge]" not in world.text(page)
        assert world.looking.rows("select 1 from incident where number = 1 and look_at is not null") == []


async def test_keep_somebody_else_and_an_old_question_change_nothing(world: World) -> None:
    async with world.bot():
        one, _ = await two(world)
        question = await asked(world, "ana", "merge INC-2", one)
        await world.slack.people.click("ana", question, "keep")
        await world.until(lambda: "INC-1 stays open. Nothing was changed." in world.heard("ana"))
        bruno = world.slack.person("bruno").id
        for wrong, late, said in (
            (bruno, 0, "This question was for somebody else."),
            ("", 301, "/incident merge INC-1 into INC-2"),
        ):
            question = await asked(world, "ana", "merge INC-2", one)
            button: Any = elements(question)[0]
            number, into, person, at = button["value"].split("|")
            button["value"] = f"{number}|{into}|{wrong or person}|{int(at) - late}"
            await world.slack.people.click("ana", question, "merge")
            await world.until(partial(lambda words: words in world.heard("ana"), said))
        assert stands(world) == "investigating"
        assert world.looking.rows("select 1 from merged") == []


async def test_what_cannot_be_merged_is_refused_in_a_sentence(world: World) -> None:
    async with world.bot():
        one, _ = await two(world)
        await world.declared("declare private p3 Payroll was copied", "devika")
        await world.declared("drill p3 Rehearsal", "ana")
        await world.declared("declare p3 It was nothing", "ana")
        await world.cancel("ana", "INC-5 nothing")
        await world.quiet()
        before = world.looking.rows("select number, status from incident order by number")
        for words, where, told in (
            ("merge", one, "Name the other incident: /incident merge INC-7"),
            ("merge INC-1", one, "INC-1 cannot be merged into itself."),
            ("merge INC-2 into INC-2", one, "INC-2 cannot be merged into itself."),
            ("merge INC-5", one, "INC-5 is already cancelled."),
            ("merge INC-5 into INC-2", one, "INC-5 is already cancelled."),
            ("merge INC-99", one, "INC-99 doesn't exist."),
            ("merge INC-99 into INC-1", one, "INC-99 doesn't exist."),
            ("merge INC-4", one, "INC-4 is a drill and INC-1 is not."),
            ("merge INC-2 because it is the same", one, "because it is the same"),
            ("merge INC-1 INC-2 INC-4", one, "Which one do you mean, INC-1 or INC-2?"),
            ("merge INC-2", "general", "/incident merge INC-1 into INC-2"),
        ):
            await world.incident("ana", words, where)
            assert told in world.heard("ana"), (words, world.heard("ana"))
            assert "[Merge" not in world.heard("ana")
        for who, told in (("ana", "INC-3 doesn't exist."), ("devika", "INC-3 is private and INC-1 is not")):
            await world.incident(who, "merge INC-3", one)
            assert told in world.heard(who)
        await world.incident("devika", "merge INC-3 into INC-1")
        assert "INC-3 is private and INC-1 is not" in world.heard("devika")
        await world.incident("gus", "merge INC-2", one)
        assert "[Merge" not in world.heard("gus")
        assert world.looking.rows("select number, status from incident order by number") == before


async def test_elsewhere_both_are_named(world: World) -> None:
    async with world.bot():
        await two(world)
        question = await asked(world, "ana", "merge INC-1 into INC-2", "general")
        await world.slack.people.click("ana", question, "merge")
        await world.quiet()
        assert (stands(world), stands(world, 2)) == ("cancelled", "investigating")


async def test_two_persons_at_once_merge_it_once(world: World) -> None:
    async with world.bot():
        one, other = await two(world)
        first, second = (
            await asked(world, "ana", "merge INC-2", one),
            await asked(world, "bruno", "merge INC-2", one),
        )
        await asyncio.gather(
            world.slack.people.click("ana", first, "merge"),
            world.slack.people.click("bruno", second, "merge"),
        )
        await world.quiet()
        assert len(world.posts(one, "Merged into INC-2")) == 1
        assert len(world.posts(other, "merged INC-1")) == 1
        assert told(world, 1).count("merged") == 1
        await world.until(
            lambda: "INC-1 is already merged into INC-2." in world.heard("ana") + world.heard("bruno")
        )


async def test_two_that_are_merged_into_each_other_at_once_leave_one_open(world: World) -> None:
    async with world.bot():
        one, other = await two(world)
        first = await asked(world, "ana", "merge INC-2", one)
        await world.incident("bruno", "merge INC-1", other)
        second = world.slack.ephemerals("bruno")[-1]
        await asyncio.gather(
            world.slack.people.click("ana", first, "merge"),
            world.slack.people.click("bruno", second, "merge"),
        )
        await world.quiet()
        assert sorted((stands(world), stands(world, 2))) == ["cancelled", "investigating"]


async def test_reopening_takes_it_out_again_and_says_so_in_both(world: World) -> None:
    async with world.bot():
        one, other = await two(world)
        await world.slack.people.click("ana", await asked(world, "ana", "merge INC-2", one), "merge")
        await world.quiet()
        await world.incident("ana", "reopen", one)
        assert "It is no longer part of INC-2." in world.heard("ana")
        await world.quiet()
        assert stands(world) == "investigating"
        assert len(world.posts(one, "reopened INC-1 (was merged into INC-2)")) == 1
        assert (
            len(world.posts(other, "reopened INC-1: Search is slow, so it is no longer part of INC-2")) == 1
        )
        assert "merged into" not in world.text(world.posts(one, "INCIDENT ALERT")[0])
        assert told(world, 2)[-1] == "unmerged"
        assert world.looking.rows("select 1 from merged") == []
        await world.slack.people.click("ana", await asked(world, "ana", "merge INC-2", one), "merge")
        await world.quiet()
        assert stands(world) == "cancelled"


async def test_people_of_a_private_one_are_asked_into_the_other_private_one_and_see_it(world: World) -> None:
    async with world.bot():
        one = await world.declared("declare private p3 Payroll was copied", "devika")
        await world.declared("declare private p3 Salaries were copied", "ana")
        await world.incident("ana", "assign scribe @devika INC-2")
        await world.incident("devika", "assign scribe @chidi INC-1")
        await world.quiet()
        assert "INC-2 doesn't exist" in (await world.incident("chidi", "catchup INC-2")).body
        await world.slack.people.click("devika", await asked(world, "devika", "merge INC-2", one), "merge")
        await world.quiet()
        assert "Salaries" in (await world.incident("chidi", "catchup INC-2")).body
        for words in ("Payroll", "Salaries", "INC-1"):
            assert world.posts("incident-response", words) == []
