"""Which incident a command is about: what is named wins over where it was typed, and never falls back to it."""

from dataclasses import replace

from bot.errors import RuleViolation
from bot.services import build_not_found
from handlers.slack.command_parser import (
    ArgumentKind,
    IncidentReference,
    SlashCommand,
    guess_number,
    parse_channel_name,
)
from handlers.slack.request_context import RequestContext

MAX_NUMBER = 2**63 - 1
"""The greatest number that the database has room for."""


async def find_incident(
    front: RequestContext, command: SlashCommand, channel: str, actor: str
) -> tuple[SlashCommand, int | None]:
    """The command with the number of the incident that it names, and the number of the one whose channel this is, if
    anything is named. Raises Refused, with the words in it, when that cannot be used; also for a word that takes no
    words and has some.
    """
    here = None
    if command.entry.takes is ArgumentKind.PERSON:
        command = command.extract_last_reference(front.services.contacts)
    if command.references or command.unclear:
        here = await front.services.store.find_incident_in(channel)
        if command.unclear:
            raise _unclear(command, here)
        command = await _resolve_references(front, command, here, channel, actor)
    if command.rest and command.entry.takes is ArgumentKind.OTHER:
        raise RuleViolation(
            f"`/incident {command.word} INC-7` takes one other incident, and I don't understand these words. "
            "Nothing was changed.",
            words=command.rest,
        )
    if command.other is not None:
        into = await _other(front, command.other, channel, actor)
        command = replace(command, into=into, rest=f"into INC-{into}")
    if command.rest and command.entry.takes is ArgumentKind.NOTHING:
        raise RuleViolation(
            f"`/incident {command.word}` takes no words, and I don't understand these. Nothing was changed.",
            words=command.rest,
        )
    return command, here


async def _resolve_references(
    front: RequestContext, command: SlashCommand, here: int | None, channel: str, actor: str
) -> SlashCommand:
    if command.entry.takes is ArgumentKind.TITLE:
        raise RuleViolation(
            f"`/incident {command.word}` makes a new incident, so none is named in front of it. Nothing was changed.",
            words=command.rest,
        )
    numbers = list[int]()
    for reference in command.references:
        number = await _number(front, reference, here, channel, actor)
        if number is None and _may_be_text(command, reference):
            command = command.restore_text(reference.tail)
            break
        if number is None:
            raise _no_incident(reference, command.rest)
        numbers.append(number)
    if len(set(numbers)) > 1:
        which = " or ".join(f"INC-{fromkey}" for fromkey in dict.fromkeys(numbers))
        raise RuleViolation(
            f"Which one do you mean, {which}? Name one. Nothing was changed.", words=command.rest
        )
    if not numbers:
        return command
    await _must_be_usable(front, command, numbers[0], here, channel, actor)
    return replace(command, number=numbers[0])


async def _other(front: RequestContext, reference: IncidentReference, channel: str, actor: str) -> int:
    """The number of the second incident that is named. Raises Refused, the same for none and for one that is hidden."""
    here = await front.services.store.find_incident_in(channel) if reference.channel else None
    number = await _number(front, reference, here, channel, actor)
    if number is None:
        raise _no_incident(reference)
    if number > MAX_NUMBER or await front.services.store.find_visible_incident(number, actor) is None:
        raise build_not_found(number)
    return number


def _no_incident(reference: IncidentReference, words: str = "") -> RuleViolation:
    return RuleViolation(
        f"{reference.shown} is not the channel of an incident that I know. Name it by its number, `INC-42`. "
        "Nothing was changed.",
        words=words,
    )


async def _number(
    front: RequestContext, reference: IncidentReference, here: int | None, channel: str, actor: str
) -> int | None:
    """The number of what a reference names; None for a link to a channel that is no incident's for this person."""
    if not reference.channel:
        return reference.number
    number = await front.services.store.find_incident_in(reference.channel)
    if number is None or number == here:
        return number
    return number if await front.services.store.may_see(number, actor) else None


def _may_be_text(command: SlashCommand, reference: IncidentReference) -> bool:
    """Whether a link begins the text of a command: `note #billing has the numbers`. Slack gives no name of a channel
    that who types cannot see, and then nothing is guessed."""
    said = bool(reference.label) and parse_channel_name(reference.label) is None
    return (
        said
        and bool(reference.tail)
        and command.entry.takes in (ArgumentKind.TEXT, ArgumentKind.PERSON, ArgumentKind.CHOICE)
    )


async def _must_be_usable(
    front: RequestContext, command: SlashCommand, number: int, here: int | None, channel: str, actor: str
) -> None:
    """Raises Refused, the same for one that there is not and for one that is hidden, and for one that is over."""
    if number == here:
        await front.services.store.add_member_by_channel(channel, actor)
    incident = (
        await front.services.store.find_visible_incident(number, actor) if number <= MAX_NUMBER else None
    )
    if incident is None:
        raise RuleViolation(str(build_not_found(number)), words=command.rest)
    if not command.reads and incident.status not in command.entry.works_on:
        raise RuleViolation(
            f"{incident.reference} is already {incident.status}. Nothing was changed.", words=command.rest
        )


def _unclear(command: SlashCommand, here: int | None) -> RuleViolation:
    """A number in front of a text: an incident's, or part of what is to be said."""
    guessed, own = guess_number(command.unclear), f"INC-{here or 42}"
    named = guessed or 42
    meant = f"the incident INC-{named}" if guessed else "an incident without its number"
    is_behind = command.anyway or command.entry.takes in (ArgumentKind.LEVEL, ArgumentKind.CHOICE)
    chosen = command.rest.partition(command.unclear)[0] if is_behind else ""
    return RuleViolation(
        f"Is “{command.unclear}” {meant}, or a part of your words? Name the incident in front: "
        f"`/incident {command.word} INC-{named} …`, or `/incident {command.word} {own} {chosen}{command.unclear} …`. "
        "Nothing was changed.",
        words=command.rest,
    )
