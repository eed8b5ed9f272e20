"""`/incident stats`: how many incidents there were, and how long they took."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.incident_statistics import StatisticsChart
from bot.domain.results import CommandResult
from bot.errors import RuleViolation, SlackRejected
from bot.ports import Chat, SlackPayload
from bot.ports.diagnostics import StatisticsRenderer
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import build_ephemeral
from handlers.slack.slash_command import SlashCommandRequest
from templates.incident_statistics import render_statistics
from templates.statistics_chart import build_chart, render_picture

PERIOD = re.compile(
    r"(?:(?:the\s+)?(?:last|past)\s+)?(?:(\d{1,4})\s*)?(d|days?|w|weeks?|m|months?|y|years?)?", re.IGNORECASE
)
DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
DEFAULT_DAYS, MAX_DAYS = 90, 3650
PICTURE_TIMEOUT_S, PICTURE_INTERVAL_S, PICTURE_ATTEMPTS = 15.0, 1.0, 4
"""Seconds that the picture may take; how long Slack may look at it. An address for answers takes five of them."""

OK = 200


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
    """Of the incidents that this person may see; their picture follows when it is drawn."""
    period, desk = parse_period(asked.command.rest), front.services
    severities = [severity.id for severity in desk.runbook_versions.current.runbook.severities]
    zone = desk.book.hours.zone if desk.book.hours else "UTC"
    found = await desk.store.measure_incidents(asked.request.actor, period, severities, zone=zone)
    days = period // timedelta(days=1)
    today = datetime.now(ZoneInfo(zone)).date()
    chart = build_chart(found, f"in {days:,} day{'' if days == 1 else 's'}", today)
    if chart is not None and front.charts is not None:
        draw = partial(_send_picture, front.charts, front.chat, asked.respond, chart)
        front.errands.run("the picture of statistics", draw, within=PICTURE_TIMEOUT_S)
    return render_statistics(found)


async def _send_picture(
    charts: StatisticsRenderer, chat: Chat, respond: Callable[..., Awaitable[Any]], chart: StatisticsChart
) -> None:
    """The picture, for who asked; while Slack is still looking at it, it refuses the message."""
    file = await chat.upload(await charts.render_statistics(chart), "incidents.png")
    message = build_ephemeral(render_picture(chart, file))
    for _ in range(PICTURE_ATTEMPTS):
        answer = await respond(**message, replace_original=False)
        if answer.status_code == OK:
            return
        await asyncio.sleep(PICTURE_INTERVAL_S)
    raise SlackRejected("invalid_slack_file", "response_url")
