"""Very much at once: each P0 rings somebody, nobody is rung without end, and what waits rings by itself."""

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from bot.services import ServiceContext
from bot.services.page_grouping import MAX_DIRECT_PAGES
from bot.workers import scheduler
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack.faults import make_refusal, make_server_error, plan_by_table
from tests.scenarios.asking import KNOWN, contacts
from tests.scenarios.conftest import World
from tests.scenarios.duties import paging, shown, ways
from tests.scenarios.killing import Moment, Point, Theatre, theatre

PEOPLE = ("bruno", "devika", "chidi")
PAGED = f"""
"CTO" = ["slack:U0BRUNO001", "pagerduty:user/PCTO001"]
{KNOWN.split(chr(10), 2)[2]}
"""
"""The same people, the first of them also at PagerDuty."""


def pages(world: World | Theatre, who: str) -> list[str]:
    """The direct messages that called somebody."""
    texts = [world.text(message) for message in world.slack.direct_messages(who)]
    return [each for each in texts if "You're being paged" in each or "You were paged" in each]


def rung(world: World | Theatre, who: str) -> list[int]:
    """The incidents for which somebody was called by a direct message, in that order."""
    return [int(page.split(" for INC-")[1].split(".")[0].split()[0]) for page in pages(world, who)]


def held(world: World | Theatre) -> list[tuple[int, str, int]]:
    """Who waits: (incident, person, incident that it joined)."""
    query = "select incident, person, joined from page where held_until is not null order by incident, person"
    return [(row["incident"], row["person"], row["joined"]) for row in world.looking.rows(query)]


def fewer(world: World, before: list[tuple[int, str, int]]) -> bool:
    """Whether some of these wait no more."""
    return len(held(world)) < len(before)


def later(world: World | Theatre, seconds: int) -> None:
    """Let everything that rings or waits have begun that much earlier."""
    for table, columns in (
        ("page", ("requested_at", "held_until")),
        ("way", ("requested_at", "accepted_at", "due_at")),
        ("held_way", ("held_until",)),
    ):
        moved = ", ".join(f"{column} = {column} - make_interval(secs => {seconds})" for column in columns)
        world.looking.rows(f"update {table} set {moved}")


def paged(world: World) -> bool:
    """Whether nobody is about to be called, or told of it."""
    kinds = ["PageResponder", "PageContact", "RefreshPage", "TellOfFlood", "RefreshFlood"]
    query = "select 1 from outbox where kind = any(%s) and settled_at is null and not_before <= now()"
    return not world.looking.rows(query, kinds)


async def declare(world: World, who: str, *words: str) -> None:
    """One after the other, each until it is recorded: a busy machine answers some too late."""
    for word in words:
        for _ in range(20):
            answer = await world.incident(who, f"declare {word}")
            if "is declared" in answer.body or "was declared by you" in answer.body:
                break
        else:
            raise AssertionError(answer)


def struck_or_rung(stage: Theatre, struck: asyncio.Event) -> bool:
    return struck.is_set() or not held(stage)


async def two(
    world: World, first: str = "declare p1 API is down", second: str = "declare p1 Mail is down"
) -> None:
    """Two incidents, one right after the other."""
    await world.declared(first)
    await world.declared(second)


async def ended(world: World, number: int) -> None:
    await world.incident("ana", f"resolve INC-{number} it is over")
    form = await world.form("ana")
    assert (await world.slack.people.submit("ana", form, {})).ok


