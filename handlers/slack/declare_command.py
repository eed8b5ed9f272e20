"""`/incident declare` and `/incident drill`: at once where everything is said, else by a form."""

from bot import services
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from bot.services import Declaration
from handlers.slack.command_parser import parse_declaration
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import open_form
from handlers.slack.slash_command import SlashCommandRequest
from templates import modals, replies


async def handle_declare(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | None:
    runbook = front.services.runbook_versions.current.runbook
    said = parse_declaration(asked.command.rest, runbook)
    drill = asked.command.word == "drill"
    if said.level and runbook.severity(said.level) is None:
        there_are = ", ".join(severity.id for severity in runbook.severities)
        raise RuleViolation(
            f"The runbook has no severity {said.level}. It has {there_are}. Nothing was recorded.",
            words=said.title,
        )
    unsure = [word for word in said.unsure if not (drill and word == "drill")]
    if said.level and said.title and not unsure:
        outcome = await services.declare(
            front.services,
            asked.request,
            Declaration(said.level, said.title, private=said.private, drill=drill or said.drill),
        )
        return replies.render_reply(outcome)
    if said.title and not unsure:
        view = modals.build_severity_form(runbook, said.title, asked.channel, said.private, drill)
    else:
        view = modals.build_declare_form(
            runbook,
            severity=said.level,
            title=said.title,
            origin=asked.channel,
            private=said.private,
            drill=drill or said.drill,
            unsure=unsure,
        )
    open_form(front, asked.trigger, asked.respond, view)
    return None
