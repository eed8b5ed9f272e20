"""Requests diagnostic runs and records their beginning and end."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from bot.domain.diagnostic_run import (
    ALL,
    NOT_CONFIGURED,
    ONE,
    WHOLE,
    DiagnosticRun,
    DiagnosticRunRequest,
    StepResult,
    format_title_with_inputs,
)
from bot.domain.effects import (
    Effect,
    PostAlert,
    PostEvidence,
    PostFinding,
    PostPlaybook,
    PostPublicDraft,
    RefreshAlert,
    RefreshEvidence,
    TellOfEarlier,
)
from bot.domain.incident import Incident
from bot.domain.playbook import Playbook, Step, StepKind
from bot.domain.results import (
    CommandResult,
    ManualStepResult,
    PlaybookAlreadyResult,
    PlaybookChosenResult,
    RunActiveResult,
    RunStartedResult,
    SendQuestionResult,
)
from bot.domain.timeline_details import PlaybookChosenDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.runbook import (
    Runbook,
    can_be_run,
    classify_step,
    describe_probe,
    find_best_playbook,
    find_by_title,
    find_step,
    suggest_titles,
)
from bot.services.context import ServiceContext, UserRequest
from bot.services.diagnostic_run_entry import add_run_entry
from bot.services.unit_of_work import get_for_update, run_idempotent


async def request_first_run(tx: Transaction, incident: Incident) -> None:
    """What every declared incident begins with: its playbook's steps, or the cheap ones of all playbooks."""
    scope, what = (WHOLE, incident.playbook) if incident.playbook else (ALL, "")
    await tx.add_run(incident.number, f"declared:{incident.number}", scope, what, "")


async def run_diagnostics(
    desk: ServiceContext, request: UserRequest, number: int, words: str = ""
) -> CommandResult:
    """Run the incident's playbook again, or the playbook or the step that the words name.

    The outcome is `looking` with what is run, `looking_already`, `asked_before` with what a click would send, `by_hand`
    with what a person runs, or `refused`.
    """

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        runbook = await desk.runbook_versions.of(incident)
        scope, what, place, title = _resolve_target(runbook, incident, words)
        step = find_step(runbook, *place) if place else None
        if place and step is not None and (outcome := _not_run(runbook, incident, step, place, typed=True)):
            return outcome
        return await _request_run(tx, request, incident, scope, what, place, title)

    return await run_idempotent(desk, request, change)


async def run_step(
    desk: ServiceContext,
    request: UserRequest,
    number: int,
    file: str,
    line: int,
    inputs: Mapping[str, str] | None = None,
) -> CommandResult:
    """Run the step that stands at this line of the incident's runbook; a click is what a probe waits for. `inputs` fill
    the gaps of its command, and must fit them. What words may not run, a click may not either."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        runbook = await desk.runbook_versions.of(incident)
        step = find_step(runbook, file, line)
        if step is not None and (outcome := _not_run(runbook, incident, step, (file, line), typed=False)):
            return outcome
        title = format_title_with_inputs(step.title if step else "", inputs or {})
        return await _request_run(tx, request, incident, ONE, title, (file, line), title, inputs)

    return await run_idempotent(desk, request, change)


def _not_run(
    runbook: Runbook, incident: Incident, step: Step, place: tuple[str, int], typed: bool
) -> CommandResult | None:
    """Why a step does not run as requested: a person runs it, or must confirm before it is sent. None when it runs.

    A button has asked for the confirmation already; whoever types a title has not seen yet what it sends.
    """
    file, line = place
    if not can_be_run(runbook, step):
        why, command = classify_step(step).why, step.command or step.note
        return ManualStepResult(incident.number, title=step.title, why=why, command=command)
    if typed and (sent := describe_probe(step)):
        return SendQuestionResult(incident.number, title=step.title, sent=sent, file=file, line=line)
    return None


async def use_playbook(desk: ServiceContext, request: UserRequest, number: int, id: str) -> CommandResult:
    """Go on with this playbook: it is posted and its steps are run. `playbook_chosen` or `playbook_already`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        playbook = (await desk.runbook_versions.of(incident)).playbook(id)
        if playbook is None:
            raise RuleViolation("The runbook of this incident has no such playbook. Nothing was changed.")
        if incident.playbook == id:
            return PlaybookAlreadyResult(number, title=playbook.title)
        await tx.change(number, playbook=id)
        await tx.add_entry(number, request.actor, PlaybookChosenDetail(title=playbook.title))
        await tx.add_run(number, request.key, WHOLE, id, request.actor)
        await enqueue_playbook(tx, number, room=f":{request.change}")
        await tx.enqueue([RefreshAlert(incident=number, change=request.change)])
        return PlaybookChosenResult(number, title=playbook.title)

    return await run_idempotent(desk, request, change)


