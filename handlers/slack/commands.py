"""`/incident`: one word, one call, one reply."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot import services
from bot.adapters.slack import find_unlabelled_ids, unescape_text
from bot.domain.incident import OPEN, Status
from bot.domain.results import CommandResult, FollowedResult
from bot.errors import NowhereNamed, RuleViolation
from bot.ports import SlackPayload
from bot.services import Impact, ServiceContext, UserRequest
from handlers import COMMANDS
from handlers.slack import (
    action_commands,
    action_form,
    meeting_command,
    merge_commands,
    people_commands,
    publication_commands,
    read_commands,
    remediation_commands,
    review_commands,
    statistics_command,
    times_command,
)
from handlers.slack.command_parser import (
    find_other_severity,
    has_leading_severity,
    parse_severity,
    parse_status,
)
from handlers.slack.declare_command import handle_declare
from handlers.slack.incident_lookup import find_incident
from handlers.slack.request_context import ErrorReply, RequestContext
from handlers.slack.responses import build_answer, build_ephemeral, open_form
from handlers.slack.slash_command import Route, SlashCommandRequest
from templates import confirmations, modals, replies

ALTERNATIVE = re.compile(r"(?:or|and)\b\s*|/\s*", re.IGNORECASE)
"""What stands between two names of which one is to be chosen."""

Change = Callable[[ServiceContext, UserRequest, int, str], Awaitable[CommandResult]]
ForPeople = Callable[[RequestContext, UserRequest, int, str, float], Awaitable[CommandResult]]


def listen(bolt: AsyncApp, front: RequestContext) -> None:
    """Register the slash command."""

    @bolt.command(COMMANDS[0])
    async def incident(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        text = body.get("text", "")
        asked = SlashCommandRequest(body, respond, await front.names(find_unlabelled_ids(text)))
        came = await front.attempt(lambda: _answer(front, asked), asked.channel, asked.request.actor)
        message = came.message if isinstance(came, ErrorReply) else came
        if isinstance(came, ErrorReply) and not came.heard and asked.command.rest.strip():
            message = replies.repeat_words(message, f"{COMMANDS[0]} {unescape_text(text)}")
        await ack(**build_ephemeral(message)) if message != replies.render_nothing() else await ack()


async def _answer(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload:
    command = asked.command
    if not command.is_known:
        if not has_leading_severity(command.typed, front.services.runbook_versions.current.runbook):
            return replies.render_unknown_word(command.word, command.nearest)
        asked.command = command = command.declaring
    if not (command.reads or command.entry.answers_page or command.entry.follows):
        await front.ensure_allowed(asked.request.actor)
    asked.command, here = await find_incident(front, command, asked.channel, asked.request.actor)
    try:
        came = await ROUTES[command.word](front, asked)
    except NowhereNamed as refusal:
        seen = await front.offered(asked.request.actor, refusal.own)
        offered = [incident for incident in seen if incident.number != asked.command.into]
        return confirmations.ask_which_incident(str(refusal), command.word, asked.command.rest, offered)
    answer = await build_answer(front, came, asked.channel) if isinstance(came, CommandResult) else came
    if answer is None or answer == replies.render_nothing():
        return replies.render_nothing()
    number = asked.command.number
    if number is None or here is None or number == here:
        return answer
    return replies.prefix_incident(answer, number, here)


async def _nothing(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
    number = asked.command.number or await front.services.store.find_incident_in(asked.channel)
    if number is None:
        await front.ensure_allowed(asked.request.actor)
        return await handle_declare(front, asked)
    return replies.render_card(await front.view(number, asked.request.actor))


async def _update(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    if asked.command.rest:
        return await services.post_update(
            front.services, asked.request, number, asked.command.rest, offers=True
        )
    view = modals.build_update_form(
        await front.load_open_view(number, asked.request.actor), text="", notice=""
    )
    open_form(front, asked.trigger, asked.respond, view)
    return None


async def _impact(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    if asked.command.rest:
        told = Impact(asked.command.rest)
        return await services.set_impact(front.services, asked.request, number, told)
    view = await front.view(number, asked.request.actor)
    open_form(front, asked.trigger, asked.respond, modals.build_impact_form(view))
    return None


async def _acknowledge(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    await front.ensure_allowed_to_answer(asked.request.actor, number)
    return await services.acknowledge(front.services, asked.request, number)


def _follow(change: Callable[[ServiceContext, UserRequest, int], Awaitable[CommandResult]]) -> Route:
    """A row that guests may use as well, in an incident that they see."""

    async def row(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
        number = await front.number(asked.command.number, asked.channel, asked.request.actor)
        is_guest = await front.ensure_allowed_to_follow(asked.request.actor, number)
        outcome = await change(front.services, asked.request, number)
        if is_guest and isinstance(outcome, FollowedResult):
            return replace(outcome, guest=True)
        return outcome

    return row


def _alone(change: Callable[[ServiceContext, UserRequest, int], Awaitable[CommandResult]]) -> Route:
    """A row that takes no words."""

    async def row(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
        number = await front.number(asked.command.number, asked.channel, asked.request.actor)
        return await change(front.services, asked.request, number)

    return row


def _with_words(change: Change) -> Route:
    """A row whose words go to one change of the incident as they are."""

    async def row(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
        number = await front.number(asked.command.number, asked.channel, asked.request.actor)
        return await change(front.services, asked.request, number, asked.command.rest)

    return row


def _about_people(act: ForPeople) -> Route:
    """A row whose words say who is meant."""

    async def row(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
        number = await front.number(asked.command.number, asked.channel, asked.request.actor)
        return await act(front, asked.request, number, asked.command.raw, asked.until)

    return row


async def _resolve(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    view = modals.build_resolve_form(
        await front.load_open_view(number, asked.request.actor),
        text=asked.command.rest,
        postmortem=front.postmortem(),
    )
    open_form(front, asked.trigger, asked.respond, view)
    return None


async def _severity(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
    command = asked.command
    number = await front.number(command.number, asked.channel, asked.request.actor)
    runbook = await front.edition(number, asked.channel, asked.request.actor)
    level, reason = parse_severity(command.rest, runbook)
    if other := find_other_severity(level, reason, runbook):
        raise RuleViolation(
            f"Which one do you mean, {level} or {other}? Nothing was changed.", words=command.rest
        )
    return await services.set_severity(front.services, asked.request, number, level, reason)


async def _status(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
    command, actor = asked.command, asked.request.actor
    number = await front.number(command.number, asked.channel, actor)
    if not command.rest:
        return replies.render_card(await front.view(number, actor))
    typed, text = parse_status(command.rest)
    if text and typed in OPEN:
        other, more = parse_status(ALTERNATIVE.sub("", text))
        if other in OPEN and other != typed and not more:
            raise RuleViolation(
                f"Which one do you mean, {typed} or {other}? Nothing was changed.", words=command.rest
            )
        return await services.post_update(
            front.services, asked.request, number, text, Status(typed), offers=True
        )
    typed = command.rest if text else typed
    return await services.set_status(front.services, asked.request, number, typed)


async def _cancel(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    view = await front.load_open_view(number, asked.request.actor)
    now = datetime.now(UTC)
    return confirmations.confirm_cancel(view.incident, asked.request.actor, asked.command.rest, now)


async def _close(front: RequestContext, asked: SlashCommandRequest) -> SlackPayload | CommandResult | None:
    number = await front.number(asked.command.number, asked.channel, asked.request.actor)
    if asked.command.rest and not asked.command.anyway:
        raise RuleViolation(
            "Type `/incident close`, or `/incident close anyway REASON`. Nothing was changed.",
            words=asked.command.rest,
        )
    return await services.close(front.services, asked.request, number, asked.command.anyway)


ROUTES: dict[str, Route] = {
    "": _nothing,
    "declare": handle_declare,
    "drill": handle_declare,
    "update": _update,
    "ack": _acknowledge,
    "join": _alone(services.join),
    "follow": _follow(services.follow),
    "unfollow": _follow(services.unfollow),
    "lead": _about_people(people_commands.take_command),
    "handover": _about_people(people_commands.offer_command),
    "assign": _about_people(people_commands.assign_role),
    "page": _about_people(people_commands.page_people),
    "escalate": _alone(services.escalate),
    "oncall": read_commands.show_on_call,
    "run": _with_words(services.run_diagnostics),
    "fix": remediation_commands.handle_fix,
    "publish": publication_commands.handle_publish,
    "runbook": read_commands.show_runbook,
    "severity": _severity,
    "status": _status,
    "impact": _impact,
    "note": _with_words(services.add_note),
    "rename": _with_words(services.rename),
    "cancel": _cancel,
    "merge": merge_commands.confirm_merge,
    "reopen": _alone(services.reopen),
    "catchup": read_commands.show_catchup,
    "timeline": read_commands.show_timeline,
    "resolve": _resolve,
    "checklist": read_commands.show_checklist,
    "action": action_form.answer_action,
    "actions": action_commands.show_actions,
    "close": _close,
    "review": review_commands.open_review,
    "meeting": meeting_command.answer_meeting,
    "times": times_command.answer_times,
    "stats": statistics_command.show_statistics,
    "list": read_commands.show_list,
    "help": read_commands.show_help,
}
