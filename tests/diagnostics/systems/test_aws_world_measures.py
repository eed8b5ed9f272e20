"""Logs, queries and metrics of AWS, asked in the broken world as the runbook's commands do."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from bot.command_parsers import ParseContext, classify_command
from bot.domain.check_request import CheckRequest
from bot.domain.playbook import Action, Threshold, VendorCall
from diagnostics.clients.aws import AwsClients
from diagnostics.systems.cloudwatch import CloudWatch
from diagnostics.systems.cloudwatch_logs import CloudWatchLogs
from diagnostics.systems.load_balancer import LoadBalancer
from diagnostics.systems.logs_insights import LogsInsights
from sandbox.monitored_systems import Breakage, SystemsProcess
from sandbox.monitored_systems.names import CLUSTER, DB_CLUSTER, LOG_GROUP, SERVICE

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAIL = f'aws logs tail {LOG_GROUP} --since 10m --filter-pattern "ERROR"'
PAYMENTS = f'aws logs tail {LOG_GROUP} --since 30m --filter-pattern "razorpay"'
PIPELINE = rf"""aws logs tail {LOG_GROUP} --since 30m --filter-pattern "ERROR" \
  | grep -oP 'Error: \K[^"]+' | sort | uniq -c | sort -rn | head -10"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SystemsProcess]:
    async with SystemsProcess.start(tmp_path_factory.mktemp("world")) as running:
        with pytest.MonkeyPatch.context() as settings:
            settings.delenv("AWS_PROFILE", raising=False)
            for name, value in running.environment.items():
                settings.setenv(name, value)
            yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aws(world: SystemsProcess) -> AsyncIterator[AwsClients]:
    made = AwsClients()
    await made.warm(["logs", "cloudwatch"])
    yield made
    made.close()


def question(command: str) -> CheckRequest:
    """As the runbook types it."""
    now = datetime.now(UTC)
    (action,) = classify_command(command, "bash", ParseContext(now)).actions
    return CheckRequest(command, action, now, command=command)


def soon(seconds: float = 20.0) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_a_healthy_log_has_as_many_errors_as_usual(world: SystemsProcess, aws: AwsClients) -> None:
    await world.heal()
    found = await CloudWatchLogs(aws).run(question(TAIL), soon())
    assert found.verdict == "ok", found.headline


@pytest.mark.parametrize(
    ("what", "command", "verdicts", "words"),
    [
        (Breakage.DEPLOYMENT, TAIL, ("bad",), "such as: Error: Cannot find module './config/payments'"),
        (Breakage.DATABASE, TAIL, ("bad",), "sorry, too many clients already"),
        (Breakage.PAYMENTS, PAYMENTS, ("bad", "warn"), "payment pay_<id> failed"),
        (Breakage.ERRORS, PIPELINE, ("bad",), "Cannot read properties of undefined"),
    ],
)
async def test_a_broken_log_is_bad_and_shows_the_kind_of_line_that_is_new(
    world: SystemsProcess,
    aws: AwsClients,
    what: Breakage,
    command: str,
    verdicts: tuple[str, ...],
    words: str,
) -> None:
    await world.break_(what)
    found = await CloudWatchLogs(aws).run(question(command), soon())
    assert found.verdict in verdicts, found.headline
    assert found.table is not None
    assert any(words in text for text in (found.headline, *(row[-1] for row in found.table.rows)))
    assert "@example.com" not in repr(found)
    if command == PIPELINE:
        assert re.match(r"\d+ upstream maps\.example answered 429\n", found.text)


def metrics(namespace: str, name: str, dimensions: str) -> str:
    return f"""aws cloudwatch get-metric-statistics --namespace {namespace} --metric-name {name} \\
  --dimensions {dimensions} --start-time $(date -u -d '30 minutes ago' +%Y-%m-%dT%H:%M:%S) \\
  --end-time $(date -u +%Y-%m-%dT%H:%M:%S) --period 300 --statistics Average"""


MEMORY = metrics(
    "AWS/ECS", "MemoryUtilization", f"Name=ClusterName,Value={CLUSTER} Name=ServiceName,Value={SERVICE}"
)
DATABASE = metrics("AWS/RDS", "CPUUtilization", f"Name=DBClusterIdentifier,Value={DB_CLUSTER}")
UTILISATION = {"cluster": CLUSTER, "service": SERVICE, "db_cluster": DB_CLUSTER}


def named(command: str, title: str) -> CheckRequest:
    return replace(question(command), name=title)


def vendor(what: str, names: dict[str, str]) -> CheckRequest:
    return CheckRequest(what, Action(what, VendorCall(what, names)), datetime.now(UTC))


