"""How far people were called: on the alert, as the text of a page, and what the room is asked to do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain import page_attempts
from bot.domain.incident import EntryKind, Incident
from bot.domain.page_attempts import EscalationState, PageAttempt, SlackPage
from bot.ports import SlackPayload
from templates import action_ids, paging_sentences
from templates.blocks import build_button, build_button_row, build_lines, build_message
from templates.incident_view import IncidentViewModel
from templates.spans import INLINE_DATE_FORMAT, Bold, Line, Timestamp, UserMention

MAX_ATTEMPTS = 6
MOST_JOINED = 10
PROVIDERS = {
    "pagerduty:service": "PagerDuty service",
    "pagerduty:user": "PagerDuty",
    "pagerduty:policy": "PagerDuty policy",
    "apprise": "message by",
    "tel": "phone",
}


@dataclass(frozen=True, slots=True)
class PageText:
    """What a provider is given to say; `worst` for what must wake people."""

    summary: str
    details: str
    worst: bool


def build_page_text(view: IncidentViewModel, way: PageAttempt) -> PageText:
    """The text of a page, for a phone that shows the first line."""
    incident, severity = view.incident, view.severity
    worst = severity is None or severity.rank == 0
    target = f" {view.ask_to_acknowledge}." if view.ask_to_acknowledge else ""
    called = f"You're being paged for {incident.reference} as {way.contact}.{target}"
    call = f" Join the call: {view.call}" if view.call else ""
    others = _format_joined_pages(view, way.contact)
    if incident.private:  # everybody in the provider's account can read what is sent there
        return PageText(
            f"{incident.severity}: a private incident ({incident.reference})",
            f"{called} Open Slack for the details.{call}{others}",
            worst,
        )
    details = f"{called}{call}"
    if words := view.find_manual_page(way.contact)[1]:
        details = f"{details}\n{words}"
    if incident.impact:
        details = f"{details}\nImpact: {incident.impact}"
    return PageText(f"{view.headline} ({incident.reference})", f"{details}{others}", worst)


def build_page_note(incident: Incident) -> str:
    """What is added to a page that the page of another incident joins; without its title, which may be private."""
    return f"Also paged for: {incident.reference} ({incident.severity}). It rings once this is acknowledged."


def _format_joined_pages(view: IncidentViewModel, contact: str) -> str:
    """The incidents whose pages joined the one of this contact's people; without titles, which may be private."""
    people = {
        page.person for page in view.situation.pages if page_attempts.is_paged_as(page.contact, contact)
    }
    waiting = [
        f"INC-{joined.number} ({joined.severity})"
        for joined in view.situation.joined
        if joined.person in people
    ]
    if not waiting:
        return ""
    left = f" and {len(waiting) - MOST_JOINED} more" if len(waiting) > MOST_JOINED else ""
    return f"\nAlso paged for: {', '.join(waiting[:MOST_JOINED])}{left}. They ring once this is acknowledged."


def render_progress(view: IncidentViewModel) -> list[Line]:
    """How far each contact was called, in Slack and by the last way that was tried, and when the next ones are."""
    asked = [
        attempt
        for attempt in view.situation.ways
        if attempt.requested_at is not None and not attempt.ended_at
    ]
    newest: dict[str, PageAttempt] = {attempt.contact: attempt for attempt in asked}
    in_slack: dict[str, list[SlackPage]] = {}
    for page in (page for page in view.situation.pages if page.ended_at is None):
        by_hand = page.contact == paging_sentences.BY_HAND
        in_slack.setdefault(f"<@{page.person}>" if by_hand else page.contact, []).append(page)
    body: list[Line] = []
    for contact in dict.fromkeys([*in_slack, *newest]):
        parts: list[Line] = [_in_slack(in_slack[contact])] if contact in in_slack else []
        if (way := newest.get(contact)) is not None:
            parts.append((_how(way), *_state(way)))
        between = [span for part in parts for span in (" · ", *part)][1:]
        body.append((*paging_sentences.parse_mentions(contact), ": ", *between))
    if len(body) > MAX_ATTEMPTS:
        body = [*body[:MAX_ATTEMPTS], (f"… and {len(body) - MAX_ATTEMPTS} more",)]
    return [*body, *render_countdown(view)]


def _in_slack(pages: Sequence[SlackPage]) -> Line:
    """How far the direct messages to one contact came."""
    answered = [page.acknowledged_at for page in pages if page.acknowledged_at is not None]
    if len(pages) > 1:
        failed = sum(bool(page.failed) for page in pages)
        parts = [f"{len(pages)} paged in Slack"]
        parts += [f"{failed} not reached"] if failed else []
        held = sum(page.held_until is not None for page in pages)
        parts += [f"{held} on hold"] if held else []
        parts += [f"{len(answered)} acknowledged"] if answered else []
        return (", ".join(parts),)
    (page,) = pages
    if answered:
        return ("DM acknowledged ", Timestamp(answered[0]))
    if page.failed:
        return (f"DM failed: {page.failed}",)
    if page.held_until is not None:
        return ("DM held until another page is acknowledged, by ", Timestamp(page.held_until))
    if page.accepted_at is not None:
        return ("DM sent ", Timestamp(page.accepted_at))
    return ("DM queued ", Timestamp(page.requested_at))


