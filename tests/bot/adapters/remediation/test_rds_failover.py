"""Failing a cluster over: every precondition, one call that is never repeated, and what is seen of it."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.adapters.embedded_postgres import PrivatePostgres
from bot.adapters.remediation import aws_calls, rds_failover, rds_preconditions
from bot.adapters.remediation.protocol import Task
from bot.domain.remediation_plan import Plan, explain_difference
from bot.ports.remediation import Refusal
from sandbox.monitored_systems.names import ACCOUNT, DB_CLUSTER, DB_READER, DB_WRITER, REGION
from tests.aws_tasks import build_aws_task, watch_sessions

KIND = "rds.failover"
CLUSTER_ARN = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{DB_CLUSTER}"


@pytest.fixture
def rds(cluster: str) -> Iterator[Any]:
    """moto's RDS with the cluster as it was at the start."""
    from moto.rds.models import rds_backends

    from sandbox.monitored_systems.aws import cloudwatch
    from sandbox.monitored_systems.aws import rds as rds_part
    from sandbox.monitored_systems.scenarios import Breakage, build_broken_scene

    for part in (rds_part, cloudwatch):
        part.show(build_broken_scene(Breakage.PAYMENTS))
    backend = rds_backends[ACCOUNT][REGION]
    yield backend
    for name in (DB_WRITER, DB_READER):
        backend.databases[name].status = "available"
        backend.databases[name].db_instance_class = "db.r6g.large"


def task(plan: Plan | None = None, /, **more: Any) -> Task:
    receipt = more.pop("receipt", {})
    began = more.pop("began", datetime.now(UTC))
    made = build_aws_task(KIND, plan, **{"cluster": DB_CLUSTER, **more})
    return replace(made, started_at=began.isoformat(), receipt=receipt)


def planned(**more: str) -> Plan:
    found = rds_failover.preview(task(None, **more))
    assert isinstance(found, Plan), found
    return found


def refused(**more: str) -> str:
    found = rds_failover.preview(task(None, **more))
    assert isinstance(found, Refusal), found
    return found.sentence


def calls() -> list[str]:
    from sandbox.monitored_systems.aws.failovers import STATE

    return STATE.calls


def test_every_precondition_is_a_line_and_it_is_strict(rds: Any) -> None:
    plan = planned()
    assert plan.title == f"Fail {DB_CLUSTER} over to {DB_READER}"
    assert plan.changes[0].now == DB_WRITER
    assert plan.strict == "it fails a database over"
    assert plan.measure == f"{DB_WRITER} writes"
    assert dict(plan.reverse) == {"cluster": DB_CLUSTER, "to": DB_WRITER, "region": REGION}
    for words in (
        "the cluster is available",
        f"{DB_READER} is available",
        "its class is db.r6g.large",
        "its lag was at most 0.0",
        "no failover in the last 30 min",
        "no secondary of a global database",
    ):
        assert any(words in line for line in plan.details), words
    assert "locks or slow queries" in plan.unchecked[0]


def test_it_is_called_once_with_that_right_and_watched_until_the_other_one_writes(
    rds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, asked, before = planned(), watch_sessions(monkeypatch), len(calls())
    began = datetime.now(UTC)
    assert rds_failover.observe(task(plan)).was_done is None, "nothing can be told yet"
    assert rds_failover.carry_out(task(plan)).is_accepted
    assert calls()[before:] == [DB_READER]
    (statement,) = json.loads(asked[0]["policy"])["Statement"]
    assert statement["Action"] == "rds:FailoverDBCluster"
    assert statement["Resource"] == [CLUSTER_ARN, f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{DB_READER}"]
    seen = rds_failover.observe(task(plan, began=began))
    assert (seen.was_done, seen.is_settled) == (True, False)
    assert "Started cross AZ failover" in seen.sentence
    assert "failing-over" in refused(), "a failover during a failover"
    until = time.monotonic() + 60
    while not seen.is_settled and time.monotonic() < until:
        seen = rds_failover.observe(task(plan, began=began))
    assert (seen.is_settled, seen.has_worked, seen.measure) == (True, True, f"{DB_READER} writes")
    assert f"{DB_READER} writes already" in refused(to=DB_READER), "to the current writer"
    assert "the last failover was at" in refused(), "too soon"
    assert calls()[before:] == [DB_READER]


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (
            lambda backend: setattr(backend.databases[DB_READER], "status", "rebooting"),
            f"{DB_READER} is rebooting",
        ),
        (
            lambda backend: setattr(backend.databases[DB_READER], "db_instance_class", "db.r6g.medium"),
            "its class is db.r6g.medium",
        ),
        (
            lambda backend: setattr(backend.databases[DB_READER], "db_instance_class", "db.t4g.large"),
            "unknown: its class is db.t4g.large",
        ),
        (
            lambda backend: setattr(backend.clusters[DB_CLUSTER], "status", "backing-up"),
            "the cluster is backing-up",
        ),
    ],
)
def test_what_is_not_met_or_unknown_blocks_it_and_is_named(rds: Any, break_it: Any, words: str) -> None:
    break_it(rds)
    try:
        assert words in refused()
    finally:
        rds.clusters[DB_CLUSTER].status = "available"


