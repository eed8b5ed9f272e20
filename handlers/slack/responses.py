"""How an answer reaches the person who asked."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import aiohttp
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackApiError

from bot.domain.results import CommandResult, DeclaredResult
from bot.errors import TOKEN_CODES, DatabaseUnavailable
from bot.ports import SlackPayload
from bot.services import UserRequest
from bot.text.slack_errors import describe_slack_code
from handlers.slack.request_context import RequestContext
from templates import modals, replies
from templates.unopened_forms import render_unopened_form

CHANNEL_TIMEOUT_S = 10.0
"""Seconds that a form waits for the incident's channel; it is there within one, while Slack is well."""

CHANNEL_POLL_INTERVAL_S = 0.3
"""Seconds."""


Respond = Callable[..., Awaitable[object]]
"""How a click is answered: Slack's own address for it, or what stands for one where there is none."""

LASTING_CODES = frozenset(
    {"missing_scope", "no_permission", "not_allowed_token_type", "view_too_large", "invalid_arguments"}
)
"""Slack's words for a form that it will not open in a moment either."""

VISIBILITY_TIMEOUT_S = 0.3
"""Seconds for the database to say whether it was done in the incident's own room."""


def build_ephemeral(message: SlackPayload) -> dict[str, Any]:
    """The message as the answer to a slash command, for its author only."""
    return {"response_type": "ephemeral", "text": message.text, "blocks": list(message.blocks)}


def parse_answer(response: BoltResponse) -> SlackPayload | None:
    """The message in the answer to a slash command; None when it says nothing."""
    if not response.body.startswith("{"):
        return None
    said = json.loads(response.body)
    return SlackPayload(said["text"], tuple(said.get("blocks", ()))) if "text" in said else None


def answer_click(
    front: RequestContext,
    respond: Respond,
    message: SlackPayload,
    view: str | None = None,
    *,
    instead: bool = False,
    over: Mapping[str, Any] | None = None,
) -> None:
    """Answer a click: only for the person who clicked, the message with the button stays but with `instead`.

    A click in a modal (`view` is its id) has no address for answers: the modal shows the answer itself, in front of
    what `over` has: a form as it was clicked.
    """
    if view is not None:
        shown = modals.add_answer(over, message) if over else modals.build_declared(message)
        front.errands.run("answering in a form", lambda: front.client.views_update(view_id=view, view=shown))
        return
    front.errands.run(
        "answering a click", lambda: respond(**build_ephemeral(message), replace_original=instead)
    )


def show_channel(front: RequestContext, view_id: str, actor: str, outcome: DeclaredResult) -> None:
    """Name the channel of a declared incident in the form as soon as it is open; who closed it is invited anyhow."""

    async def update_form() -> None:
        number = outcome.incident or 0
        while (
            incident := await front.services.store.find_visible_incident(number, actor)
        ) and not incident.channel:
            await asyncio.sleep(CHANNEL_POLL_INTERVAL_S)
        if incident is None:
            return
        known = replace(outcome, channel=incident.channel or "")
        try:
            await front.client.views_update(
                view_id=view_id, view=modals.build_declared(replies.render_reply(known))
            )
        except SlackApiError as error:
            if error.response.get("error") != "not_found":  # it was closed
                raise

    front.errands.run("naming the channel in a form", update_form, within=CHANNEL_TIMEOUT_S)


async def build_answer(
    front: RequestContext, outcome: CommandResult, channel: str, thread: str | None = None
) -> SlackPayload:
    """What somebody is told for what they did in this conversation; nothing where its room says the same there."""
    number = outcome.incident
    if number is None or not replies.is_said_in_room(outcome) or channel.startswith("D"):
        return replies.render_reply(outcome)
    if front.chat.trouble:  # the room will be told, but not now
        return replies.render_reply(outcome)
    try:
        async with asyncio.timeout(VISIBILITY_TIMEOUT_S):
            in_sight = await front.services.store.is_room(number, channel, thread)
    except (DatabaseUnavailable, TimeoutError):  # it is recorded: said twice is better than not at all
        in_sight = False
    return replies.render_nothing() if in_sight else replies.render_reply(outcome)


def post_ephemeral(front: RequestContext, channel: str, user: str, message: SlackPayload) -> None:
    """Say something to one person where they are, without having been asked by a command or a click."""
    front.errands.run(
        "whispering",
        lambda: front.client.chat_postEphemeral(
            channel=channel, user=user, text=message.text, blocks=list(message.blocks)
        ),
    )


def answer_privately(
    front: RequestContext, response_url: str, asked: UserRequest, message: SlackPayload
) -> None:
    """Say something to one person by the address that their request came with; where it has none, as forms, in a
    direct message."""
    if response_url:
        respond = AsyncRespond(response_url=response_url, proxy=front.client.proxy, ssl=front.client.ssl)
        front.errands.run(
            "answering apart", lambda: respond(**build_ephemeral(message), replace_original=False)
        )
    else:
        front.errands.run(
            "writing to somebody", lambda: front.chat.post(asked.actor, message, f"answer:{asked.key}")
        )


def open_form(front: RequestContext, trigger: str, respond: Respond, view: dict[str, Any]) -> None:
    """Open a modal; when that fails the person is told why and gets the words back, nothing was recorded."""
    reason, soon = "Slack did not answer in time", True

    async def open_once() -> None:
        nonlocal reason, soon
        try:
            await front.client.views_open(trigger_id=trigger, view=view)
        except SlackApiError as error:
            # The same request came twice, and the first one opened the form.
            if (code := error.response.get("error")) == "exchanged_trigger_id":
                return
            reason = (
                f"Slack refused it: {describe_slack_code(code)}" if code else "Slack had a fault of its own"
            )
            soon = code not in LASTING_CODES | TOKEN_CODES
            raise
        except aiohttp.ClientError:
            reason = "Slack could not be reached"
            raise

    front.errands.run(
        "opening a form",
        open_once,
        lambda: respond(**build_ephemeral(render_unopened_form(view, reason, soon)), replace_original=False),
    )