async def _request_run(
    tx: Transaction,
    request: UserRequest,
    incident: Incident,
    scope: str,
    what: str,
    step: tuple[str, int] | None,
    title: str,
    inputs: Mapping[str, str] | None = None,
) -> CommandResult:
    if await tx.is_run_active(incident.number, scope, what, step, inputs):
        return RunActiveResult(incident.number, title=title)
    await tx.add_run(incident.number, request.key, scope, what, request.actor, step, inputs)
    return RunStartedResult(incident.number, title=title)


def _resolve_target(
    runbook: Runbook, incident: Incident, words: str
) -> tuple[str, str, tuple[str, int] | None, str]:
    """Scope, name, (file, line) and title of what the words mean. Raises RuleViolation with what there is."""
    own = runbook.playbook(incident.playbook) if incident.playbook else None
    if not words.strip():
        return (WHOLE, own.id, None, own.title) if own else (ALL, "", None, "")
    matches = find_by_title(runbook, own, words)
    if len(matches) > 1:
        raise RuleViolation(f"“{words}” may be {_either([match.title for match in matches])}. {SAY_WHICH}")
    if not matches:
        playbook = _guess_playbook(runbook, own, words)
    elif (step := matches[0].step) is not None:
        _must_name_probe(step, words, matches[0].exactly)
        return ONE, step.title, (matches[0].playbook.file, step.line), step.title
    else:
        playbook = matches[0].playbook
    return WHOLE, playbook.id, None, playbook.title


def _must_name_probe(step: Step, words: str, exactly: bool) -> None:
    """Raises RuleViolation when a step that the other side notices is not named by its whole title."""
    if not exactly and classify_step(step).kind is StepKind.PROBE:
        raise RuleViolation(
            f"“{step.title}” sends a request to the other system: only its whole title runs it. {SAY_WHICH}"
        )


def _guess_playbook(runbook: Runbook, own: Playbook | None, words: str) -> Playbook:
    """The playbook that the words describe. Raises RuleViolation with what may be meant, or with what there is."""
    if titles := suggest_titles(runbook, own, words):
        raise RuleViolation(f"Nothing to run fits “{words}”. Did you mean {_either(titles)}? {SAY_WHICH}")
    playbook = find_best_playbook(runbook, words, None)
    if playbook is None:
        raise RuleViolation(f"Nothing to run fits “{words}”. {_there_are(runbook, own)} Nothing was run.")
    return playbook


SAY_WHICH = "Type `/incident run` and the title. Nothing was run."
MAX_CHOICES = 6


def _either(titles: Sequence[str]) -> str:
    """`“A”`, `“A” or “B”`, `“A”, “B” or one of 4 more`."""
    shown = [f"“{title}”" for title in titles[:MAX_CHOICES]]
    more = len(titles) - len(shown)
    last = f"one of {more} more" if more else shown.pop()
    return f"{', '.join(shown)} or {last}" if shown else last


