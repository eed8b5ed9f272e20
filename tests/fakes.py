"""Fakes that implement the ports in memory, held to the same contract tests as the real ones."""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import count
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.errors import ChatError, ChatRefused
from bot.letterbox import Person
from bot.ports import Channel, Identity, Message, Posted, Said

P = ParamSpec("P")
R = TypeVar("R")
ME = Identity("U0TOCSIN01", "T0TOCSIN01", "https://team.example/")
Work = Callable[Concatenate["FakeChat", P], Coroutine[Any, Any, R]]


@dataclass(slots=True)
class FakePost:
    """A message as it stands, edits included."""

    posted: Posted
    author: str
    key: str
    message: Message
    at: datetime
    thread: str | None = None
    broadcast: bool = False


def _scripted(work: Work[P, R]) -> Work[P, R]:
    @wraps(work)
    async def call(self: "FakeChat", /, *args: P.args, **kwargs: P.kwargs) -> R:
        name = work.__name__
        self.calls.append(name)
        if not self._failures[name]:
            return await work(self, *args, **kwargs)
        error, done = self._failures[name].popleft()
        if done:
            await work(self, *args, **kwargs)
        raise error

    return call


@dataclass
class FakeChat:
    """A Slack in memory. Tests may read and change its fields; `calls` names the port's methods as called."""

    me: Identity = ME
    people: dict[str, Person] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    usergroups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    directs: dict[str, str] = field(default_factory=dict)
    members: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    posts: list[FakePost] = field(default_factory=list)
    pins: list[Posted] = field(default_factory=list)
    links: defaultdict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    _failures: defaultdict[str, deque[tuple[ChatError, bool]]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def fail_next(self, method: str, error: ChatError, done: bool = False) -> None:
        """Let the next call of that method of the port raise; with `done` only after the work was done."""
        self._failures[method].append((error, done))

    def add_person(self, person: Person, email: str = "") -> None:
        """Let somebody exist."""
        self.people[person.id] = person
        if email:
            self.emails[email] = person.id

    def add_channel(self, name: str, creator: str, private: bool = False, archived: bool = False) -> Channel:
        """Let a channel exist that its creator, not the bot, is in."""
        made = Channel(f"C{next(self._numbers):08}", name, creator, self._now(), archived)
        self.channels[made.id] = made
        self.members[made.id].add(creator)
        if private:
            self.private.add(made.id)
        return made

    def add_post(self, channel: str, author: str, key: str, text: str, thread: str | None = None) -> Posted:
        """Let somebody's message stand in a channel."""
        at = self._now()
        posted = Posted(channel, f"{int(at.timestamp())}.{next(self._numbers):06}")
        self.posts.append(FakePost(posted, author, key, Message(text), at, thread))
        return posted

    def delete_by_hand(self, posted: Posted) -> None:
        """Let a message be deleted."""
        self.posts = [each for each in self.posts if each.posted != posted]

    def archive_by_hand(self, channel: str) -> None:
        """Let a channel be archived, with everybody still in it."""
        self.channels[channel] = replace(self.channels[channel], archived=True)

    def posts_in(self, channel: str) -> Sequence[FakePost]:
        """Our messages in a conversation, oldest first."""
        return [each for each in self.posts if each.posted.channel == channel and each.author == self.me.user]

    @_scripted
    async def identity(self) -> Identity:
        return self.me

    @_scripted
    async def post(
        self, channel: str, message: Message, key: str, thread: str | None = None, broadcast: bool = False
    ) -> Posted:
        if channel in self.people and self.people[channel].bot:
            raise ChatRefused("cannot_dm_bot", "chat.postMessage")
        room = self._direct(channel, "chat.postMessage", "channel_not_found")
        self._inside(room, "chat.postMessage")
        posted = self.add_post(room, self.me.user, key, message.text, thread)
        self.posts[-1] = replace(self.posts[-1], message=message, broadcast=broadcast)
        return posted

    @_scripted
    async def upload(self, content: bytes, name: str) -> str:
        id = f"F{next(self._numbers):08}"
        self.files[id] = (name, content)
        return id

    @_scripted
    async def find_post(
        self, channel: str, key: str, since: datetime, thread: str | None = None
    ) -> Posted | None:
        room = self._direct(channel, "conversations.open", "user_not_found")
        self._readable(room)
        for each in self.posts:
            there = each.thread == thread or (each.broadcast and thread is None)
            ours = each.author == self.me.user and each.key == key
            if ours and there and each.posted.channel == room and each.at >= since - timedelta(seconds=60):
                return each.posted
        return None

    @_scripted
    async def said(self, channel: str, ts: str) -> Said | None:
        self._readable(channel)
        for each in self.posts:
            if each.posted == Posted(channel, ts):
                thread = f"?thread_ts={each.thread}&cid={channel}" if each.thread else ""
                link = f"{self.me.url}archives/{channel}/p{ts.replace('.', '')}{thread}"
                return Said(each.author, each.message.text, link, each.thread)
        return None

    @_scripted
    async def keys_in(self, channel: str) -> Sequence[str]:
        self._readable(channel)
        return [
            each.key for each in reversed(self.posts_in(channel)) if each.thread is None or each.broadcast
        ]

    @_scripted
    async def edit(self, posted: Posted, message: Message, key: str) -> None:
        found = self._seen(posted.channel, "chat.update")
        post = self._post(posted, "chat.update")
        if found.archived:
            raise ChatRefused("is_inactive", "chat.update")
        post.message, post.key = message, key

    @_scripted
    async def create_channel(self, name: str, private: bool = False) -> Channel:
        if not re.fullmatch(r"[\w-]+", name) or name != name.lower():
            raise ChatRefused("invalid_name_specials", "conversations.create")
        if any(each.name == name for each in self.channels.values()):
            raise ChatRefused("name_taken", "conversations.create")
        return self._with_membership(self.add_channel(name, self.me.user, private))

    @_scripted
    async def find_channel(self, name: str, private: bool = False) -> Channel | None:
        for each in self.channels.values():
            hidden = each.id in self.private and self.me.user not in self.members[each.id]
            if each.name == name and (each.id in self.private) == private and not hidden:
                return self._with_membership(each)
        return None

    @_scripted
    async def channel(self, id: str) -> Channel:
        return self._with_membership(self._seen(id, "conversations.info"))

    @_scripted
    async def join(self, channel: str) -> None:
        found = self._seen(channel, "conversations.join")
        if found.id in self.private:
            raise ChatRefused("method_not_supported_for_channel_type", "conversations.join")
        if found.archived:
            raise ChatRefused("is_archived", "conversations.join")
        self.members[channel].add(self.me.user)

    @_scripted
    async def invite(self, channel: str, people: Sequence[str]) -> Mapping[str, str]:
        if people:
            self._inside(channel, "conversations.invite")
        refused = {each: "user_not_found" for each in people if each not in {*self.people, self.me.user}}
        refused |= {
            each: "cant_invite" for each in people if each in self.people and self.people[each].stranger
        }
        self.members[channel] |= set(people) - set(refused)
        return refused

    @_scripted
    async def pin(self, posted: Posted) -> None:
        self._inside(posted.channel, "pins.add")
        self._post(posted, "pins.add")
        if posted not in self.pins:
            self.pins.append(posted)

    @_scripted
    async def bookmarks(self, channel: str) -> Sequence[str]:
        self._seen(channel, "bookmarks.list")
        return [url for _, url in self.links[channel]]

    @_scripted
    async def add_bookmark(self, channel: str, title: str, url: str) -> None:
        self._inside(channel, "bookmarks.add")
        self.links[channel].append((title, url))

    @_scripted
    async def rename_channel(self, channel: str, name: str) -> None:
        self._inside(channel, "conversations.rename")
        if any(each.name == name and each.id != channel for each in self.channels.values()):
            raise ChatRefused("name_taken", "conversations.rename")
        self.channels[channel] = replace(self.channels[channel], name=name)

    @_scripted
    async def archive(self, channel: str) -> None:
        self._seen(channel, "conversations.archive")
        self.channels[channel] = replace(self.channels[channel], archived=True)

    @_scripted
    async def set_topic(self, channel: str, topic: str) -> None:
        self._inside(channel, "conversations.setTopic")
        self.channels[channel] = replace(self.channels[channel], topic=topic[:250])

    @_scripted
    async def person(self, id: str) -> Person:
        return self._known(self.people, id, "users.info", "user_not_found")

    @_scripted
    async def person_by_email(self, email: str) -> Person:
        return self.people[self._known(self.emails, email, "users.lookupByEmail", "users_not_found")]

    @_scripted
    async def usergroup_members(self, id: str) -> Sequence[str]:
        return self._known(self.usergroups, id, "usergroups.users.list", "no_such_subteam")

    def _now(self) -> datetime:
        return datetime.now(UTC)

    def _known(self, where: Mapping[str, R], id: str, method: str, code: str) -> R:
        if id not in where:
            raise ChatRefused(code, method)
        return where[id]

    def _direct(self, channel: str, method: str, code: str) -> str:
        """The conversation that `channel` means: itself, or the direct message with that user."""
        if not channel.startswith(("U", "W")):
            return channel
        self._known(self.people, channel, method, code)
        if channel not in self.directs:
            room = f"D{next(self._numbers):08}"
            self.directs[channel] = room
            self.channels[room] = Channel(room, "", self.me.user, self._now())
            self.private.add(room)
            self.members[room] |= {channel, self.me.user}
        return self.directs[channel]

    def _seen(self, channel: str, method: str) -> Channel:
        """The channel, if the bot may know of it."""
        hidden = channel in self.private and self.me.user not in self.members[channel]
        if hidden or channel not in self.channels:
            raise ChatRefused("channel_not_found", method)
        return self.channels[channel]

    def _readable(self, channel: str) -> None:
        self._seen(channel, "conversations.history")
        if self.me.user not in self.members[channel]:
            raise ChatRefused("not_in_channel", "conversations.history")

    def _inside(self, channel: str, method: str) -> None:
        found = self._seen(channel, method)
        if found.archived:
            raise ChatRefused("is_archived", method)
        if self.me.user not in self.members[channel]:
            raise ChatRefused("not_in_channel", method)

    def _post(self, posted: Posted, method: str) -> FakePost:
        for each in self.posts:
            if each.posted == posted:
                return each
        raise ChatRefused("message_not_found", method)

    def _with_membership(self, channel: Channel) -> Channel:
        return replace(channel, member=self.me.user in self.members[channel.id])
