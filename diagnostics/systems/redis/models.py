"""Redis's INFO as frozen values; counters come as two samples.

Source: redis.io/docs/latest/commands/info.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.finding import Inconclusive, UnknownCause
from bot.text.redaction import redact

APART = 1.5
"""Seconds between the samples."""

REFUSALS = ("OOM", "MISCONF", "NOREPLICAS", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "BUSY")
"""Errors by which Redis refuses commands that are right; counted by name since Redis 6.2."""

MAX_REPLICA_LAG_S = 10
"""Seconds since a replica was last heard of from which on it does not follow."""


@dataclass(frozen=True, slots=True)
class RedisSample:
    """One INFO. Bytes, counts since the server's start, and states in Redis's own words.

    `machine` is the memory of all of the machine; `expiring` are the keys that end some day; `behind` counts the
    replicas that do not follow; `snapshot` and `appended` say how the last writing to disk ended.
    """

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
    machine: int = 0
    keys: int = 0
    expiring: int = 0
    behind: int = 0
    snapshot: str = ""
    appended: str = ""
    refusals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RedisSamples:
    """Two samples `seconds` apart."""

    first: RedisSample
    last: RedisSample
    seconds: float

    def count_growth(self, name: str) -> int:
        """How much a counter grew between the samples; what it has when it was set back meanwhile."""
        return _compute_growth(getattr(self.first, name), getattr(self.last, name))

    def count_refusals(self) -> dict[str, int]:
        """How many commands were refused between the samples, by the name of the error."""
        counts = {
            name: _compute_growth(self.first.refusals.get(name, 0), count)
            for name, count in self.last.refusals.items()
        }
        return {name: count for name, count in counts.items() if count}


def _compute_growth(before: int, after: int) -> int:
    return int(after - before if after >= before else after)


def parse_sample(info: Mapping[str, Any]) -> RedisSample:
    """INFO as the client gives it, a mapping of names to numbers and texts. Raises Inconclusive for what is none."""
    if "used_memory" not in info:
        said = "Redis answered INFO without a word of its memory: a proxy may stand in between."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said, "Run the command yourself, at the server.")
    return RedisSample(
        used=_number(info, "used_memory"),
        most=_number(info, "maxmemory"),
        policy=redact(str(info.get("maxmemory_policy", ""))),
        clients=_number(info, "connected_clients"),
        most_clients=_number(info, "maxclients"),
        blocked=_number(info, "blocked_clients"),
        evicted=_number(info, "evicted_keys"),
        rejected=_number(info, "rejected_connections"),
        hits=_number(info, "keyspace_hits"),
        misses=_number(info, "keyspace_misses"),
        role=redact(str(info.get("role", ""))),
        link=redact(str(info.get("master_link_status", ""))),
        link_down_for=_number(info, "master_link_down_since_seconds"),
        is_loading=bool(_number(info, "loading")),
        fragmentation=float(info.get("mem_fragmentation_ratio") or 0.0),
        replicas=_number(info, "connected_slaves"),
        version=redact(str(info.get("redis_version", ""))),
        commands=_number(info, "total_commands_processed"),
        machine=_number(info, "total_system_memory"),
        keys=sum(_number(part, "keys") for part in _parts(info, "db")),
        expiring=sum(_number(part, "expires") for part in _parts(info, "db")),
        behind=sum(
            part.get("state", "online") != "online" or _number(part, "lag") > MAX_REPLICA_LAG_S
            for part in _parts(info, "slave")
        ),
        snapshot=redact(str(info.get("rdb_last_bgsave_status", ""))),
        appended=redact(str(info.get("aof_last_write_status", ""))),
        refusals={
            name: _number(part, "count") for name in REFUSALS for part in _parts(info, f"errorstat_{name}")
        },
    )


def _parts(info: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """What has parts of its own under a name with a number behind, or under the name alone: `db0`, `slave1`."""
    return [
        value
        for key, value in info.items()
        if isinstance(value, Mapping) and not key.removeprefix(name).strip("0123456789")
    ]


def _number(info: Mapping[str, Any], name: str) -> int:
    value = info.get(name, 0)
    return int(value) if isinstance(value, int | float) or str(value).lstrip("-").isdigit() else 0
