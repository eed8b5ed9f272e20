"""Invites people to the post-mortem meeting by e-mail, else by a direct message; and shows it in the channel."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from bot.contacts import BusinessHours, ContactBook, HandleKind
from bot.domain.effects import SendInvitation, TellOfMeeting, compute_backoff_s
from bot.domain.meeting import Meeting, MeetingGuest, is_working_time
from bot.domain.policy import explain_cannot_page
from bot.errors import SlackCallError, SlackOutcomeUnknown, SlackRejected
from bot.ports import LeasedEffect
from bot.ports.mail import Invitation, MailAnswerLost, MailBusy, MailRefused
from bot.ports.messages import SlackPerson
from bot.services import meeting_arrangement
from handlers.outbox.effect_context import (
    Destination,
    EffectContext,
    RetryLater,
    ensure_lease,
    find_room,
    get_incident_number,
)
from handlers.outbox.effect_result import EffectResult
from templates import invitation_text, meeting_messages
from templates.incident_view import IncidentViewModel
from templates.meeting_messages import NO_ADDRESS, NO_SERVER

TRIED_FOR = timedelta(hours=1)
"""How long a mail server that is away is asked again; then a direct message goes out."""

BEFORE = timedelta(minutes=30)
"""So long before the meeting nobody waits for a mail server any more."""

TOLD_AT = 3
"""The attempt at which the channel's message says that the mail server is away."""

MAX_TRIES = 3
"""How often a mail is handed over to a server that does not say whether it took it."""


