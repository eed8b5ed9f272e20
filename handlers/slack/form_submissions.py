"""Forms that were filled in: checked beside each field, then one call; the words are kept when it cannot be done."""

import html
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import services
from bot.domain.incident import Status
from bot.domain.results import (
    CommandResult,
    DeclaredBeforeResult,
    DeclaredResult,
    DraftOutdatedResult,
    RefusedResult,
    ResolvedAlreadyResult,
    UpdatedMeanwhileResult,
)
from bot.domain.results.publication_results import (
    PublicDecidedAlreadyResult,
    PublicHeldBackResult,
    PublicNotYoursResult,
)
from bot.domain.review import QUESTIONS
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from bot.runbook import find_step, list_gaps
from bot.services import Declaration, Impact
from handlers.slack import action_form, learnings_form, meeting_command, publication_commands, review_commands
from handlers.slack.home_view import draw
from handlers.slack.item_ownership import ensure_may_own, parse_day
from handlers.slack.request_context import ErrorReply, RequestContext
from handlers.slack.responses import show_channel
from handlers.slack.view_submission import OTHERS, InvalidForm, ViewSubmission, parse_submission
from templates import action_ids, modals, replies, step_inputs_modal
from templates import form_fields as inputs
from templates.escaping import cut

MAX_ERROR_LENGTH = 1000
"""Characters under a field: whom to reach and where to look must fit in when the database is away."""


Route = Callable[[RequestContext, ViewSubmission], Awaitable[CommandResult]]


def listen(bolt: AsyncApp, front: RequestContext) -> None:
    """Register every form."""
    for callback_id, (row, first_field) in ROUTES.items():
        bolt.view(callback_id)(_listener(front, row, first_field))