def test_a_replica_that_lags_blocks_it_and_no_measurement_does_too(
    rds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rds_preconditions, "MAX_LAG_S", 0.001)
    assert "its lag was at most 0." in refused()
    monkeypatch.setattr(
        rds_preconditions, "LAGS", {"aurora": ("NoSuchMetric", 1000.0), "": ("ReplicaLag", 1.0)}
    )
    assert "unknown: CloudWatch has no NoSuchMetric" in refused()


def test_the_secondary_of_a_global_database_is_never_failed_over(
    rds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"GlobalClusters": [{"GlobalClusterMembers": [{"DBClusterArn": CLUSTER_ARN, "IsWriter": False}]}]}
    asked = aws_calls.Reader.ask

    def ask(self: Any, service: str, operation: str, /, **more: Any) -> Any:
        return found if operation == "describe_global_clusters" else asked(self, service, operation, **more)

    monkeypatch.setattr(aws_calls.Reader, "ask", ask)
    assert "it is the secondary of a global database" in refused()
    found["GlobalClusters"][0]["GlobalClusterMembers"][0]["IsWriter"] = True
    assert planned()


def test_what_is_not_there_is_said(rds: Any) -> None:
    assert "There is no RDS cluster nobody" in refused(cluster="nobody")
    assert f"{DB_CLUSTER} has no instance elsewhere" in refused(to="elsewhere")
    assert "names no RDS cluster" in refused(cluster="")


def test_a_writer_that_moved_after_the_approval_voids_it(rds: Any) -> None:
    plan = planned()
    moved = replace(plan, fingerprint={**plan.fingerprint, "writer": DB_READER})
    assert explain_difference(plan, moved) == f"writer is {DB_READER} now, it was {DB_WRITER}"


def test_a_lost_answer_is_looked_for_by_the_writer_and_the_events_and_never_repeated(rds: Any) -> None:
    plan, before = planned(), len(calls())
    long_ago = datetime.now(UTC) - timedelta(minutes=6)
    assert rds_failover.observe(task(plan)).was_done is None
    assert rds_failover.observe(task(plan, began=long_ago)).was_done is False
    taken = {"answer": "accepted"}
    waiting = rds_failover.observe(task(plan, receipt=taken))
    assert (waiting.was_done, waiting.is_settled) == (True, False)
    in_vain = rds_failover.observe(task(plan, began=long_ago, receipt=taken))
    assert (in_vain.is_settled, in_vain.has_worked) == (True, False)
    assert calls()[before:] == []


def test_aws_refuses_what_is_in_another_state_and_that_is_no_failover(rds: Any) -> None:
    plan = planned()
    rds.clusters[DB_CLUSTER].status = "backing-up"
    try:
        receipt = rds_failover.carry_out(task(plan))
    finally:
        rds.clusters[DB_CLUSTER].status = "available"
    assert receipt.is_accepted is False
    assert "InvalidDBClusterStateFault" in receipt.sentence


def test_locks_speak_against_it(rds: Any, postgres: PrivatePostgres) -> None:
    asked = task()
    keys = {**asked.keys, "monitored_database_url": postgres.conninfo()}
    found = rds_failover.preview(replace(asked, keys=keys))
    assert isinstance(found, Plan)
    assert (found.unchecked, found.against) == ((), ())


@pytest.mark.parametrize(
    ("writer", "target", "fits"),
    [
        ("db.r6g.large", "db.r6g.large", True),
        ("db.r6g.large", "db.r6g.2xlarge", True),
        ("db.r6g.4xlarge", "db.r6g.2xlarge", False),
        ("db.r6g.xlarge", "db.r6g.large", False),
        ("db.r6g.large", "db.r7g.large", None),
        ("db.serverless", "db.serverless", True),
        ("", "", None),
    ],
)
def test_a_smaller_class_is_known_and_another_family_is_unknown(
    writer: str, target: str, fits: bool | None
) -> None:
    assert rds_preconditions._fits(writer, target) is fits
