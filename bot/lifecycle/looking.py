"""Looking at the monitored systems: what is asked for, and what is recorded of it."""

from collections.abc import Collection, Mapping, Sequence

from bot.effects import (
    Effect,
    PostAlert,
    PostEvidence,
    PostFinding,
    PostPlaybook,
    RefreshAlert,
    RefreshEvidence,
)
from bot.errors import Refused
from bot.evidence import ALL, NOT_CONFIGURED, ONE, WHOLE, Asked, Look, Result, counted, digest_of, with_inputs
from bot.incident import EntryKind, Incident, Outcome
from bot.lifecycle.desk import Desk, Request, held, once
from bot.ports import Transaction
from bot.runbook import Runbook, best_playbook, meaning_of, named, near, step_at
from bot.step import Kind, Playbook


async def asked_by_itself(work: Transaction, incident: Incident) -> None:
    """What every declared incident begins with: its playbook's steps, or the cheap ones of all playbooks."""
    scope, what = (WHOLE, incident.playbook) if incident.playbook else (ALL, "")
    await work.add_look(incident.number, f"declared:{incident.number}", scope, what, "")


async def run_diagnostics(desk: Desk, request: Request, number: int, words: str = "") -> Outcome:
    """Run the incident's playbook again, or the playbook or the step that the words name.

    The outcome is `looking` with what is run, `looking_already` or `refused`.
    """

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        runbook = await desk.editions.of(incident)
        scope, what, step, title = _meant(runbook, incident, words)
        return await _asked(work, request, incident, scope, what, step, title)

    return await once(desk, request, change)


