"""Posts the monthly digest in the incidents channel."""

from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from bot.contacts import BusinessHours
from bot.domain.effects import PostDigest
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import EffectContext
from handlers.outbox.effect_result import EffectResult
from templates.incident_statistics import render_digest


async def post_digest(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """The month's statistics without private incidents; nothing for a month without any incident."""
    desk, month = hands.services, cast(PostDigest, row.effect).month
    zone = ZoneInfo((desk.book.hours or BusinessHours("UTC")).zone)
    begins = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
    ends = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
    severities = [severity.id for severity in desk.runbook_versions.current.runbook.severities]
    found = await desk.store.measure_incidents("", ends - begins, severities, ends)
    if not found.rows:
        return EffectResult()
    message = render_digest(found, f"{begins:%B %Y}")
    return EffectResult(await hands.post(row, await hands.incidents_channel(), message))
