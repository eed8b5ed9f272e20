"""The same words by the same person within a minute ask first, whichever way they come; nothing is lost by that."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bot import services
from bot.domain.results import DeclaredBeforeResult
from bot.errors import RuleViolation
from bot.services import Declaration, UserRequest
from bot.services.duplicate_declaration import fold_words
from sandbox.slack import DeliveryOptions, Ephemeral, WorkspaceView
from tests.desks import opened_desk
from tests.looking import Looking
from tests.scenarios.asking import fields
from tests.scenarios.conftest import World
from tests.scenarios.tapping import tapped

AGAIN = "was declared by you"
WORDS = "declare p0 API is down"


def numbers(world: World) -> list[int]:
    return [row["number"] for row in world.looking.rows("select number from incident order by number")]


def buttons(shown: Ephemeral | WorkspaceView) -> list[str]:
    """The labels under a question."""
    rows = (block for block in shown.blocks if block["type"] == "actions")
    return [each["text"]["text"] for row in rows for each in row["elements"]]


async def question(world: World, words: str = WORDS, who: str = "ana") -> Ephemeral:
    """What the typist of the same words sees."""
    answer = await world.incident(who, words)
    assert AGAIN in answer.body, answer.body
    return world.slack.ephemerals(who)[-1]


async def test_the_same_words_a_moment_later_ask_first_and_declare_once_when_told_so(world: World) -> None:
    async with world.bot():
        channel = await world.declared()
        asked = await question(world)
        assert f"INC-1 {AGAIN}" in world.text(asked)
        assert buttons(asked) == ["Open INC-1", "Declare another"]
        assert numbers(world) == [1]
        assert [message for message in world.slack.messages(channel) if AGAIN in world.text(message)] == []
        clicks = (world.slack.people.click("ana", asked, "declare_another", as_seen=True) for _ in range(4))
        await asyncio.gather(*clicks)
        await world.until(lambda: "INC-2 is declared" in world.heard("ana"))
        await world.quiet()
        assert numbers(world) == [1, 2]
        rows = world.looking.rows("select severity, title, commander from incident")
        assert rows[0] == rows[1]
        assert len(world.posts("incident-response", "API is down")) == 2


async def test_open_shows_the_one_of_a_moment_ago_and_declares_nothing(world: World) -> None:
    async with world.bot():
        await world.declared()
        asked = await question(world)
        await world.slack.people.click("ana", asked, "open_declared")
        await world.until(lambda: "INCIDENT ALERT" in world.heard("ana"))
        shown = world.slack.ephemerals("ana")[-1]
        assert numbers(world) == [1]
        assert buttons(shown)[-1] == "Declare another"
        await world.slack.people.click("ana", shown, "declare_another")
        await world.until(lambda: numbers(world) == [1, 2])


async def test_words_are_the_same_in_any_case_with_any_marks_and_at_any_severity(world: World) -> None:
    async with world.bot():
        await world.declared()
        for words in (
            "declare P0 api  IS down!!",
            "declare p1 API is down",
            "declare p0 “API” is down.",
            "declare private p0 API is down",
            "p0 API is down",
        ):
            await question(world, words)
            assert numbers(world) == [1], words


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("p0 API is down", "p0 API is down again"),
        ("p0 latency is 15 s", "p0 latency is 1.5 s"),
        ("p0 orders की API", "p0 orders का API"),
        ("p0 queue > 5", "p0 queue < 5"),
        ("p0 🔥", "p0 💧"),
    ],
)
async def test_other_words_are_another_incident_at_once(world: World, first: str, second: str) -> None:
    async with world.bot():
        for words in (first, second):
            assert "is declared" in (await world.incident("ana", f"declare {words}")).body
        assert numbers(world) == [1, 2]


async def test_another_person_a_minute_later_an_incident_that_is_over_and_a_drill_before_do_not_ask(
    world: World,
) -> None:
    async with world.bot():
        await world.incident("ana", "drill p0 API is down")
        await world.incident("ana", WORDS)
        await world.incident("bruno", WORDS)
        assert numbers(world) == [1, 2, 3]
        await world.cancel("ana", "INC-2")
        await world.until(lambda: world.looking.rows("select 1 from incident where status = 'cancelled'"))
        await world.incident("ana", WORDS)
        assert numbers(world) == [1, 2, 3, 4]
        world.looking.calm()
        await world.incident("ana", WORDS)
        assert numbers(world) == [1, 2, 3, 4, 5]


async def test_at_the_same_moment_one_is_declared_and_the_others_ask(world: World) -> None:
    async with world.bot():
        answers = await asyncio.gather(*(world.incident("ana", WORDS) for _ in range(12)))
        assert numbers(world) == [1]
        assert sum(AGAIN in answer.body for answer in answers) == 11


async def test_the_same_request_again_is_answered_as_the_first_time(world: World) -> None:
    async with world.bot(), tapped(world.slack) as tap:
        await world.incident("ana", WORDS)
        first = tap.passed[-1].answer
        assert {answer for _, answer in await tap.again(3)} == {first}
        await world.incident("ana", WORDS)
        asked = tap.passed[-1].answer
        assert AGAIN in asked
        assert {answer for _, answer in await tap.again(3)} == {asked}
        assert numbers(world) == [1]


async def by_form(world: World) -> None:
    await world.incident("ana", "declare p0")
    await world.form("ana")


async def by_severity(world: World) -> None:
    await world.incident("ana", "declare API is down")
    await world.form("ana")


async def by_shortcut(world: World) -> None:
    said = world.slack.people.say("chidi", "general", "API is down")
    await world.slack.people.shortcut("ana", "declare_from_message", said)
    await world.form("ana")


@pytest.mark.parametrize("opened", [by_form, by_severity, by_shortcut])
async def test_a_form_asks_too_and_keeps_all_that_was_written(
    world: World, opened: Callable[[World], Coroutine[Any, Any, None]]
) -> None:
    async with world.bot():
        await world.declared()
        await opened(world)
        form = await world.form("ana")
        given = fields(severity="P0") if opened is by_severity else fields(
            severity="P0", title="API is down", impact="nobody can pay"
        )  # fmt: skip
        assert (await world.slack.people.submit("ana", form, given)).problem == ""
        shown = await world.shown("ana")
        assert AGAIN in world.text(shown)
        assert buttons(shown) == ["Open INC-1", "Declare another"]
        assert numbers(world) == [1]
        await world.slack.people.click("ana", shown, "declare_another")
        await world.until(lambda: numbers(world) == [1, 2])
        if opened is not by_severity:
            impact = world.looking.rows("select impact from incident where number = 2")
            assert impact == [{"impact": "nobody can pay"}]
        if opened is by_shortcut:
            noted = world.looking.rows(
                "select detail from timeline_entry where incident = 2 and kind = 'note_added'"
            )
            assert (noted[0]["detail"]["text"], "archives" in noted[0]["detail"]["link"]) == (
                "API is down", True
            )  # fmt: skip


async def test_the_question_of_a_private_incident_is_for_the_typist_alone(world: World) -> None:
    async with world.bot():
        room = await world.declared("declare private p0 keys leaked")
        before = {each: len(world.slack.messages(each)) for each in ("general", "incident-response", room)}
        asked = await question(world, "declare p0 keys leaked")
        assert "keys leaked" in world.text(asked)
        assert {
            each: len(world.slack.messages(each)) for each in ("general", "incident-response", room)
        } == before
        assert all("keys leaked" not in world.heard(each) for each in ("bruno", "devika", "chidi"))


async def test_the_button_counts_for_five_minutes(world: World) -> None:
    async with world.bot():
        await world.declared()
        asked = await question(world)
        (row,) = world.looking.rows(
            "select key, answer from inbound where answer ->> 'did' = 'declared_before'"
        )
        aged = row["answer"] | {
            "facts": row["answer"]["facts"] | {"at": str(int(row["answer"]["facts"]["at"]) - 301)}
        }
        world.looking.rows("update inbound set answer = %s where key = %s", json.dumps(aged), row["key"])
        await world.slack.people.click("ana", asked, "declare_another")
        await world.until(lambda: "This question is more than 5 minutes old." in world.heard("ana"))
        assert "/incident declare P0 API is down" in world.heard("ana")
        assert numbers(world) == [1]


async def test_a_question_that_came_too_late_is_asked_when_it_is_done_after_all(world: World) -> None:
    async with world.bot():
        await world.declared()
        assert (await world.incident("ana", WORDS, delivery=DeliveryOptions(shifted=-12))).status == 408
        await world.until(lambda: "Not done: " in world.heard("ana"))
        await world.slack.people.click("ana", world.slack.ephemerals("ana")[-1], "do_it_now")
        await world.until(lambda: AGAIN in world.heard("ana"))
        await world.slack.people.click("ana", world.slack.ephemerals("ana")[-1], "declare_another")
        await world.until(lambda: numbers(world) == [1, 2])


async def test_nobody_else_declares_by_a_question_that_was_asked_of_one_person(database: str) -> None:
    async with opened_desk(database) as desk:
        said = Declaration("P0", "API is down")
        await services.declare(desk, UserRequest("first", "U0ANA"), said)
        asked = await services.declare(desk, UserRequest("second", "U0ANA"), said)
        assert isinstance(asked, DeclaredBeforeResult) and (asked.incident, asked.key) == (1, "second")
        with pytest.raises(RuleViolation, match="This question was for somebody else"):
            await services.declare_another(desk, UserRequest("click", "U0BRUNO"), "second")
        with pytest.raises(RuleViolation, match="This question was for somebody else"):
            await services.declare_another(desk, UserRequest("click", "U0ANA"), "first")
        another = [
            await services.declare_another(desk, UserRequest(f"click {n}", "U0ANA"), "second")
            for n in range(3)
        ]
        assert {each.incident for each in another} == {2}
        assert Looking(database).rows("select count(*) as n from incident") == [{"n": 2}]


def test_what_is_nothing_but_marks_is_compared_as_it_stands() -> None:
    assert fold_words("!!!") != fold_words("???")
    assert fold_words("  API—is\tDOWN!! ") == fold_words("api is down")
