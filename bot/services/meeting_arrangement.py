"""Arranges, moves and cancels the post-mortem meeting of an incident; everybody involved is invited, once each."""

import zlib
from collections.abc import Iterable
from datetime import datetime

from bot.domain.effects import (
    Effect,
    PostMeeting,
    RefreshChecklist,
    RefreshMeeting,
    SendInvitation,
    TellOfMeeting,
)
from bot.domain.effects.meeting_effects import LANES
from bot.domain.incident import OPEN, EntryKind, Incident, Situation, Status
from bot.domain.meeting import (
    MAX_AHEAD,
    MAX_GUESTS,
    InvitationWay,
    Meeting,
    MeetingState,
    NewMeeting,
)
from bot.domain.results import CommandResult
from bot.domain.results.meeting_results import (
    MeetingArrangedResult,
    MeetingCancelledAlreadyResult,
    MeetingCancelledResult,
)
from bot.domain.timeline_details.meeting_details import (
    MeetingArrangedDetail,
    MeetingCancelledDetail,
    MeetingDetail,
    MeetingMovedDetail,
)
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.review import ensure_over
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut

MAX_REASON_LENGTH = 300
NEVER = -1
"""The sequence of a meeting that was never arranged."""

CAME_AND_WENT = (EntryKind.JOINED, EntryKind.LEFT)


def list_involved(situation: Situation) -> list[str]:
    """Who is invited unless somebody says otherwise: the commander, who has a role, and everybody who did something
    that the timeline has. Who only came into the channel, or was paged and did not answer, is not."""
    acted = [entry.actor for entry in situation.entries if entry.actor and entry.kind not in CAME_AND_WENT]
    named = [situation.incident.commander, *situation.roles.values(), *acted]
    return list(dict.fromkeys(named))[:MAX_GUESTS]


def ensure_arrangeable(incident: Incident, meeting: Meeting | None, merged_into: int | None = None) -> None:
    """The meeting is arranged when the incident is over; one that was arranged can be moved when it was opened again.
    Raises RuleViolation."""
    if merged_into is not None and incident.status is Status.CANCELLED:
        raise RuleViolation(
            f"{incident.reference} was merged into INC-{merged_into}: arrange that one's meeting, "
            f"`/incident meeting INC-{merged_into}`. Nothing was changed."
        )
    if incident.status is Status.CANCELLED:
        raise RuleViolation(
            f"{incident.reference} was cancelled: no meeting is arranged. Nothing was changed."
        )
    if meeting is None or not meeting.is_arranged:
        ensure_over(incident, "the meeting is arranged")


async def arrange_meeting(
    desk: ServiceContext, request: UserRequest, number: int, new: NewMeeting, seen: int = NEVER
) -> CommandResult:
    """Arrange it, or move it; `seen` is the sequence that whoever asks saw. `meeting_arranged` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        before = await tx.find_meeting(number)
        ensure_arrangeable(incident, before, await tx.find_merge_target(number))
        if seen != (before.sequence if before else NEVER):
            raise RuleViolation(
                "The meeting was changed meanwhile: open the form again, and see how it is now. Nothing was changed."
            )
        await _ensure_sensible(tx, incident, new)
        was = before if before is not None and before.is_arranged else None
        _ensure_other(was, new)
        meeting = await tx.set_meeting(number, new, MeetingState.ARRANGED, request.actor)
        people = tuple(meeting.invited)
        await tx.add_entry(number, request.actor, _build_detail(was, new, people))
        dropped = [person for person in (was.invited if was else ()) if person not in people]
        await tx.enqueue(_build_effects(incident, meeting, [*people, *dropped], request))
        return MeetingArrangedResult(
            number, starts_at=new.starts_at, count=len(people), is_moved=was is not None
        )

    return await run_idempotent(desk, request, change)


def _build_detail(was: Meeting | None, new: NewMeeting, people: tuple[str, ...]) -> MeetingDetail:
    if was is None:
        return MeetingArrangedDetail(starts_at=new.starts_at, minutes=new.minutes, people=people)
    return MeetingMovedDetail(
        before=was.starts_at, starts_at=new.starts_at, minutes=new.minutes, people=people
    )


async def _ensure_sensible(tx: Transaction, incident: Incident, new: NewMeeting) -> None:
    now = await tx.now()
    if new.starts_at <= now:
        raise RuleViolation("That time is over. Choose one that comes. Nothing was changed.")
    if new.starts_at - now > MAX_AHEAD:
        raise RuleViolation(f"That is more than {MAX_AHEAD.days} days ahead. Nothing was changed.")
    if not new.people:
        raise RuleViolation("Choose at least one person. Nothing was changed.")
    if len(new.people) > MAX_GUESTS:
        raise RuleViolation(f"Choose {MAX_GUESTS} people at most. Nothing was changed.")
    if incident.private:
        outside = [person for person in new.people if await tx.lock(incident.number, person) is None]
        if outside:
            raise RuleViolation(
                f"{incident.reference} is private, and {len(outside)} of those people may not see it: invite them into "
                "its channel first, or leave them out. Nothing was changed."
            )


def _ensure_other(was: Meeting | None, new: NewMeeting) -> None:
    if was is None:
        return
    same = (was.starts_at, was.minutes, was.place) == (new.starts_at, new.minutes, new.place)
    if same and set(was.invited) == set(new.people):
        raise RuleViolation("The meeting is arranged like that. Nothing was changed.")


async def cancel_meeting(
    desk: ServiceContext, request: UserRequest, number: int, reason: str = ""
) -> CommandResult:
    """Cancel it. `meeting_cancelled`, `meeting_cancelled_already` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        meeting = await tx.find_meeting(number)
        if meeting is None:
            raise RuleViolation(f"{incident.reference} has no meeting. Nothing was changed.")
        if not meeting.is_arranged:
            return MeetingCancelledAlreadyResult(number)
        if meeting.starts_at <= await tx.now():
            raise RuleViolation("The meeting has begun: it is not cancelled any more. Nothing was changed.")
        await tx.enqueue(await _call_off(tx, request, incident, meeting, reason))
        return MeetingCancelledResult(number, count=len(meeting.invited))

    return await run_idempotent(desk, request, change)


