"""The timeline entry about a diagnostic run: its worst findings, and where they point."""

from collections.abc import Collection

from bot.domain.diagnosis import find_suspect
from bot.domain.diagnostic_run import (
    BAD,
    OK,
    UNKNOWN,
    WARN,
    DiagnosticRun,
    DiagnosticRunRequest,
    StepResult,
    compute_digest,
    count_verdicts,
    deduplicate_results,
)
from bot.domain.timeline_details import LookedDetail
from bot.ports import Transaction
from bot.text.truncation import cut, join_lines


async def add_run_entry(
    tx: Transaction,
    look: DiagnosticRunRequest | DiagnosticRun,
    title: str,
    results: Collection[StepResult],
    stopped: str | None = None,
) -> None:
    """Tell in the timeline what a run found; `stopped` is the state of the incident that ended it early."""
    counts, suspect = count_verdicts(results), find_suspect(results)
    points = None
    if suspect is not None:
        points = cut(join_lines("; ".join(filter(None, (suspect.name, suspect.why)))), LONGEST_SAID)
    detail = LookedDetail(
        what=title,
        digest=compute_digest(results),
        found=tuple(list_worst_sentences(results)),
        ok=counts.get(OK),
        bad=counts.get(BAD),
        warn=counts.get(WARN),
        unknown=counts.get(UNKNOWN),
        points=points,
        stopped=stopped,
    )
    await tx.add_entry(look.incident, look.asked_by, detail)


MOST_SAID, LONGEST_SAID = 3, 300
"""So many findings of a look, each with so many characters, stand in the timeline."""


def list_worst_sentences(results: Collection[StepResult]) -> list[str]:
    """What is failing, or where nothing is what warns, with the step's title: one line each, the same words once."""
    groups = (group[0] for group in deduplicate_results(sorted(results, key=lambda result: result.place)))
    known = [group for group in groups if group.verdict in (BAD, WARN)]
    worst = BAD if any(group.verdict == BAD for group in known) else WARN
    said = (join_lines(f"{group.title}: {group.headline}") for group in known if group.verdict == worst)
    return [cut(sentence, LONGEST_SAID) for sentence in dict.fromkeys(said)][:MOST_SAID]