def _listener(front: RequestContext, row: Route, first_field: str) -> Callable[..., Awaitable[None]]:
    async def listener(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        form = parse_submission(body, view)

        async def ask() -> dict[str, Any]:
            await front.ensure_allowed(form.request.actor)
            try:
                return await _reply(front, form, await row(front, form), first_field)
            except InvalidForm as unfit:
                return {"response_action": "errors", "errors": dict(unfit.errors)}

        came = await front.attempt(ask, user=form.request.actor)
        if form.carried.get(action_ids.AT_HOME) and not isinstance(came, ErrorReply):
            draw(front, form.request.actor)
        await ack(**(_beside(front, first_field, came.message) if isinstance(came, ErrorReply) else came))

    return listener


async def _reply(
    front: RequestContext, form: ViewSubmission, outcome: CommandResult, first_field: str
) -> dict[str, Any]:
    """What the form becomes: an error beside a field, the answer, or nothing and it closes."""
    if isinstance(outcome, BESIDE_THE_FIELD):
        is_public = isinstance(outcome, PublicHeldBackResult) and action_ids.PUBLIC_TEXT in form.fields
        first_field = action_ids.PUBLIC_TEXT if is_public else first_field
        return _beside(front, first_field, replies.render_reply(outcome))
    if isinstance(outcome, DeclaredResult):
        show_channel(front, form.view_id, form.request.actor, outcome)
        return {"response_action": "update", "view": modals.build_declared(replies.render_reply(outcome))}
    if isinstance(outcome, DeclaredBeforeResult):
        return {
            "response_action": "update",
            "view": modals.build_declared(replies.render_reply(outcome), "Another one?"),
        }
    if isinstance(outcome, UpdatedMeanwhileResult) and outcome.incident is not None:
        view = await front.load_open_view(outcome.incident, form.request.actor)
        text, typed, told = form.text(action_ids.UPDATE_TEXT), form.gaps(), form.list_impact_changes()
        again = modals.build_conflict_form(view, text=text, carried=form.carried, typed=typed, told=told)
        return {"response_action": "update", "view": again}
    return {}


def _beside(front: RequestContext, field: str, message: SlackPayload) -> dict[str, Any]:
    """The message under a field, where Slack shows plain text only: no markup, and people by their names."""

    def plain(token: re.Match[str]) -> str:
        return f"@{front.name(token[1][1:])}" if token[1].startswith("@") else token[2] or token[1]

    return {
        "response_action": "errors",
        "errors": {field: cut(html.unescape(TOKEN.sub(plain, message.text)), MAX_ERROR_LENGTH)},
    }


TOKEN = re.compile(r"<([^<>|]*)\|?([^<>]*)>")
"""A mention, link or time in Slack's markup; what a person would read of it stands behind the bar."""

BESIDE_THE_FIELD = (
    RefusedResult,
    ResolvedAlreadyResult,
    DraftOutdatedResult,
    PublicHeldBackResult,
    PublicNotYoursResult,
    PublicDecidedAlreadyResult,
)
"""Results that leave the form open, with the words in it."""


def _validate(form: ViewSubmission, required: tuple[str, ...], longest: Mapping[str, int]) -> None:
    """Raises Unfit for a required field with nothing but spaces, and for one that is too long."""
    errors = {name: EMPTY.get(name, "Write a few words here.") for name in required if not form.text(name)}
    for name, limit in longest.items():
        if len(form.text(name)) > limit:
            errors[name] = (
                f"This has {len(form.text(name))} characters; {limit} is the most. Nothing was recorded."
            )
    if errors:
        raise InvalidForm(errors)


EMPTY = {action_ids.SEVERITY: "Choose one."}
"""What is said under an empty field in which nobody can write."""


async def _declare(front: RequestContext, form: ViewSubmission) -> CommandResult:
    others = [name for name in form.fields if name not in DECLARE_FIELDS]
    free = (action_ids.IMPACT, action_ids.AFFECTED_USERS, *others)
    longest = {action_ids.TITLE: inputs.TITLE_LENGTH, **dict.fromkeys(free, inputs.TEXT_LENGTH)}
    _validate(form, (action_ids.SEVERITY, action_ids.TITLE), longest)
    chosen = form.text(action_ids.PLAYBOOK)
    said = Declaration(
        severity=form.text(action_ids.SEVERITY),
        title=form.text(action_ids.TITLE),
        playbook=PLAYBOOKS.get(chosen, chosen),
        impact=form.text(action_ids.IMPACT),
        affected_users=form.text(action_ids.AFFECTED_USERS),
        fields={name: form.text(name) for name in others if form.text(name)},
        quote=str(form.carried.get("quote", "")),
        link=str(form.carried.get("link", "")),
        private=bool(form.text(action_ids.PRIVATE)),
        drill=bool(form.carried.get("drill") or form.text(action_ids.DRILL)),
    )
    return await services.declare(front.services, form.request, said)


PLAYBOOKS = {"": None, inputs.FITTING: None, inputs.NO_PLAYBOOK: ""}
"""Choices of the playbook menu that are no playbook's id: None is found from the title, empty is none at all."""

DECLARE_FIELDS = frozenset(
    {
        action_ids.SEVERITY,
        action_ids.TITLE,
        action_ids.PLAYBOOK,
        action_ids.IMPACT,
        action_ids.AFFECTED_USERS,
        action_ids.PRIVATE,
        action_ids.DRILL,
    }
)


async def _declare_with_severity(front: RequestContext, form: ViewSubmission) -> CommandResult:
    _validate(form, (action_ids.SEVERITY,), {})
    said = Declaration(
        severity=form.text(action_ids.SEVERITY),
        title=form.get_carried("title"),
        private=bool(form.carried.get("private")),
        drill=bool(form.carried.get("drill")),
    )
    return await services.declare(front.services, form.request, said)


async def _update(front: RequestContext, form: ViewSubmission) -> CommandResult:
    _validate(form, (action_ids.UPDATE_TEXT,), _limits(form, action_ids.UPDATE_TEXT))
    chosen = form.text(action_ids.STATUS)
    if chosen and chosen not in tuple(Status):
        raise RuleViolation(OTHERS)
    # What the form began with was nobody's choice: meanwhile somebody may have set another.
    status = Status(chosen) if chosen and chosen != form.carried.get("status") else None
    return await services.post_update(
        front.services,
        form.request,
        form.number("incident"),
        form.text(action_ids.UPDATE_TEXT),
        status,
        form.carried.get("seen"),
        form.gaps(),
        Impact(**form.list_impact_changes()),
        publication_commands.read_along(form),
    )


def _limits(form: ViewSubmission, *names: str) -> dict[str, int]:
    gaps = [name for name in form.fields if name.startswith(action_ids.GAP)]
    return dict.fromkeys((*names, *gaps, *inputs.IMPACT_FIELDS), inputs.TEXT_LENGTH)


async def _resolve(front: RequestContext, form: ViewSubmission) -> CommandResult:
    _validate(form, (action_ids.RESOLUTION,), _limits(form, action_ids.RESOLUTION, action_ids.ROOT_CAUSE))
    moment = form.text(action_ids.POSTMORTEM)
    return await services.resolve(
        front.services,
        form.request,
        form.number("incident"),
        form.text(action_ids.RESOLUTION),
        form.text(action_ids.ROOT_CAUSE),
        datetime.fromtimestamp(int(moment), UTC) if moment else None,
        form.gaps(),
        Impact(**form.list_impact_changes()),
        publication_commands.read_along(form),
    )


async def _impact(front: RequestContext, form: ViewSubmission) -> CommandResult:
    _validate(form, (), _limits(form))
    told = Impact(**form.list_impact_changes())
    return await services.set_impact(front.services, form.request, form.number("incident"), told)


async def _own_item(front: RequestContext, form: ViewSubmission) -> CommandResult:
    owner, due_on = form.text(action_ids.OWNER), parse_day(form)
    if owner:
        await ensure_may_own(front, owner)
    number, position = form.number("incident"), form.number("position")
    return await services.set_owner(front.services, form.request, number, position, owner or None, due_on)


async def _fill(front: RequestContext, form: ViewSubmission) -> CommandResult:
    number, line, file = form.number("incident"), form.number("line"), form.get_carried("file")
    view = await front.view(number, form.request.actor)
    step = find_step(view.runbook, file, line)
    gaps = list_gaps(step)
    names = {gap: f"{action_ids.FILL}{place}" for place, gap in enumerate(gaps)}
    if step is None or set(form.fields) != set(names.values()):
        raise RuleViolation("The runbook has another command there now. Nothing was run.")
    _validate(form, tuple(names.values()), dict.fromkeys(names.values(), step_inputs_modal.MAX_VALUE_LENGTH))
    inputs = {gap: form.text(name) for gap, name in names.items()}
    if (found := await services.find_invalid_input(step, inputs)) is not None:
        gap, why = found
        raise InvalidForm({names[gap]: why})
    return await services.run_step(front.services, form.request, number, file, line, inputs)


ROUTES: dict[str, tuple[Route, str]] = {
    action_ids.FILL_FORM: (_fill, f"{action_ids.FILL}0"),
    action_ids.DECLARE_FORM: (_declare, action_ids.TITLE),
    action_ids.SEVERITY_FORM: (_declare_with_severity, action_ids.SEVERITY),
    action_ids.UPDATE_FORM: (_update, action_ids.UPDATE_TEXT),
    action_ids.IMPACT_FORM: (_impact, action_ids.IMPACT),
    action_ids.OWN_ITEM_FORM: (_own_item, action_ids.OWNER),
    action_ids.ACTION_FORM: (action_form.save_action, action_ids.ACTION_TEXT),
    action_ids.LEARNINGS_FORM: (learnings_form.save_learnings, action_ids.LEARNINGS),
    action_ids.MEETING_FORM: (meeting_command.save_meeting, action_ids.OTHER_TIME),
    action_ids.REVIEW_FORM: (review_commands.save_review, QUESTIONS[0].id),
    action_ids.LEARNING_FORM: (review_commands.save_learnings, f"{action_ids.LEARNING}-0"),
    action_ids.PUBLIC_FORM: (publication_commands.submit, action_ids.PUBLIC_TEXT),
    action_ids.RESOLVE_FORM: (_resolve, action_ids.RESOLUTION),
}
"""What each form does, by its callback id, and the field beside which a general problem is shown."""