async def call_off_meeting(
    tx: Transaction, request: UserRequest, incident: Incident, reason: str
) -> list[Effect]:
    """The incident ends without a review: a meeting that comes is cancelled. Gives what tells it."""
    meeting = await tx.find_meeting(incident.number)
    if find_stay(meeting, await tx.now()) is None:
        return []
    assert meeting is not None
    return await _call_off(tx, request, incident, meeting, reason)


async def _call_off(
    tx: Transaction, request: UserRequest, incident: Incident, meeting: Meeting, reason: str
) -> list[Effect]:
    same = NewMeeting(meeting.starts_at, meeting.minutes, meeting.place, meeting.invited)
    after = await tx.set_meeting(incident.number, same, MeetingState.CANCELLED, request.actor)
    words = cut(" ".join(reason.split()), MAX_REASON_LENGTH)
    detail = MeetingCancelledDetail(starts_at=meeting.starts_at, reason=words)
    await tx.add_entry(incident.number, request.actor, detail)
    return _build_effects(incident, after, meeting.invited, request)


def refresh_meeting(incident: Incident, meeting: Meeting | None, change: str) -> list[Effect]:
    """What brings its message up to date when the incident is opened again, or over again; posted where it was
    arranged while the channel was not used."""
    if meeting is None or not meeting.is_arranged:
        return []
    return [PostMeeting(incident=incident.number), RefreshMeeting(incident=incident.number, change=change)]


def _build_effects(
    incident: Incident, meeting: Meeting, people: Iterable[str], request: UserRequest
) -> list[Effect]:
    """What shows it in the channel while that is used, and what is sent to these people; nobody is told of a drill."""
    number = incident.number
    effects: list[Effect] = []
    if _has_room(incident):
        effects += [PostMeeting(incident=number), RefreshMeeting(incident=number, change=request.change)]
    if incident.status is Status.RESOLVED:
        effects.append(RefreshChecklist(incident=number, count=incident.resolutions, change=request.change))
    if not incident.drill:
        effects += [
            SendInvitation(
                incident=number,
                sequence=meeting.sequence,
                person=person,
                share=zlib.crc32(person.encode()) % LANES,
            )
            for person in people
        ]
    return effects


def _has_room(incident: Incident) -> bool:
    """Whether the channel is used: it is archived some days after the incident is closed."""
    return incident.status in (*OPEN, Status.RESOLVED)


async def record_sent(tx: Transaction, effect: SendInvitation) -> None:
    """The mail server has it."""
    await tx.lock(effect.incident)
    await tx.record_invitation(effect.incident, effect.person, effect.sequence, InvitationWay.MAIL)
    await _refresh(tx, effect)


async def record_no_mail(tx: Transaction, effect: SendInvitation, why: str) -> None:
    """No mail goes to them, for this reason: a direct message does."""
    await tx.lock(effect.incident)
    await tx.record_invitation(effect.incident, effect.person, effect.sequence, InvitationWay.MESSAGE, why)
    told = TellOfMeeting(incident=effect.incident, sequence=effect.sequence, person=effect.person)
    await tx.enqueue([told])
    await _refresh(tx, effect)


async def record_problem(tx: Transaction, effect: SendInvitation, why: str) -> None:
    """Nothing went out to them, yet or ever, for this reason: the channel's message says so."""
    await tx.lock(effect.incident)
    if await tx.set_invitation_problem(effect.incident, effect.person, why):
        await _refresh(tx, effect)


async def _refresh(tx: Transaction, effect: SendInvitation) -> None:
    incident = await tx.incident(effect.incident)
    if _has_room(incident):
        change = f"{effect.sequence}-{effect.person}-{await tx.now():%H%M%S%f}"
        await tx.enqueue([RefreshMeeting(incident=effect.incident, change=change)])


def find_stay(meeting: Meeting | None, now: datetime) -> datetime | None:
    """When the meeting is that stays although the incident was opened again; None without one that comes."""
    return meeting.starts_at if meeting and meeting.is_arranged and meeting.starts_at > now else None