async def test_25_p0s_in_a_second_ring_once_each_and_nobody_more_than_8_times(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, contacts=PAGED):
        await world.quiet()
        await declare(world, "ana", *(f"p0 part {n} of the shop is down" for n in range(25)))
        await world.until(partial(paged, world), 60)
        assert len(world.looking.rows("select 1 from incident")) == 25
        # The first page of each rang: the provider of the first contact has one of each.
        await world.until(lambda: len(duty.incidents) == 25)
        assert {each.assignee for each in duty.incidents} == {"PCTO001"}
        assert len({each.title for each in duty.incidents}) == 25
        called = {who: rung(world, who) for who in PEOPLE}
        assert all(len(each) == len(set(each)) <= MAX_DIRECT_PAGES for each in called.values()), called
        # Nothing is lost: who was not rung waits, once.
        waiting = Counter(number for number, _, _ in held(world))
        assert sum(waiting.values()) + sum(map(len, called.values())) == 75
        # Told once, with who declared and how many.
        (told,) = world.posts("incident-response", "declared 25 incidents")
        assert world.text(told).startswith("@Ana") and "INC-1, INC-2" in world.text(told)
        # An answer lets the next one ring, and time all of them, at most eight at once.
        before = len(rung(world, "bruno"))
        await world.incident("bruno", f"ack INC-{rung(world, 'bruno')[-1]}")
        await world.until(lambda: len(rung(world, "bruno")) > before)
        for _ in range(10):
            if not held(world):
                break
            before, was = len(rung(world, "bruno")), held(world)
            later(world, 121)
            await world.until(partial(fewer, world, was))
            await world.until(partial(paged, world), 60)
            assert len(rung(world, "bruno")) - before <= MAX_DIRECT_PAGES
        assert held(world) == []
        numbers = [row["number"] for row in world.looking.rows("select number from incident order by number")]
        assert all(sorted(rung(world, who)) == numbers for who in PEOPLE)
        assert len(duty.incidents) == 25


