"""Pages the whole incidents channel: where the severity says so, and where nobody else can be reached."""

from bot.domain import policy
from bot.domain.effects import CallEveryone, Effect
from bot.domain.incident import Incident, Situation
from bot.domain.page_attempts import WORST
from bot.domain.timeline_details import DeclaredDetail
from bot.ports import Transaction
from bot.services.context import ServiceContext
from bot.services.first_attempts import SOMEBODY_IS_ON_IT


async def page_everyone_if_unreached(desk: ServiceContext, tx: Transaction, number: int) -> list[Effect]:
    """Page the incidents channel when nobody at all could be paged for one of the worst severities."""
    situation = await tx.situation(number)
    assert situation is not None
    incident = situation.incident
    severity = (await desk.runbook_versions.of(incident)).severity(incident.severity)
    reached = _is_anybody_reached(situation) or incident.ladder in SOMEBODY_IS_ON_IT
    if reached or incident.private or severity is None or severity.rank >= WORST:
        return []
    why = "nobody else can be reached"
    return [CallEveryone(incident=number, channel_name=desk.channel_name, why=why)]


def _is_anybody_reached(situation: Situation) -> bool:
    """Whether any page did not fail; a telephone number is for people to dial, and pages nobody."""
    return any(not page.failed for page in situation.pages) or any(
        not attempt.failed for attempt in situation.ways if not attempt.is_phone
    )


async def page_everyone_by_severity(
    desk: ServiceContext, tx: Transaction, incident: Incident, called: policy.PagingPlan, cause: str
) -> list[Effect]:
    """Page the incidents channel where the severity pages everyone: once when it is `RAISED`, and not when the
    declaration did so; for another `cause` each time."""
    if not called.everyone or incident.private:
        return []
    situation = await tx.situation(incident.number)
    assert situation is not None
    declared = any(
        isinstance(entry.detail, DeclaredDetail) and bool(entry.detail.everyone)
        for entry in situation.entries
    )
    if declared and cause == RAISED:
        return []
    return [
        CallEveryone(
            incident=incident.number,
            channel_name=desk.channel_name,
            why=called.everyone,
            cause=f":{cause}",
        )
    ]


RAISED = "raised"
