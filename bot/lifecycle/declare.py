"""Declaring: one transaction that writes the incident and everything that must happen because of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot import policy
from bot.effects import (
    AddBookmark,
    AnnounceIncident,
    Effect,
    FindResponders,
    InvitePeople,
    MentionPeople,
    OpenChannel,
    PageResponder,
    PinAlert,
    PostAlert,
    PostNotice,
    PostPlaybook,
    SetTopic,
)
from bot.errors import Refused
from bot.incident import EntryKind, Incident, NewIncident, Outcome
from bot.letters import beginning, cut
from bot.lifecycle.calling import Cause, waits, ways_asked
from bot.lifecycle.desk import Desk, Request, once
from bot.lifecycle.ladder import first_look
from bot.lifecycle.looking import asked_by_itself
from bot.ports import Transaction
from bot.runbook import Runbook, Severity, best_playbook, match_contacts

LOOK_AT = 50
"""How many of the newest open incidents are compared when a new one may be the same."""

TITLE_LENGTH = 150
DRILL = "DRILL: "
TEXT_LENGTH = 3000


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the declarer said. Only severity and title are needed; a `private` one is seen by its members only,
    for a `drill` nobody is called.

    `playbook` is an id; None means the one that fits the title, empty means none. `quote` and `link` are the words
    and the address of the message that it comes from.
    """

    severity: str
    title: str
    playbook: str | None = None
    impact: str = ""
    affected_users: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    quote: str = ""
    link: str = ""
    private: bool = False
    drill: bool = False


async def declare(desk: Desk, request: Request, said: Declaration) -> Outcome:
    """Declare an incident. The outcome is `declared`, or `refused` when the runbook has no such severity."""
    runbook = desk.editions.current.runbook

    async def change(work: Transaction) -> Outcome:
        severity = known_severity(runbook, said.severity)
        title = said.title.strip()
        if not title:
            raise Refused("An incident needs a title: a few words about what is wrong. Nothing was recorded.")
        playbook = said.playbook
        if playbook is None and (found := best_playbook(runbook, title, severity.id)):
            playbook = found.id
        known = [] if said.drill else await work.open_titles(request.actor, LOOK_AT)
        similar = policy.looks_like(title, playbook, known)
        incident = await work.insert_incident(_new(desk, request, said, severity, playbook))
        called = people_to_call(desk, severity, incident)
        if said.private:
            called = replace(called, everyone="")
        await _noted(work, request, said, incident, called)
        await work.change(
            incident.number, **first_look(desk, runbook, incident, severity, incident.declared_at)
        )
        silence = policy.silence(severity.response)
        paged, reached = await ways_asked(
            work, incident, called, silence, Cause("declared", by_severity=True), is_new=True
        )
        await work.add_pages(incident.number, called.people)
        await work.enqueue([*paged, *first_effects(desk, incident, called)])
        if said.drill:
            await work.enqueue([_would_be_called(desk, incident, severity)])
        await asked_by_itself(work, incident)
        return Outcome("declared", incident.number, _facts(said, incident, called, reached, similar))

    return await once(desk, request, change)


def _new(
    desk: Desk, request: Request, said: Declaration, severity: Severity, playbook: str | None
) -> NewIncident:
    edition = desk.editions.current
    return NewIncident(
        title=short_title(said.title.strip(), said.drill),
        severity=severity.id,
        commander=request.actor,
        edition=edition.sha,
        cadence=cadence(desk, edition.runbook, severity),
        playbook=playbook or None,
        impact=cut(said.impact, TEXT_LENGTH),
        affected_users=cut(said.affected_users, TEXT_LENGTH),
        fields=said.fields,
        private=said.private,
        drill=said.drill,
    )


async def _noted(
    work: Transaction, request: Request, said: Declaration, incident: Incident, called: policy.CallOut
) -> None:
    """The timeline's first entries. What does not fit into a title is kept all the same."""
    number, actor, title = incident.number, request.actor, said.title.strip()
    await work.add_entry(
        number,
        actor,
        EntryKind.DECLARED,
        severity=incident.severity,
        title=incident.title,
        everyone=called.everyone,
    )
    if incident.title != drill_title(title, said.drill):
        await work.add_entry(number, actor, EntryKind.NOTE_ADDED, text=cut(title, TEXT_LENGTH))
    if said.link:
        await work.add_entry(number, actor, EntryKind.NOTE_ADDED, text=said.quote, link=said.link)