async def run_step(
    desk: Desk,
    request: Request,
    number: int,
    file: str,
    line: int,
    inputs: Mapping[str, str] | None = None,
) -> Outcome:
    """Run the step that stands at this line of the incident's runbook; a click is what a probe waits for. `inputs` fill
    the gaps of its command, and must fit them."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        step = step_at(await desk.editions.of(incident), file, line)
        title = with_inputs(step.title if step else "", inputs or {})
        return await _asked(work, request, incident, ONE, title, (file, line), title, inputs)

    return await once(desk, request, change)


async def use_playbook(desk: Desk, request: Request, number: int, id: str) -> Outcome:
    """Go on with this playbook: it is posted and its steps are run. `playbook_chosen` or `playbook_already`."""

    async def change(work: Transaction) -> Outcome:
        incident = await held(work, request, number)
        playbook = (await desk.editions.of(incident)).playbook(id)
        if playbook is None:
            raise Refused("The runbook of this incident has no such playbook. Nothing was changed.")
        if incident.playbook == id:
            return Outcome("playbook_already", number, {"title": playbook.title})
        await work.change(number, playbook=id)
        await work.add_entry(number, request.actor, EntryKind.PLAYBOOK_CHOSEN, title=playbook.title)
        await work.add_look(number, request.key, WHOLE, id, request.actor)
        await work.enqueue(
            [
                PostPlaybook(incident=number, part=0, room=f":{request.change}"),
                RefreshAlert(incident=number, change=request.change),
            ]
        )
        return Outcome("playbook_chosen", number, {"title": playbook.title})

    return await once(desk, request, change)


async def _asked(
    work: Transaction,
    request: Request,
    incident: Incident,
    scope: str,
    what: str,
    step: tuple[str, int] | None,
    title: str,
    inputs: Mapping[str, str] | None = None,
) -> Outcome:
    if await work.is_looking(incident.number, scope, what, step, inputs):
        return Outcome("looking_already", incident.number, {"title": title})
    await work.add_look(incident.number, request.key, scope, what, request.actor, step, inputs)
    return Outcome("looking", incident.number, {"title": title})


def _meant(runbook: Runbook, incident: Incident, words: str) -> tuple[str, str, tuple[str, int] | None, str]:
    """Scope, name, (file, line) and title of what the words mean. Raises Refused with what there is."""
    own = runbook.playbook(incident.playbook) if incident.playbook else None
    if not words.strip():
        return (WHOLE, own.id, None, own.title) if own else (ALL, "", None, "")
    found = named(runbook, own, words)
    if len(found) > 1:
        raise Refused(f"“{words}” may be {_either([each.title for each in found])}. {SAY_WHICH}")
    if found and (step := found[0].step) is not None:
        if meaning_of(step).kind is Kind.PROBE and not found[0].exactly:
            raise Refused(
                f"“{step.title}” is noticed by the other side: only its whole title runs it. {SAY_WHICH}"
            )
        return ONE, step.title, (found[0].playbook.file, step.line), step.title
    playbook = found[0].playbook if found else None
    if playbook is None and (meant := near(runbook, own, words)):
        raise Refused(f"Nothing to run fits “{words}”. Did you mean {_either(meant)}? {SAY_WHICH}")
    playbook = playbook or best_playbook(runbook, words, None)
    if playbook is None:
        raise Refused(f"Nothing to run fits “{words}”. {_there_are(runbook, own)} Nothing was run.")
    return WHOLE, playbook.id, None, playbook.title


SAY_WHICH = "Type `/incident run` and the title. Nothing was run."
MOST_CHOICES = 6


def _either(titles: Sequence[str]) -> str:
    """`“A”`, `“A” or “B”`, `“A”, “B” or one of 4 more`."""
    shown = [f"“{each}”" for each in titles[:MOST_CHOICES]]
    more = len(titles) - len(shown)
    last = f"one of {more} more" if more else shown.pop()
    return f"{', '.join(shown)} or {last}" if shown else last


def _there_are(runbook: Runbook, own: Playbook | None) -> str:
    if own is not None:
        titles = "; ".join(step.title for step in own.steps())
        return f"Its playbook has the steps: {titles}."
    return f"There are the playbooks: {'; '.join(each.title for each in runbook.playbooks)}."


async def look_begun(work: Transaction, asked: Asked, results: Sequence[Result]) -> bool:
    """It is known which steps are run: show them. False when the incident ended before."""
    if not await work.begin_look(asked.id, results):
        return False
    await work.enqueue([PostEvidence(incident=asked.incident, look=asked.id)])
    return True


async def look_ended(
    work: Transaction, asked: Asked, title: str, results: Collection[Result]
) -> list[Effect]:
    """Everything that could be learned is known. Gives what follows."""
    if not await work.end_look(asked.id):
        return []
    await _noted(work, asked, title, results)
    lacking = min((each.place for each in results if each.cause == NOT_CONFIGURED), default=None)
    following: list[Effect] = []
    if lacking is not None:  # one message in the thread gives the commands of all of them
        following.append(PostFinding(incident=asked.incident, look=asked.id, place=lacking))
    if await work.hold(PostAlert(incident=asked.incident).key):  # it has it from the start
        return following
    return [*following, RefreshAlert(incident=asked.incident, change=f"looked:{asked.id}")]


async def looks_stopped(work: Transaction, runbook: Runbook, number: int, how: str) -> list[Effect]:
    """The incident is over (`how`: resolved, cancelled, closed): nothing is asked for it any more, and what has not
    answered is told as that. Gives what follows."""
    said = f"Stopped before it answered: the incident was {how}."
    begun = [look for look in await work.stop_looks(number, said) if look.results]
    for look in begun:
        await _noted(work, look, title_of(look, runbook), look.results, stopped=how)
    return [RefreshEvidence(incident=number, look=look.id, change=STOP) for look in begun]


STOP = -1
"""The change of a look's message that says that it was stopped: there is one at most."""


async def _noted(
    work: Transaction, look: Asked | Look, title: str, results: Collection[Result], **more: str
) -> None:
    told = {verdict: str(count) for verdict, count in counted(results).items()}
    digest = digest_of(results)
    await work.add_entry(
        look.incident, look.asked_by, EntryKind.LOOKED, what=title, digest=digest, **told, **more
    )


def title_of(look: Asked | Look, runbook: Runbook) -> str:
    """What a look is called: its playbook's or step's title; empty for the cheap steps of all playbooks."""
    playbook = runbook.playbook(look.what) if look.scope == WHOLE else None
    return playbook.title if playbook else look.what
