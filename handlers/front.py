"""The front desk, shared by all surfaces: who is asking, which incident is meant, and an answer within two seconds."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ChatError, Refused, StoreAway
from bot.incident import Incident
from bot.letterbox import Person
from bot.lifecycle import Desk, Request, must_be_open, not_there
from bot.listed import Listed
from bot.policy import POSTMORTEM_WITHIN, may_change
from bot.ports import Chat, Message, OnCall
from bot.precedence import Precedence
from bot.runbook import Runbook
from handlers.errands import Errands
from templates import answers
from templates.listing import DRILLS
from templates.view import View

log = logging.getLogger(__name__)

ANSWER_WITHIN = 1.7
"""Seconds until a person gets an answer, whatever the database does; Slack gives up after three."""

EDITION_WITHIN = 0.8
"""Seconds for the database to say which edition of the runbook is meant."""

T = TypeVar("T")

TRUST_FOR = timedelta(hours=1)
"""How long what Slack said about a person is believed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, in words for the person who asked."""

    message: Message


@dataclass(slots=True)
class Front:
    """What every surface has at hand."""

    desk: Desk
    chat: Chat
    client: AsyncWebClient
    errands: Errands
    on_call: OnCall
    is_set: Callable[[str], bool]
    runbook_url: str = ""
    _people: dict[str, tuple[Person, datetime]] = field(default_factory=dict)

    async def answered(self, ask: Callable[[], Awaitable[Message]]) -> Message:
        """The answer to a request, in time and in words, even when the database or this program fails."""
        came = await self.attempt(ask)
        return came.message if isinstance(came, Problem) else came

    async def attempt(self, ask: Callable[[], Awaitable[T]]) -> T | Problem:
        """What `ask` gives, or what went wrong as a message for the person, within ANSWER_WITHIN seconds."""
        task = asyncio.ensure_future(ask())
        done, _ = await asyncio.wait({task}, timeout=ANSWER_WITHIN)
        runbook = self.desk.editions.current.runbook
        if not done:
            in_doubt = self.desk.store.is_committing(task)
            task.cancel()
            log.warning("no answer from the database in %s s", ANSWER_WITHIN)
            return Problem(answers.store_away(runbook, in_doubt))
        try:
            return task.result()
        except StoreAway as away:
            log.warning("a request was not recorded: %s", away)
            return Problem(answers.store_away(runbook, away.in_doubt, away.why))
        except Refused as refusal:
            return Problem(answers.refused(str(refusal)))
        except Exception:
            error_id = uuid.uuid4().hex[:8]
            log.exception("a request failed, error %s", error_id)
            return Problem(answers.failure(error_id))

    async def must_be_allowed(self, user: str) -> None:
        """Raises Refused, with the reason, when this person may not change incidents or nobody can tell."""
        person = await self.person(user)
        if person is None:
            raise Refused(
                "Slack does not say who you are right now, so I may not change anything for you. "
                "Nothing was changed. Try again in a moment."
            )
        if why := may_change(guest=person.guest, bot=person.bot, stranger=person.stranger):
            raise Refused(why)

    async def person(self, user: str) -> Person | None:
        """Who this is, from what Slack said lately; None when Slack cannot be asked and never said."""
        known = self._people.get(user) or await self.desk.store.person(user)
        if known is not None:
            self._people[user] = known
            if datetime.now(UTC) - known[1] > TRUST_FOR:
                self._people[user] = (known[0], datetime.now(UTC))
                self.errands.run("looking a person up again", lambda: self._look_up(user))
            return known[0]
        try:
            async with asyncio.timeout(1.2):
                return await self._look_up(user)
        except (ChatError, TimeoutError) as error:
            log.warning("a person could not be looked up: %s", error or "no answer")
            return None

    def name(self, user: str) -> str:
        """What somebody is called, as far as this replica met them, for where Slack shows no mentions."""
        known = self._people.get(user)
        return known[0].name if known else "somebody"

    async def _look_up(self, user: str) -> Person:
        person = await self.chat.person(user)
        await self.desk.store.save_person(person)
        self._people[user] = (person, datetime.now(UTC))
        return person

    async def number(self, named: int | None, channel: str, user: str, thread: str | None = None) -> int:
        """The incident that is meant: the named one, else that of this channel or thread. Raises Refused when none.

        Who writes in an incident's channel is in it, whether or not Slack has told so yet.
        """
        if named is not None:
            return named
        found = await self.desk.store.incident_in(channel, thread)
        if found is None and channel.startswith("D"):
            return await self._own(user)
        if found is None:
            raise Refused(
                "This is not an incident's channel, so I don't know which incident you mean. "
                "Say it in the incident's channel, or name it: `/incident update INC-42 …`. Nothing was changed."
            )
        await self.desk.store.seen_inside(channel, user)
        return found

    async def listed(self, viewer: str, limit: int, over: int = 0) -> Listed:
        """What `viewer` may see of all incidents: at most `limit` that are open, drills, and so many that are over."""
        return await self.desk.store.listed(viewer, self._ranks, limit, DRILLS, over)

    async def commanded(self, person: str, limit: int) -> Sequence[Incident]:
        """The open incidents that this person commands, the worst and newest first."""
        return await self.desk.store.commanded(person, limit, self._ranks)

    @property
    def _ranks(self) -> list[str]:
        return [each.id for each in self.desk.editions.current.runbook.severities]

    async def _own(self, user: str) -> int:
        """In the direct message with Tocsin the one open incident is meant that this person was called to or commands.
        Raises Refused when there is none, or more than one.
        """
        own = await self.desk.store.open_incidents_of(user, 3)
        if len(own) == 1:
            return own[0]
        why = (
            f"You are in {' and '.join(f'INC-{number}' for number in own)}"
            if own
            else "You are in no open incident"
        )
        raise Refused(f"{why}: name the one you mean, `/incident update INC-42 …`. Nothing was changed.")

    async def view(self, number: int, user: str) -> View:
        """The incident as it stands, for the templates. Raises Refused when there is none for this person."""
        is_there = await self.desk.store.may_see(number, user)
        situation = await self.desk.store.situation(number) if is_there else None
        if situation is None:
            raise not_there(number)
        return View(
            situation=situation,
            runbook=await self.desk.editions.of(situation.incident),
            incidents_channel=await self.desk.store.place(self.desk.channel_name),
            workspace_url="",
            runbook_url=self.runbook_url,
            now=datetime.now(UTC),
        )

    async def edition(self, number: int | None, channel: str, actor: str) -> Runbook:
        """What the incident that is meant was declared with; without it, or without a database, what is in force."""
        current = self.desk.editions.current.runbook
        try:
            async with asyncio.timeout(EDITION_WITHIN):
                meant = number or await self.desk.store.incident_in(channel)
                return (await self.view(meant, actor)).runbook if meant else current
        except (StoreAway, TimeoutError):
            return current

    async def open_view(self, number: int, user: str) -> View:
        """The same for a form that changes the incident. Raises Refused when it is over."""
        view = await self.view(number, user)
        must_be_open(view.situation.incident)
        return view

    @staticmethod
    def postmortem() -> datetime:
        """When a review is proposed, if the incident is resolved now."""
        return datetime.now(UTC) + POSTMORTEM_WITHIN


class Preferred(AsyncApp):
    """Bolt's application, whose requests go before everything that is done beside them."""

    def __init__(self, precedence: Precedence, **given: Any) -> None:
        super().__init__(**given)
        self._precedence = precedence

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """See AsyncApp."""
        with self._precedence.taken():
            return await super().async_dispatch(req)


def answer_faults(bolt: AsyncApp) -> None:
    """What no listener could answer gets status 500, so that Slack says so or delivers it again, and an error id."""

    @bolt.error
    async def failed(error: Exception) -> BoltResponse:
        error_id = uuid.uuid4().hex[:8]
        known = isinstance(error, StoreAway)
        log.error("a request failed, error %s: %s", error_id, error, exc_info=None if known else error)
        return BoltResponse(status=500, body={"error": f"a fault of Tocsin's, its log has it as {error_id}"})


def request(kind: str, key: str, actor: str) -> Request:
    """The request that a delivery of Slack is: the same delivery again has the same key."""
    return Request(f"{kind}:{key}", actor)
