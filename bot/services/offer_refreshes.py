"""Takes the buttons that offer a change, or another playbook, off the messages of an incident that is over, and puts
them back when it is reopened."""

import re

from bot.domain.effects import Effect, RefreshOffers
from bot.ports import Transaction

PLAYBOOK = re.compile(r"playbook:\d+:(?P<part>\d+)(?P<room>.*)", re.DOTALL)
"""The key of a part of the playbook that was posted."""


async def refresh_offers(tx: Transaction, number: int, change: str) -> list[Effect]:
    """The edits of every message that may offer something: what was found, and the playbook that was posted last; of
    one before it nobody knows any more which it was."""
    situation = await tx.situation(number)
    assert situation is not None
    evidence = [key for key in situation.posts if key.startswith("evidence:")]
    parts = {key: found for key in situation.posts if (found := PLAYBOOK.fullmatch(key))}
    newest = max(parts, key=lambda key: float(situation.posts[key].ts), default="")
    shown = [key for key, found in parts.items() if found["room"] == parts[newest]["room"]]
    return [RefreshOffers(incident=number, post=key, change=change) for key in (*evidence, *shown)]
