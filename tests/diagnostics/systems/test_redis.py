"""What is said of a Redis, row by row; and a real one, where there is one on this machine."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis as Client
from redis.exceptions import ConnectionError as NotYet
from redis.exceptions import OutOfMemoryError

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Action, RedisCall, Threshold
from diagnostics.systems.redis import Redis
from diagnostics.systems.redis.models import RedisSamples, parse_sample
from diagnostics.systems.redis.rules import interpret, interpret_nodes
from sandbox.monitored_systems.redis_server import RedisServer
from sandbox.monitored_systems.scenarios import Breakage, build_broken_scene, build_healthy_scene
from tests.diagnostics.asking import question, soon, standstill

INFO = RedisCall(("INFO", "stats"), tls=True)
HAS_REDIS = shutil.which("redis-server") is not None
real = pytest.mark.skipif(not HAS_REDIS, reason="NO REDIS: install redis-server, it is looked at here")
MIB = 2**20


def seen(before: dict[str, Any] | None = None, **now: Any) -> RedisSamples:
    usual = {
        "used_memory": 10 * MIB, "maxmemory": 100 * MIB, "maxmemory_policy": "allkeys-lru", "connected_clients": 5,
        "maxclients": 100, "role": "master", "evicted_keys": 50, "keyspace_hits": 1000, "keyspace_misses": 100,
    }  # fmt: skip
    return RedisSamples(parse_sample({**usual, **(before or {})}), parse_sample({**usual, **now}), 2.0)


EVICTIONS = Threshold("bad", "evictions", ">", 10, "/s", 9)
CONNECTIONS = Threshold("bad", "connections", ">", 50, "", 9)
ROWS: list[tuple[str, RedisSamples, tuple[Threshold, ...], str, str]] = [
    ("all is well", seen(), (), "ok", "10% of 100.0 MiB memory in use."),
    ("no limit of memory", seen(maxmemory=0), (), "ok", "no limit is set"),
    ("getting full", seen(used_memory=85 * MIB), (), "warn", "85% of 100.0 MiB memory in use (limit 80%)"),
    ("a full cache throws out", seen(used_memory=99 * MIB), (), "warn", "99% of 100.0 MiB"),
    ("full, and nothing may go", seen(used_memory=100 * MIB, maxmemory_policy="noeviction"), (), "bad", "writes fail"),
    ("keys go", seen(evicted_keys=70), (), "warn", "10 keys a second are evicted"),
    ("many keys went, long ago", seen(before={"evicted_keys": 9000}, evicted_keys=9000), (), "ok", "10% of"),
    ("keys go, beyond the runbook's limit", seen(evicted_keys=100), (EVICTIONS,), "bad", "25 keys a second"),
    ("connections are refused", seen(rejected_connections=3), (), "bad", "3 connections were refused"),
    ("many clients", seen(connected_clients=80), (), "warn", "80 of 100 clients are connected (limit 75%)"),
    ("nearly all clients", seen(connected_clients=95), (), "bad", "95 of 100 clients"),
    ("many clients by the runbook", seen(connected_clients=60), (CONNECTIONS,), "bad",
     "60 of 100 clients are connected (runbook limit 50 clients, line 9)"),
    ("all clients, and the runbook allows more", seen(connected_clients=95), (replace(CONNECTIONS, value=400),), "bad",
     "95 of 100 clients are connected (limit 90%)"),
    ("the master is lost", seen(role="slave", master_link_status="down", master_link_down_since_seconds=40), (), "bad",
     "lost its master 40 s ago"),
    ("it is loading", seen(loading=1), (), "bad", "loading its data from disk"),
    ("lookups find little", seen(keyspace_hits=1060, keyspace_misses=240), (), "bad", "30% of lookups find their key"),
    ("lookups find enough", seen(keyspace_hits=1190, keyspace_misses=110), (), "ok", "95% of lookups"),
    ("set back in between", seen(before={"evicted_keys": 900}, evicted_keys=0), (), "ok", "10% of"),
    ("set back in between, and some since", seen(before={"rejected_connections": 900}, rejected_connections=2), (),
     "bad", "2 connections were refused in 2 s"),
    ("a replica that never had its master", seen(role="slave", master_link_status="down",
     master_link_down_since_seconds=-1), (), "bad", "The replica has no link to its master."),
    ("the machine is full, without a limit", seen(maxmemory=0, used_memory=97 * MIB, total_system_memory=100 * MIB), (),
     "bad", "97% of the machine's 100.0 MiB memory in use, no limit is set (limit 95%)"),
    ("the machine has room, without a limit", seen(maxmemory=0, total_system_memory=100 * MIB), (), "ok",
     "10.0 MiB of memory in use, no limit is set"),
    ("full, and no key may go", seen(used_memory=100 * MIB, maxmemory_policy="volatile-lru",
     db0={"keys": 9, "expires": 0}), (), "bad", "nothing may be evicted: writes fail"),
    ("full, and some keys may go", seen(used_memory=100 * MIB, maxmemory_policy="volatile-lru",
     db0={"keys": 9, "expires": 4}), (), "warn", "100% of 100.0 MiB"),
    ("it cannot save", seen(rdb_last_bgsave_status="err"), (), "warn", "Its last snapshot could not be written"),
    ("it cannot append", seen(aof_last_write_status="err"), (), "bad", "append-only file failed: writes are refused"),
    ("writes are refused", seen(before={"errorstat_MISCONF": {"count": 4}}, errorstat_MISCONF={"count": 61}), (),
     "bad", "57 commands were refused in 2 s (MISCONF)"),
    ("writes were refused, long ago", seen(before={"errorstat_OOM": {"count": 61}}, errorstat_OOM={"count": 61}), (),
     "ok", "10% of"),
    ("a wrong type is no refusal", seen(errorstat_WRONGTYPE={"count": 61}), (), "ok", "10% of"),
    ("a replica is far behind", seen(connected_slaves=2, slave0={"state": "online", "lag": 0},
     slave1={"state": "online", "lag": 90}), (), "warn", "1 of 2 replicas does not follow (limit 10 s)"),
    ("a replica is copied anew", seen(connected_slaves=1, slave0={"state": "send_bulk", "lag": 0}), (), "warn",
     "1 of 1 replicas does not follow"),
    ("replicas follow", seen(connected_slaves=1, slave0={"state": "online", "lag": 1}), (), "ok", "10% of"),
    ("a busy cache throws out what nobody asks for", seen(evicted_keys=9050, keyspace_hits=10900, keyspace_misses=200),
     (), "warn", "4500 keys a second are evicted"),
    ("a busy cache throws out what is asked for", seen(evicted_keys=9050, keyspace_hits=2000, keyspace_misses=9900),
     (), "bad", "4500 keys a second are evicted"),
    ("lookups find little, as ever", seen(before={"keyspace_hits": 300, "keyspace_misses": 700},
     keyspace_hits=360, keyspace_misses=840), (), "warn", "30% of lookups find their key, 30% since its start"),
    ("nobody looks anything up", seen(), (EVICTIONS,), "ok", "10% of"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "told", "verdict", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_a_redis_is_judged_by_the_worst_it_tells(
    name: str, given: RedisSamples, told: tuple[Threshold, ...], verdict: str, words: str
) -> None:
    found = interpret(given, question(INFO, *told))
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


def test_a_cluster_is_as_well_as_its_worst_node() -> None:
    full = seen(used_memory=100 * MIB, maxmemory_policy="noeviction")
    nodes = {"10.0.0.1:6379": seen(), "10.0.0.2:6379": full, "10.0.0.3:6379": seen()}
    found = interpret_nodes(nodes, question(INFO))
    assert (found.verdict, found.measure) == ("bad", "2/3")
    assert found.headline.startswith("10.0.0.2:6379: 100% of 100.0 MiB memory in use, and nothing may")
    assert found.headline.endswith("Of 3 nodes 1 is not well.")
    assert interpret_nodes({"a": seen(), "b": seen()}, question(INFO)).measure == "2/2"


@real
async def test_a_real_cluster_is_asked_node_by_node(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(node(tmp_path / str(number))) for number in range(2)]
        first, second = [await stack.enter_async_context(Client(port=port, protocol=2)) for port, _ in ports]
        await told(first, "ADDSLOTSRANGE", 0, 8191)
        await told(second, "ADDSLOTSRANGE", 8192, 16383)
        await told(first, "MEET", "127.0.0.1", *ports[1])
        async with asyncio.timeout(60):
            while "cluster_state:ok" not in await told(first, "INFO"):
                await second.ping()
        await second.config_set("maxmemory", "1mb")
        await second.config_set("maxmemory-policy", "noeviction")
        call = RedisCall(("INFO",), host="127.0.0.1", port=ports[0][0], cluster=True)
        found = await Redis({}).run(question(call), soon(30))
    assert (found.verdict, found.measure) == ("bad", "1/2"), found.headline
    assert found.headline.startswith(f"127.0.0.1:{ports[1][0]}: ")


async def told(client: Any, *words: object) -> str:
    """What a node answers to a command about its cluster."""
    return str(await client.execute_command("CLUSTER", *words))


@asynccontextmanager
async def node(folder: Path) -> AsyncIterator[tuple[int, int]]:
    """One node of a cluster, alone yet; its port, and that of the cluster's own talk."""
    folder.mkdir()
    with socket.socket() as probe, socket.socket() as bus:
        probe.bind(("127.0.0.1", 0))
        bus.bind(("127.0.0.1", 0))
        port, bus_port = probe.getsockname()[1], bus.getsockname()[1]
    running = await asyncio.create_subprocess_exec(
        *("redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", ""),
        *("--cluster-enabled", "yes", "--cluster-port", str(bus_port)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60), Client(port=port) as client:
            while True:
                with contextlib.suppress(NotYet):
                    await client.ping()
                    break
        yield port, bus_port
    finally:
        running.kill()
        await running.wait()


@pytest.mark.parametrize("given", [{}, {"proxy_version": "1.2"}, {"role": "master", "maxmemory": 0}])
def test_an_info_that_tells_of_no_memory_is_not_understood_and_never_well(given: dict[str, Any]) -> None:
    with pytest.raises(Inconclusive) as why:
        parse_sample(given)
    assert why.value.cause is UnknownCause.NOT_UNDERSTOOD


@pytest.fixture
async def cache(tmp_path: Path) -> AsyncIterator[RedisServer]:
    cache = RedisServer(tmp_path)
    await cache.start()
    yield cache
    await cache.stop()


async def asked(cache: RedisServer, call: RedisCall = INFO, **more: str) -> Finding:
    return await Redis({**cache.environment, **more}).run(question(call), soon(30))


@real
async def test_a_real_redis_with_tls_is_read_while_well_and_while_it_throws_keys_out(
    cache: RedisServer,
) -> None:
    assert (await asked(cache)).verdict == "ok"
    await cache.show(build_broken_scene(Breakage.SLOW))
    found = await asked(cache)
    assert found.verdict == "warn" and "keys a second are evicted" in found.headline
    await cache.show(build_healthy_scene())
    assert (await asked(cache)).verdict == "ok"


@real
async def test_a_real_redis_that_refuses_writes_is_bad_and_a_replica_without_its_master_too(
    cache: RedisServer,
) -> None:
    async with cache._client() as client:
        await client.config_set("maxmemory-policy", "noeviction")
        await client.config_set("maxmemory", "1mb")
        looking = asyncio.create_task(asked(cache))
        while not looking.done():
            with contextlib.suppress(OutOfMemoryError):
                await client.set("session:1", "x")
        full = await looking
        await client.replicaof("127.0.0.1", "1")
        alone = await asked(cache)
    assert full.verdict == "bad" and "commands were refused in" in full.headline and "OOM" in full.headline
    assert full.table is not None
    refused = next(row for row in full.table.rows if row[0] == "refused commands")
    assert int(refused[1]) > 0
    assert "is read from the database again" not in full.next_look and "maxmemory" in full.next_look
    assert "has no link to its master" in alone.headline, alone.headline


@real
async def test_a_real_redis_whose_connections_are_all_taken_says_so_through_tls_too(
    cache: RedisServer,
) -> None:
    async with cache._client() as client:
        await client.config_set("maxclients", "1")
        with contextlib.suppress(Inconclusive):
            found = await asked(cache)
            assert found.verdict == "bad" and "all connections are in use" in found.headline
            return
        with pytest.raises(Inconclusive) as told:
            await asked(cache)
    assert "hangs up" in told.value.said and "every connection may be taken" in told.value.next_look


@real
@pytest.mark.parametrize(
    ("call", "environment", "cause", "words"),
    [
        (replace(INFO, password="wrong"), {}, UnknownCause.FORBIDDEN, "does not take the password"),
        (replace(INFO, tls=False), {}, UnknownCause.UNREACHABLE, "hangs up"),
        (INFO, {"REDIS_CACERT": ""}, UnknownCause.UNREACHABLE, "no agreement on TLS"),
        (replace(INFO, host="no-such.invalid"), {}, UnknownCause.UNREACHABLE, "its name is not known"),
        (replace(INFO, words=("GET",)), {}, UnknownCause.NOT_UNDERSTOOD, "did not take GET"),
    ],
)
async def test_what_goes_wrong_with_a_real_redis_is_told_apart(
    cache: RedisServer, call: RedisCall, environment: dict[str, str], cause: UnknownCause, words: str
) -> None:
    with pytest.raises(Inconclusive) as why:
        await asked(cache, call, **environment)
    assert (why.value.cause, words in why.value.said) == (cause, True), why.value.said


@real
async def test_a_command_without_a_rule_is_shown_without_a_judgement_or_secrets(cache: RedisServer) -> None:
    found = await asked(cache, replace(INFO, words=("CONFIG", "GET", "maxmemory")))
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.NO_RULE)
    echoed = await asked(cache, replace(INFO, words=("ECHO", "rzp_live_abcdefgh1234")))
    assert "rzp_live" not in repr(echoed)


