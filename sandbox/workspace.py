"""The state of the workspace and the few questions that everything asks of it."""

import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from sandbox.changes import Changes
from sandbox.clocks import Clocks
from sandbox.model import (
    Channel,
    Ephemeral,
    File,
    Json,
    Message,
    ReplyAddress,
    Trigger,
    User,
    Usergroup,
    View,
)

TEAM = "T0TOCSIN01"
OTHER_TEAM = "T0PARTNER1"
APP = "A0TOCSIN01"
BOT_USER = "U0TOCSIN01"
BOT_ID = "B0TOCSIN01"
SLACKBOT = "USLACKBOT"


@dataclass(slots=True)
class Workspace:
    """One team: its people, conversations and open views. Every change calls `changes.touch()`.

    `served_at` is the address of the stand-in itself; `files_ready_after` the seconds that Slack takes
    over an upload before blocks may show it.
    """

    clocks: Clocks
    domain: str = "tocsin-sandbox"
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    usergroups: dict[str, Usergroup] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    ephemerals: list[Ephemeral] = field(default_factory=list)
    views: dict[str, View] = field(default_factory=dict)
    modals: dict[str, list[View]] = field(default_factory=dict)
    homes: dict[str, View] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    reply_addresses: dict[str, ReplyAddress] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    emit: Callable[[Json], None] = lambda event: None
    served_at: str = ""
    files_ready_after: float = 0.0
    _counted: int = 0
    _last_ts: int = 0

    @property
    def url(self) -> str:
        return f"https://{self.domain}.slack.com/"

    def next_number(self) -> int:
        self._counted += 1
        return self._counted

    def next_ts(self) -> str:
        """A message's timestamp: now, but later than every earlier one."""
        self._last_ts = max(self._last_ts + 1, int(self.clocks.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def seconds(self) -> int:
        return int(self.clocks.now())

    async def pause(self, seconds: float) -> None:
        """Wait until the clock has moved by `seconds`, by itself or because it was moved."""
        until = self.clocks.elapsed() + seconds
        while (left := until - self.clocks.elapsed()) > 0:
            with suppress(TimeoutError):
                await self.changes.wait_for(lambda: self.clocks.elapsed() >= until, left)

    def find_channel(self, name_or_id: str) -> Channel | None:
        """By id, by `name` or by `#name`."""
        found = self.channels.get(name_or_id)
        if found is not None:
            return found
        name = name_or_id.removeprefix("#")
        return next((each for each in self.channels.values() if each.name == name and not each.is_im), None)

    def find_user(self, word: str) -> User | None:
        """By id, handle, `@handle` or e-mail address."""
        found = self.users.get(word)
        if found is not None:
            return found
        word = word.removeprefix("@").lower()
        return next((each for each in self.users.values() if word in (each.handle, each.email.lower())), None)

    def name_taken(self, name: str) -> bool:
        """Archived and private channels hold their names too."""
        return any(each.name == name for each in self.channels.values() if not each.is_im)

    def new_channel(
        self, name: str, creator: str, *, members: Iterable[str] = (), private: bool = False
    ) -> Channel:
        channel = Channel(
            id=f"C0SAND{self.next_number():05d}",
            name=name,
            creator=creator,
            created=self.seconds(),
            is_private=private,
            members=list(dict.fromkeys(members)),
        )
        self.channels[channel.id] = channel
        self.changes.touch()
        return channel

    def direct(self, *people: str) -> Channel | None:
        """The direct conversation among exactly these people."""
        wanted = set(people)
        return next(
            (
                each
                for each in self.channels.values()
                if (each.is_im or each.is_mpim) and set(each.members) == wanted
            ),
            None,
        )

    def open_direct(self, *people: str) -> Channel:
        """The direct conversation among these people, made when there is none."""
        found = self.direct(*people)
        if found is not None:
            return found
        number, pair = self.next_number(), len(people) == 2
        channel = Channel(
            id=f"{'D' if pair else 'G'}0SAND{number:05d}",
            name="" if pair else "mpdm-" + "--".join(self.users[each].handle for each in people) + "-1",
            creator=people[0],
            created=self.seconds(),
            is_private=True,
            is_im=pair,
            is_mpim=not pair,
            members=list(people),
        )
        self.channels[channel.id] = channel
        self.changes.touch()
        return channel

    def message(self, channel: str, ts: str) -> Message | None:
        found = self.channels.get(channel)
        return found.messages.get(ts) if found else None

    def new_trigger(self, user: str, view: str | None = None) -> Trigger:
        number = self.next_number()
        trigger = Trigger(
            f"{self.seconds()}.{number:05d}.{number * 7919:08x}", user, self.clocks.elapsed(), view
        )
        self.triggers[trigger.id] = trigger
        return trigger

    def new_reply_address(self, user: str, channel: str, source: str | None = None) -> ReplyAddress:
        address = ReplyAddress(secrets.token_hex(12), user, channel, self.clocks.elapsed(), source)
        self.reply_addresses[address.id] = address
        return address
