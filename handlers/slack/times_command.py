"""`/incident times`: the moments of an incident, and that it began earlier than it was declared."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import services
from bot.contacts import BusinessHours
from bot.domain.results import CommandResult
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from handlers.slack.request_context import RequestContext
from handlers.slack.slash_command import SlashCommandRequest
from templates.incident_times import render_times

MOMENT = re.compile(
    r"(?:began\s+(?:at\s+)?)?(?:(?P<day>\d{4}-\d{2}-\d{2})\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?P<utc>\s*(?:UTC|Z)\b)?"
    r"(?:[\s,:.–—-]+(?P<why>.*))?",
    re.IGNORECASE | re.DOTALL,
)
EARLIER = re.compile(
    r"(?:began\s+)?(?P<count>\d{1,4})\s*(?P<unit>m|min|mins|minutes?|h|hours?)\s+earlier(?:[\s,:.–—-]+(?P<why>.*))?",
    re.IGNORECASE | re.DOTALL,
)
HOW = "Write when it began and why: `/incident times 02:40 The alert came late`. Nothing was changed."


async def answer_times(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """The moments; with words, the correction of the first one."""
    actor, words = asked.request.actor, asked.command.rest.strip()
    number = await front.number(asked.command.number, asked.channel, actor)
    view = await front.view(number, actor)
    if not words:
        return render_times(view.situation)
    zone = ZoneInfo((front.services.book.hours or BusinessHours("UTC")).zone)
    began_at, reason = parse_beginning(words, view.incident.declared_at, zone)
    return await services.correct_beginning(front.services, asked.request, number, began_at, reason)


def parse_beginning(words: str, declared_at: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """`02:40 WHY`, `2026-11-30 02:40 UTC WHY` or `25 minutes earlier WHY`: the moment in UTC and the reason. A time
    without a day is the last one before the declaration, in the team's zone. Raises RuleViolation."""
    if found := EARLIER.fullmatch(words):
        unit = "hours" if found["unit"][0].casefold() == "h" else "minutes"
        return declared_at - timedelta(**{unit: int(found["count"])}), found["why"] or ""
    if (found := MOMENT.fullmatch(words)) is None:
        raise RuleViolation(HOW, words=words)
    at_zone = UTC if found["utc"] else zone
    declared = declared_at.astimezone(at_zone)
    try:
        clock = declared.replace(
            hour=int(found["hour"]), minute=int(found["minute"]), second=0, microsecond=0
        )
        if found["day"]:
            day = datetime.fromisoformat(found["day"])
            clock = clock.replace(year=day.year, month=day.month, day=day.day)
    except ValueError:
        raise RuleViolation(f"There is no such moment. {HOW}", words=words) from None
    if not found["day"] and clock > declared:
        clock -= timedelta(days=1)
    return clock.astimezone(UTC), found["why"] or ""