def _facts(
    said: Declaration,
    incident: Incident,
    called: policy.CallOut,
    reached: Iterable[str],
    similar: int | None,
) -> dict[str, str]:
    """What the declarer is told; empty where there is nothing to tell. `reached` are called by ways beside Slack."""
    names = dict.fromkeys([*(name for name, _ in (*called.people, *called.lookups)), *reached])
    title = said.title.strip()
    return {
        "severity": incident.severity,
        "title": incident.title,
        "called": ", ".join(names),
        "missing": ", ".join(name for name, _ in called.unreachable),
        "everyone": called.everyone,
        "similar": str(similar) if similar else "",
        "cut": str(len(title)) if incident.title != drill_title(title, said.drill) else "",
        "private": "yes" if said.private else "",
        "drill": "yes" if said.drill else "",
    }


def drill_title(title: str, drill: bool) -> str:
    """A drill's title says so wherever it is shown: in lists, channel names, forms and topics."""
    return f"{DRILL}{title}" if drill and not title.startswith(DRILL) else title


def short_title(title: str, drill: bool = False) -> str:
    """The title, cut between letters where it is longer than titles may be."""
    title = drill_title(title, drill)
    return title if len(title) <= TITLE_LENGTH else f"{beginning(title, TITLE_LENGTH - 1).rstrip()}…"


def known_severity(runbook: Runbook, typed: str) -> Severity:
    """The runbook's severity for what was typed. Raises Refused with the ones there are."""
    severity = runbook.severity(typed)
    there_are = ", ".join(each.id for each in runbook.severities)
    if not typed.strip():
        raise Refused(f"Say which severity. It has {there_are}. Nothing was changed.")
    if severity is None:
        raise Refused(f"The runbook has no severity {typed}. It has {there_are}. Nothing was recorded.")
    return severity


def cadence(desk: Desk, runbook: Runbook, severity: Severity) -> timedelta | None:
    """How often updates are promised; None for a severity that is answered on the next business day."""
    if waits(severity):
        return None
    return desk.update_every or runbook.update_every


def people_to_call(desk: Desk, severity: Severity, incident: Incident | None = None) -> policy.CallOut:
    """Whom the severity's action calls, with the handles that the contacts have; nobody where it can wait, and nobody
    for an incident that is a drill."""
    if waits(severity) or (incident is not None and incident.drill):
        return policy.CallOut()
    found = match_contacts(severity.action, list(desk.contacts))
    return policy.call_out(
        severity.rank, found.matched, found.unmatched, found.everyone, desk.contacts, desk.on_call
    )


def _would_be_called(desk: Desk, incident: Incident, severity: Severity) -> PostNotice:
    """What a drill says in its room: who would be called if it were real, and whom that would not reach."""
    called = people_to_call(desk, severity)
    names = dict.fromkeys(
        [*(name for name, _ in (*called.people, *called.lookups, *called.ways)), *called.on_call]
    )
    missing = "; ".join(f"{name} ({why})" for name, why in called.unreachable)
    detail = (("names", ", ".join(names)), ("missing", missing), ("everyone", called.everyone))
    return PostNotice(incident=incident.number, words="would_be_called", detail=detail, change="declared")


def first_effects(desk: Desk, incident: Incident, called: policy.CallOut) -> list[Effect]:
    """Everything that is due at once, in order of importance: people first. Only the call for the channel goes out just
    before them, since it takes a millisecond and most of the rest waits for its answer."""
    number = incident.number
    people = tuple(dict.fromkeys([incident.commander, *(person for _, person in called.people)]))
    return [
        OpenChannel(incident=number),
        *(
            PageResponder(incident=number, person=person, contact=contact)
            for contact, person in called.people
        ),
        *(
            FindResponders(incident=number, contact=contact, handle=handle)
            for contact, handle in called.lookups
        ),
        PostAlert(incident=number),
        *([] if incident.private else [AnnounceIncident(incident=number, channel_name=desk.channel_name)]),
        PinAlert(incident=number),
        InvitePeople(incident=number, people=people, change="declared"),
        *(
            []  # who rehearses is not told to be called
            if incident.drill
            else [
                MentionPeople(incident=number, people=people, missing=called.unreachable, change="declared")
            ]
        ),
        PostPlaybook(incident=number, part=0),
        AddBookmark(incident=number),
        SetTopic(incident=number, change="declared"),
    ]
