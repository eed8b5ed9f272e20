"""The incident's life on a real PostgreSQL: each change once, whole, and with the effects that it causes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from bot import services
from bot.domain.incident import EntryKind, Status
from bot.domain.results import (
    AcknowledgedResult,
    DeclaredResult,
    ItemsOpenResult,
    RefusedResult,
    ResolvedAlreadyResult,
)
from bot.errors import DatabaseUnavailable
from bot.services import Declaration, ServiceContext, UserRequest
from tests.desks import opened_desk
from tests.looking import Looking

CONTACTS = {
    "CTO": ("slack:U0CTO",),
    "DevOps Lead": ("slack:dev@example.com",),
    "On-Call Engineer": (),
    "AWS Support": (),
}
DANA, SAM = "U0DANA", "U0SAM"


@pytest.fixture
async def desk(database: str) -> AsyncIterator[ServiceContext]:
    async with opened_desk(database, CONTACTS) as desk:
        yield desk


@pytest.fixture
def looking(database: str) -> Looking:
    return Looking(database)


def asked(key: str, actor: str = DANA) -> UserRequest:
    return UserRequest(key, actor)


async def declared(desk: ServiceContext, key: str = "declare", **said: Any) -> int:
    outcome = await services.declare(
        desk, asked(key), Declaration(**{"severity": "p0", "title": "API is down", **said})
    )
    assert outcome.did == "declared" and outcome.incident is not None
    return outcome.incident


async def test_declaring_writes_the_incident_and_all_that_must_happen_people_first(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declared(desk)
    incident = looking.rows("select * from incident")[0]
    assert (incident["severity"], incident["commander"], incident["status"]) == ("P0", DANA, "investigating")
    assert incident["playbook"] == desk.runbook_versions.current.runbook.playbooks[0].id
    assert incident["next_update_at"] - incident["declared_at"] == timedelta(minutes=15)
    effects = looking.effects()
    assert effects[:4] == [
        f"channel:{number}",
        f"page:{number}:U0CTO",
        f"find:{number}:DevOps Lead:dev@example.com",
        f"alert:{number}",
    ]
    assert {"pin", "invite", "mention", "announcement", "playbook", "bookmark", "topic"} <= {
        e.split(":")[0] for e in effects
    }


async def test_the_same_request_again_gets_the_same_answer_and_changes_nothing(
    desk: ServiceContext, looking: Looking
) -> None:
    said = Declaration("P0", "API is down")
    first = await services.declare(desk, asked("one"), said)
    second = await services.declare(desk, asked("one"), said)
    assert first == second
    assert len(looking.rows("select 1 from incident")) == 1


async def test_an_unknown_severity_is_refused_with_those_there_are_and_stays_refused(
    desk: ServiceContext, looking: Looking
) -> None:
    outcome = await services.declare(desk, asked("one"), Declaration("P9", "x"))
    assert isinstance(outcome, RefusedResult)
    assert "P0, P1, P2, P3" in outcome.sentence
    assert await services.declare(desk, asked("one"), Declaration("P0", "x")) == outcome
    assert looking.rows("select 1 from incident") == []


async def test_a_second_declaration_of_the_same_outage_goes_through_and_names_the_first(
    desk: ServiceContext,
) -> None:
    number = await declared(desk)
    outcome = await services.declare(desk, asked("again", SAM), Declaration("P0", "the API is down!"))
    assert isinstance(outcome, DeclaredResult) and outcome.similar == number


async def test_a_severity_answered_on_the_next_business_day_has_no_clock_and_calls_nobody(
    desk: ServiceContext, looking: Looking
) -> None:
    await declared(desk, severity="P3", title="Typo on a button")
    assert looking.rows("select next_update_at from incident") == [{"next_update_at": None}]
    assert looking.effects("PageResponder") == []


async def test_a_p1_whose_people_have_no_handles_calls_the_channel(
    desk: ServiceContext, looking: Looking
) -> None:
    lonely = ServiceContext(
        desk.store, desk.runbook_versions, desk.channel_name, {"CTO": (), "DevOps Lead": ()}
    )
    await declared(lonely, severity="P1", title="Payments failing")
    detail = looking.rows("select detail from timeline_entry where kind = 'declared'")[0]["detail"]
    assert detail["everyone"] == "nobody else can be reached"


async def test_the_first_acknowledgement_is_measured_and_a_second_click_adds_nothing(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declared(desk)
    first = await services.acknowledge(desk, asked("a", "U0CTO"), number)
    again = await services.acknowledge(desk, asked("b", "U0CTO"), number)
    other = await services.acknowledge(desk, asked("c", SAM), number)
    assert isinstance(first, AcknowledgedResult) and first.target_seconds == 300
    assert (again.did, other.did) == ("acknowledged_already", "acknowledged")
    assert looking.rows("select acknowledged_by from incident") == [{"acknowledged_by": "U0CTO"}]
    assert looking.kinds(number).count("acknowledged") == 2
    assert len(looking.effects("PostNotice")) == 1


async def test_an_update_moves_the_promise_and_the_status(desk: ServiceContext, looking: Looking) -> None:
    number = await declared(desk)
    looking.sooner(14)
    outcome = await services.post_update(desk, asked("u"), number, "Found it.", Status.IDENTIFIED)
    row = looking.rows("select status, next_update_at - now() as left_over, notice_stage from incident")[0]
    assert outcome.did == "updated"
    assert row["status"] == "identified"
    assert timedelta(minutes=14, seconds=50) < row["left_over"] <= timedelta(minutes=15)
    assert len(looking.effects("PostUpdate")) == len(looking.effects("PublishUpdate")) == 1


@pytest.mark.parametrize("text", ["", "   \n"])
async def test_an_update_without_words_is_refused(desk: ServiceContext, text: str, looking: Looking) -> None:
    number = await declared(desk)
    assert (await services.post_update(desk, asked("u"), number, text)).did == "refused"
    assert looking.effects("PostUpdate") == []


async def test_reminders_come_once_for_each_stage_and_then_people_are_called_for_it(
    desk: ServiceContext, looking: Looking
) -> None:
    await declared(desk)
    assert await services.send_due_reminders(desk) == 0
    for minutes in (15, 5, 3, 3, 5, 5):
        looking.sooner(minutes)
        assert await services.send_due_reminders(desk) == 1
        assert await services.send_due_reminders(desk) == 0
    looking.sooner(60)
    assert await services.send_due_reminders(desk) == 0
    assert [key.split(":")[3] for key in looking.effects("RemindOfUpdate")] == ["0", "1", "2"]
    assert len(looking.effects("TellIncidentsChannel")) == 1


async def test_after_an_hour_of_downtime_there_is_one_reminder_that_counts_what_was_missed(
    desk: ServiceContext, looking: Looking
) -> None:
    await declared(desk)
    looking.sooner(15 + 35)
    await services.send_due_reminders(desk)
    payloads = [
        row["payload"] for row in looking.rows("select payload from outbox where kind = 'RemindOfUpdate'")
    ]
    assert [payload["missed"] for payload in payloads] == [3]


@pytest.mark.parametrize(("late", "kept_back"), [(0, 5), (3, 5)], ids=["at once", "three minutes later"])
async def test_a_snooze_counts_from_the_click_once_and_leaves_the_promise(
    desk: ServiceContext, looking: Looking, late: int, kept_back: int
) -> None:
    number = await declared(desk)
    looking.sooner(15)
    await services.send_due_reminders(desk)
    looking.sooner(late)
    before = looking.rows("select next_update_at from incident")[0]
    promised = int(before["next_update_at"].timestamp())
    assert (await services.snooze(desk, asked("s1"), number, promised)).did == "snoozed"
    after = looking.rows("select next_update_at, notice_at, notice_at - now() as ahead from incident")[0]
    assert timedelta(minutes=kept_back, seconds=-30) < after["ahead"] <= timedelta(minutes=kept_back)
    assert after["next_update_at"] == before["next_update_at"]
    assert (await services.snooze(desk, asked("s2"), number, promised)).did == "snoozed_already"


async def test_a_snooze_never_brings_a_reminder_forward(desk: ServiceContext, looking: Looking) -> None:
    number = await declared(desk)
    looking.sooner(15)
    await services.send_due_reminders(desk)
    looking.rows("update incident set notice_at = notice_at + interval '7 minutes'")
    before = looking.rows("select next_update_at, notice_at from incident")[0]
    promised = int(before["next_update_at"].timestamp())
    assert (await services.snooze(desk, asked("s1"), number, promised)).did == "snoozed"
    assert looking.rows("select notice_at from incident")[0]["notice_at"] == before["notice_at"]


async def test_a_draft_is_posted_as_it_was_shown_and_not_after_another_update(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declared(desk)
    await services.acknowledge(desk, asked("a", "U0CTO"), number)
    looking.sooner(15)
    await services.send_due_reminders(desk)
    key = looking.effects("RemindOfUpdate")[0]
    assert (await services.post_draft(desk, asked("p"), number, key)).did == "updated"
    assert looking.rows("select text from status_update") == [{"text": "Acknowledged, people are on it."}]
    assert (await services.post_draft(desk, asked("p2"), number, key)).did == "draft_outdated"


async def test_resolving_makes_the_checklist_once_and_stops_the_clock(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declared(desk)
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert (await services.resolve(desk, asked("r"), number, "Rolled back", "", at)).did == "resolved"
    second = await services.resolve(desk, asked("r2", SAM), number, "Me too", "", None)
    assert isinstance(second, ResolvedAlreadyResult) and second.by == DANA
    items = looking.rows("select within, text from checklist_item order by position")
    assert len(items) == 12
    assert [item["within"] for item in items[3:5]] == [timedelta(hours=1), timedelta(hours=24)]
    looking.sooner(60)
    assert await services.send_due_reminders(desk) == 0
    assert (await services.post_update(desk, asked("u"), number, "late")).did == "refused"


async def test_an_item_is_ticked_once_by_one_person_and_can_be_unticked(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declared(desk)
    await services.resolve(desk, asked("r"), number, "Rolled back", "", None)
    did = [
        (await services.set_item(desk, asked(f"t{i}", actor), number, 0, done)).did
        for i, (actor, done) in enumerate([(DANA, True), (SAM, True), (SAM, False), (SAM, False)])
    ]
    assert did == ["ticked", "ticked_already", "unticked", "unticked_already"]
    assert looking.kinds(number)[-2:] == ["item_ticked", "item_unticked"]


async def test_closing_names_the_open_items_and_closes_anyway_with_a_reason(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declared(desk)
    assert (await services.close(desk, asked("c0"), number)).did == "refused"
    await services.resolve(desk, asked("r"), number, "Rolled back", "", None)
    await services.explain_no_actions(desk, asked("n"), number, "The vendor mended it")
    for position in range(11):
        await services.set_item(desk, asked(f"t{position}"), number, position, True)
    refused = await services.close(desk, asked("c1"), number)
    assert isinstance(refused, ItemsOpenResult) and refused.items == ("Review incident response process",)
    assert (await services.close(desk, asked("c2"), number, anyway="no review needed")).did == "closed"
    assert looking.rows("select status, close_reason from incident") == [
        {"status": "closed", "close_reason": "no review needed"}
    ]


async def test_the_end_of_a_window_brings_up_what_is_open_in_it(
    desk: ServiceContext, looking: Looking
) -> None:
    number = await declared(desk)
    await services.resolve(desk, asked("r"), number, "Rolled back", "", None)
    for position in range(4):
        await services.set_item(desk, asked(f"t{position}"), number, position, True)
    looking.rows("update checklist_window set due_at = due_at - interval '25 hours'")
    assert await services.process_due_windows(desk) == 2
    assert await services.process_due_windows(desk) == 0
    assert looking.effects("RemindOfChecklist") == [f"checklist-reminder:{number}:86400"]


async def test_command_changes_hands_and_the_room_hears_of_it(desk: ServiceContext, looking: Looking) -> None:
    number = await declared(desk)
    assert (await services.lead(desk, asked("l", SAM), number, SAM)).did == "commander_changed"
    assert (await services.lead(desk, asked("l2", SAM), number, SAM)).did == "commander_already"
    assert looking.rows("select commander from incident") == [{"commander": SAM}]
    assert looking.effects("PostNotice")


async def test_the_timeline_cannot_be_rewritten(desk: ServiceContext, looking: Looking) -> None:
    await declared(desk)
    for statement in ("update timeline_entry set actor = 'U0EVIL'", "delete from timeline_entry"):
        with pytest.raises(psycopg.errors.RaiseException, match="cannot be changed"):
            looking.rows(statement)
    assert EntryKind.DECLARED in [row["kind"] for row in looking.rows("select kind from timeline_entry")]


async def test_many_waiting_edits_of_one_message_become_one(desk: ServiceContext, looking: Looking) -> None:
    number = await declared(desk)
    for turn in range(5):
        await services.post_update(desk, asked(f"u{turn}"), number, "still at it")
    assert len(looking.effects("RefreshAlert")) == 1
    assert len(looking.effects("PostUpdate")) == 5


async def test_a_database_that_is_gone_is_said_to_be_away(
    desk: ServiceContext, looking: Looking, database: str
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(database, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"alter database {name} allow_connections false".encode())
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
        )
        with pytest.raises(DatabaseUnavailable):
            await services.declare(desk, asked("x"), Declaration("P0", "API is down"))
        connection.execute(f"alter database {name} allow_connections true".encode())
    assert looking.rows("select 1 from incident") == []
