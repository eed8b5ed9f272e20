"""Health endpoints: liveness, readiness and Prometheus metrics."""

import logging
import time
from collections.abc import Callable, Set
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.errors import DatabaseUnavailable
from bot.ports import BotIdentity, Store
from handlers.transport.metrics import BotMetrics
from templates.paging_sentences import describe_empty_channel

log = logging.getLogger(__name__)

STALL_TIMEOUT_S = 10.0
"""Seconds without a tick after which the bot counts as stuck."""

STALL_WARNING_S = 5.0
"""Seconds without a tick after which that is named; a tick takes less, whatever the database does."""

MAX_CLOCK_SKEW_S = 60.0
"""Seconds that clocks may be apart without anybody's noticing."""

RESTORED = "the database was put back from a backup, noticed {at:%H:%M} UTC: "
HELD = "pages of {held} incidents were not sent by themselves, `./tocsin outbox list` has them"
NONE_HELD = "no page was held back"
UNHEARD = "beyond five minutes Slack's requests are refused, as old ones that somebody sends again"
FOLLOWED = "times that people read and reminders follow the database's"


@dataclass(slots=True)
class HealthMonitor:
    """How the bot is. `slack`, `scopes` and `workspace` give what is wrong there, empty when nothing is; `channel_name`
    is where incidents are announced; `locked_out` says what is wrong while nothing can be said in Slack, `passed_over`
    what no running version can do, `socket` the reason while nothing can come by Socket Mode, `slack_ahead` and
    `database_ahead` by how many seconds their clocks are ahead of this machine's."""

    slack: Callable[[], str] = str
    scopes: str = ""
    workspace: str = ""
    draining: bool = False
    channel_name: str = ""
    store: Store | None = None
    last_tick: Callable[[], float] = time.monotonic
    socket: Callable[[], str] = str
    locked_out: Callable[[], str] = str
    passed_over: Callable[[], str] = str
    slack_ahead: Callable[[], float] = float
    database_ahead: Callable[[], float] = float
    database_jumped: Callable[[], float] = float
    telling: BotMetrics = field(default_factory=BotMetrics)

    def watch(self, store: Store, last_tick: Callable[[], float]) -> None:
        """From now on the start is over: `last_tick` gives the monotonic time of the last tick."""
        self.store = store
        self.last_tick = last_tick
        self.telling.last_tick, self.telling.troubles = last_tick, self._count_troubles

    def clocks(self) -> list[str]:
        """What is wrong with the clocks, in sentences."""
        off = (("Slack", self.slack_ahead(), UNHEARD), ("the database", self.database_ahead(), FOLLOWED))
        return [
            f"this machine's clock is {round(abs(seconds) / 60)} min {'behind' if seconds > 0 else 'ahead of'} "
            f"that of {whose}: {so}. Set it right (NTP)"
            for whose, seconds, so in off
            if abs(seconds) > MAX_CLOCK_SKEW_S
        ]

    def check_scopes(self, identity: BotIdentity, required: Set[str]) -> None:
        """Name what the Slack app lacks, here and in the log; nothing where Slack does not say what it has."""
        missing = sorted(required - identity.scopes) if identity.scopes else []
        if missing:
            self.scopes = f"the Slack app lacks the scopes {', '.join(missing)}"
            log.error(
                "%s: add them under OAuth & Permissions (or paste manifest.yml again) and reinstall the app",
                self.scopes,
            )

    async def livez(self) -> web.Response:
        """200 while the loop ticks, else 503."""
        stalled = time.monotonic() - self.last_tick()
        if stalled > STALL_TIMEOUT_S:
            return web.json_response({"status": "stalled", "seconds": round(stalled)}, status=503)
        return web.json_response({"status": "ok"})

    async def readyz(self) -> web.Response:
        """503 only while starting or draining; 200 with `degraded` and the reasons when something else is away."""
        if self.store is None or self.draining:
            return web.json_response({"status": "starting" if self.store is None else "draining"}, status=503)
        reasons = [*self.list_troubles(), *await self._list_store_troubles(self.store)]
        if reasons:
            return web.json_response({"status": "degraded", "reasons": reasons})
        return web.json_response({"status": "ok"})

    def _count_troubles(self) -> dict[str, int]:
        """How much is wrong, by system."""
        return {
            "slack": sum(map(bool, (self.slack(), self.scopes, self.workspace, self.locked_out()))),
            "socket": int(bool(self.socket())),
            "clock": len(self.clocks()) + bool(self.database_jumped()),
            "versions": int(bool(self.passed_over())),
        }

    def list_troubles(self) -> list[str]:
        """What is wrong with Slack, the clocks and the scheduler, in sentences."""
        jumped = self.database_jumped()
        how = "ahead" if jumped > 0 else "back"
        stalled = time.monotonic() - self.last_tick()
        troubles = (
            self.slack(),
            self.scopes,
            self.workspace,
            self.socket(),
            *self.clocks(),
            self.locked_out(),
            self.passed_over(),
            f"the database's clock was set {how} by {abs(jumped):.0f} s: {FOLLOWED}" if jumped else "",
            f"the scheduler has not ticked for {round(stalled)} s: no reminder and no next page"
            if stalled > STALL_WARNING_S
            else "",
        )
        return [trouble for trouble in troubles if trouble]

    async def _list_store_troubles(self, store: Store) -> list[str]:
        """What is wrong with the incidents channel and the database, in sentences."""
        troubles = []
        try:
            if channel_trouble := await self._find_channel_trouble(store):
                troubles.append(channel_trouble)
            if restore := await store.find_recent_restore():
                told = RESTORED + (HELD if restore[1] else NONE_HELD)
                troubles.append(told.format(at=restore[0], held=restore[1]))
            if why := await store.trouble():
                troubles.append(f"the database {why}: nothing can be recorded")
        except DatabaseUnavailable as away:
            troubles.append(f"the database {away.why}: nothing can be recorded")
        return troubles

    async def _find_channel_trouble(self, store: Store) -> str:
        """Why incidents reach nobody in the incidents channel; empty when they do."""
        if not self.channel_name:
            return ""
        if await store.place(self.channel_name) is None:
            return f"the channel {self.channel_name} is not there: incidents cannot be announced"
        if await store.find_member_count(self.channel_name) == 0:
            return describe_empty_channel(self.channel_name)
        return ""

    async def metrics(self) -> web.Response:
        """Prometheus' text format."""
        text = await self.telling.render(self.store)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})
