"""The impact of an incident on people: told when it is declared, and whenever more is known."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.incident import CommandResult, EntryKind, Incident, Status
from bot.errors import RuleViolation
from bot.ports import Transaction
from bot.services.acknowledge import build_alert_refreshes, build_notice
from bot.services.context import ServiceContext, UserRequest
from bot.services.declare import TEXT_LENGTH
from bot.services.followers import notify_followers
from bot.services.unit_of_work import get_for_update, run_idempotent
from bot.text.truncation import cut, is_blank

MAX_IMPACT_LENGTH = 600
"""Characters of one of them in the line for the room; the timeline has it whole."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What somebody tells of it: None leaves it as it is, an empty text takes it back."""

    impact: str | None = None
    affected_users: str | None = None


NAMES = {"impact": "impact", "affected_users": "affected users"}


async def set_impact(desk: ServiceContext, request: UserRequest, number: int, told: Impact) -> CommandResult:
    """Say what it does to people, until it is closed. `impact_changed`, `impact_already` or `refused`."""

    async def change(tx: Transaction) -> CommandResult:
        incident = await get_for_update(tx, request, number)
        if incident.status in (Status.CLOSED, Status.CANCELLED):
            raise RuleViolation(f"{incident.reference} is already {incident.status}. Nothing was changed.")
        if told.impact and is_blank(told.impact):
            raise RuleViolation("Type the impact: `/incident impact Nobody can pay`. Nothing was changed.")
        detail = await change_impact(tx, request.actor, incident, told)
        if not detail:
            return CommandResult("impact_already", number)
        shown = {name: cut(text, MAX_IMPACT_LENGTH) for name, text in detail.items() if name != "text"}
        await tx.enqueue(
            [
                *build_alert_refreshes(number, request.change),
                build_notice(incident, request, "impact_changed", actor=request.actor, **shown),
                *await notify_followers(tx, number, "impact", request.change, actor=request.actor, **shown),
            ]
        )
        return CommandResult("impact_changed", number, shown)

    return await run_idempotent(desk, request, change)


async def change_impact(tx: Transaction, actor: str, incident: Incident, told: Impact) -> Mapping[str, str]:
    """Record the impact, with a timeline entry. Gives the entry's detail: what each part is now and what it was; empty
    when nothing is new."""
    values: dict[str, str] = {}
    detail: dict[str, str] = {}
    for name in NAMES:
        text, before = getattr(told, name), getattr(incident, name)
        now = before if text is None else _trim(text)
        if now != before:
            values[name] = now
            detail |= {name: now, f"{name}_before": before}
    if not values:
        return {}
    await tx.change(incident.number, **values)
    # The version before draws an entry that it does not know as a note with this text.
    detail["text"] = "; ".join(f"{NAMES[name]}: {text or 'not known'}" for name, text in values.items())
    await tx.add_entry(incident.number, actor, EntryKind.IMPACT_CHANGED, **detail)
    return detail


def _trim(text: str) -> str:
    return "" if is_blank(text) else cut(text.strip(), TEXT_LENGTH)
