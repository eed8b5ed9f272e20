"""redis-cli: what Redis itself does not flag as reading is no diagnostic."""

import json
from pathlib import Path

import fakeredis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.command_parsers import classify_command
from bot.command_parsers.redis import READONLY, STATE
from bot.domain.playbook import RedisCall, StepKind

FLAGS = {
    name: set(about[2])
    for name, about in json.loads((Path(fakeredis.__file__).parent / "commands.json").read_text()).items()
}


def test_no_command_that_redis_flags_as_writing_is_a_diagnostic() -> None:
    assert len(FLAGS) > 300
    for name, flags in FLAGS.items():
        meaning = classify_command(f"redis-cli {name} a b")
        if meaning.kind is StepKind.DIAGNOSTIC:
            assert not flags & {"write", "script_runner", "blocking"}, name
            words = tuple(name.split())
            assert "readonly" in flags or words in STATE or (words[0],) in STATE, name
    for name in READONLY & set(FLAGS):
        assert "readonly" in FLAGS[name], name


@given(
    st.sampled_from(sorted(FLAGS)), st.sampled_from(["{}", "timeout 5 {}", "watch -n 1 '{}'", "{} | head -5"])
)
def test_wrapped_or_in_capitals_the_answer_stays_the_same(name: str, around: str) -> None:
    plain = classify_command(f"redis-cli {name} a").kind
    assert classify_command(around.format(f"redis-cli -h cache -n 2 {name.upper()} a")).kind is plain


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("redis-cli INFO stats", StepKind.DIAGNOSTIC),
        ("redis-cli ping", StepKind.DIAGNOSTIC),
        ("redis-cli SLOWLOG GET 10", StepKind.DIAGNOSTIC),
        ("redis-cli SLOWLOG RESET", StepKind.REMEDIATION),
        ("redis-cli CLIENT LIST", StepKind.DIAGNOSTIC),
        ("redis-cli CLIENT KILL 1.2.3.4:5", StepKind.REMEDIATION),
        ("redis-cli CLIENT", StepKind.REMEDIATION),
        ("redis-cli CONFIG GET maxmemory*", StepKind.DIAGNOSTIC),
        ("redis-cli CONFIG GET '*'", StepKind.MANUAL),
        ("redis-cli CONFIG GET requirepass", StepKind.MANUAL),
        ("redis-cli CONFIG GET '?EQUIREPASS'", StepKind.MANUAL),
        ("redis-cli CONFIG GET 'r\\equirepass'", StepKind.MANUAL),
        ("redis-cli CONFIG GET '[^x]equirepass'", StepKind.MANUAL),
        ("redis-cli CONFIG GET timeout 'master*'", StepKind.MANUAL),
        ("redis-cli CONFIG SET maxmemory 1gb", StepKind.REMEDIATION),
        ("redis-cli DEBUG SLEEP 10", StepKind.REMEDIATION),
        ("redis-cli FLUSHALL", StepKind.REMEDIATION),
        ("redis-cli EVAL 'return 1' 0", StepKind.REMEDIATION),
        ("redis-cli MONITOR", StepKind.MANUAL),
        ("redis-cli", StepKind.MANUAL),
        ("redis-cli --bigkeys", StepKind.MANUAL),
        ("redis-cli --eval x.lua", StepKind.MANUAL),
        ("redis-cli -x SET a", StepKind.MANUAL),
        ("redis-cli -u redis://h INFO", StepKind.MANUAL),
        ("redis-cli <<EOF\nFLUSHALL\nEOF", StepKind.MANUAL),
    ],
)
def test_the_kind_of(text: str, kind: StepKind) -> None:
    assert classify_command(text).kind is kind


_VALUES = """
    get mget getrange substr dump hget hmget hgetall hvals hkeys hscan hrandfield lindex lrange smembers
    srandmember sinter sunion sdiff sscan zrange zrangebyscore zrangebylex zrevrange zrevrangebyscore
    zrevrangebylex zscan zinter zunion zdiff zrandmember xrange xrevrange sort_ro lcs getbit bitfield_ro
    geosearch georadius_ro georadiusbymember_ro
"""
VALUES = _VALUES.split()
_COUNTS = """
    strlen exists type ttl pttl expiretime dbsize scan randomkey hlen hstrlen hexists llen lpos scard
    sismember smismember sintercard zcard zcount zlexcount zscore zmscore zrank zrevrank zintercard bitcount
    bitpos geodist xlen xpending
"""
COUNTS = _COUNTS.split()


@pytest.mark.parametrize("name", VALUES)
def test_what_gives_back_stored_values_is_a_persons(name: str) -> None:
    for typed in (name, name.upper()):
        meaning = classify_command(f"redis-cli -h cache {typed} session:1 0 -1")
        assert meaning.kind is StepKind.MANUAL, meaning.why
        assert "stored" in meaning.why and not meaning.actions


@pytest.mark.parametrize("name", COUNTS)
def test_what_counts_or_names_is_a_diagnostic(name: str) -> None:
    assert classify_command(f"redis-cli {name} a b").kind is StepKind.DIAGNOSTIC


def test_every_command_that_redis_flags_as_reading_was_looked_at_for_stored_values() -> None:
    assert {*VALUES, *COUNTS, "keys", "pexpiretime", "geohash", "geopos"} == READONLY


@pytest.mark.parametrize("text", ["XINFO STREAM s", "XINFO STREAM s FULL", "xinfo stream s"])
def test_the_entries_that_xinfo_shows_are_stored_values_too(text: str) -> None:
    assert classify_command(f"redis-cli {text}").kind is StepKind.MANUAL


def test_keys_waits_for_a_click_and_warns() -> None:
    meaning = classify_command("redis-cli KEYS 'session:*'")
    assert meaning.kind is StepKind.PROBE and meaning.actions and not meaning.harmless
    assert "SCAN" in meaning.hints[0]


def test_where_it_connects_is_kept_and_the_password_is_not_shown() -> None:
    meaning = classify_command("redis-cli --tls -h $REDIS_HOST -p 6380 -n 2 -a $REDIS_PASSWORD INFO stats")
    assert meaning.needs == ("$REDIS_HOST", "$REDIS_PASSWORD")
    [action] = meaning.actions
    assert action.call == RedisCall(
        ("INFO", "stats"), "$REDIS_HOST", 6380, 2, tls=True, password="$REDIS_PASSWORD"
    )
    assert action.runs == "redis.info"
    assert "PASSWORD" not in repr(action)


def test_a_fence_in_rediss_own_language_has_a_command_on_each_line() -> None:
    meaning = classify_command("INFO memory\n# slow ones\nSLOWLOG GET 10\n", "redis")
    assert [action.runs for action in meaning.actions] == ["redis.info", "redis.slowlog_get"]
    assert classify_command("INFO\nFLUSHDB", "redis").kind is StepKind.REMEDIATION
    assert classify_command("GET 'a", "redis").kind is StepKind.MANUAL
