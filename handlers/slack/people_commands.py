"""The words of `/incident` that expect people: lead, handover, assign, page."""

import re

from bot import services
from bot.adapters.slack import unescape_text
from bot.domain.incident import IncidentRole
from bot.domain.results import CommandResult
from bot.errors import RuleViolation
from bot.services import UserRequest
from handlers.slack.command_parser import IncidentReference, parse_channel_name, parse_references
from handlers.slack.people.accounts import (
    LookupContext,
    resolve_people,
    select_one_person,
    select_responders,
)
from handlers.slack.people.ambiguity import describe_doubts
from handlers.slack.people.directory import AddresseeKind, fold_name, has_at
from handlers.slack.people.mention_text import parse_mention
from handlers.slack.people.people_parser import ResolvedPeople
from handlers.slack.request_context import RequestContext

POLITE = frozenset({"please", "pls", "plz", "now", "asap", "thanks", "thx", "kindly"})
"""Words that leave a command as it is without them."""

ROLES = {
    "deputy": IncidentRole.DEPUTY,
    "scribe": IncidentRole.SCRIBE,
    "communications": IncidentRole.COMMUNICATIONS,
    "communication": IncidentRole.COMMUNICATIONS,
    "comms": IncidentRole.COMMUNICATIONS,
    "comm": IncidentRole.COMMUNICATIONS,
    "coms": IncidentRole.COMMUNICATIONS,
    "operations": IncidentRole.OPERATIONS,
    "operation": IncidentRole.OPERATIONS,
    "ops": IncidentRole.OPERATIONS,
}
"""The roles by the names that people use for them."""

COMMAND = ("incident commander", "commander", "ic", "incident lead", "lead", "command")
"""Names of what is no role beside command, but command itself."""

NAMES = "|".join(sorted(map(re.escape, (*ROLES, *COMMAND)), key=len, reverse=True))
OFFICE = r"(?:\s+(?:lead|officer|manager|role|person))?"
ROLE_PREFIX = re.compile(
    rf"[\s*_~\"“(]*(?:(?:the|a|our)\s+)?({NAMES}){OFFICE}(?![\w-])[\s:=,>→-]*(?:(?:to|is|for)\s+)?",
    re.IGNORECASE,
)
ROLE_SUFFIX = re.compile(
    rf"[\s:=,-]*(?:\b(?:as|is|to|for|the|a|our)\s+)*(?<![\w@|-])({NAMES}){OFFICE}(?:\s+(?:please|now))?"
    r"[\s.!?,:;*_~\"”)]*$",
    re.IGNORECASE,
)


async def take_command(
    front: RequestContext, request: UserRequest, number: int, text: str, until: float
) -> CommandResult:
    """Take command, or offer it to the one who is named. Raises Refused."""
    if _says_nothing(text):
        return await services.lead(front.services, request, number, request.actor)
    asker = LookupContext(request.actor, number, until)
    found = await resolve_people(front, asker, text)
    person = await select_one_person(front, asker, found, "command")
    if found.leftover:
        raise RuleViolation(
            "`/incident lead @dana` takes no words behind the person; `/incident handover @dana WORDS` does. "
            "Nothing was changed.",
            words=unescape_text(found.leftover),
        )
    return await services.lead(front.services, request, number, person)


async def offer_command(
    front: RequestContext, request: UserRequest, number: int, text: str, until: float
) -> CommandResult:
    """Offer command to the one who is named, with the other words. Raises Refused."""
    if _says_nothing(text):
        raise RuleViolation("Say to whom: `/incident handover @dana What is next`. Nothing was changed.")
    asker = LookupContext(request.actor, number, until)
    found = await resolve_people(front, asker, text)
    _must_name_no_other(found, number, "handover")
    person = await select_one_person(front, asker, found, "command")
    if found.doubtful and not _are_words(found, text):
        raise RuleViolation(
            f"{describe_doubts(found)} If you mean it as words, put a colon in front: "
            "`/incident handover @dana: WORDS`. "
            "Nothing was changed.",
            words=unescape_text(found.rest),
        )
    if person == request.actor:
        raise RuleViolation(
            "Hand over to somebody else; to take command yourself, use `/incident lead`. Nothing was changed."
        )
    return await services.lead(front.services, request, number, person, unescape_text(found.rest))


