"""Two Slacks to hold the `Chat` port's contract against: the fake, and SlackChat before the stand-in."""

import html
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.slack import SlackGateway, list_required_scopes
from bot.errors import SlackCallError, SlackOutcomeUnknown, SlackRateLimited
from bot.ports import Chat, MessageRef
from bot.ports.messages import SlackPerson
from sandbox.slack import faults, posting
from sandbox.slack.clocks import Clocks
from sandbox.slack.seed_users import PEOPLE, seed
from sandbox.slack.web_api_server import WebApi
from sandbox.slack.workspace import BOT_USER, TEAM, Workspace
from sandbox.slack.workspace_model import Usergroup
from tests.fakes import FakeChat

TOKEN = "xoxb-of-the-stand-in"
ANA, BRUNO, GUS, STATUSBOT, SASHA = "U0ANA00001", "U0BRUNO001", "U0GUS00001", "U0STATBOT1", "U0SASHA001"
NOBODY = "U0NOBODY01"
GROUP = "S0ONCALL01"

Seen = tuple[str, str, str | None]
"""A message of ours as it stands: its text, its key, and the thread that it is in."""


class World(Protocol):
    """What a test arranges and sees behind the port's back. The people are those of the sandbox's seed."""

    @property
    def chat(self) -> Chat: ...
    def add_people(self, count: int) -> Sequence[str]: ...
    def add_channel(self, name: str, private: bool = False, archived: bool = False) -> str:
        """A channel of Ana's, without the bot."""

    def archive(self, channel: str) -> None: ...
    def forge(self, channel: str, author: str, key: str) -> None:
        """Somebody else's message that carries the metadata of one of ours."""

    def say(self, channel: str, author: str, text: str, thread: str | None = None) -> MessageRef:
        """Somebody writes, as a person types."""

    def delete(self, posted: MessageRef) -> None: ...
    def seen(self, channel: str) -> Sequence[Seen]: ...
    def members(self, channel: str) -> set[str]: ...
    def pinned(self, channel: str) -> Sequence[str]: ...
    def fail_next_post(self, error: type[SlackCallError], done: bool) -> None: ...


class FakeWorld:
    """FakeChat, with the sandbox's people in it."""

    def __init__(self) -> None:
        self.chat = FakeChat(usergroups={GROUP: (ANA, BRUNO)}, handles={GROUP: "oncall"})
        for each in PEOPLE:
            person = SlackPerson(each.id, each.handle, each.is_restricted, each.is_bot, each.is_stranger)
            self.chat.add_person(person, "" if each.is_stranger else each.email)

    def add_people(self, count: int) -> Sequence[str]:
        people = [f"U0CROWD{number:03}" for number in range(count)]
        for person in people:
            self.chat.add_person(SlackPerson(person, person))
        return people

    def add_channel(self, name: str, private: bool = False, archived: bool = False) -> str:
        return self.chat.add_channel(name, ANA, private, archived).id

    def archive(self, channel: str) -> None:
        self.chat.archive_by_hand(channel)

    def forge(self, channel: str, author: str, key: str) -> None:
        self.chat.add_post(channel, author, key, "not ours")

    def say(self, channel: str, author: str, text: str, thread: str | None = None) -> MessageRef:
        return self.chat.add_post(channel, author, "", text, thread)

    def delete(self, posted: MessageRef) -> None:
        self.chat.delete_by_hand(posted)

    def seen(self, channel: str) -> Sequence[Seen]:
        return [(each.message.text, each.key, each.thread) for each in self.chat.posts_in(channel)]

    def members(self, channel: str) -> set[str]:
        return self.chat.members[channel]

    def pinned(self, channel: str) -> Sequence[str]:
        return [pin.ts for pin in self.chat.pins if pin.channel == channel]

    def fail_next_post(self, error: type[SlackCallError], done: bool) -> None:
        self.chat.fail_next(
            "post", SlackRateLimited(1) if error is SlackRateLimited else error("as asked"), done
        )


class StandInWorld:
    """SlackChat, and the stand-in's own state on the other side of the wire."""

    def __init__(self, chat: SlackGateway, api: WebApi) -> None:
        self.chat = chat
        self.api = api
        self.workspace = api.workspace

    def add_people(self, count: int) -> Sequence[str]:
        people = [f"U0CROWD{number:03}" for number in range(count)]
        for person in people:
            self.workspace.users[person] = type(PEOPLE[0])(
                person, person.lower(), person, f"{person}@team.example", TEAM
            )
        return people

    def add_channel(self, name: str, private: bool = False, archived: bool = False) -> str:
        made = self.workspace.new_channel(name, ANA, members=[ANA], private=private)
        made.is_archived = archived
        return made.id

    def archive(self, channel: str) -> None:
        self.workspace.channels[channel].is_archived = True

    def forge(self, channel: str, author: str, key: str) -> None:
        metadata = {"event_type": "tocsin", "event_payload": {"key": key}}
        posting.post(self.workspace, self.workspace.channels[channel], author, "not ours", metadata=metadata)

    def say(self, channel: str, author: str, text: str, thread: str | None = None) -> MessageRef:
        place = self.workspace.channels[channel]
        sent = posting.post(self.workspace, place, author, html.escape(text, quote=False), thread_ts=thread)
        return MessageRef(channel, sent.ts)

    def delete(self, posted: MessageRef) -> None:
        place = self.workspace.channels[posted.channel]
        posting.delete(self.workspace, place, place.messages[posted.ts])

    def seen(self, channel: str) -> Sequence[Seen]:
        return [
            (message.text, message.metadata["event_payload"]["key"], message.thread_ts)
            for message in self.workspace.channels[channel].messages.values()
            if message.metadata is not None and message.user == BOT_USER
        ]

    def members(self, channel: str) -> set[str]:
        return set(self.workspace.channels[channel].members)

    def pinned(self, channel: str) -> Sequence[str]:
        return [pin.ts for pin in self.workspace.channels[channel].pins]

    def fail_next_post(self, error: type[SlackCallError], done: bool) -> None:
        kinds = {
            SlackRateLimited: faults.make_rate_limit(1),
            SlackOutcomeUnknown: faults.make_server_error(done),
        }
        self.api.faults = faults.plan_by_table({"chat.postMessage": [kinds[error]]})


@asynccontextmanager
async def stand_in(patience: float = 3.0) -> AsyncIterator[StandInWorld]:
    """SlackChat before a fresh stand-in, over HTTP and with no more scopes than Tocsin asks for.

    `patience` is SlackChat's timeout in seconds.
    """
    workspace = Workspace(Clocks())
    seed(workspace)
    workspace.usergroups[GROUP] = Usergroup(GROUP, "oncall", "On call", (ANA, BRUNO))
    api = WebApi(workspace, TOKEN, list_required_scopes())
    app = web.Application()
    app.add_routes(api.routes())
    server = TestServer(app)
    await server.start_server()
    workspace.served_at = str(server.make_url("/")).rstrip("/")
    async with SlackGateway(TOKEN, str(server.make_url("/api/")), patience) as chat:
        yield StandInWorld(chat, api)
    api.stopping.set()
    await server.close()


def gone(posted: MessageRef) -> MessageRef:
    """A message that does not exist, in the same conversation."""
    return MessageRef(posted.channel, "1.000001")
