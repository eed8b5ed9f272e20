"""A database that was used for years: what is asked for each command finds its rows, and what is over is pruned."""

import json
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import ClientCursor

from bot import services
from bot.adapters.database import PostgresStore
from bot.adapters.database.sql_loader import SQL
from bot.domain.effects import AnnounceIncident, EnsureIncidentsChannel, PostAlert, RefreshAlert
from bot.domain.incident import NewIncident
from bot.domain.results import RefusedResult
from bot.ports import MessageRef
from bot.services import ServiceContext, UserRequest
from tests.desks import opened_desk
from tests.looking import Looking

MANY = """
insert into edition (sha, source, text) values ('sha', 'x', '# x') on conflict do nothing;
insert into incident (title, severity, commander, declared_by, edition, status)
select 'x', 'P3', 'U' || n % 400, 'U1', 'sha',
       case when n % 50 = 0 then 'investigating' when n % 9 = 0 then 'resolved' else 'closed' end
from generate_series(1, 20000) n;
insert into page (incident, person, contact) select number, 'U' || number % 397, 'CTO' from incident;
insert into checklist_item (incident, position, within, text, line, due_at)
select number, 0, '1 day', 'x', 1, now() from incident where status = 'resolved';
insert into outbox (key, lane, urgency, coalesces, kind, payload, incident, state, settled_at)
select 'x' || n, 'x' || n, 5, false, 'SetTopic', '{}', n % 20000 + 1,
       case when n % 5000 = 0 then 'dead' else 'sent' end, now() from generate_series(1, 60000) n;
analyze
"""


@pytest.mark.parametrize(
    ("statement", "values", "indexes"),
    [
        ("waiting_for", {"person": "U7", "limit": 6}, ("incident_resolved_of",)),
        ("open_incidents_of", {"person": "U7", "limit": 3}, ("incident_open_of", "page_of_person")),
        ("undelivered", {"limit": 500}, ("outbox_undelivered",)),
    ],
)
def test_the_plan_uses_the_indexes(
    database: str, statement: str, values: dict[str, object], indexes: tuple[str, ...]
) -> None:
    with psycopg.connect(database, cursor_factory=ClientCursor) as connection:
        connection.execute("set search_path to tocsin")
        for part in MANY.split(";"):
            connection.execute(part.encode())
        (plan,) = connection.execute(b"explain (format json) " + SQL[statement], values).fetchone() or ({},)
    text = json.dumps(plan)
    for index in indexes:
        assert index in text, text
    assert '"Seq Scan"' not in text, text


@pytest.fixture
async def desk(database: str) -> AsyncIterator[ServiceContext]:
    async with opened_desk(database) as desk:
        yield desk


@pytest.fixture
def looking(database: str) -> Looking:
    return Looking(database)


async def ended(desk: ServiceContext, looking: Looking, status: str, ago: str) -> int:
    """An incident that stands so since so long, with its messages delivered then."""
    async with desk.store.transaction() as tx:
        new = NewIncident("API is down", "P0", "U1", desk.runbook_versions.current.sha, None)
        number = (await tx.insert_incident(new)).number
        await tx.enqueue([PostAlert(incident=number), RefreshAlert(incident=number, change="x")])
        await tx.enqueue([AnnounceIncident(incident=number, channel_name="incident-response")])
        await tx.enqueue([EnsureIncidentsChannel(name="incident-response")])
    while rows := await desk.store.claim(10):
        for row in rows:
            async with desk.store.mark_sent(row, MessageRef(f"C{number}", f"1.{row.id}")):
                pass
    over = {"closed": "closed_at", "monitoring": "declared_at"}.get(status, "resolved_at")
    when = f"update incident set status = %s, {over} = now() - %s::interval where number = %s"
    looking.rows(when, status, ago, number)
    looking.rows("update outbox set settled_at = settled_at - %s::interval where incident = %s", ago, number)
    return number


