"""What is said of pods, workloads, nodes, events and logs, and how a cluster is asked."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from lightkube.resources import apps_v1, autoscaling_v2, batch_v1, core_v1

from bot.domain.finding import Inconclusive, UnknownCause
from sandbox.monitored_systems.kubernetes import (
    TOKEN,
    KubernetesCluster,
    build_deployment,
    build_event,
    build_node,
    build_pod,
    build_replica_set,
)
from tests.diagnostics.clusters import OLD, Told, ago, ask, asking, ended, serving, told
from tests.diagnostics.vendor import soon

UNPLACED = [
    {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/3 nodes are available: 3 Insufficient memory.",
    }
]
PODS: list[tuple[str, list[Told], str, str]] = [
    ("all well", [build_pod("web-1", OLD), build_pod("web-2", OLD)], "ok", "All 2 pods are ready."),
    (
        "crashing of memory",
        [
            build_pod("web-1", OLD),
            build_pod(
                "web-2",
                OLD,
                ready=False,
                restarts=7,
                state={"waiting": {"reason": "CrashLoopBackOff"}},
                last=ended("OOMKilled", 137, 1),
            ),
        ],
        "bad",
        "web-2 runs out of memory and crashes again and again (CrashLoopBackOff, OOMKilled, 7 restarts).",
    ),
    (
        "crashing",
        [
            build_pod("web-1", OLD),
            build_pod(
                "web-2",
                OLD,
                ready=False,
                restarts=1,
                state={"waiting": {"reason": "CrashLoopBackOff"}},
                last=ended("Error", 1, 1),
            ),
        ],
        "bad",
        "web-2 crashes again and again (CrashLoopBackOff, exit code 1, 1 restart).",
    ),
    (
        "no image",
        [build_pod("web-1", ago(9), ready=False, state={"waiting": {"reason": "ImagePullBackOff"}})],
        "bad",
        "web-1 cannot get the image of web (ImagePullBackOff).",
    ),
    (
        "no configuration",
        [
            build_pod(
                "web-1", ago(9), ready=False, state={"waiting": {"reason": "CreateContainerConfigError"}}
            )
        ],
        "bad",
        "web-1 cannot start web (CreateContainerConfigError).",
    ),
    (
        "on no node",
        [build_pod("web-1", OLD), build_pod("web-2", ago(6), phase="Pending", conditions=UNPLACED)],
        "bad",
        "web-2 is on no node since 6 min: 0/3 nodes are available: 3 Insufficient memory.",
    ),
    (
        "on no node yet",
        [build_pod("web-1", OLD), build_pod("web-2", ago(1), phase="Pending", conditions=UNPLACED)],
        "warn",
        "web-2 is on no node since 1 min: 0/3 nodes are available: 3 Insufficient memory.",
    ),
    (
        "killed of memory lately",
        [build_pod("web-1", OLD, restarts=2, last=ended("OOMKilled", 137, 4))],
        "bad",
        "web-1 ran out of memory 4 min ago (OOMKilled, 2 restarts).",
    ),
    (
        "restarted lately",
        [build_pod("web-1", OLD, restarts=2, last=ended("Error", 143, 30))],
        "warn",
        "web-1 was restarted 30 min ago (exit code 143, 2 restarts).",
    ),
    (
        "restarted long ago",
        [build_pod("web-1", OLD, restarts=2, last=ended("OOMKilled", 137, 300))],
        "ok",
        "web-1 is ready (2 restarts).",
    ),
    (
        "one is not ready",
        [build_pod("web-1", OLD), build_pod("web-2", OLD, ready=False)],
        "warn",
        "web-2 is not ready (0 of 1 containers).",
    ),
    (
        "none is ready",
        [build_pod("web-1", OLD, ready=False)],
        "bad",
        "web-1 is not ready (0 of 1 containers).",
    ),
    (
        "starting",
        [build_pod("web-1", OLD), build_pod("web-2", ago(1), ready=False)],
        "warn",
        "web-2 is starting.",
    ),
    ("completed", [build_pod("job-1", OLD, ready=False, phase="Succeeded")], "ok", "job-1 has completed."),
    (
        "evicted",
        [
            build_pod("web-0", OLD),
            build_pod("web-1", OLD, phase="Failed", reason="Evicted", message="low on memory"),
        ],
        "warn",
        "web-1 was evicted: low on memory.",
    ),
    (
        "many",
        [build_pod(f"web-{number}", OLD, ready=False) for number in range(4)],
        "bad",
        "web-0 is not ready (0 of 1 containers); web-1 is not ready (0 of 1 containers)."
        " 2 more of 4 pods are not well.",
    ),
]


@pytest.mark.parametrize(
    ("pods", "verdict", "headline"), [row[1:] for row in PODS], ids=[row[0] for row in PODS]
)
async def test_what_is_said_of_pods(pods: list[Told], verdict: str, headline: str, tmp_path: Path) -> None:
    found = await ask(KubernetesCluster({"pods": pods}), "kubectl get pods -n shop -o wide", tmp_path)
    assert told(found) == (verdict, headline)
    assert found.table is not None and len(found.table.rows) == len(pods)


def deployed(minutes: float, **parts: object) -> dict[str, list[Told]]:
    """A deployment whose newest revision came so long ago."""
    available = parts.pop("available", 6)
    assert isinstance(available, int)
    sets = [
        build_replica_set("web", 13, "shop/web:1.3", OLD),
        build_replica_set("web", 14, "shop/web:1.4", ago(minutes)),
    ]
    return {"deployments": [build_deployment("web", 6, available, **parts)], "replicasets": sets}


STUCK = [
    {
        "type": "Progressing",
        "status": "False",
        "reason": "ProgressDeadlineExceeded",
        "message": 'ReplicaSet "web-14" has timed out progressing.',
    }
]
CHANGE = "revision 14 came 5 min before the incident began, web: shop/web:1.3 → shop/web:1.4"
WORK: list[tuple[str, dict[str, list[Told]], str, str]] = [
    ("well", deployed(4000), "ok", "web has 6 of 6 pods available."),
    ("deployed shortly before", deployed(15), "warn", f"web has 6 of 6 pods available; {CHANGE}."),
    ("few are left", deployed(15, available=1), "bad", f"web has 1 of 6 pods available; {CHANGE}."),
    ("some are missing", deployed(4000, available=5), "warn", "web has 5 of 6 pods available."),
    (
        "on its way",
        deployed(5, updated=2),
        "warn",
        "web is being rolled out: 2 of 6 pods updated; revision 14 came 5 min after the incident began,"
        " web: shop/web:1.3 → shop/web:1.4.",
    ),
    (
        "does not get on",
        deployed(15, available=4, conditions=STUCK),
        "bad",
        'web does not get on (ProgressDeadlineExceeded: ReplicaSet "web-14" has timed out progressing.),'
        f" 4 of 6 pods available; {CHANGE}.",
    ),
    ("scaled to none", {"deployments": [build_deployment("web", 0, 0)]}, "warn", "web is scaled to 0 pods."),
]


@pytest.mark.parametrize(
    ("objects", "verdict", "headline"), [row[1:] for row in WORK], ids=[row[0] for row in WORK]
)
async def test_what_is_said_of_a_deployment(
    objects: dict[str, list[Told]], verdict: str, headline: str, tmp_path: Path
) -> None:
    found = await ask(KubernetesCluster(objects), "kubectl rollout status deploy/web -n shop", tmp_path)
    assert told(found) == (verdict, headline)
    assert (found.suspect is not None) == ("revision 14" in headline)


async def test_a_describe_also_looks_at_the_pods_and_their_events(tmp_path: Path) -> None:
    pod = build_pod("web-1", OLD, ready=False, state={"waiting": {"reason": "ErrImagePull"}})
    pod["metadata"]["labels"] = {"app": "web"}
    events = [
        build_event("Pod/web-1", "Failed", "Failed to pull image shop/web:1.4", ago(2), count=9),
        build_event("Pod/other-1", "Failed", "is another one's", ago(2)),
    ]
    objects = {**deployed(15, available=1), "pods": [pod], "events": events}
    found = await ask(KubernetesCluster(objects), "kubectl describe deployment web", tmp_path)
    assert told(found) == (
        "bad",
        f"web has 1 of 6 pods available; {CHANGE}. web-1 cannot get the image of web (ErrImagePull)."
        " Pod/web-1 Failed 9 times, last 2 min ago: Failed to pull image shop/web:1.4.",
    )


async def test_the_history_has_a_row_for_each_revision(tmp_path: Path) -> None:
    found = await ask(KubernetesCluster(deployed(15)), "kubectl rollout history deployment/web", tmp_path)
    assert found.table is not None
    assert [row[1] for row in found.table.rows] == ["14", "13"]
    assert found.headline == f"web has 6 of 6 pods available; {CHANGE}."


SERVICE = {
    "kind": "Service",
    "apiVersion": "v1",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"type": "ClusterIP", "selector": {"app": "web"}},
}
SCALER = {
    "kind": "HorizontalPodAutoscaler",
    "apiVersion": "autoscaling/v2",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"maxReplicas": 8, "scaleTargetRef": {"kind": "Deployment", "name": "web"}},
    "status": {"currentReplicas": 8, "desiredReplicas": 8, "conditions": []},
}
JOB = {
    "kind": "Job",
    "apiVersion": "batch/v1",
    "metadata": {"name": "mail", "namespace": "shop"},
    "spec": {"template": {"spec": {"containers": []}}},
    "status": {
        "failed": 4,
        "conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}],
    },
}


def endpoints(ready: int, unready: int) -> Told:
    subset: Told = {}
    for name, count in (("addresses", ready), ("notReadyAddresses", unready)):
        if count:
            subset[name] = [{"ip": f"10.0.0.{number}"} for number in range(count)]
    return {
        "kind": "Endpoints",
        "apiVersion": "v1",
        "metadata": {"name": "web", "namespace": "shop"},
        "subsets": [subset],
    }


OTHERS: list[tuple[str, dict[str, list[Told]], str, str]] = [
    (
        "kubectl get svc",
        {"services": [SERVICE], "endpoints": [endpoints(2, 0)]},
        "ok",
        "web has 2 ready addresses.",
    ),
    (
        "kubectl get svc",
        {"services": [SERVICE], "endpoints": [endpoints(0, 3)]},
        "bad",
        "web has no ready pod behind it (3 not ready).",
    ),
    (
        "kubectl get ep web",
        {"endpoints": [endpoints(0, 1)]},
        "bad",
        "web has 0 ready and 1 unready addresses.",
    ),
    ("kubectl get hpa", {"horizontalpodautoscalers": [SCALER]}, "warn", "web is at its most, 8 of 8 pods."),
    ("kubectl get jobs", {"jobs": [JOB]}, "bad", "mail has failed (BackoffLimitExceeded)."),
    (
        "kubectl get nodes",
        {"nodes": [build_node("a"), build_node("b")]},
        "ok",
        "All 2 nodes are ready and under no pressure.",
    ),
    ("kubectl get nodes", {"nodes": [build_node("a", "False")]}, "bad", "a is not ready (KubeletReady)."),
    (
        "kubectl describe node a",
        {"nodes": [build_node("a", MemoryPressure="True")]},
        "bad",
        "a reports MemoryPressure.",
    ),
    (
        "kubectl get events -n shop --sort-by=.lastTimestamp",
        {
            "events": [
                build_event("Pod/web-1", "Unhealthy", "Readiness probe failed", ago(3), count=12),
                build_event("Pod/web-2", "OOMKilling", "Memory cgroup out of memory", ago(180)),
                build_event("Pod/web-3", "Scheduled", "assigned", ago(1), type="Normal"),
            ]
        },
        "warn",
        "Pod/web-1 Unhealthy 12 times, last 3 min ago: Readiness probe failed.",
    ),
    ("kubectl events", {"events": []}, "ok", "Kubernetes tells of no warning event of the last hour."),
]


@pytest.mark.parametrize(("command", "objects", "verdict", "headline"), OTHERS)
async def test_what_is_said_of_other_kinds(
    command: str, objects: dict[str, list[Told]], verdict: str, headline: str, tmp_path: Path
) -> None:
    assert told(await ask(KubernetesCluster(objects), command, tmp_path)) == (verdict, headline)


async def test_usage_is_measured_against_the_limits(tmp_path: Path) -> None:
    pods = {"pods": [build_pod("web-1", OLD), build_pod("web-2", OLD)]}
    cluster = KubernetesCluster(pods, usage={"web-1": ("250m", "500Mi"), "web-2": ("10m", "100Mi")})
    found = await ask(cluster, "kubectl top pods -n shop", tmp_path)
    assert told(found) == ("bad", "web-1 uses 98% of its 512Mi memory (limit 95%).")
    cluster = KubernetesCluster({"nodes": [build_node("a")]}, usage={"a": ("1", "2Gi")})
    assert told(await ask(cluster, "kubectl top nodes", tmp_path)) == (
        "ok",
        "a uses 25% of its 8192Mi memory.",
    )


def written(errors: int, earlier: int) -> list[tuple[datetime, str]]:
    """Lines of the hour and ten minutes: errors before and in the last ten minutes, with others between."""
    lines = [(ago(70 - number / 2), "GET /health 200") for number in range(139)]
    lines += [(ago(60 - number), f"ERROR no connection to database {number}") for number in range(earlier)]
    lines += [(ago(8), f"ERROR no connection to database {number}") for number in range(errors)]
    return sorted(lines)


async def test_a_log_goes_through_the_engine_of_cloudwatch(tmp_path: Path) -> None:
    cluster = KubernetesCluster({"pods": [build_pod("web-1", OLD)]}, {("web-1", "web"): written(80, 6)})
    found = await ask(cluster, "kubectl logs -l app=web -n shop --since=10m | grep ERROR", tmp_path)
    assert found.verdict.value == "bad", found.headline
    assert found.headline.startswith(
        "80 lines with “ERROR” in 10 min. 80× the rate of the previous hour (limit 5×)."
    )
    assert "no connection to database" in repr(found.table)


async def test_the_lines_of_a_container_that_has_ended(tmp_path: Path) -> None:
    lines = [(ago(9), "starting"), (ago(9), "panic: no memory")]
    cluster = KubernetesCluster({"pods": [build_pod("web-1", OLD)]}, {("web-1", "web (previous)"): lines})
    found = await ask(cluster, "kubectl logs web-1 --previous", tmp_path)
    assert found.cause is UnknownCause.NO_DATA
    assert "panic: no memory" in found.text


async def test_a_log_of_which_nothing_was_written_is_a_warning(tmp_path: Path) -> None:
    cluster = KubernetesCluster({"pods": [build_pod("web-1", OLD)]}, {("web-1", "web"): []})
    found = await ask(cluster, "kubectl logs web-1", tmp_path)
    assert (found.verdict.value, found.measure) == ("warn", "silent")


async def test_pages_are_followed(tmp_path: Path) -> None:
    cluster = KubernetesCluster({"pods": [build_pod(f"web-{number}", OLD) for number in range(7)]}, page=3)
    assert told(await ask(cluster, "kubectl get pods -A", tmp_path)) == ("ok", "All 7 pods are ready.")
    assert [request.method for request in cluster.asked] == ["GET"] * 3


REFUSALS: list[tuple[str, Mapping[str, Any], str, UnknownCause, str]] = [
    ("kubectl get pod web-9", {}, "", UnknownCause.NOT_FOUND, 'pods "web-9" not found'),
    ("kubectl get pods -l app=other", {}, "", UnknownCause.NO_DATA, "no pods"),
    ("kubectl get pods", {"role": frozenset[str]()}, "", UnknownCause.FORBIDDEN, "is forbidden"),
    ("kubectl get pods", {"status": 503}, "", UnknownCause.UNREACHABLE, "Kubernetes answers 503"),
    ("kubectl get pods", {"status": 429}, "", UnknownCause.THROTTLED, "Kubernetes answers 429"),
    ("kubectl get pods", {}, "another", UnknownCause.FORBIDDEN, "Unauthorized"),
    ("kubectl get pod 'x?y'", {}, "", UnknownCause.NOT_UNDERSTOOD, "is no name of Kubernetes"),
    ("kubectl get pods -n '../x'", {}, "", UnknownCause.NOT_UNDERSTOOD, "is no name of Kubernetes"),
    ("kubectl get pods --context=eu", {}, "", UnknownCause.NOT_CONFIGURED, "Context 'eu' not found"),
    ("kubectl logs web-1 --since=soon", {}, "", UnknownCause.NOT_UNDERSTOOD, "is no time"),
]


@pytest.mark.parametrize(("command", "parts", "token", "cause", "said"), REFUSALS)
async def test_what_cannot_be_asked_is_unknown(
    command: str, parts: Mapping[str, Any], token: str, cause: UnknownCause, said: str, tmp_path: Path
) -> None:
    cluster = KubernetesCluster({"pods": [build_pod("web-1", OLD)]}, **parts)
    async with serving(cluster.build_routes(), tmp_path, token=token or TOKEN) as kubernetes:
        with pytest.raises(Inconclusive) as why:
            await kubernetes.run(asking(command), soon())
    assert why.value.cause is cause
    assert said in why.value.said


async def test_one_kind_without_a_right_leaves_the_others_but_is_never_fine(tmp_path: Path) -> None:
    cluster = KubernetesCluster({"pods": [build_pod("web-1", OLD)]}, role=frozenset({"pods"}))
    found = await ask(cluster, "kubectl get pods,deploy", tmp_path)
    assert found.cause is UnknownCause.FORBIDDEN
    assert found.headline.startswith(
        "web-1 is ready (0 restarts). Not read: deployments: Kubernetes answers 403"
    )


MODELS = {
    "Pod": core_v1.Pod,
    "Deployment": apps_v1.Deployment,
    "ReplicaSet": apps_v1.ReplicaSet,
    "Node": core_v1.Node,
    "Event": core_v1.Event,
    "Service": core_v1.Service,
    "Endpoints": core_v1.Endpoints,
    "HorizontalPodAutoscaler": autoscaling_v2.HorizontalPodAutoscaler,
    "Job": batch_v1.Job,
}
OBJECTS = [*({"pods": pods} for _, pods, _, _ in PODS), *(each for _, each, _, _ in (*WORK, *OTHERS))]
SAMPLES = [each for objects in OBJECTS for kind in objects.values() for each in kind]


def test_the_stand_in_writes_what_the_librarys_models_know() -> None:
    assert {each["kind"] for each in SAMPLES} == set(MODELS)
    for each in SAMPLES:
        read = msgspec.json.decode(msgspec.json.encode(each), type=MODELS[each["kind"]])
        again = json.loads(msgspec.json.encode(read))
        assert _without_empty(each) == _without_empty(again)


def _without_empty(told: Any) -> Any:
    """Without what a model leaves out as its default."""
    if isinstance(told, dict):
        return {
            name: kept
            for name, value in told.items()
            if (kept := _without_empty(value)) not in (None, {}, [], "")
        }
    return [_without_empty(value) for value in told] if isinstance(told, list) else told


async def test_a_cluster_that_does_not_answer_ends_in_time(tmp_path: Path) -> None:
    async def hang(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with serving([web.get("/{path:.*}", hang)], tmp_path) as kubernetes:
        with pytest.raises(Inconclusive) as why:
            await kubernetes.run(asking("kubectl get pods"), soon(0.2))
    assert why.value.cause is UnknownCause.TIMEOUT