async def assign_role(
    front: RequestContext, request: UserRequest, number: int, text: str, until: float
) -> CommandResult:
    """Give the named role to the one who is named, in either order. Raises Refused."""
    role, text = _role(text)
    if _says_nothing(text):
        raise RuleViolation(
            f"Say who has the role {role}: `/incident assign {role} @dana`, or `/incident assign {role} me`. "
            "Nothing was changed."
        )
    asker = LookupContext(request.actor, number, until)
    found = await resolve_people(front, asker, text)
    person = await select_one_person(front, asker, found, f"the role {role}")
    if found.leftover:
        raise RuleViolation(
            f"`/incident assign {role} @dana` takes no words behind the person. Nothing was changed.",
            words=unescape_text(found.leftover),
        )
    return await services.assign(front.services, request, number, role, person)


async def page_people(
    front: RequestContext, request: UserRequest, number: int, text: str, until: float
) -> CommandResult:
    """Call those who are named, and tell them the other words. Raises Refused."""
    if not text.strip():
        raise RuleViolation("Say whom to page: `/incident page WHO [words]`. Nobody was paged.")
    asker = LookupContext(request.actor, number, until)
    found = await resolve_people(front, asker, text)
    _must_name_no_other(found, number, "page")
    whom, remarks = await select_responders(front, asker, found)
    return await services.page_targets(
        front.services, request, number, whom, unescape_text(found.rest), remarks
    )


def _are_words(found: ResolvedPeople, text: str) -> bool:
    """Whether what may be a name is a word of the note all the same: somebody is mentioned, the members' names are
    known, and it is not written as a name."""
    mentioned = parse_mention(text)
    is_sure = mentioned is not None and mentioned.kind is AddresseeKind.PERSON and not found.left.why
    return is_sure and not any(has_at(word) or word[:1].isupper() for word in found.doubtful)


def _must_name_no_other(found: ResolvedPeople, number: int, word: str) -> None:
    """Raises Refused where an incident is named between a person's typed name and the words: by then it is too late to
    use it, as the members of another incident's channel were looked through for that name."""
    named = [reference for reference in parse_references(found.rest).references if not _is_text(reference)]
    if any((reference.number or parse_channel_name(reference.label)) != number for reference in named):
        shown = " and ".join(reference.shown for reference in named)
        raise RuleViolation(
            f"Is {shown} the incident that you mean, or a part of your words? Name the incident in front: "
            f"`/incident {word} INC-42 …`. Nothing was changed.",
            words=unescape_text(found.rest),
        )


def _is_text(reference: IncidentReference) -> bool:
    """Whether a link leads to a channel that is not called as an incident's."""
    return bool(reference.label) and parse_channel_name(reference.label) is None


def _says_nothing(text: str) -> bool:
    """Whether nobody can be meant: there are no words, or polite ones only."""
    return all(fold_name(word) in POLITE or not fold_name(word) for word in text.split())


def _role(text: str) -> tuple[IncidentRole, str]:
    """The role that is named in front of the person or behind, and what else was typed. Raises Refused."""
    ahead, behind = ROLE_PREFIX.match(text), ROLE_SUFFIX.search(text)
    if ahead and behind and ahead[1].casefold() not in ROLES and ahead.end() < behind.start():
        ahead = None  # `commander is the scribe`
    found = ahead or behind
    if found is None:
        raise RuleViolation(
            f"Say which role: there are {', '.join(IncidentRole)}. `/incident assign scribe @dana`. "
            "Nothing was changed."
        )
    name = found[1].casefold()
    if name not in ROLES:
        raise RuleViolation("Command is offered, not assigned: `/incident lead @dana`. Nothing was changed.")
    rest = text[ahead.end() :] if ahead else text[: found.start()]
    return ROLES[name], rest.strip()
