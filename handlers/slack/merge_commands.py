"""The words and buttons about two incidents."""

from datetime import UTC, datetime

from bot import services
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from handlers.slack.request_context import RequestContext
from handlers.slack.slash_command import SlashCommandRequest
from templates import merge_messages as merges


async def confirm_merge(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload:
    """Ask whether an incident is to be closed into the one that is named. Raises Refused where it cannot be."""
    actor, into = asked.request.actor, asked.command.into
    if into is None:
        raise RuleViolation(
            "Name the other incident: `/incident merge INC-7`, or from elsewhere `/incident merge INC-3 into INC-7`. "
            "Nothing was changed."
        )
    number = await front.number(asked.command.number, asked.channel, actor)
    incident = (await front.load_open_view(number, actor)).incident
    other = (await front.view(into, actor)).incident
    services.must_be_mergeable(incident, other)
    return merges.confirm_merge(incident, other, actor, datetime.now(UTC))
