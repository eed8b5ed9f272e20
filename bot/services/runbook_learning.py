"""What the runbook learns from an incident: asked for, shown, chosen by commander or deputy, proposed."""

from collections.abc import Sequence

from bot.domain.effects import DraftRunbook, PostNotice, PostRunbookDraft, ProposeRunbook, RefreshChecklist
from bot.domain.incident import Incident, IncidentRole, Status
from bot.domain.notices import NotProposedNotice, ProposalEndedNotice, ProposedNotice
from bot.domain.proposal import ProposalState
from bot.domain.results import CommandResult
from bot.domain.results.review_results import RunbookAskedResult, RunbookChosenResult
from bot.domain.runbook_draft import DraftState, RunbookDraft
from bot.domain.timeline_details import NotProposedDetail, ProposedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.ports.code_host import PullRequest
from bot.runbook.improvements import Improvements, RecordedIncident
from bot.runbook.typed_commands import LEFT_OUT, extract_commands, has_secret
from bot.services.context import ServiceContext, UserRequest
from bot.services.review import ensure_over
from bot.services.unit_of_work import get_for_update, run_idempotent

RUNBOOK = "runbook"
NOT_SET = "The runbook's repository is not set: TOCSIN_RUNBOOK_REPOSITORY and TOCSIN_REVIEW_TOKEN. Nothing was changed."
STAYS = "{} is {}: nothing of it goes into the runbook. Nothing was changed."
NOT_YOURS = "This is proposed by the commander or the deputy. Ask them, or take a role: `/incident assign`."
CHOSEN_BEFORE = (
    "Somebody chose already, or the runbook changed since. `/incident runbook improve` makes it anew."
)


