"""The loop that claims the looks that were asked for, runs their steps and records each finding as it comes."""

import asyncio
import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace

from bot.errors import StoreAway
from bot.evidence import Asked, Result
from bot.incident import Incident
from bot.lifecycle import Desk, look_begun, title_of
from bot.looking.asking import AskedInVain, Asking
from bot.looking.byhand import by_hand
from bot.looking.plan import Planned, failed
from bot.looking.record import Record
from bot.runbook import Runbook
from bot.settings import value_of
from bot.step import Kind
from diagnostics.charts import Drawer
from diagnostics.finding import Finding

log = logging.getLogger(__name__)

AT_ONCE = 40
"""Looks under way at the same time: what they may ask of a system is limited by the runner, not here."""

POLL = 2.0
"""Seconds between looks for work when nobody says that there is some: for what a dead replica left behind."""

READING, READINGS = 0.25, 20
"""Seconds between looks whether the runbook's commands are understood, and how many: that takes a second after the
start."""

WARM_WITHIN = 3.0
"""Seconds that a look right after the start lets the clients be made first."""

MOST_ATTEMPTS = 3
"""After so many attempts that came to no end the rest of a look is told as a fault of ours."""


class Looking:
    """Runs until it is cancelled. What it was doing then belongs to the next replica that looks."""

    def __init__(self, desk: Desk, asking: Asking) -> None:
        self.asking = asking
        self._desk = desk
        self._drawer = Drawer()
        self._under_way: dict[asyncio.Task[None], int] = {}
        self._warming: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Claim and run, for ever."""
        self._warming = asyncio.create_task(self._warm(), name="warming the diagnostics")
        try:
            while True:
                await self._round()
        finally:
            for task in (*self._under_way, self._warming):
                task.cancel()
            await asyncio.gather(*self._under_way, self._warming, return_exceptions=True)
            await self._drawer.aclose()

    async def _warm(self) -> None:
        """Make ready what the first incident would wait for, and say which keys may do more than look."""
        runbook = await self._now_understood()
        try:
            warnings = await self.asking.warm(runbook)
        except AskedInVain:
            return  # the log has it, and the first look begins anew
        for each in warnings:
            log.warning("%s", each)
        log.info("ready to look at the monitored systems")

    async def _round(self) -> None:
        free = AT_ONCE - len(self._under_way)
        try:
            await self._stop_what_is_over()
            claimed = await self._desk.store.claim_looks(free) if free > 0 else []
        except StoreAway as away:
            log.debug("looks wait: the database %s", away.why)
            claimed = []
        running = set(self._under_way.values())
        for asked in claimed:
            if asked.id in running:
                continue  # it takes longer than its lease, which this has renewed
            task = asyncio.create_task(self._look(asked), name=f"look {asked.id}")
            self._under_way[task] = asked.id
            task.add_done_callback(self._under_way.pop)
        await self._desk.store.wait_for_looks(POLL)

    async def _stop_what_is_over(self) -> None:
        """An incident that ended took its looks along: nobody waits for what they ask any more."""
        if not self._under_way:
            return
        over = await self._desk.store.stopped_looks(self._under_way.values())
        for task, look in self._under_way.items():
            if look in over:
                task.cancel()

    async def _look(self, asked: Asked) -> None:
        try:
            await self._run(asked)
        except StoreAway as away:
            log.warning("look %d: the database %s; it is run again", asked.id, away.why)
        except Exception:
            log.exception("look %d failed, error %s", asked.id, uuid.uuid4().hex[:8])

    async def _run(self, asked: Asked) -> None:
        store = self._desk.store
        situation = await store.situation(asked.incident)
        assert situation is not None
        incident = situation.incident
        runbook = await self._understood(incident)
        async with store.transaction() as work:
            now = await work.now()
        try:
            planned = await self.asking.plan(asked, runbook, now, incident.declared_at)
        except AskedInVain:
            planned = [Planned(failed(_unplanned(asked, runbook)))]
        if asked.attempts > 1:
            known = {each.place: each for each in (await store.look(asked.id)).results if each.verdict}
            planned = [Planned(known[n]) if n in known else each for n, each in enumerate(planned)]
        async with store.transaction() as work:
            is_wanted = await look_begun(work, asked, [each.result for each in planned])
        if not is_wanted:
            return
        record = Record(
            self._desk,
            asked,
            [each.result for each in planned],
            title_of(asked, runbook),
            incident.declared_at,
            self._drawer,
        )
        writing = asyncio.create_task(record.write(), name=f"record of look {asked.id}")
        try:
            if asked.attempts <= MOST_ATTEMPTS:
                await self._ask(asked, planned, record)
            record.close()
            await writing
        finally:
            writing.cancel()

    async def _ask(self, asked: Asked, planned: Sequence[Planned], record: Record) -> None:
        """Ask everything side by side; each finding is recorded when it comes."""
        if (
            self._warming is not None
        ):  # else what is made ready for a start would be counted as the other side's time
            await asyncio.wait({self._warming}, timeout=WARM_WITHIN)
        put = [(each.result.place, each.question) for each in planned if each.question]

        async def hear(at: int, finding: Finding) -> None:
            place, question = put[at]
            command = finding.command or question.command or by_hand(question.action, value_of)
            await record.heard(place, replace(finding, command=command))

        try:
            await self.asking.ask([question for _, question in put], hear)
        except AskedInVain:
            log.error("look %d: what has not answered yet never will", asked.id)

    async def _understood(self, incident: Incident) -> Runbook:
        """The incident's runbook, as soon as its commands are understood: right after the start they are not yet."""
        if incident.edition == self._desk.editions.current.sha:
            await self._now_understood()
        return await self._desk.editions.of(incident)

    async def _now_understood(self) -> Runbook:
        """The runbook in force, as soon as its commands are understood, or after a while as it is."""
        for _ in range(READINGS):
            if _is_understood(self._desk.editions.current.runbook):
                break
            await asyncio.sleep(READING)
        return self._desk.editions.current.runbook


def _unplanned(asked: Asked, runbook: Runbook) -> Result:
    """What stands for all steps of a look of which nothing can be said."""
    playbook = runbook.playbook(asked.what) or next(iter(runbook.playbooks), None)
    id, file, line = (playbook.id, playbook.file, playbook.line) if playbook else ("", "", 1)
    return Result(0, id, line, file, title_of(asked, runbook) or "Every step", Kind.DIAGNOSTIC.value, "")


def _is_understood(runbook: Runbook) -> bool:
    return all(step.meaning is not None for playbook in runbook.playbooks for step in playbook.steps())
