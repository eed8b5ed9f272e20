"""api.razorpay.com: payments and downtimes, behind Basic auth.

Shapes: https://razorpay.com/docs/api/payments/fetch-all-payments,
https://razorpay.com/docs/api/payments/downtime/entity, https://razorpay.com/docs/api/authentication.
"""

import math
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random

from aiohttp import web

from sandbox.monitored_systems.names import KEYS
from sandbox.monitored_systems.scenarios import Breakage, Scene
from sandbox.slack.workspace_model import Json

EVERY = 20
"""Seconds from one payment to the next."""

KEPT = 6 * 3600
SETTLES, GIVEN_UP = 60, 600
"""Seconds after which a payment that goes well is captured, and after which one that hangs has failed."""

METHODS = ("upi", "upi", "upi", "card", "netbanking")
REFUSALS = {
    "usual": (
        "BAD_REQUEST_ERROR",
        "Payment failed",
        "customer",
        "payment_authentication",
        "payment_cancelled",
    ),
    "upi": (
        "GATEWAY_ERROR",
        "The bank did not answer in time",
        "bank",
        "payment_authorization",
        "bank_technical_error",
    ),
    "rest": (
        "GATEWAY_ERROR",
        "Payment was not completed in time",
        "gateway",
        "payment_response",
        "payment_timed_out",
    ),
}
"""Code, description, source, step and reason of an error."""


def build_routes(scene: Callable[[], Scene]) -> list[web.RouteDef]:
    """`GET /v1/payments?from&to&count&skip`, newest first; `GET /v1/payments/downtimes`."""

    async def payments(request: web.Request) -> web.Response:
        if wrong := _refuse_unauthorised(request):
            return wrong
        try:
            asked = {name: int(request.query.get(name, usual)) for name, usual in
                     {"from": "0", "to": "99999999999", "count": "10", "skip": "0"}.items()}  # fmt: skip
        except ValueError:
            return _refusal(400, "The value must be an integer.")
        if not 1 <= asked["count"] <= 100:
            return _refusal(400, "The count must be between 1 and 100.")
        found = _payments(scene(), asked["from"], asked["to"])
        page = found[asked["skip"] : asked["skip"] + asked["count"]]
        return web.json_response({"entity": "collection", "count": len(page), "items": page})

    async def downtimes(request: web.Request) -> web.Response:
        if wrong := _refuse_unauthorised(request):
            return wrong
        items = [_downtime(scene())] if scene().has(Breakage.PAYMENTS) else []
        return web.json_response({"entity": "collection", "count": len(items), "items": items})

    return [web.get("/v1/payments", payments), web.get("/v1/payments/downtimes", downtimes)]


def _refuse_unauthorised(request: web.Request) -> web.Response | None:
    pair = f"{KEYS['RAZORPAY_KEY_ID']}:{KEYS['RAZORPAY_KEY_SECRET']}"
    if request.headers.get("Authorization") == "Basic " + b64encode(pair.encode()).decode():
        return None
    return _refusal(401, "Authentication failed")


def _refusal(status: int, description: str) -> web.Response:
    error = {"code": "BAD_REQUEST_ERROR", "description": description, "source": "NA", "step": "NA",
             "reason": "NA", "metadata": {}}  # fmt: skip
    return web.json_response({"error": error}, status=status)


def _payments(scene: Scene, first: int, last: int) -> list[Json]:
    now = datetime.now(UTC).timestamp()
    first, last = max(first, int(now - KEPT)), min(last, int(now))
    numbers = range(math.ceil(first / EVERY), last // EVERY + 1)
    return [_payment(scene, number, now) for number in reversed(numbers)]


FAILURE_SHARES = {"usual": 0.05, "upi": 0.9, "rest": 0.25}
"""How many fail, by the kind of their refusal."""


def _payment(scene: Scene, number: int, now: float) -> Json:
    """The payment of this slot of the clock: the same whenever it is asked for, but for its age."""
    chance, created = Random(number), number * EVERY
    method, luck = chance.choice(METHODS), chance.random()
    failing = scene.has(Breakage.PAYMENTS, datetime.fromtimestamp(created, UTC))
    kind = "usual" if not failing else method if method == "upi" else "rest"
    fails = luck < FAILURE_SHARES[kind]
    settles = GIVEN_UP if fails and failing else SETTLES
    status = "created" if now - created < settles else "failed" if fails else "captured"
    error = REFUSALS[kind] if status == "failed" else (None,) * 5
    return {
        "id": f"pay_{number:014}",
        "entity": "payment",
        "amount": chance.randrange(50_000, 900_000, 100),
        "currency": "INR",
        "status": status,
        "order_id": f"order_{number:014}",
        "invoice_id": None,
        "international": False,
        "method": method,
        "amount_refunded": 0,
        "refund_status": None,
        "captured": status == "captured",
        "description": "Freight advance",
        "card_id": f"card_{number:014}" if method == "card" else None,
        "bank": "HDFC" if method == "netbanking" else None,
        "wallet": None,
        "vpa": f"shipper{number % 900}@okhdfcbank" if method == "upi" else None,
        "email": f"shipper{number % 900}@example.com",
        "contact": f"+9190000{number % 100_000:05}",
        "notes": [],
        "fee": 1180 if status == "captured" else None,
        "tax": 180 if status == "captured" else None,
        **dict(zip(_error_names(), error, strict=True)),
        "acquirer_data": {"rrn": f"{number:012}"},
        "created_at": created,
    }


def _error_names() -> Iterator[str]:
    yield from ("error_code", "error_description", "error_source", "error_step", "error_reason")


def _downtime(scene: Scene) -> Json:
    began = int(scene.since.timestamp())
    return {
        "id": "down_SandboxWorld01",
        "entity": "payment.downtime",
        "method": "upi",
        "begin": began,
        "end": None,
        "status": "started",
        "scheduled": False,
        "severity": "high",
        "instrument": {"psp": "google_pay"},
        "created_at": began + 40,
        "updated_at": began + 90,
    }
