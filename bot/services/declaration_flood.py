"""Reports in the incidents channel that one person declares very many incidents at once."""

from collections.abc import Sequence

from bot.domain.effects import Effect, RefreshFlood, TellOfFlood
from bot.domain.incident import Incident
from bot.domain.incident_list import RecentDeclaration
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.page_grouping import MAX_DIRECT_PAGES, RINGS_FOR


async def report_flood(
    desk: ServiceContext,
    tx: Transaction,
    request: UserRequest,
    incident: Incident,
    before: Sequence[RecentDeclaration],
) -> list[Effect]:
    """Report more than eight declarations within two minutes. `before` is what this person declared in that time;
    private incidents and drills are neither reported nor counted."""
    if (
        incident.private
        or incident.drill
        or sum(not declaration.private for declaration in before) < MAX_DIRECT_PAGES
    ):
        return []
    first = await tx.find_flood_start(request.actor, RINGS_FOR)
    return [
        TellOfFlood(incident=first, person=request.actor, channel_name=desk.channel_name),
        RefreshFlood(incident=first, person=request.actor, change=request.change),
    ]
