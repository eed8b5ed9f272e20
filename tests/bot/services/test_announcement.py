"""When an incident is announced: with the way to its channel, and without where that takes long."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from bot import services
from bot.domain.effects import PageResponder
from bot.services import Declaration, ServiceContext, UserRequest
from bot.services.effect_results import mark_page_accepted, record_opened_channel
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


async def accept_page(desk: ServiceContext, number: int) -> None:
    async with desk.store.transaction() as tx:
        await mark_page_accepted(tx, PageResponder(incident=number, person="U0CTO", contact="CTO"))


Step = Callable[[ServiceContext, int], Awaitable[None]]


@pytest.mark.parametrize(
    ("first", "last"), [(open_channel, accept_page), (accept_page, open_channel)], ids=["channel", "page"]
)
async def test_the_announcement_waits_for_a_moment_and_goes_when_the_channel_is_there_and_people_are_paged(
    desk: ServiceContext, looking: Looking, first: Step, last: Step
) -> None:
    number = await declare(desk)
    waits = "select not_before - created_at as wait from outbox where kind = 'AnnounceIncident'"
    [row] = looking.rows(waits)
    assert row["wait"] == ANNOUNCEMENT_DELAY < timedelta(seconds=1)
    looking.rows("update outbox set not_before = now() + interval '1 hour' where kind = 'AnnounceIncident'")
    due = "select 1 from outbox where kind = 'AnnounceIncident' and not_before <= now()"
    await first(desk, number)
    assert not looking.rows(due)
    await last(desk, number)
    assert looking.rows(due)
    edits = "select 1 from outbox where kind in ('RefreshAnnouncement', 'RefreshAlert')"
    assert not looking.rows(edits), "nothing to add to what has not begun"


async def test_what_went_before_people_were_paged_is_brought_up_to_date(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declare(desk)
    await open_channel(desk, number)
    looking.rows(
        "update outbox set settled_at = now(), state = 'sent' where kind in ('AnnounceIncident', 'PostAlert')"
    )
    await accept_page(desk, number)
    edits = "select kind from outbox where kind in ('RefreshAnnouncement', 'RefreshAlert') order by kind"
    assert [row["kind"] for row in looking.rows(edits)] == ["RefreshAlert", "RefreshAnnouncement"]


async def test_one_that_went_without_the_channel_is_brought_up_to_date(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declare(desk)
    looking.rows("update outbox set settled_at = now(), state = 'sent' where kind = 'AnnounceIncident'")
    await open_channel(desk, number)
    assert looking.rows("select 1 from outbox where kind = 'RefreshAnnouncement'")
