"""Drafts texts for customers, as the incident stands."""

from collections.abc import Mapping, Sequence

from bot.domain.effects import PostPublicDraft, RefreshPublicDraft
from bot.domain.incident import Incident, Status
from bot.domain.public_update import (
    WORST_PUBLIC_RANK,
    PageImpact,
    PublicState,
    PublicUpdate,
    explain_not_public,
    find_impact,
    restore_components,
    select_current_opening,
)
from bot.domain.results import CommandResult
from bot.domain.results.publication_results import PublicDraftedResult
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut

MAX_PUBLIC_LENGTH = 3000
NOTHING = "Nothing was published."


async def draft_public_update(
    desk: ServiceContext, request: UserRequest, number: int, text: str
) -> CommandResult:
    """Show the next text for customers in the channel; without words it is drawn from the runbook's template. The
    outcome is `public_drafted`, or `refused` where nothing of the incident may be published."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        await must_be_publishable(desk, tx, incident)
        await add_draft(desk, tx, incident, request.actor, text.strip())
        return PublicDraftedResult(number)

    return await run_idempotent(desk, request, change)


async def add_draft(
    desk: ServiceContext, tx: Transaction, incident: Incident, actor: str, text: str = ""
) -> PublicUpdate:
    """A draft as the incident stands, and the effect that shows it."""
    update = await insert_draft(desk, tx, incident, actor, text)
    shown = [
        RefreshPublicDraft(incident=incident.number, update=id, change=f"after:{update.id}")
        for id in await tx.outdate_public_updates(incident.number, update.id)
    ]
    await tx.enqueue([*shown, PostPublicDraft(incident=incident.number, update=update.id)])
    return update


async def insert_draft(
    desk: ServiceContext, tx: Transaction, incident: Incident, actor: str, text: str = ""
) -> PublicUpdate:
    """A draft as the incident stands, shown to nobody."""
    told = await plan_draft(desk, tx, incident, public_status(incident))
    return await tx.add_public_update(
        incident.number,
        told.opening,
        told.status,
        told.title,
        cut(text, MAX_PUBLIC_LENGTH),
        told.impact,
        told.components,
        actor,
    )


async def plan_draft(
    desk: ServiceContext, tx: Transaction, incident: Incident, status: Status
) -> PublicUpdate:
    """What the next text would be told with, without words and without being kept."""
    opening, earlier = select_current_opening(await tx.list_public_updates(incident.number))
    return PublicUpdate(
        id=0,
        incident=incident.number,
        number=0,
        opening=opening,
        state=PublicState.DRAFT,
        status=status,
        title=earlier[-1].title if earlier else incident.title,
        text="",
        impact=await _find_impact(desk, incident),
        drafted_by="",
        drafted_at=incident.declared_at,
        components=await _choose_components(tx, incident, earlier, status),
    )


async def offer_first_draft(desk: ServiceContext, tx: Transaction, incident: Incident, rank: int) -> None:
    """The worst incidents get a draft for customers by themselves; nothing of a private one."""
    if desk.status_pages and rank <= WORST_PUBLIC_RANK and not incident.private:
        await add_draft(desk, tx, incident, incident.commander)


async def offer_next_draft(desk: ServiceContext, tx: Transaction, number: int, actor: str) -> None:
    """What is public gets the next draft, as it stands now, and so does what waits for its first decision; what became
    one of the worst gets its first."""
    incident = await tx.incident(number)
    if not desk.status_pages or incident.private:
        return
    if await offer_to_readers(desk, tx, number, actor):
        return
    drafts = await tx.list_public_updates(number)
    if any(draft.is_undecided for draft in drafts):
        await add_draft(desk, tx, incident, actor)
        return
    severity = (await desk.runbook_versions.of(incident)).severity(incident.severity)
    if severity is not None and not drafts:
        await offer_first_draft(desk, tx, incident, severity.rank)


async def offer_to_readers(desk: ServiceContext, tx: Transaction, number: int, actor: str) -> bool:
    """The next draft where readers wait for one; gives whether they do."""
    if not desk.status_pages:
        return False
    standing = await tx.find_public_standing(number)
    if standing is None or standing.ended_at is not None:
        return False
    await add_draft(desk, tx, await tx.incident(number), actor)
    return True


async def settle_drafts(desk: ServiceContext, tx: Transaction, number: int, actor: str, change: str) -> None:
    """It is over: readers that wait get that as the next draft; where there are none, nobody is asked any more to
    publish what was drafted."""
    if not await offer_to_readers(desk, tx, number, actor):
        left = await tx.outdate_public_updates(number, 0)
        await tx.enqueue(
            [RefreshPublicDraft(incident=number, update=id, change=f"over:{change}") for id in left]
        )


def public_status(incident: Incident) -> Status:
    """What customers are told that an incident is: over is over."""
    return incident.status if incident.status.is_open else Status.RESOLVED


async def _find_impact(desk: ServiceContext, incident: Incident) -> PageImpact:
    severity = (await desk.runbook_versions.of(incident)).severity(incident.severity)
    return find_impact(severity.rank if severity else None)


async def _choose_components(
    tx: Transaction, incident: Incident, earlier: Sequence[PublicUpdate], status: Status
) -> Mapping[str, str]:
    """What the last text said of them; in the first one what was chosen last with this playbook; working at the end."""
    if status is Status.RESOLVED:
        return restore_components(earlier)
    if earlier:
        return earlier[-1].components
    return await tx.find_last_components(incident.playbook) if incident.playbook else {}


async def must_be_publishable(desk: ServiceContext, tx: Transaction, incident: Incident) -> None:
    """Raises RuleViolation where nothing of the incident can be published now."""
    if why := explain_not_public(incident, bool(desk.status_pages)):
        raise RuleViolation(why)
    if incident.status.is_open:
        return
    standing = await tx.find_public_standing(incident.number)
    if standing is None:
        raise RuleViolation(f"{incident.reference} is over and was never public. {NOTHING}")
    if standing.ended_at is not None:
        raise RuleViolation(
            f"{incident.reference} is resolved on the status page already. To say more, open it again: "
            f"`/incident reopen`. {NOTHING}"
        )
