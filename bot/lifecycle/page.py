"""Calling one more by name, at any time: a contact, a person, or everyone."""

import re
from dataclasses import dataclass

from bot import policy
from bot.effects import CallEveryone, Effect, RefreshAlert
from bot.errors import Refused
from bot.incident import EntryKind, Outcome, Situation
from bot.lifecycle.calling import Cause, asked_anew, called_again, in_slack_as, is_for, summoned, was_called
from bot.lifecycle.desk import Desk, Request, held, must_be_open, must_be_real, once
from bot.lifecycle.respond import notice
from bot.ports import Transaction
from bot.runbook import match_contacts

BY_HAND = "responder"
"""As whom somebody is called who is no contact."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Who is to be called: contacts by name, or a person who is none, or everyone; and what they are told."""

    contacts: tuple[str, ...] = ()
    person: str = ""
    everyone: bool = False
    words: str = ""


async def page(desk: Desk, request: Request, number: int, typed: str, person: str = "") -> Outcome:
    """Call whom `typed` begins with, or this person, and tell them the rest of it. Who was called before is called by
    the next way; who has answered, anew.

    The outcome is `paged`, `paged_already` when everything was tried, or `refused`.
    """

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        must_be_open(incident)
        must_be_real(incident)
        meant = who_is_meant(desk, typed, person)
        situation = await work.situation(number)
        assert situation is not None
        effects, who = await _called(desk, work, request, situation, meant)
        detail = {"to": who, "person": meant.person, "text": meant.words}
        if not who:
            return Outcome("paged_already", number, {"to": ", ".join(meant.contacts)})
        await work.add_entry(number, request.actor, EntryKind.PAGE_REQUESTED, **detail)
        people = " ".join(in_slack_as(desk, await work.pages(number), meant.contacts))
        said = notice(incident, request, "page_requested", actor=request.actor, people=people, **detail)
        await work.enqueue([*effects, said, RefreshAlert(incident=number, change=request.change)])
        return Outcome("paged", number, detail)

    return await once(desk, request, change)


def who_is_meant(desk: Desk, typed: str, person: str = "") -> Meant:
    """Read WHO in front of the words. Raises Refused with the names that there are when nobody goes by it."""
    if person:
        own = tuple(name for name, handles in desk.contacts.items() if f"slack:{person}" in handles)
        return Meant(own, "" if own else person, words=typed.strip())
    if not typed.strip():
        raise Refused(
            f"Say whom to call: `/incident page WHO [words]`. {_there_are(desk)} Nobody was called."
        )
    for name in sorted(desk.contacts, key=len, reverse=True):
        if found := re.match(rf"{re.escape(name)}(?!\w)[\s,:]*", typed, re.IGNORECASE):
            return Meant((name,), words=typed[found.end() :].strip())
    first, _, rest = typed.strip().partition(" ")
    match = match_contacts(first, list(desk.contacts))
    if match.everyone or match.matched:
        return Meant(match.matched, everyone=match.everyone, words=rest.strip())
    raise Refused(f"No contact goes by “{first}”. {_there_are(desk)} Nobody was called.")


def _there_are(desk: Desk) -> str:
    if not desk.contacts:
        return "There are no contacts; name a person: `/incident page @dana`."
    return f"There are {', '.join(desk.contacts)}; or name a person: `/incident page @dana`."


async def _called(
    desk: Desk, work: Transaction, request: Request, situation: Situation, meant: Meant
) -> tuple[list[Effect], str]:
    """The effects, and in words who is called by them; empty when there is nobody to call any more."""
    incident, number = situation.incident, situation.incident.number
    if meant.everyone:
        if incident.private:
            raise Refused(
                "This incident is private: not everyone is called. Name somebody. Nobody was called."
            )
        call = CallEveryone(
            incident=number,
            channel_name=desk.channel_name,
            why="somebody asked for everyone",
            cause=f":{request.change}",
        )
        return [call], "everyone"
    new = [name for name in meant.contacts if not was_called(desk, situation, name)]
    called = policy.call_out(policy.WORST, new, (), False, desk.contacts, desk.on_call)
    if meant.person:
        called = policy.CallOut(people=((BY_HAND, meant.person),))
    without = [name for name, why in called.unreachable if why != policy.ONLY_A_PHONE]
    if without == list(meant.contacts) != []:
        raise Refused(
            f"{' and '.join(without)} cannot be called: there is no handle. Add one to the contacts file, or name a "
            "person: `/incident page @dana`. Nobody was called."
        )
    cause = Cause(request.change, by_hand=True)
    effects, names = await summoned(desk, work, incident, called, cause)
    known = [name for name in meant.contacts if name not in new]
    sought = asked_anew(desk, incident, known, request.change, True)
    known = [name for name in known if name not in desk.on_call]
    again, reached = await called_again(desk, work, situation, known, "was called again by hand", True)
    reached += [each.contact for each in sought]
    # What is said in the room rings for who was called in Slack.
    in_slack = [page.contact for page in situation.pages if page.person == meant.person]
    mentioned = [
        name
        for name in meant.contacts
        if name not in (*names, *reached) and any(is_for(desk, page, name) for page in situation.pages)
    ]
    return [*effects, *again, *sought], ", ".join(dict.fromkeys((*names, *reached, *mentioned, *in_slack)))
