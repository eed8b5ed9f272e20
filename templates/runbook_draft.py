"""What the runbook could learn from an incident: the message with its diff, and the form in which it is chosen."""

from slackblocks import CheckboxGroup, InputBlock, PlainText

from bot.domain.runbook_draft import MAX_HUNKS, DraftState, RunbookDraft
from bot.domain.runbook_hunk import RunbookHunk, apply_hunks, format_diff
from bot.ports import Block, SlackPayload
from templates import action_ids
from templates.blocks import (
    build_button,
    build_button_row,
    build_lines,
    build_message,
    build_preformatted,
    build_rich_text,
    build_section,
)
from templates.escaping import cut
from templates.form_fields import build_option
from templates.incident_export import escape_markdown
from templates.incident_view import IncidentViewModel
from templates.modals import Modal, build_form
from templates.spans import Bold, Code, Line
from templates.ticket_text import BROKEN

MAX_DIFF, MAX_REASONS, MAX_HUNK, MAX_FORM = 7_000, 3_000, 2_000, 10_000
"""Characters of the whole diff, of all reasons, of one change in the form, and of all of them there."""


def render_draft(view: IncidentViewModel, draft: RunbookDraft, path: str) -> SlackPayload:
    """Each change with its reason, and the exact diff."""
    count = len(draft.hunks)
    head: Line = (Bold(f"What the runbook could learn from {view.incident.reference}: {_count(count)}"),)
    if not draft.hunks:
        lines = [head, ("Nothing that was recorded is missing in it.",), *_describe_left_out(draft)]
        return build_message(lines, build_lines("runbook-draft", *lines))
    most = max(40, MAX_REASONS // count)
    reasons: list[Line] = [(f"• {cut(_describe(hunk), most)}",) for hunk in draft.hunks]
    diff = format_diff(path, draft.text, apply_hunks(draft.text, draft.hunks))
    value = action_ids.join_value(view.incident.number, draft.id)
    row = build_button_row(
        "runbook-draft-buttons",
        build_button("Choose and propose", action_ids.CHOOSE_LEARNINGS, value, primary=True),
    )
    said: list[Line] = [head, *reasons, *_describe_left_out(draft)]
    shown = build_rich_text("runbook-draft", build_section(said), build_preformatted(cut(diff, MAX_DIFF)))
    return build_message(said, shown, row)


def build_choice_form(draft: RunbookDraft, path: str) -> Modal:
    """A box for each change, ticked, below what it changes."""
    blocks: list[Block] = [
        build_lines("choose-head", ("What stays ticked becomes one pull request, by commander or deputy.",))
    ]
    most = min(MAX_HUNK, MAX_FORM // max(1, len(draft.hunks)))
    for place, hunk in enumerate(draft.hunks):
        name = f"{action_ids.LEARNING}-{place}"
        diff = format_diff(path, draft.text, apply_hunks(draft.text, [hunk]))
        body = diff.split("\n", 2)[2] if diff.count("\n") > 1 else diff
        blocks.append(build_rich_text(f"change-{place}", build_preformatted(cut(body, most))))
        box = build_option("Propose this", str(place), cut(_describe(hunk), 75))
        boxes = CheckboxGroup(name, [box], initial_options=[box])
        label = PlainText(cut(_describe(hunk), 150))
        blocks.append(InputBlock(label, boxes, block_id=name, optional=True)._resolve())
    carried = {"draft": draft.id, "count": len(draft.hunks)}
    title = f"Runbook, INC-{draft.incident}"
    return build_form(action_ids.LEARNING_FORM, title, "Open pull request", blocks, carried)


def _describe(hunk: RunbookHunk) -> str:
    words = " ".join(hunk.reason.split())
    return f"{words} (kind: {hunk.kind}, never by itself)" if hunk.kind else words


def format_reason(hunk: RunbookHunk) -> str:
    """The reason in a pull request: nobody is called by it, and nothing of it is markup there."""
    return escape_markdown(_describe(hunk)).replace("@", f"@{BROKEN}")


def _count(count: int) -> str:
    return {0: "nothing", 1: "1 change"}.get(count, f"{count} changes")


def _describe_left_out(draft: RunbookDraft) -> list[Line]:
    left: list[Line] = []
    if draft.secrets:
        left.append((f"Changes that were left out since they had a secret: {draft.secrets}.",))
    if draft.worse:
        left.append((f"Changes that were left out since check would find more faults: {draft.worse}.",))
    if len(draft.hunks) >= MAX_HUNKS:
        again = Code("/incident runbook improve")
        left.append((f"There may be more than {MAX_HUNKS}. Once these are proposed: ", again))
    return left


def describe_state(draft: RunbookDraft) -> str:
    """Why it cannot be chosen from any more; empty when it can."""
    return "" if draft.state is DraftState.DRAFTED else "This was proposed, or the runbook changed since."