def render_countdown(view: IncidentViewModel) -> list[Line]:
    """Until when an answer is expected, and what then."""
    incident = view.incident
    if not incident.status.is_open or incident.look_at is None:
        return []
    due = Timestamp(incident.look_at, "{time} ({ago})")
    match incident.ladder:
        case EscalationState.CLIMBING:
            return [("If nobody acknowledges, I'll page the next people at ", due)]
        case EscalationState.ASKED:
            return [("Checked in with the responders; if nobody answers, I'll page the next people at ", due)]
        case EscalationState.WAITING:
            return [("Waiting for the next business day: ", Timestamp(incident.look_at, INLINE_DATE_FORMAT))]
        case _:
            return []


def _how(way: PageAttempt) -> str:
    """By what, with what stands before how far it came: `PagerDuty `, and `PagerDuty: ` where a reason follows."""
    how = describe_method(way.handle)
    return f"{how}: " if _reason(way) else f"{how} "


def describe_method(handle: str) -> str:
    """By what somebody is paged, of a contact method as the contacts file writes it."""
    kind = next((words for start, words in PROVIDERS.items() if handle.startswith(start)), "")
    return f"{kind} {handle.partition(':')[2]}" if handle.startswith("apprise") else kind


def _reason(way: PageAttempt) -> str:
    """Why it did not help; empty where it did, or may still."""
    if way.acknowledged_at is not None or (way.is_phone and way.accepted_at is not None):
        return ""
    return way.failed.removeprefix("PagerDuty ")  # that is said before it


def _state(way: PageAttempt) -> Line:
    if way.acknowledged_at is not None:
        return ("acknowledged ", Timestamp(way.acknowledged_at))
    if way.is_phone and way.accepted_at is not None:
        return ("number posted in the channel ", Timestamp(way.accepted_at))
    if reason := _reason(way):
        return (reason,)
    if way.quieted_at is not None:
        return ("page stopped ", Timestamp(way.quieted_at), " (someone else acknowledged)")
    if way.delivered_at is not None:
        return ("delivered ", Timestamp(way.delivered_at))
    if way.accepted_at is not None:
        told = "notified " if way.handle.startswith("pagerduty") else "sent "
        return (told, Timestamp(way.accepted_at))
    assert way.requested_at is not None
    return ("requested ", Timestamp(way.requested_at))


def render_phone_fallback(sentence: str) -> SlackPayload:
    """Ask the room to dial."""
    line: Line = (Bold(f"☎ {sentence}"),)
    return build_message([line], build_lines("phone", line))


def render_check_in(view: IncidentViewModel) -> SlackPayload:
    """Ask who answered whether they are still on it."""
    who = format_person(view.incident.acknowledged_by) if view.incident.acknowledged_by else ("Everybody",)
    ask: Line = (
        *who,
        f": are you still on {view.incident.reference}? There has been no activity for a while.",
    )
    then: Line = ("If nobody answers, I'll page the next people.",)
    number = action_ids.join_value(view.incident.number)
    row = build_button_row(
        "still-buttons", build_button("Still on it", action_ids.STILL_ON_IT, number, primary=True)
    )
    return build_message((ask, then), build_lines("still-body", ask, then), row)


def render_settled_check_in(view: IncidentViewModel, asked: float) -> SlackPayload:
    """What is left of that question once it is answered or over; it was asked at that instant (epoch seconds)."""
    line: Line = (
        "Checked in at ",
        Timestamp(datetime.fromtimestamp(asked, UTC)),
        ": ",
        *_answer(view, asked),
    )
    return build_message([line], build_lines("still-body", line))


def _answer(view: IncidentViewModel, asked: float) -> Line:
    """That the incident is over, or who answered first, by saying so or by doing something."""
    if not view.incident.status.is_open:
        return view.ended
    since = (entry for entry in view.situation.entries if entry.at.timestamp() >= asked and entry.actor)
    first = next(since, None)
    if first is None:
        return ("not needed any more.",)
    what = {EntryKind.STILL_ON_IT: "is still on it", EntryKind.ACKNOWLEDGED: "acknowledged"}
    return (*format_person(first.actor), f" {what.get(first.kind, 'is active')}.")


def format_person(who: str) -> Line:
    """Somebody by their id in Slack, or by the name that a provider gave."""
    return (UserMention(who),) if USER.fullmatch(who) else (who,)


USER = re.compile(r"[UW][A-Z0-9]{2,20}")
