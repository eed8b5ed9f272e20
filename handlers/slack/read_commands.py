"""Words of `/incident` that only show something."""

from bot.domain.results import CommandResult
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from bot.runbook import find_best_playbook
from handlers.slack import on_call_command
from handlers.slack.command_parser import list_help
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import build_ephemeral
from handlers.slack.review_commands import draft_learnings
from handlers.slack.slash_command import SlashCommandRequest
from templates import incident_list, playbook, replies, timeline
from templates import on_call_messages as duty
from templates.help import command_help
from templates.incident_view import IncidentViewModel

IMPROVE = "improve"
"""The word behind `runbook` that asks what it could learn."""

MAX_PARTS = 4
"""Further messages of a playbook: Slack takes five for one command."""


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


async def show_on_call(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """Who is on call; where a schedule has to be asked, a moment later. Outsiders see it in an incident's channel."""
    if await front.is_outsider(asked.request.actor):
        shown_in = await front.find_shown("Who is on call", asked.command.number, asked.channel)
        await front.view(shown_in, asked.request.actor)
    if not on_call_command.has_external_schedules(front):
        return duty.render_on_call(await on_call_command.list_standings(front))

    async def tell() -> None:
        shown = duty.render_on_call(await on_call_command.list_standings(front))
        await asked.respond(**build_ephemeral(shown), replace_original=False)

    async def sorry() -> None:
        await asked.respond(**build_ephemeral(duty.render_unknown()), replace_original=False)

    front.errands.run("asking who is on call", tell, sorry, on_call_command.LOOKUP_TIMEOUT_S)
    return duty.render_asking()


async def show_runbook(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """What the runbook says, or one playbook of it."""
    words = asked.command.rest
    if words.casefold() == IMPROVE:
        return await draft_learnings(front, asked)
    runbook = await front.edition(asked.command.number, asked.channel, asked.request.actor)
    if not words:
        return playbook.render_overview(runbook, front.runbook_url)
    named = [
        playbook
        for playbook in runbook.playbooks
        if words.casefold() in (playbook.id, playbook.title.casefold())
    ]
    found = named[0] if named else find_best_playbook(runbook, words, None)
    if found is None:
        there_are = "; ".join(playbook.title for playbook in runbook.playbooks)
        raise RuleViolation(f"No playbook fits “{words}”. There are: {there_are}. Nothing was changed.")
    first, *more = playbook.render_playbook(found, front.runbook_url)
    if more:

        async def rest() -> None:
            for part in more[:MAX_PARTS]:
                await asked.respond(**build_ephemeral(part), replace_original=False)

        front.errands.run("showing the rest of a playbook", rest)
    return first
