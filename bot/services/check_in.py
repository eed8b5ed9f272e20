"""The question whether somebody is still on it: its message loses the button once it is answered or over."""

from datetime import datetime

from bot.domain.effects import Effect, SettleCheckIn
from bot.domain.incident import Incident
from bot.domain.page_attempts import EscalationState
from bot.domain.timeline_details import AskedIfStillDetail
from bot.ports import Transaction

UNANSWERED = (EscalationState.ASKED, EscalationState.CLIMBING)
"""While it stands so, a click on the question still counts."""


async def settle_check_in(tx: Transaction, incident: Incident) -> list[Effect]:
    """The effect that closes the last question; none without one. The incident is as it was before."""
    if incident.ladder not in UNANSWERED:
        return []
    situation = await tx.situation(incident.number)
    assert situation is not None
    asked = [entry.at for entry in situation.entries if isinstance(entry.detail, AskedIfStillDetail)]
    return [SettleCheckIn(incident=incident.number, asked=format_moment(asked[-1]))] if asked else []


def format_moment(at: datetime) -> str:
    """An instant as a part of a key, so exact that no two steps share it."""
    return f"{at.timestamp():.6f}"