async def ask_runbook_draft(desk: ServiceContext, request: UserRequest, number: int) -> CommandResult:
    """Draft what the runbook could learn: `runbook_asked` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        _ensure_may_leave(desk, incident)
        ensure_over(incident, "what the runbook learns is drafted")
        await _ask(tx, number, request.actor)
        return RunbookAskedResult(number)

    return await run_idempotent(desk, request, change)


async def _ask(tx: Transaction, number: int, person: str) -> None:
    draft = await tx.add_runbook_draft(number, person)
    await tx.enqueue([DraftRunbook(incident=number, draft=draft)])


def _ensure_may_leave(desk: ServiceContext, incident: Incident) -> None:
    if not desk.proposes.runbook_host:
        raise RuleViolation(NOT_SET)
    if incident.private or incident.drill:
        raise RuleViolation(STAYS.format(incident.reference, "private" if incident.private else "a drill"))


async def choose_learnings(
    desk: ServiceContext, request: UserRequest, id: int, chosen: Sequence[int]
) -> CommandResult:
    """Propose these hunks of a draft: `runbook_chosen` or `refused`."""
    known = await desk.store.find_runbook_draft(id)
    if known is None:
        raise RuleViolation(CHOSEN_BEFORE)

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, known.incident)
        situation, draft = await tx.situation(incident.number), await tx.lock_runbook_draft(id)
        assert situation is not None and draft is not None
        if request.actor not in (incident.commander, situation.roles.get(IncidentRole.DEPUTY)):
            raise RuleViolation(NOT_YOURS)
        _ensure_may_leave(desk, incident)
        places = [place for place in chosen if place < len(draft.hunks)]
        if draft.state is not DraftState.DRAFTED:
            raise RuleViolation(CHOSEN_BEFORE)
        if not places:
            raise RuleViolation("Nothing was ticked, so nothing is proposed.")
        await tx.choose_hunks(id, places, request.actor)
        await tx.enqueue([ProposeRunbook(incident=incident.number, draft=id)])
        return RunbookChosenResult(incident.number, count=len(places))

    return await run_idempotent(desk, request, change)


async def read_recorded(desk: ServiceContext, number: int) -> RecordedIncident:
    """All that was recorded of an incident, for the runbook to learn from."""
    async with desk.store.transaction() as tx:
        situation = await tx.situation(number)
        assert situation is not None
        typed = await tx.list_typed_commands(number)
        playbook = situation.incident.playbook
        records = await tx.list_step_records(playbook) if playbook else ()
        people = {*situation.people, *situation.roles.values(), *(page.person for page in situation.pages)}
        people |= {entry.actor for entry in situation.entries}
        names = await tx.find_names(people - {""})
    remediations = await desk.store.find_remediations(number)
    return RecordedIncident(situation, remediations, typed, records, names=names)


async def record_draft(tx: Transaction, draft: RunbookDraft, text: str, found: Improvements) -> None:
    """It is made, and shown in the room."""
    await tx.lock(draft.incident)
    await tx.fill_runbook_draft(draft.id, text, found.hunks, found.secrets, found.worse)
    await tx.enqueue([PostRunbookDraft(incident=draft.incident, draft=draft.id)])


async def record_runbook_proposed(
    desk: ServiceContext, tx: Transaction, draft: RunbookDraft, pull: PullRequest | None
) -> None:
    """It is a pull request now; or people had ended the one of this incident."""
    number, host = draft.incident, desk.proposes.runbook_host
    incident = await tx.lock(number)
    assert incident is not None
    link = pull.link if pull else ""
    await tx.end_runbook_draft(draft.id, DraftState.PROPOSED, link)
    if pull is None or not link:
        return
    notice: ProposedNotice | ProposalEndedNotice = ProposedNotice(what=RUNBOOK, host=host, link=link)
    if pull.state.value != ProposalState.OPEN:
        notice = ProposalEndedNotice(what=RUNBOOK, host=host, link=link, state=pull.state.value)
    else:
        await tx.add_entry(number, draft.chosen_by or "", ProposedDetail(what=RUNBOOK, host=host, link=link))
        if incident.status is Status.RESOLVED:  # later its channel may be archived
            change = f"{RUNBOOK}:{draft.id}"
            shown = RefreshChecklist(incident=number, count=incident.resolutions, change=change)
            await tx.enqueue([shown])
    await tx.enqueue([PostNotice.say(number, notice, f"{RUNBOOK}:{draft.id}")])


async def record_runbook_refused(
    desk: ServiceContext, tx: Transaction, draft: RunbookDraft, why: str, has_moved: bool = False
) -> None:
    """It is not there, and why: said in the room. One whose runbook moved is made anew."""
    number, host = draft.incident, desk.proposes.runbook_host
    await tx.lock(number)
    await tx.end_runbook_draft(draft.id, DraftState.MOVED if has_moved else DraftState.REFUSED)
    await tx.add_entry(number, "", NotProposedDetail(what=RUNBOOK, host=host, why=why))
    notice = NotProposedNotice(what=RUNBOOK, host=host, why=why)
    await tx.enqueue([PostNotice.say(number, notice, f"{RUNBOOK}:{draft.id}")])
    if has_moved:
        await _ask(tx, number, draft.asked_by)


async def record_runbook_away(desk: ServiceContext, tx: Transaction, draft: RunbookDraft, why: str) -> None:
    """The host is away: said once of each draft."""
    await tx.lock(draft.incident)
    notice = NotProposedNotice(what=RUNBOOK, host=desk.proposes.runbook_host, why=why)
    await tx.enqueue([PostNotice.say(draft.incident, notice, f"{RUNBOOK}:{draft.id}:away")])


async def keep_typed_commands(desk: ServiceContext, number: int, message: str) -> None:
    """Commands in a message of an incident's room, until it is closed; nothing of a private one or a drill."""
    commands = extract_commands(message) if desk.proposes.runbook_host else []
    if not commands:
        return
    async with desk.store.transaction() as tx:
        incident = await tx.lock(number)
        if incident is None or incident.private or incident.drill or incident.closed_at is not None:
            return
        for command in commands:
            await tx.keep_typed_command(number, LEFT_OUT if has_secret(command) else command)


async def handle_dead_draft(
    desk: ServiceContext, tx: Transaction, effect: DraftRunbook | ProposeRunbook, why: str
) -> None:
    """It can never be done: said in the room."""
    draft = await tx.lock_runbook_draft(effect.draft)
    assert draft is not None
    await record_runbook_refused(desk, tx, draft, f"{why}.")
