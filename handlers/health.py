"""The pages for machines: is it alive, may it be sent traffic, what are its numbers."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from bot.errors import StoreAway
from bot.ports import Store

STALLED_AFTER = 10.0
"""Seconds without a tick after which the bot counts as stuck."""

CLOCK_OFF = 60.0
"""Seconds that clocks may be apart without anybody's noticing."""

UNHEARD = "beyond five minutes Slack's requests are refused, as old ones that somebody sends again"
FOLLOWED = "times that people read and reminders follow the database's"


@dataclass(slots=True)
class Health:
    """How the bot is. `slack` and `scopes` give what is wrong there, empty when nothing is; `channel_name`
    is where incidents are announced; `locked_out` says what is wrong while nothing can be said in Slack,
    `socket` the reason while nothing can come by Socket Mode, `slack_ahead` and `database_ahead` by how many seconds
    their clocks are ahead of this machine's."""

    slack: Callable[[], str] = str
    scopes: str = ""
    draining: bool = False
    channel_name: str = ""
    store: Store | None = None
    last_tick: Callable[[], float] = time.monotonic
    socket: Callable[[], str] = str
    locked_out: Callable[[], str] = str
    slack_ahead: Callable[[], float] = float
    database_ahead: Callable[[], float] = float
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def watch(self, store: Store, last_tick: Callable[[], float]) -> None:
        """From now on the start is over: `last_tick` gives the monotonic time of the last tick."""
        self.store = store
        self.last_tick = last_tick
        seconds = Gauge(
            "tocsin_seconds_since_tick", "Seconds since the scheduler ticked.", registry=self.registry
        )
        seconds.set_function(lambda: time.monotonic() - self.last_tick())

    def clocks(self) -> list[str]:
        """What is wrong with the clocks, in sentences."""
        off = (("Slack", self.slack_ahead(), UNHEARD), ("the database", self.database_ahead(), FOLLOWED))
        return [
            f"this machine's clock is {round(abs(seconds) / 60)} min {'behind' if seconds > 0 else 'ahead of'} "
            f"that of {whose}: {so}. Set it right (NTP)"
            for whose, seconds, so in off
            if abs(seconds) > CLOCK_OFF
        ]

    async def livez(self) -> web.Response:
        """200 while the loop ticks, else 503."""
        stalled = time.monotonic() - self.last_tick()
        if stalled > STALLED_AFTER:
            return web.json_response({"status": "stalled", "seconds": round(stalled)}, status=503)
        return web.json_response({"status": "ok"})

    async def readyz(self) -> web.Response:
        """503 only while starting or draining; 200 with `degraded` and the reasons when something else is away."""
        if self.store is None or self.draining:
            return web.json_response({"status": "starting" if self.store is None else "draining"}, status=503)
        reasons = [reason for reason in (self.slack(), self.scopes, self.socket(), *self.clocks()) if reason]
        if trouble := self.locked_out():
            reasons.append(trouble)
        try:
            if self.channel_name and await self.store.place(self.channel_name) is None:
                reasons.append(f"the channel {self.channel_name} is not there: incidents cannot be announced")
            if why := await self.store.trouble():
                reasons.append(f"the database {why}: nothing can be recorded")
        except StoreAway as away:
            reasons.append(f"the database {away.why}: nothing can be recorded")
        if reasons:
            return web.json_response({"status": "degraded", "reasons": reasons})
        return web.json_response({"status": "ok"})

    async def metrics(self) -> web.Response:
        """Prometheus' text format."""
        return web.Response(
            body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )
