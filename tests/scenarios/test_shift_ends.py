"""Ten minutes before the commander's shift ends, they and who is on call next are told what is open, once."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import RunningBot
from tests.scenarios.conftest import World
from tests.scenarios.killing import theatre

PEOPLE = """[contacts]
"Ana Duarte" = "slack:U0ANA00001"
"Devika Rao" = "slack:U0DEVIKA01"
"Chidi Okafor" = "slack:U0CHIDI001"

[on_call]
"On-Call Engineer" = "calendar:{calendar}"
"""
ENDS = "Your shift ends at "
BEGINS = "You are on call from "


def calendar(*shifts: tuple[str, float, float]) -> str:
    """A calendar of (name, from, to), in minutes from now."""
    now = datetime.now(UTC).replace(microsecond=0)
    events = ""
    for number, (name, begins, ends) in enumerate(shifts):
        first, last = (f"{now + timedelta(minutes=each):%Y%m%dT%H%M%SZ}" for each in (begins, ends))
        times = f"DTSTAMP:{first}\nDTSTART:{first}\nDTEND:{last}\n"
        events += f"BEGIN:VEVENT\nUID:{number}\n{times}SUMMARY:{name}\nEND:VEVENT\n"
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//\n{events}END:VCALENDAR\n".replace("\n", "\r\n")


def on_call(
    world: World, tmp_path: Path, *shifts: tuple[str, float, float]
) -> AbstractAsyncContextManager[RunningBot]:
    """The bot with these shifts."""
    (tmp_path / "oncall.ics").write_text(calendar(*shifts))
    path = tmp_path / "shifts.toml"
    path.write_text(
        PEOPLE.format(calendar=tmp_path / "oncall.ics").replace("U0ANA00001", world.slack.person("ana").id)
    )
    return world.bot(contacts=path)


def cards(world: World, who: str) -> list[str]:
    texts = [world.text(message) for message in world.slack.direct_messages(who)]
    return [each for each in texts if ENDS in each or BEGINS in each]


async def looked(world: World, times: int) -> None:
    """Wait until the schedule was asked so often."""
    asked = "select 1 from outbox where kind = 'FindShift' and state = 'sent'"
    await world.until(lambda: len(world.looking.rows(asked)) >= times)
    await world.quiet()


async def test_both_are_told_what_is_open_and_the_next_takes_command(world: World, tmp_path: Path) -> None:
    async with on_call(world, tmp_path, ("Ana Duarte", -60, 9), ("Devika Rao", 9, 600)):
        channel = await world.declared("declare p1 Payments are failing")
        await world.incident("ana", "update Rolled back to 1.42", channel)
        await looked(world, 1)
        await world.until(lambda: cards(world, "ana") and cards(world, "devika"))
        (mine,), (theirs,) = cards(world, "ana"), cards(world, "devika")
        assert "and you're commander of INC-1." in mine
        assert "@Devika Rao is on call next. I told them and asked them to take command." in mine
        assert "[Take command]" not in mine
        assert "@Ana Duarte is commander of INC-1 until you take command." in theirs
        for text in (mine, theirs):
            for words in (
                "P1: Payments are failing · investigating since",
                "Next update:",
                "nobody yet: deputy, scribe",
            ):
                assert words in text, (words, text)
        world.looking.rows("update shift_look set due_at = now()")
        await looked(world, 2)
        assert (len(cards(world, "ana")), len(cards(world, "devika"))) == (1, 1)
        assert (
            world.looking.rows("select commander from incident")[0]["commander"]
            == world.slack.person("ana").id
        )
        card = next(
            message for message in world.slack.direct_messages("devika") if BEGINS in world.text(message)
        )
        await world.slack.people.click("devika", card, "accept_command")
        await world.quiet()
        assert (
            world.looking.rows("select commander from incident")[0]["commander"]
            == world.slack.person("devika").id
        )
        assert (
            len(
                world.posts(
                    channel, "@Devika Rao is now incident commander. They took command from @Ana Duarte"
                )
            )
            == 1
        )
        await world.quiet()
        assert (len(cards(world, "ana")), len(cards(world, "devika"))) == (1, 1)
        (theirs,) = cards(world, "devika")
        assert "You're commander of INC-1." in theirs and "[Take command]" not in theirs


async def test_not_before_ten_minutes_and_anew_for_the_next_end(world: World, tmp_path: Path) -> None:
    async with on_call(world, tmp_path, ("Ana Duarte", -60, 25), ("Devika Rao", 25, 600)):
        await world.declared("declare p1 Payments are failing")
        await looked(world, 1)
        assert cards(world, "ana") == []
        row = world.looking.rows("select due_at - now() as left from shift_look")[0]
        assert timedelta(minutes=14) < row["left"] <= timedelta(minutes=15)
        (tmp_path / "oncall.ics").write_text(calendar(("Ana Duarte", -60, 9), ("Chidi Okafor", 9, 600)))
        world.looking.rows("update shift_look set due_at = now()")
        await looked(world, 2)
        await world.until(lambda: cards(world, "ana") and cards(world, "chidi"))
        assert cards(world, "devika") == []
        row = world.looking.rows("select due_at - now() as left from shift_look")[0]
        assert timedelta(minutes=9) < row["left"] <= timedelta(minutes=10)


@pytest.mark.parametrize(
    ("shifts", "said"),
    [
        ([("Ana Duarte", -60, 9)], "Nobody is on call next. Hand it over: /incident handover INC-1 @who"),
        (
            [("Ana Duarte", -60, 9), ("Somebody Else", 9, 60)],
            "Somebody Else is on call next, but I can't reach them here.",
        ),
        ([("Ana Duarte", -60, 9), ("Ana Duarte", 9, 60)], ""),
        ([("Devika Rao", -60, 9), ("Chidi Okafor", 9, 60)], ""),
        ([("Ana Duarte", 5, 9)], ""),
    ],
    ids=["nobody next", "unknown next", "they go on", "another's shift", "not on call yet"],
)
async def test_where_nobody_follows_only_the_commander_is_told_and_else_nobody(
    world: World, tmp_path: Path, shifts: list[tuple[str, float, float]], said: str
) -> None:
    async with on_call(world, tmp_path, *shifts):
        await world.declared("declare p1 Payments are failing")
        await looked(world, 1)
        assert [said in card for card in cards(world, "ana")] == ([True] if said else [])
        assert [cards(world, who) for who in ("devika", "chidi")] == [[], []]
        assert world.looking.rows("select offered_to from incident") == [{"offered_to": None}]


async def test_without_a_schedule_nothing_is_looked_at(world: World) -> None:
    async with world.bot():
        await world.declared("declare p1 Payments are failing")
        await world.quiet()
        assert world.looking.rows("select 1 from shift_look") == []
        assert world.looking.rows("select 1 from outbox where kind = 'FindShift'") == []


async def test_of_a_private_one_who_is_no_member_learns_nothing(world: World, tmp_path: Path) -> None:
    async with on_call(world, tmp_path, ("Ana Duarte", -60, 9), ("Chidi Okafor", 9, 600)):
        await world.declared("declare private p3 Payroll was copied")
        await looked(world, 1)
        await world.until(lambda: cards(world, "ana"))
        (mine,) = cards(world, "ana")
        assert "Chidi Okafor is on call next, but I can't reach them here." in mine
        assert not any("Payroll" in world.text(message) for message in world.slack.direct_messages("chidi"))


async def test_a_drill_and_one_that_is_over_are_left_alone(world: World, tmp_path: Path) -> None:
    async with on_call(world, tmp_path, ("Ana Duarte", -60, 9), ("Devika Rao", 9, 600)):
        await world.declared("drill p1 Rehearsal")
        await world.quiet()
        assert world.looking.rows("select 1 from shift_look") == []


@pytest.mark.parametrize("moment", ["before_answer", "after_answer"])
async def test_killed_while_it_is_told_each_is_told_once(database: str, tmp_path: Path, moment: str) -> None:
    (tmp_path / "oncall.ics").write_text(calendar(("Ana Duarte", -60, 9), ("Devika Rao", 9, 600)))
    contacts = PEOPLE.format(calendar=tmp_path / "oncall.ics")
    async with theatre(database, tmp_path, contacts=contacts.replace("{", "{{").replace("}", "}}")) as scene:
        book = tmp_path / "contacts.toml"
        book.write_text(book.read_text().replace("U0ANA00001", scene.slack.person("ana").id))
        scene.program.kill()
        await scene.start()
        struck = asyncio.Event()

        async def hook(number: int, method: str) -> None:
            told = scene.looking.rows(
                "select 1 from outbox where kind = 'TellOfShift' and lease_owner is not null"
            )
            if told and method == "chat.postMessage" and not struck.is_set():
                struck.set()
                scene.program.kill()

        setattr(scene.slack.api, moment, hook)
        await scene.slack.people.command("ana", "general", "/incident", "declare p3 Payments are failing")
        await scene.until(struck.is_set, what="the blow")
        setattr(scene.slack.api, moment, None)
        await scene.start()
        await scene.until(scene.quiet, what="after the kill")
        for who, words in (("ana", ENDS), ("devika", BEGINS)):
            texts = [scene.text(message) for message in scene.slack.direct_messages(who)]
            assert sum(words in each for each in texts) == 1, (who, texts)
