"""The post-incident review: people write, nothing is replaced, and the document has what was recorded."""

import json
from typing import Any

from sandbox.slack import WorkspaceMessage
from tests.scenarios.conftest import World
from tests.scenarios.test_owners import resolved


def given(**answers: str) -> dict[str, Any]:
    return {question: {question: text} for question, text in answers.items()}


def state(world: World, channel: str) -> WorkspaceMessage:
    (found,) = world.posts(channel, "Review of INC-1")
    return found


async def test_several_people_write_and_everybody_reads_one_document(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        await world.incident("ana", "review", channel)
        form = await world.form("ana")
        assert (await world.slack.people.submit("ana", form, given(summary="A deploy *filled* the pool."))).ok
        await world.quiet()
        assert "Review of INC-1: 1 of 6 questions answered" in world.text(state(world, channel))
        await world.slack.people.click("bruno", state(world, channel), "write_review")
        form = await world.form("bruno")
        assert "A deploy *filled* the pool." in json.dumps(form.payload)
        answers = given(summary="It was v2.3.1.", lucky="It was a Sunday.")
        assert (await world.slack.people.submit("bruno", form, answers)).ok
        await world.incident("ana", "action @bruno by 2099-12-04 Add an index", channel)
        await world.quiet()
        said = world.text(state(world, channel))
        assert "2 of 6 questions answered" in said and "☑ What happened, in two sentences? @Ana" in said
        await world.slack.people.click("chidi", state(world, channel), "show_review")
        await world.until(lambda: "The review of INC-1" in world.heard("chidi"))
        document = world.heard("chidi")
        for line in (
            "# Review of INC-1: Search is slow",
            r"A deploy \*filled\* the pool. (ana,",
            "It was v2.3.1. (bruno,",
            "## Where we were lucky",
            "☐ A1 (prevent): Add an index, owner bruno",
            "Nobody has said yet.",
            "Rolled back",
            "declared P3: Search is slow",
        ):
            assert line in document, (line, document)


async def test_a_review_is_written_when_it_is_over_and_not_empty(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
        await world.incident("ana", "review", channel)
        assert "the review is written when it is resolved" in world.heard("ana")
        await world.incident("ana", "resolve", channel)
        form = await world.form("ana")
        assert (
            await world.slack.people.submit("ana", form, {"resolution": {"resolution": "Rolled back"}})
        ).ok
        await world.quiet()
        await world.incident("ana", "review", channel)
        form = await world.form("ana")
        answer = await world.slack.people.submit("ana", form, given(summary="   "))
        assert "Nothing was written" in answer.body
        assert not world.looking.rows("select 1 from review_answer")


async def test_who_writes_says_which_finding_pointed_at_the_cause(world: World) -> None:
    async with world.bot():
        channel = await resolved(world)
        world.looking.rows(
            "insert into look (incident, number, request, scope, what, ended_at)"
            " values (1, 101, 'r', 'step', 'x', now())"
        )
        world.looking.rows(
            "insert into result (look, place, playbook, line, file, title, kind, runs, verdict, headline, seen_at)"
            " select id, 0, 'p', 9, '', 'Check CPU', 'diagnostic', 'r', 'bad', 'CPU at 97', now()"
            " from look where number = 101"
        )
        await world.incident("ana", "review", channel)
        form = await world.form("ana")
        (menu,) = [block for block in form.payload["blocks"] if block["block_id"] == "finding"]
        none, found = menu["element"]["options"]
        assert none["value"] == "none" and found["text"]["text"] == "Check CPU: CPU at 97"
        assert (await world.slack.people.submit("ana", form, given(finding=found["value"]))).ok
        await world.quiet()
        assert "0 of 6 questions answered" in world.text(state(world, channel))
        assert not world.looking.rows("select 1 from review_answer"), (
            "the version before counts what it finds there"
        )
        await world.slack.people.click("chidi", state(world, channel), "show_review")
        await world.until(lambda: "The finding that pointed at it: CPU at 97" in world.heard("chidi"))
        await world.incident("ana", "stats", channel)
        await world.until(
            lambda: (
                "A finding pointed at the cause in 1 of 1 incident whose review says which."
                in world.heard("ana")
            )
        )
