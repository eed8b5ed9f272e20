"""AWS and the Redis of the broken world, looked at as the runbook's commands do."""

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from redis.asyncio import Redis

from diagnostics.systems.ecs import build_snapshot, interpret
from sandbox.monitored_systems import Breakage, SystemsProcess
from sandbox.monitored_systems.names import CLUSTER, DB_CLUSTER, LOG_GROUP, SERVICE

pytestmark = pytest.mark.asyncio(loop_scope="module")
WHOLE = [{"Name": "ClusterName", "Value": CLUSTER}, {"Name": "ServiceName", "Value": SERVICE}]


def client(world: SystemsProcess, service: str) -> Any:
    told = world.environment
    return boto3.client(
        service,
        endpoint_url=told["AWS_ENDPOINT_URL"],
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        region_name=told["AWS_REGION"],
    )


def service_of(world: SystemsProcess) -> dict[str, Any]:
    answer: dict[str, Any] = client(world, "ecs").describe_services(cluster=CLUSTER, services=[SERVICE])
    return answer


def metric(world: SystemsProcess, namespace: str, name: str, dimensions: list[dict[str, str]]) -> list[float]:
    """The averages of the last ten minutes, in the order of time."""
    now = datetime.now(UTC)
    points = client(world, "cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=dimensions,
        StartTime=now - timedelta(minutes=10),
        EndTime=now,
        Period=60,
        Statistics=["Average"],
    )["Datapoints"]
    return [point["Average"] for point in sorted(points, key=lambda each: each["Timestamp"])]


def errors(world: SystemsProcess) -> tuple[list[str], int]:
    """The lines with ERROR of the last half hour, and how many pages they came on."""
    since = int((datetime.now(UTC) - timedelta(minutes=30)).timestamp() * 1000)
    lines: list[str] = []
    token: dict[str, str] = {}
    for pages in range(1, 200):
        page = client(world, "logs").filter_log_events(
            logGroupName=LOG_GROUP, filterPattern="ERROR", startTime=since, **token
        )
        lines += [each["message"] for each in page["events"]]
        if "nextToken" not in page:
            return lines, pages
        token = {"nextToken": page["nextToken"]}
    raise AssertionError("the pages do not end")


async def test_a_healthy_service_runs_as_wanted_and_a_failed_deployment_runs_nothing(
    world: SystemsProcess,
) -> None:
    await world.heal()
    now = datetime.now(UTC)
    found = interpret(build_snapshot(CLUSTER, await asyncio.to_thread(service_of, world)), now)
    assert (found.verdict, "6 of 6" in found.headline) == ("ok", True)
    await world.break_(Breakage.DEPLOYMENT)
    broken = interpret(
        build_snapshot(CLUSTER, await asyncio.to_thread(service_of, world)), datetime.now(UTC), now
    )
    assert broken.verdict == "bad"
    assert "0 of 6 tasks running; nothing is serving." in broken.headline
    assert "min before the incident began" in broken.headline
    await world.heal()
    healed = interpret(build_snapshot(CLUSTER, await asyncio.to_thread(service_of, world)), datetime.now(UTC))
    assert healed.verdict == "ok"


async def test_a_cluster_that_is_not_there_is_refused_and_a_missing_service_is_named(
    world: SystemsProcess,
) -> None:
    ecs = client(world, "ecs")
    with pytest.raises(ecs.exceptions.ClusterNotFoundException):
        await asyncio.to_thread(ecs.describe_services, cluster="nowhere", services=[SERVICE])
    answer = await asyncio.to_thread(ecs.describe_services, cluster=CLUSTER, services=["gone"])
    assert answer["failures"][0]["reason"] == "MISSING"


@pytest.mark.parametrize(
    ("what", "namespace", "name", "dimensions", "at_least"),
    [
        (Breakage.SLOW, "AWS/ECS", "CPUUtilization", WHOLE, 60),
        (Breakage.SLOW, "AWS/ECS", "MemoryUtilization", WHOLE, 75),
        (
            Breakage.DATABASE,
            "AWS/RDS",
            "CPUUtilization",
            [{"Name": "DBClusterIdentifier", "Value": DB_CLUSTER}],
            80,
        ),
        (
            Breakage.DATABASE,
            "AWS/RDS",
            "DatabaseConnections",
            [{"Name": "DBClusterIdentifier", "Value": DB_CLUSTER}],
            300,
        ),
    ],
)
async def test_a_break_is_seen_in_the_metrics_and_healing_too(
    world: SystemsProcess,
    what: Breakage,
    namespace: str,
    name: str,
    dimensions: list[dict[str, str]],
    at_least: float,
) -> None:
    await world.heal()
    assert max(await asyncio.to_thread(metric, world, namespace, name, dimensions)) < at_least
    await world.break_(what)
    assert max(await asyncio.to_thread(metric, world, namespace, name, dimensions)) >= at_least
    await world.heal()


