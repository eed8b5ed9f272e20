"""`/incident publish`, and the buttons and the form of a text for customers."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.incident import OPEN, Status
from bot.domain.public_update import ComponentState, PageImpact
from bot.domain.results import CommandResult
from bot.errors import RuleViolation
from bot.services import publication, publication_draft
from bot.services.public_wording_check import examine_wording
from bot.services.publication import PublicChange
from handlers.slack.action_request import ActionRequest
from handlers.slack.request_context import RequestContext
from handlers.slack.rerun_checks import OpenForm, parse_open_form
from handlers.slack.responses import open_form
from handlers.slack.slash_command import SlashCommandRequest
from handlers.slack.view_submission import OTHERS, InvalidForm, ViewSubmission
from templates import action_ids, public_draft
from templates.public_draft import PublicDraftView
from templates.public_text import draft_public_text


async def handle_publish(front: RequestContext, asked: SlashCommandRequest) -> CommandResult:
    """Show the next text for customers, as a draft to look at."""
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    return await publication_draft.draft_public_update(
        front.services, asked.request, number, asked.command.rest
    )


async def publish(front: RequestContext, click: ActionRequest) -> CommandResult:
    id = int(click.split_value(1)[0])
    return await publication.accept_public_update(front.services, click.request, id)


async def withhold(front: RequestContext, click: ActionRequest) -> CommandResult:
    id = int(click.split_value(1)[0])
    return await publication.withhold_public_update(front.services, click.request, id)


async def edit(front: RequestContext, click: ActionRequest) -> None:
    """The draft in a form."""
    draft = await build_draft_view(front, int(click.split_value(1)[0]), click.request.actor)
    if not draft.update.is_undecided:
        raise RuleViolation(
            "This draft was decided on already. Use `/incident publish`. Nothing was changed."
        )
    open_form(front, click.trigger, click.respond, public_draft.build_public_form(draft))


async def build_draft_view(front: RequestContext, id: int, actor: str) -> PublicDraftView:
    """A draft with what is wrong with its words. Raises RuleViolation where this person may see none."""
    update = await front.services.store.find_public_update(id)
    if update is None:
        raise RuleViolation("There is no such draft any more. Nothing was changed.")
    view = await front.view(update.incident, actor)
    async with front.services.store.transaction() as tx:
        concerns = await examine_wording(front.services, tx, view.incident, update)
    desk = front.services
    return PublicDraftView(
        view, update, concerns, front.status_pages.components, desk.status_pages, desk.status_approvals
    )


async def submit(front: RequestContext, form: ViewSubmission) -> CommandResult:
    """Publish the draft as it was changed."""
    errors = {
        name: "Write a few words here."
        for name in (action_ids.PUBLIC_TITLE, action_ids.PUBLIC_TEXT)
        if not form.text(name)
    }
    if errors:
        raise InvalidForm(errors)
    return await publication.accept_public_update(
        front.services, form.request, form.number("update"), read_change(form)
    )


def read_change(form: ViewSubmission) -> PublicChange:
    """What the fields of a public text say. Raises RuleViolation for a form of another version."""
    try:
        impact = PageImpact(form.text(action_ids.PUBLIC_IMPACT))
        state = ComponentState(form.text(action_ids.PUBLIC_STATE) or ComponentState.OPERATIONAL)
    except ValueError:
        raise RuleViolation(OTHERS) from None
    chosen = [
        key
        for name in form.fields
        if name.startswith(action_ids.PUBLIC_COMPONENTS)
        for key in form.text(name).split()
    ]
    return PublicChange(
        text=form.text(action_ids.PUBLIC_TEXT),
        title=form.text(action_ids.PUBLIC_TITLE) or None,
        impact=impact,
        components=dict.fromkeys(chosen, state.value),
        confirmed=form.text(action_ids.CONFIRMED),
    )


def read_along(form: ViewSubmission) -> PublicChange | None:
    """The text for customers that goes out with a form; None where nobody ticked the box."""
    is_ticked = form.text(action_ids.ALSO_PUBLISH) and action_ids.PUBLIC_TEXT in form.fields
    return read_change(form) if is_ticked else None


async def switch_along(front: RequestContext, click: ActionRequest) -> None:
    """The box was ticked or not any more: the form gets the text for customers, or loses it."""
    form = parse_open_form(click.form)
    draft = None
    if form.fields.get(action_ids.ALSO_PUBLISH):
        draft = await _draft_along(front, click, form)
    view = public_draft.switch_public_fields(click.form, draft)

    async def show() -> None:
        await front.client.views_update(view_id=form.id, hash=form.hash, view=view)

    front.errands.run("opening the text for customers", show)


async def _draft_along(front: RequestContext, click: ActionRequest, form: OpenForm) -> PublicDraftView:
    """Drawn from the runbook's template, true to the status that is chosen in the form."""
    number, desk = str(form.carried.get("incident", "")), front.services
    if not number.isdigit():
        raise RuleViolation(OTHERS)
    view = await front.load_open_view(int(number), click.request.actor)
    chosen = form.fields.get(action_ids.STATUS, "")
    is_end = click.form.get("callback_id") == action_ids.RESOLVE_FORM
    status = Status.RESOLVED if is_end else Status(chosen) if chosen in OPEN else view.incident.status
    async with desk.store.transaction() as tx:
        planned = await publication_draft.plan_draft(desk, tx, view.incident, status)
    drawn = replace(planned, text=draft_public_text(view, status, datetime.now(UTC)))
    components = front.status_pages.components
    return PublicDraftView(view, drawn, (), components, desk.status_pages, desk.status_approvals)


ROUTES = {
    action_ids.ALSO_PUBLISH: switch_along,
    action_ids.PUBLISH: publish,
    action_ids.EDIT_PUBLIC: edit,
    action_ids.WITHHOLD_PUBLIC: withhold,
}
"""What each button does."""
