"""The impact of an incident on people: told when it is declared, and whenever more is known."""

from dataclasses import dataclass

from bot.domain.incident import Incident, Status
from bot.domain.incident_changes import ImpactChange
from bot.domain.notices import ImpactChangedNotice, ImpactNews
from bot.domain.results import CommandResult, ImpactAlreadyResult, ImpactChangedResult
from bot.domain.text_fields import dump_texts, parse_texts
from bot.domain.timeline_details import ImpactChangedDetail
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
        changed = await change_impact(tx, request.actor, incident, told)
        if changed is None:
            return ImpactAlreadyResult(number)
        texts = {name: cut(text, MAX_IMPACT_LENGTH) for name, text in dump_texts(changed).items()}
        shown = parse_texts(ImpactChange, texts)
        await tx.enqueue(
            [
                *build_alert_refreshes(number, request.change),
                build_notice(incident, request, ImpactChangedNotice(actor=request.actor, **vars(shown))),
                *await notify_followers(
                    tx, number, ImpactNews(actor=request.actor, **vars(shown)), request.change
                ),
            ]
        )
        return ImpactChangedResult(number, **vars(shown))

    return await run_idempotent(desk, request, change)


async def change_impact(tx: Transaction, actor: str, incident: Incident, told: Impact) -> ImpactChange | None:
    """Record the impact, with a timeline entry. Gives what each part is now and what it was; None when nothing is
    new."""
    values: dict[str, str] = {}
    detail: dict[str, str] = {}
    for name in NAMES:
        text, before = getattr(told, name), getattr(incident, name)
        now = before if text is None else _trim(text)
        if now != before:
            values[name] = now
            detail |= {name: now, f"{name}_before": before}
    if not values:
        return None
    await tx.change(incident.number, **values)
    # The version before draws an entry that it does not know as a note with this text.
    changed = parse_texts(ImpactChange, detail)
    words = "; ".join(f"{NAMES[name]}: {text or 'not known'}" for name, text in values.items())
    await tx.add_entry(incident.number, actor, ImpactChangedDetail(**vars(changed), text=words))
    return changed


def _trim(text: str) -> str:
    return "" if is_blank(text) else cut(text.strip(), TEXT_LENGTH)
