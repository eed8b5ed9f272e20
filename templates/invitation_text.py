"""The words of an invitation by e-mail: plain text without anything of Slack's in it."""

import re
from collections.abc import Iterable
from datetime import UTC
from zoneinfo import ZoneInfo

from bot.domain.meeting import Meeting, MeetingGuest
from bot.text.redaction import redact
from templates.escaping import cut
from templates.incident_view import IncidentViewModel
from templates.meeting_messages import find_cancel_reason
from templates.spans import WebLink

MAX_TITLE = 150
MENTION = re.compile(r"<[@!#][^>|]*\|?([^>]*)>")


def format_meeting_title(view: IncidentViewModel) -> str:
    """What the calendar shows. Of a private incident only its number leaves Slack."""
    incident = view.incident
    head = f"Post-mortem of {incident.reference}"
    return head if incident.private else cut(f"{head}: {_make_plain(incident.title)}", MAX_TITLE)


def format_invitation_subject(view: IncidentViewModel, meeting: Meeting, guest: MeetingGuest) -> str:
    """The subject of the mail: what becomes of the meeting, for whom it is."""
    title = format_meeting_title(view)
    if not (meeting.is_arranged and guest.is_invited):
        return f"Cancelled: {title}"
    return f"Changed: {title}" if guest.told >= 0 else title


def format_invitation(
    view: IncidentViewModel, meeting: Meeting, guest: MeetingGuest, names: Iterable[str], zone: str
) -> str:
    """What, when in the team's zone and in UTC, where, with whom, what to read."""
    lines = [format_meeting_title(view), "", f"When: {format_span(meeting, zone)}"]
    if not (meeting.is_arranged and guest.is_invited):
        return "\n".join([*lines, "", _describe_cancelling(view, meeting)])
    lines += [f"Where: {meeting.place}"] if meeting.place else []
    lines.append(f"With: {', '.join(names)}")
    lines += [f"Review: {link}"] if (link := _find_review_link(view)) else []
    lines += [f"In Slack: {link}"] if (link := _find_channel_link(view)) else []
    lines += ["", "The review is written with `/incident review` in the incident's channel."]
    return "\n".join(lines)


def _describe_cancelling(view: IncidentViewModel, meeting: Meeting) -> str:
    """That there is nothing to come to; why only where the incident may be told outside of Slack."""
    if meeting.is_arranged:
        return "It takes place without you."
    reason = "" if view.incident.private else _make_plain(find_cancel_reason(view.situation))
    return f"It does not take place: {reason}" if reason else "It does not take place."


def format_span(meeting: Meeting, zone: str) -> str:
    """`Wed 2 Dec 2026, 10:30-11:15 (Asia/Kolkata); 05:00-05:45 UTC`."""
    begins, ends = (at.astimezone(ZoneInfo(zone)) for at in (meeting.starts_at, meeting.ends_at))
    local = f"{begins:%a} {begins.day} {begins:%b %Y}, {begins:%H:%M}-{ends:%H:%M}"
    if zone == "UTC":
        return f"{local} UTC"
    utc, until = (at.astimezone(UTC) for at in (meeting.starts_at, meeting.ends_at))
    day = "" if utc.date() == begins.date() else f"{utc:%a} {utc.day} {utc:%b}, "
    return f"{local} ({zone}); {day}{utc:%H:%M}-{until:%H:%M} UTC"


def _find_review_link(view: IncidentViewModel) -> str:
    """The address of the review's pull request, else of its message; empty where nobody has begun it."""
    proposal, post = view.situation.proposal, view.situation.post("review")
    if proposal is not None and proposal.link:
        return proposal.link
    link = view.build_post_link(post, "") if post else ""
    return link.url if isinstance(link, WebLink) else ""


def _find_channel_link(view: IncidentViewModel) -> str:
    """The address of the incident's channel."""
    if not view.incident.channel or not view.workspace_url.startswith("https://"):
        return ""
    return f"{view.workspace_url.rstrip('/')}/archives/{view.incident.channel}"


def _make_plain(text: str) -> str:
    """One line without Slack's tokens and without secrets."""
    return " ".join(redact(MENTION.sub(lambda found: found[1] or "somebody", text)).split())
