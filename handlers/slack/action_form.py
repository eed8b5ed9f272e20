"""The form for an action item: opened by the word without words, a button or a message's shortcut, and sent."""

from datetime import date

from bot import services
from bot.domain.action_item import MAX_TEXT_LENGTH, ActionKind
from bot.domain.results import CommandResult
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from bot.ports.action_repository import NewAction
from handlers.slack.action_commands import build_calendar, handle_action
from handlers.slack.action_request import ActionRequest
from handlers.slack.item_ownership import ensure_may_own, parse_day
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import open_form
from handlers.slack.slash_command import SlashCommandRequest
from handlers.slack.view_submission import OTHERS, InvalidForm, ViewSubmission
from templates import action_ids
from templates.action_form import build_action_form


async def answer_action(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """`/incident action`: what the words say; the form without any."""
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    if asked.command.raw.strip():
        return await handle_action(front, asked.request, number, asked.command.raw, asked.until)
    view = await front.view(number, asked.request.actor)
    open_form(front, asked.trigger, asked.respond, build_action_form(view))
    return None


async def open_by_button(front: RequestContext, click: ActionRequest) -> None:
    """The button `Add action item` of the checklist."""
    view = await front.view(int(click.split_value(1)[0]), click.request.actor)
    open_form(front, click.trigger, click.respond, build_action_form(view))


async def save_action(front: RequestContext, form: ViewSubmission) -> CommandResult:
    """What was typed into the form. Raises InvalidForm beside the field that cannot be taken."""
    number = form.number("incident")
    text, owner, due_on = form.text(action_ids.ACTION_TEXT), form.text(action_ids.OWNER), parse_day(form)
    if not text:
        raise InvalidForm({action_ids.ACTION_TEXT: "Write what is to be done."})
    if len(text) > MAX_TEXT_LENGTH:
        raise InvalidForm(
            {action_ids.ACTION_TEXT: f"This has {len(text)} characters; {MAX_TEXT_LENGTH} is the most."}
        )
    _ensure_day_comes(due_on, build_calendar(front).today)
    if owner:
        await ensure_may_own(front, owner)
    purpose = form.text(action_ids.PURPOSE) or ActionKind.PREVENT
    if purpose not in tuple(ActionKind):
        raise RuleViolation(OTHERS)
    new = NewAction(text, ActionKind(purpose), owner or None, due_on)
    return await services.add_action(front.services, form.request, number, new)


def _ensure_day_comes(due_on: date | None, today: date) -> None:
    if due_on is not None and due_on < today:
        raise InvalidForm({action_ids.DUE: f"This day is over: today is {today.isoformat()}."})
