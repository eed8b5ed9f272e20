"""The outbox worker on a store that loses what the worker holds."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from bot.adapters.database import PostgresStore
from bot.contacts import OnCallSource
from bot.domain.effects import AddBookmark, Effect, PostUpdate, SetTopic
from bot.domain.incident import NewIncident, Situation
from bot.domain.page_provider import CachedCalendar, OnCallResult
from bot.services import RunbookVersions, ServiceContext, build_version
from handlers.outbox.delivery_record import DeliveryOutcome
from handlers.outbox.effect_context import EffectContext
from handlers.outbox.worker import OutboxWorker
from tests.desks import RUNBOOK
from tests.fake_pager import FakePager
from tests.fakes import ME, FakeChat
from tests.scenarios.backups import Backup, backup_of


class RestoredStore(PostgresStore):
    """A store whose database is put back as it stood in `backup`, once, when an incident is read for its effect."""

    backup: Backup | None = None

    async def situation(self, number: int) -> Situation | None:
        if self.backup is not None:
            self.backup.put_back()
            self.backup = None
            while not self.replaced or not self.replica or await self.trouble():
                await self.wait_for_work(0.05)
        return await super().situation(number)


class NobodyOnCall:
    """An on-call lookup that nobody asks."""

    async def on_call(
        self, source: OnCallSource, at: datetime, last: CachedCalendar | None = None
    ) -> OnCallResult:
        raise AssertionError("nobody is looked up here")


@pytest.mark.parametrize(
    "effect",
    [
        SetTopic(incident=1, change="declared"),
        AddBookmark(incident=1),
        PostUpdate(incident=1, update=7),
    ],
    ids=lambda effect: type(effect).__name__,
)
async def test_an_effect_of_what_a_restore_lost_ends_quietly(
    database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, effect: Effect
) -> None:
    chat = FakeChat()
    with backup_of(database) as saved:
        async with RestoredStore(database) as store:
            current = build_version(RUNBOOK, "test")
            desk = ServiceContext(store, RunbookVersions(current, store), "incident-response", {})
            hands = EffectContext(desk, chat, ME, FakePager(), NobodyOnCall())
            async with store.transaction() as tx:
                await tx.save_runbook_version(current.sha, current.source, current.text)
                await tx.insert_incident(NewIncident("API is down", "P0", "U1", current.sha, None))
                await tx.enqueue([effect])
            store.backup = saved
            delivering = asyncio.create_task(OutboxWorker(hands).run())
            async with asyncio.timeout(60):
                while not hands.deliveries.counts.total():
                    await store.wait_for_work(0.05)
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)
            assert await store.list_undelivered(10) == []
    assert f"{effect.key}: given up: a backup was restored" in caplog.text
    assert "failed, error" not in caplog.text
    assert dict(+hands.deliveries.counts) == {DeliveryOutcome.WAITED: 1}
    assert chat.calls == []
