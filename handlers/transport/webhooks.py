"""`POST /webhooks/pagerduty`: signed events of pages at PagerDuty."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiohttp import web

from bot.adapters.paging.pagerduty_webhook import HEADER, parse_webhook, verify_signature
from bot.adapters.webhook_signature import InvalidSignature, InvalidWebhook, split_secrets
from bot.errors import DatabaseUnavailable
from bot.services import ServiceContext, handle_provider_event
from handlers.transport.connection_limits import mark_verified

log = logging.getLogger(__name__)

PATH = "/webhooks/pagerduty"
BODY_WITHIN, RECORDED_WITHIN = 5.0, 3.0
"""Seconds for the body to come, and for the news to be recorded: PagerDuty waits five for the answer."""


def add_pagerduty_webhook(
    app: web.Application, desk: ServiceContext, setting: str, sender: Callable[[], Awaitable[str]]
) -> None:
    """Take PagerDuty's webhooks; `setting` holds the secret, or two while one is being changed. `sender` gives the
    user as whom we act there, empty when that is not known.

    Answers 202 for what was recorded (also when it was before), 401 for what is not signed, 400 for what is not
    understood: PagerDuty sends neither again. 503 when it could not be recorded: then it does.
    """
    secrets = split_secrets(setting)

    async def news(request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(BODY_WITHIN):
                body = await request.read()
            verify_signature(body, ",".join(request.headers.getall(HEADER, [])), secrets)
            mark_verified(request)
            told = parse_webhook(body, datetime.now(UTC))
            if told is not None:
                own = await sender() if told.person else ""
                async with asyncio.timeout(RECORDED_WITHIN):
                    with desk.priority_gate.hold_priority():
                        await handle_provider_event(desk, told, own)
        except InvalidSignature:
            log.warning("rejected a request to %s: the signature does not match", PATH)
            return web.json_response({"error": "the signature does not match"}, status=401)
        except InvalidWebhook as error:
            log.warning("rejected a request to %s: %s", PATH, error)
            return web.json_response({"error": str(error)}, status=400)
        except (DatabaseUnavailable, TimeoutError):
            log.warning("a webhook could not be recorded (database unavailable); the sender has to retry")
            return web.json_response({"error": "not recorded, send it again"}, status=503)
        return web.json_response({"status": "accepted"}, status=202)

    app.router.add_post(PATH, news)
