"""The evidence of one step, for the thread: table, text, picture, where it comes from."""

from collections.abc import Iterator
from datetime import timedelta

from bot.domain.diagnostic_run import (
    ALL,
    NOT_CONFIGURED,
    UNKNOWN,
    DiagnosticRun,
    Evidence,
    StepResult,
    deduplicate_results,
)
from bot.domain.playbook import StepKind
from bot.ports import Block, SlackPayload
from bot.runbook import classify_step, find_step
from bot.services.playbook_fixes import find_fixes
from bot.text.durations import format_duration
from templates import action_ids
from templates.blocks import (
    build_button,
    build_button_row,
    build_context,
    build_message,
    build_preformatted,
    build_rich_text,
    build_section,
)
from templates.diagnostic_run import MARKS, MAX_HEADLINE_LENGTH, strip_title
from templates.escaping import cut
from templates.evidence_table import format_table
from templates.incident_view import IncidentViewModel, build_line_link
from templates.remediation_buttons import build_suggested_buttons
from templates.spans import INLINE_DATE_FORMAT, Bold, Line, Span, Timestamp, WebLink, split_code

MAX_TEXT_LENGTH = 1800
MAX_LINK_LENGTH = 2000
"""Characters of an address: with what stands beside it, it fits into one grey line."""

MAX_PLACES = 6
"""Lines of the runbook that are named where many playbooks ask the same."""

MOST_BY_HAND, LONGEST_BY_HAND = 12, 700
"""Commands that are given where nothing is configured, and letters of each."""

HALF_A_DAY = timedelta(hours=12)
"""From such a span on its ends are told with their days: `01:06 to 01:06` would be no time at all."""

SLOW_AFTER_S = 5.0
"""Seconds from when on it is said that something was read a while ago."""


def render_evidence(
    view: IncidentViewModel, look: DiagnosticRun, result: StepResult, file: str | None
) -> SlackPayload:
    """The evidence of one step, for the thread; `file` is the id of its picture in Slack."""
    kept = result.detail
    mark = MARKS[result.verdict or UNKNOWN]
    head: Line = (f"{mark} ", Bold(result.title), f"  {cut(strip_title(result), MAX_HEADLINE_LENGTH)}")
    parts = [build_section([head])]
    if kept.table is not None and kept.table.rows:
        parts.append(build_preformatted(format_table(kept.table)))
    if kept.text.strip():
        parts.append(build_preformatted(cut(kept.text, MAX_TEXT_LENGTH)))
    if kept.next_look:
        parts.append(build_section([("Next: ", kept.next_look)]))
    for fix in find_fixes(view.runbook.playbook(result.playbook), result):
        deed = split_code(cut(fix.deed, MAX_TEXT_LENGTH))
        parts.append(build_section([(Bold(f"Fix {fix.number}, {fix.cause}: "), *deed)]))
    if kept.command:
        parts += [
            build_section([("Run it yourself:",)]),
            build_preformatted(cut(kept.command, MAX_TEXT_LENGTH)),
        ]
    blocks: list[Block] = [build_rich_text("finding", *parts)]
    if file is not None:
        blocks.append(
            {
                "type": "image",
                "block_id": "finding-chart",
                "slack_file": {"id": file},
                "alt_text": cut(kept.chart or result.title, 1900),
            }
        )
    blocks.append(build_context("finding-state", _source(view, look, result)))
    again = build_button(
        "Run again", action_ids.RUN_STEP, action_ids.join_value(look.incident, result.line, result.file)
    )
    blocks.append(build_button_row("finding-buttons", *build_suggested_buttons(view, [result]), again))
    return build_message([head], *blocks)


def render_manual_commands(view: IncidentViewModel, look: DiagnosticRun) -> SlackPayload | None:
    """The commands of what was not asked since a setting is missing; None where no command only reads."""
    steps = {
        (result.file, result.line): (result.headline, step)
        for result in look.results
        if result.cause == NOT_CONFIGURED
        and (step := find_step(view.runbook, result.file, result.line)) is not None
        and step.command is not None
        and classify_step(step).kind is StepKind.DIAGNOSTIC
    }
    if not steps:
        return None
    head: Line = (f"{MARKS[UNKNOWN]} ", Bold("Skipped checks, to run yourself:"))
    parts = [build_section([head])]
    said = ""
    for why, step in [*steps.values()][:MOST_BY_HAND]:
        parts.append(build_section([*([(why,)] if why != said else []), (Bold(step.title),)]))
        parts.append(build_preformatted(cut(step.command or "", LONGEST_BY_HAND)))
        said = why
    if len(steps) > MOST_BY_HAND:
        parts.append(build_section([(f"and {len(steps) - MOST_BY_HAND} more: see the runbook",)]))
    return build_message([head], build_rich_text("by-hand", *parts))


def _source(view: IncidentViewModel, look: DiagnosticRun, result: StepResult) -> Line:
    kept: Evidence = result.detail
    same = (
        next(group for group in deduplicate_results(look.results) if result in group)
        if look.scope == ALL
        else (result,)
    )
    found: list[Line] = [
        (build_line_link(view.runbook_url, place.line, place.file),) for place in same[:MAX_PLACES]
    ]
    if kept.link.startswith("https://") and len(kept.link) <= MAX_LINK_LENGTH:
        found.insert(0, (WebLink(kept.link, "Open in the console"),))
    joined: list[Span] = []
    for number, part in enumerate((*found, *_list_times(look, result))):
        joined += [" · "] if number else []
        joined += part
    return tuple(joined)


def _list_times(look: DiagnosticRun, result: StepResult) -> Iterator[Line]:
    """Of which time the evidence is, how old, and when it was read."""
    kept: Evidence = result.detail
    if kept.begin and kept.end:
        form = INLINE_DATE_FORMAT if kept.end - kept.begin >= HALF_A_DAY else "{time}"
        yield (Timestamp(kept.begin, form), " to ", Timestamp(kept.end, form))
    if kept.age is not None:
        age = format_duration(kept.age)
        yield (f"{kept.aged} {age} ago" if kept.aged else f"newest data {age} old",)
    if result.collected_at is not None:
        read: Line = ("read ", Timestamp(result.collected_at))
        late = (look.begun_at - result.collected_at).total_seconds()
        yield (*read, f", {format_duration(late)} before this run") if late > SLOW_AFTER_S else read
