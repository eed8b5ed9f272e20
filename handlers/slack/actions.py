"""Clicks on the buttons of messages."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot import services
from bot.domain.results import CommandResult
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from bot.runbook import find_step, list_gaps
from handlers.slack import (
    action_commands,
    action_form,
    home_view,
    learnings_form,
    meeting_command,
    publication_commands,
    remediation_commands,
    rerun_checks,
    review_commands,
)
from handlers.slack.action_request import ActionRequest
from handlers.slack.request_context import ErrorReply, RequestContext
from handlers.slack.responses import answer_click, build_answer, open_form
from templates import (
    action_ids,
    confirmations,
    duplicate_question,
    item_owners,
    modals,
    replies,
    step_inputs_modal,
)

Route = Callable[[RequestContext, ActionRequest], Awaitable[CommandResult | SlackPayload | None]]


def listen(bolt: AsyncApp, front: RequestContext) -> None:
    """Register every button."""
    for action_id, row in ROUTES.items():
        bolt.action(re.compile(rf"^{action_id}(:|$)"))(_listener(front, row))
    bolt.action(re.compile(".*"))(_listener(front, _unknown))


def _listener(front: RequestContext, row: Route) -> Callable[..., Awaitable[None]]:
    async def listener(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        click = ActionRequest(body, respond)
        if click.at_home:
            click.respond = home_view.answer_beside(front, click.request)

        async def ask() -> SlackPayload:
            if row in ANSWERS:
                await front.ensure_allowed_to_answer(click.request.actor, int(click.split_value(1)[0]))
            elif row not in remediation_commands.DECISIONS:
                await front.ensure_allowed(click.request.actor)
            await front.services.store.add_member_by_channel(click.channel, click.request.actor)
            came = await row(front, click)
            if isinstance(came, CommandResult):
                return await build_answer(front, came, click.channel, click.thread)
            return came or replies.render_nothing()

        came = await front.attempt(ask, click.channel, click.request.actor)
        failed = isinstance(came, ErrorReply)
        message = came.message if isinstance(came, ErrorReply) else came
        await ack()
        if message != replies.render_nothing():
            over = click.form if row in IN_A_FORM else None
            answer_click(
                front, click.respond, message, click.view, instead=row in QUESTIONS and not failed, over=over
            )
            if click.at_home:
                home_view.draw(front, click.request.actor)

    return listener


async def _acknowledge(front: RequestContext, click: ActionRequest) -> CommandResult:
    return await services.acknowledge(front.services, click.request, int(click.split_value(1)[0]))


async def _join(front: RequestContext, click: ActionRequest) -> CommandResult:
    return await services.join(front.services, click.request, int(click.split_value(1)[0]))


async def _write_update(front: RequestContext, click: ActionRequest) -> None:
    view = modals.build_update_form(
        await front.load_open_view(int(click.split_value(1)[0]), click.request.actor), text="", notice=""
    )
    open_form(front, click.trigger, click.respond, home_view.marked(view) if click.at_home else view)


async def _post_draft(front: RequestContext, click: ActionRequest) -> CommandResult:
    number, key = click.split_value(2)
    return await services.post_draft(front.services, click.request, int(number), key)


async def _edit_draft(front: RequestContext, click: ActionRequest) -> None:
    number, key = click.split_value(2)
    draft = await services.find_draft(front.services, int(number), key)
    view = modals.build_update_form(
        await front.load_open_view(int(number), click.request.actor), text=draft, notice=key
    )
    open_form(front, click.trigger, click.respond, view)


async def _snooze(front: RequestContext, click: ActionRequest) -> CommandResult:
    number, promise = click.split_value(2, numbers=2)
    return await services.snooze(front.services, click.request, int(number), int(promise))


async def _resolve(front: RequestContext, click: ActionRequest) -> None:
    view = modals.build_resolve_form(
        await front.load_open_view(int(click.split_value(1)[0]), click.request.actor),
        text="",
        postmortem=front.postmortem(),
    )
    open_form(front, click.trigger, click.respond, home_view.marked(view) if click.at_home else view)


async def _cancel(front: RequestContext, click: ActionRequest) -> CommandResult | SlackPayload:
    number, person, asked_at, reason = click.split_value(4)
    _must_be_asked(click, person)
    if datetime.now(UTC) - datetime.fromtimestamp(int(asked_at), UTC) > CANCEL_TIMEOUT:
        return confirmations.render_expired(f"cancel INC-{number}")
    return await services.cancel(front.services, click.request, int(number), reason)


async def _merge(front: RequestContext, click: ActionRequest) -> CommandResult | SlackPayload:
    number, into, person, asked_at = click.split_value(4, numbers=2)
    _must_be_asked(click, person)
    if datetime.now(UTC) - datetime.fromtimestamp(int(asked_at), UTC) > CANCEL_TIMEOUT:
        return confirmations.render_expired(f"merge INC-{number} into INC-{into}")
    return await services.merge(front.services, click.request, int(number), int(into))


async def _keep(front: RequestContext, click: ActionRequest) -> SlackPayload:
    number, person, _, _ = click.split_value(4)
    _must_be_asked(click, person)
    return confirmations.render_kept(f"INC-{number}")


def _must_be_asked(click: ActionRequest, person: str) -> None:
    """Raises Refused for everybody but the person who was asked."""
    if click.request.actor != person:
        raise RuleViolation(
            "This question was for somebody else. Type the command yourself. Nothing was changed."
        )


async def _open_declared(front: RequestContext, click: ActionRequest) -> SlackPayload:
    number, key = click.split_value(2)
    return duplicate_question.render_existing(
        replies.render_card(await front.view(int(number), click.request.actor)), key
    )


async def _declare_another(front: RequestContext, click: ActionRequest) -> CommandResult:
    return await services.declare_another(front.services, click.request, click.value)


async def _customer_copy(front: RequestContext, click: ActionRequest) -> None:
    number, update = click.split_value(2, numbers=2)
    view = modals.build_customer_copy(await front.view(int(number), click.request.actor), int(update))
    open_form(front, click.trigger, click.respond, view)


async def _set_item(front: RequestContext, click: ActionRequest) -> CommandResult:
    number, position, state = click.split_value(3, numbers=2)
    return await services.set_item(
        front.services, click.request, int(number), int(position), state == action_ids.DONE
    )


async def _own_item(front: RequestContext, click: ActionRequest) -> None:
    number, position = map(int, click.split_value(2, numbers=2))
    view = await front.view(number, click.request.actor)
    item = next((entry for entry in view.situation.items if entry.position == position), None)
    if item is None:
        raise RuleViolation("The checklist has no such item any more. Nothing was changed.")
    open_form(front, click.trigger, click.respond, item_owners.build_owner_form(view, item))


async def _accept_command(front: RequestContext, click: ActionRequest) -> CommandResult:
    return await services.accept_command(front.services, click.request, int(click.split_value(1)[0]))


async def _still_on_it(front: RequestContext, click: ActionRequest) -> CommandResult:
    return await services.confirm_still_responding(
        front.services, click.request, int(click.split_value(1)[0])
    )


async def _close(front: RequestContext, click: ActionRequest) -> CommandResult:
    return await services.close(front.services, click.request, int(click.split_value(1)[0]))


async def _run_diagnostics(front: RequestContext, click: ActionRequest) -> CommandResult:
    return await services.run_diagnostics(front.services, click.request, int(click.split_value(1)[0]))


async def _look_again(front: RequestContext, click: ActionRequest) -> None:
    number, actor = int(click.split_value(1)[0]), click.request.actor
    seen = await front.load_open_view(number, actor)
    await services.run_diagnostics(front.services, click.request, number)
    rerun_checks.follow_rerun(front, seen, actor, rerun_checks.parse_open_form(click.form))


async def _run_step(front: RequestContext, click: ActionRequest) -> CommandResult | None:
    number, line, file = click.split_value(3, numbers=2)
    view = await front.view(int(number), click.request.actor)
    step = find_step(view.runbook, file, int(line))
    if step is not None and 0 < len(list_gaps(step)) <= step_inputs_modal.MAX_GAPS:
        open_form(front, click.trigger, click.respond, step_inputs_modal.build_step_form(view, step, file))
        return None
    return await services.run_step(front.services, click.request, int(number), file, int(line))


async def _use_playbook(front: RequestContext, click: ActionRequest) -> CommandResult:
    number, playbook = click.split_value(2)
    return await services.use_playbook(front.services, click.request, int(number), playbook)


async def _unknown(front: RequestContext, click: ActionRequest) -> SlackPayload:
    raise RuleViolation(
        "This button is from another version of Tocsin. Use `/incident help`. Nothing was changed."
    )


ANSWERS = (_acknowledge, _still_on_it)
"""What a guest may do who was called."""

ROUTES: dict[str, Route] = {
    action_ids.ACKNOWLEDGE: _acknowledge,
    action_ids.JOIN: _join,
    action_ids.POST_UPDATE: _write_update,
    action_ids.POST_DRAFT: _post_draft,
    action_ids.EDIT_DRAFT: _edit_draft,
    action_ids.SNOOZE: _snooze,
    action_ids.RESOLVE: _resolve,
    action_ids.CANCEL: _cancel,
    action_ids.KEEP: _keep,
    action_ids.OPEN_DECLARED: _open_declared,
    action_ids.DECLARE_ANOTHER: _declare_another,
    action_ids.MERGE: _merge,
    action_ids.CUSTOMER_COPY: _customer_copy,
    action_ids.SET_ITEM: _set_item,
    action_ids.CLOSE: _close,
    action_ids.ACCEPT_COMMAND: _accept_command,
    action_ids.STILL_ON_IT: _still_on_it,
    action_ids.RUN_DIAGNOSTICS: _run_diagnostics,
    action_ids.RUN_STEP: _run_step,
    action_ids.USE_PLAYBOOK: _use_playbook,
    action_ids.LOOK_AGAIN: _look_again,
    action_ids.OWN_ITEM: _own_item,
    action_ids.ADD_ACTION: action_form.open_by_button,
    action_ids.SHARE_LEARNINGS: learnings_form.open_learnings,
    action_ids.ARRANGE_MEETING: meeting_command.open_by_button,
    action_ids.CANCEL_MEETING: meeting_command.cancel_by_button,
    **action_commands.ROUTES,
    **review_commands.ROUTES,
    **remediation_commands.ROUTES,
    **publication_commands.ROUTES,
}
"""What each button does, by the beginning of its action id."""

QUESTIONS = frozenset({_cancel, _keep, _merge, _open_declared, _declare_another})
"""Answers to a question that only one person sees: what came of it is shown in its place."""

IN_A_FORM = frozenset({_look_again})
"""Buttons in a form with words in it: what went wrong is shown in front of them, so that they stay."""

CANCEL_TIMEOUT = timedelta(minutes=confirmations.TIMEOUT_MIN)
