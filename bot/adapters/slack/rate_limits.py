"""Slack's rate limits: what must wait, and for how long. Instants are monotonic seconds and come from the caller."""

from bot.errors import SlackRateLimited

Gate = tuple[str, str]
"""A method and, where Slack limits by channel, the channel; else an empty string."""


class MethodRateLimits:
    """Closed gates: a call that Slack would surely refuse is refused here, without asking again."""

    def __init__(self) -> None:
        self._closed_until: dict[Gate, float] = {}

    def close(self, gate: Gate, seconds: float, now: float) -> None:
        """Let nothing through the gate for so many seconds."""
        self._closed_until = {lane: until for lane, until in self._closed_until.items() if until > now}
        self._closed_until[gate] = now + seconds

    def find_longest_wait(self, now: float) -> tuple[str, float]:
        """The method that Slack asked to wait longest for, and how many seconds are left; 0 where none waits."""
        gate, until = max(self._closed_until.items(), key=lambda closed: closed[1], default=(("", ""), now))
        return gate[0], max(0.0, until - now)

    def check(self, gate: Gate, now: float) -> None:
        """Raise SlackRateLimited with the remaining time when the gate is closed."""
        remaining = self._closed_until.get(gate, now) - now
        if remaining > 0:
            raise SlackRateLimited(remaining, gate[0])
