"""redis-cli: which commands only read, by Redis's own flags, and where it connects."""

import re
from fnmatch import fnmatchcase

from bot.commands.given import Command, Given
from bot.commands.options import Spelling, read_options, spelled
from bot.commands.part import Part
from bot.errors import Unclear
from bot.step import Kind, RedisCall

CLI = Spelling(
    "redis-cli",
    spelled(
        "--tls, --insecure, --no-auth-warning, -c --cluster-mode, --raw, --no-raw, --csv, --json, -2 --resp2,"
        " -3 --resp3, --quoted-input, -e --exit-code"
    ),
    spelled("-h --host, -p --port, -a --pass, --user, -n --db, -u --uri, -t --timeout, --sni"),
)
_READONLY = """
    get mget strlen getrange substr exists type ttl pttl expiretime pexpiretime scan randomkey dbsize dump keys
    hget hgetall hkeys hlen hmget hscan hstrlen hvals hexists hrandfield llen lindex lrange lpos scard sismember
    smembers smismember sinter sunion sdiff sintercard srandmember sscan zcard zcount zlexcount zrange
    zrangebyscore zrangebylex zrevrange zrevrangebyscore zrevrangebylex zrank zrevrank zscore zmscore zscan
    zinter zunion zdiff zintercard zrandmember bitcount bitpos getbit bitfield_ro geohash geopos geodist
    geosearch georadius_ro georadiusbymember_ro xrange xrevrange xlen xpending sort_ro lcs
"""
READONLY = frozenset(_READONLY.split())
"""Redis flags them `readonly`; those that block or touch what they read are left out."""

STATE = frozenset(
    {
        ("info",), ("ping",), ("echo",), ("time",), ("lastsave",), ("role",),
        ("slowlog", "get"), ("slowlog", "len"),
        ("latency", "latest"), ("latency", "history"), ("latency", "doctor"), ("latency", "graph"),
        ("latency", "histogram"),
        ("client", "list"), ("client", "info"), ("client", "id"), ("client", "getname"),
        ("memory", "stats"), ("memory", "usage"), ("memory", "doctor"), ("memory", "malloc-stats"),
        ("object", "encoding"), ("object", "idletime"), ("object", "freq"), ("object", "refcount"),
        ("cluster", "info"), ("cluster", "nodes"), ("cluster", "slots"), ("cluster", "shards"),
        ("cluster", "myid"), ("cluster", "keyslot"), ("cluster", "countkeysinslot"), ("cluster", "links"),
        ("pubsub", "channels"), ("pubsub", "numsub"), ("pubsub", "numpat"),
        ("xinfo", "stream"), ("xinfo", "groups"), ("xinfo", "consumers"),
        ("command", "count"), ("command", "info"), ("module", "list"), ("acl", "whoami"), ("acl", "cat"),
        ("config", "get"),
    }
)  # fmt: skip
"""They tell of the server's own state; Redis has no flag for that. Looked at one by one."""

GROUPS = frozenset(pair[0] for pair in STATE if len(pair) > 1)
STREAMS = frozenset({"monitor", "subscribe", "psubscribe", "ssubscribe", "sync", "psync"})
PASSWORDS = ("requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass")


def read_redis(command: Command, given: Given, folder: str | None) -> Part:
    """One Redis command. Raises `Unclear` when redis-cli is to do more than send it."""
    read = read_options(command.words[1:], CLI, until_word=True)
    if command.stdin is not None:
        raise Unclear("redis-cli reads its commands from a here-document")
    if not read.rest:
        raise Unclear("redis-cli is opened at a terminal")
    if "insecure" in read.flags or "uri" in read.values:
        raise Unclear("redis-cli connects by an address or without verifying, which is not evaluated")
    call = RedisCall(
        words=tuple(read.rest),
        host=read.last("host"),
        port=_number(read.last("port")),
        database=_number(read.last("db")),
        tls="tls" in read.flags,
        cluster="cluster-mode" in read.flags,
        user=read.last("user"),
        password=read.last("pass") or _setting(command, "REDISCLI_AUTH"),
    )
    return judged(call)


def _setting(command: Command, name: str) -> str | None:
    return command.settings[name].text if name in command.settings else None


def read_lines(text: str) -> tuple[Part, ...]:
    """A fence in Redis's own language: one command a line."""
    import shlex

    found = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise Unclear("a quote is opened and not closed") from error
        found.append(judged(RedisCall(tuple(words))))
    if not found:
        raise Unclear("there is no command in it")
    return tuple(found)


def judged(call: RedisCall) -> Part:
    """The kind of a Redis command."""
    name, *rest = [word.lower() for word in call.words]
    key = (name, rest[0]) if name in GROUPS and rest else (name,)
    shown = " ".join(key).upper()
    if name in STREAMS:
        return Part(Kind.MANUAL, f"{shown} never ends, and slows the server down")
    if key == ("config", "get") and _asks_for_passwords(rest[1:]):
        return Part(Kind.MANUAL, "CONFIG GET prints the password with these names")
    if key not in STATE and name not in READONLY:
        return Part(Kind.REMEDIATION, f"{shown} is not known to only read", "redis." + "_".join(key), call)
    hints: tuple[str, ...] = ()
    if name == "keys":
        hints = ("KEYS holds a big database up while it walks through all of it: SCAN does not.",)
    return Part(Kind.DIAGNOSTIC, f"{shown} only reads", "redis." + "_".join(key), call, hints)


def _asks_for_passwords(patterns: list[str]) -> bool:
    """Whether a pattern may name a password; one that is more than letters, `*` and `?` is taken to do so."""
    if not all(re.fullmatch(r"[\w*?-]+", pattern) for pattern in patterns):
        return True
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in PASSWORDS)


def _number(text: str | None) -> int | None:
    """A number, or None when there is none or a variable stands for it."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None
