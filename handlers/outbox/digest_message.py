"""Posts the monthly digest in the incidents channel, with its picture."""

from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from bot.contacts import BusinessHours
from bot.domain.effects import DrawDigest, PostDigest
from bot.domain.incident_statistics import IncidentStatistics, StatisticsChart
from bot.errors import SlackRejected
from bot.ports import LeasedEffect
from handlers.outbox.effect_context import EffectContext, ensure_lease
from handlers.outbox.effect_result import EffectResult
from handlers.outbox.picture_posting import MAX_WAITS, post_with_picture
from templates.incident_statistics import render_digest
from templates.statistics_chart import add_picture, build_chart


async def draw_digest(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """The picture goes to Slack unseen; what cannot be drawn or is refused keeps nobody from the figures."""
    effect, file = cast(DrawDigest, row.effect), ""
    _, chart = await _measure(hands, effect.month)
    if chart is not None and hands.charts is not None:
        ensure_lease(row)
        try:
            picture = await hands.charts.render_statistics(chart)
            file = await hands.chat.upload(picture, f"incidents-{effect.month}.png")
        except (OSError, SlackRejected):
            file = ""
    following = PostDigest(month=effect.month, channel_name=effect.channel_name, file=file)
    return EffectResult(on_commit=lambda tx: tx.enqueue([following]))


async def post_digest(hands: EffectContext, row: LeasedEffect) -> EffectResult:
    """The month's statistics without private incidents; nothing for a month without any incident."""
    effect = cast(PostDigest, row.effect)
    found, chart = await _measure(hands, effect.month)
    if not found.rows:
        return EffectResult()
    message = render_digest(found, f"{_begin(hands, effect.month):%B %Y}")
    file = effect.file if chart is not None and row.attempts <= MAX_WAITS else ""
    if chart is not None and file:
        message = add_picture(message, chart, file)
    return EffectResult(await post_with_picture(hands, row, await hands.incidents_channel(), message, file))


async def _measure(hands: EffectContext, month: str) -> tuple[IncidentStatistics, StatisticsChart | None]:
    """What everybody may see of a month, and its picture."""
    desk, begins = hands.services, _begin(hands, month)
    ends = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
    severities = [severity.id for severity in desk.runbook_versions.current.runbook.severities]
    zone = _zone(hands)
    found = await desk.store.measure_incidents("", ends - begins, severities, ends, zone)
    return found, build_chart(found, f"in {begins:%B %Y}", (ends - timedelta(days=1)).date())


def _begin(hands: EffectContext, month: str) -> datetime:
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=ZoneInfo(_zone(hands)))


def _zone(hands: EffectContext) -> str:
    return (hands.services.book.hours or BusinessHours("UTC")).zone