def _there_are(runbook: Runbook, own: Playbook | None) -> str:
    if own is not None:
        titles = "; ".join(step.title for step in own.steps())
        return f"Its playbook has the steps: {titles}."
    return f"There are the playbooks: {'; '.join(playbook.title for playbook in runbook.playbooks)}."


async def begin_diagnostic_run(
    tx: Transaction, asked: DiagnosticRunRequest, results: Sequence[StepResult]
) -> bool:
    """It is known which steps are run: show them. False when the incident ended before."""
    if not await tx.begin_run(asked.id, results):
        return False
    shown = PostEvidence(incident=asked.incident, look=asked.id)
    await tx.enqueue([shown])
    await tx.stand_below(shown, BELOW_EVIDENCE)
    if asked.attempts <= 1 and not await tx.hold(shown.key):  # its place was kept before it began
        await tx.enqueue([RefreshEvidence(incident=asked.incident, look=asked.id, change=BEGUN)])
    return True


EVIDENCE_DELAY = timedelta(seconds=1)
"""So long the playbook waits for its run to begin, which puts it below the run's message."""

BELOW_EVIDENCE = (PostPlaybook, PostPublicDraft)
"""What stands below the message of a run."""


async def enqueue_playbook(tx: Transaction, number: int, room: str = "") -> None:
    """Post the playbook below the message of the run that was just requested."""
    await tx.enqueue([PostPlaybook(incident=number, part=0, room=room)], later=EVIDENCE_DELAY)


async def reserve_evidence(desk: ServiceContext, number: int) -> None:
    """Post the message of each run that has not begun, empty as it is, so that what is posted next stands below it."""
    async with desk.store.transaction() as tx:
        for look in await tx.list_unshown_runs(number):
            shown = PostEvidence(incident=number, look=look)
            await tx.enqueue([shown])
            await tx.stand_below(shown, BELOW_EVIDENCE)


async def end_diagnostic_run(
    tx: Transaction, asked: DiagnosticRunRequest, title: str, results: Collection[StepResult]
) -> list[Effect]:
    """Everything that could be learned is known. Gives what follows."""
    if not await tx.end_run(asked.id):
        return []
    await add_run_entry(tx, asked, title, results)
    await tx.enqueue([TellOfEarlier(incident=asked.incident)])
    lacking = min((result.place for result in results if result.cause == NOT_CONFIGURED), default=None)
    following: list[Effect] = []
    if lacking is not None:  # one message in the thread gives the commands of all of them
        following.append(PostFinding(incident=asked.incident, look=asked.id, place=lacking))
    if await tx.hold(PostAlert(incident=asked.incident).key):  # it has it from the start
        return following
    return [*following, RefreshAlert(incident=asked.incident, change=f"looked:{asked.id}")]


async def stop_diagnostic_runs(tx: Transaction, runbook: Runbook, number: int, how: str) -> list[Effect]:
    """The incident ended (`how`: resolved, cancelled, closed): stop its runs; checks without an answer are reported as
    stopped. Gives what follows."""
    said = f"Stopped before it finished: the incident was {how}."
    shown = []
    for look in await tx.stop_runs(number, said):
        if look.results:
            await add_run_entry(tx, look, find_run_title(look, runbook), look.results, stopped=how)
        if look.results or await tx.is_begun(PostEvidence(incident=number, look=look.id).key):
            shown.append(look.id)
    return [RefreshEvidence(incident=number, look=look, change=STOP) for look in shown]


BEGUN, STOP = 0, -1
"""The changes of a look's message that say that it began, and that it was stopped: there is one of each at most."""


def find_run_title(look: DiagnosticRunRequest | DiagnosticRun, runbook: Runbook) -> str:
    """The title of a run: its playbook's or step's; empty for the cheap steps of all playbooks."""
    playbook = runbook.playbook(look.what) if look.scope == WHOLE else None
    return playbook.title if playbook else look.what
