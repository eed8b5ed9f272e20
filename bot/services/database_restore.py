"""Detects that the database was restored from a backup, and holds back the pages that may be old."""

import logging
from collections import defaultdict
from datetime import timedelta

from bot.domain.effects import PostNotice
from bot.domain.notices import RestoredNotice
from bot.ports import Store, Transaction
from bot.services.remediation_request import void_unbegun

log = logging.getLogger(__name__)

MAX_PAGE_AGE = timedelta(minutes=30)
"""What is older pages nobody by itself any more: somebody may have answered long ago, in the time that is lost."""


TOLD_FOR = timedelta(minutes=10)
"""For so long after a restore the rooms are not told of it again: by the tables it is known before Slack says how many
numbers are lost."""

NOT_BEGUN = (
    "The database was restored from a backup, and this may have been carried out in the time that it lost. "
    "Look how it stands, then ask again."
)


async def detect_restore(store: Store, highest: int, is_sure: bool = False) -> bool:
    """Detect a restored backup and hold back old pages. False when nothing was restored.

    `highest` is the highest incident number that ever went out under this installation. A number that this database
    never gave belongs to a time that it lost: the next number is set past it, waiting effects count as perhaps done,
    and the channels are told which pages are held back. With `is_sure` a backup was restored even if no number was
    lost; what another replica has noted is not done again.
    """
    async with store.transaction() as tx:
        last = await tx.find_last_number()
        noted = await tx.find_restore_age()
        if highest <= last and (not is_sure or noted is not None):
            return False
        is_told = noted is not None and noted < TOLD_FOR
        highest = max(highest, last)
        held = await _hold_pages(tx)
        await tx.mark_all_uncertain()
        await tx.enqueue(await void_unbegun(tx, None, NOT_BEGUN))
        for number in held if is_told else await tx.list_open_numbers():
            names, lost = ", ".join(held.get(number, ())), f"{last + 1}-{highest}"
            notice = RestoredNotice(held=names, lost=lost)
            await tx.enqueue([PostNotice.say(number, notice, f"restored:{highest}")])
        await tx.note_restore(highest, held)
    log.error(
        "the database was restored from a backup: %s. Held back, not paged automatically: %s",
        _describe_lost(last, highest),
        "; ".join(f"INC-{number}: {', '.join(names)}" for number, names in held.items()) or "nobody",
    )
    return True


def _describe_lost(last: int, highest: int) -> str:
    """Which incidents are lost, where the database has those up to `last`."""
    if highest <= last:
        return "no incident is known to be lost"
    if highest == last + 1:
        return f"INC-{highest} is not in it"
    return f"INC-{last + 1} to INC-{highest} are not in it"


async def _hold_pages(tx: Transaction) -> dict[int, list[str]]:
    """Hold back what would page people. Gives by incident whom."""
    held: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for number, contact in await tx.hold_pages(MAX_PAGE_AGE):
        held[number][contact] = None
    for number in await tx.hold_escalations(MAX_PAGE_AGE):
        held[number]["the next people"] = None
    return {number: list(names) for number, names in held.items()}
