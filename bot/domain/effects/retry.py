"""The retry rule: how long a delivery that failed waits for its next attempt."""

import random


def compute_backoff_s(attempts: int, chance: float | None = None) -> float:
    """Seconds to wait after the given number of failed attempts: doubling from 1 to 10, with up to 20% on top.

    People wait for what is tried again here; what Slack itself asks to wait for is kept apart from it.
    """
    extra = random.random() if chance is None else chance  # noqa: S311 - spreads retries, guards nothing
    return min(10.0, 2.0 ** max(0, attempts - 1)) * (1 + 0.2 * extra)
