"""Words of `/incident` that only show something."""

from bot.domain.results import CommandResult
from bot.ports import SlackPayload
from handlers.slack.command_parser import list_help
from handlers.slack.request_context import RequestContext
from handlers.slack.slash_command import SlashCommandRequest
from templates import incident_list, replies, timeline
from templates.help import command_help
from templates.incident_view import IncidentViewModel


async def load_view(front: RequestContext, asked: SlashCommandRequest) -> IncidentViewModel:
    """The incident that is meant, as this person may see it."""
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    return await front.view(number, asked.request.actor)


async def show_timeline(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """What happened, entry by entry."""
    return timeline.render_timeline(await load_view(front, asked))


async def show_catchup(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """A short summary for who joins late."""
    return timeline.render_catchup(await load_view(front, asked))


async def show_checklist(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """The checklist, for one person."""
    return replies.render_checklist_reply(await load_view(front, asked))


async def show_list(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
    """Open and lately resolved incidents."""
    return incident_list.render_list(
        await front.list_incidents(asked.request.actor, incident_list.LISTED, incident_list.LATELY)
    )


async def show_help(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
    """Every word of the command."""
    return command_help(list_help())
