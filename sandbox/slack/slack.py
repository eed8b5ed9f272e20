"""The whole stand-in: starts, listens, goes away, comes back, stops."""

import secrets
from collections.abc import Callable, Iterable
from ipaddress import ip_address

from aiohttp import web

from sandbox.slack.clocks import Clocks
from sandbox.slack.control import build_control_routes
from sandbox.slack.event_delivery import EventSender, HttpTransport
from sandbox.slack.event_subscriptions import is_subscribed
from sandbox.slack.operations import SlackOperations
from sandbox.slack.payloads import build_event_payload
from sandbox.slack.seed_users import seed
from sandbox.slack.socket_mode import SocketTransport, TransportSwitch
from sandbox.slack.tier_limits import RateLimits
from sandbox.slack.users_acting import People
from sandbox.slack.web_api_server import ALL_SCOPES, BODY_AT_MOST, WebApi
from sandbox.slack.workspace import Workspace

AGAIN = (0.0, 60.0, 300.0)


class Slack(SlackOperations):
    """One workspace on one loopback port. Made by `Slack.start`; everything is forgotten at `stop`."""

    _runner: web.AppRunner | None = None
    _site: web.TCPSite | None = None

    @classmethod
    async def start(
        cls,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        scopes: Iterable[str] | None = None,
        events: Iterable[str] = ("channel_created",),
        rate_limits: bool = False,
        clocks: Clocks | None = None,
        acknowledge_within: float = 3.0,
        events_again: tuple[float, ...] = AGAIN,
        also: "Beside | None" = None,
    ) -> "Slack":
        """Listen on `host` (loopback only) and `port` (0: any free one). Raises ValueError, OSError.

        `scopes` of the bot token, all by default; `events` that the app is subscribed to;
        `acknowledge_within` seconds the bot must answer; `events_again` the pauses in seconds;
        `also` makes more routes beside the Web API's.
        """
        refuse_open_host(host)
        workspace = Workspace(clocks or Clocks())
        seed(workspace)
        secret = secrets.token_hex(16)
        api = WebApi(
            workspace, f"xoxb-{secrets.token_hex(12)}", frozenset(ALL_SCOPES if scopes is None else scopes)
        )
        api.limits = RateLimits() if rate_limits else None
        transport = TransportSwitch(
            HttpTransport(secret, workspace.clocks, acknowledge_within),
            SocketTransport(workspace.changes, acknowledge_within),
        )
        api.open_socket = transport.sockets.open
        sender = EventSender(
            transport, lambda event: build_event_payload(workspace, event), frozenset(events), events_again
        )
        sender.pause = workspace.pause
        sender.enabled = lambda: transport.reaches
        sender.after = workspace.changes.touch
        sender.hears = lambda event: is_subscribed(workspace, event, api.scopes)
        workspace.emit = sender.emit
        slack = cls(workspace, api, transport, sender, secret)
        try:
            await slack._listen(host, port, also)
        except OSError:
            await slack.stop()
            raise
        return slack

    async def stop(self) -> None:
        """End every connection, waiting answer and pending event."""
        self.api.stopping.set()
        self.workspace.changes.touch()
        await self.events.close()
        await self._transport.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def go_away(self) -> None:
        """Stop listening and end the connections, as when Slack cannot be reached; the state stays."""
        if self._site is not None and self._runner is not None and self._runner.server is not None:
            await self._site.stop()
            self.sockets.cut()
            await self._runner.server.shutdown(0.01)  # 0 would mean: no limit
            self._site = None

    async def come_back(self) -> None:
        """Listen on the same port again."""
        if self._site is None and self._runner is not None:
            self._site = web.TCPSite(self._runner, self.host, self.port)
            await self._site.start()

    async def _listen(self, host: str, port: int, also: "Beside | None") -> None:
        app = web.Application(client_max_size=BODY_AT_MOST)
        app.add_routes(self.api.routes())
        app.add_routes(self.sockets.routes())
        app.add_routes(build_control_routes(self))
        app.add_routes(also(self) if also else ())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        self._site = web.TCPSite(self._runner, host, port)
        await self._site.start()
        self.host, self.port = host, self._runner.addresses[0][1]
        self.sockets.url = self.workspace.served_at = self.url
        self.people = People(self.workspace, self._transport, self.events, self.url)


Beside = Callable[[Slack], Iterable[web.RouteDef]]
"""Makes routes that are served beside the Web API."""


def refuse_open_host(host: str) -> None:
    """Raises ValueError for an address that other machines could reach."""
    if host != "localhost" and not ip_address(host).is_loopback:
        raise ValueError(f"{host} is not a loopback address: the stand-in serves this machine only")
