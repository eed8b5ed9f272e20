"""The form that arranges the post-mortem meeting, or moves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from slackblocks import DateTimePicker, InputBlock, PlainText, StaticSelectMenu, UserMultiSelectMenu

from bot.domain.meeting import LENGTHS, MAX_GUESTS, USUAL_LENGTH, Meeting, OfferedTimes
from bot.ports import Block
from templates import action_ids
from templates.blocks import build_lines
from templates.form_fields import build_option, build_text_field
from templates.incident_view import IncidentViewModel
from templates.modals import Modal, build_form
from templates.spans import Line

MAX_PLACE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """What the form begins with: the times that are offered in the team's `zone`, and who is invited."""

    offered: OfferedTimes
    zone: str
    people: Sequence[str]


def build_meeting_form(view: IncidentViewModel, draft: MeetingDraft) -> Modal:
    """When, how long, where and with whom. An arranged meeting is shown as it is; what was changed of it since the form
    was opened is noticed by its sequence."""
    known = view.situation.meeting
    meeting = known if known is not None and known.is_arranged else None
    place, people = (meeting.place, meeting.invited) if meeting else (view.call, draft.people)
    blocks = [
        build_lines("meeting-head", (view.headline,), _describe_offer(draft)),
        *_build_times(meeting, draft),
        InputBlock(
            PlainText("Another time, in your own zone"),
            DateTimePicker(action_ids.OTHER_TIME),
            block_id=action_ids.OTHER_TIME,
            optional=True,
        )._resolve(),
        _build_lengths(meeting),
        build_text_field(
            action_ids.PLACE,
            "Address of the call",
            longest=MAX_PLACE_LENGTH,
            initial=place,
            optional=True,
        ),
        InputBlock(
            PlainText("Who is invited"),
            UserMultiSelectMenu(
                action_ids.GUESTS,
                initial_users=list(people)[:MAX_GUESTS] or None,
                max_selected_items=MAX_GUESTS,
                placeholder=PlainText("Everybody involved"),
            ),
            block_id=action_ids.GUESTS,
        )._resolve(),
    ]
    carried = {"incident": view.incident.number, "sequence": str(known.sequence) if known else ""}
    title, submit = ("Move the meeting", "Move") if meeting else ("Post-mortem meeting", "Invite")
    return build_form(action_ids.MEETING_FORM, title, submit, blocks, carried)


def _describe_offer(draft: MeetingDraft) -> Line:
    if not draft.offered.times:
        return ("The calendar of the team has no working day within a year: choose a time yourself.",)
    if draft.offered.is_late:
        return ("The team does not work within 24 hours: these times are of its next working day.",)
    return ("Times within 24 hours in which the team works.",)


def _build_times(meeting: Meeting | None, draft: MeetingDraft) -> list[Block]:
    """The menu of times, the first of them chosen: that of an arranged meeting, else the soonest."""
    times = [*([meeting.starts_at] if meeting else []), *draft.offered.times]
    options = [
        build_option(format_choice(moment, draft.zone), str(int(moment.timestamp())))
        for moment in dict.fromkeys(times)
    ]
    if not options:
        return []
    menu = StaticSelectMenu(
        action_ids.MEETING_TIME,
        options=options,
        initial_option=options[0],
        placeholder=PlainText("When?"),
    )
    return [InputBlock(PlainText("When"), menu, block_id=action_ids.MEETING_TIME)._resolve()]


def _build_lengths(meeting: Meeting | None) -> Block:
    chosen = meeting.minutes if meeting else USUAL_LENGTH
    options = {length: build_option(f"{length} min", str(length)) for length in sorted({*LENGTHS, chosen})}
    menu = StaticSelectMenu(
        action_ids.LENGTH,
        options=list(options.values()),
        initial_option=options[chosen],
        placeholder=PlainText("How long?"),
    )
    return InputBlock(PlainText("How long"), menu, block_id=action_ids.LENGTH)._resolve()


def format_choice(moment: datetime, zone: str) -> str:
    """`Wed 2 Dec, 10:30 Asia/Kolkata (05:00 UTC)`: a menu cannot show each reader their own time."""
    local = moment.astimezone(ZoneInfo(zone))
    utc = "" if zone == "UTC" else f" ({moment.astimezone(UTC):%H:%M} UTC)"
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M} {zone}{utc}"
