"""Shared context of the effect handlers, and the destinations of messages."""

import asyncio
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.effects import AboutIncident
from bot.domain.incident import EntryKind, PostedMessage, Situation
from bot.errors import TocsinError
from bot.performance import MAX_CONCURRENT_READS, MAX_CONCURRENT_RECORDINGS
from bot.ports import BotIdentity, Chat, LeasedEffect, MessageRef, OnCallLookup, Pager, SlackPayload
from bot.ports.code_host import CodeRepositories
from bot.ports.diagnostics import StatisticsRenderer
from bot.ports.link_checker import LinkChecker
from bot.ports.mail import Mailer
from bot.ports.publication_repository import NO_STATUS_PAGES, StatusPages
from bot.ports.tracker import Tracker
from bot.services import ServiceContext
from handlers.outbox.delivery_record import DeliveryRecord
from templates import drill
from templates.incident_view import IncidentViewModel

RECONCILE_AFTER = timedelta(seconds=3.5)
"""How long after an unanswered call Slack is asked what became of it: longer than the call's time-out, so that it
cannot still be under way, and time enough for a message to appear in the history."""


ACTIVE_FOR_S = 60.0
"""For so long an account that Slack said is in use is not asked for again."""

Views = dict[int, asyncio.Task[IncidentViewModel]]
VIEWS: ContextVar[Views] = ContextVar("views")
"""The views of the incidents of the effects that were claimed together."""


RESTORE_DOUBT = timedelta(hours=1)
"""For so long after a restore it is looked for what may have been said in the time that it lost."""


