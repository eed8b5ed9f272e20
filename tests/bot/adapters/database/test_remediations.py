"""Remediations in the database: what is due is claimed once, and what was begun is never begun again."""

import asyncio
from datetime import timedelta

import psycopg
import pytest

from bot.adapters.database import PostgresStore
from bot.domain.incident import Incident, NewIncident
from bot.domain.remediation import Remediation, RemediationKind, RemediationState
from bot.domain.remediation_plan import Plan

LEASE = timedelta(seconds=20)
PLAN = Plan(target="aws:x", title="Roll back", fingerprint={"task definition": "api:42"}, action={"n": 1})


async def declared(store: PostgresStore) -> Incident:
    async with store.transaction() as tx:
        await tx.save_runbook_version("sha", "runbook.md", "# A runbook")
        return await tx.insert_incident(NewIncident("API is down", "P0", "U0ANA", "sha", None))


async def asked(store: PostgresStore, incident: int, key: str = "k1") -> Remediation:
    async with store.transaction() as tx:
        return await tx.add_remediation(
            incident, key, RemediationKind.ECS_ROLLBACK, {"service": "api"}, "U0ANA", reason="it fails"
        )


async def test_a_remediation_is_kept_as_it_was_and_counted_in_its_incident(database: str) -> None:
    async with PostgresStore(database) as store:
        incident = await declared(store)
        first = await asked(store, incident.number)
        second = await asked(store, incident.number, "k2")
        assert (first.number, second.number) == (1, 2)
        assert (first.state, first.parameters, first.reason) == (
            RemediationState.ASKED,
            {"service": "api"},
            "it fails",
        )
        async with store.transaction() as tx:
            await tx.change_remediation(
                first.id, state="proposed", plan=PLAN, target=PLAN.target, expires_at="now"
            )
        found = await store.find_remediation(first.id)
        assert found is not None and found.plan == PLAN
        assert [each.id for each in await store.find_remediations(incident.number)] == [first.id, second.id]
        async with store.transaction() as tx:
            assert await tx.list_expired_remediations(9) == [first.id]
            open_one = await tx.find_open_remediation("aws:x")
            assert open_one is not None and open_one.id == first.id


async def test_what_is_due_is_claimed_by_one_replica_until_its_lease_ends_or_it_dies(database: str) -> None:
    async with PostgresStore(database) as one, PostgresStore(database) as other:
        incident = await declared(one)
        found = await asked(one, incident.number)
        assert [each.id for each in await one.claim_remediations(9, LEASE)] == [found.id]
        assert await other.claim_remediations(9, LEASE) == []
        await one.close()
        # PostgreSQL lets the lock of an ended session go a moment after its connection is closed.
        async with asyncio.timeout(60):
            while not (claimed := await other.claim_remediations(9, LEASE)):
                await asyncio.sleep(0.02)
        assert [each.id for each in claimed] == [found.id]
        await other.release_remediation(found.id, timedelta(0))
        (again,) = await other.claim_remediations(9, LEASE)
        assert again.attempts == 3


async def test_two_that_change_something_never_stand_open_for_one_target(database: str) -> None:
    async with PostgresStore(database) as store:
        incident = await declared(store)
        first, second = await asked(store, incident.number), await asked(store, incident.number, "k2")
        async with store.transaction() as tx:
            await tx.change_remediation(first.id, state="proposed", target="aws:x")
        with pytest.raises(psycopg.errors.UniqueViolation):
            async with store.transaction() as tx:
                await tx.change_remediation(second.id, state="proposed", target="aws:x")
        async with store.transaction() as tx:
            await tx.change_remediation(first.id, state="void", look_at=None)
        async with store.transaction() as tx:
            await tx.change_remediation(second.id, state="proposed", target="aws:x")


@pytest.mark.parametrize("change", [{"state": "approved"}, {"started_at": "now"}, {"started_at": None}])
async def test_the_database_refuses_a_second_beginning(database: str, change: dict[str, object]) -> None:
    async with PostgresStore(database) as store:
        found = await asked(store, (await declared(store)).number)
        async with store.transaction() as tx:
            await tx.change_remediation(found.id, state="executing", started_at="now")
        with pytest.raises(psycopg.errors.RaiseException, match="cannot be begun again"):
            async with store.transaction() as tx:
                await tx.change_remediation(found.id, **change)
        async with store.transaction() as tx:
            await tx.change_remediation(found.id, state="done", settled_at="now")


async def test_the_switch_is_on_until_somebody_moves_it(database: str) -> None:
    async with PostgresStore(database) as store:
        assert (await store.read_remediation_switch()).is_on
        async with store.transaction() as tx:
            await tx.set_remediation_switch(False, "U0ANA", "something is odd")
        switch = await store.read_remediation_switch()
        assert (switch.is_on, switch.person, switch.reason) == (False, "U0ANA", "something is odd")
