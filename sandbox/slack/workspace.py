"""The state of the workspace and the few questions that everything asks of it."""

import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from sandbox.slack.change_notifier import ChangeNotifier
from sandbox.slack.clocks import Clocks
from sandbox.slack.workspace_model import (
    Ephemeral,
    File,
    Json,
    ReplyAddress,
    Trigger,
    User,
    Usergroup,
    WorkspaceChannel,
    WorkspaceMessage,
    WorkspaceView,
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
    over an upload before blocks may show it; `joining` are the people who come into a channel of that name as soon as
    it is made.
    """

    clocks: Clocks
    domain: str = "tocsin-sandbox"
    users: dict[str, User] = field(default_factory=dict)
    channels: dict[str, WorkspaceChannel] = field(default_factory=dict)
    usergroups: dict[str, Usergroup] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    ephemerals: list[Ephemeral] = field(default_factory=list)
    views: dict[str, WorkspaceView] = field(default_factory=dict)
    modals: dict[str, list[WorkspaceView]] = field(default_factory=dict)
    homes: dict[str, WorkspaceView] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    reply_addresses: dict[str, ReplyAddress] = field(default_factory=dict)
    changes: ChangeNotifier = field(default_factory=ChangeNotifier)
    emit: Callable[[Json], None] = lambda event: None
    served_at: str = ""
    files_ready_after: float = 0.0
    joining: dict[str, tuple[str, ...]] = field(default_factory=dict)
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
        until = self.clocks.read_monotonic() + seconds
        while (left := until - self.clocks.read_monotonic()) > 0:
            with suppress(TimeoutError):
                await self.changes.wait_for(lambda: self.clocks.read_monotonic() >= until, left)

    def find_channel(self, name_or_id: str) -> WorkspaceChannel | None:
        """By id, by `name` or by `#name`."""
        found = self.channels.get(name_or_id)
        if found is not None:
            return found
        name = name_or_id.removeprefix("#")
        return next(
            (channel for channel in self.channels.values() if channel.name == name and not channel.is_im),
            None,
        )

    def find_user(self, word: str) -> User | None:
        """By id, handle, `@handle` or e-mail address."""
        found = self.users.get(word)
        if found is not None:
            return found
        word = word.removeprefix("@").lower()
        return next((user for user in self.users.values() if word in (user.handle, user.email.lower())), None)

    def name_taken(self, name: str) -> bool:
        """Archived and private channels hold their names too."""
        return any(channel.name == name for channel in self.channels.values() if not channel.is_im)

    def new_channel(
        self, name: str, creator: str, *, members: Iterable[str] = (), private: bool = False
    ) -> WorkspaceChannel:
        channel = WorkspaceChannel(
            id=f"C0SAND{self.next_number():05d}",
            name=name,
            creator=creator,
            created=self.seconds(),
            is_private=private,
            members=list(dict.fromkeys(members)),
        )
        channel.members += [user for user in self.joining.get(name, ()) if user not in channel.members]
        self.channels[channel.id] = channel
        self.changes.touch()
        return channel

    def direct(self, *people: str) -> WorkspaceChannel | None:
        """The direct conversation among exactly these people."""
        wanted = set(people)
        return next(
            (
                channel
                for channel in self.channels.values()
                if (channel.is_im or channel.is_mpim) and set(channel.members) == wanted
            ),
            None,
        )

    def open_direct(self, *people: str) -> WorkspaceChannel:
        """The direct conversation among these people, made when there is none."""
        found = self.direct(*people)
        if found is not None:
            return found
        number, pair = self.next_number(), len(people) == 2
        channel = WorkspaceChannel(
            id=f"{'D' if pair else 'G'}0SAND{number:05d}",
            name="" if pair else "mpdm-" + "--".join(self.users[person].handle for person in people) + "-1",
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

    def message(self, channel: str, ts: str) -> WorkspaceMessage | None:
        found = self.channels.get(channel)
        return found.messages.get(ts) if found else None

    def new_trigger(self, user: str, view: str | None = None) -> Trigger:
        number = self.next_number()
        trigger = Trigger(
            f"{self.seconds()}.{number:05d}.{number * 7919:08x}", user, self.clocks.read_monotonic(), view
        )
        self.triggers[trigger.id] = trigger
        return trigger

    def new_reply_address(self, user: str, channel: str, source: str | None = None) -> ReplyAddress:
        address = ReplyAddress(secrets.token_hex(12), user, channel, self.clocks.read_monotonic(), source)
        self.reply_addresses[address.id] = address
        return address
