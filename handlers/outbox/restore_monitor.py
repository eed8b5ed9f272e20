"""Detects by the keys of messages in Slack that the database was restored from a backup."""

import asyncio
import logging
import re
import time

from bot.errors import DatabaseUnavailable, SlackCallError, SlackRejected
from bot.ports import Chat
from bot.services import ServiceContext
from bot.services.database_restore import detect_restore

log = logging.getLogger(__name__)

CHECK_INTERVAL_S = 0.2
RETRY_DELAY_S = 1.0
"""Seconds between looks while Slack does not answer."""

PATIENCE_S = 3.0
"""Seconds for which what asks a paging provider waits for Slack to say; a page never waits for longer."""

MAX_PATIENCE_S = 10.0
"""Seconds for which what goes to Slack waits: while Slack does not say, it would hardly take it, and what it has taken
before the restore would be there twice."""

NUMBERED = re.compile(r"(?!(?:runbook|contacts):)[a-z-]+:(\d{1,15})(?=:|$)", re.ASCII)
"""The key of an effect of an incident, with its number; the others have the beginning of a digest there."""


class RestoreMonitor:
    """Looks whenever this replica begins to use the database anew: a restore takes it away for a moment at least."""

    def __init__(self, desk: ServiceContext, chat: Chat) -> None:
        self._desk, self._chat = desk, chat
        self._looked_for = self._waiting_for = self._replaced = 0
        self._since = time.monotonic()

    def may_post(self) -> bool:
        """Whether what is due at Slack may be done."""
        return self.may_act(MAX_PATIENCE_S)

    def may_act(self, patience: float = PATIENCE_S) -> bool:
        """Whether due work may be done: the database was checked, or Slack has not answered for so many seconds."""
        begun = self._desk.store.begun
        if begun == self._looked_for:
            return True
        if begun != self._waiting_for:
            self._waiting_for, self._since = begun, time.monotonic()
        return time.monotonic() - self._since > patience

    async def run(self) -> None:
        """Check whenever there is something to check, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S if await self.check() else RETRY_DELAY_S)

    async def check(self) -> bool:
        """Look, unless that was done. False when neither Slack nor the database could say."""
        store, begun = self._desk.store, self._desk.store.begun
        if begun == self._looked_for:
            return True
        try:
            if store.replaced != self._replaced:  # that much is known without Slack
                replaced = store.replaced
                await self._keep_runbook()
                await detect_restore(store, 0, is_sure=True)
                self._replaced = replaced
            async with asyncio.timeout(PATIENCE_S):
                channel = await store.place(self._desk.channel_name)
                marks = await self._chat.list_message_keys(channel) if channel else ()
        except SlackRejected as refusal:
            log.info("cannot read the incidents channel: %s", refusal)
            marks = ()
        except (SlackCallError, DatabaseUnavailable, TimeoutError):
            return False
        try:
            if highest := max((parse_incident_number(mark, store.installation) for mark in marks), default=0):
                await detect_restore(store, highest)
        except DatabaseUnavailable:
            return False
        self._looked_for = begun
        return True

    async def _keep_runbook(self) -> None:
        """The backup may be older than the runbook in force, with which the next incident is declared."""
        current = self._desk.runbook_versions.current
        async with self._desk.store.transaction() as tx:
            await tx.save_runbook_version(current.sha, current.source, current.text)


def parse_incident_number(mark: str, installation: str) -> int:
    """The number of the incident that a mark of this installation names; 0 for any other."""
    head, _, key = mark.partition(":")
    named = NUMBERED.match(key)
    return int(named[1]) if named and head.partition(".")[0] == installation else 0
