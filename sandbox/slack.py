"""The whole stand-in: starts, answers, is looked at, stops."""

import secrets
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import TypeVar

from aiohttp import web

from sandbox.clocks import Clocks
from sandbox.control import control_routes
from sandbox.hearing import heard
from sandbox.limits import RateLimits
from sandbox.model import Channel, Ephemeral, Json, Message, User, Usergroup, View
from sandbox.outbound import ONCE, Answer, Delivery, Events, HttpTransport, Kind
from sandbox.payloads import event_payload
from sandbox.people import People
from sandbox.seed import seed
from sandbox.server import ALL_SCOPES, BODY_AT_MOST, WebApi
from sandbox.socket_mode import Chosen, Sockets
from sandbox.workspace import BOT_USER, TEAM, Workspace

Found = TypeVar("Found")
AGAIN = (0.0, 60.0, 300.0)


class Slack:
    """One workspace on one loopback port. Made by `Slack.start`; everything is forgotten at `stop`.

    `api` has the knobs (faults, latency, limits, hooks, scopes, token_error), `people` the acting side,
    `sockets` the connections of Socket Mode.
    """

    def __init__(
        self, workspace: Workspace, api: WebApi, transport: Chosen, events: Events, secret: str
    ) -> None:
        self.workspace, self.api, self.events = workspace, api, events
        self.signing_secret = secret
        self.bot_token = api.token
        self.sockets = transport.sockets
        self.app_token = transport.sockets.app_token
        self.calls = api.calls
        self.host, self.port = "", 0
        self._transport = transport
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self.people: People

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
        transport = Chosen(
            HttpTransport(secret, workspace.clocks, acknowledge_within),
            Sockets(workspace.changes, acknowledge_within),
        )
        api.open_socket = transport.sockets.open
        sender = Events(
            transport, lambda event: event_payload(workspace, event), frozenset(events), events_again
        )
        sender.pause = workspace.pause
        sender.enabled = lambda: transport.reaches
        sender.after = workspace.changes.touch
        sender.hears = lambda event: heard(workspace, event, api.scopes)
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

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once, for whatever waits too: events that were refused come again."""
        self.workspace.clocks.advance(seconds)
        self.workspace.changes.touch()

    async def push(self, kind: Kind, payload: Json, delivery: Delivery = ONCE) -> Answer:
        """Send any payload to the bot, such as one that nobody's action would make."""
        return await self._transport.send(kind, payload, delivery)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def api_url(self) -> str:
        """The base of the Web API, for `SLACK_API_URL` and slack_sdk's `base_url`."""
        return f"{self.url}/api/"

    @property
    def request_url(self) -> str:
        """Where commands, clicks and events go: the bot's `/slack/events`. Empty until it is set."""
        return self._transport.http.request_url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self._transport.http.request_url = url

    @property
    def socket_mode(self) -> bool:
        """The app's switch: whether everything goes over the sockets instead of to `request_url`."""
        return self.sockets.enabled

    @socket_mode.setter
    def socket_mode(self, on: bool) -> None:
        self.sockets.enabled = on

    def cut_sockets(self) -> None:
        """End every socket without a word, as when a cable is pulled."""
        self.sockets.cut()

    async def ask_to_reconnect(self, reason: str = "warning", within: float = 0.2) -> None:
        """Send each socket a `disconnect` frame with `warning` or `refresh_requested`, and close it
        after `within` seconds."""
        await self.sockets.ask_to_reconnect(reason, within)

    def add_person(self, handle: str, name: str, *, title: str = "", tz: str = "UTC", **flags: bool) -> User:
        """Add somebody to the team; `flags` are is_bot, is_restricted, is_stranger, deleted."""
        id = f"U0SAND{self.workspace.next_number():05d}"
        user = User(id, handle, name, f"{handle}@team.example", TEAM, tz, title, **flags)
        self.workspace.users[id] = user
        self.workspace.changes.touch()
        return user

    def add_channel(
        self,
        name: str,
        *,
        members: Iterable[User | str] = (),
        creator: User | str = "ana",
        private: bool = False,
        archived: bool = False,
        ext_shared: bool = False,
        with_bot: bool = False,
    ) -> Channel:
        """Add a channel that somebody else made earlier; no event tells of it."""
        people = [self.people.person(each).id for each in members]
        made_by = self.people.person(creator).id
        bot = [BOT_USER] if with_bot else []
        channel = self.workspace.new_channel(name, made_by, members=[made_by, *people, *bot], private=private)
        channel.is_archived, channel.is_ext_shared = archived, ext_shared
        return channel

    def add_usergroup(self, handle: str, name: str, members: Iterable[User | str]) -> Usergroup:
        people = tuple(self.people.person(each).id for each in members)
        group = Usergroup(f"S0SAND{self.workspace.next_number():05d}", handle, name, people)
        self.workspace.usergroups[group.id] = group
        return group

    def person(self, who: User | str) -> User:
        """By id, handle or e-mail address. Raises CannotType."""
        return self.people.person(who)

    def channel(self, where: Channel | str) -> Channel:
        """By id or name. Raises CannotType."""
        return self.people.channel(where)

    def channels(self, *, of_bot: bool = False) -> list[Channel]:
        """All channels, private and archived ones too; direct messages apart."""
        found = [each for each in self.workspace.channels.values() if not each.is_im and not each.is_mpim]
        return [each for each in found if each.creator == BOT_USER] if of_bot else found

    def messages(self, where: Channel | str, *, of_bot: bool = False) -> list[Message]:
        """The messages of a channel, oldest first: replies and Slack's own lines too, unless `of_bot`."""
        found = list(self.channel(where).messages.values())
        return [each for each in found if each.bot_id] if of_bot else found

    def direct_messages(self, person: User | str) -> list[Message]:
        """What stands in the direct conversation between the bot and somebody, oldest first."""
        direct = self.workspace.direct(BOT_USER, self.person(person).id)
        return list(direct.messages.values()) if direct else []

    def ephemerals(self, person: User | str, where: Channel | str | None = None) -> list[Ephemeral]:
        """What only this person sees, oldest first."""
        reader, place = self.person(person).id, self.channel(where).id if where is not None else None
        return [e for e in self.workspace.ephemerals if e.reader == reader and place in (None, e.channel)]

    def open_view(self, person: User | str) -> View | None:
        """The modal on top of the person's screen."""
        stack = self.workspace.modals.get(self.person(person).id)
        return stack[-1] if stack else None

    def home(self, person: User | str) -> View | None:
        return self.workspace.homes.get(self.person(person).id)

    async def wait_for(self, predicate: Callable[[], Found], timeout: float = 5.0, what: str = "") -> Found:
        """What `predicate` returns once it is true; looked at after every change. Raises TimeoutError."""
        return await self.workspace.changes.wait_for(predicate, timeout, what)

    async def _listen(self, host: str, port: int, also: "Beside | None") -> None:
        app = web.Application(client_max_size=BODY_AT_MOST)
        app.add_routes(self.api.routes())
        app.add_routes(self.sockets.routes())
        app.add_routes(control_routes(self))
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
