"""Fakes that implement the ports in memory, held to the same contract tests as the real ones."""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import count
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.errors import SlackCallError, SlackRejected
from bot.ports import BotIdentity, MessageRef, SlackChannel, SlackMessage, SlackPayload
from bot.ports.messages import SlackPerson

P = ParamSpec("P")
R = TypeVar("R")
ME = BotIdentity("U0TOCSIN01", "T0TOCSIN01", "https://team.example/")
Work = Callable[Concatenate["FakeChat", P], Coroutine[Any, Any, R]]


@dataclass(slots=True)
class FakePost:
    """A message as it stands, edits included."""

    posted: MessageRef
    author: str
    key: str
    message: SlackPayload
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

    me: BotIdentity = ME
    people: dict[str, SlackPerson] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    usergroups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)
    channels: dict[str, SlackChannel] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    directs: dict[str, str] = field(default_factory=dict)
    members: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    posts: list[FakePost] = field(default_factory=list)
    pins: list[MessageRef] = field(default_factory=list)
    links: defaultdict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    shared: dict[str, MessageRef] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    trouble: str = ""
    _failures: defaultdict[str, deque[tuple[SlackCallError, bool]]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def fail_next(self, method: str, error: SlackCallError, done: bool = False) -> None:
        """Let the next call of that method of the port raise; with `done` only after the work was done."""
        self._failures[method].append((error, done))

    def add_person(self, person: SlackPerson, email: str = "") -> None:
        """Let somebody exist."""
        self.people[person.id] = person
        if email:
            self.emails[email] = person.id

    def add_channel(
        self, name: str, creator: str, private: bool = False, archived: bool = False
    ) -> SlackChannel:
        """Let a channel exist that its creator, not the bot, is in."""
        made = SlackChannel(f"C{next(self._numbers):08}", name, creator, self._now(), archived)
        self.channels[made.id] = made
        self.members[made.id].add(creator)
        if private:
            self.private.add(made.id)
        return made

    def add_post(
        self, channel: str, author: str, key: str, text: str, thread: str | None = None
    ) -> MessageRef:
        """Let somebody's message stand in a channel."""
        at = self._now()
        posted = MessageRef(channel, f"{int(at.timestamp())}.{next(self._numbers):06}")
        self.posts.append(FakePost(posted, author, key, SlackPayload(text), at, thread))
        return posted

    def delete_by_hand(self, posted: MessageRef) -> None:
        """Let a message be deleted."""
        self.posts = [post for post in self.posts if post.posted != posted]

    def archive_by_hand(self, channel: str) -> None:
        """Let a channel be archived, with everybody still in it."""
        self.channels[channel] = replace(self.channels[channel], archived=True)

    def posts_in(self, channel: str) -> Sequence[FakePost]:
        """Our messages in a conversation, oldest first."""
        return [post for post in self.posts if post.posted.channel == channel and post.author == self.me.user]

    @_scripted
    async def identity(self) -> BotIdentity:
        return self.me

    @_scripted
    async def post(
        self,
        channel: str,
        message: SlackPayload,
        key: str,
        thread: str | None = None,
        broadcast: bool = False,
    ) -> MessageRef:
        if channel in self.people and self.people[channel].bot:
            raise SlackRejected("cannot_dm_bot", "chat.postMessage")
        room = self._direct(channel, "chat.postMessage", "channel_not_found")
        self._inside(room, "chat.postMessage")
        posted = self.add_post(room, self.me.user, key, message.text, thread)
        self.posts[-1] = replace(self.posts[-1], message=message, broadcast=broadcast)
        return posted

    @_scripted
    async def upload(self, content: bytes, name: str) -> str:
        return self._keep_file(content, name)

    def _keep_file(self, content: bytes, name: str) -> str:
        id = f"F{next(self._numbers):08}"
        self.files[id] = (name, content)
        return id

    @_scripted
    async def begin_upload(self, content: bytes, name: str) -> str:
        return self._keep_file(content, name)

    @_scripted
    async def share_upload(self, file: str, title: str, channel: str, thread: str, comment: str) -> None:
        if file not in self.files or file in self.shared:
            raise SlackRejected("file_not_found", "files.completeUploadExternal")
        room = self._direct(channel, "files.completeUploadExternal", "channel_not_found")
        self._inside(room, "files.completeUploadExternal")
        self.shared[file] = self.add_post(room, self.me.user, "", comment, thread)

    @_scripted
    async def find_shared_file(self, file: str, channel: str, thread: str, since: datetime) -> bool:
        self._readable(channel)
        return file in self.shared and self.shared[file].channel == channel

    @_scripted
    async def delete_file(self, file: str) -> None:
        self.files.pop(file, None)

    @_scripted
    async def find_post(
        self, channel: str, key: str, since: datetime, thread: str | None = None
    ) -> MessageRef | None:
        room = self._direct(channel, "conversations.open", "user_not_found")
        self._readable(room)
        for post in self.posts:
            there = post.thread == thread or (post.broadcast and thread is None)
            ours = post.author == self.me.user and post.key == key
            if ours and there and post.posted.channel == room and post.at >= since - timedelta(seconds=60):
                return post.posted
        return None

    @_scripted
    async def read_message(self, channel: str, ts: str) -> SlackMessage | None:
        self._readable(channel)
        for post in self.posts:
            if post.posted == MessageRef(channel, ts):
                thread = f"?thread_ts={post.thread}&cid={channel}" if post.thread else ""
                link = f"{self.me.url}archives/{channel}/p{ts.replace('.', '')}{thread}"
                return SlackMessage(post.author, post.message.text, link, post.thread)
        return None

    @_scripted
    async def list_message_keys(self, channel: str) -> Sequence[str]:
        self._readable(channel)
        return [
            each.key for each in reversed(self.posts_in(channel)) if each.thread is None or each.broadcast
        ]

    @_scripted
    async def edit(self, posted: MessageRef, message: SlackPayload, key: str) -> None:
        found = self._seen(posted.channel, "chat.update")
        post = self._post(posted, "chat.update")
        if found.archived:
            raise SlackRejected("is_inactive", "chat.update")
        post.message, post.key = message, key

    @_scripted
    async def create_channel(self, name: str, private: bool = False) -> SlackChannel:
        if not re.fullmatch(r"[\w-]+", name) or name != name.lower():
            raise SlackRejected("invalid_name_specials", "conversations.create")
        if any(channel.name == name for channel in self.channels.values()):
            raise SlackRejected("name_taken", "conversations.create")
        return self._with_membership(self.add_channel(name, self.me.user, private))

    @_scripted
    async def find_channel(self, name: str, private: bool = False) -> SlackChannel | None:
        for channel in self.channels.values():
            hidden = channel.id in self.private and self.me.user not in self.members[channel.id]
            if channel.name == name and (channel.id in self.private) == private and not hidden:
                return self._with_membership(channel)
        return None

    @_scripted
    async def channel(self, id: str) -> SlackChannel:
        return self._with_membership(self._seen(id, "conversations.info"))

    @_scripted
    async def list_members_up_to(self, channel: str, most: int) -> Sequence[str] | None:
        self._seen(channel, "conversations.members")
        people = sorted(self.members[channel])
        return None if len(people) > most else people

    @_scripted
    async def join(self, channel: str) -> None:
        found = self._seen(channel, "conversations.join")
        if found.id in self.private:
            raise SlackRejected("method_not_supported_for_channel_type", "conversations.join")
        if found.archived:
            raise SlackRejected("is_archived", "conversations.join")
        self.members[channel].add(self.me.user)

    @_scripted
    async def invite(self, channel: str, people: Sequence[str]) -> Mapping[str, str]:
        if people:
            self._inside(channel, "conversations.invite")
        refused = {
            person: "user_not_found" for person in people if person not in {*self.people, self.me.user}
        }
        refused |= {
            person: "cant_invite"
            for person in people
            if person in self.people and self.people[person].stranger
        }
        self.members[channel] |= set(people) - set(refused)
        return refused

    @_scripted
    async def pin(self, posted: MessageRef) -> None:
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
            raise SlackRejected("name_taken", "conversations.rename")
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
    async def person(self, id: str) -> SlackPerson:
        return self._known(self.people, id, "users.info", "user_not_found")

    @_scripted
    async def find_person_by_email(self, email: str) -> SlackPerson:
        return self.people[self._known(self.emails, email, "users.lookupByEmail", "users_not_found")]

    @_scripted
    async def names(self, ids: Collection[str]) -> Mapping[str, str]:
        known = {id: person.name for id, person in self.people.items()} | self.handles
        for id, channel in self.channels.items():
            if id not in self.private:
                known[id] = channel.name
            elif self.me.user in self.members[id]:
                known[id] = "private-channel"
        return {id: known[id] for id in ids if id in known}

    @_scripted
    async def channel_members(self, channel: str) -> Sequence[str]:
        self._seen(channel, "conversations.members")
        return sorted(self.members[channel])

    @_scripted
    async def list_people(self, most: int) -> Sequence[SlackPerson]:
        people = [each for each in self.people.values() if not (each.bot or each.deactivated)]
        return people[:most]

    @_scripted
    async def list_usergroup_members(self, id: str) -> Sequence[str]:
        return self._known(self.usergroups, id, "usergroups.users.list", "no_such_subteam")

    def _now(self) -> datetime:
        return datetime.now(UTC)

    def _known(self, where: Mapping[str, R], id: str, method: str, code: str) -> R:
        if id not in where:
            raise SlackRejected(code, method)
        return where[id]

    def _direct(self, channel: str, method: str, code: str) -> str:
        """The conversation that `channel` means: itself, or the direct message with that user."""
        if not channel.startswith(("U", "W")):
            return channel
        self._known(self.people, channel, method, code)
        if channel not in self.directs:
            room = f"D{next(self._numbers):08}"
            self.directs[channel] = room
            self.channels[room] = SlackChannel(room, "", self.me.user, self._now())
            self.private.add(room)
            self.members[room] |= {channel, self.me.user}
        return self.directs[channel]

    def _seen(self, channel: str, method: str) -> SlackChannel:
        """The channel, if the bot may know of it."""
        hidden = channel in self.private and self.me.user not in self.members[channel]
        if hidden or channel not in self.channels:
            raise SlackRejected("channel_not_found", method)
        return self.channels[channel]

    def _readable(self, channel: str) -> None:
        self._seen(channel, "conversations.history")
        if self.me.user not in self.members[channel]:
            raise SlackRejected("not_in_channel", "conversations.history")

    def _inside(self, channel: str, method: str) -> None:
        found = self._seen(channel, method)
        if found.archived:
            raise SlackRejected("is_archived", method)
        if self.me.user not in self.members[channel]:
            raise SlackRejected("not_in_channel", method)

    def _post(self, posted: MessageRef, method: str) -> FakePost:
        for post in self.posts:
            if post.posted == posted:
                return post
        raise SlackRejected("message_not_found", method)

    def _with_membership(self, channel: SlackChannel) -> SlackChannel:
        return replace(channel, member=self.me.user in self.members[channel.id])
