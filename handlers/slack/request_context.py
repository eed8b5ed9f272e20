"""The front desk, shared by all surfaces: who is asking, which incident is meant, and an answer within two seconds."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.policy import POSTMORTEM_DEADLINE, explain_cannot_change
from bot.errors import DatabaseUnavailable, NowhereNamed, RequestExpired, RuleViolation, SlackCallError
from bot.ports import Chat, OnCallLookup, SlackPayload
from bot.ports.diagnostics import StatisticsRenderer
from bot.ports.messages import SlackPerson
from bot.ports.publication_repository import NO_STATUS_PAGES, StatusPages
from bot.runbook import Runbook
from bot.services import ServiceContext, UserRequest, build_not_found, must_be_open
from handlers.slack.background_tasks import BackgroundTasks, note_late_end
from handlers.slack.lookup_timeout import look_up_in_time
from handlers.slack.people.channel_members import ChannelMembers
from handlers.slack.shared_channels import Audience, find_audience
from handlers.slack.visible_incidents import VisibleIncidents
from templates import replies
from templates.emergency import list_addresses, render_database_down
from templates.incident_view import IncidentViewModel

log = logging.getLogger(__name__)
T = TypeVar("T")

ANSWER_TIMEOUT_S = 1.7
"""Seconds until a person gets an answer, whatever the database does; Slack gives up after three."""

NAMES_TIMEOUT_S = 0.8
"""Seconds for Slack to say what those are called whom a text mentions."""

QUICK_TIMEOUT_S, VERSION_TIMEOUT_S = 0.9, 0.7
"""Seconds after which it is asked what may be told where the answer is read, and for the database to say which edition
of the runbook is meant."""

KNOWN_WITHIN, TOLD_WITHIN = 0.4, 0.5
"""Seconds for the database, and then for Slack, to say who somebody is who only reads."""

PERSON_CACHE_TTL = timedelta(hours=1)
"""How long what Slack said about a person is believed."""


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """What went wrong, in words for the person who asked; not `heard` when nobody read what they typed."""

    message: SlackPayload
    heard: bool = True


@dataclass(slots=True)
class RequestContext(VisibleIncidents):
    """What every surface has at hand."""

    services: ServiceContext
    chat: Chat
    client: AsyncWebClient
    errands: BackgroundTasks
    on_call: OnCallLookup
    is_set: Callable[[str], bool]
    runbook_url: str = ""
    status_pages: StatusPages = NO_STATUS_PAGES
    charts: StatisticsRenderer | None = None
    _people: dict[str, tuple[SlackPerson, datetime]] = field(default_factory=dict)
    members: ChannelMembers = field(init=False)

    def __post_init__(self) -> None:
        self.members = ChannelMembers(self.chat)

    async def answer_in_time(
        self, ask: Callable[[], Awaitable[SlackPayload]], channel: str = "", user: str = ""
    ) -> SlackPayload:
        """What `user` reads in `channel`: in time and in words, even when the database or this program fails."""
        came = await self.attempt(ask, channel, user)
        return came.message if isinstance(came, ErrorReply) else came

    async def attempt(
        self, ask: Callable[[], Awaitable[T]], channel: str = "", user: str = ""
    ) -> T | ErrorReply:
        """What `ask` gives, or what went wrong as a message for the person, within ANSWER_WITHIN seconds."""
        task = asyncio.ensure_future(ask())
        done, _ = await asyncio.wait({task}, timeout=QUICK_TIMEOUT_S)
        if not done:  # perhaps nobody answers: by then it is known what may be told there
            told = asyncio.create_task(self._find_audience(channel, user))
            done, _ = await asyncio.wait({task}, timeout=ANSWER_TIMEOUT_S - QUICK_TIMEOUT_S)
            if not done:
                in_doubt = self.services.store.may_be_recorded(task)
                task.cancel()
                task.add_done_callback(note_late_end)
                log.warning("no answer from the database in %s s", ANSWER_TIMEOUT_S)
                readers = told.result() if told.done() else Audience()
                return ErrorReply(self._emergency(in_doubt, "does not answer", readers), heard=False)
        try:
            return task.result()
        except DatabaseUnavailable as away:
            log.warning("a request was not recorded: %s", away)
            in_doubt = away.in_doubt or self.services.store.may_be_recorded(task)
            readers = await self._find_audience(channel, user)
            return ErrorReply(self._emergency(in_doubt, away.why, readers), heard=False)
        except RuleViolation as refusal:
            return ErrorReply(replies.render_refusal(str(refusal), refusal.words))
        except RequestExpired:
            return ErrorReply(replies.render_nothing())
        except Exception:
            error_id = uuid.uuid4().hex[:8]
            log.exception("a request failed, error %s", error_id)
            return ErrorReply(replies.render_failure(error_id), heard=False)

    async def _find_audience(self, channel: str, user: str) -> Audience:
        known, runbook = self._people.get(user), self.services.runbook_versions.current.runbook
        named = list_addresses(runbook, self.services.book)
        return await find_audience(self.chat, channel, user, known[0] if known else None, named)

    def _emergency(self, in_doubt: bool, why: str, readers: Audience) -> SlackPayload:
        runbook, book = self.services.runbook_versions.current.runbook, self.services.book
        numbers, contacts = readers.is_internal, not readers.has_outsider
        return render_database_down(runbook, book, in_doubt, why, numbers, contacts, readers.people)

    async def ensure_allowed(self, user: str) -> None:
        """Raises Refused, with the reason, when this person may not change incidents or nobody can tell."""
        person = await self.person(user)
        if person is None:
            raise RuleViolation(
                "Slack isn't telling me who you are right now, so I can't change anything for you. "
                "Nothing was changed. Try again in a moment."
            )
        if why := explain_cannot_change(guest=person.guest, bot=person.bot, stranger=person.stranger):
            raise RuleViolation(why)

    async def ensure_allowed_to_answer(self, user: str, number: int) -> None:
        """As `ensure_allowed`, but a guest who was called to this incident may answer that call."""
        person = await self.person(user)
        is_guest = person is not None and person.guest and not (person.bot or person.stranger)
        if not is_guest or not await self.services.store.is_paged(number, user):
            await self.ensure_allowed(user)

    async def ensure_allowed_to_follow(self, user: str, number: int) -> bool:
        """As `ensure_allowed`, but a guest may follow an incident that they see. Gives whether they are a guest."""
        person = await self.person(user)
        if person is None or person.bot or person.stranger or not person.guest:
            await self.ensure_allowed(user)
            return False
        await self.view(number, user)
        return True

    async def person(self, user: str) -> SlackPerson | None:
        """Who this is, from what Slack said lately; None when Slack cannot be asked and never said."""
        known = await self._find_known(user)
        if known is not None:
            if datetime.now(UTC) - known[1] > PERSON_CACHE_TTL:
                self._people[user] = (known[0], datetime.now(UTC))
                self.errands.run("looking a person up again", lambda: self.fetch_person(user))
            return known[0]
        try:
            return await look_up_in_time(lambda: self.fetch_person(user))
        except (SlackCallError, TimeoutError) as error:
            log.warning("a person could not be looked up: %s", str(error) or "no answer")
            return None

    async def names(self, ids: Collection[str]) -> Mapping[str, str]:
        """What those are called whom a text mentions by their ids, as far as Slack tells it in time."""
        try:
            async with asyncio.timeout(NAMES_TIMEOUT_S):
                return await self.chat.names(ids)
        except (SlackCallError, TimeoutError) as error:
            log.warning("mentions are left without names: %s", error or "no answer")
            return {}

    def name(self, user: str) -> str:
        """What somebody is called, as far as this replica met them, for where Slack shows no mentions."""
        known = self._people.get(user)
        return known[0].name if known else "somebody"

    async def _find_known(self, user: str) -> tuple[SlackPerson, datetime] | None:
        """What Slack said of somebody, and when: to this replica, else as it is kept."""
        known = self._people.get(user) or await self.services.store.person(user)
        if known is not None:
            self._people[user] = known
        return known

    async def find_known_person(self, user: str) -> SlackPerson | None:
        """The same without Slack being asked; None when it never said."""
        known = await self._find_known(user)
        return known[0] if known else None

    def find_recent_person(self, user: str, within: timedelta) -> SlackPerson | None:
        """Who this is, by what Slack told this replica of them no longer ago than this."""
        known = self._people.get(user)
        fresh = known is not None and known[0].handle and datetime.now(UTC) - known[1] <= within
        return known[0] if known is not None and fresh else None

    async def fetch_person(self, user: str) -> SlackPerson:
        """Who this is, asked of Slack now. Raises ChatError."""
        person = await self.chat.person(user)
        await self.services.store.save_person(person)
        self._people[user] = (person, datetime.now(UTC))
        return person

    async def number(self, named: int | None, channel: str, user: str, thread: str | None = None) -> int:
        """The incident that is meant: the named one, else that of this channel or thread. Raises Refused when none.

        Who writes in an incident's channel is in it, whether or not Slack has told so yet.
        """
        if named is not None:
            return named
        found = await self.services.store.find_incident_in(channel, thread)
        if found is None and channel.startswith("D"):
            return await self._own(user)
        if found is None:
            raise NowhereNamed("Which incident? This isn't an incident's channel. Nothing was changed.")
        await self.services.store.add_member_by_channel(channel, user)
        return found

    async def is_outsider(self, user: str) -> bool:
        """Whether Slack hides channels from this person, a guest or a stranger; also when nobody can tell."""
        if user not in self._people:
            with suppress(DatabaseUnavailable, TimeoutError):
                async with asyncio.timeout(KNOWN_WITHIN):
                    if (known := await self.services.store.person(user)) is not None:
                        self._people[user] = known
        if user not in self._people:
            try:
                async with asyncio.timeout(TOLD_WITHIN):
                    told = await self.chat.person(user)
            except (SlackCallError, TimeoutError) as error:
                log.warning("whether somebody is a guest is not known: %s", error or "no answer")
                return True
            self._people[user] = told, datetime.now(UTC)
            self.errands.run("noting who somebody is", lambda: self.services.store.save_person(told))
        person = await self.person(user)
        return person is None or person.guest or person.stranger

    async def _own(self, user: str) -> int:
        """In the direct message with Tocsin the one open incident is meant that this person was called to or commands.
        Raises NowhereNamed when there is none, or more than one.
        """
        own = await self.services.store.list_open_incidents_of(user, 3)
        if len(own) == 1:
            return own[0]
        named = " and ".join(f"INC-{number}" for number in own)
        why = f"You are in {named}" if own else "You are in no open incident"
        raise NowhereNamed(f"{why}. Nothing was changed.", own)

    async def view(self, number: int, user: str) -> IncidentViewModel:
        """The incident as it stands, for the templates. Raises Refused when there is none for this person."""
        is_there = await self.services.store.may_see(number, user)
        situation = await self.services.store.situation(number) if is_there else None
        if situation is None:
            raise build_not_found(number)
        if await self.is_outsider(user) and not await self.filter_visible([situation.incident], user):
            raise build_not_found(number)
        return IncidentViewModel(
            situation=situation,
            runbook=await self.services.runbook_versions.of(situation.incident),
            incidents_channel=await self.services.store.place(self.services.channel_name),
            runbook_url=self.runbook_url,
            call_url=self.services.call_url,
            now=datetime.now(UTC),
            publishes=bool(self.services.status_pages) and not situation.incident.private,
            learns=self.services.proposes.may_learn(situation.incident.private, situation.incident.drill),
        )

    async def edition(self, number: int | None, channel: str, actor: str) -> Runbook:
        """What the incident that is meant was declared with; without it, or without a database, what is in force.
        Raises Refused for an outsider who is in no incident's channel here."""
        current = self.services.runbook_versions.current.runbook
        if await self.is_outsider(actor):
            shown = await self.find_shown("The runbook", number, channel)
            return (await self.view(shown, actor)).runbook
        try:
            async with asyncio.timeout(VERSION_TIMEOUT_S):
                meant = number or await self.services.store.find_incident_in(channel)
                return (await self.view(meant, actor)).runbook if meant else current
        except (DatabaseUnavailable, TimeoutError):
            return current

    async def load_open_view(self, number: int, user: str) -> IncidentViewModel:
        """The same for a form that changes the incident. Raises Refused when it is over."""
        view = await self.view(number, user)
        must_be_open(view.situation.incident)
        return view

    @staticmethod
    def postmortem() -> datetime:
        """By when a review is proposed to be due, if the incident is resolved now: a full hour."""
        within = datetime.now(UTC) + POSTMORTEM_DEADLINE + timedelta(hours=1)
        return within.replace(minute=0, second=0, microsecond=0)


def build_request(kind: str, key: str, actor: str) -> UserRequest:
    """The request that a delivery of Slack is: the same delivery again has the same key."""
    return UserRequest(f"{kind}:{key}", actor)
