"""The loop that reads at the tracker how the tickets of action items stand."""

import asyncio
import logging
from collections.abc import Callable

from bot.domain.tracker_ticket import ActionTicket
from bot.errors import DatabaseUnavailable
from bot.ports.tracker import Tracker, TrackerAnswerLost, TrackerBusy, TrackerRefused
from bot.services import ServiceContext
from bot.services.action_tickets import claim_due_tickets, record_read

log = logging.getLogger(__name__)

EVERY_S = 5.0
"""Seconds between two looks for tickets that are due to be read."""

AFTER_REFUSAL_S = 60.0
"""Seconds of rest after the tracker refused: somebody has to set the token or its rights right."""


class TicketReader:
    """Runs until it is cancelled. Two replicas never read the same ticket at once."""

    def __init__(
        self, desk: ServiceContext, tracker: Tracker, may_act: Callable[[], bool], every_s: float = EVERY_S
    ) -> None:
        """While `may_act` says no, nothing is read."""
        self._desk, self._tracker, self._may_act, self._every_s = desk, tracker, may_act, every_s
        self._trouble = ""

    async def run(self) -> None:
        """Say at the start what is wrong with the tracker; then read what is due, for ever."""
        await self._examine()
        while True:
            rest = await self.read_due() if self._may_act() else 0.0
            await asyncio.sleep(max(self._every_s, rest))

    async def _examine(self) -> None:
        try:
            why = await self._tracker.examine()
        except (TrackerBusy, TrackerAnswerLost) as away:
            why = str(away)
        if why:
            log.warning("action items cannot go to %s: %s", self._tracker.name, why)
        else:
            log.info("action items go to %s", self._tracker.name)

    async def read_due(self) -> float:
        """One round; gives the seconds for which the tracker is then left alone. What cannot be read now is due again a
        little later; a refusal may be of one ticket only, and the others are read."""
        trouble, rest = "", 0.0
        try:
            for known in await claim_due_tickets(self._desk):
                try:
                    await self._read(known)
                except TrackerRefused as refusal:
                    trouble, rest = str(refusal), AFTER_REFUSAL_S
        except DatabaseUnavailable as away:
            trouble = f"the database {away.why}"
        except TrackerBusy as busy:
            trouble, rest = str(busy), busy.delay.total_seconds()
        except TrackerAnswerLost as lost:
            trouble = str(lost)
        self._say(trouble)
        return rest

    async def _read(self, known: ActionTicket) -> None:
        ticket = await self._tracker.read(known.id)
        async with self._desk.store.transaction() as tx:
            await record_read(self._desk, tx, known, ticket)

    def _say(self, trouble: str) -> None:
        if trouble and self._trouble != trouble:  # once, not at each round
            log.warning("how action items stand at %s is not read: %s", self._tracker.name, trouble)
        self._trouble = trouble
