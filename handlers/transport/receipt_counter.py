"""Counts what comes from Slack and from the tracker's webhook, so that others can see that it does."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

EVENT, REQUEST = "event", "request"
"""What came: what Slack tells by itself, and what somebody typed, clicked or sent."""


class ReceiptCounter:
    """Signed requests over HTTP and envelopes of Socket Mode since the start, by their kind."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter({EVENT: 0, REQUEST: 0})

    def count(self, payload: Mapping[str, Any]) -> None:
        """One more of its kind."""
        self.counts[EVENT if isinstance(payload.get("event"), dict) else REQUEST] += 1


class WebhookCounter:
    """What came to the tracker's webhook since the start, by the status that it was answered with."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter({202: 0, 401: 0})

    def count(self, status: int) -> None:
        """One more that got this answer."""
        self.counts[status] += 1
