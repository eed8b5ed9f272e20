"""`POST /webhooks/pagerduty`: what happened to a page at PagerDuty, signed by it."""

import asyncio
import logging
from datetime import UTC, datetime

from aiohttp import web

from bot.errors import StoreAway
from bot.lifecycle import Desk, heard
from bot.pager.webhook import HEADER, NotPagerDutys, NotUnderstood, parse, secrets_of, verify

log = logging.getLogger(__name__)

PATH = "/webhooks/pagerduty"
BODY_WITHIN, RECORDED_WITHIN = 5.0, 4.0
"""Seconds for the body to come, and for the news to be recorded: PagerDuty waits five for the answer."""


def add_pagerduty(app: web.Application, desk: Desk, setting: str) -> None:
    """Take PagerDuty's webhooks; `setting` holds the secret, or two while one is being changed.

    Answers 202 for what was recorded (also when it was before), 401 for what is not signed, 400 for what is not
    understood: PagerDuty sends neither again. 503 when it could not be recorded: then it does.
    """
    secrets = secrets_of(setting)

    async def news(request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(BODY_WITHIN):
                body = await request.read()
            verify(body, ",".join(request.headers.getall(HEADER, [])), secrets)
            told = parse(body, datetime.now(UTC))
            if told is not None:
                async with asyncio.timeout(RECORDED_WITHIN):
                    with desk.precedence.taken():
                        await heard(desk, told)
        except NotPagerDutys:
            log.warning("refused a request to %s: the signature does not match", PATH)
            return web.json_response({"error": "the signature does not match"}, status=401)
        except NotUnderstood as error:
            log.warning("refused a request to %s: %s", PATH, error)
            return web.json_response({"error": str(error)}, status=400)
        except (StoreAway, TimeoutError):
            log.warning("a webhook could not be recorded")
            return web.json_response({"error": "not recorded, send it again"}, status=503)
        return web.json_response({"status": "accepted"}, status=202)

    app.router.add_post(PATH, news)
