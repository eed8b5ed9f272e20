"""What is said of an ECS service, row by row."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.check_request import CheckRequest
from bot.domain.finding import Finding, Inconclusive, UnknownCause
from bot.domain.playbook import Action, AwsCall
from diagnostics.clients.aws import AwsClients
from diagnostics.systems.ecs import (
    Ecs,
    build_snapshot,
    compare_task_revisions,
    interpret,
    parse_task_revision,
)
from tests.diagnostics.answering_aws import AnsweringAws, Reply, answer, error

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


STEADY = "has reached a steady state."


def events(*told: tuple[str, int]) -> dict[str, Any]:
    """Texts and how many minutes ago."""
    return {
        "events": [
            {"createdAt": NOW - timedelta(minutes=ago), "message": f"(service backend) {text}"}
            for text, ago in told
        ]
    }


ROWS: list[tuple[str, dict[str, Any], str, str]] = [
    ("all run", service(), "ok", "backend: 6 of 6 tasks running, the last deployment completed."),
    ("nothing runs", service(0), "bad", "0 of 6 tasks running; nothing is serving."),
    ("some are missing", service(4), "bad", "4 of 6 tasks running, and no deployment is under way"),
    ("some are missing, one deploys", service(4, 6, deployment("IN_PROGRESS", age=timedelta(minutes=8))), "warn",
     "a deployment is in progress"),
    ("a deployment failed", service(6, 6, deployment("FAILED")), "bad", "the deployment of backend:42 FAILED"),
    ("tasks fail to start", service(6, 6, deployment("IN_PROGRESS", failed=3)), "bad", "3 tasks of backend:42 failed"),
    ("an older deployment failed", service(6, 6, deployment(), deployment("FAILED", status="ACTIVE")), "bad", "FAILED"),
    ("no room", service(6, 6, **event("(service backend) was unable to place a task")), "bad", "ECS says: was"),
    ("no room, long ago", service(6, 6, **event("was unable to place a task", DAY)), "ok", "6 of 6"),
    ("nothing is wanted", service(0, 0), "bad", "desired count is 0"),
    ("it is being deleted", service(6, 6, status="DRAINING"), "bad", "the service is DRAINING"),
    ("deployed just before", service(6, 6, deployment(age=timedelta(minutes=20))), "warn", "deployed 10 min before"),
    ("deployed since", service(6, 6, deployment(age=timedelta(minutes=4))), "warn", "6 min after the incident"),
    ("steady since the trouble", service(6, 6, **events((STEADY, 2), ("was unable to place a task", 9))), "warn",
     "6 of 6 tasks running again; 9 min ago ECS said: was unable"),
    ("trouble since it was steady", service(6, 6, **events(("deployment failed: x", 2), (STEADY, 9))), "bad",
     "ECS says"),
    ("two deployments without a state", service(6, 6, deployment("", age=timedelta(minutes=8)),
     deployment("", status="ACTIVE")), "warn",
     "a deployment is in progress"),
    ("one deployment without a state", service(6, 6, deployment("")), "ok",
     "6 of 6 tasks running, nothing is being deployed."),
    ("no deployment told of", service(deployments=[]), "ok", "6 of 6 tasks running; ECS tells of no deployment."),
    ("by CodeDeploy", service(deployments=[], taskSets=[{**deployment("", age=timedelta(minutes=20))}]), "warn",
     "backend:42 was deployed 10 min before"),
    ("more than wanted", service(8, 6), "ok", "8 of 6 tasks running"),
    ("more are being started", service(6, 8, pendingCount=2), "warn",
     "6 of 8 tasks running, 2 more are being started."),
    ("fewer are being started than are missing", service(5, 8, pendingCount=2), "bad",
     "5 of 8 tasks running, and no depl"),
    ("most are only being started", service(2, 8, pendingCount=6), "bad", "2 of 8 tasks running, and no deployment"),
    ("no room, by a clock that goes before ours", service(6, 6, **events(("was unable to place a task", -2))), "bad",
     "ECS says"),
    ("deployed by a clock that goes before ours", service(6, 6, deployment(age=timedelta(minutes=-1))), "warn",
     "11 min after the incident"),
    ("a deployment that does not get through", service(4, 6, deployment("IN_PROGRESS", age=timedelta(minutes=47))),
     "bad", "4 of 6 tasks running; a deployment has been in progress for 47 min (limit 30 min)."),
    ("a long deployment with all tasks", service(6, 6, deployment("IN_PROGRESS", age=timedelta(minutes=47))), "warn",
     "has been in progress for 47 min (limit 30 min)"),
    ("nothing runs since a deployment", service(0, 6, deployment("IN_PROGRESS", age=timedelta(minutes=15))), "bad",
     "nothing is serving. backend:42 was deployed 5 min before the incident began."),
]  # fmt: skip


@pytest.mark.parametrize(("what", "given", "verdict", "said"), ROWS, ids=[row[0] for row in ROWS])
def test_a_service(what: str, given: dict[str, Any], verdict: str, said: str) -> None:
    found = interpret(build_snapshot("production", {"services": [given]}), NOW, NOW - timedelta(minutes=10))
    assert found.verdict == verdict
    assert said in found.headline
    assert (found.next_look == "") == (verdict == "ok")


def test_a_service_that_is_not_there_is_unknown_and_never_healthy() -> None:
    answer = {
        "services": [],
        "failures": [{"arn": "arn:aws:ecs:x:1:service/production/backend", "reason": "MISSING"}],
    }
    found = interpret(build_snapshot("production", answer), NOW)
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.NOT_FOUND)
    assert "backend is not there in the cluster production" in found.headline
    assert interpret(build_snapshot("production", {}), NOW).verdict == "unknown"


def test_one_of_two_that_is_not_there_is_said_beside_the_other() -> None:
    failures = [{"arn": "x/worker", "reason": "MISSING"}]
    found = interpret(build_snapshot("production", {"services": [service()], "failures": failures}), NOW)
    assert found.verdict == "warn"
    assert "Not there: worker." in found.headline


def test_the_worst_of_several_services_is_the_headline() -> None:
    given = {"services": [service(), {**service(0), "serviceName": "worker"}]}
    found = interpret(build_snapshot("production", given), NOW)
    assert found.headline.startswith("worker: 0 of 6")
    assert found.table is not None
    assert [row[0] for row in found.table.rows] == ["backend", "worker"]


def test_why_tasks_stopped_is_counted_redacted_and_leads_on() -> None:
    tasks = [{"stoppedReason": "OutOfMemoryError: container killed, password=hunter2"}] * 3 + [
        {"stoppedReason": "Scaling"}
    ]
    found = interpret(build_snapshot("production", {"services": [service(4)]}, tasks), NOW)
    assert found.table is not None
    assert found.measure == "4/6"
    stopped = [row for row in found.table.rows if row[0] == "stopped"]
    assert stopped[0][1] == "3×"
    assert "hunter2" not in str(found)
    assert "memory" in found.next_look


def stop(code: str, words: str, ago: int = 5, **container: Any) -> dict[str, Any]:
    return {
        "stopCode": code,
        "stoppedReason": words,
        "stoppedAt": NOW - timedelta(minutes=ago),
        "group": "service:backend",
        "containers": [{"name": "backend", **container}],
    }


@pytest.mark.parametrize(
    ("task", "verdict", "said"),
    [
        (stop("EssentialContainerExited", "Essential container in task exited", exitCode=1), "warn",
         "but 1 task failed in the last 30 min: Essential container in task exited (exit 1)."),
        (stop("EssentialContainerExited", "Essential container in task exited", exitCode=137,
              reason="OutOfMemoryError: Container killed due to memory usage"), "warn", "exit 137: OutOfMemoryError"),
        (stop("OutOfMemoryError", "OutOfMemoryError: Container killed due to memory usage", exitCode=137,
              reason="OutOfMemoryError: Container killed due to memory usage"), "warn",
         "last 30 min: OutOfMemoryError: Container killed due to memory usage (exit 137)."),
        (stop("TaskFailedToStart", "CannotPullContainerError: no such tag"), "warn", "CannotPullContainerError"),
        (stop("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group x)"), "warn", "ELB health"),
        (stop("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)"), "ok", "6 of 6"),
        (stop("SpotInterruption", "Your Spot Task was interrupted."), "warn", "Your Spot Task was interrupted."),
        (stop("UserInitiated", "Stopped by somebody"), "ok", "6 of 6"),
        (stop("EssentialContainerExited", "Essential container in task exited", 45, exitCode=1), "ok", "6 of 6"),
        ({**stop("EssentialContainerExited", "exited", exitCode=1), "group": "service:worker"}, "ok", "6 of 6"),
        (stop("EssentialContainerExited", "exited", -1, exitCode=1), "warn", "exited (exit 1)"),
    ],
)  # fmt: skip
def test_tasks_that_keep_failing_are_told_though_all_run_now(
    task: dict[str, Any], verdict: str, said: str
) -> None:
    found = interpret(build_snapshot("production", {"services": [service()]}, [task]), NOW)
    assert (found.verdict, said in found.headline) == (verdict, True), found.headline
    assert ".." not in found.headline


OOM = stop("EssentialContainerExited", "Essential container in task exited", exitCode=137,
           reason="OutOfMemoryError: Container killed due to memory usage")  # fmt: skip
PULL = stop("TaskFailedToStart", "CannotPullContainerError: pull image manifest: no such tag v2.15")
SCALED = stop("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)")
LOSING = deployment("IN_PROGRESS", failed=9, age=timedelta(minutes=12))


@pytest.mark.parametrize(
    ("given", "tasks", "said"),
    [
        (service(2, 6, LOSING), [OOM] * 4, "They stop with: Essential container in task exited (exit 137: "
         "OutOfMemoryError: Container killed due to memory usage), 4 times."),
        (service(0, 6), [PULL] * 2, "nothing is serving. They stop with: CannotPullContainerError: pull image "
         "manifest: no such tag v2.15, 2 times."),
        (service(3, 6), [PULL, OOM, OOM], "OutOfMemoryError: Container killed due to memory usage), 2 of 3 times."),
        (service(3, 6), [PULL], "no such tag v2.15."),
    ],
)  # fmt: skip
def test_why_tasks_stop_stands_in_the_headline(
    given: dict[str, Any], tasks: list[dict[str, Any]], said: str
) -> None:
    found = interpret(
        build_snapshot("production", {"services": [given]}, tasks), NOW, NOW - timedelta(minutes=10)
    )
    assert found.verdict == "bad" and said in found.headline, found.headline


@pytest.mark.parametrize("tasks", [[], [SCALED] * 3, [{**OOM, "group": "service:worker"}]])
def test_nothing_is_said_to_stop_tasks_where_none_failed(tasks: list[dict[str, Any]]) -> None:
    found = interpret(build_snapshot("production", {"services": [service(2, 6)]}, tasks), NOW)
    assert "stop with" not in found.headline


def test_two_steps_about_one_failing_deployment_tell_two_things() -> None:
    seen = build_snapshot(
        "production", {"services": [service(2, 6, LOSING)]}, [OOM] * 4, ["backend: image v1 → v2"]
    )
    began = NOW - timedelta(minutes=10)
    status, recent = interpret(seen, NOW, began), interpret(seen, NOW, began, deployments=True)
    assert "OutOfMemoryError" in status.headline and "image v1 → v2" not in status.headline
    assert recent.headline.endswith(
        "backend:42 was deployed 2 min before the incident began. backend: image v1 → v2."
    )


def test_no_task_wanted_serves_nobody() -> None:
    found = interpret(build_snapshot("production", {"services": [service(0, 0)]}), NOW)
    assert (found.verdict, found.headline) == (
        "bad",
        "backend: desired count is 0; nothing is serving.",
    )
    canary = {**service(0, 0), "serviceName": "canary"}
    beside = interpret(build_snapshot("production", {"services": [service(), canary]}), NOW)
    assert (beside.verdict, beside.headline) == ("warn", "canary: desired count is 0.")


def test_tasks_that_are_started_again_and_again_are_not_being_scaled_out() -> None:
    lost = stop("EssentialContainerExited", "Essential container in task exited", exitCode=1)
    found = interpret(
        build_snapshot("production", {"services": [service(6, 8, pendingCount=2)]}, [lost]), NOW
    )
    assert found.verdict == "bad", found.headline


def test_no_age_is_below_nought() -> None:
    found = interpret(build_snapshot("production", {"services": [service(6, 6, deployment(age=-DAY))]}), NOW)
    assert found.table is not None and found.table.rows[0][-1] == "0 min"


DEPLOYMENTS: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("through, long ago", service(), "ok", "backend:42 was deployed 24 h ago, COMPLETED; 6 of 6 tasks running.",
     "backend:42 COMPLETED"),
    ("through, just before", service(6, 6, deployment(age=timedelta(minutes=20))), "warn",
     "was deployed 10 min before the incident began, COMPLETED; 6 of 6 tasks running. backend: image v1 → v2.",
     "backend:42 COMPLETED"),
    ("since", service(6, 6, deployment(age=timedelta(minutes=4))), "warn", "6 min after the incident began",
     "backend:42"),
    ("in progress", service(4, 6, deployment("IN_PROGRESS", age=timedelta(minutes=12))), "warn",
     "IN_PROGRESS; 4 of 6", "backend:42 IN_PROGRESS"),
    ("failed", service(0, 6, {**deployment("FAILED"), "rolloutStateReason": "circuit breaker"}), "bad",
     "FAILED (circuit breaker); 0 of 6 tasks running.", "backend:42 FAILED"),
    ("the older one failed", service(6, 6, deployment(), deployment("FAILED", status="ACTIVE")), "bad",
     "backend: 6 of 6 tasks running; the deployment of backend:42 FAILED.", "backend:42"),
    ("losing tasks", service(5, 6, deployment("IN_PROGRESS", failed=3)), "bad",
     "5 of 6 tasks running; 3 tasks of backend:42 failed to start.", ""),
    ("without a state or instant", service(6, 6, {**deployment(""), "createdAt": None}), "ok",
     "deployed at an unknown time, PRIMARY", "backend:42"),
    ("no deployment told of", service(deployments=[]), "ok", "ECS tells of no deployment", "6/6"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "given", "verdict", "said", "measure"),
    DEPLOYMENTS,
    ids=[deployment[0] for deployment in DEPLOYMENTS],
)
def test_recent_deployments(what: str, given: dict[str, Any], verdict: str, said: str, measure: str) -> None:
    seen = build_snapshot("production", {"services": [given]}, changed=["backend: image v1 → v2"])
    found = interpret(seen, NOW, NOW - timedelta(minutes=10), deployments=True)
    assert found.verdict == verdict
    assert said in found.headline
    assert found.measure.startswith(measure)


@pytest.mark.parametrize("lacks", ["serviceName", "desiredCount", "runningCount"])
def test_a_service_without_its_numbers_is_not_understood(lacks: str) -> None:
    given = {name: value for name, value in service().items() if name != lacks}
    with pytest.raises(Inconclusive) as caught:
        build_snapshot("production", {"services": [given]})
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


def test_a_service_that_may_not_be_seen_is_told_with_the_reason() -> None:
    failures = [{"arn": "x/worker", "reason": "ACCESS_DENIED"}]
    found = interpret(build_snapshot("production", {"services": [], "failures": failures}), NOW)
    assert (found.verdict, "worker (ACCESS_DENIED)" in found.headline) == ("unknown", True)


def revision(number: int, image: str, *names: str, **more: str) -> dict[str, Any]:
    environment = [{"name": name, "value": "hunter2"} for name in names]
    container = {"name": "backend", "image": f"1.dkr.ecr.x.amazonaws.com/{image}", "environment": environment}
    arn = f"arn:aws:ecs:ap-south-1:1:task-definition/backend:{number}"
    return {"taskDefinition": {"taskDefinitionArn": arn, "containerDefinitions": [container], **more}}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (revision(1, "backend:v1"), revision(2, "backend:v2"), ("backend: image backend:v1 → backend:v2",)),
        (revision(1, "b:v1", cpu="512"), revision(2, "b:v1", cpu="1024"), ("CPU 512 → 1024",)),
        (revision(1, "b:v1"), revision(2, "b:v1", memory="512"), ("memory unset → 512",)),
        (revision(1, "b:v1", "A"), revision(2, "b:v1", "A", "B"), ("new variables: B",)),
        (revision(1, "b:v1", "A"), revision(2, "b:v1"), ("variables gone: A",)),
        (
            revision(1, "b:v1"),
            revision(2, "b:v1"),
            ("same images, size and names of variables as backend:1",),
        ),
    ],
)
def test_what_a_deployment_changed(
    before: dict[str, Any], after: dict[str, Any], said: tuple[str, ...]
) -> None:
    assert compare_task_revisions(parse_task_revision(before), parse_task_revision(after)) == said
    assert "hunter2" not in str(parse_task_revision(after))


class Asked:
    """ECS as a server of our own, for what moto cannot show."""

    def __init__(self, server: AnsweringAws, aws: AwsClients) -> None:
        self._server, self._ecs = server, Ecs(aws)
        self.replies: dict[str, Reply] = {
            "ListTasks": answer(taskArns=[]),
            "DescribeTaskDefinition": answer(**revision(1, "backend:v1")),
        }
        server.replies = lambda operation, body: self.replies[operation]

    async def run(self, query: str | None = None, **parameters: Any) -> Finding:
        call = AwsCall("ecs", "DescribeServices", parameters, query=query)
        question = CheckRequest("Check", Action("ecs.describe_services", call), NOW)
        return await self._ecs.run(question, asyncio.get_running_loop().time() + 10)

    def bodies(self, operation: str) -> list[dict[str, Any]]:
        return [json.loads(body) for name, body in self._server.asked if name == operation]


@pytest.fixture
async def asked(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Asked]:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ):
        monkeypatch.setenv(name, value)
    async with AnsweringAws().served() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.address)
        aws = AwsClients()
        yield Asked(server, aws)
        aws.close()


def plain(name: str = "backend") -> dict[str, Any]:
    """As JSON has it: instants in seconds since 1970."""
    told = {**deployment(), "createdAt": (NOW - DAY).timestamp()}
    return {**service(), "serviceName": name, "deployments": [told]}


async def test_a_query_hides_nothing_that_judging_needs(asked: Asked) -> None:
    asked.replies["DescribeServices"] = answer(services=[{**plain(), "runningCount": 0}])
    found = await asked.run("services[0].deployments", cluster="production", services=["backend"])
    assert (found.verdict, found.measure) == ("bad", "backend:42 COMPLETED")
    assert found.headline.startswith("backend: 0 of 6 tasks running; nothing is serving.")
    assert found.link.endswith("/ecs/v2/clusters/production/services/backend/deployments?region=eu-west-1")
    query = "services[0].[serviceName,runningCount,desiredCount,status]"
    found = await asked.run(query, cluster="production", services=["backend"])
    assert (found.measure, found.headline) == ("0/6", "backend: 0 of 6 tasks running; nothing is serving.")
    assert found.marks == ((NOW - DAY, "backend:42 deployed"),)


async def test_what_may_not_be_read_beside_is_said_and_takes_nothing_from_the_rest(asked: Asked) -> None:
    asked.replies["DescribeServices"] = answer(services=[plain()])
    asked.replies["ListTasks"] = error("AccessDeniedException")
    asked.replies["DescribeTaskDefinition"] = error("AccessDeniedException")
    found = await asked.run(cluster="production", services=["backend"])
    assert found.verdict == "ok"
    assert found.table is not None
    assert [row[2] for row in found.table.rows if row[0] == "not read"] == [
        "what the deployment changed: AWS denies ecs:DescribeTaskDefinition.",
        "why tasks stopped: AWS denies ecs:ListTasks.",
    ]


async def test_a_service_by_its_arn_brings_its_cluster(asked: Asked) -> None:
    asked.replies["DescribeServices"] = answer(services=[plain()])
    arn = "arn:aws:ecs:eu-west-1:123456789012:service/production/backend"
    found = await asked.run(services=[arn])
    assert asked.bodies("DescribeServices") == [{"cluster": "production", "services": [arn]}]
    assert asked.bodies("ListTasks")[0]["serviceName"] == "backend"
    assert "/clusters/production/services/backend/health" in found.link


async def test_without_a_cluster_the_default_one_is_asked(asked: Asked) -> None:
    asked.replies["DescribeServices"] = answer(
        services=[], failures=[{"arn": "x/backend", "reason": "MISSING"}]
    )
    found = await asked.run(services=["backend"])
    assert (found.cause, found.headline) == (
        UnknownCause.NOT_FOUND,
        "backend is not there in the cluster default.",
    )
    assert found.command == "aws ecs describe-services --services backend"


async def test_more_services_than_one_call_takes_are_asked_in_several(asked: Asked) -> None:
    asked.replies["DescribeServices"] = answer(services=[plain("s1")])
    found = await asked.run(cluster="production", services=[f"s{number}" for number in range(23)])
    assert sorted(len(body["services"]) for body in asked.bodies("DescribeServices")) == [3, 10, 10]
    assert found.measure == "18/18"
    assert found.headline.endswith("Not there: s0, s2, s3 and 19 more.")


async def test_a_service_that_the_answer_is_silent_about_is_missing(asked: Asked) -> None:
    asked.replies["DescribeServices"] = answer(services=[plain()])
    found = await asked.run(cluster="production", services=["backend", "worker"])
    assert (found.verdict, found.headline.endswith("Not there: worker.")) == ("warn", True)


async def test_an_empty_answer_and_a_refusal_are_never_healthy(asked: Asked) -> None:
    asked.replies["DescribeServices"] = Reply(b"{}")
    found = await asked.run(cluster="production", services=["backend"])
    assert (found.verdict, found.cause) == ("unknown", UnknownCause.NOT_FOUND)
    assert found.headline == "backend is not there in the cluster production."
    for reply, cause in (
        (error("ClusterNotFoundException", "Cluster not found."), UnknownCause.NOT_FOUND),
        (answer(services=[{"serviceName": "backend"}]), UnknownCause.NOT_UNDERSTOOD),
        (error("AccessDeniedException"), UnknownCause.FORBIDDEN),
    ):
        asked.replies["DescribeServices"] = reply
        with pytest.raises(Inconclusive) as caught:
            await asked.run(cluster="production", services=["backend"])
        assert caught.value.cause is cause
    with pytest.raises(Inconclusive) as caught:
        await asked.run(cluster="production", services=[])
    assert caught.value.cause is UnknownCause.NOT_UNDERSTOOD


def test_the_deployment_just_before_is_what_it_points_to_and_an_old_one_is_not() -> None:
    began = NOW - timedelta(minutes=4)
    seen = build_snapshot("production", {"services": [service(2, 6, LOSING)]}, [OOM] * 4)
    suspect = interpret(seen, NOW, began).suspect
    assert suspect is not None
    assert (suspect.kind, suspect.name, suspect.why) == (
        "deployment",
        "backend:42",
        "its tasks die of memory",
    )
    assert suspect.at == NOW - timedelta(minutes=12)
    assert interpret(build_snapshot("production", {"services": [service(2, 6)]}), NOW, began).suspect is None
    assert interpret(build_snapshot("production", {"services": [service()]}), NOW, began).suspect is None
