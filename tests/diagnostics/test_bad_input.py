"""Everything that can go wrong, at the same time: each step has its verdict and cause, and none waits for another."""

import asyncio
import itertools
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, UnknownCause, Verdict
from bot.domain.playbook import Action, AwsCall, Call, HttpCall, RedisCall, SqlCall
from diagnostics.clients.aws import AwsClients
from diagnostics.clients.http_client import HttpClient
from diagnostics.engine.router import DiagnosticRegistry, DiagnosticSource, Look
from diagnostics.engine.runner import Job, Runner
from diagnostics.systems.aws_status import AwsStatus
from diagnostics.systems.cloudwatch_logs import CloudWatchLogs
from diagnostics.systems.ecs import Ecs
from diagnostics.systems.http_endpoint import Http
from diagnostics.systems.postgres import Postgres
from diagnostics.systems.redis import Redis
from diagnostics.systems.statuspage import Statuspage
from sandbox.monitored_systems.redis_server import RedisServer
from tests.diagnostics.answering_aws import EACH, AnsweringAws, Reply, answer, error

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DEADLINE, TOTAL = 5.0, 12.0
SPARE = 2.0
"""Seconds beyond the time for all of them, on a machine that has other work too."""

PATIENCE = 60.0
"""Seconds for what is work, not a wait."""

HEAD = re.compile(rb"GET /(?P<what>[a-z]+)")
BODIES: dict[str, bytes] = {
    "html": b"<html><body>Sign in</body></html>",
    "broken": b'{"page": {"name": ',
    "feed": json.dumps([]).encode("utf-16"),
    "health": b"ok",
}
OURS = {
    "ACCESS_KEY_ID": "k",
    "SECRET_ACCESS_KEY": "s",
    "REGION": "ap-south-1",
    "EC2_METADATA_DISABLED": "true",
}
SITES = ("html", "broken", "large", "drips", "hangs", "metadata", "loopback", "health")
PAGES = itertools.count()
LOG_LINE = "ERROR <!channel> \x1b[31m\x00\x07\u202e password=hunter2 "


async def site(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One site for each way of answering badly, by the first part of the path."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        found = HEAD.match(await reader.readuntil(b"\r\n\r\n"))
        what = found["what"].decode() if found else ""
        if what in ("metadata", "loopback"):
            inside = "169.254.169.254/latest/" if what == "metadata" else "[::ffff:127.0.0.1]:1/"
            writer.write(f"HTTP/1.1 302 F\r\nlocation: http://{inside}\r\ncontent-length: 0\r\n\r\n".encode())
        elif what == "hangs":
            await reader.read()
        elif what in ("large", "drips"):
            await endless(reader, writer, b" " * 65_536 if what == "large" else b" ")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + BODIES[what])
        await writer.drain()
    writer.close()


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, piece: bytes) -> None:
    """Fifty megabytes, as fast as they go or a byte at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 52428800\r\n\r\n")
    gone = asyncio.ensure_future(reader.read())
    while not gone.done():
        writer.write(piece)
        await writer.drain()
        await asyncio.wait([gone], timeout=EACH if len(piece) == 1 else 0)
    await gone


async def loading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A Redis that reads its data."""
    with suppress(ConnectionError):
        while await reader.read(4096):
            writer.write(b"-LOADING Redis is loading the dataset in memory\r\n")
    writer.close()


def from_aws(operation: str, body: bytes) -> Reply:
    """What the name of the cluster or of the log group says."""
    told = json.loads(body)
    match str(told.get("cluster") or told.get("logGroupName")):
        case "denied":
            return error(
                "AccessDeniedException", "not authorized to perform: ecs:DescribeServices on resource: x"
            )
        case "slower":
            return error("ThrottlingException", "Rate exceeded")
        case "expired":
            return error("ExpiredTokenException")
        case "missing":
            return error("ClusterNotFoundException", "Cluster not found.")
        case "nogroup":
            return error("ResourceNotFoundException", "The specified log group does not exist.")
        case "hangs":
            return Reply(hangs=True)
        case "drips":
            return Reply(drips=True)
    start = int(NOW.timestamp() * 1000)
    lines = [LOG_LINE + "x" * 900_000] + [f"{LOG_LINE}{number}" for number in range(9_999)]
    events = [
        {"logStreamName": "s", "timestamp": start - 60_000 + at, "message": text}
        for at, text in enumerate(lines)
    ]
    return answer(events=events, nextToken=f"page-{next(PAGES)}")


def ecs(cluster: str) -> AwsCall:
    return AwsCall("ecs", "DescribeServices", {"cluster": cluster, "services": ["backend"]})


def logs(group: str) -> AwsCall:
    start = int((NOW - timedelta(minutes=10)).timestamp() * 1000)
    return AwsCall("logs", "FilterLogEvents", {"logGroupName": group, "startTime": start}, pages=True)


def get(name: str, path: str = "/x") -> HttpCall:
    return HttpCall("GET", f"https://{name}.example{path}", redirects=True)


