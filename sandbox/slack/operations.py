"""What tests, the demo and `/control/` do to the stand-in, and what they read of it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from sandbox.slack.event_delivery import ONCE, BotAnswer, DeliveryOptions, EventSender, Kind
from sandbox.slack.socket_mode import TransportSwitch
from sandbox.slack.users_acting import People
from sandbox.slack.web_api_server import WebApi
from sandbox.slack.workspace import BOT_USER, TEAM, Workspace
from sandbox.slack.workspace_model import (
    Ephemeral,
    Json,
    User,
    Usergroup,
    WorkspaceChannel,
    WorkspaceMessage,
    WorkspaceView,
)

Found = TypeVar("Found")


class SlackOperations:
    """The workspace of a stand-in that runs.

    `api` has the knobs (faults, latency, limits, hooks, scopes, token_error), `people` the acting side,
    `sockets` the connections of Socket Mode.
    """

    def __init__(
        self, workspace: Workspace, api: WebApi, transport: TransportSwitch, events: EventSender, secret: str
    ) -> None:
        self.workspace, self.api, self.events = workspace, api, events
        self.signing_secret = secret
        self.bot_token = api.token
        self.sockets = transport.sockets
        self.app_token = transport.sockets.app_token
        self.calls = api.calls
        self.host, self.port = "", 0
        self._transport = transport
        self.people: People

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass at once, for whatever waits too: events that were refused come again."""
        self.workspace.clocks.advance(seconds)
        self.workspace.changes.touch()

    async def push(self, kind: Kind, payload: Json, delivery: DeliveryOptions = ONCE) -> BotAnswer:
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

    def add_person(self, handle: str, name: str, *, title: str = "", tz: str = "UTC", **more: Any) -> User:
        """Add somebody to the team; `more` are a User's fields from is_bot on."""
        id = f"U0SAND{self.workspace.next_number():05d}"
        email = f"{handle}@team.example"
        user = User(id, handle, name, email, TEAM, tz, title, **more)
        self.workspace.users[id] = user
        self.workspace.changes.touch()
        return user

    def deactivate(self, person: User | str) -> None:
        """Close somebody's account: they stay known, are in no channel's list any more and cannot be invited."""
        who = self.people.person(person)
        self.workspace.users[who.id] = replace(who, deleted=True)
        self.workspace.changes.touch()

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
    ) -> WorkspaceChannel:
        """Add a channel that somebody else made earlier; no event tells of it."""
        people = [self.people.person(member).id for member in members]
        made_by = self.people.person(creator).id
        bot = [BOT_USER] if with_bot else []
        channel = self.workspace.new_channel(name, made_by, members=[made_by, *people, *bot], private=private)
        channel.is_archived, channel.is_ext_shared = archived, ext_shared
        return channel

    def add_usergroup(self, handle: str, name: str, members: Iterable[User | str]) -> Usergroup:
        people = tuple(self.people.person(member).id for member in members)
        group = Usergroup(f"S0SAND{self.workspace.next_number():05d}", handle, name, people)
        self.workspace.usergroups[group.id] = group
        return group

    def person(self, who: User | str) -> User:
        """By id, handle or e-mail address. Raises ImpossibleActionError."""
        return self.people.person(who)

    def channel(self, where: WorkspaceChannel | str) -> WorkspaceChannel:
        """By id or name. Raises ImpossibleActionError."""
        return self.people.channel(where)

    def channels(self, *, of_bot: bool = False) -> list[WorkspaceChannel]:
        """All channels, private and archived ones too; direct messages apart."""
        found = [
            channel
            for channel in self.workspace.channels.values()
            if not channel.is_im and not channel.is_mpim
        ]
        return [channel for channel in found if channel.creator == BOT_USER] if of_bot else found

    def messages(self, where: WorkspaceChannel | str, *, of_bot: bool = False) -> list[WorkspaceMessage]:
        """The messages of a channel, oldest first: replies and Slack's own lines too, unless `of_bot`."""
        found = list(self.channel(where).messages.values())
        return [message for message in found if message.bot_id] if of_bot else found

    def direct_messages(self, person: User | str) -> list[WorkspaceMessage]:
        """What stands in the direct conversation between the bot and somebody, oldest first."""
        direct = self.workspace.direct(BOT_USER, self.person(person).id)
        return list(direct.messages.values()) if direct else []

    def ephemerals(self, person: User | str, where: WorkspaceChannel | str | None = None) -> list[Ephemeral]:
        """What only this person sees, oldest first."""
        reader, place = self.person(person).id, self.channel(where).id if where is not None else None
        return [e for e in self.workspace.ephemerals if e.reader == reader and place in (None, e.channel)]

    def open_view(self, person: User | str) -> WorkspaceView | None:
        """The modal on top of the person's screen."""
        stack = self.workspace.modals.get(self.person(person).id)
        return stack[-1] if stack else None

    def home(self, person: User | str) -> WorkspaceView | None:
        return self.workspace.homes.get(self.person(person).id)

    async def wait_for(self, predicate: Callable[[], Found], timeout: float = 30.0, what: str = "") -> Found:
        """What `predicate` returns once it is true; looked at after every change. Raises TimeoutError."""
        return await self.workspace.changes.wait_for(predicate, timeout, what)
