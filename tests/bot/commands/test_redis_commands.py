"""redis-cli: what Redis itself does not flag as reading is no diagnostic."""

import json
from pathlib import Path

import fakeredis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import recognise
from bot.commands.redis import READONLY, STATE
from bot.step import Kind, RedisCall

FLAGS = {
    name: set(about[2])
    for name, about in json.loads((Path(fakeredis.__file__).parent / "commands.json").read_text()).items()
}


def test_no_command_that_redis_flags_as_writing_is_a_diagnostic() -> None:
    assert len(FLAGS) > 300
    for name, flags in FLAGS.items():
        meaning = recognise(f"redis-cli {name} a b")
        if meaning.kind is Kind.DIAGNOSTIC:
            assert not flags & {"write", "script_runner", "blocking"}, name
            words = tuple(name.split())
            assert "readonly" in flags or words in STATE or (words[0],) in STATE, name
    for name in READONLY & set(FLAGS):
        assert "readonly" in FLAGS[name], name


@given(
    st.sampled_from(sorted(FLAGS)), st.sampled_from(["{}", "timeout 5 {}", "watch -n 1 '{}'", "{} | head -5"])
)
def test_wrapped_or_in_capitals_the_answer_stays_the_same(name: str, around: str) -> None:
    plain = recognise(f"redis-cli {name} a").kind
    assert recognise(around.format(f"redis-cli -h cache -n 2 {name.upper()} a")).kind is plain


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("redis-cli INFO stats", Kind.DIAGNOSTIC),
        ("redis-cli ping", Kind.DIAGNOSTIC),
        ("redis-cli SLOWLOG GET 10", Kind.DIAGNOSTIC),
        ("redis-cli SLOWLOG RESET", Kind.REMEDIATION),
        ("redis-cli CLIENT LIST", Kind.DIAGNOSTIC),
        ("redis-cli CLIENT KILL 1.2.3.4:5", Kind.REMEDIATION),
        ("redis-cli CLIENT", Kind.REMEDIATION),
        ("redis-cli CONFIG GET maxmemory*", Kind.DIAGNOSTIC),
        ("redis-cli CONFIG GET '*'", Kind.MANUAL),
        ("redis-cli CONFIG GET requirepass", Kind.MANUAL),
        ("redis-cli CONFIG GET '?EQUIREPASS'", Kind.MANUAL),
        ("redis-cli CONFIG GET 'r\\equirepass'", Kind.MANUAL),
        ("redis-cli CONFIG GET '[^x]equirepass'", Kind.MANUAL),
        ("redis-cli CONFIG GET timeout 'master*'", Kind.MANUAL),
        ("redis-cli CONFIG SET maxmemory 1gb", Kind.REMEDIATION),
        ("redis-cli DEBUG SLEEP 10", Kind.REMEDIATION),
        ("redis-cli FLUSHALL", Kind.REMEDIATION),
        ("redis-cli EVAL 'return 1' 0", Kind.REMEDIATION),
        ("redis-cli MONITOR", Kind.MANUAL),
        ("redis-cli", Kind.MANUAL),
        ("redis-cli --bigkeys", Kind.MANUAL),
        ("redis-cli --eval x.lua", Kind.MANUAL),
        ("redis-cli -x SET a", Kind.MANUAL),
        ("redis-cli -u redis://h INFO", Kind.MANUAL),
        ("redis-cli <<EOF\nFLUSHALL\nEOF", Kind.MANUAL),
    ],
)
def test_the_kind_of(text: str, kind: Kind) -> None:
    assert recognise(text).kind is kind


def test_keys_warns() -> None:
    meaning = recognise("redis-cli KEYS 'session:*'")
    assert meaning.kind is Kind.DIAGNOSTIC
    assert "SCAN" in meaning.hints[0]


def test_where_it_connects_is_kept_and_the_password_is_not_shown() -> None:
    meaning = recognise("redis-cli --tls -h $REDIS_HOST -p 6380 -n 2 -a $REDIS_PASSWORD INFO stats")
    assert meaning.needs == ("$REDIS_HOST", "$REDIS_PASSWORD")
    [action] = meaning.actions
    assert action.call == RedisCall(
        ("INFO", "stats"), "$REDIS_HOST", 6380, 2, tls=True, password="$REDIS_PASSWORD"
    )
    assert action.runs == "redis.info"
    assert "PASSWORD" not in repr(action)


def test_a_fence_in_rediss_own_language_has_a_command_on_each_line() -> None:
    meaning = recognise("INFO memory\n# slow ones\nSLOWLOG GET 10\n", "redis")
    assert [action.runs for action in meaning.actions] == ["redis.info", "redis.slowlog_get"]
    assert recognise("INFO\nFLUSHDB", "redis").kind is Kind.REMEDIATION
    assert recognise("GET 'a", "redis").kind is Kind.MANUAL
