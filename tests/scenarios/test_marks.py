"""What a message or a page carries out there is its own: after a restore nothing of the lost time is taken for it."""

from datetime import timedelta
from pathlib import Path

from bot.adapters.database import PostgresStore
from bot.domain.effects import EnsureIncidentsChannel
from sandbox.pagerduty.api_server import PagerDutyStandIn
from sandbox.slack import make_drop, plan_by_table
from tests.scenarios.backups import backup
from tests.scenarios.conftest import World
from tests.scenarios.duties import asks, paging, shown

OLDER = """
create function tocsin.older() returns trigger language plpgsql as $$ begin new.mark := null; return new; end $$;
create trigger older before insert on tocsin.outbox for each row execute function tocsin.older()
"""
"""Rows as a version writes them that knows of no marks."""

ACKNOWLEDGED = "select acknowledged_at from incident order by number"


async def test_a_page_after_a_restore_is_not_folded_into_the_lost_one_of_the_same_way(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    async with paging(world, duty, tmp_path):
        channel = await world.declared("declare p2 Search is slow")
    with backup(world) as saved:
        async with paging(world, duty, tmp_path):
            await asks(world, "ana", "page cto", channel)
            await world.until(lambda: len(duty.incidents) == 1)
            await world.quiet()
        lost = world.looking.rows("select key from outbox where kind = 'PageContact'")
        saved.put_back()
        async with paging(world, duty, tmp_path):
            await asks(world, "ana", "page cto", channel)
            await world.until(lambda: len(duty.incidents) == 2)
            await world.quiet()
            assert world.looking.rows("select key from outbox where kind = 'PageContact'") == lost
            assert duty.incidents[0].key != duty.incidents[1].key
            # An answer to the lost page answers nothing of now; one to the new page does, and ends it there.
            await duty.answer_phone(duty.incidents[0].key, "PCTO001")
            await world.quiet()
            assert world.looking.rows(ACKNOWLEDGED)[0]["acknowledged_at"] is None
            await duty.answer_phone(duty.incidents[1].key, "PCTO001")
            assert world.looking.rows(ACKNOWLEDGED)[0]["acknowledged_at"] is not None


async def test_after_a_restore_a_message_is_never_found_in_the_lost_one_of_the_same_key(world: World) -> None:
    async with world.bot():
        channel = await world.declared("declare p3 Search is slow")
    with backup(world) as saved:
        async with world.bot():
            await world.incident("ana", "update The lost one", channel)
            await world.quiet()
        saved.put_back()
        async with world.bot():
            world.slack.api.faults = plan_by_table({"chat.postMessage": [make_drop(after_work=False)] * 2})
            await world.incident("ana", "update The new one", channel)
            await world.quiet(20)
            for place in (channel, "incident-response"):
                said = [world.text(post) for post in world.posts(place, "What changed")]
                assert [("The lost one" in each, "The new one" in each) for each in said] == [
                    (True, False),
                    (False, True),
                ]


async def test_a_page_of_an_older_version_keeps_its_key_and_its_answer_is_understood(
    world: World, duty: PagerDutyStandIn, tmp_path: Path
) -> None:
    world.looking.rows(OLDER)
    async with paging(world, duty, tmp_path) as running:
        channel = await world.declared()
        assert duty.incidents[0].key == f"{running.store.installation}:way:1:1"
        await duty.answer_phone(duty.incidents[0].key, "PCTO001")
        assert world.looking.rows(ACKNOWLEDGED)[0]["acknowledged_at"] is not None
        await world.cancel("ana", "", channel)
        await world.until(lambda: duty.incidents[0].status == "resolved")
        assert "could not be ended" not in shown(world, channel)


async def test_what_an_older_version_tried_is_looked_for_as_that_version_marked_it(database: str) -> None:
    async with PostgresStore(database) as store:
        async with store.transaction() as tx:
            await tx.enqueue([EnsureIncidentsChannel(name="incident-response")])
        (row,) = await store.claim(10)
        old = f"{store.installation}:incidents-channel:incident-response"
        assert row.mark != old and row.mark.startswith(f"{store.installation}.")
        await store.put_back(row, timedelta(0), "no answer", True)
        (again,) = await store.claim(10)
        assert again.mark == row.mark
        await store.put_back(again, timedelta(0), "no answer", True)
        # An older version counts its attempt and nothing else.
        async with store._rows() as cursor:
            await cursor.execute("update tocsin.outbox set attempts = attempts + 1")
        (mixed,) = await store.claim(10)
        assert mixed.mark == old == await store.find_mark("incidents-channel:incident-response")