async def test_metrics_of_a_healthy_world_are_well(world: SystemsProcess, aws: AwsClients) -> None:
    await world.heal()
    look = CloudWatch(aws).run
    found = await look(named(MEMORY, "Check ECS task metrics"), soon())
    assert found.verdict == "ok" and found.measure in {f"{level}%" for level in range(50, 55)}, found.headline
    assert found.command == MEMORY and "metricsV2" in found.link
    database = await look(named(DATABASE, "Check database CPU/Memory"), soon())
    assert database.verdict == "ok" and database.table is not None
    assert [row[0] for row in database.table.rows] == ["CPU", "free memory", "connections"]
    whole = await look(vendor("ecs.utilisation", UTILISATION), soon())
    assert whole.verdict == "ok" and "Container Insights has no points" in whole.text


async def test_without_the_cluster_nothing_is_found_and_it_is_told_why(
    world: SystemsProcess, aws: AwsClients
) -> None:
    lacking = metrics("AWS/ECS", "MemoryUtilization", f"Name=ServiceName,Value={SERVICE}")
    found = await CloudWatch(aws).run(named(lacking, "Check ECS task metrics"), soon())
    assert (found.verdict, found.cause) == ("unknown", "no_data")
    assert "add Name=ClusterName" in found.next_look


async def test_a_slow_world_is_seen_in_its_memory_and_a_full_one_in_its_database(
    world: SystemsProcess, aws: AwsClients
) -> None:
    look = CloudWatch(aws).run
    await world.break_(Breakage.SLOW)
    memory = await look(named(MEMORY, "Check ECS task metrics"), soon())
    assert (memory.verdict, "(limit 80%)" in memory.headline) == ("warn", True), memory.headline
    await world.break_(Breakage.DATABASE)
    database = await look(named(DATABASE, "Check database CPU/Memory"), soon())
    assert database.verdict == "bad" and "(limit 90%)" in database.headline
    assert "Free memory" in database.headline and "Connections" in database.headline
    whole = await look(vendor("ecs.utilisation", UTILISATION), soon())
    assert whole.verdict == "bad" and "CPU of rodistaa-prod" in whole.headline


TRAFFIC = "load_balancer.traffic"


@pytest.mark.parametrize(
    ("what", "verdict", "words"),
    [
        (None, "ok", "requests in the last 5 min returned 5xx."),
        (Breakage.DEPLOYMENT, "bad", "100% of"),
        (Breakage.DATABASE, "bad", "(limit 5%), mostly from the service."),
        (Breakage.ERRORS, "bad", "(limit 5%), mostly from the service."),
        (Breakage.SLOW, "warn", "(limit 1 s)"),
    ],
)
async def test_the_load_balancer_tells_what_arrives(
    world: SystemsProcess, aws: AwsClients, what: Breakage | None, verdict: str, words: str
) -> None:
    await (world.break_(what) if what else world.heal())
    found = await LoadBalancer(aws, world.environment["TOCSIN_LOAD_BALANCER"]).run(
        vendor(TRAFFIC, {}), soon()
    )
    assert (found.verdict, words in found.headline) == (verdict, True), found.headline
    assert len(found.series) == 3


async def test_a_load_balancer_that_is_not_there_is_not_known(world: SystemsProcess, aws: AwsClients) -> None:
    found = await LoadBalancer(aws, "app/other/1234").run(vendor(TRAFFIC, {}), soon())
    assert (found.verdict, found.cause) == ("unknown", "no_data")


ENDPOINTS = f"""aws logs insights query --log-group-name {LOG_GROUP} --start-time $(date -u -d '1 hour ago' +%s) \\
  --end-time $(date -u +%s) \\
  --query-string 'fields @timestamp, endpoint, duration | filter duration > 1000 | sort duration desc | limit 20'"""
LATENCY = Threshold("bad", "p95 latency", ">", 1000, "ms", 235)


async def test_the_slow_endpoint_is_named_with_its_p95(world: SystemsProcess, aws: AwsClients) -> None:
    await world.heal()
    healthy = await LogsInsights(aws).run(replace(question(ENDPOINTS), thresholds=(LATENCY,)), soon())
    assert healthy.verdict == "ok", healthy.headline
    await world.break_(Breakage.SLOW)
    slow = await LogsInsights(aws).run(replace(question(ENDPOINTS), thresholds=(LATENCY,)), soon())
    assert slow.verdict == "bad" and slow.headline.startswith("p95 of /v1/trucks/search is ")
    assert "runbook limit 1000 ms, line 235" in slow.headline
    assert slow.table is not None and len(slow.table.rows) >= 5
    assert " read." in slow.text
