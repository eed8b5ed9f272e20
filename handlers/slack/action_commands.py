"""Words and buttons of action items: what a team does after an incident."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot import services
from bot.adapters.slack import unescape_text
from bot.contacts import BusinessHours
from bot.domain.action_item import ActionKind, ActionState
from bot.domain.results import CommandResult
from bot.errors import RuleViolation
from bot.ports import SlackPayload
from bot.ports.action_repository import NewAction
from bot.services import UserRequest
from handlers.slack.action_request import ActionRequest
from handlers.slack.command_parser import parse_references
from handlers.slack.command_parser.due_date import Calendar, parse_due_date
from handlers.slack.people.accounts import LookupContext, resolve_people, select_one_person
from handlers.slack.request_context import RequestContext
from handlers.slack.slash_command import SlashCommandRequest
from templates import action_ids, action_views

ENDING = re.compile(r"(done|drop(?:ped)?|reopen)\b[\s:]*(.*)", re.IGNORECASE | re.DOTALL)
NONE = re.compile(r"none\b[\s:,.–—-]*", re.IGNORECASE)
NAMED = re.compile(r"\s*#?A?(\d{1,3})[\s.!]*", re.IGNORECASE)
PURPOSE = re.compile(rf"({'|'.join(ActionKind)})\s*:\s*", re.IGNORECASE)
Click = Callable[[RequestContext, ActionRequest], Awaitable[CommandResult]]
STATES: Mapping[str, ActionState] = {
    "done": ActionState.DONE,
    "drop": ActionState.DROPPED,
    "dropped": ActionState.DROPPED,
}


async def handle_action(
    front: RequestContext, request: UserRequest, number: int, text: str, until: float
) -> CommandResult:
    """`@who by WHEN TEXT`, `done A2`, `drop A2`, `reopen A2`, or `none WHY`. Raises RuleViolation."""
    ending = ENDING.fullmatch(text.strip())
    if ending and (named := NAMED.fullmatch(ending[2])):
        return await _end(front, request, number, ending[1].casefold(), int(named[1]))
    if ending and parse_references(ending[2]).references:
        raise RuleViolation(
            f"Name the incident in front: `/incident action INC-42 {ending[1]} A2`. Nothing was changed.",
            words=unescape_text(text),
        )
    if why := NONE.match(text):
        return await services.explain_no_actions(
            front.services, request, number, unescape_text(text[why.end() :])
        )
    return await _add(front, request, number, text, until)


async def _add(
    front: RequestContext, request: UserRequest, number: int, text: str, until: float
) -> CommandResult:
    owner, rest = None, text
    if text.lstrip().startswith(("<@", "@")):
        asker = LookupContext(request.actor, number, until)
        found = await resolve_people(front, asker, text)
        owner, rest = await select_one_person(front, asker, found, "an action item"), found.leftover
    due_on, words = parse_due_date(unescape_text(rest).strip(), build_calendar(front))
    purpose = ActionKind.PREVENT
    if stated := PURPOSE.match(words):
        purpose, words = ActionKind(stated[1].casefold()), words[stated.end() :]
    return await services.add_action(
        front.services, request, number, NewAction(words, purpose, owner, due_on)
    )


async def _end(
    front: RequestContext, request: UserRequest, number: int, word: str, action: int
) -> CommandResult:
    if word == "reopen":
        return await services.reopen_action(front.services, request, number, action)
    return await services.end_action(front.services, request, number, action, STATES[word])


def build_calendar(front: RequestContext) -> Calendar:
    """The team's today, in its time zone; UTC where the contacts file says nothing."""
    hours = front.services.book.hours or BusinessHours("UTC")
    return Calendar(datetime.now(UTC).astimezone(ZoneInfo(hours.zone)).date(), hours)


async def show_actions(
    front: RequestContext, asked: SlashCommandRequest
) -> SlackPayload | CommandResult | None:
    """What is open across incidents."""
    listed = await front.list_open_actions(asked.request.actor, None, action_views.MAX_LISTED + 1)
    shown = listed[: action_views.MAX_LISTED]
    today = build_calendar(front).today
    return action_views.render_open_actions(shown, today, left_out=len(listed) > len(shown))


def _build_route(state: ActionState | None) -> Click:
    async def route(front: RequestContext, click: ActionRequest) -> CommandResult:
        number, action = map(int, click.split_value(2, numbers=2))
        if state is None:
            return await services.reopen_action(front.services, click.request, number, action)
        return await services.end_action(front.services, click.request, number, action, state)

    return route


ROUTES: dict[str, Click] = {
    action_ids.END_ACTION: _build_route(ActionState.DONE),
    action_ids.DROP_ACTION: _build_route(ActionState.DROPPED),
    action_ids.REOPEN_ACTION: _build_route(None),
}
"""What each button does, by the beginning of its action id."""
