"""The newest of what each step found: in a line for the status card, and as a warning in the form that resolves."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.diagnostic_run import BAD, OK, UNKNOWN, WARN, StepResult, deduplicate_results
from bot.ports import Block
from bot.text.durations import format_duration
from templates import action_ids
from templates.blocks import build_button, build_button_row, build_lines
from templates.diagnosis_line import render_agreement
from templates.diagnostic_run import MARKS, NO_RULE, WAITING, format_counts, strip_title
from templates.escaping import cut
from templates.incident_view import IncidentViewModel
from templates.spans import Bold, Line

PROBLEMS = (BAD, WARN, UNKNOWN)
MAX_SENTENCE_LENGTH = 160
MOST_PROBLEMS, MOST_RUNNING = 3, 5


def render_card_lines(view: IncidentViewModel) -> list[Line]:
    """The worst first, what could not be checked and what still runs apart, and what the findings point to, else the
    first of the worst; nothing before the first verdict."""
    known, running = _newest(view)
    if not known:
        return []
    counts = {verdict: sum(result.verdict == verdict for result in known) for verdict in MARKS}
    worst = next(verdict for verdict in (BAD, WARN, OK, UNKNOWN) if counts[verdict])
    told = format_counts(known, len(running))
    first = next(result for result in known if result.verdict == worst)
    points = [] if running else render_agreement(view, known, view.playbook)
    is_told = worst in (BAD, WARN) and not points
    why = f" First: {cut(first.headline, MAX_SENTENCE_LENGTH)}" if is_told else ""
    mark = WAITING if running and worst == OK else MARKS[worst]
    return [(f"{mark} ", Bold("Evidence: "), f"{told}.{why}"), *points]


def render_findings(view: IncidentViewModel) -> list[Line]:
    """How the evidence stands, what it points to, and the worst findings with their sentences; nothing before the
    first verdict."""
    known, running = _newest(view)
    if not known:
        return []
    told = _pick(known, (BAD, WARN))[:MOST_PROBLEMS]
    points = [] if running else render_agreement(view, known, view.playbook)
    problems: list[Line] = [
        (
            f"{MARKS[result.verdict or UNKNOWN]} ",
            Bold(result.title),
            f"  {cut(strip_title(result), MAX_SENTENCE_LENGTH)}",
        )
        for result in told
    ]
    return [(Bold("Evidence: "), f"{format_counts(known, len(running))}."), *points, *problems]


AGAIN, IN_VAIN = "again", "in vain"
"""How a form stands that looks again: it is asked, or nobody answered."""

LOOKING = {
    AGAIN: f"{WAITING} Checking again. You don't have to wait.",
    IN_VAIN: "No answer in time. These are the last known results.",
}


def build_resolve_blocks(view: IncidentViewModel, looking: str = "") -> list[Block]:
    """The latest verdicts with their age, a warning where not all of them are OK of late, and a button that looks
    again; `looking` is AGAIN or IN_VAIN once it was pressed."""
    known, running = _newest(view)
    body: list[Line] = [(LOOKING[looking],)] if looking else []
    problems = _open(view, known)
    body += [*_running(running, asks=not problems), *problems, *_fine(view, known, running)]
    if not known and not running:
        body.append(("Nothing has been checked for this incident.",))
    label = "Check again" if known or running else "Run diagnostics"
    again = build_button(label, action_ids.LOOK_AGAIN, action_ids.join_value(view.incident.number))
    return [build_lines("evidence", *body), build_button_row("evidence-again", again)]


def _newest(view: IncidentViewModel) -> tuple[list[StepResult], list[StepResult]]:
    """What is known, and what is waited for; what playbooks share once."""
    firsts = [group[0] for group in deduplicate_results(view.situation.evidence)]
    return [first for first in firsts if first.verdict], [first for first in firsts if first.is_waited_for]


def _pick(known: list[StepResult], verdicts: Iterable[str]) -> list[StepResult]:
    """What has one of these verdicts, in their order."""
    return [result for verdict in verdicts for result in known if result.verdict == verdict]


def _running(running: list[StepResult], asks: bool) -> list[Line]:
    """What is waited for; `asks` whether to resolve all the same, which a line below may ask."""
    if not running:
        return []
    said = "1 check is still running" if len(running) == 1 else f"{len(running)} checks are still running"
    more = f" and {len(running) - MOST_RUNNING} more" if len(running) > MOST_RUNNING else ""
    titles = "; ".join(result.title for result in running[:MOST_RUNNING])
    return [(f"{WAITING} ", Bold(said), f": {titles}{more}.{' Resolve anyway?' if asks else ''}")]


def _open(view: IncidentViewModel, known: list[StepResult]) -> list[Line]:
    """What is failing, warns, could not be checked or was read long ago: counted, and the worst with their age."""
    stale = [result for result in known if result.verdict == OK and _is_stale(view, result)]
    problems = _pick(known, PROBLEMS)
    if not problems and not stale:
        return []
    unchecked = sum(problem.verdict == UNKNOWN and problem.cause != NO_RULE for problem in problems)
    said = f"{_format_counts(problems, stale)}. Resolve anyway?"
    if unchecked == len(problems) and not stale:
        said = f"{unchecked} of {len(known)} could not be checked. Resolve anyway?"
    body: list[Line] = [(Bold(said),)]
    for result in [*problems, *stale][:MOST_PROBLEMS]:
        head = f"{MARKS[result.verdict or UNKNOWN]} "
        told = cut(strip_title(result), MAX_SENTENCE_LENGTH).rstrip(".")
        body.append((head, Bold(result.title), f"  {told}{_format_age(view, result)}"))
    if (left := len(problems) + len(stale) - MOST_PROBLEMS) > 0:
        body.append((f"… and {left} more",))
    return body


STALE_AFTER = timedelta(minutes=10)
"""After so long an answer says little of how it is now."""


def _format_counts(problems: list[StepResult], stale: list[StepResult]) -> str:
    parts = [format_counts(problems)] if problems else []
    long_ago = f"{len(stale)} OK but read more than {format_duration(STALE_AFTER.total_seconds())} ago"
    return ", ".join([*parts, long_ago] if stale else parts)


def _read_at(result: StepResult) -> datetime | None:
    return result.collected_at or result.seen_at


def _is_stale(view: IncidentViewModel, result: StepResult) -> bool:
    at = _read_at(result)
    return view.now is not None and at is not None and view.now - at > STALE_AFTER


def _format_age(view: IncidentViewModel, result: StepResult) -> str:
    """`, 4 min ago`, the end of a sentence about what was read."""
    at = _read_at(result)
    return f", {format_ago(view.now - at)}" if view.now is not None and at is not None else ""


def format_ago(age: timedelta) -> str:
    """How long ago something was, in words and whole minutes."""
    minutes = int(age.total_seconds()) // 60
    return f"{format_duration(minutes * 60)} ago" if minutes > 0 else "just now"


def _fine(view: IncidentViewModel, known: list[StepResult], running: list[StepResult]) -> list[Line]:
    """Nothing where something is not OK, or was read long ago: that says enough."""
    if not known or any(result.verdict != OK or _is_stale(view, result) for result in known):
        return []
    if running:
        return [(f"{MARKS[OK]} {len(known)} checks are OK so far.",)]
    count = "The check is OK" if len(known) == 1 else f"All {len(known)} checks are OK"
    oldest = min((at for result in known if (at := _read_at(result))), default=None)
    aged = f", {format_ago(view.now - oldest)}" if view.now and oldest and len(known) == 1 else ""
    if view.now and oldest and len(known) > 1:
        aged = f", the oldest read {format_ago(view.now - oldest)}"
    return [(f"{MARKS[OK]} {count}{aged}.",)]
