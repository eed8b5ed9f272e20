"""When an incident is announced: with the way to its channel, and without where that takes long."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import services
from bot.services import Declaration, ServiceContext, UserRequest
from bot.services.effect_results import record_opened_channel
from bot.services.first_pages import ANNOUNCEMENT_DELAY
from tests.desks import opened_desk
from tests.looking import Looking


@pytest.fixture
async def desk(database: str) -> AsyncIterator[ServiceContext]:
    async with opened_desk(database, {"CTO": ("slack:U0CTO",)}) as desk:
        yield desk


@pytest.fixture
def looking(database: str) -> Looking:
    return Looking(database)


async def declare(desk: ServiceContext) -> int:
    outcome = await services.declare(desk, UserRequest("k", "U0ANA"), Declaration("p0", "API is down"))
    assert outcome.incident is not None
    return outcome.incident


async def open_channel(desk: ServiceContext, number: int) -> None:
    async with desk.store.transaction() as tx:
        await record_opened_channel(tx, number, "C0ROOM")


async def test_the_announcement_waits_for_a_moment_and_goes_when_the_channel_is_there(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declare(desk)
    waits = "select not_before - created_at as wait from outbox where kind = 'AnnounceIncident'"
    [row] = looking.rows(waits)
    assert row["wait"] == ANNOUNCEMENT_DELAY < timedelta(seconds=1)
    looking.rows("update outbox set not_before = now() + interval '1 hour' where kind = 'AnnounceIncident'")
    await open_channel(desk, number)
    assert looking.rows("select 1 from outbox where kind = 'AnnounceIncident' and not_before <= now()")
    assert not looking.rows("select 1 from outbox where kind = 'RefreshAnnouncement'"), "nothing to add to it"


async def test_one_that_went_without_the_channel_is_brought_up_to_date(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declare(desk)
    looking.rows("update outbox set settled_at = now(), state = 'sent' where kind = 'AnnounceIncident'")
    await open_channel(desk, number)
    assert looking.rows("select 1 from outbox where kind = 'RefreshAnnouncement'")