@pytest.mark.parametrize(
    ("status", "ago", "is_pruned"),
    [
        ("closed", "91 days", True),
        ("cancelled", "91 days", True),
        ("closed", "89 days", False),
        ("cancelled", "89 days", False),
        ("resolved", "400 days", False),
        ("monitoring", "400 days", False),
    ],
)
async def test_rows_of_what_is_over_for_good_are_pruned_and_where_its_messages_stand_is_known_still(
    desk: ServiceContext, looking: Looking, status: str, ago: str, is_pruned: bool
) -> None:
    number = await ended(desk, looking, status, ago)
    before = await desk.store.situation(number)
    await desk.store.forget_old_requests()
    left = [row["key"] for row in looking.rows("select key from outbox where incident = %s", number)]
    assert (left == []) is is_pruned, left
    assert looking.rows("select 1 from outbox where incident is null"), "what belongs to no incident stays"
    situation = await desk.store.situation(number)
    assert before is not None and situation is not None
    assert situation.posts == before.posts and situation.post("alert") is not None
    announced = situation.posts[f"announcement:{number}"]
    assert await desk.store.find_incident_in(announced.channel, announced.ts) == number


async def test_what_was_delivered_lately_for_an_incident_that_is_over_for_long_stays(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await ended(desk, looking, "closed", "91 days")
    looking.rows("update outbox set settled_at = now() where key = %s", f"alert:{number}")
    async with desk.store.transaction() as tx:
        await tx.enqueue([RefreshAlert(incident=number, change="not yet")])
    await desk.store.forget_old_requests()
    left = {row["key"] for row in looking.rows("select key from outbox where incident = %s", number)}
    assert left == {f"alert:{number}", f"refresh-alert:{number}:not yet"}


@pytest.mark.parametrize(
    ("status", "ago", "did"),
    [
        ("closed", "89 days", "reopened"),
        ("cancelled", "89 days", "reopened"),
        ("resolved", "400 days", "reopened"),
        ("closed", "91 days", "refused"),
        ("cancelled", "91 days", "refused"),
    ],
)
async def test_what_is_over_for_three_months_is_not_opened_again(
    desk: ServiceContext, looking: Looking, status: str, ago: str, did: str
) -> None:
    number = await ended(desk, looking, status, ago)
    outcome = await services.reopen(desk, UserRequest("again", "U1"), number)
    assert outcome.did == did
    if isinstance(outcome, RefusedResult):
        assert f"INC-{number} has been {status} for more than 90 days" in outcome.sentence


@pytest.mark.parametrize(
    ("key", "days", "stays"),
    [
        ("command:1", 0.9, True),
        ("command:1", 1.1, False),
        ("pagerduty:01ABC", 3, True),
        ("pagerduty:01ABC", 29, True),
        ("pagerduty:01ABC", 31, False),
    ],
)
async def test_a_requests_key_stays_longer_than_its_sender_repeats(
    desk: ServiceContext, looking: Looking, key: str, days: float, stays: bool
) -> None:
    looking.rows(
        "insert into inbound (key, at) values (%s, now() - make_interval(secs => %s))", key, days * 86400
    )
    await desk.store.forget_old_requests()
    assert bool(looking.rows("select 1 from inbound where key = %s", key)) is stays


async def test_nothing_of_ours_is_compiled(
    database: str, looking: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = looking.rows("select current_database() as name")[0]["name"]
    looking.rows(f"alter database {name} set jit = on")
    monkeypatch.setitem(SQL, "place", b"select current_setting('jit') as channel, %(name)s::text")
    monkeypatch.setitem(SQL, "database_now", b"select now(), current_setting('jit') as jit")
    async with PostgresStore(database) as store:
        assert await store.place("x") == "off"
        async with store.transaction() as tx:
            assert (await tx.one("database_now") or {})["jit"] == "off"


@pytest.mark.parametrize("words", ["timeline_entry", "result", "incident cascade", "look cascade"])
def test_what_happened_and_what_was_seen_cannot_be_emptied(database: str, words: str) -> None:
    with psycopg.connect(database) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute(f"truncate tocsin.{words}".encode())
