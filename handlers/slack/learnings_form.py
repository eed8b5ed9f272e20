"""The form with what was learned: opened by the checklist's button, and sent by the person who shares it."""

from bot import services
from bot.domain.results import CommandResult
from bot.errors import RuleViolation
from handlers.slack.action_request import ActionRequest
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import open_form
from handlers.slack.view_submission import InvalidForm, ViewSubmission
from templates import action_ids
from templates.shared_learnings import build_learnings_form


async def open_learnings(front: RequestContext, click: ActionRequest) -> None:
    """With a draft from what people wrote for the review."""
    number = int(click.split_value(1)[0])
    view = await front.view(number, click.request.actor)
    if view.incident.private:
        raise RuleViolation(f"{view.incident.reference} is private: nothing of it goes to other channels.")
    answers = await front.services.store.find_review_answers(number)
    actions = await front.services.store.find_actions(number)
    open_form(front, click.trigger, click.respond, build_learnings_form(view, answers, actions))


async def save_learnings(front: RequestContext, form: ViewSubmission) -> CommandResult:
    """Share the words. Raises InvalidForm where something is missing."""
    channels, text = form.text(action_ids.CHANNELS).split(), form.text(action_ids.LEARNINGS)
    if not channels:
        raise InvalidForm({action_ids.CHANNELS: "Choose at least one channel."})
    if not text:
        raise InvalidForm({action_ids.LEARNINGS: "Write what was learned."})
    return await services.share_learnings(
        front.services, form.request, form.number("incident"), channels, text
    )
