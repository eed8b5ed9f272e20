"""What is said of an ECS service, row by row."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from diagnostics.ecs import interpret, snapshot
from diagnostics.finding import Cause

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def deployment(
    state: str = "COMPLETED", *, status: str = "PRIMARY", failed: int = 0, age: timedelta = DAY
) -> dict[str, Any]:
    return {
        "id": "ecs-svc/1",
        "status": status,
        "rolloutState": state,
        "desiredCount": 6,
        "runningCount": 6,
        "failedTasks": failed,
        "taskDefinition": "arn:aws:ecs:ap-south-1:123456789012:task-definition/backend:42",
        "createdAt": NOW - age,
    }


def service(running: int = 6, desired: int = 6, *deployments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "serviceName": "backend",
        "status": "ACTIVE",
        "desiredCount": desired,
        "runningCount": running,
        "deployments": list(deployments or (deployment(),)),
        **more,
    }


def event(text: str, age: timedelta = timedelta(minutes=2)) -> dict[str, Any]:
    return {"events": [{"createdAt": NOW - age, "message": text}]}


ROWS: list[tuple[str, dict[str, Any], str, str]] = [
    ("all run", service(), "ok", "backend: 6 of 6 tasks run, the last deployment is through."),
    ("nothing runs", service(0), "bad", "0 of 6 tasks run: nothing serves."),
    ("some are missing", service(4), "bad", "4 of 6 tasks run, and no deployment is under way"),
    ("some are missing, one deploys", service(4, 6, deployment("IN_PROGRESS")), "warn", "a deployment is in progress"),
    ("a deployment failed", service(6, 6, deployment("FAILED")), "bad", "the deployment of backend:42 FAILED"),
    ("tasks fail to start", service(6, 6, deployment("IN_PROGRESS", failed=3)), "bad", "3 tasks of backend:42 failed"),
    ("an older deployment failed", service(6, 6, deployment(), deployment("FAILED", status="ACTIVE")), "bad", "FAILED"),
    ("no room", service(6, 6, **event("(service backend) was unable to place a task")), "bad", "ECS says: (service"),
    ("no room, long ago", service(6, 6, **event("was unable to place a task", DAY)), "ok", "6 of 6"),
    ("nothing is wanted", service(0, 0), "warn", "no task is wanted"),
    ("it is being deleted", service(6, 6, status="DRAINING"), "bad", "the service is DRAINING"),
    ("deployed just before", service(6, 6, deployment(age=timedelta(minutes=20))), "warn", "deployed 10 min before"),
    ("deployed since", service(6, 6, deployment(age=timedelta(minutes=4))), "warn", "6 min after the incident"),
    ("nothing runs since a deployment", service(0, 6, deployment("IN_PROGRESS", age=timedelta(minutes=15))), "bad",
     "nothing serves. backend:42 was deployed 5 min before the incident began."),
]  # fmt: skip


@pytest.mark.parametrize(("what", "given", "verdict", "said"), ROWS, ids=[each[0] for each in ROWS])
def test_a_service(what: str, given: dict[str, Any], verdict: str, said: str) -> None:
    found = interpret(snapshot("production", {"services": [given]}), NOW, NOW - timedelta(minutes=10))
    assert found.verdict == verdict
    assert said in found.headline
    assert (found.next_look == "") == (verdict == "ok")


def test_a_service_that_is_not_there_is_unknown_and_never_healthy() -> None:
    answer = {
        "services": [],
        "failures": [{"arn": "arn:aws:ecs:x:1:service/production/backend", "reason": "MISSING"}],
    }
    found = interpret(snapshot("production", answer), NOW)
    assert (found.verdict, found.cause) == ("unknown", Cause.NOT_FOUND)
    assert "backend is not there in the cluster production" in found.headline
    assert interpret(snapshot("production", {}), NOW).verdict == "unknown"


def test_one_of_two_that_is_not_there_is_said_beside_the_other() -> None:
    failures = [{"arn": "x/worker", "reason": "MISSING"}]
    found = interpret(snapshot("production", {"services": [service()], "failures": failures}), NOW)
    assert found.verdict == "warn"
    assert "Not there: worker." in found.headline


def test_the_worst_of_several_services_is_the_headline() -> None:
    given = {"services": [service(), {**service(0), "serviceName": "worker"}]}
    found = interpret(snapshot("production", given), NOW)
    assert found.headline.startswith("worker: 0 of 6")
    assert found.table is not None
    assert [row[0] for row in found.table.rows] == ["backend", "worker"]


def test_why_tasks_stopped_is_counted_redacted_and_leads_on() -> None:
    tasks = [{"stoppedReason": "OutOfMemoryError: container killed, password=hunter2"}] * 3 + [
        {"stoppedReason": "Scaling"}
    ]
    found = interpret(snapshot("production", {"services": [service(4)]}, tasks), NOW)
    assert found.table is not None
    stopped = [row for row in found.table.rows if row[0] == "stopped"]
    assert stopped[0][1] == "3×"
    assert "hunter2" not in str(found)
    assert "memory" in found.next_look
