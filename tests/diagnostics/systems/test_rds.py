"""What is said of databases of RDS, row by row, and what moto's server makes of the reading."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Action, AwsCall
from diagnostics.clients.aws import AwsClients
from diagnostics.systems.rds import Rds, interpret, parse_clusters, parse_instances
from diagnostics.systems.rds.rules import DOWN, FINE
from tests.diagnostics.answering_aws import AnsweringAws, Reply, xml_error

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
REGION, ACCOUNT = "ap-south-1", "123456789012"
TWO = (("main-1", True), ("main-2", False))


def cluster(status: str = "available", members: Any = TWO, **more: Any) -> dict[str, Any]:
    told = [{"DBInstanceIdentifier": name, "IsClusterWriter": writer} for name, writer in members]
    return {
        "DBClusterIdentifier": "main",
        "Status": status,
        "MultiAZ": True,
        "DBClusterMembers": told,
        **more,
    }


def instance(name: str, status: str = "available", **more: Any) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceStatus": status,
        "DBInstanceClass": "db.r6g.large",
        **more,
    }


BOTH = [instance("main-1"), instance("main-2")]
STOPPED: dict[str, Any] = {
    "StatusInfos": [{"StatusType": "read replication", "Normal": False, "Status": "error", "Message": "lag"}]
}

CLUSTERS: list[tuple[str, dict[str, Any], list[dict[str, Any]], str, str, str]] = [
    ("all well", cluster(), BOTH, "ok", "main is available: 1 writer, 1 reader.", "available 2/2"),
    ("a backup", cluster("backing-up"), BOTH, "ok", "main is backing-up: 1 writer", "backing-up 2/2"),
    ("alone", cluster(members=TWO[:1]), BOTH[:1], "ok", "1 writer, 0 readers, none to fail over to.", "available 1/1"),
    ("failing over", cluster("failing-over"), BOTH, "bad", "main is failing-over.", "failing-over 2/2"),
    ("stopped", cluster("stopped"), BOTH, "bad", "main is stopped.", "stopped"),
    ("no key", cluster("inaccessible-encryption-credentials"), BOTH, "bad", "inaccessible-encryption", "inaccessible"),
    ("maintenance", cluster("maintenance"), BOTH, "warn", "main is maintenance (1 writer, 1 reader).", "maintenance"),
    ("an upgrade", cluster("upgrading"), BOTH, "warn", "main is upgrading", "upgrading"),
    ("a word that is new", cluster("hibernating"), BOTH, "warn", "main is hibernating", "hibernating"),
    ("no instance", cluster(members=()), [], "bad", "has no instance: nothing answers", "available"),
    ("no writer", cluster(members=(("main-1", False), ("main-2", False))), BOTH, "bad",
     "none of its 2 instances is the writer", "available 2/2"),
    ("a secondary has no writer", cluster(members=(("main-1", False),), GlobalWriteForwardingStatus="disabled"),
     BOTH[:1],
     "ok", "follows another cluster", "available 1/1"),
    ("the writer is full", cluster(), [instance("main-1", "storage-full"), BOTH[1]], "bad",
     "its writer main-1 is storage-full", "available 1/2"),
    ("the writer restarts", cluster(), [instance("main-1", "rebooting"), BOTH[1]], "bad", "is rebooting",
     "available 1/2"),
    ("the writer is modified", cluster(), [instance("main-1", "modifying"), BOTH[1]], "warn",
     "its writer main-1 is modifying", "available 1/2"),
    ("a reader is down", cluster(), [BOTH[0], instance("main-2", "failed")], "warn",
     "its reader main-2 is failed: none to fail over to.", "available 1/2"),
    ("no reader is well", cluster(members=(*TWO, ("main-3", False))), [BOTH[0], instance("main-2", "failed"),
     instance("main-3", "rebooting")], "warn", "its reader main-2 is failed: none to fail over to.", "available 1/3"),
    ("one of two readers is well", cluster(members=(*TWO, ("main-3", False))), [*BOTH, instance("main-3", "failed")],
     "warn", "its reader main-3 is failed.", "available 2/3"),
    ("instances not read", cluster(), [], "warn", "the state of 2 of 2 instances could not be read",
     "available"),
    ("an instance that is not told of", cluster(), BOTH[:1], "warn", "the state of 1 of 2 instances", "available"),
    ("serverless, first version", cluster(members=(), EngineMode="serverless"), [], "ok", "available (serverless)", ""),
    ("serverless, stopped", cluster("stopped", members=(), EngineMode="serverless"), [], "bad", "main is stopped", ""),
    ("a reader does not follow", cluster(), [BOTH[0], instance("main-2", **STOPPED)], "warn",
     "main-2: read replication error: lag.", "available 2/2"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "given", "members", "verdict", "said", "measure"),
    CLUSTERS,
    ids=[cluster[0] for cluster in CLUSTERS],
)
def test_a_cluster(
    what: str, given: dict[str, Any], members: list[dict[str, Any]], verdict: str, said: str, measure: str
) -> None:
    found = interpret(parse_clusters({"DBClusters": [given]}, members), NOW)
    assert (found.verdict, said in found.headline) == (verdict, True), found.headline
    assert found.measure.startswith(measure)
    assert (found.next_look == "") == (verdict == "ok")


INSTANCES: list[tuple[str, dict[str, Any], str, str]] = [
    ("with a standby", instance("db", MultiAZ=True), "ok", "db is available (in more than one zone)."),
    ("alone", instance("db"), "ok", "db is available (in one zone, no standby)."),
    ("full", instance("db", "storage-full"), "bad", "db is storage-full"),
    ("stopped", instance("db", "stopped"), "bad", "db is stopped"),
    ("wrong parameters", instance("db", "incompatible-parameters"), "bad", "incompatible-parameters"),
    ("storage is optimised", instance("db", "storage-optimization"), "warn", "storage-optimization"),
    ("changed", instance("db", "modifying"), "warn", "db is modifying"),
    ("a backup", instance("db", "backing-up"), "ok", "db is backing-up"),
    ("a replica that stopped", instance("db", ReadReplicaSourceDBInstanceIdentifier="main", **STOPPED), "warn",
     "read replication error: lag"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "given", "verdict", "said"), INSTANCES, ids=[instance[0] for instance in INSTANCES]
)
def test_an_instance(what: str, given: dict[str, Any], verdict: str, said: str) -> None:
    found = interpret(parse_instances({"DBInstances": [given]}), NOW)
    assert (found.verdict, said in found.headline) == (verdict, True), found.headline
    assert found.measure == given["DBInstanceStatus"]


def event(source: str, text: str, ago: int, *categories: str) -> dict[str, Any]:
    at = NOW - timedelta(minutes=ago)
    return {"SourceIdentifier": source, "Message": text, "Date": at, "EventCategories": list(categories)}


EVENTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("a failover", event("main", "Completed failover to DB instance: main-2", 6, "failover"), "warn",
     "6 min ago: main: Completed failover to DB instance: main-2"),
    ("a restart", event("main-1", "DB instance restarted", 9, "availability"), "warn",
     "9 min ago: main-1: DB instance"),
    ("little storage", event("main-1", "The free storage capacity is low", 3, "low storage"), "warn", "free storage"),
    ("a failure", event("main-1", "It failed; password=hunter2", 3, "failure"), "warn", "password=[secret]"),
    ("a recovery", event("main-1", "Recovery of the DB instance is complete", 3, "recovery"), "warn", "Recovery"),
    ("a failover, by a clock that goes before ours", event("main", "Completed failover", -1, "failover"), "warn",
     "0 min ago: main: Completed failover"),
    ("a backup", event("main-1", "Backing up DB instance", 3, "backup"), "ok", "main is available"),
    ("a failover, long ago", event("main", "Completed failover", 90, "failover"), "ok", "main is available"),
    ("of another database", event("other", "Completed failover", 3, "failover"), "ok", "main is available"),
    ("without categories", event("main", "Something", 3), "ok", "main is available"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "given", "verdict", "said"), EVENTS, ids=[event[0] for event in EVENTS])
def test_what_happened_lately(what: str, given: dict[str, Any], verdict: str, said: str) -> None:
    found = interpret(parse_clusters({"DBClusters": [cluster()]}, BOTH, [given]), NOW)
    assert (found.verdict, said in found.headline) == (verdict, True), found.headline
    assert len(found.marks) == ("failover" in given["EventCategories"])
    assert "hunter2" not in str(found)


def test_no_word_of_status_is_both_fine_and_down() -> None:
    assert frozenset() == FINE & DOWN


def test_the_worst_of_several_is_the_headline_and_an_empty_answer_is_unknown() -> None:
    other = {**cluster("stopped"), "DBClusterIdentifier": "other"}
    assert (
        interpret(parse_clusters({"DBClusters": [cluster(), other]}, BOTH), NOW).headline
        == "other is stopped."
    )
    for empty in (parse_clusters({}), parse_instances({}), parse_clusters({"DBClusters": []})):
        assert (interpret(empty, NOW).verdict, interpret(empty, NOW).cause) == (
            "unknown",
            UnknownCause.NOT_FOUND,
        )


@pytest.mark.parametrize("given", [{}, {"DBClusterIdentifier": "main"}, {"Status": "available"}])
def test_a_cluster_without_name_or_status_is_not_understood(given: dict[str, Any]) -> None:
    with pytest.raises(Inconclusive) as caught:
        parse_clusters({"DBClusters": [given]})
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


def test_changes_that_wait_are_named_without_their_values() -> None:
    waits = instance(
        "main-1",
        PendingModifiedValues={"MasterUserPassword": "hunter2", "DBInstanceClass": "db.r6g.xlarge"},
        DBParameterGroups=[{"ParameterApplyStatus": "pending-reboot"}],
    )
    found = interpret(parse_clusters({"DBClusters": [cluster()]}, [waits, BOTH[1]]), NOW)
    assert found.table is not None
    assert "waits: DBInstanceClass, MasterUserPassword, parameters (restart)" in found.table.rows[1][2]
    assert "hunter2" not in str(found)


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cluster with a writer and a reader in moto's server; what moto knows of them, to change. It is imported
    when it is needed: every worker that collects tests would wait for it."""
    from moto.rds.models import rds_backends
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in (
        ("AWS_ENDPOINT_URL", f"http://{host}:{port}"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_DEFAULT_REGION", REGION),
    ):
        monkeypatch.setenv(name, value)
    client = boto3.client("rds")
    client.create_db_cluster(
        DBClusterIdentifier="main",
        Engine="aurora-postgresql",
        MasterUsername="admin",
        MasterUserPassword="hunter2hunter2",
    )
    for name in ("main-1", "main-2"):
        client.create_db_instance(
            DBInstanceIdentifier=name,
            DBClusterIdentifier="main",
            DBInstanceClass="db.r6g.large",
            Engine="aurora-postgresql",
        )
    backend = rds_backends[ACCOUNT][REGION]
    backend.clusters["main"].status = "available"
    yield backend
    backend.reset()
    server.stop()


async def look(operation: str = "DescribeDBClusters", **parameters: Any) -> Finding:
    aws = AwsClients()
    try:
        call = AwsCall("rds", operation, parameters, query="DBClusters[0].[Status,Endpoint]", pages=True)
        question = CheckRequest("Check", Action("rds.describe_db_clusters", call), datetime.now(UTC))
        return await Rds(aws).run(question, asyncio.get_running_loop().time() + 20)
    finally:
        aws.close()


async def test_a_cluster_is_read_with_its_instances_and_events(moto: Any) -> None:
    from moto.rds.models import Event

    found = await look(DBClusterIdentifier="main")
    assert (found.verdict, found.measure) == ("ok", "available 2/2"), found
    assert found.link == (
        f"https://{REGION}.console.aws.amazon.com/rds/home?region={REGION}#database:id=main;is-cluster=true"
    )
    moto.databases["main-1"].status = "storage-full"
    found = await look(DBClusterIdentifier="main")
    assert (found.verdict, "writer main-1 is storage-full" in found.headline) == ("bad", True), found.headline
    moto.databases["main-1"].status = "available"
    happened = Event("DB_INSTANCE_BACKUP_START", moto.databases["main-1"])
    happened.message, happened.event_categories = "DB instance restarted", ["availability"]
    moto.events.append(happened)
    found = await look(DBClusterIdentifier="main")
    assert (found.verdict, "main-1: DB instance restarted" in found.headline) == ("warn", True), (
        found.headline
    )
    moto.clusters["main"].status = "failing-over"
    found = await look()
    assert (found.verdict, found.headline) == ("bad", "main is failing-over.")


async def test_an_instance_is_read(moto: Any) -> None:
    found = await look("DescribeDBInstances", DBInstanceIdentifier="main-1")
    assert (found.verdict, found.measure) == ("ok", "available")
    assert "is-cluster=false" in found.link


async def test_a_cluster_that_is_not_there_is_unknown(moto: Any) -> None:
    with pytest.raises(Inconclusive) as caught:
        await look(DBClusterIdentifier="gone")
    assert caught.value.cause is UnknownCause.NOT_FOUND
    assert "gone" in caught.value.said


async def test_instances_and_events_that_may_not_be_read_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto cannot refuse one operation and grant another."""
    members = "<DBClusterMember><DBInstanceIdentifier>main-1</DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter></DBClusterMember>"  # noqa: E501
    told = (
        "<DescribeDBClustersResponse xmlns='http://rds.amazonaws.com/doc/2014-10-31/'><DescribeDBClustersResult><DBClusters>"
        f"<DBCluster><DBClusterIdentifier>main</DBClusterIdentifier><Status>available</Status><DBClusterMembers>{members}"
        "</DBClusterMembers></DBCluster></DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>"
    )
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_DEFAULT_REGION", REGION),
    ):
        monkeypatch.setenv(name, value)
    async with AnsweringAws().served() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.address)
        server.replies = lambda _, body: (
            Reply(told.encode(), kind="text/xml")
            if b"DescribeDBClusters" in body
            else xml_error("AccessDenied", "no", 403)
        )
        found = await look(DBClusterIdentifier="main")
    assert (found.verdict, found.measure) == ("warn", "available")
    assert "the state of 1 of 1 instances could not be read" in found.headline
    assert found.table is not None
    assert [row[2] for row in found.table.rows if row[0] == "not read"] == [
        "events: AWS denies rds:DescribeEvents.",
        "the instances: AWS denies rds:DescribeDBInstances.",
    ]