@real
async def test_a_role_that_may_do_nothing_but_info_is_enough_and_another_is_told_what_it_lacks(
    cache: RedisServer,
) -> None:
    async with cache._client() as client:
        await client.acl_setuser("watcher", enabled=True, passwords="+word", commands=["+info"])
        await client.acl_setuser("reader", enabled=True, passwords="+word", commands=["+get"])
    assert (await asked(cache, replace(INFO, user="watcher", password="word"))).verdict == "ok"
    with pytest.raises(Inconclusive) as why:
        await asked(cache, replace(INFO, user="reader", password="word"))
    assert (why.value.cause, why.value.said) == (UnknownCause.FORBIDDEN, "Redis at 127.0.0.1 denies INFO.")
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
    cache: RedisServer, words: tuple[str, ...], kept: str
) -> None:
    async with cache._client() as client:
        await client.config_set("slowlog-log-slower-than", 0)
        await client.hset("u:1", mapping={"name": "asha", "password": "plain-one"})
        await client.set("reset_token:7", "plain-two")
        await client.config_set("slowlog-log-slower-than", 10_000)
    found = await asked(cache, replace(INFO, words=words))
    assert kept in repr(found) and found.cause is UnknownCause.NO_RULE
    assert "plain-" not in repr(found)


@real
async def test_a_value_of_megabytes_is_shown_cut_and_holds_up_nobody(cache: RedisServer) -> None:
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
    with pytest.raises(Inconclusive) as why:
        await Redis({}).run(question(call), soon(0.5))
    assert why.value.cause is UnknownCause.TIMEOUT
    await left.wait()
    server.close()
    await server.wait_closed()


