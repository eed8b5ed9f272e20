"""Whom somebody means, found out with Slack's help in the time that an answer has.

Slack's silence never makes another person of the one who is meant: it ends in a sentence.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.contacts import Handle, HandleKind, parse_handle
from bot.domain import policy
from bot.errors import RuleViolation, SlackCallError, SlackRejected
from bot.ports.messages import SlackPerson
from bot.services import PageTargets
from handlers.slack.people.ambiguity import (
    describe_contacts,
    describe_unknown,
    describe_unpaged_words,
    quote_words,
    reject_ambiguous,
)
from handlers.slack.people.directory import Directory
from handlers.slack.people.people_parser import ResolvedPeople, parse_people
from handlers.slack.request_context import PERSON_CACHE_TTL, RequestContext

MAX_MEMBERS = 60
"""Of so many members of a channel the names are looked up; in a larger one people are chosen from Slack's own list."""

CACHE_TTL = timedelta(minutes=1)
"""For so long an account that was looked at is not asked for again."""

UNKNOWN_CODES = frozenset({"user_not_found", "users_not_found", "user_not_visible"})

NOTHING, NOBODY = "Nothing was changed.", "Nobody was paged."


@dataclass(frozen=True, slots=True)
class LookupContext:
    """Who means somebody: in which incident, and until when (in the loop's time) Slack may be asked."""

    actor: str
    number: int
    until: float


@dataclass(frozen=True, slots=True)
class SlackAccount:
    """What Slack says of somebody: `person` is None while it says nothing, or when it knows nobody (`unknown`)."""

    id: str
    shown: str
    person: SlackPerson | None = None
    unknown: bool = False

    @property
    def name(self) -> str:
        """How a sentence begins that speaks of them."""
        person = self.person
        return f"@{person.real_name or person.name}" if person else f"@{self.shown or self.id}"

    def trouble(self, why: Callable[[SlackPerson], str]) -> str:
        """Why they are not the one for it, as a sentence without its end; empty when they are."""
        if self.person is not None:
            reason = why(self.person)
            return f"{self.name} {reason}" if reason else ""
        if self.unknown:
            return f"Slack knows nobody as {self.name}"
        return f"Slack does not say who {self.name} is right now"


async def resolve_people(front: RequestContext, asker: LookupContext, text: str) -> ResolvedPeople:
    """Whom the text means. The members' names are looked up only where something else than a mention or a contact's
    name may mean somebody. Raises Refused when Slack does not tell them in time, or there are too many.
    """
    contacts = tuple(front.services.contacts)
    plain = parse_people(text, Directory(asker.actor, contacts))
    if not _may_be_others(plain):
        return plain
    situation = (await front.view(asker.number, asker.actor)).situation
    incident = situation.incident
    roles = {
        **{str(role): person for role, person in situation.roles.items()},
        "commander": incident.commander,
    }
    book = Directory(asker.actor, contacts, roles)
    with_roles = parse_people(text, book)
    if not _may_be_others(with_roles):
        return with_roles
    members, problem = await _members(front, asker, incident.channel)
    found = parse_people(text, replace(book, members=members))
    if found.unknown and problem:
        raise RuleViolation(f"{quote_words(found.unknown)} may be somebody, but {problem} {NOTHING}")
    if problem and found.may_name and not found.left.is_text:
        doubtful = found.doubtful or (found.may_name,)
        return replace(
            found, left=replace(found.left, doubtful=doubtful, why=f"may be somebody, but {problem}")
        )
    return found


def _may_be_others(found: ResolvedPeople) -> bool:
    """Whether more names than were looked through could say more."""
    return bool(found.unknown or found.may_go_on or found.may_name)


async def _members(
    front: RequestContext, asker: LookupContext, channel: str | None
) -> tuple[Sequence[SlackPerson], str]:
    """The members of the incident's channel; or why there are none to choose from, as a sentence that goes on."""
    if channel is None:
        return (), ""
    how = "Mention the person with @, as Slack offers it."
    try:
        async with asyncio.timeout_at(asker.until):
            people = await front.chat.list_members_up_to(channel, MAX_MEMBERS)
    except (SlackCallError, TimeoutError):
        return (), f"Slack does not say who is in the channel right now. {how}"
    if people is None:
        return (), f"there are too many people in the channel to look through. {how}"
    accounts = await load_accounts(front, asker, dict.fromkeys(people, ""), PERSON_CACHE_TTL)
    known = [account.person for account in accounts if account.person is not None]
    if any(account.person is None and not account.unknown for account in accounts):
        return (), f"Slack does not say what the people in the channel are called right now. {how}"
    return [account for account in known if not account.deactivated], ""


async def load_accounts(
    front: RequestContext, asker: LookupContext, ids: dict[str, str], trusted: timedelta = CACHE_TTL
) -> Sequence[SlackAccount]:
    """What Slack says of these people (how they were spelled, by id), asked side by side. What was heard no longer ago
    than `trusted` is not asked for again; who Slack does not tell about in time is as he was known before."""

    async def one(id: str, shown: str) -> SlackAccount:
        known = front.find_recent_person(id, trusted)
        if known is not None:
            return SlackAccount(id, shown, known)
        try:
            async with asyncio.timeout_at(asker.until):
                return SlackAccount(id, shown, await front.fetch_person(id))
        except SlackRejected as refusal:
            return SlackAccount(id, shown, unknown=refusal.code in UNKNOWN_CODES)
        except (SlackCallError, TimeoutError):
            return SlackAccount(id, shown, await front.find_known_person(id))

    return await asyncio.gather(*(one(id, shown) for id, shown in ids.items()))


