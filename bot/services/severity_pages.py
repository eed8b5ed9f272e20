"""Ends the pages that a lower severity does not ask for."""

from collections.abc import Collection, Iterable

from bot.domain.effects import Effect
from bot.domain.incident import Incident
from bot.domain.page_attempts import is_paged_as
from bot.domain.policy import PagingPlan
from bot.ports import Transaction
from bot.runbook import Severity
from bot.services.context import ServiceContext
from bot.services.page_acknowledgement import end_provider_pages
from bot.services.paging import is_deferrable
from bot.services.responder_acknowledgement import load_responder
from bot.services.slack_pages import end_unneeded_pages


async def end_uncalled_pages(
    desk: ServiceContext,
    tx: Transaction,
    incident: Incident,
    severity: Severity,
    called: PagingPlan,
    change: str,
) -> list[Effect]:
    """End whoever's page the new severity does not ask for; those requested by name stay paged. So does a commander who
    has acknowledged: they work on it, and are not rung once more when it is raised again. Not where it can wait."""
    number = incident.number
    leads = await load_responder(desk, tx, number, incident.commander)
    goes_on = leads.stands and not is_deferrable(severity)
    over = await _list_uncalled(tx, number, called, leads.contacts if goes_on else ())
    await end_unneeded_pages(tx, leads.situation, called, incident.commander if goes_on else "")
    return await end_provider_pages(tx, number, change, over)


async def _list_uncalled(tx: Transaction, number: int, called: PagingPlan, kept: Collection[str]) -> set[str]:
    """The contacts that are being paged beside Slack and not by the new severity, but for those that are `kept`."""
    names = {name for name, _ in (*called.people, *called.lookups, *called.ways)} | set(called.on_call)
    shared = {handle for _, handles in called.ways for handle in handles}
    attempts = await tx.ways(number)
    stays = {attempt.contact for attempt in attempts if attempt.by_hand or attempt.handle in shared}
    paged = {attempt.contact for attempt in attempts} - stays - set(kept)
    return {contact for contact in paged if not _is_paged_as_any(contact, names)}


def _is_paged_as_any(contact: str, names: Iterable[str]) -> bool:
    return any(is_paged_as(contact, name) for name in names)
