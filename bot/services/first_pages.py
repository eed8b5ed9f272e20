"""The first pages of an incident: whom its severity pages, and the effects that are due at once."""

from collections.abc import Collection
from datetime import timedelta

from bot.domain import policy
from bot.domain.effects import (
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
    SetTopic,
)
from bot.domain.incident import Incident
from bot.domain.notices import WouldBeCalledNotice
from bot.ports import Transaction
from bot.runbook import Runbook, Severity, select_first_contacts
from bot.services.context import ServiceContext
from bot.services.paging import is_deferrable


def plan_first_pages(
    desk: ServiceContext, runbook: Runbook, severity: Severity, incident: Incident | None = None
) -> policy.PagingPlan:
    """Whom the severity pages first, with their handles; nobody when it can wait, and nobody for a drill."""
    if is_deferrable(severity) or (incident is not None and incident.drill):
        return policy.PagingPlan()
    found = select_first_contacts(runbook, severity, list(desk.contacts))
    return policy.plan_paging(
        severity.rank, found.matched, found.unmatched, found.everyone, desk.contacts, desk.on_call
    )


ANNOUNCEMENT_DELAY = timedelta(seconds=0.5)
"""So long the announcement waits at most for the incident's channel and the answers to its direct messages, to be
posted with the way there and with who was paged: an edit reaches nobody's phone."""


async def enqueue_announcement(desk: ServiceContext, tx: Transaction, incident: Incident) -> None:
    """Announce it when its channel is there and people are paged, or after a moment; a private one is not announced."""
    if not incident.private:
        announced = AnnounceIncident(incident=incident.number, channel_name=desk.channel_name)
        await tx.enqueue([announced], later=ANNOUNCEMENT_DELAY)


def build_drill_notice(
    desk: ServiceContext, runbook: Runbook, incident: Incident, severity: Severity
) -> PostNotice:
    """A drill's notice in its channel: who would be paged if it were real, and whom that would not reach."""
    called = plan_first_pages(desk, runbook, severity)
    names = dict.fromkeys(
        [*(name for name, _ in (*called.people, *called.lookups, *called.ways)), *called.on_call]
    )
    missing = "; ".join(f"{name} ({why})" for name, why in called.unreachable)
    notice = WouldBeCalledNotice(names=", ".join(names), missing=missing, everyone=called.everyone)
    return PostNotice.say(incident.number, notice, "declared")


def build_first_effects(
    incident: Incident, plan: policy.PagingPlan, held: Collection[str] = ()
) -> list[Effect]:
    """All effects that are due at once, in order of importance: people first. Only the channel is requested just before
    them, since it takes a millisecond and most of the rest waits for it. Whoever is `held` is not rung now."""
    number = incident.number
    people = tuple(dict.fromkeys([incident.commander, *(person for _, person in plan.people)]))
    effects: list[Effect] = [
        OpenChannel(incident=number),
        *_build_first_pages(number, plan, held),
        PostAlert(incident=number),
        PinAlert(incident=number),
        InvitePeople(incident=number, people=people, change="declared"),
    ]
    if not incident.drill:  # who rehearses is not told to be paged
        mentioned = tuple(person for person in people if person not in held)
        effects.append(
            MentionPeople(incident=number, people=mentioned, missing=plan.unreachable, change="declared")
        )
    return [
        *effects,
        AddBookmark(incident=number),
        SetTopic(incident=number, change="declared"),
    ]


def _build_first_pages(number: int, plan: policy.PagingPlan, held: Collection[str]) -> list[Effect]:
    return [
        *(
            PageResponder(incident=number, person=person, contact=contact)
            for contact, person in plan.people
            if person not in held
        ),
        *(
            FindResponders(incident=number, contact=contact, handle=handle)
            for contact, handle in plan.lookups
        ),
    ]
