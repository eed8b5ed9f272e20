"""`/incident meeting`: the form that arranges the post-mortem meeting or moves it, and the word that cancels it."""

import re
from datetime import UTC, datetime, timedelta

from bot import services
from bot.contacts import BusinessHours
from bot.domain.meeting import USUAL_LENGTH, WITHIN, NewMeeting, OfferedTimes, offer_times
from bot.domain.results import CommandResult
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from bot.services.meeting_arrangement import NEVER, ensure_arrangeable, list_involved
from bot.text.bridge_url import explain_unusable_bridge
from handlers.slack.action_request import ActionRequest
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import open_form
from handlers.slack.slash_command import SlashCommandRequest
from handlers.slack.view_submission import OTHERS, InvalidForm, ViewSubmission
from templates import action_ids
from templates.incident_view import IncidentViewModel
from templates.meeting_form import MeetingDraft, build_meeting_form
from templates.modals import Modal

CANCEL = re.compile(r"cancel(?:led)?\b[\s:,.–—-]*", re.IGNORECASE)
MOVE = re.compile(r"(?:move|change|reschedule|arrange)?[\s.!]*", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]{1,12}")
PERSON = re.compile(r"[UW][A-Z0-9]{4,30}")


async def answer_meeting(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """The form; `cancel [why]` cancels."""
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    words = asked.command.rest.strip()
    if cancel := CANCEL.match(words):
        return await services.cancel_meeting(front.services, asked.request, number, words[cancel.end() :])
    if not MOVE.fullmatch(words):
        raise RuleViolation(
            "Type `/incident meeting` to arrange or move the meeting, `/incident meeting cancel WHY` to cancel it. "
            "Nothing was changed.",
            words=words,
        )
    open_form(front, asked.trigger, asked.respond, await _build_form(front, number, asked.request.actor))
    return None


async def open_by_button(front: RequestContext, click: ActionRequest) -> None:
    """`Arrange meeting…` of the checklist, `Move or change…` of the meeting's message."""
    form = await _build_form(front, int(click.split_value(1)[0]), click.request.actor)
    open_form(front, click.trigger, click.respond, form)


async def cancel_by_button(front: RequestContext, click: ActionRequest) -> CommandResult:
    """`Cancel the meeting`, once Slack has asked whether that is meant."""
    return await services.cancel_meeting(front.services, click.request, int(click.split_value(1)[0]))


async def _build_form(front: RequestContext, number: int, actor: str) -> Modal:
    view = await front.view(number, actor)
    merged = view.situation.merged
    ensure_arrangeable(view.incident, view.situation.meeting, merged.into if merged else None)
    hours = front.services.book.hours or BusinessHours("UTC")
    people = [
        person for person in list_involved(view.situation) if await _may_be_invited(front, number, person)
    ]
    return build_meeting_form(view, MeetingDraft(_offer(view, hours), hours.zone, people))


def _offer(view: IncidentViewModel, hours: BusinessHours) -> OfferedTimes:
    """Within a day of the resolution; of now where that day is over, or the incident is open again."""
    now, resolved_at = datetime.now(UTC), view.incident.resolved_at
    by = resolved_at + WITHIN if resolved_at else now
    return offer_times(hours, now, by if by > now + timedelta(hours=1) else now + WITHIN, USUAL_LENGTH)


async def _may_be_invited(front: RequestContext, number: int, person: str) -> bool:
    """By what is known of somebody without Slack being asked; it is asked before they are told."""
    known = await front.find_known_person(person)
    if known is not None and (known.bot or known.stranger or known.deactivated):
        return False
    return await front.services.store.may_see(number, person)


async def save_meeting(front: RequestContext, form: ViewSubmission) -> CommandResult:
    """What was chosen. Raises InvalidForm beside the field that cannot be taken."""
    place, people = form.text(action_ids.PLACE), form.text(action_ids.GUESTS).split()
    if place and (why := explain_unusable_bridge(place)):
        raise InvalidForm({action_ids.PLACE: f"This {why}."})
    if not people:
        raise InvalidForm({action_ids.GUESTS: "Choose at least one person."})
    moment = form.text(action_ids.OTHER_TIME) or form.text(action_ids.MEETING_TIME)
    if not moment:
        raise InvalidForm({action_ids.OTHER_TIME: "Choose a time."})
    minutes, seen = form.text(action_ids.LENGTH), form.get_carried("sequence")
    if not all(map(NUMBER.fullmatch, (moment, minutes, seen or "0"))) or not all(
        map(PERSON.fullmatch, people)
    ):
        raise RuleViolation(OTHERS)
    new = NewMeeting(
        datetime.fromtimestamp(int(moment), UTC), int(minutes), place, tuple(dict.fromkeys(people))
    )
    number = form.number("incident")
    return await services.arrange_meeting(
        front.services, form.request, number, new, int(seen) if seen else NEVER
    )
