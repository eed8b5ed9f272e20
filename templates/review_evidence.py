"""What checks and remediations left for a post-incident review: findings with their charts, what was changed with how
it was before and after, and earlier incidents that were like it."""

from collections.abc import Iterator
from datetime import timedelta

from bot.domain.diagnostic_run import StepResult
from bot.domain.earlier_incident import EarlierIncident
from bot.domain.incident import EntryKind
from bot.domain.remediation import Remediation
from bot.domain.review import ReviewChart
from templates.diagnostic_run import WORDS
from templates.earlier_incidents import describe_likeness
from templates.item_owners import format_day
from templates.remediation_message import HEADS, split_mentions
from templates.review_content import ReviewContent, escape_markdown, join_words

ORDER = {"bad": 0, "warn": 1, "ok": 2}


def render_evidence(content: ReviewContent) -> Iterator[str]:
    """What the checks found last, the failing ones in front; then what they saw when it was worst, as pictures."""
    found = [result for result in content.situation.evidence if not is_unread(result)]
    for result in sorted(found, key=lambda one: ORDER.get(str(one.verdict), 3)):
        digest = f", sha256 {result.digest}" if result.digest else ""
        yield (
            f"- {WORDS[str(result.verdict)]}: {escape_markdown(result.headline)} "
            f"({escape_markdown(result.title)}, line {result.line}{digest})"
        )
    for chart in content.records.charts:
        yield from _render_chart(content, chart)


def _render_chart(content: ReviewContent, chart: ReviewChart) -> Iterator[str]:
    number = content.situation.incident.number
    where = content.link(f"finding:{chart.look}:{chart.place}", f"evidence:{number}:{chart.look}")
    yield f"- {content.tell(chart.seen_at)}, {WORDS[chart.verdict]}: {join_words(chart.headline)}{where}"
    yield from ("", content.draw(chart), "")


def render_unchecked(content: ReviewContent) -> Iterator[str]:
    """What could not be checked, with why; and what nobody was told."""
    situation = content.situation
    lines = [
        f"- {escape_markdown(result.title)} (line {result.line}): {escape_markdown(result.headline or result.note)}"
        for result in situation.evidence
        if is_unread(result)
    ]
    late = sum(entry.kind is EntryKind.UPDATE_OVERDUE for entry in situation.entries)
    if late:
        lines.append(f"- Promised status updates that came late: {late}")
    if not situation.evidence:
        lines.insert(0, "- No check ran.")
    yield from (lines or ["Nothing."])


def is_unread(result: StepResult) -> bool:
    """Whether it says nothing about the system."""
    return result.verdict is None or str(result.verdict) == "unknown"


def render_remediations(content: ReviewContent) -> Iterator[str]:
    """Each with who asked and agreed, what changed, and what was measured before and after."""
    for found in content.records.remediations:
        where = content.link(f"remediation:{found.incident}:{found.id}")
        yield f"- {found.reference}: {join_words(found.title)}: {HEADS[found.state]}{where}"
        yield from (f"  - {line}" for line in _describe(content, found))

    if unread := content.records.unread:
        count = "1 more" if unread == 1 else f"{unread} more"
        yield f"- {count}, of a kind that only a newer version of Tocsin knows: see the timeline"


def _describe(content: ReviewContent, found: Remediation) -> Iterator[str]:
    reason = f": {join_words(found.reason)}" if found.reason else ""
    yield f"Requested by {content.name(found.asked_by)}, {content.tell(found.asked_at)}{reason}"
    if found.approved_by and found.approved_at:
        yield f"Approved by {content.name(found.approved_by)}, {content.tell(found.approved_at)}"
    if found.alone:
        yield f"Approved by one person alone: {join_words(found.alone)}"
    plan = found.plan
    for change in plan.changes if plan else ():
        yield f"{join_words(change.name)}: {join_words(change.now)} → {join_words(change.then)}"
    if measure := found.receipt.get("measure", ""):
        before = f"{join_words(plan.measure)} before, " if plan and plan.measure else ""
        yield f"Measured: {before}{join_words(measure)} after"
    if found.why:
        yield content.format_line(split_mentions(found.why))
    if found.verdict:
        yield f"Result: {content.format_line(split_mentions(found.verdict))}"


def render_earlier(content: ReviewContent) -> Iterator[str]:
    """Those that were like it, with why, and what of them is still open."""
    for earlier in content.records.earlier:
        since = content.situation.incident.declared_at - earlier.declared_at
        like = join_words(describe_likeness(earlier))
        yield f"- {earlier.reference} {join_words(earlier.title)} ({_format_before(since)}): {like}."
        yield from (f"  - {line}" for line in _describe_open(content, earlier))


def _describe_open(content: ReviewContent, earlier: EarlierIncident) -> Iterator[str]:
    for item in earlier.actions:
        owner = f"owner {content.name(item.owner)}" if item.owner else "no owner"
        due = f", due {format_day(item.due_on)}" if item.due_on else ""
        yield f"Its action {item.reference} “{join_words(item.text)}” is still open, {owner}{due}"


def _format_before(span: timedelta) -> str:
    """In days, later in weeks: `the same day`, `3 days before`, `3 weeks before`."""
    days = max(0, span.days)
    count, unit = (days, "day") if days < 14 else (days // 7, "week")
    return f"{count} {unit}{'' if count == 1 else 's'} before" if count else "the same day"