class RetryLater(TocsinError):
    """Something that this effect needs is still on its way: again after `delay`, or once the effect with the key
    `after` is settled; `apart` from its lane, which goes on without it."""

    def __init__(
        self, why: str, delay: timedelta = timedelta(seconds=1), apart: bool = False, after: str = ""
    ) -> None:
        self.delay, self.apart, self.after = delay, apart, after
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a message goes: a conversation's or a person's id, and the thread in it."""

    channel: str
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class EffectContext:
    """What effect handlers share: the services, Slack and the bot's identity, the paging providers, the on-call
    lookup, the status pages, the code hosts, the tracker of action items, who asks links, who draws statistics, the
    mail server, and the record of what came of the deliveries."""

    services: ServiceContext
    chat: Chat
    identity: BotIdentity
    pager: Pager
    on_call: OnCallLookup
    runbook_url: str = ""
    status_pages: StatusPages = NO_STATUS_PAGES
    repositories: CodeRepositories = field(default_factory=CodeRepositories)
    tracker: Tracker | None = None
    links: LinkChecker | None = None
    charts: StatisticsRenderer | None = None
    mailer: Mailer | None = None
    deliveries: DeliveryRecord = field(default_factory=DeliveryRecord)
    read_limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT_READS))
    recording_limit: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT_RECORDINGS)
    )
    ticket_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _active: dict[str, float] = field(default_factory=dict)

    def is_known_active(self, person: str) -> bool:
        """Whether Slack said a moment ago that this account is in use."""
        return time.monotonic() - self._active.get(person, float("-inf")) < ACTIVE_FOR_S

    def note_active(self, person: str) -> None:
        """Slack says that this account is in use."""
        self._active[person] = time.monotonic()

    async def load_view(self, number: int, at_once: bool = False) -> IncidentViewModel:
        """The incident as it stands now, with its runbook edition, for the templates.

        Effects that were claimed together are read for together: all of them were due when the reading began. It lets
        others go first and what is drawn with it comes in its turn, unless it has to go `at_once`.
        """
        views = VIEWS.get()
        if number not in views:
            views[number] = asyncio.create_task(self._load_view(number, at_once))
        view = await asyncio.shield(views[number])
        if not at_once:
            await self.services.priority_gate.wait_turn()
        return view

    async def _load_view(self, number: int, at_once: bool) -> IncidentViewModel:
        if not at_once:
            await self.services.priority_gate.yield_to_priority()
        async with self.read_limit:
            situation = await self.services.store.situation(number)
        assert situation is not None, f"an effect names INC-{number}, which is not there"
        return IncidentViewModel(
            situation=situation,
            runbook=await self.services.runbook_versions.of(situation.incident),
            incidents_channel=await self.services.store.place(self.services.channel_name),
            workspace_url=self.identity.url,
            runbook_url=self.runbook_url,
            call_url=self.services.call_url,
            now=None,
            learns=self.services.proposes.may_learn(situation.incident.private, situation.incident.drill),
        )

    async def incidents_channel(self) -> Destination:
        """Where incidents are announced. Raises RetryLater while that channel is not known."""
        channel = await self.services.store.place(self.services.channel_name)
        if channel is None:
            raise RetryLater("the incidents channel is not there yet", timedelta(seconds=2))
        return Destination(channel)

    async def post(self, row: LeasedEffect, place: Destination, message: SlackPayload) -> MessageRef:
        """Post once: after an attempt without an answer, look for the message first (reconcile)."""
        if needs_reconciliation(row):
            found = await self.chat.find_post(place.channel, row.mark, row.first_sent_at, place.thread)
            if found is not None:
                return found
        message = await self._mark_drill(row, message)
        ensure_lease(row)
        return await self.chat.post(place.channel, message, row.mark, place.thread)

    async def is_told(self, row: LeasedEffect, place: Destination) -> bool:
        """Whether a restore has lost the row that posted this, and the message stands there with another mark. Only for
        what an incident says once and by itself: other keys come again after a restore, for something else."""
        async with self.services.store.transaction() as tx:
            age = await tx.find_restore_age()
        if age is None or age > RESTORE_DOUBT:
            return False
        keys = await self.chat.list_message_keys(place.channel)
        return any(key.endswith(f":{row.effect.key}") for key in keys)

    async def edit(self, row: LeasedEffect, post: PostedMessage, message: SlackPayload) -> None:
        """Edit a message that was posted."""
        message = await self._mark_drill(row, message)
        ensure_lease(row)
        await self.chat.edit(build_message_ref(post), message, post.mark)

    async def _mark_drill(self, row: LeasedEffect, message: SlackPayload) -> SlackPayload:
        if not isinstance(row.effect, AboutIncident):
            return message
        return drill.mark_drill(await self.load_view(row.effect.incident, at_once=True), message)


def ensure_lease(row: LeasedEffect) -> None:
    """Called right before each call to the outside, after all waiting: the replica may have been frozen, or the lookup
    was slow. Raises RetryLater when another replica could take over before the call ends."""
    if not row.may_send():
        raise RetryLater("held up before the call")


def needs_reconciliation(row: LeasedEffect) -> bool:
    """Whether an earlier attempt may have been done. Raises RetryLater when it is too early to tell."""
    if row.uncertain_for is None:
        return False
    if row.uncertain_for < RECONCILE_AFTER:
        # Below zero the database's clock was set back meanwhile, or who had the row may begin its call still.
        raise RetryLater(
            "an earlier attempt was not answered", RECONCILE_AFTER - max(timedelta(0), row.uncertain_for)
        )
    return True


def find_room(situation: Situation) -> Destination:
    """Where the incident is worked on: its channel, else the thread of its announcement; for one that has
    neither, or that is private, the direct message with its commander.

    Raises RetryLater while neither is there.
    """
    if situation.incident.channel:
        return Destination(situation.incident.channel)
    unannounced = any(entry.kind is EntryKind.ANNOUNCEMENT_FAILED for entry in situation.entries)
    if situation.incident.private or unannounced:
        return Destination(situation.incident.commander)
    announcement = situation.post("announcement")
    if announcement is None:
        raise RetryLater("the incident has no channel, and its announcement is not posted yet")
    return Destination(announcement.channel, announcement.ts)


def get_incident_number(row: LeasedEffect) -> int:
    """The number of the incident that the effect is about."""
    assert isinstance(row.effect, AboutIncident)
    return row.effect.incident


def build_message_ref(post: PostedMessage) -> MessageRef:
    """The place of a delivered message."""
    return MessageRef(post.channel, post.ts)
