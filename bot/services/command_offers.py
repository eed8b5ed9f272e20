"""An offer of command that is not open any more: its message loses the button."""

from bot.domain.effects import Effect, SettleOffer
from bot.domain.incident import Incident
from bot.domain.timeline_details import CommandOfferedDetail
from bot.ports import Transaction


async def find_offer(tx: Transaction, number: int, person: str) -> tuple[str, CommandOfferedDetail] | None:
    """The last offer of command to this person, and who made it; empty for the bot itself."""
    situation = await tx.situation(number)
    assert situation is not None
    for entry in reversed(situation.entries):
        if isinstance(entry.detail, CommandOfferedDetail) and entry.detail.to == person:
            return entry.actor, entry.detail
    return None


async def is_offered(tx: Transaction, number: int, person: str, words: str) -> bool:
    """Whether the last offer to this person says as much: the same words, or there are none to add."""
    found = await find_offer(tx, number, person)
    return found is not None and bool(found[1].offer) and words in ("", found[1].text)


async def settle_offer(tx: Transaction, incident: Incident) -> list[Effect]:
    """The effect that closes the open offer's message; none without one. The incident is as it was before. Offers that
    an older version made do not name their message: it stays as it is, and its button says what it cannot do."""
    if incident.offered_to is None:
        return []
    found = await find_offer(tx, incident.number, incident.offered_to)
    if found is None or not found[1].offer:
        return []
    by, offer = found
    return [
        SettleOffer(
            incident=incident.number,
            offer=offer.offer,
            person=incident.offered_to,
            by=by,
            words=offer.text,
            ends=offer.ends or 0,
        )
    ]
