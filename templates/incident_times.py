"""The moments of an incident: when it began, was declared, acknowledged, mitigated and resolved."""

from datetime import datetime

from bot.domain.incident import EntryKind, Situation
from bot.domain.timeline_details import StatusChangedDetail, TimesCorrectedDetail
from bot.ports import SlackPayload
from bot.text.durations import format_duration
from templates.blocks import build_lines, build_message
from templates.spans import INLINE_DATE_FORMAT, Bold, Code, Line, Timestamp, UserMention


def find_beginning(situation: Situation) -> tuple[datetime, str, str] | None:
    """When it began as somebody corrected it last, who that was and why; None where nobody did."""
    for entry in reversed(situation.entries):
        if isinstance(entry.detail, TimesCorrectedDetail):
            return entry.detail.began, entry.actor, entry.detail.reason
    return None


def render_times(situation: Situation) -> SlackPayload:
    """One line for each moment, with the duration since the beginning."""
    incident = situation.incident
    corrected = find_beginning(situation)
    began = corrected[0] if corrected else incident.declared_at
    body: list[Line] = [(Bold(f"Times of {incident.reference}"),)]
    if corrected:
        _, person, reason = corrected
        at = Timestamp(began, INLINE_DATE_FORMAT)
        body.append(("began ", at, ", corrected by ", UserMention(person), f": {reason}"))
    for word, moment in list_moments(situation):
        after = f" (after {format_duration((moment - began).total_seconds())})" if moment > began else ""
        body.append((f"{word} ", Timestamp(moment, INLINE_DATE_FORMAT), after))
    body.append(("Did it begin earlier? ", Code("/incident times 02:40 The alert came late")))
    return build_message(body, build_lines("times", *body))


def list_moments(situation: Situation) -> list[tuple[str, datetime]]:
    """What came of it, each with its moment, in order."""
    incident = situation.incident
    mitigated = next(
        (
            entry.at
            for entry in situation.entries
            if isinstance(entry.detail, StatusChangedDetail) and entry.detail.to == "monitoring"
        ),
        None,
    )
    acknowledged = next(
        (entry.at for entry in situation.entries if entry.kind is EntryKind.ACKNOWLEDGED), None
    )
    found = (
        ("declared", incident.declared_at),
        ("acknowledged", acknowledged),
        ("mitigated", mitigated),
        ("resolved", incident.resolved_at),
    )
    return [(word, moment) for word, moment in found if moment is not None]
