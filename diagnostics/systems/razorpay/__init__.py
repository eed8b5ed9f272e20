"""Razorpay's payments: success rate, failure reasons, hanging payments. Payers and amounts are never kept.

Shapes: razorpay.com/docs/api/payments/fetch-all-payments and .../payments/downtime/entity. A payment that hangs
stays `created` for ten minutes before it fails: the last ten minutes look better than they are. So they are never a
reason to be calm, but what fails even there, or does not come any more, is told before it has settled.
"""

import asyncio
from base64 import b64encode
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, TimeWindow
from bot.domain.playbook import Action
from diagnostics.clients.http_client import HttpClient
from diagnostics.clients.http_response import check_response
from diagnostics.clients.response_parsing import catch_inconclusive, guard_parsing, read_items
from diagnostics.systems.razorpay.rules import (
    Payment,
    Payments,
    interpret,
    parse_downtimes,
    parse_payments,
)

API = "https://api.razorpay.com"
DASHBOARD = "https://dashboard.razorpay.com/app/payments"
SETTLED, LENGTH = timedelta(minutes=10), timedelta(minutes=15)
STUCK = timedelta(minutes=3)
A_PAGE, MOST_PAGES, SPARE = 100, 20, 0.7


class Razorpay:
    """Made of the bot's HTTP client and an API key."""

    def __init__(self, web: HttpClient, key: str = "", secret: str = "") -> None:
        self._web, self._key, self._secret = web, key, secret

    def describe_missing(self, action: Action) -> str:
        """What is not configured, in a sentence."""
        if self._key and self._secret:
            return ""
        missing = "RAZORPAY_KEY_ID" if not self._key else "RAZORPAY_KEY_SECRET"
        return f"Razorpay skipped: {missing} is not set. Check {DASHBOARD}."

    async def run(self, question: CheckRequest, by: float) -> Finding:
        """The payments of a window that has settled, of the minutes since, and those that hang."""
        now, end, hour = question.now, question.now - SETTLED, timedelta(hours=1)
        window = TimeWindow(end - LENGTH, end)
        settled, recent, before, down = await asyncio.gather(
            self._payments(window.begin, end, by),
            self._payments(end, now, by),
            self._payments(window.begin - hour, end - hour, by),
            catch_inconclusive(self._get("/v1/payments/downtimes", by)),
        )
        with guard_parsing(API):
            known = None if isinstance(down, Inconclusive) else parse_downtimes(read_items(down["items"]))
        began = [*settled[0], *recent[0]]
        stuck = sum(payment.status == "created" and payment.at <= now - STUCK for payment in began)
        seen = Payments(settled[0], recent[0], before[0], stuck, window, settled[1], known)
        return replace(interpret(seen, question), link=DASHBOARD)

    async def _payments(self, begin: datetime, end: datetime, by: float) -> tuple[tuple[Payment, ...], bool]:
        """The payments of a window, the newest first, and whether these are all of them."""
        found: list[Payment] = []
        for number in range(MOST_PAGES):
            span = f"from={int(begin.timestamp())}&to={int(end.timestamp())}"
            answer = await self._get(f"/v1/payments?{span}&count={A_PAGE}&skip={number * A_PAGE}", by)
            with guard_parsing(API):
                # Not more than was asked for: what the loop reads at once has a bound.
                listed = parse_payments(read_items(answer["items"])[:A_PAGE])
            found += listed
            if len(listed) < A_PAGE:
                return tuple(found), True
            if asyncio.get_running_loop().time() > by - SPARE:
                break
        return tuple(found), False

    async def _get(self, path: str, by: float) -> Any:
        pair = b64encode(f"{self._key}:{self._secret}".encode()).decode()
        answer = await self._web.ask("GET", API + path, by, headers={"Authorization": f"Basic {pair}"})
        return check_response(answer, "Check RAZORPAY_KEY_ID and RAZORPAY_KEY_SECRET.").json()
