"""What a Slack workspace holds, as plain values. Shapes follow Slack's own JSON."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class User:
    """A person or a bot. `handle` is the short name that people type after `@`, `display_name` what Slack shows in its
    place where somebody set one. A guest of a single channel is both restricted and ultra restricted."""

    id: str
    handle: str
    name: str
    email: str
    team: str
    tz: str = "UTC"
    title: str = ""
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class WorkspaceMessage:
    """One message as it stands now: an edit makes a new value, so an old one is a snapshot.

    `pings` are the people whom its mentions notified when it was posted (an edit notifies nobody).
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    thread_ts: str | None = None
    broadcast: bool = False
    subtype: str | None = None
    bot_id: str | None = None
    metadata: Json | None = None
    edited: tuple[str, str] | None = None
    pings: frozenset[str] = frozenset()
    reactions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """A message that one person sees and no history holds."""

    reader: str
    channel: str
    ts: str
    text: str
    blocks: tuple[Json, ...] = ()
    thread_ts: str | None = None
    user: str = ""


@dataclass(slots=True)
class File:
    """An upload. `content` is None until its bytes came, `shares` are the channels and ts of its messages.

    `ready` is the monotonic second from which blocks may show it; None until the upload was completed. One that was
    deleted has no content any more.
    """

    id: str
    name: str
    size: int
    user: str
    created: int
    ticket: str
    title: str = ""
    alt_text: str = ""
    snippet_type: str = ""
    content: bytes | None = None
    ready: float | None = None
    shares: list[tuple[str, str]] = field(default_factory=list)
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """A pinned message; `created` in seconds since 1970."""

    ts: str
    created: int
    created_by: str


@dataclass(slots=True)
class WorkspaceChannel:
    """A conversation: channel, private channel or direct message. `messages` are in the order of their ts."""

    id: str
    name: str
    creator: str
    created: int
    is_private: bool = False
    is_im: bool = False
    is_mpim: bool = False
    is_general: bool = False
    is_ext_shared: bool = False
    is_archived: bool = False
    members: list[str] = field(default_factory=list)
    topic: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    purpose: Json = field(default_factory=lambda: {"value": "", "creator": "", "last_set": 0})
    previous_names: list[str] = field(default_factory=list)
    messages: dict[str, WorkspaceMessage] = field(default_factory=dict)
    pins: list[Pin] = field(default_factory=list)
    bookmarks: dict[str, Json] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Slack's word in `types`: public_channel, private_channel, im or mpim."""
        if self.is_im:
            return "im"
        if self.is_mpim:
            return "mpim"
        return "private_channel" if self.is_private else "public_channel"

    def replies(self, ts: str) -> list[WorkspaceMessage]:
        """The replies of the thread that begins with `ts`, oldest first."""
        return [message for message in self.messages.values() if message.thread_ts == ts and message.ts != ts]


@dataclass(slots=True)
class WorkspaceView:
    """A modal or a home tab on somebody's screen. `values` is `state.values`; `hash` changes at every edit.

    `errors` are the sentences beside its inputs since the last submission.
    """

    id: str
    user: str
    payload: Json
    hash: str
    root: str
    previous: str | None = None
    values: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.payload["type"])

    @property
    def title(self) -> str:
        return str((self.payload.get("title") or {}).get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        return list(self.payload["blocks"])


@dataclass(slots=True)
class Trigger:
    """The right to open one view within three seconds. `view` is the modal that it came from."""

    id: str
    user: str
    issued: float
    view: str | None = None
    used: bool = False


@dataclass(slots=True)
class ReplyAddress:
    """A response_url: at most five uses within thirty minutes. `source` is the message it came from."""

    id: str
    user: str
    channel: str
    issued: float
    source: str | None = None
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Usergroup:
    """A named group of people, mentioned as `<!subteam^ID>`."""

    id: str
    handle: str
    name: str
    members: tuple[str, ...]
