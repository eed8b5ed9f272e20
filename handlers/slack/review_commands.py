"""`/incident review` and its buttons: people write what only they know, and read the document."""

from bot import services
from bot.domain.results import CommandResult
from bot.domain.review import POINTER, QUESTIONS
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from bot.services.review_source import read_review
from handlers.slack.action_request import ActionRequest
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import open_form
from handlers.slack.slash_command import SlashCommandRequest
from handlers.slack.view_submission import ViewSubmission
from templates import action_ids, review_messages
from templates.review_content import ReviewLayout
from templates.review_document import format_review
from templates.runbook_draft import build_choice_form, describe_state


async def open_review(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """The form with the questions."""
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    view = await front.view(number, asked.request.actor)
    services.ensure_over(view.incident)
    answers = await front.services.store.find_review_answers(number)
    open_form(front, asked.trigger, asked.respond, review_messages.build_review_form(view, answers))
    return None


async def write_review(front: RequestContext, click: ActionRequest) -> None:
    """The same by the button."""
    number = int(click.split_value(1)[0])
    view = await front.view(number, click.request.actor)
    services.ensure_over(view.incident)
    answers = await front.services.store.find_review_answers(number)
    open_form(front, click.trigger, click.respond, review_messages.build_review_form(view, answers))


async def show_review(front: RequestContext, click: ActionRequest) -> SlackPayload:
    """The document, for the person who clicked."""
    number = int(click.split_value(1)[0])
    view = await front.view(number, click.request.actor)
    source = await read_review(front.services, view.incident)
    names = await front.names(source.records.list_people(view.situation))
    layout = ReviewLayout(source.headings, source.zone, view.workspace_url)
    document = format_review(view.situation, source.records, names, layout)
    return review_messages.render_review_page(view, document)


async def post_review(front: RequestContext, click: ActionRequest) -> CommandResult:
    """The document as a file in the channel."""
    number = int(click.split_value(1)[0])
    await front.view(number, click.request.actor)
    return await services.ask_review_file(front.services, click.request, number)


async def save_review(front: RequestContext, form: ViewSubmission) -> CommandResult:
    """What was typed into the form."""
    answers = {question.id: form.text(question.id) for question in (*QUESTIONS, POINTER)}
    return await services.add_review_answers(front.services, form.request, form.number("incident"), answers)


async def draft_learnings(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """`/incident runbook improve`."""
    await front.ensure_allowed(asked.request.actor)
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    return await services.ask_runbook_draft(front.services, asked.request, number)


async def improve_runbook(front: RequestContext, click: ActionRequest) -> CommandResult:
    """The same by the button."""
    number = int(click.split_value(1)[0])
    return await services.ask_runbook_draft(front.services, click.request, number)


async def choose_learnings(front: RequestContext, click: ActionRequest) -> None:
    """The form with a box for each change."""
    number, id = map(int, click.split_value(2, 2))
    await front.view(number, click.request.actor)
    draft = await front.services.store.find_runbook_draft(id)
    if draft is None or draft.incident != number or (why := describe_state(draft)):
        raise RuleViolation(f"{why if draft else 'It is gone.'} Use `/incident runbook improve`.")
    open_form(front, click.trigger, click.respond, build_choice_form(draft, "runbook"))


async def save_learnings(front: RequestContext, form: ViewSubmission) -> CommandResult:
    """What stayed ticked."""
    places = range(form.number("count"))
    chosen = [place for place in places if form.text(f"{action_ids.LEARNING}-{place}")]
    return await services.choose_learnings(front.services, form.request, form.number("draft"), chosen)


ROUTES = {
    action_ids.WRITE_REVIEW: write_review,
    action_ids.SHOW_REVIEW: show_review,
    action_ids.POST_REVIEW: post_review,
    action_ids.IMPROVE_RUNBOOK: improve_runbook,
    action_ids.CHOOSE_LEARNINGS: choose_learnings,
}
"""What each button does."""