async def test_dimensions_that_do_not_all_match_give_nothing_as_in_cloudwatch(world: SystemsProcess) -> None:
    assert await asyncio.to_thread(metric, world, "AWS/ECS", "CPUUtilization", WHOLE)
    assert await asyncio.to_thread(metric, world, "AWS/ECS", "CPUUtilization", WHOLE[1:]) == []


async def test_errors_spike_in_the_log_behind_an_empty_page(world: SystemsProcess) -> None:
    await world.heal()
    few, pages = await asyncio.to_thread(errors, world)
    assert pages > 1, "the first page is empty and has a token, as it may be"
    await world.break_(Breakage.ERRORS)
    many, _ = await asyncio.to_thread(errors, world)
    assert len(many) > 3 * len(few)
    assert all("ERROR" in each for each in many)
    await world.heal()


async def test_the_database_cluster_has_a_writer_and_a_reader(world: SystemsProcess) -> None:
    (cluster,) = (await asyncio.to_thread(client(world, "rds").describe_db_clusters))["DBClusters"]
    assert cluster["DBClusterIdentifier"] == DB_CLUSTER
    assert sorted(each["IsClusterWriter"] for each in cluster["DBClusterMembers"]) == [False, True]


@pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="NO REDIS: install redis-server, it is looked at here"
)
async def test_the_redis_throws_keys_out_while_an_endpoint_is_slow(world: SystemsProcess) -> None:
    told = world.environment
    assert world.notes == ()
    async with Redis(
        host=told["REDIS_HOST"],
        port=int(told["REDIS_PORT"]),
        password=told["REDIS_PASSWORD"],
        ssl=True,
        ssl_ca_certs=told["REDIS_CACERT"],
    ) as redis:
        await world.heal()
        assert (await redis.info("stats"))["evicted_keys"] == 0
        await world.break_(Breakage.SLOW)
        stats = await redis.info("stats")
        assert stats["evicted_keys"] > 0
        assert stats["keyspace_misses"] > 0
        await world.heal()
        assert (await redis.info("stats"))["evicted_keys"] == 0


def tasks(world: SystemsProcess, status: str) -> list[dict[str, Any]]:
    """The service's tasks that are to be so."""
    ecs = client(world, "ecs")
    arns = ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE, desiredStatus=status)["taskArns"]
    assert ecs.list_tasks(cluster=CLUSTER, serviceName="another", desiredStatus=status)["taskArns"] == []
    found: list[dict[str, Any]] = ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []
    return found


async def test_tasks_that_stopped_say_why_and_those_that_run_are_listed(world: SystemsProcess) -> None:
    await world.heal()
    assert len(await asyncio.to_thread(tasks, world, "RUNNING")) == 6
    assert await asyncio.to_thread(tasks, world, "STOPPED") == []
    await world.break_(Breakage.DEPLOYMENT)
    assert await asyncio.to_thread(tasks, world, "RUNNING") == []
    stopped = await asyncio.to_thread(tasks, world, "STOPPED")
    assert {each["stoppedReason"] for each in stopped} == {"Essential container in task exited"}
    assert [each["containers"][0]["exitCode"] for each in stopped] == [1, 1, 1]
    await world.heal()


def insights(world: SystemsProcess, query: str) -> tuple[list[dict[str, str]], dict[str, float]]:
    """The rows of a query over the last hour, and what it read."""
    logs, now = client(world, "logs"), datetime.now(UTC)
    started = logs.start_query(
        logGroupName=LOG_GROUP,
        startTime=int((now - timedelta(hours=1)).timestamp()),
        endTime=int(now.timestamp()),
        queryString=query,
    )
    answer = logs.get_query_results(queryId=started["queryId"])
    assert answer["status"] == "Complete"
    rows = [{each["field"]: each["value"] for each in row} for row in answer["results"]]
    return rows, answer["statistics"]


async def test_the_runbook_s_query_finds_the_slow_endpoint_and_says_what_it_read(
    world: SystemsProcess,
) -> None:
    runbooks = (
        "fields @timestamp, endpoint, duration | filter duration > 1000 | sort duration desc | limit 20"
    )
    await world.heal()
    rows, read = await asyncio.to_thread(insights, world, runbooks)
    assert rows == []
    assert read["bytesScanned"] > 10_000
    await world.break_(Breakage.SLOW)
    rows, _ = await asyncio.to_thread(insights, world, runbooks)
    assert len(rows) == 20
    assert {row["endpoint"] for row in rows} == {"/v1/trucks/search"}
    slowest = [float(row["duration"]) for row in rows]
    assert slowest == sorted(slowest, reverse=True) and slowest[-1] > 1000
    by_endpoint, _ = await asyncio.to_thread(
        insights, world, "stats pct(duration, 95) as p95 by endpoint | sort p95 desc"
    )
    assert by_endpoint[0]["endpoint"] == "/v1/trucks/search" and float(by_endpoint[1]["p95"]) < 1000
    await world.heal()


async def test_a_query_that_is_not_understood_is_refused_as_aws_does(world: SystemsProcess) -> None:
    with pytest.raises(ClientError, match="MalformedQueryException"):
        await asyncio.to_thread(insights, world, "frobnicate @message")
