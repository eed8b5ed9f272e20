"""`POST /webhooks/github`, `/webhooks/gitlab` or `/webhooks/jira`: the tracker tells that an issue changed."""

import asyncio
import logging
from collections.abc import Callable

from aiohttp import web

from bot.adapters.trackers.tracker_webhook import find_changed_ticket, verify_delivery
from bot.adapters.webhook_signature import InvalidSignature, InvalidWebhook, split_secrets
from bot.errors import DatabaseUnavailable
from bot.services import ServiceContext
from bot.services.ticket_changes import TicketChanges
from handlers.transport.connection_limits import mark_verified

log = logging.getLogger(__name__)

BODY_WITHIN, RECORDED_WITHIN = 5.0, 4.0
"""Seconds for the body to come, and for the change to be recorded: GitHub and GitLab wait ten for the answer."""


def add_tracker_webhook(
    app: web.Application,
    desk: ServiceContext,
    kind: str,
    place: str,
    setting: str,
    on_answer: Callable[[int], None] = lambda status: None,
) -> None:
    """Take the webhook of the tracker; `setting` holds the secret, or two while one is being changed. `on_answer` hears
    the status of each answer.

    Answers 202 for what was recorded, and for what tells of no issue there; 401 for what is not signed, 413 for what is
    too long, 415 and 400 for what is not understood. 408 and 503 when it could not be recorded: whether it is sent
    again is the tracker's affair, the state is read without it too.
    """
    secrets, changes, path = split_secrets(setting), TicketChanges(desk), f"/webhooks/{kind}"

    async def take(request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(BODY_WITHIN):
                body = await request.read()
        except TimeoutError:
            log.warning("rejected a request to %s: its body did not come in %s s", path, BODY_WITHIN)
            return _answer(408, "the body did not come in time")
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            verify_delivery(kind, body, headers, secrets)
            mark_verified(request)
            if request.content_type != "application/json":
                return _answer(415, "choose the content type application/json")
            ticket = find_changed_ticket(kind, headers, body, place)
            async with asyncio.timeout(RECORDED_WITHIN):
                await changes.record(ticket)
        except InvalidSignature:
            log.warning("rejected a request to %s: the signature does not match", path)
            return _answer(401, "the signature does not match")
        except InvalidWebhook as error:
            log.warning("rejected a request to %s: %s", path, error)
            return _answer(400, str(error))
        except (DatabaseUnavailable, TimeoutError):
            log.warning("a webhook of %s could not be recorded (database unavailable)", desk.tracker)
            return _answer(503, "not recorded, send it again")
        return web.json_response({"status": "accepted"}, status=202)

    async def count(request: web.Request) -> web.Response:
        try:
            answer = await take(request)
        except web.HTTPException as refusal:
            on_answer(refusal.status)
            raise
        on_answer(answer.status)
        return answer

    app.router.add_post(path, count)


def _answer(status: int, error: str) -> web.Response:
    return web.json_response({"error": error}, status=status)