async def post_meeting(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """In the incident's channel."""
    view = await hands.load_view(get_incident_number(row))
    meeting = view.situation.meeting
    if meeting is None:
        return EffectResult()
    message = meeting_messages.render_meeting(view, meeting, _is_working_time(hands, meeting))
    return EffectResult(await hands.post(row, find_room(view.situation), message))


async def refresh_meeting(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """As it stands now."""
    view = await hands.load_view(get_incident_number(row))
    post, meeting = view.situation.post("meeting"), view.situation.meeting
    if post is not None and meeting is not None:
        message = meeting_messages.render_meeting(view, meeting, _is_working_time(hands, meeting))
        await hands.edit(row, post, message)
    return EffectResult()


async def send_invitation(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """Hand one mail over. The server cannot be asked whether it has it: after a call without an answer, or a crash, the
    same mail goes out again, with the same id and sequence."""
    effect = cast(SendInvitation, row.effect)
    view = await hands.load_view(effect.incident, at_once=True)
    found = _find_guest(view, effect)
    if found is None:
        return EffectResult()
    meeting, guest = found
    person = await _find_person(hands, effect.person)
    if person is None or (why := _explain_left_out(person)):
        return _leave_out(effect, why if person else "Slack does not know them any more.")
    address = person.email or _find_known_address(hands.services.book, effect.person)
    if hands.mailer is None or not address:
        return _fall_back(effect, NO_ADDRESS if hands.mailer else NO_SERVER)
    invitation = await _build_invitation(hands, view, meeting, guest, person, address)
    ensure_lease(row)
    try:
        await hands.mailer.send(invitation)
    except MailRefused as refusal:
        return _fall_back(effect, str(refusal))
    except MailBusy as away:
        return await _try_later(hands, row, effect, meeting, str(away))
    except MailAnswerLost as lost:
        if row.attempts >= MAX_TRIES:
            return _fall_back(effect, f"{lost} The mail may have come all the same.")
        raise SlackOutcomeUnknown(str(lost)) from None
    return EffectResult(on_commit=lambda tx: meeting_arrangement.record_sent(tx, effect))


def _find_guest(
    view: IncidentViewModel, effect: SendInvitation | TellOfMeeting
) -> tuple[Meeting, MeetingGuest] | None:
    """The meeting and who is told of it; None where it was changed since, or somebody is to hear that something is
    cancelled of which they never heard."""
    meeting = view.situation.meeting
    guest = meeting.find_guest(effect.person) if meeting else None
    if meeting is None or guest is None or meeting.sequence != effect.sequence:
        return None
    is_cancelled = not (meeting.is_arranged and guest.is_invited)
    return None if is_cancelled and guest.told < 0 else (meeting, guest)


async def _find_person(hands: EffectContext, id: str) -> SlackPerson | None:
    """Who that is, asked now: addresses are not kept. None for whom Slack does not know."""
    try:
        return await hands.chat.person(id)
    except SlackRejected as refusal:
        if refusal.code in ("user_not_found", "user_not_visible"):
            return None
        raise


def _explain_left_out(person: SlackPerson) -> str:
    """Why somebody cannot be invited; empty when they can."""
    why = explain_cannot_page(deactivated=person.deactivated, bot=person.bot, stranger=person.stranger)
    return f"{person.name} {why}." if why else ""


def _find_known_address(book: ContactBook, person: str) -> str:
    """The e-mail address of the contact whose Slack id this is; empty where the contacts file has none."""
    for handles in book.handles.values():
        if any(each.kind is HandleKind.SLACK_USER and each.value == person for each in handles):
            mails = (each.value for each in handles if each.kind is HandleKind.SLACK_EMAIL)
            if address := next(mails, ""):
                return address
    return ""


async def _build_invitation(
    hands: EffectContext,
    view: IncidentViewModel,
    meeting: Meeting,
    guest: MeetingGuest,
    person: SlackPerson,
    address: str,
) -> Invitation:
    installation = hands.services.store.installation[:12]
    uid = f"inc-{meeting.incident}-review.{installation}"
    zone = (hands.services.book.hours or BusinessHours("UTC")).zone
    called = await _find_names(hands, meeting)
    names = [person.name if id == guest.person else called.get(id, "somebody") for id in meeting.invited]
    return Invitation(
        uid=uid,
        message=f"{uid}.{meeting.sequence}.{guest.person}",
        sequence=meeting.sequence,
        is_cancelled=not (meeting.is_arranged and guest.is_invited),
        address=address,
        name=person.real_name or person.name,
        title=invitation_text.format_meeting_title(view),
        subject=invitation_text.format_invitation_subject(view, meeting, guest),
        text=invitation_text.format_invitation(view, meeting, guest, names, zone),
        place=meeting.place,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        changed_at=meeting.changed_at,
    )


async def _find_names(hands: EffectContext, meeting: Meeting) -> Mapping[str, str]:
    """What the invited are called; while Slack does not say it, nobody waits for that."""
    try:
        return await hands.chat.names(meeting.invited)
    except SlackCallError:
        return {}


def _leave_out(effect: SendInvitation, why: str) -> EffectResult:
    """Neither a mail nor a message: the channel's message says why."""
    return EffectResult(on_commit=lambda tx: meeting_arrangement.record_problem(tx, effect, why))


def _fall_back(effect: SendInvitation, why: str) -> EffectResult:
    """A direct message in place of the mail."""
    return EffectResult(on_commit=lambda tx: meeting_arrangement.record_no_mail(tx, effect, why))


async def _try_later(
    hands: EffectContext, row: LeasedEffect, effect: SendInvitation, meeting: Meeting, why: str
) -> EffectResult:
    """Again soon, so long as there is time; then a direct message."""
    now = datetime.now(UTC)
    if now - row.created_at > TRIED_FOR or meeting.starts_at - now < BEFORE:
        return _fall_back(effect, why)
    if row.attempts >= TOLD_AT:
        async with hands.services.store.transaction() as tx:
            await meeting_arrangement.record_problem(tx, effect, f"{why} I keep trying.")
    raise RetryLater(why, timedelta(seconds=compute_backoff_s(row.attempts)))


async def tell_of_meeting(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """By a direct message. Nothing where the meeting was changed since: then another one follows."""
    effect = cast(TellOfMeeting, row.effect)
    view = await hands.load_view(effect.incident)
    found = _find_guest(view, effect)
    if found is None:
        return EffectResult()
    message = meeting_messages.render_meeting_message(view, *found)
    return EffectResult(await hands.post(row, Destination(effect.person), message))


def _is_working_time(hands: EffectContext, meeting: Meeting) -> bool:
    hours = hands.services.book.hours or BusinessHours("UTC")
    return is_working_time(hours, meeting.starts_at, meeting.minutes)
