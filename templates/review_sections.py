"""The sections of the post-incident review: what was recorded, and what people wrote, never a guess.

Every line comes from one recorded row; who wrote what people only know stands beside it. Secrets and personal data are
taken out of people's words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from bot.domain.action_item import ActionItem
from bot.domain.diagnostic_run import StepResult
from bot.domain.incident import EntryKind, Situation
from bot.domain.review import QUESTIONS, ReviewAnswer
from bot.text.redaction import redact
from templates import incident_export
from templates.action_views import BOXES, format_weekday
from templates.blocks import format_duration
from templates.incident_export import format_markdown_span
from templates.spans import Bold, Code, Span, Timestamp
from templates.timeline_entries import render_entry

NOT_SAID = "Nobody has said yet."

OWN_AFFAIRS = frozenset({EntryKind.PROPOSED, EntryKind.NOT_PROPOSED})
"""Entries about the review itself: a document that told of its own commits would never be done."""


@dataclass(frozen=True, slots=True)
class ReviewContent:
    """What a review is made of. `names` are what people are called, by their Slack ids; times also in `zone`."""

    situation: Situation
    answers: Sequence[ReviewAnswer]
    actions: Sequence[ActionItem]
    names: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo | None = None

    def name(self, person: str) -> str:
        """What somebody is called."""
        return escape_markdown(self.names.get(person, person))

    def tell(self, at: datetime) -> str:
        """An instant in UTC, and in the team's own time where that is another."""
        utc = incident_export.format_instant(at)
        local = at.astimezone(self.zone) if self.zone else None
        if local is None or local.utcoffset() == at.astimezone(UTC).utcoffset():
            return utc
        day = f"{local:%Y-%m-%d} " if local.date() != at.astimezone(UTC).date() else ""
        return f"{utc} ({day}{local:%H:%M:%S %Z})"


def escape_markdown(text: str) -> str:
    """People's words as Markdown that shows them as they are, without secrets."""
    return incident_export.escape_markdown(redact(text))


def render_head(content: ReviewContent) -> Iterator[str]:
    """The title, and how it stands."""
    incident = content.situation.incident
    drill = "A drill. " if incident.drill else ""
    yield f"# Review of {incident.reference}: {_join(incident.title)}"
    yield ""
    yield f"{drill}Severity {escape_markdown(incident.severity)}, {content.situation.standing}."


def _render_answers(section: str, content: ReviewContent, more: Sequence[str] = ()) -> Iterator[str]:
    """What people wrote for one section, each with who wrote it and when."""
    id = next(question.id for question in QUESTIONS if question.section == section)
    given = [answer for answer in content.answers if answer.question == id]
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


def _render_timeline(content: ReviewContent) -> Iterator[str]:
    for entry in content.situation.entries:
        if entry.kind not in OWN_AFFAIRS:
            spans = render_entry(content.situation, entry)
            line = "".join(_format_span(span, content) for span in spans)
            yield f"- {' '.join(line.split())}"


def _format_span(span: Span, content: ReviewContent) -> str:
    match span:
        case str(text):
            return escape_markdown(text)
        case Bold(text):
            return f"**{escape_markdown(text)}**"
        case Code(text):
            return format_markdown_span(Code(redact(text)), content.names)
        case Timestamp(at):
            return content.tell(at)
        case _:
            return format_markdown_span(span, content.names)


def _render_updates(content: ReviewContent) -> Iterator[str]:
    for update in content.situation.updates:
        yield f"- {content.tell(update.at)}, {update.status}, {content.name(update.author)}: {_join(update.text)}"


def _render_evidence(content: ReviewContent) -> Iterator[str]:
    """What the checks found last, the failing ones in front."""
    found = [result for result in content.situation.evidence if not _is_unread(result)]
    order = {"bad": 0, "warn": 1, "ok": 2}
    for result in sorted(found, key=lambda one: order.get(str(one.verdict), 3)):
        digest = f", sha256 {result.digest}" if result.digest else ""
        yield (
            f"- {result.verdict}: {escape_markdown(result.headline)} "
            f"({escape_markdown(result.title)}, line {result.line}{digest})"
        )


def _render_cause(content: ReviewContent) -> Iterator[str]:
    incident = content.situation.incident
    by = f", {content.name(incident.resolved_by)}" if incident.resolved_by else ""
    said = incident.root_cause
    told = [f"{escape_markdown(said)} (said at the resolution{by})", ""] if said else []
    yield from _render_answers("Root cause", content, told)


def _render_resolution(content: ReviewContent) -> Iterator[str]:
    if content.situation.incident.resolution:
        yield escape_markdown(content.situation.incident.resolution)


def _render_actions(content: ReviewContent) -> Iterator[str]:
    if not content.actions:
        yield "None."
    for item in content.actions:
        owner = f", owner {content.name(item.owner)}" if item.owner else ""
        due = f", due {format_weekday(item.due_on)}" if item.due_on else ""
        yield f"- {BOXES[item.state]} {item.reference} ({item.purpose}): {escape_markdown(item.text)}{owner}{due}"


def _render_unchecked(content: ReviewContent) -> Iterator[str]:
    """What could not be checked, with why; and what nobody was told."""
    situation = content.situation
    lines = [
        f"- {escape_markdown(result.title)} (line {result.line}): {escape_markdown(result.headline or result.note)}"
        for result in situation.evidence
        if _is_unread(result)
    ]
    late = sum(entry.kind is EntryKind.UPDATE_OVERDUE for entry in situation.entries)
    if late:
        lines.append(f"- Promised status updates that came late: {late}")
    yield from (lines or ["Nothing."])


def _is_unread(result: StepResult) -> bool:
    return result.verdict is None or str(result.verdict) == "unknown"


def _join(text: str) -> str:
    return escape_markdown(" ".join(text.split()))


SectionRenderer = Callable[[ReviewContent], Iterator[str]]

SECTIONS: Mapping[str, SectionRenderer] = {
    "Summary": _answers_of("Summary"),
    "Impact": _render_impact,
    "Times": _render_times,
    "Detection": _answers_of("Detection"),
    "Response": _render_response,
    "Timeline": _render_timeline,
    "Status updates": _render_updates,
    "Evidence": _render_evidence,
    "Root cause": _render_cause,
    "Resolution": _render_resolution,
    "What went well": _answers_of("What went well"),
    "What went badly": _answers_of("What went badly"),
    "Where we were lucky": _answers_of("Where we were lucky"),
    "Action items": _render_actions,
    "What could not be checked": _render_unchecked,
}
"""Every section in its usual order, with what is in it; one without any line is left out."""
