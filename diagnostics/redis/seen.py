"""What Redis says of itself: INFO as frozen values, two samples of it for what only ever grows.

Source: redis.io/docs/latest/commands/info.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diagnostics.redaction import redacted

APART = 1.5
"""Seconds between the samples."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One INFO. Bytes, counts since the server's start, and states in Redis's own words."""

    used: int
    most: int
    policy: str
    clients: int
    most_clients: int
    blocked: int
    evicted: int
    rejected: int
    hits: int
    misses: int
    role: str
    link: str
    link_down_for: int
    is_loading: bool
    fragmentation: float
    replicas: int
    version: str
    commands: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Two samples `seconds` apart."""

    first: Sample
    last: Sample
    seconds: float

    def grown(self, name: str) -> int:
        """How much a counter grew between the samples; what it has when it was set back meanwhile."""
        before, after = getattr(self.first, name), getattr(self.last, name)
        return int(after - before if after >= before else after)


def sample(info: Mapping[str, Any]) -> Sample:
    """INFO as the client gives it, a mapping of names to numbers and texts."""
    return Sample(
        used=_number(info, "used_memory"),
        most=_number(info, "maxmemory"),
        policy=redacted(str(info.get("maxmemory_policy", ""))),
        clients=_number(info, "connected_clients"),
        most_clients=_number(info, "maxclients"),
        blocked=_number(info, "blocked_clients"),
        evicted=_number(info, "evicted_keys"),
        rejected=_number(info, "rejected_connections"),
        hits=_number(info, "keyspace_hits"),
        misses=_number(info, "keyspace_misses"),
        role=redacted(str(info.get("role", ""))),
        link=redacted(str(info.get("master_link_status", ""))),
        link_down_for=_number(info, "master_link_down_since_seconds"),
        is_loading=bool(_number(info, "loading")),
        fragmentation=float(info.get("mem_fragmentation_ratio") or 0.0),
        replicas=_number(info, "connected_slaves"),
        version=redacted(str(info.get("redis_version", ""))),
        commands=_number(info, "total_commands_processed"),
    )


def _number(info: Mapping[str, Any], name: str) -> int:
    value = info.get(name, 0)
    return int(value) if isinstance(value, int | float) or str(value).lstrip("-").isdigit() else 0
