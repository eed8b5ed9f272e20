"""The sections of the post-incident review: what was recorded, and what people wrote, never a guess.

Every line comes from one recorded row; who wrote what people only know stands beside it. Secrets and personal data are
taken out of people's words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from bot.domain.review import NO_FINDING, POINTER, QUESTIONS
from bot.domain.timeline_details.publication_details import PublicAcceptedDetail
from bot.text.durations import format_duration
from templates.action_views import BOXES, build_ticket_link, format_weekday
from templates.incident_times import find_beginning, list_moments
from templates.review_content import ReviewContent, escape_markdown, join_words
from templates.review_evidence import render_earlier, render_evidence, render_remediations, render_unchecked
from templates.review_timeline import render_timeline

NOT_SAID = "Nobody has said yet."


def render_head(content: ReviewContent) -> Iterator[str]:
    """The title, and how it stands."""
    incident = content.situation.incident
    drill = "A drill. " if incident.drill else ""
    yield f"# Review of {incident.reference}: {join_words(incident.title)}"
    yield ""
    yield f"{drill}Severity {escape_markdown(incident.severity)}, {content.situation.standing}."


def _render_answers(section: str, content: ReviewContent, more: Sequence[str] = ()) -> Iterator[str]:
    """What people wrote for one section, each with who wrote it and when."""
    id = next(question.id for question in QUESTIONS if question.section == section)
    given = [answer for answer in content.records.answers if answer.question == id]
    yield from more
    for answer in given:
        yield f"{escape_markdown(answer.text)} ({content.name(answer.person)}, {content.tell(answer.at)})"
        yield ""
    if not given and not more:
        yield NOT_SAID


def _answers_of(section: str) -> "SectionRenderer":
    return lambda content: _render_answers(section, content)


def _render_impact(content: ReviewContent) -> Iterator[str]:
    incident = content.situation.incident
    told = {"Impact": incident.impact, "Affected users": incident.affected_users}
    lines = [f"- {name}: {escape_markdown(text)}" for name, text in told.items() if text]
    yield from (lines or [NOT_SAID])


def _render_times(content: ReviewContent) -> Iterator[str]:
    """When it began, as somebody corrected it or as it was declared, and how long after that the rest came."""
    situation, began = content.situation, content.situation.incident.declared_at
    if correction := find_beginning(situation):
        began, person, reason = correction
        by = f"corrected by {content.name(person)}: {join_words(reason)}"
        yield f"- Began: {content.tell(began)}, {by}"
    for word, moment in list_moments(situation):
        after = f" after {format_duration((moment - began).total_seconds())}"
        yield f"- {word.capitalize()}{after if moment > began else ''}: {content.tell(moment)}"
    meeting = situation.meeting
    if meeting is not None and meeting.is_arranged:
        yield f"- Post-mortem meeting: {content.tell(meeting.starts_at)}, {len(meeting.invited)} invited"


def _render_response(content: ReviewContent) -> Iterator[str]:
    """Who was paged and how fast each answered."""
    situation = content.situation
    yield f"- Commander: {content.name(situation.incident.commander)}"
    yield from (f"- {role.capitalize()}: {content.name(person)}" for role, person in situation.roles.items())
    for page in situation.pages:
        took = page.acknowledged_at - page.requested_at if page.acknowledged_at else None
        answer = f"answered after {format_duration(took.total_seconds())}" if took else "did not answer"
        answer = f"could not be reached: {escape_markdown(page.failed)}" if page.failed else answer
        yield f"- Paged {escape_markdown(page.contact)} ({content.name(page.person)}): {answer}"


def _render_updates(content: ReviewContent) -> Iterator[str]:
    """What was told inside, and to customers, in the order of time."""
    situation, told = content.situation, list[tuple[datetime, str]]()
    for update in situation.updates:
        where = content.link(f"update:{situation.incident.number}:{update.id}")
        said = f"{content.name(update.author)}: {join_words(update.text)}"
        told.append((update.at, f"{update.status}, {said}{where}"))
    for entry in situation.entries:
        if isinstance(entry.detail, PublicAcceptedDetail):
            said = f"{content.name(entry.actor)}: {join_words(entry.detail.text)}"
            told.append((entry.at, f"to customers, {escape_markdown(entry.detail.status)}, {said}"))
    yield from (f"- {content.tell(at)}, {line}" for at, line in sorted(told))


def _render_cause(content: ReviewContent) -> Iterator[str]:
    incident = content.situation.incident
    by = f", {content.name(incident.resolved_by)}" if incident.resolved_by else ""
    said = incident.root_cause
    told = [f"{escape_markdown(said)} (said at the resolution{by})", ""] if said else []
    pointers = [answer for answer in content.records.answers if answer.question == POINTER.id]
    for answer in pointers[-1:]:
        who = f"({content.name(answer.person)}, {content.tell(answer.at)})"
        what = "" if answer.text == NO_FINDING else f": {join_words(answer.text)}"
        told += [f"{'The' if what else 'No'} finding {'that ' if what else ''}pointed at it{what} {who}", ""]
    yield from _render_answers("Root cause", content, told)


def _render_resolution(content: ReviewContent) -> Iterator[str]:
    if content.situation.incident.resolution:
        yield escape_markdown(content.situation.incident.resolution)


def _render_actions(content: ReviewContent) -> Iterator[str]:
    if not content.records.actions:
        yield "None."
    for item in content.records.actions:
        owner = f", owner {content.name(item.owner)}" if item.owner else ""
        due = f", due {format_weekday(item.due_on)}" if item.due_on else ""
        where = f", {content.format_line((build_ticket_link(item),))}" if item.ticket else ""
        said = f"{item.reference} ({item.purpose}): {escape_markdown(item.text)}"
        yield f"- {BOXES[item.state]} {said}{owner}{due}{where}"


SectionRenderer = Callable[[ReviewContent], Iterator[str]]

SECTIONS: Mapping[str, SectionRenderer] = {
    "Summary": _answers_of("Summary"),
    "Impact": _render_impact,
    "Times": _render_times,
    "Detection": _answers_of("Detection"),
    "Response": _render_response,
    "Timeline": render_timeline,
    "Status updates": _render_updates,
    "Evidence": render_evidence,
    "Remediations": render_remediations,
    "Root cause": _render_cause,
    "Resolution": _render_resolution,
    "What went well": _answers_of("What went well"),
    "What went badly": _answers_of("What went badly"),
    "Where we were lucky": _answers_of("Where we were lucky"),
    "Action items": _render_actions,
    "Earlier incidents": render_earlier,
    "What could not be checked": render_unchecked,
}
"""Every section in its usual order, with what is in it; one without any line is left out."""
