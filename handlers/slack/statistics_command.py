"""`/incident stats`: how many incidents there were, and how long they took."""

import re
from datetime import timedelta

from bot.domain.results import CommandResult
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from handlers.slack.request_context import RequestContext
from handlers.slack.slash_command import SlashCommandRequest
from templates.incident_statistics import render_statistics

PERIOD = re.compile(
    r"(?:(?:the\s+)?(?:last|past)\s+)?(?:(\d{1,4})\s*)?(d|days?|w|weeks?|m|months?|y|years?)?", re.IGNORECASE
)
DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
DEFAULT_DAYS, MAX_DAYS = 90, 3650


def parse_period(text: str) -> timedelta:
    """`90d`, `12 weeks`, `last month`; 90 days without words. Raises RuleViolation."""
    found = PERIOD.fullmatch(text.strip())
    days = DEFAULT_DAYS
    if found and (found[1] or found[2]):
        days = int(found[1] or 1) * DAYS[(found[2] or "d")[0].casefold()]
    if not found or not 1 <= days <= MAX_DAYS:
        raise RuleViolation(
            "Write how far to look back: `/incident stats 90d`, `12w` or `6 months`. Nothing was changed.",
            words=text,
        )
    return timedelta(days=days)


async def show_statistics(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """Of the incidents that this person may see."""
    period = parse_period(asked.command.rest)
    severities = [severity.id for severity in front.services.runbook_versions.current.runbook.severities]
    return render_statistics(
        await front.services.store.measure_incidents(asked.request.actor, period, severities)
    )
