"""redis-cli: which commands only read, by Redis's own flags, and where it connects."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

from bot.command_parsers.parse_context import ParseContext, ShellCommand
from bot.command_parsers.parsed_command import ParsedCommand
from bot.command_parsers.shell.options import OptionSpec, parse_options, parse_spellings
from bot.domain.playbook import RedisCall, StepKind
from bot.errors import UnsupportedCommand

CLI = OptionSpec(
    "redis-cli",
    parse_spellings(
        "--tls, --insecure, --no-auth-warning, -c --cluster-mode, --raw, --no-raw, --csv, --json, -2 --resp2,"
        " -3 --resp3, --quoted-input, -e --exit-code"
    ),
    parse_spellings("-h --host, -p --port, -a --pass, --user, -n --db, -u --uri, -t --timeout, --sni"),
)
_TOLD = """
    strlen exists type ttl pttl expiretime pexpiretime scan randomkey dbsize keys hlen hstrlen hexists llen lpos scard
    sismember smismember sintercard zcard zcount zlexcount zscore zmscore zrank zrevrank zintercard bitcount bitpos
    geodist xlen xpending
"""
_STORED = """
    get mget getrange substr dump hget hgetall hkeys hmget hscan hvals hrandfield lindex lrange smembers sinter sunion
    sdiff srandmember sscan zrange zrangebyscore zrangebylex zrevrange zrevrangebyscore zrevrangebylex zscan zinter
    zunion zdiff zrandmember getbit bitfield_ro geohash geopos geosearch georadius_ro georadiusbymember_ro xrange
    xrevrange sort_ro lcs
"""
STORED = frozenset(_STORED.split())
"""They give back what is stored: sessions, tokens, whatever an application keeps."""

READONLY = frozenset(_TOLD.split()) | STORED
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
        ("xinfo", "groups"), ("xinfo", "consumers"),
        ("command", "count"), ("command", "info"), ("module", "list"), ("acl", "whoami"), ("acl", "cat"),
        ("config", "get"),
    }
)  # fmt: skip
"""They tell of the server's own state; Redis has no flag for that. Looked at one by one."""

GROUPS = frozenset(pair[0] for pair in STATE if len(pair) > 1)
STREAMS = frozenset({"monitor", "subscribe", "psubscribe", "ssubscribe", "sync", "psync"})
PASSWORDS = ("requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass")


def parse_redis(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """One Redis command. Raises `Unclear` when redis-cli is to do more than send it."""
    read = parse_options(command.words[1:], CLI, until_word=True)
    if command.stdin is not None:
        raise UnsupportedCommand("redis-cli reads its commands from a here-document")
    if not read.rest:
        raise UnsupportedCommand("redis-cli is opened at a terminal")
    if "insecure" in read.flags or "uri" in read.values:
        raise UnsupportedCommand(
            "redis-cli connects by an address or without verifying, which is not evaluated"
        )
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
    return classify_redis(call)


def _setting(command: ShellCommand, name: str) -> str | None:
    return command.settings[name].text if name in command.settings else None


def parse_redis_lines(text: str) -> tuple[ParsedCommand, ...]:
    """A fence in Redis's own language: one command a line."""
    import shlex

    found = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            words = shlex.split(line)
        except ValueError as error:
            raise UnsupportedCommand("a quote is opened and not closed") from error
        found.append(classify_redis(RedisCall(tuple(words))))
    if not found:
        raise UnsupportedCommand("there is no command in it")
    return tuple(found)


def classify_redis(call: RedisCall) -> ParsedCommand:
    """The kind of a Redis command."""
    command = _RedisCommand(call)
    kind, why = next((kind, why) for holds, kind, why in RULES if holds(command))
    if kind is StepKind.MANUAL:
        return ParsedCommand(kind, why.format(command.shown))
    hints = (KEYS_HINT,) if command.name == "keys" and kind is StepKind.PROBE else ()
    return ParsedCommand(kind, why.format(command.shown), "redis." + "_".join(command.key), call, hints)


class _RedisCommand:
    """A Redis command by its name, or by the two words that name it, and what it is given."""

    def __init__(self, call: RedisCall) -> None:
        self.name, *self.rest = [word.lower() for word in call.words]
        self.key: tuple[str, ...] = (
            (self.name, self.rest[0]) if self.name in GROUPS and self.rest else (self.name,)
        )
        self.shown = " ".join(self.key).upper()


RULES: tuple[tuple[Callable[[_RedisCommand], bool], StepKind, str], ...] = (
    (lambda its: its.name in STREAMS, StepKind.MANUAL, "{} never ends, and slows the server down"),
    (
        lambda its: its.name in STORED or its.key == ("xinfo", "stream"),
        StepKind.MANUAL,
        "{} gives back stored values, which may be secrets",
    ),
    (
        lambda its: its.key == ("config", "get") and _asks_for_passwords(its.rest[1:]),
        StepKind.MANUAL,
        "{} prints the password with these names",
    ),
    (
        lambda its: its.key not in STATE and its.name not in READONLY,
        StepKind.REMEDIATION,
        "{} is not known to only read",
    ),
    (lambda its: its.name == "keys", StepKind.PROBE, "{} holds a big database up"),
    (lambda its: True, StepKind.DIAGNOSTIC, "{} only reads"),
)
"""When a command is of which kind, and why: the first that holds."""

KEYS_HINT = "KEYS holds a big database up while it walks through all of it: SCAN does not."


def _asks_for_passwords(patterns: list[str]) -> bool:
    """Whether a pattern may name a password; one that is more than letters, `*` and `?` is taken to do so."""
    if not all(re.fullmatch(r"[\w*?-]+", pattern) for pattern in patterns):
        return True
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in PASSWORDS)


def _number(text: str | None) -> int | None:
    """A number, or None when there is none or a variable stands for it."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None
