"""Data types that the ports exchange: Slack messages and people, outbox rows."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.domain.effects import Effect

Block = dict[str, Any]

MAY_SEND: ContextVar[Callable[[], bool] | None] = ContextVar("may_send", default=None)
"""Whether a call of this task may still go out; after a no, another replica may be making it."""


@dataclass(frozen=True, slots=True)
class SlackPayload:
    """What Slack is given to show: blocks, and the plain text for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a message stands: the conversation's id and Slack's timestamp."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message of somebody's: who wrote it (empty for some apps), its words as people see them, its thread."""

    author: str
    text: str
    link: str
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """A conversation as Slack describes it; `created_at` is Slack's, in whole seconds;
    people of another company read in a `shared` one."""

    id: str
    name: str
    creator: str
    created_at: datetime
    archived: bool = False
    member: bool = False
    topic: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Who the bot is in its workspace; `scopes` are those that its token has."""

    user: str
    team: str
    url: str
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LeasedEffect:
    """An outbox row that this replica holds. `mark` is what its message or page carries out there. Nothing is sent for
    it once `may_send` says no: the lease is about to end, or the lock that showed that this replica lives was lost, and
    another one may take it over."""

    id: int
    effect: Effect
    attempts: int
    created_at: datetime
    first_sent_at: datetime
    uncertain_for: timedelta | None
    mark: str
    owner: int
    may_send: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class PendingEffect:
    """An outbox row that is not delivered, for the person who operates the bot."""

    id: int
    key: str
    kind: str
    state: str
    attempts: int
    not_before: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class UnsupportedEffect:
    """An outbox row that no version that runs can perform, `since` so long. `payload` is what its own version wrote;
    `is_urgent` as the calling of people is."""

    id: int
    key: str
    kind: str
    incident: int | None
    payload: Any
    is_urgent: bool
    since: timedelta


@dataclass(frozen=True, slots=True)
class SlackPerson:
    """Somebody in Slack, as far as permissions need to know them. `name` is what Slack shows, `handle` the short name
    after an @. A guest of a `single_channel` can be invited to no other. What was kept in the database has no
    `handle` and no `email`, and never says `deactivated`: only a fresh answer of Slack's does.
    """

    id: str
    name: str
    guest: bool = False
    bot: bool = False
    stranger: bool = False
    deactivated: bool = False
    single_channel: bool = False
    real_name: str = ""
    handle: str = ""
    email: str = field(default="", repr=False)
