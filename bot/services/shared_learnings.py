"""Shares what was learned from an incident with the channels that a person chooses, by that person's click."""

import re
from collections.abc import Sequence

from bot.domain.effects import RefreshChecklist, ShareLearnings
from bot.domain.incident import Status
from bot.domain.results import CommandResult
from bot.domain.results.action_results import LearningsSharedResult
from bot.domain.timeline_details import LearningsSharedDetail
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.context import ServiceContext, UserRequest
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut, is_blank

MAX_CHANNELS = 10
MAX_TEXT_LENGTH = 3000
CHANNEL = re.compile(r"C[A-Z0-9]{6,30}")


async def share_learnings(
    desk: ServiceContext, request: UserRequest, number: int, channels: Sequence[str], text: str
) -> CommandResult:
    """Post these words once in each of the public channels. `learnings_shared` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        if incident.status not in (Status.RESOLVED, Status.CLOSED):
            raise RuleViolation(f"{incident.reference} is {incident.status}. Nothing was shared.")
        if incident.private:
            raise RuleViolation(f"{incident.reference} is private: nothing of it goes to other channels.")
        chosen = tuple(dict.fromkeys(channels))
        if not chosen or is_blank(text):
            raise RuleViolation("Choose a channel and write what was learned. Nothing was shared.")
        if len(chosen) > MAX_CHANNELS or not all(map(CHANNEL.fullmatch, chosen)):
            raise RuleViolation(f"Choose {MAX_CHANNELS} public channels at most. Nothing was shared.")
        words = cut(text.strip(), MAX_TEXT_LENGTH)
        detail = LearningsSharedDetail(share=request.change, channels=chosen, text=words)
        await tx.add_entry(number, request.actor, detail)
        if incident.status is Status.RESOLVED:
            shown = RefreshChecklist(incident=number, count=incident.resolutions, change=request.change)
            await tx.enqueue([shown])
        await tx.enqueue(
            [ShareLearnings(incident=number, share=request.change, channel=channel) for channel in chosen]
        )
        return LearningsSharedResult(number, channels=chosen)

    return await run_idempotent(desk, request, change)
