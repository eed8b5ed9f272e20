"""What is said of a Redis, row by row; and a real one, where there is one on this machine."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.step import Action, RedisCall, Threshold
from diagnostics.finding import CannotTell, Cause, Finding
from diagnostics.question import Question
from diagnostics.redis import Redis
from diagnostics.redis.judged import interpret
from diagnostics.redis.seen import Seen, sample
from sandbox.world.breaks import Break, broken, healthy
from sandbox.world.cache import Cache
from tests.diagnostics.asking import question, soon, standstill

INFO = RedisCall(("INFO", "stats"), tls=True)
HAS_REDIS = shutil.which("redis-server") is not None
real = pytest.mark.skipif(not HAS_REDIS, reason="NO REDIS: install redis-server, it is looked at here")
MIB = 2**20


def seen(before: dict[str, Any] | None = None, **now: Any) -> Seen:
    usual = {
        "used_memory": 10 * MIB, "maxmemory": 100 * MIB, "maxmemory_policy": "allkeys-lru", "connected_clients": 5,
        "maxclients": 100, "role": "master", "evicted_keys": 50, "keyspace_hits": 1000, "keyspace_misses": 100,
    }  # fmt: skip
    return Seen(sample({**usual, **(before or {})}), sample({**usual, **now}), 2.0)


EVICTIONS = Threshold("bad", "evictions", ">", 10, "/s", 9)
ROWS: list[tuple[str, Seen, tuple[Threshold, ...], str, str]] = [
    ("all is well", seen(), (), "ok", "10% of 100.0 MiB memory in use."),
    ("no limit of memory", seen(maxmemory=0), (), "ok", "no limit is set"),
    ("getting full", seen(used_memory=85 * MIB), (), "warn", "85% of 100.0 MiB memory in use (limit 80%)"),
    ("a full cache throws out", seen(used_memory=99 * MIB), (), "warn", "99% of 100.0 MiB"),
    ("full, and nothing may go", seen(used_memory=100 * MIB, maxmemory_policy="noeviction"), (), "bad", "writes fail"),
    ("keys go", seen(evicted_keys=70), (), "warn", "10 keys a second are thrown out"),
    ("many keys went, long ago", seen(before={"evicted_keys": 9000}, evicted_keys=9000), (), "ok", "10% of"),
    ("keys go, beyond the runbook's limit", seen(evicted_keys=100), (EVICTIONS,), "bad", "25 keys a second"),
    ("connections are refused", seen(rejected_connections=3), (), "bad", "3 connections were refused"),
    ("many clients", seen(connected_clients=80), (), "warn", "80 of 100 clients are connected (limit 75%)"),
    ("nearly all clients", seen(connected_clients=95), (), "bad", "95 of 100 clients"),
    ("the master is lost", seen(role="slave", master_link_status="down", master_link_down_since_seconds=40), (), "bad",
     "lost its master 40 s ago"),
    ("it is loading", seen(loading=1), (), "bad", "loading its data from disk"),
    ("lookups find little", seen(keyspace_hits=1060, keyspace_misses=240), (), "bad", "30% of lookups find their key"),
    ("lookups find enough", seen(keyspace_hits=1190, keyspace_misses=110), (), "ok", "95% of lookups"),
    ("set back in between", seen(before={"evicted_keys": 900}, evicted_keys=0), (), "ok", "10% of"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "told", "verdict", "words"), ROWS, ids=[each[0] for each in ROWS])
def test_a_redis_is_judged_by_the_worst_it_tells(
    name: str, given: Seen, told: tuple[Threshold, ...], verdict: str, words: str
) -> None:
    found = interpret(given, question(INFO, *told))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


@pytest.fixture
async def cache(tmp_path: Path) -> AsyncIterator[Cache]:
    cache = Cache(tmp_path)
    await cache.start()
    yield cache
    await cache.stop()


async def asked(cache: Cache, call: RedisCall = INFO, **more: str) -> Finding:
    return await Redis({**cache.environment, **more}).look(question(call), soon(8))


@real
async def test_a_real_redis_with_tls_is_read_while_well_and_while_it_throws_keys_out(cache: Cache) -> None:
    assert (await asked(cache)).verdict == "ok"
    await cache.show(broken(Break.SLOW))
    found = await asked(cache)
    assert found.verdict == "warn" and "keys a second are thrown out" in found.headline
    await cache.show(healthy())
    assert (await asked(cache)).verdict == "ok"


@real
@pytest.mark.parametrize(
    ("call", "environment", "cause", "words"),
    [
        (replace(INFO, password="wrong"), {}, Cause.FORBIDDEN, "does not take the password"),
        (replace(INFO, tls=False), {}, Cause.UNREACHABLE, "hangs up"),
        (INFO, {"REDIS_CACERT": ""}, Cause.UNREACHABLE, "no agreement on TLS"),
        (replace(INFO, host="no-such.invalid"), {}, Cause.UNREACHABLE, "its name is not known"),
        (replace(INFO, words=("GET",)), {}, Cause.NOT_UNDERSTOOD, "did not take GET"),
    ],
)
async def test_what_goes_wrong_with_a_real_redis_is_told_apart(
    cache: Cache, call: RedisCall, environment: dict[str, str], cause: Cause, words: str
) -> None:
    with pytest.raises(CannotTell) as why:
        await asked(cache, call, **environment)
    assert (why.value.cause, words in why.value.said) == (cause, True), why.value.said


@real
async def test_a_command_without_a_rule_is_shown_without_a_judgement_or_secrets(cache: Cache) -> None:
    found = await asked(cache, replace(INFO, words=("CONFIG", "GET", "maxmemory")))
    assert (found.verdict, found.cause) == ("unknown", Cause.NO_RULE)
    echoed = await asked(cache, replace(INFO, words=("ECHO", "rzp_live_abcdefgh1234")))
    assert "rzp_live" not in repr(echoed)


@real
async def test_a_role_that_may_do_nothing_but_info_is_enough_and_another_is_told_what_it_lacks(
    cache: Cache,
) -> None:
    async with cache._client() as client:
        await client.acl_setuser("watcher", enabled=True, passwords="+word", commands=["+info"])
        await client.acl_setuser("reader", enabled=True, passwords="+word", commands=["+get"])
    assert (await asked(cache, replace(INFO, user="watcher", password="word"))).verdict == "ok"
    with pytest.raises(CannotTell) as why:
        await asked(cache, replace(INFO, user="reader", password="word"))
    assert (why.value.cause, why.value.said) == (Cause.FORBIDDEN, "Redis at 127.0.0.1 denies INFO.")
    assert "+info." in why.value.next_look


@real
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("HGETALL", "u:1"), "asha"),
        (("HGET", "u:1", "password"), "[secret]"),
        (("HMGET", "u:1", "name", "password"), "[secret]"),
        (("GET", "reset_token:7"), "[secret]"),
        (("TTL", "reset_token:7"), "-1"),
        (("SLOWLOG", "GET", "128"), "reset_token:"),
    ],
)
async def test_what_only_the_command_tells_to_be_secret_is_not_shown(
    cache: Cache, words: tuple[str, ...], kept: str
) -> None:
    async with cache._client() as client:
        await client.config_set("slowlog-log-slower-than", 0)
        await client.hset("u:1", mapping={"name": "asha", "password": "plain-one"})
        await client.set("reset_token:7", "plain-two")
        await client.config_set("slowlog-log-slower-than", 10_000)
    found = await asked(cache, replace(INFO, words=words))
    assert kept in repr(found) and found.cause is Cause.NO_RULE
    assert "plain-" not in repr(found)


@real
async def test_a_value_of_megabytes_is_shown_cut_and_holds_up_nobody(cache: Cache) -> None:
    async with cache._client() as client:
        await client.set("large", "password=hunter2 it@example.com " * 200_000)
        await client.rpush("list", *["password=hunter2"] * 50_000)
    for words, count in ((("GET", "large"), "1 value"), (("LRANGE", "list", "0", "-1"), "50,000 values")):
        async with standstill() as gaps:
            found = await asked(cache, replace(INFO, words=words))
        assert max(gaps) < 1.0
        assert count in found.headline and "[secret]" in found.text and len(found.text) < 4_100
        assert "hunter2" not in repr(found)


async def test_a_redis_that_drips_is_left_at_the_deadline() -> None:
    left = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        gone = asyncio.ensure_future(reader.read())
        writer.write(b"$1000000\r\n")
        while not gone.done():
            writer.write(b"x")
            await asyncio.wait([gone], timeout=0.05)
        assert gone.exception() is None or isinstance(gone.exception(), ConnectionError)
        writer.close()
        left.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    call = replace(INFO, host="127.0.0.1", port=server.sockets[0].getsockname()[1], tls=False, password=None)
    with pytest.raises(CannotTell) as why:
        await Redis({}).look(question(call), soon(0.5))
    assert why.value.cause is Cause.TIMEOUT
    await left.wait()
    server.close()
    await server.wait_closed()


async def test_nothing_that_listens_is_bad_and_a_redis_that_says_nothing_is_left_in_time() -> None:
    found = await Redis({}).look(question(replace(INFO, host="127.0.0.1", port=1)), soon())
    assert (found.verdict, found.measure) == ("bad", "refused")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        call = replace(INFO, host="127.0.0.1", port=silent.getsockname()[1], tls=False)
        began = asyncio.get_running_loop().time()
        with pytest.raises((CannotTell, TimeoutError)):
            await Redis({}).look(question(call), soon(1.0))
        assert asyncio.get_running_loop().time() - began < 3


@pytest.mark.parametrize(
    ("line", "verdict", "words"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "bad", "is loading its data"),
        (b"-ERR max number of clients reached\r\n", "bad", "every connection is taken"),
    ],
)
async def test_what_a_redis_says_at_the_door_is_a_finding(line: bytes, verdict: str, words: str) -> None:
    async def door(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            writer.write(line)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(door, "127.0.0.1", 0)
    call = RedisCall(("INFO",), host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    found = await Redis({}).look(Question("x", Action("redis.info", call), question(call).now), soon())
    server.close()
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


async def test_the_environments_password_goes_to_its_own_host_only() -> None:
    own = Redis({"REDIS_HOST": "cache.internal", "REDIS_PASSWORD": "word"})
    async with own._connected(RedisCall(("INFO",), host="evil.example", password="word")) as client:
        assert client.connection_pool.connection_kwargs["password"] is None
    async with own._connected(RedisCall(("INFO",))) as client:
        assert client.connection_pool.connection_kwargs["password"] == "word"