async def select_one_person(
    front: RequestContext, asker: LookupContext, found: ResolvedPeople, for_what: str
) -> str:
    """The one person who is meant, who may hold command or a role. Raises Refused with who was not understood, or why
    it cannot be them; `for_what` is `command` or a role."""
    reject_ambiguous(found, NOTHING)
    if found.groups or found.everyone:
        what = (
            f"{found.groups[0].name} is a user group" if found.groups else "Everyone is nobody in particular"
        )
        raise RuleViolation(f"{what}, and {for_what} is for one person: mention that one with @. {NOTHING}")
    if found.unknown:
        raise RuleViolation(f"{describe_unknown(front, found.unknown)} {NOTHING}")
    people = list(found.people)
    for contact in found.contacts:
        people.append(await _person_of(front, asker, contact))
    for email in found.emails:
        people.append(await _by_email(front, asker, email))
    ids = {id: found.labels.get(id, "") for id in dict.fromkeys(people)}
    accounts = await load_accounts(front, asker, ids)
    if len(accounts) > 1:
        names = " and ".join(account.name for account in accounts)
        raise RuleViolation(
            f"{for_what.capitalize()} is for one person, and you named {names}: which one? {NOTHING}"
        )
    if trouble := accounts[0].trouble(_cannot_hold):
        raise RuleViolation(f"{trouble}. Name somebody else. {NOTHING}")
    return accounts[0].id


def _cannot_hold(person: SlackPerson) -> str:
    return policy.explain_cannot_hold(
        deactivated=person.deactivated, bot=person.bot, stranger=person.stranger, guest=person.guest
    )


def _cannot_be_called(person: SlackPerson) -> str:
    return policy.explain_cannot_page(
        deactivated=person.deactivated, bot=person.bot, stranger=person.stranger
    )


async def select_responders(
    front: RequestContext, asker: LookupContext, found: ResolvedPeople
) -> tuple[PageTargets, str]:
    """Who of those that are meant is called, and in sentences who is not and why. Raises Refused when nobody is left,
    or when a name fits several."""
    reject_ambiguous(found, NOBODY)
    remarks = [describe_unknown(front, found.unknown)] if found.unknown else []
    remarks += describe_unpaged_words(found)
    people = {id: found.labels.get(id, "") for id in found.people}
    for email in found.emails:
        try:
            people[await _by_email(front, asker, email)] = email
        except RuleViolation as refusal:
            remarks.append(str(refusal).removesuffix(NOTHING).strip())
    called = []
    for account in await load_accounts(front, asker, people):
        trouble = account.trouble(_cannot_be_called)
        if trouble and (account.person is not None or account.unknown):
            remarks.append(f"{trouble}: not paged.")
        else:  # an id is never another person: who Slack says nothing of is called, and the room hears how it went
            called.append(account.id)
            remarks += _guest_remark(account)
    groups, empty = await _groups(front, asker, found)
    remarks += empty
    whom = PageTargets(found.contacts, tuple(called), groups, found.everyone)
    if whom == PageTargets():
        raise RuleViolation(f"{' '.join(remarks)} {describe_contacts(front)} {NOBODY}")
    return whom, " ".join(remarks)


def _guest_remark(account: SlackAccount) -> list[str]:
    if account.person is None or not account.person.single_channel:
        return []
    return [
        f"{account.name} is a guest of a single channel: paged by direct message, but the channel cannot invite them."
    ]


async def _groups(
    front: RequestContext, asker: LookupContext, found: ResolvedPeople
) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """The user groups that have somebody, or of which Slack does not tell in time; what is wrong with the others."""
    groups, remarks = [], []
    for group in found.groups:
        try:
            async with asyncio.timeout_at(asker.until):
                if await front.chat.list_usergroup_members(group.id):
                    groups.append((group.name, group.id))
                else:
                    remarks.append(f"Nobody is in the user group {group.name}: not paged.")
        except SlackRejected as refusal:
            remarks.append(f"The user group {group.name} is not paged. {refusal.told}.")
        except (SlackCallError, TimeoutError):
            groups.append((group.name, group.id))
    return tuple(groups), remarks


async def _person_of(front: RequestContext, asker: LookupContext, contact: str) -> str:
    """The one person in Slack behind a contact. Raises Refused when there is none, or it depends on who is on call."""
    parsed = [parse_handle(text) for text in front.services.contacts[contact]]
    in_slack = [handle for handle in parsed if isinstance(handle, Handle) and handle.kind in IN_SLACK]
    if len(in_slack) != 1 or in_slack[0].kind is HandleKind.SLACK_GROUP or contact in front.services.on_call:
        raise RuleViolation(
            f"{contact} is not one person in Slack: mention the one you mean with @. {NOTHING}"
        )
    handle = in_slack[0]
    if handle.kind is HandleKind.SLACK_USER:
        return handle.value
    return await _by_email(front, asker, handle.value)


IN_SLACK = (HandleKind.SLACK_USER, HandleKind.SLACK_EMAIL, HandleKind.SLACK_GROUP)


async def _by_email(front: RequestContext, asker: LookupContext, email: str) -> str:
    try:
        async with asyncio.timeout_at(asker.until):
            return (await front.chat.find_person_by_email(email)).id
    except SlackRejected as refusal:
        if refusal.code in UNKNOWN_CODES:
            raise RuleViolation(f"Nobody in Slack has the e-mail address {email}. {NOTHING}") from None
        raise RuleViolation(f"Slack does not say who has {email}. {refusal.told}. {NOTHING}") from None
    except (SlackCallError, TimeoutError):
        raise RuleViolation(f"Slack does not say who has {email} right now. {NOTHING}") from None
