"""ECS, RDS and whatever else of AWS, asked in the broken world as the runbook's commands do."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from bot.command_parsers import ParseContext, classify_command
from bot.domain.check_request import CheckRequest
from bot.domain.finding import Inconclusive, UnknownCause
from diagnostics.clients.aws import AwsClients
from diagnostics.systems.any_aws import AnyAws
from diagnostics.systems.ecs import Ecs
from diagnostics.systems.rds import Rds
from sandbox.monitored_systems import Breakage, SystemsProcess
from sandbox.monitored_systems.names import CLUSTER, DB_CLUSTER, SERVICE

pytestmark = pytest.mark.asyncio(loop_scope="module")

STATUS = f"""aws ecs describe-services --cluster {CLUSTER} --services {SERVICE} \\
  --query 'services[0].[serviceName,runningCount,desiredCount,status]'"""
DEPLOYMENTS = f"""aws ecs describe-services --cluster {CLUSTER} --services {SERVICE} \\
  --query 'services[0].deployments'"""


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
    await made.warm(["ecs", "rds"])
    yield made
    made.close()


def question(command: str) -> CheckRequest:
    """As the runbook types it, of an incident that begins now."""
    now = datetime.now(UTC)
    (action,) = classify_command(command, "bash", ParseContext(now)).actions
    return CheckRequest(command, action, now, began=now, command=command)


def soon(seconds: float = 30.0) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_the_service_runs_and_its_deployment_is_through(world: SystemsProcess, aws: AwsClients) -> None:
    await world.heal()
    found = await Ecs(aws).run(question(STATUS), soon())
    assert (found.verdict, found.measure) == ("ok", "6/6")
    assert found.headline == f"{SERVICE}: 6 of 6 tasks running, the last deployment completed."
    assert found.command == STATUS
    deployed = await Ecs(aws).run(question(DEPLOYMENTS), soon())
    assert (deployed.verdict, deployed.measure) == ("ok", f"{SERVICE}:41 COMPLETED")


async def test_a_failed_deployment_is_bad_with_what_it_changed_and_why_its_tasks_stopped(
    world: SystemsProcess, aws: AwsClients
) -> None:
    await world.break_(Breakage.DEPLOYMENT)
    found = await Ecs(aws).run(question(STATUS), soon())
    assert (found.verdict, found.measure) == ("bad", "0/6")
    assert "0 of 6 tasks running; nothing is serving." in found.headline
    assert found.table is not None
    rows = {(row[0], row[2]) for row in found.table.rows}
    assert ("changed", "backend: image rodistaa-backend:v2.14.0 → rodistaa-backend:v2.15.0") in rows
    assert ("stopped", "Essential container in task exited (exit 1)") in rows
    assert "Mango-Lassi" not in str(found)
    deployed = await Ecs(aws).run(question(DEPLOYMENTS), soon())
    assert deployed.verdict == "bad"
    assert f"{SERVICE}:42 was deployed 10 min before the incident began, FAILED (" in deployed.headline
    assert f"{SERVICE}:42 deployed" in [name for _, name in deployed.marks]


async def test_errors_since_a_deployment_make_that_deployment_suspicious(
    world: SystemsProcess, aws: AwsClients
) -> None:
    await world.break_(Breakage.ERRORS)
    found = await Ecs(aws).run(question(DEPLOYMENTS), soon())
    assert found.verdict == "warn"
    assert (
        "was deployed 17 min before the incident began, COMPLETED; 6 of 6 tasks running. backend: image"
        in found.headline
    )


async def test_what_is_not_there_is_unknown(world: SystemsProcess, aws: AwsClients) -> None:
    found = await Ecs(aws).run(question(STATUS.replace(SERVICE, "gone")), soon())
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.NOT_FOUND)
    with pytest.raises(Inconclusive) as caught:
        await Ecs(aws).run(question(STATUS.replace(CLUSTER, "nowhere")), soon())
    assert caught.value.cause is UnknownCause.NOT_FOUND
    assert "Cluster not found" in caught.value.said


async def test_the_database_cluster_is_available_with_a_writer_and_a_reader(
    world: SystemsProcess, aws: AwsClients
) -> None:
    command = f"""aws rds describe-db-clusters --db-cluster-identifier {DB_CLUSTER} \\
      --query 'DBClusters[0].[Status,Endpoint]'"""
    found = await Rds(aws).run(question(command), soon())
    assert (found.verdict, found.measure) == ("ok", "available 2/2"), found
    assert found.headline == f"{DB_CLUSTER} is available: 1 writer, 1 reader."
    assert found.table is not None
    assert "event" in [row[1] for row in found.table.rows]
    with pytest.raises(Inconclusive) as caught:
        await Rds(aws).run(question(command.replace(DB_CLUSTER, "gone")), soon())
    assert caught.value.cause is UnknownCause.NOT_FOUND


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "aws elbv2 describe-target-groups --query 'TargetGroups[].[TargetGroupName,HealthCheckPath]'",
            "gave 1 row;",
        ),
        (f"aws ecs list-tasks --cluster {CLUSTER} --query taskArns", "list-tasks gave 6 values;"),
        ("aws cloudwatch describe-alarms --state-value ALARM", "describe-alarms gave nothing"),
        ("aws elbv2 describe-load-balancers | grep -c LoadBalancerArn", "gave 1 line;"),
    ],
)
async def test_what_has_no_rule_is_shown_and_never_well(
    world: SystemsProcess, aws: AwsClients, command: str, said: str
) -> None:
    await world.heal()
    found = await AnyAws(aws).run(question(command), soon())
    assert (found.verdict, said in found.headline) == ("unknown", True), found.headline
