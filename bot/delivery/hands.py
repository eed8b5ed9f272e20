"""What every performer has at hand, and where an incident's messages go."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta

from bot.effects import AboutIncident
from bot.errors import TocsinError
from bot.incident import EntryKind, Post, Situation
from bot.lifecycle import Desk
from bot.ports import Chat, Claimed, Identity, Message, OnCall, Pager, Posted
from templates import drill
from templates.view import View

LOOK_AFTER = timedelta(seconds=3.5)
"""How long after an unanswered call Slack is asked what became of it: longer than the call's time-out, so that it
cannot still be under way, and time enough for a message to appear in the history."""


LOOKS, RECORDS = 3, 1
"""How many effects read, and record, at the same time: people's requests never stand behind a crowd of them, and what
is to be sent next does not wait for what has to be recorded."""

Views = dict[int, asyncio.Task[View]]
VIEWS: ContextVar[Views] = ContextVar("views")
"""The views of the incidents of the effects that were claimed together."""


class NotYet(TocsinError):
    """Something that this effect needs is still on its way: again after `delay`."""

    def __init__(self, why: str, delay: timedelta = timedelta(seconds=1)) -> None:
        self.delay = delay
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes: a conversation's or a person's id, and the thread in it."""

    channel: str
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Hands:
    """The desk, Slack and who the bot is there, the paging providers and who knows who is on call. `installation`
    marks our messages and pages among those of other bots."""

    desk: Desk
    chat: Chat
    identity: Identity
    installation: str
    pager: Pager
    on_call: OnCall
    runbook_url: str = ""
    looks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(LOOKS))
    records: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(RECORDS))

    def mark(self, key: str) -> str:
        """What a message of this effect carries in its metadata, and a page as its key at the provider."""
        return f"{self.installation}:{key}"

    async def view(self, number: int, at_once: bool = False) -> View:
        """The incident as it stands now, with its runbook edition, for the templates.

        Effects that were claimed together are read for together: all of them were due when the reading began. It lets
        others go first and what is drawn with it comes in its turn, unless it has to go `at_once`.
        """
        views = VIEWS.get()
        if number not in views:
            views[number] = asyncio.create_task(self._view(number, at_once))
        view = await asyncio.shield(views[number])
        if not at_once:
            await self.desk.precedence.turn()
        return view

    async def _view(self, number: int, at_once: bool) -> View:
        if not at_once:
            await self.desk.precedence.given()
        async with self.looks:
            situation = await self.desk.store.situation(number)
        assert situation is not None, f"an effect names INC-{number}, which is not there"
        return View(
            situation=situation,
            runbook=await self.desk.editions.of(situation.incident),
            incidents_channel=await self.desk.store.place(self.desk.channel_name),
            workspace_url=self.identity.url,
            runbook_url=self.runbook_url,
            now=None,
        )

    async def incidents_channel(self) -> Place:
        """Where incidents are announced. Raises NotYet while that channel is not known."""
        channel = await self.desk.store.place(self.desk.channel_name)
        if channel is None:
            raise NotYet("the incidents channel is not there yet", timedelta(seconds=2))
        return Place(channel)

    async def post(self, row: Claimed, place: Place, message: Message) -> Posted:
        """Post once: after an unanswered attempt look for the message first."""
        mark = self.mark(row.effect.key)
        if must_look(row):
            found = await self.chat.find_post(place.channel, mark, row.first_sent_at, place.thread)
            if found is not None:
                return found
        message = await self._marked(row, message)
        must_be_in_time(row)
        return await self.chat.post(place.channel, message, mark, place.thread)

    async def edit(self, row: Claimed, post: Post, message: Message) -> None:
        """Edit a message that was posted."""
        message = await self._marked(row, message)
        must_be_in_time(row)
        await self.chat.edit(posted(post), message, self.mark(post.key))

    async def _marked(self, row: Claimed, message: Message) -> Message:
        if not isinstance(row.effect, AboutIncident):
            return message
        return drill.marked(await self.view(row.effect.incident, at_once=True), message)


def must_be_in_time(row: Claimed) -> None:
    """Asked right before a call, after everything that was waited for: this replica may have been frozen meanwhile,
    or the look was slow. Raises NotYet when another replica could take over before the call ends.
    """
    if not row.may_send():
        raise NotYet("held up before the call")


def must_look(row: Claimed) -> bool:
    """Whether an earlier attempt may have been done. Raises NotYet when it is too early to tell."""
    if row.uncertain_for is None:
        return False
    if row.uncertain_for < LOOK_AFTER:
        raise NotYet("an earlier attempt was not answered", LOOK_AFTER - row.uncertain_for)
    return True


def room(situation: Situation) -> Place:
    """Where the incident is worked on: its channel, else the thread of its announcement; for one that has
    neither, or that is private, the direct message with its commander.

    Raises NotYet while neither is there.
    """
    if situation.incident.channel:
        return Place(situation.incident.channel)
    unannounced = any(each.kind is EntryKind.ANNOUNCEMENT_FAILED for each in situation.entries)
    if situation.incident.private or unannounced:
        return Place(situation.incident.commander)
    announcement = situation.post("announcement")
    if announcement is None:
        raise NotYet("the incident has no channel, and its announcement is not posted yet")
    return Place(announcement.channel, announcement.ts)


def number_of(row: Claimed) -> int:
    """The number of the incident that the effect is about."""
    assert isinstance(row.effect, AboutIncident)
    return row.effect.incident


def posted(post: Post) -> Posted:
    """The place of a delivered message."""
    return Posted(post.channel, post.ts)
