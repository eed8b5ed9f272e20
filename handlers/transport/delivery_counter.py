"""Counts what Slack delivers, so that others can see that it does."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter

EVENT, REQUEST = "event", "request"
"""Of a delivery: what Slack tells by itself, and what somebody typed, clicked or sent."""


class DeliveryCounter:
    """Signed requests over HTTP, and envelopes of Socket Mode, by their kind."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._counter = Counter(
            "tocsin_slack_deliveries", "What Slack delivered since the start.", ["kind"], registry=registry
        )
        for kind in (EVENT, REQUEST):
            self._counter.labels(kind)

    def count(self, payload: Mapping[str, Any]) -> None:
        """One more of its kind."""
        self._counter.labels(EVENT if isinstance(payload.get("event"), dict) else REQUEST).inc()
