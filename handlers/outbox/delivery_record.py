"""What came of the attempts to deliver, as far as this replica made them."""

import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class DeliveryOutcome(StrEnum):
    """How one attempt ended: it was done; Slack asked to wait or could not be reached; whether it was done is not
    known; it was refused; the database went away; or it failed by a fault of ours."""

    DONE = "done"
    WAITED = "waited"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    DATABASE = "database"
    FAULT = "fault"


NO_FAILURES = frozenset({DeliveryOutcome.DONE, DeliveryOutcome.WAITED})


def _start_counts() -> Counter[DeliveryOutcome]:
    """Each at 0: Prometheus sees no rise where a series begins with its first count."""
    return Counter(dict.fromkeys(DeliveryOutcome, 0))


@dataclass(slots=True)
class DeliveryRecord:
    """Counts since the start; `failed_at` is the monotonic time of the last failure, `failure` what it was."""

    counts: Counter[DeliveryOutcome] = field(default_factory=_start_counts)
    failed_at: float = float("-inf")
    failure: str = ""

    def note(self, outcome: DeliveryOutcome, key: str = "") -> None:
        """One attempt ended."""
        self.counts[outcome] += 1
        if outcome not in NO_FAILURES:
            self.failed_at, self.failure = time.monotonic(), f"the delivery of {key} ({outcome})"
