"""Counts what comes from Slack, so that others can see that it does."""

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
