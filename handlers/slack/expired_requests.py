"""Requests that came too late: Slack told the person that it failed, so it is not done unless they say so."""

import json
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest, AsyncRespond

from bot.errors import RuleViolation
from bot.ports import SlackPayload
from bot.services import STILL_WANTED
from handlers.slack.request_context import RequestContext
from handlers.slack.responses import answer_privately, build_ephemeral, open_form, parse_answer
from handlers.transport.request_keys import (
    KEPT,
    STILL_WAITS,
    Body,
    StillWaits,
    build_request,
    describe_request,
    is_interactive,
)
from templates import action_ids, replies
from templates.late_requests import render_too_late

TOKENS = frozenset({"token", "response_url", "response_urls", "trigger_id"})
"""What a kept request does not keep: it is of no use any more, or lets others speak."""

SINGLE_USE = ("response_url", "trigger_id")


class PrioritisedApp(AsyncApp):
    """Bolt's application, whose requests go before everything that is done beside them, and which carries out what
    people ask for only while they wait for it."""

    def __init__(self, front: RequestContext, **given: Any) -> None:
        super().__init__(**given)
        self._front = front

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """See AsyncApp. What came too late, or could not be recorded in time, gets the status 408, and the person is
        told apart from that."""
        with self._front.services.priority_gate.hold_priority():
            return await self._answer(req)

    async def _answer(self, req: AsyncBoltRequest) -> BoltResponse:
        waits: StillWaits | None = req.context.get(STILL_WAITS)
        if waits is None or not is_interactive(req.body):
            return await super().async_dispatch(req)
        if not waits():
            return self._put_off(req.body)
        given_up = False

        def still_wanted() -> bool:
            nonlocal given_up
            given_up = given_up or not waits()
            return not given_up

        mark = STILL_WANTED.set(still_wanted)
        try:
            response = await super().async_dispatch(req)
        finally:
            STILL_WANTED.reset(mark)
        if given_up:
            return self._put_off(req.body)
        if "command" in req.body and (message := parse_answer(response)) and not waits():
            # It was done, or read, and nobody was there any more to take the answer.
            self._tell(req.body, message)
        return response

    def _put_off(self, body: Body) -> BoltResponse:
        async def tell() -> None:
            self._tell(body, await self._keep_request(body))

        async def sorry() -> None:
            self._tell(body, render_too_late(describe_request(body), "command" in body, ""))

        self._front.errands.run("telling that a request came too late", tell, sorry)
        return BoltResponse(status=408, body={"error": "too late: nobody waits for it any more"})

    async def _keep_request(self, body: Body) -> SlackPayload:
        """The first answer where it was done before; else what was not done, kept for when it is asked for again."""
        if (asked_again := _inner(body)) is not None:
            body = (
                await self._front.services.store.find_saved_request(asked_again, build_request(body).actor)
                or body
            )
        request = build_request(body)
        if (first := await self._front.services.store.outcome(request.key)) is not None:
            return replies.render_reply(first)
        payload = {name: value for name, value in body.items() if name not in list_omitted_fields(body)}
        payload |= {KEPT: request.key}
        await self._front.services.store.save_request(request.key, request.actor, payload)
        return render_too_late(describe_request(body), "command" in body, request.key)

    def _tell(self, body: Body, message: SlackPayload) -> None:
        answer_privately(self._front, str(body.get("response_url") or ""), build_request(body), message)


def list_omitted_fields(body: Body) -> frozenset[str]:
    """What of a request is not kept. A click in a form is answered where `Do it now` is clicked."""
    return TOKENS | {"view"} if body.get("type") == "block_actions" else TOKENS


def _inner(body: Body) -> str | None:
    """The key of the request that a click on `Do it now` is about."""
    if body.get("type") == "block_actions" and body["actions"][0]["action_id"] == action_ids.DO_IT_NOW:
        return str(body["actions"][0]["value"])
    return None


def listen(bolt: AsyncApp, front: RequestContext) -> None:
    """Register `Do it now`."""

    @bolt.action(action_ids.DO_IT_NOW)
    async def do_it_now(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Carry out the request that was kept, by the key that it had: however often this is clicked, once."""
        key, user = str(body["actions"][0]["value"]), str(body["user"]["id"])

        async def again() -> SlackPayload:
            kept = await front.services.store.find_saved_request(key, user)
            if kept is None:
                raise RuleViolation("I no longer have this request. Please make it again.")
            fresh = {name: body[name] for name in SINGLE_USE if name in body}
            response = await bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body={**kept, **fresh}))
            shown = _shown(response, body, respond)
            if (
                shown == replies.render_nothing()
                and "command" in kept
                and await front.services.store.outcome(key)
            ):
                return replies.render_done()  # the room is told; here the button must go
            return shown

        message = await front.answer_in_time(again)
        await ack()
        if message != replies.render_nothing():
            front.errands.run(
                "answering a kept request", lambda: respond(**build_ephemeral(message), replace_original=True)
            )

    def _shown(response: BoltResponse, body: dict[str, Any], respond: AsyncRespond) -> SlackPayload:
        """What the request is answered with; a form that it opens or changes is opened."""
        said = json.loads(response.body) if response.body.startswith("{") else {}
        match said:
            case {"response_action": "errors", "errors": errors}:
                return replies.render_refusal(" ".join(errors.values()))
            case {"response_action": "update", "view": view} if "submit" in view:
                open_form(front, body["trigger_id"], respond, view)
                return replies.render_nothing()
            case {"response_action": "update", "view": view}:
                return SlackPayload(view["title"]["text"], tuple(view["blocks"]))
        return parse_answer(response) or replies.render_nothing()
