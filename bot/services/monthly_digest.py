"""The monthly digest: the statistics of the month that is over, told once in the incidents channel."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.contacts import BusinessHours
from bot.domain.effects import DrawDigest
from bot.services.context import ServiceContext

MAX_LATE_DAYS = 7
"""After so many days of the month that of the one before is not told any more."""


async def schedule_digest(desk: ServiceContext, now: datetime) -> None:
    """Once for each month, when work begins on its first working day; the key of its effect is the month, so that
    neither another replica nor a restart tells it twice."""
    hours = desk.book.hours or BusinessHours("UTC")
    here = now.astimezone(ZoneInfo(hours.zone))
    if here.day > MAX_LATE_DAYS or here.time() < hours.opens or not hours.is_working_day(here.date()):
        return
    month = (here.date().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    async with desk.store.transaction() as tx:
        await tx.enqueue([DrawDigest(month=month, channel_name=desk.channel_name)])
