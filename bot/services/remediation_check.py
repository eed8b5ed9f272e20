"""The diagnostics after a remediation: the same that spoke for it, and what they say now."""

from collections.abc import Iterable, Mapping
from functools import partial

from bot.domain.diagnostic_run import ALL, BAD, OK, UNKNOWN, WARN, WHOLE, DiagnosticRun, StepResult
from bot.domain.incident import Incident
from bot.domain.remediation import Remediation
from bot.ports import Transaction
from bot.text.truncation import cut

RANKS = {BAD: 0, WARN: 1, OK: 2}
MAX_NAMED, MAX_LENGTH = 3, 160


def build_check_key(found: Remediation) -> str:
    """The key of the run after a remediation."""
    return f"remediation:{found.id}"


async def request_check(tx: Transaction, incident: Incident, found: Remediation) -> None:
    """Run the incident's diagnostics again, for who agreed to it: what somebody asks for is never answered from before.
    Nothing where they run for something else just now."""
    scope, what = (WHOLE, incident.playbook) if incident.playbook else (ALL, "")
    person = found.approved_by or found.asked_by
    await tx.add_run(incident.number, build_check_key(found), scope, what, person)


def judge(run: DiagnosticRun, measure_before: str = "", measure_now: str = "") -> str:
    """What the diagnostics say after a remediation, in a sentence: whether it worked, and by what that is seen."""
    better, worse = _list_moved(run, 1), _list_moved(run, -1)
    failing = _titles(result for result in run.results if result.verdict == BAD)
    unseen = _titles(filter(partial(_is_unseen, run.before), run.results))
    moved = f"{measure_before} → {measure_now}" if measure_before and measure_now != measure_before else ""
    told = "; ".join(filter(None, (moved, *_name(run.before, better))))
    done = f"Carried out: {moved}." if moved else "Carried out."
    is_known = any(result.verdict in (OK, WARN) for result in run.results)
    rules = (
        (better and not failing and not unseen, f"Worked: {told}."),
        (better and not failing, f"Better: {told}. Failing before, and not checked now: {unseen}."),
        (better, f"Better, and not over: {told}. Still failing: {failing}."),
        (worse, f"Carried out, and it got worse: {'; '.join(_name(run.before, worse))}."),
        (failing, f"Carried out, and nothing got better. Still failing: {failing}."),
        (unseen, f"{done} Whether it helped cannot be told. Failing before, and not checked now: {unseen}."),
        (is_known, f"{done} Nothing that is looked at is failing."),
        (True, f"{done} Whether it helped cannot be told: nothing could be checked."),
    )
    return next(sentence for holds, sentence in rules if holds)


def _list_moved(run: DiagnosticRun, sign: int) -> list[StepResult]:
    """The results whose verdict got better (1), or worse (-1)."""
    return [result for result in run.results if sign * _compare(run.before, result) > 0]


def _compare(before: Mapping[tuple[str, int, str], StepResult], now: StepResult) -> int:
    """Above 0 when a step's verdict got better, below when it got worse; what is unknown is neither."""
    was = before.get(now.step)
    if was is None or was.verdict in (None, UNKNOWN) or now.verdict in (None, UNKNOWN):
        return 0
    return RANKS[str(now.verdict)] - RANKS[str(was.verdict)]


def _is_unseen(before: Mapping[tuple[str, int, str], StepResult], now: StepResult) -> bool:
    """Whether a step was failing and could not be checked after the remediation."""
    was = before.get(now.step)
    return was is not None and was.verdict == BAD and now.verdict in (None, UNKNOWN)


def _name(before: Mapping[tuple[str, int, str], StepResult], results: Iterable[StepResult]) -> list[str]:
    listed = list(results)
    told = [_describe(before[result.step], result) for result in listed[:MAX_NAMED]]
    return [*told, f"{len(listed) - MAX_NAMED} more"] if len(listed) > MAX_NAMED else told


def _describe(was: StepResult, now: StepResult) -> str:
    if was.measure and now.measure and was.measure != now.measure:
        return cut(f"{now.title}: {was.measure} → {now.measure}", MAX_LENGTH)
    return cut(
        f"{now.title}: {VERDICT_WORDS[str(was.verdict)]} → {VERDICT_WORDS[str(now.verdict)]}", MAX_LENGTH
    )


VERDICT_WORDS = {BAD: "failing", WARN: "warning", OK: "OK"}


def _titles(results: Iterable[StepResult]) -> str:
    listed = [result.title for result in results]
    more = f" and {len(listed) - MAX_NAMED} more" if len(listed) > MAX_NAMED else ""
    return f"{', '.join(listed[:MAX_NAMED])}{more}"
