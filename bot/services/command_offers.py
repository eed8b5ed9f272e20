"""An offer of command that is not open any more: its message loses the button."""

from bot.domain.effects import Effect, SettleOffer
from bot.domain.incident import EntryKind, Incident, TimelineEntry
from bot.ports import Transaction


async def find_offer(tx: Transaction, number: int, person: str) -> TimelineEntry | None:
    """The last offer of command to this person."""
    situation = await tx.situation(number)
    assert situation is not None
    offers = (entry for entry in reversed(situation.entries) if entry.kind is EntryKind.COMMAND_OFFERED)
    return next((offer for offer in offers if offer.detail["to"] == person), None)


async def settle_offer(tx: Transaction, incident: Incident) -> list[Effect]:
    """The effect that closes the open offer's message; none without one. The incident is as it was before. Offers that
    an older version made do not name their message: it stays as it is, and its button says what it cannot do."""
    if incident.offered_to is None:
        return []
    offer = await find_offer(tx, incident.number, incident.offered_to)
    if offer is None or not offer.detail.get("offer"):
        return []
    return [
        SettleOffer(
            incident=incident.number,
            offer=offer.detail["offer"],
            person=incident.offered_to,
            by=offer.actor,
            words=offer.detail["text"],
            ends=int(offer.detail.get("ends", 0)),
        )
    ]
