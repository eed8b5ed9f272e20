"""Clicks on the buttons of messages."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot import lifecycle
from bot.errors import Refused
from bot.incident import Outcome
from bot.lifecycle import Request
from bot.ports import Message
from bot.runbook import gaps_of, step_at
from handlers.front import Front, request
from handlers.replies import open_form, tell
from templates import actions, answers, filling, modals


class Click:
    """One click: what the button carried, by whom, and how to answer."""

    def __init__(self, body: dict[str, Any], respond: AsyncRespond) -> None:
        action = body["actions"][0]
        self.value: str = action.get("value", "")
        self.trigger: str = body["trigger_id"]
        self.channel: str = (body.get("channel") or {}).get("id", "")
        self.view: str | None = (body.get("view") or {}).get("id")
        self.respond = respond
        self.request: Request = request("click", f"{self.trigger}:{action['action_id']}", body["user"]["id"])

    def parts(self, count: int) -> list[str]:
        """The value's parts. Raises Refused when it is none of ours."""
        parts = self.value.split(actions.SEPARATOR, count - 1)
        if len(parts) != count or not parts[0].isdigit():
            raise Refused(
                "This button is from another version of Tocsin. Use `/incident help`. Nothing was changed."
            )
        return parts


Row = Callable[[Front, Click], Awaitable[Outcome | Message | None]]


def listen(bolt: AsyncApp, front: Front) -> None:
    """Register every button."""
    for action_id, row in ROWS.items():
        bolt.action(re.compile(rf"^{action_id}(:|$)"))(_listener(front, row))
    bolt.action(re.compile(".*"))(_listener(front, _unknown))


def _listener(front: Front, row: Row) -> Callable[..., Awaitable[None]]:
    async def listener(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        click = Click(body, respond)

        async def ask() -> Message:
            await front.must_be_allowed(click.request.actor)
            await front.desk.store.seen_inside(click.channel, click.request.actor)
            came = await row(front, click)
            return answers.answer(came) if isinstance(came, Outcome) else came or answers.nothing()

        message = await front.answered(ask)
        await ack()
        if message != answers.nothing():
            tell(front, click.respond, message, click.view)

    return listener


async def _acknowledge(front: Front, click: Click) -> Outcome:
    return await lifecycle.acknowledge(front.desk, click.request, int(click.parts(1)[0]))


async def _join(front: Front, click: Click) -> Outcome:
    return await lifecycle.join(front.desk, click.request, int(click.parts(1)[0]))


async def _write_update(front: Front, click: Click) -> None:
    view = modals.update(
        await front.open_view(int(click.parts(1)[0]), click.request.actor), text="", notice=""
    )
    open_form(front, click.trigger, click.respond, view)


async def _post_draft(front: Front, click: Click) -> Outcome:
    number, key = click.parts(2)
    return await lifecycle.post_draft(front.desk, click.request, int(number), key)


async def _edit_draft(front: Front, click: Click) -> None:
    number, key = click.parts(2)
    draft = await lifecycle.draft_of(front.desk, int(number), key)
    view = modals.update(await front.open_view(int(number), click.request.actor), text=draft, notice=key)
    open_form(front, click.trigger, click.respond, view)


async def _snooze(front: Front, click: Click) -> Outcome:
    number, promise = click.parts(2)
    return await lifecycle.snooze(front.desk, click.request, int(number), int(promise))


async def _resolve(front: Front, click: Click) -> None:
    view = modals.resolve(
        await front.open_view(int(click.parts(1)[0]), click.request.actor),
        text="",
        postmortem=front.postmortem(),
    )
    open_form(front, click.trigger, click.respond, view)


async def _customer_copy(front: Front, click: Click) -> None:
    number, update = click.parts(2)
    view = modals.customer_copy(await front.view(int(number), click.request.actor), int(update))
    open_form(front, click.trigger, click.respond, view)


async def _set_item(front: Front, click: Click) -> Outcome:
    number, position, state = click.parts(3)
    return await lifecycle.set_item(
        front.desk, click.request, int(number), int(position), state == actions.DONE
    )


async def _accept_command(front: Front, click: Click) -> Outcome:
    return await lifecycle.accept_command(front.desk, click.request, int(click.parts(1)[0]))


async def _still_on_it(front: Front, click: Click) -> Outcome:
    return await lifecycle.still_on_it(front.desk, click.request, int(click.parts(1)[0]))


async def _close(front: Front, click: Click) -> Outcome:
    return await lifecycle.close(front.desk, click.request, int(click.parts(1)[0]))


async def _run_diagnostics(front: Front, click: Click) -> Outcome:
    return await lifecycle.run_diagnostics(front.desk, click.request, int(click.parts(1)[0]))


async def _run_step(front: Front, click: Click) -> Outcome | None:
    number, line, file = click.parts(3)
    view = await front.view(int(number), click.request.actor)
    step = step_at(view.runbook, file, int(line))
    if step is not None and 0 < len(gaps_of(step)) <= filling.MOST_GAPS:
        open_form(front, click.trigger, click.respond, filling.fill_step(view, step, file))
        return None
    return await lifecycle.run_step(front.desk, click.request, int(number), file, int(line))


async def _use_playbook(front: Front, click: Click) -> Outcome:
    number, playbook = click.parts(2)
    return await lifecycle.use_playbook(front.desk, click.request, int(number), playbook)


async def _unknown(front: Front, click: Click) -> Message:
    raise Refused("This button is from another version of Tocsin. Use `/incident help`. Nothing was changed.")


ROWS: dict[str, Row] = {
    actions.ACKNOWLEDGE: _acknowledge,
    actions.JOIN: _join,
    actions.POST_UPDATE: _write_update,
    actions.POST_DRAFT: _post_draft,
    actions.EDIT_DRAFT: _edit_draft,
    actions.SNOOZE: _snooze,
    actions.RESOLVE: _resolve,
    actions.CUSTOMER_COPY: _customer_copy,
    actions.SET_ITEM: _set_item,
    actions.CLOSE: _close,
    actions.ACCEPT_COMMAND: _accept_command,
    actions.STILL_ON_IT: _still_on_it,
    actions.RUN_DIAGNOSTICS: _run_diagnostics,
    actions.RUN_STEP: _run_step,
    actions.USE_PLAYBOOK: _use_playbook,
}
"""What each button does, by the beginning of its action id."""