PAGE = "/api/v2/status.json"
SESSIONS = SqlCall("select count(*), state from pg_stat_activity group by state")
STEPS: list[tuple[str, str, Call, str, str | None]] = [
    ("denied", "ecs", ecs("denied"), "unknown", "forbidden"),
    ("expired", "ecs", ecs("expired"), "unknown", "forbidden"),
    ("no cluster", "ecs", ecs("missing"), "unknown", "not_found"),
    ("throttled", "ecs", ecs("slower"), "unknown", "throttled"),
    ("AWS hangs", "ecs", ecs("hangs"), "unknown", "timeout"),
    ("AWS drips", "ecs", ecs("drips"), "unknown", "timeout"),
    ("no log group", "logs", logs("nogroup"), "unknown", "not_found"),
    ("HTML", "page", get("html", PAGE), "unknown", "not_understood"),
    ("invalid JSON", "page", get("broken", PAGE), "unknown", "not_understood"),
    ("UTF-16", "feed", HttpCall("GET", "https://health.aws.amazon.com/x"), "ok", None),
    ("50 MB", "http", get("large"), "unknown", "not_understood"),
    ("a drip", "http", get("drips"), "unknown", "timeout"),
    ("a hung socket", "http", get("hangs"), "unknown", "timeout"),
    ("a health check that hangs", "http", get("hangs", "/health"), "bad", None),
    ("no such name", "http", HttpCall("GET", "https://no-such.invalid/"), "unknown", "unreachable"),
    ("to the metadata", "http", get("metadata"), "unknown", "not_configured"),
    ("to loopback", "http", get("loopback"), "unknown", "not_configured"),
    ("no TLS", "http", get("tls"), "unknown", "unreachable"),
    ("every connection is taken", "full", SESSIONS, "bad", None),
    ("no pg_monitor", "blind", SESSIONS, "unknown", "forbidden"),
    ("Redis is loading", "loading", RedisCall(("GET", "k")), "bad", None),
    ("AUTH fails", "auth", RedisCall(("INFO",), tls=True, password="wrong"), "unknown", "forbidden"),
    ("a crash", "crash", get("health"), "unknown", "bug"),
    ("all is well", "http", get("health", "/health"), "ok", None),
]  # fmt: skip


@pytest.fixture
async def systems(
    postgres: PrivatePostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DiagnosticRegistry]:
    server = await asyncio.start_server(site, "127.0.0.1", 0)
    door = await asyncio.start_server(loading, "127.0.0.1", 0)
    here = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    door_at = f"127.0.0.1:{door.sockets[0].getsockname()[1]}"
    outside = {f"https://{each}.example": f"http://{here}/{each}" for each in SITES}
    outside |= {
        "https://tls.example": f"https://{door_at}",
        "https://health.aws.amazon.com": f"http://{here}/feed",
    }
    web = HttpClient(outside)
    cache, aws = RedisServer(tmp_path / "redis"), AnsweringAws(replies=from_aws)
    await cache.start()
    for name, value in OURS.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("create database crowded connection limit 0")
        connection.execute("create role blind login")
        connection.execute("grant connect on database crowded to blind")
        async with aws.served():
            monkeypatch.setenv("AWS_ENDPOINT_URL", aws.address)
            asking = AwsClients()
            await asking.warm(["ecs", "logs"])
            loading_here = {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": door_at.partition(":")[2]}
            looks: dict[str, Look] = {
                "ecs": Ecs(asking).run,
                "logs": CloudWatchLogs(asking).run,
                "page": Statuspage(web).run,
                "feed": AwsStatus(web, frozenset()).run,
                "http": Http(web).run,
                "full": Postgres(f"{postgres.conninfo()} dbname=crowded user=blind").run,
                "blind": Postgres(f"{postgres.conninfo()} user=blind").run,
                "loading": Redis(loading_here).run,
                "auth": Redis({**cache.environment, "REDIS_PASSWORD": "wrong"}).run,
                "crash": crash,
            }
            yield DiagnosticRegistry(
                {f"{name}.": DiagnosticSource(name, look) for name, look in looks.items()}
            )
            asking.close()
        connection.execute("drop database crowded")
        connection.execute("drop role blind")
    await web.aclose()
    await cache.stop()
    for each in (server, door):
        each.close()


async def crash(question: CheckRequest, by: float) -> Finding:
    raise RuntimeError("what came was password=hunter2")


async def test_whatever_goes_wrong_has_its_cause_in_its_time_and_the_others_end(
    systems: DiagnosticRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    here = [step for step in STEPS if step[1] != "auth" or shutil.which("redis-server")]
    jobs: list[Job] = [
        systems.build_job(CheckRequest(name, Action(f"{system}.look", call), NOW))
        for name, system, call, _, _ in here
    ]
    loop = asyncio.get_running_loop()
    began, heard = loop.time(), dict[str, float]()

    async def hear(place: int, found: Finding) -> None:
        heard[here[place][0]] = loop.time() - began

    found = await Runner(lambda: NOW, deadline=DEADLINE, total=TOTAL).run(jobs, hear)
    # Where this machine stood still meanwhile, what hangs is said not to be measured.
    late = {UnknownCause.BUSY: UnknownCause.TIMEOUT.value}
    seen = {
        name: (each.verdict.value, each.cause and late.get(each.cause, each.cause.value))
        for (name, *_), each in zip(here, found, strict=True)
    }
    assert seen == {name: (verdict, cause) for name, _, _, verdict, cause in here}, [
        each.headline for each in found
    ]
    assert max(heard.values()) < TOTAL + SPARE and heard["all is well"] < DEADLINE
    assert "hunter2" not in repr(found) + caplog.text
    bug = next(each for each in found if each.cause == "bug")
    assert bug.headline.partition("(error ")[2].split()[0] in caplog.text
    assert Verdict.OK not in {each.verdict for each in found if each.cause}


async def test_many_lines_one_of_them_large_are_judged_and_their_keys_are_not_said(
    systems: DiagnosticRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    job = systems.build_job(CheckRequest("lines", Action("logs.look", logs("/backend")), NOW))
    (found,) = await Runner(lambda: NOW, deadline=PATIENCE, total=PATIENCE).run([job])
    assert (found.verdict, found.cause) == (Verdict.BAD, None)
    assert "hunter2" not in repr(found) + caplog.text
