"""Examples of what is said about the post-mortem meeting."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.incident import Incident
from bot.domain.meeting import InvitationWay, Meeting, MeetingGuest, MeetingState, OfferedTimes
from bot.ports import SlackPayload
from templates.incident_view import IncidentViewModel
from templates.meeting_form import MeetingDraft, build_meeting_form
from templates.meeting_messages import NO_ADDRESS, render_meeting, render_meeting_message

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
NO_MAIL = MeetingGuest("U0DEVIKA", told=1, way=InvitationWay.MESSAGE, problem=NO_ADDRESS)
WAITING = MeetingGuest("U0CHIDI", problem="The mail server cannot be reached. I keep trying.")
MEETING = Meeting(
    incident=42,
    state=MeetingState.ARRANGED,
    sequence=1,
    starts_at=AT,
    minutes=45,
    place="https://call.example/42",
    arranged_by="U0ANA",
    changed_at=AT - timedelta(days=1),
    guests=(
        MeetingGuest("U0ANA", told=1, way=InvitationWay.MAIL),
        MeetingGuest("U0BRUNO", told=1, way=InvitationWay.MAIL),
        NO_MAIL,
        WAITING,
    ),
)
CANCELLED = replace(MEETING, state=MeetingState.CANCELLED, sequence=2)

ANSWERS = {
    "meeting_arranged": {"starts_at": str(int(AT.timestamp())), "count": "4", "is_moved": ""},
    "meeting_cancelled": {"count": "4"},
    "meeting_cancelled_already": {},
}


def list_meeting_messages(over: IncidentViewModel) -> Iterator[tuple[str, SlackPayload]]:
    """Every message about a meeting, by what it is for."""
    yield "The post-mortem meeting", render_meeting(over, MEETING, is_working_time=True)
    yield "The meeting, on a Sunday", render_meeting(over, MEETING, is_working_time=False)
    yield "The meeting is cancelled", render_meeting(over, CANCELLED, is_working_time=True)
    yield "Invited without an e-mail", render_meeting_message(over, MEETING, NO_MAIL)
    yield "The meeting is cancelled, without an e-mail", render_meeting_message(over, CANCELLED, NO_MAIL)


def list_meeting_forms(over: IncidentViewModel) -> Iterator[tuple[str, Any]]:
    """Every form for a meeting."""
    times = OfferedTimes((AT, AT + timedelta(hours=2), AT + timedelta(hours=6)))
    draft = MeetingDraft(times, "Asia/Kolkata", ("U0ANA", "U0BRUNO"))
    yield "Arrange the meeting", build_meeting_form(over, draft)
    moved = replace(over, situation=replace(over.situation, meeting=MEETING))
    yield "Move the meeting", build_meeting_form(moved, replace(draft, offered=replace(times, is_late=True)))


def build_full_meeting(incident: Incident, words: str) -> Meeting:
    """As much as a meeting can have, with these words wherever it has any."""
    guests = tuple(
        MeetingGuest(f"U0PERSON{n}", told=1, way=InvitationWay.MESSAGE, problem=f"{words} {n}")
        for n in range(100)
    )
    place = f"https://call.example/{'x' * 450}"
    return replace(MEETING, incident=incident.number, place=place, guests=guests)
