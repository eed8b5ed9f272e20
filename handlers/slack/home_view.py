"""Somebody's home as it is drawn, and how a click there is answered."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.policy import explain_cannot_change
from bot.errors import DatabaseUnavailable
from bot.ports import Block, SlackPayload
from bot.services import UserRequest
from handlers.slack import on_call_command
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import Respond
from templates import action_ids, home
from templates import on_call_messages as duty
from templates.spans import Line


def answer_beside(front: RequestContext, asked: UserRequest) -> Respond:
    """Slack gives a click at home no address for answers: they come as a direct message, which stands beside it."""

    async def respond(*, text: str, blocks: Sequence[Block] = (), **_: object) -> None:
        await front.chat.post(asked.actor, SlackPayload(text, tuple(blocks)), f"answer:{asked.key}")

    return respond


def marked(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form, which is opened at somebody's home: what comes of it is to be seen there."""
    carried = json.loads(form["private_metadata"]) | {action_ids.AT_HOME: True}
    return {**form, "private_metadata": json.dumps(carried, ensure_ascii=False)}


def draw(front: RequestContext, user: str) -> None:
    """Draw somebody's home anew. Schedules and calendars take a few seconds: who is on call comes after the rest."""
    if not on_call_command.has_external_schedules(front):
        front.errands.run("drawing a home", lambda: _complete(front, user))
        return

    async def in_turn() -> None:
        await _publish(front, user, [duty.ASKING])
        await _complete(front, user)

    async def unknown() -> None:
        await _publish(front, user, [duty.UNKNOWN])

    front.errands.run("drawing a home", in_turn, unknown, on_call_command.LOOKUP_TIMEOUT_S)


async def _complete(front: RequestContext, user: str) -> None:
    await _publish(front, user, duty.contact_lines(await on_call_command.list_standings(front)))


async def _publish(front: RequestContext, user: str, on_call_lines: Sequence[Line]) -> None:
    try:
        (person, listed, mine), (waiting, owned, followed), actions = await asyncio.gather(
            asyncio.gather(
                front.person(user),
                front.list_incidents(user, home.LISTED, home.LATELY),
                front.list_commanded(user, home.MINE),
            ),
            asyncio.gather(
                front.list_pending_checklists(user, home.MINE + 1),
                front.list_owned_items(user, home.MINE + 1),
                front.list_followed(user, home.MINE),
            ),
            front.list_open_actions(user, user, home.MINE + 1),
        )
        may = person is not None and not explain_cannot_change(
            guest=person.guest, bot=person.bot, stranger=person.stranger
        )
        shown = on_call_lines if may else ()
        view = home.render_home(home.Seen(listed, mine, followed, waiting, owned, actions, shown, may))
    except DatabaseUnavailable as away:
        view = home.render_unavailable(
            front.services.runbook_versions.current.runbook, front.services.book, away.why
        )
    await front.client.views_publish(user_id=user, view=view)