async def test_nothing_that_listens_is_bad_and_a_redis_that_says_nothing_is_left_in_time() -> None:
    found = await Redis({}).run(question(replace(INFO, host="127.0.0.1", port=1)), soon())
    assert (found.verdict, found.measure) == ("bad", "refused")
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        call = replace(INFO, host="127.0.0.1", port=silent.getsockname()[1], tls=False)
        began = asyncio.get_running_loop().time()
        with pytest.raises((Inconclusive, TimeoutError)):
            await Redis({}).run(question(call), soon(1.0))
        assert asyncio.get_running_loop().time() - began < 3


@pytest.mark.parametrize(
    ("line", "verdict", "words"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "bad", "is loading its data"),
        (b"-ERR max number of clients reached\r\n", "bad", "all connections are in use"),
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
    found = await Redis({}).run(CheckRequest("x", Action("redis.info", call), question(call).now), soon())
    server.close()
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline


async def test_the_environments_password_goes_to_its_own_host_only() -> None:
    own = Redis({"REDIS_HOST": "cache.internal", "REDIS_PASSWORD": "word"})
    async with own._open_connection(RedisCall(("INFO",), host="evil.example", password="word")) as client:
        assert client.connection_pool.connection_kwargs["password"] is None
    async with own._open_connection(RedisCall(("INFO",))) as client:
        assert client.connection_pool.connection_kwargs["password"] == "word"
