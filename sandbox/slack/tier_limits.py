"""Slack's rate limits: a bucket of tokens for each method, and one for each channel that is written to."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
TIER_2 = (
    "bookmarks.add",
    "bookmarks.edit",
    "bookmarks.list",
    "bookmarks.remove",
    "conversations.archive",
    "conversations.create",
    "conversations.list",
    "conversations.rename",
    "conversations.setPurpose",
    "conversations.setTopic",
    "conversations.unarchive",
    "pins.add",
    "pins.list",
    "pins.remove",
    "reactions.remove",
    "usergroups.list",
    "usergroups.users.list",
    "usergroups.users.update",
    "users.list",
)
TIER_4 = (
    "api.test",
    "chat.postEphemeral",
    "conversations.members",
    "files.completeUploadExternal",
    "files.getUploadURLExternal",
    "files.info",
    "users.info",
    "views.open",
    "views.publish",
    "views.push",
    "views.update",
)
PER_METHOD: Mapping[str, int] = {
    **dict.fromkeys(TIER_2, 2),
    **dict.fromkeys(TIER_4, 4),
}
"""The tier of each method, from the methods' own pages; those that are not named are of tier 3."""
OTHER_TIER = 3
POSTS_AT_ONCE = 5
POSTS_A_MINUTE = 300


@dataclass(slots=True)
class Bucket:
    """`size` tokens at most, refilled with `rate` a second."""

    size: float
    rate: float
    tokens: float
    at: float

    def missing(self, now: float) -> float:
        """Seconds until there is a token; 0 when there is one."""
        self.tokens = min(self.size, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.rate


@dataclass(slots=True)
class RateLimits:
    """The buckets of one app. `per_minute` overrides single methods."""

    per_minute: Mapping[str, int] = field(default_factory=dict)
    _buckets: dict[str, Bucket] = field(default_factory=dict)

    def take(self, method: str, channel: str, now: float) -> int:
        """Take a token for the call: 0, or the whole seconds after which it may be tried again."""
        wanted = [self._bucket(method, self._rate(method), now)]
        if method == "chat.postMessage":
            size = POSTS_AT_ONCE
            wanted.append(self._buckets.setdefault(f"to {channel}", Bucket(size, 1.0, size, now)))
        missing = max(bucket.missing(now) for bucket in wanted)
        if missing > 0:
            return math.ceil(missing)
        for bucket in wanted:
            bucket.tokens -= 1
        return 0

    def _rate(self, method: str) -> int:
        if method in self.per_minute:
            return self.per_minute[method]
        if method == "chat.postMessage":
            return POSTS_A_MINUTE
        return TIERS[PER_METHOD.get(method, OTHER_TIER)]

    def _bucket(self, name: str, per_minute: int, now: float) -> Bucket:
        return self._buckets.setdefault(name, Bucket(per_minute, per_minute / 60, per_minute, now))
