"""The sections of the post-incident review: what was recorded, and what people wrote, never a guess.

Every line comes from one recorded row; who wrote what people only know stands beside it. Secrets and personal data are
taken out of people's words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.domain.review import NO_FINDING, POINTER, QUESTIONS
from templates.action_views import BOXES, format_weekday
from templates.blocks import format_duration
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
    took = content.situation.measured
    spans = {"Acknowledged after": took.to_acknowledge, "Resolved after": took.to_resolve}
    yield f"- Declared: {content.tell(content.situation.incident.declared_at)}"
    for name, span in spans.items():
        if span is not None:
            yield f"- {name} {format_duration(span.total_seconds())}"
    meeting = content.situation.meeting
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
    for update in content.situation.updates:
        where = content.link(f"update:{content.situation.incident.number}:{update.id}")
        said = f"{content.name(update.author)}: {join_words(update.text)}"
        yield f"- {content.tell(update.at)}, {update.status}, {said}{where}"


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
        yield f"- {BOXES[item.state]} {item.reference} ({item.purpose}): {escape_markdown(item.text)}{owner}{due}"


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