async def test_without_a_provider_the_next_contact_is_rung_in_place_of_who_has_eight(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await declare(world, "ana", *(f"p0 part {n} of the shop is down" for n in range(18)))
        await world.until(partial(paged, world), 60)
        called = {who: rung(world, who) for who in PEOPLE}
        numbers = [row["number"] for row in world.looking.rows("select number from incident order by number")]
        assert len(numbers) == 18
        assert set().union(*called.values()) == set(numbers)
        assert max(map(len, called.values())) <= MAX_DIRECT_PAGES
        assert sorted(called["bruno"]) == numbers[:8]


async def test_many_by_several_people_are_no_more_direct_messages_either(
    world: World, tmp_path: Path
) -> None:
    people = [world.slack.add_person(f"caller{n}", f"Caller {n}") for n in range(20)]
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await asyncio.gather(
            *(declare(world, each.handle, f"p0 part {n} is down") for n, each in enumerate(people))
        )
        await world.until(partial(paged, world), 60)
        assert len(world.looking.rows("select 1 from incident")) == 20
        assert all(len(rung(world, who)) <= MAX_DIRECT_PAGES for who in PEOPLE)
        assert world.posts("incident-response", "incidents within") == []


async def test_eight_are_no_flood_and_private_ones_and_drills_are_not_told(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await declare(world, "ana", *(f"p2 part {n} is slow" for n in range(8)))
        await declare(world, "ana", *(f"private p2 key {n} leaked" for n in range(10)))
        for number in range(10):
            await world.incident("ana", f"drill p2 rehearsal {number}")
        await world.until(partial(paged, world), 60)
        assert world.posts("incident-response", "incidents within") == []
        await declare(world, "ana", "p2 part 9 is slow")
        await world.until(lambda: world.posts("incident-response", "declared 9 incidents"))
        await declare(world, "ana", "p2 part 10 is slow")
        await world.until(lambda: world.posts("incident-response", "declared 10 incidents"))
        assert len(world.posts("incident-response", "incidents within")) == 1
        assert "leaked" not in shown(world, "incident-response")


async def test_a_further_page_joins_the_unanswered_one_as_a_note_and_is_said(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await world.declared("declare p1 API is down")
        answer = await world.incident("ana", "declare p1 Mail is down")
        await world.quiet()
        assert "On hold until they acknowledge another page: DevOps Lead" in answer.body
        assert "Paged: " not in answer.body, "who is on hold is not paged"
        assert held(world) == [(2, "U0DEVIKA01", 1)]
        (page,) = pages(world, "devika")
        assert "Also paged: P1: Mail is down (INC-2)" in page
        room = world.looking.rows("select channel from incident where number = 2")[0]["channel"]
        assert "DevOps Lead: page on hold" in shown(world, room)
        assert "INC-1" not in "".join(world.text(post) for post in world.posts(room, "page on hold")), (
            "who reads there may not be allowed to see that one"
        )
        assert "DM held until another page is acknowledged" in shown(world, room)
        # Who is not rung is in the room, and not mentioned there.
        assert "U0DEVIKA01" in world.slack.channel(room).members
        assert not [post for post in world.posts(room, "you're being paged") if "Devika" in world.text(post)]


async def test_whose_two_methods_are_held_one_after_the_other_is_said_to_be_on_hold_once(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    lead = '"DevOps Lead" = ["slack:devika@team.example", "pagerduty:service/OPS_KEY"]'
    async with paging(world, duty, tmp_path, lead):
        await world.declared("declare p1 API is down")
        await world.incident("ana", "declare p1 Mail is down")
        await world.quiet()
        assert held(world) == [(2, "U0DEVIKA01", 1)]
        room = world.looking.rows("select channel from incident where number = 2")[0]["channel"]
        assert len(world.posts(room, "DevOps Lead: page on hold")) == 1


async def test_it_rings_when_the_other_is_acknowledged(world: World, tmp_path: Path) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await two(world)
        assert rung(world, "devika") == [1]
        message = world.slack.direct_messages("devika")[-1]
        await world.slack.people.click("devika", message, "acknowledge")
        await world.until(lambda: rung(world, "devika") == [1, 2])
        await world.quiet()
        assert held(world) == []
        assert "Also paged" not in pages(world, "devika")[0]
        room = world.looking.rows("select channel from incident where number = 2")[0]["channel"]
        # The direct message rings; who is reached by it is not mentioned too.
        assert not [said for said in world.posts(room, "you're being paged") if "Devika" in world.text(said)]


@pytest.mark.parametrize("how", ["another answers", "it is resolved", "it is cancelled", "it is milder now"])
async def test_it_rings_when_the_other_rings_nobody_any_more(world: World, tmp_path: Path, how: str) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await two(world)
        match how:
            case "another answers":
                await world.incident("chidi", "ack INC-1")
            case "it is resolved":
                await ended(world, 1)
            case "it is cancelled":
                await world.cancel("ana", "INC-1")
            case _:
                await world.incident("ana", "severity INC-1 p2")
        await world.until(lambda: rung(world, "devika") == [1, 2])


async def test_it_rings_when_two_minutes_are_over_and_not_before(world: World, tmp_path: Path) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await two(world)
        later(world, 100)
        await world.incident("ana", "note INC-2 still here")
        await world.quiet()
        assert rung(world, "devika") == [1]
        later(world, 21)
        await world.until(lambda: rung(world, "devika") == [1, 2])


async def test_a_worse_one_rings_through_and_a_raised_one_rings_at_once(world: World, tmp_path: Path) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await two(world, second="declare p0 Mail is down")
        assert rung(world, "devika") == [1, 2]
        await world.declared("declare p1 Search is down")
        assert held(world) == [(3, "U0DEVIKA01", 2)]
        await world.incident("ana", "severity INC-3 p0")
        await world.until(lambda: 3 in rung(world, "bruno"))
        await world.quiet()
        assert rung(world, "devika") == [1, 2], "the newest of the worst is not answered yet"
        assert held(world) == [(3, "U0CHIDI001", 2), (3, "U0DEVIKA01", 2)]


async def test_what_is_over_before_it_rang_is_dropped_and_said_and_rings_when_it_is_opened_again(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await two(world)
        await ended(world, 2)
        room = world.looking.rows("select channel from incident where number = 2")[0]["channel"]
        await world.until(lambda: "It never rang." in shown(world, room))
        await world.quiet()
        assert "Also paged" not in pages(world, "devika")[0]
        later(world, 300)
        await world.incident("ana", "note INC-1 still here")
        await world.quiet()
        assert rung(world, "devika") == [1]
        assert world.looking.kinds(2).count("page_dropped") + world.looking.kinds(2).count("note_added") >= 1
        await world.incident("ana", "reopen INC-2")
        await world.until(lambda: rung(world, "devika") == [1, 2])


async def test_who_answers_the_one_that_waits_is_not_rung_for_it(world: World, tmp_path: Path) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await two(world)
        await world.incident("devika", "ack INC-2")
        await world.until(lambda: held(world) == [])
        later(world, 300)
        await world.quiet()
        assert rung(world, "devika") == [1]


async def test_a_provider_of_somebody_without_slack_waits_too(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, contacts='"DevOps Lead" = ["pagerduty:user/PDEV001"]'):
        await two(world)
        await world.until(lambda: len(duty.incidents) == 1)
        assert world.looking.rows("select joined from held_way") == [{"joined": 1}]
        note = "Also paged for: INC-2 (P1). It rings once this is acknowledged."
        await world.until(lambda: duty.incidents[0].notes == [note])
        await duty.answer_phone(duty.incidents[0].key, "PDEV001")
        await world.until(lambda: len(duty.incidents) == 2)
        await world.quiet()
        assert world.looking.rows("select 1 from held_way") == []
        await world.declared("declare p1 Search is down")
        later(world, 119)
        assert len(duty.incidents) == 2
        later(world, 2)
        await world.until(lambda: len(duty.incidents) == 3)
        assert ways(world)["pagerduty:user/PDEV001"]["requested_at"] is not None


async def test_a_note_at_the_provider_is_added_once_and_costs_no_page(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path, contacts='"DevOps Lead" = ["pagerduty:user/PDEV001"]'):
        duty.faults = plan_by_table({"note": [make_server_error(after_work=True), make_server_error()]})
        await two(world, second="declare private p1 Payroll was copied")
        await world.until(lambda: any(call.name == "note" for call in duty.calls))
        world.looking.rows("update outbox set not_before = now() where kind = 'NotePage'")
        await world.quiet()
        note = "Also paged for: INC-2 (P1). It rings once this is acknowledged."
        assert duty.incidents[0].notes == [note]
        duty.faults = plan_by_table({"notes": make_refusal("403")})
        await world.declared("declare p1 Search is down")
        for _ in range(2):
            world.looking.rows("update outbox set not_before = now() where kind = 'NotePage'")
            await world.quiet()
        assert duty.incidents[0].notes == [note]
        await duty.answer_phone(duty.incidents[0].key, "PDEV001")
        await world.until(lambda: len(duty.incidents) >= 2)


async def test_a_call_by_name_rings_though_another_page_is_not_answered(world: World, tmp_path: Path) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await world.declared("declare p1 API is down")
        channel = await world.declared("declare p2 Mail is slow")
        assert rung(world, "devika") == [1]
        await world.incident("ana", "page @devika it is urgent", channel)
        await world.until(lambda: rung(world, "devika") == [1, 2])


async def test_what_waits_rings_after_a_restart_by_the_other_replica_and_with_a_clock_that_was_set_back(
    world: World, tmp_path: Path
) -> None:
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await two(world)
    later(world, 121)
    async with world.bot(**contacts(tmp_path, KNOWN)), world.bot(**contacts(tmp_path, KNOWN)):
        await world.until(lambda: rung(world, "devika") == [1, 2])
        await world.quiet()
        await world.declared("declare p1 Search is down")
        assert [number for number, _, _ in held(world)] == [3]
        later(world, -3600)  # as after the database's clock was set back by an hour
        await world.until(lambda: 3 in rung(world, "devika"))
        await world.quiet()
        assert rung(world, "devika") == [1, 2, 3]


async def test_what_nobody_looks_at_goes_out_by_itself_a_little_later(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(desk: ServiceContext) -> int:
        return 0

    monkeypatch.setattr(scheduler, "release_due_pages", nobody)  # as where only the version before runs
    async with world.bot(**contacts(tmp_path, KNOWN)):
        await two(world)
        later(world, 121)
        await world.quiet()
        assert rung(world, "devika") == [1]
        world.looking.rows(
            "update outbox set not_before = not_before - interval '136 seconds'"
            " where kind = 'PageResponder' and settled_at is null"
        )
        await world.until(lambda: rung(world, "devika") == [1, 2])
        await world.quiet()
        assert held(world) == []


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_kill_while_pages_wait_and_while_they_ring_loses_and_doubles_none(
    database: str, tmp_path: Path, moment: Moment
) -> None:
    async with theatre(database, tmp_path) as stage:
        for words in ("declare p0 API is down", "declare p0 Mail is down"):
            assert "is declared" in str(await stage.deliver(stage.typed(stage.slack.person("ana"), words)))
            await stage.until(stage.quiet)
        waiting = [(number, person) for number, person, _ in held(stage)]
        assert {number for number, _ in waiting} == {2} and len(waiting) >= 2
        stage.program.kill()
        await stage.start()
        assert [(number, person) for number, person, _ in held(stage)] == waiting
        for call in (1, 2):
            async with stage.strike(Point(call, moment), stage.program.kill) as struck:
                later(stage, 121)
                await stage.until(partial(struck_or_rung, stage, struck))
            stage.program.kill()
            await stage.start()
        await stage.until(lambda: not held(stage) and stage.quiet())
        for who in ("bruno", "devika", "chidi", "noor"):
            assert sorted(rung(stage, who)) == [1, 2], who
