"""The post-mortem meeting in Slack: the message in the channel, the direct message, and the sentences about it."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from slackblocks import ConfirmationDialogue, PlainText

from bot.domain.incident import Situation
from bot.domain.meeting import InvitationWay, Meeting, MeetingGuest
from bot.domain.results.meeting_results import (
    MeetingArrangedResult,
    MeetingCancelledAlreadyResult,
    MeetingCancelledResult,
    MeetingResult,
)
from bot.domain.timeline_details.meeting_details import (
    MeetingArrangedDetail,
    MeetingCancelledDetail,
    MeetingDetail,
    MeetingMovedDetail,
)
from bot.ports import Block, SlackPayload
from templates import action_ids
from templates.blocks import build_button, build_button_row, build_lines, build_message
from templates.incident_view import IncidentViewModel
from templates.spans import (
    CLOSING_DATE_FORMAT,
    DATE_FORMAT,
    Bold,
    Code,
    Line,
    Span,
    Timestamp,
    UserMention,
    WebLink,
)

MAX_NAMED = 30
"""People whom a line names; the others are counted."""

NO_SERVER = "No mail server is set (TOCSIN_SMTP_URL and TOCSIN_MAIL_FROM)."
NO_ADDRESS = "Slack shows no e-mail address of theirs."


def render_meeting(view: IncidentViewModel, meeting: Meeting, is_working_time: bool) -> SlackPayload:
    """Its message in the channel: when, where, who, how each was invited, and the way to move or cancel it."""
    incident = view.incident
    head = Bold(f"Post-mortem meeting of {incident.reference}")
    if not meeting.is_arranged:
        was: Line = ("It was to be ", Timestamp(meeting.starts_at, CLOSING_DATE_FORMAT), ".")
        body: list[Line] = [(head, ": cancelled"), *_list_reasons(view), was, *_list_problems(meeting)]
        return build_message(body, build_lines("meeting", *body), _build_again_button(view))
    body = [(head,), _describe_time(meeting, is_working_time)]
    body += [("Where: ", _build_place(meeting.place))] if meeting.place else []
    body += [("Invited: ", *_name(meeting.invited)), ("To read: ", *_build_review_link(view))]
    if incident.drill:
        body.append(("A drill: no invitation goes out.",))
    else:
        body += [*_describe_ways(meeting), *_list_problems(meeting)]
    if incident.status.is_open:
        body.append((f"{incident.reference} is open again; the meeting stays.",))
    return build_message(body, build_lines("meeting", *body), _build_buttons(view, meeting))


def render_meeting_message(view: IncidentViewModel, meeting: Meeting, guest: MeetingGuest) -> SlackPayload:
    """The direct message to who got no mail: an invitation, or that there is nothing to come to."""
    reference = view.incident.reference
    at = Timestamp(meeting.starts_at, DATE_FORMAT)
    if not (meeting.is_arranged and guest.is_invited):
        was = Timestamp(meeting.starts_at, CLOSING_DATE_FORMAT)
        words = "is cancelled" if not meeting.is_arranged else "takes place without you"
        body: list[Line] = [
            (Bold(f"The post-mortem meeting of {reference} {words}."),),
            *(_list_reasons(view) if not meeting.is_arranged else ()),
            ("It was to be ", was, "."),
        ]
    else:
        body = [
            (Bold(f"You are invited to the post-mortem meeting of {reference}"),),
            (at, f", {meeting.minutes} min"),
            *([("Where: ", _build_place(meeting.place))] if meeting.place else []),
            ("To read: ", *_build_review_link(view)),
        ]
    body += [(view.headline, *view.where)]
    if guest.problem:
        body.append((f"This is no e-mail: {guest.problem}",))
    return build_message(body, build_lines("meeting-message", *body))


def find_cancel_reason(situation: Situation) -> str:
    """Why the meeting was cancelled last; empty where nobody said it."""
    details = [entry.detail for entry in reversed(situation.entries)]
    return next((detail.reason for detail in details if isinstance(detail, MeetingCancelledDetail)), "")


def _list_reasons(view: IncidentViewModel) -> Iterator[Line]:
    if reason := find_cancel_reason(view.situation):
        yield (f"Why: {reason}",)


def _describe_time(meeting: Meeting, is_working_time: bool) -> Line:
    outside = "" if is_working_time else ", outside the team's working hours"
    return (Timestamp(meeting.starts_at, DATE_FORMAT), f", {meeting.minutes} min{outside}")


def _build_place(place: str) -> Span:
    return WebLink(place, "Join the call")


def _build_review_link(view: IncidentViewModel) -> Line:
    """The pull request of the review, else its message, else how to begin it."""
    proposal = view.situation.proposal
    if proposal is not None and proposal.link:
        return (WebLink(proposal.link, "the review"),)
    post = view.situation.post("review")
    return (view.build_post_link(post, "the review"),) if post else ("the review, ", Code("/incident review"))


def _name(people: Sequence[str]) -> Line:
    named: list[Span] = []
    for person in people[:MAX_NAMED]:
        named += [", " if named else "", UserMention(person)]
    more = len(people) - MAX_NAMED
    return (*named, f" and {more} more") if more > 0 else tuple(named)


def _describe_ways(meeting: Meeting) -> Iterator[Line]:
    """How many have their invitation, as the meeting is now."""
    told = [guest for guest in meeting.guests if guest.is_invited and guest.told == meeting.sequence]
    mails = sum(guest.way is InvitationWay.MAIL for guest in told)
    count = len(meeting.invited)
    if mails:
        yield (f"{mails} of {count} by e-mail, with a calendar invitation.",)
    if len(told) < count:
        yield (f"{count - len(told)} of {count} not invited yet.",)


def _list_problems(meeting: Meeting) -> Iterator[Line]:
    """Who got no mail, and why; those with the same reason in one line."""
    reasons: dict[tuple[str, bool], list[str]] = {}
    for guest in meeting.guests:
        is_told = guest.told == meeting.sequence
        if guest.problem and (is_told or (meeting.is_arranged and guest.is_invited)):
            has_message = guest.way is InvitationWay.MESSAGE and is_told
            reasons.setdefault((guest.problem, has_message), []).append(guest.person)
    for (why, has_message), people in reasons.items():
        how = "By direct message: " if has_message else "Not invited: "
        yield (how, *_name(people), f". {why}")


def _build_buttons(view: IncidentViewModel, meeting: Meeting) -> Block:
    value = action_ids.join_value(view.incident.number)
    question = ConfirmationDialogue(
        PlainText("Cancel the meeting?"),
        PlainText(f"{len(meeting.invited)} people are told that it does not take place."),
        PlainText("Cancel it"),
        PlainText("Keep it"),
    )
    return build_button_row(
        "meeting-buttons",
        build_button("Move or change…", action_ids.ARRANGE_MEETING, value),
        build_button("Cancel the meeting", action_ids.CANCEL_MEETING, value, confirm=question),
    )


def _build_again_button(view: IncidentViewModel) -> Block:
    value = action_ids.join_value(view.incident.number)
    return build_button_row(
        "meeting-buttons", build_button("Arrange meeting…", action_ids.ARRANGE_MEETING, value)
    )


def describe_meeting(detail: MeetingDetail) -> Line:
    """The timeline's words."""
    match detail:
        case MeetingArrangedDetail():
            at = Timestamp(detail.starts_at, CLOSING_DATE_FORMAT)
            return (
                "arranged the post-mortem meeting ",
                at,
                f", {detail.minutes} min, with ",
                *_name(detail.people),
            )
        case MeetingMovedDetail():
            at = Timestamp(detail.starts_at, CLOSING_DATE_FORMAT)
            if detail.before == detail.starts_at:
                did: Line = ("changed the post-mortem meeting ", at)
            else:
                before = Timestamp(detail.before, CLOSING_DATE_FORMAT)
                did = ("moved the post-mortem meeting from ", before, " to ", at)
            return (*did, f", {detail.minutes} min, with ", *_name(detail.people))
        case MeetingCancelledDetail():
            at = Timestamp(detail.starts_at, CLOSING_DATE_FORMAT)
            return ("cancelled the post-mortem meeting ", at, f": {detail.reason}" if detail.reason else "")
        case _:
            assert_never(detail)


def describe_meeting_result(result: MeetingResult, reference: str) -> list[Line]:
    """The answer to who asked."""
    match result:
        case MeetingArrangedResult():
            did = "moved" if result.is_moved else "arranged"
            at = Timestamp(result.starts_at, CLOSING_DATE_FORMAT)
            return [(f"The post-mortem meeting of {reference} is {did}: ", at, f", {result.count} invited.")]
        case MeetingCancelledResult():
            told = f" Told now: {result.count}." if result.count else ""
            return [(f"The post-mortem meeting of {reference} is cancelled.{told}",)]
        case MeetingCancelledAlreadyResult():
            return [("The meeting was cancelled before. Nothing was changed.",)]
        case _:
            assert_never(result)
