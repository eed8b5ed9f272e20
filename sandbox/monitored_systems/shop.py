"""A second team's systems: Kubernetes, Prometheus, Grafana and GitLab, healthy or broken in one of five ways.

Each is an HTTP server on loopback; all tell of the same scene. In each scene something stands beside that is no cause:
a deployment to staging that failed, a pod that ran out of memory days ago, a series that has ended.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from sandbox.monitored_systems.kubernetes import (
    KubernetesCluster,
    build_deployment,
    build_event,
    build_node,
    build_pod,
    build_replica_set,
    write_instant,
    write_kubeconfig,
)
from sandbox.monitored_systems.names import format_iso
from sandbox.slack.workspace_model import Json

PROMETHEUS = "https://prometheus.shop.example"
GRAFANA = "https://grafana.shop.example"
GITLAB = "https://git.shop.example"
PROJECT = "shop/web"
SHA, SHA_BEFORE = "9c41d07a51c0f2d2b8a2e0d6a6e1f0b1c2d3e4f5", "17be3aa94c0f2d2b8a2e0d6a6e1f0b1c2d3e4f5a"

ROLLOUT, MEMORY, NODE, ERRORS, LATENCY = "rollout", "memory", "node", "error rate", "latency"
BREAKAGES = (ROLLOUT, MEMORY, NODE, ERRORS, LATENCY)
"""A revision whose pods crash; pods that run out of memory; a node that is lost; a deployment that answers with errors;
answers that are slow, with nothing changed."""

SHARES = {ROLLOUT: 0.38, MEMORY: 0.03, NODE: 0.04, ERRORS: 0.12}
"""The share of answers that are errors; elsewhere 0.2%."""
SECONDS = {LATENCY: 1.8, NODE: 0.6}
"""The slowest 5% of the answers; elsewhere 0.21 s."""
ROLLED_OUT = {ROLLOUT: timedelta(minutes=6), ERRORS: timedelta(minutes=20)}
"""How long ago the newest deployment to production was; elsewhere three days."""
STEP, POINTS = timedelta(minutes=1), 60


@dataclass(slots=True)
class ShopSystems:
    """All of them; `broken` is empty or one of BREAKAGES. `environment` are the settings that lead to them,
    `addresses` the bases here by those outside."""

    broken: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def start(cls, folder: Path) -> AsyncIterator["ShopSystems"]:
        """Serve all, healthy; `folder` gets a kubeconfig."""
        shop, runners = cls(), []

        async def serve(routes: list[web.RouteDef]) -> str:
            app = web.Application()
            app.add_routes(routes)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            runners.append(runner)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            return f"http://{host}:{port}"

        try:
            shop.addresses[PROMETHEUS] = await serve([web.get("/api/v1/{how}", shop._answer_query)])
            shop.addresses[GRAFANA] = await serve(shop._build_grafana_routes())
            shop.addresses[GITLAB] = await serve([web.get("/api/v4/projects/{path:.*}", shop._answer_gitlab)])
            cluster = await serve([web.route("*", "/{path:.*}", shop._answer_kubernetes)])
            config = folder / "kubeconfig"
            config.write_text(write_kubeconfig(cluster), encoding="utf-8")
            shop.environment = {
                "KUBECONFIG": str(config),
                "GRAFANA_URL": GRAFANA,
                "GRAFANA_SERVICE_ACCOUNT_TOKEN": "glsa_sandbox",
                "GITLAB_HOST": GITLAB,
                "GITLAB_TOKEN": "glpat-sandbox",
                "TOCSIN_GITLAB_PROJECT": PROJECT,
            }
            yield shop
        finally:
            for runner in runners:
                await runner.cleanup()

    # ---- Prometheus and Grafana

    async def _answer_query(self, request: web.Request) -> web.Response:
        """prometheus.io/docs/prometheus/latest/querying/api: one series that lives, and one that ended an hour ago."""
        query = request.query["query"]
        broken, well = (
            (SECONDS.get(self.broken, 0.21), 0.21)
            if "duration" in query
            else (SHARES.get(self.broken, 0.002), 0.002)
        )
        now = datetime.now(UTC)
        if request.match_info.get("how") == "query":
            result = [{"metric": {}, "value": [now.timestamp(), str(broken)]}]
            return web.json_response(
                {"status": "success", "data": {"resultType": "vector", "result": result}}
            )
        times = [(now - STEP * (POINTS - number)).timestamp() for number in range(POINTS + 1)]
        lives = [[at, str(broken if number > POINTS - 5 else well)] for number, at in enumerate(times)]
        ended = [[at - 3600, "0.99"] for at in times[:10]]
        result = [
            {"metric": {"pod": "web"}, "values": lives},
            {"metric": {"pod": "web-old"}, "values": ended},
        ]
        return web.json_response({"status": "success", "data": {"resultType": "matrix", "result": result}})

    def _build_grafana_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/dashboards/uid/shop", self._answer_dashboard),
            web.get("/api/datasources/proxy/uid/main/api/v1/query_range", self._answer_query),
        ]

    async def _answer_dashboard(self, request: web.Request) -> web.Response:
        """https://grafana.com/docs/grafana/latest/developers/http_api/dashboard."""
        if request.headers.get("Authorization") != "Bearer glsa_sandbox":
            return web.json_response({"message": "Unauthorized"}, status=401)
        source = {"type": "prometheus", "uid": "main"}
        panels = [
            {
                "id": number,
                "title": title,
                "type": "timeseries",
                "datasource": source,
                "targets": [{"refId": "A", "expr": query}],
            }
            for number, (title, query) in enumerate(QUERIES.items(), 1)
        ]
        return web.json_response(
            {"dashboard": {"uid": "shop", "title": "Shop", "panels": panels}, "meta": {}}
        )

    # ---- GitLab

    async def _answer_gitlab(self, request: web.Request) -> web.Response:
        """https://docs.gitlab.com/api: the project, commits, deployments, releases, compare."""
        if request.headers.get("private-token") != "glpat-sandbox":
            return web.json_response({"message": "401 Unauthorized"}, status=401)
        what = request.match_info["path"].rpartition("/")[2]
        answers: dict[str, object] = {
            "commits": self._list_commits(),
            "deployments": self._list_deployments(),
            "releases": [],
            "compare": {"commits": []},
        }
        return web.json_response(answers.get(what, {"default_branch": "main"}))

    def _list_commits(self) -> list[Json]:
        ago = ROLLED_OUT.get(self.broken)
        if ago is None:
            return []
        at = datetime.now(UTC) - ago - timedelta(minutes=9)
        commit = {
            "id": SHA,
            "title": "Faster checkout",
            "author_name": "Ana",
            "committed_date": format_iso(at),
        }
        return [commit]

    def _list_deployments(self) -> list[Json]:
        """The newest to production; and one to staging that failed a few minutes ago, whatever is broken."""
        now = datetime.now(UTC)
        ago = ROLLED_OUT.get(self.broken)
        rows = [
            (44, SHA, "failed", "staging", timedelta(minutes=5)),
            (42, SHA_BEFORE, "success", "production", timedelta(days=3)),
        ]
        if ago is not None:
            rows.insert(1, (43, SHA, "success", "production", ago))
        return [
            {
                "id": number,
                "iid": number,
                "ref": "main",
                "sha": sha,
                "status": status,
                "created_at": format_iso(now - before),
                "environment": {"id": 9, "name": place},
                "user": {"username": "ana"},
            }
            for number, sha, status, place, before in rows
        ]

    # ---- Kubernetes

    async def _answer_kubernetes(self, request: web.Request) -> web.Response:
        return await self._build_cluster().answer(request)

    def _build_cluster(self) -> KubernetesCluster:
        now = datetime.now(UTC)
        old = now - timedelta(days=3)
        newest = now - ROLLED_OUT.get(self.broken, timedelta(days=3))
        available = {ROLLOUT: 1, MEMORY: 2, NODE: 1}.get(self.broken, 3)
        sets = [
            build_replica_set("web", 7, "shop/web:1.3", now - timedelta(days=9)),
            build_replica_set("web", 8, "shop/web:1.4", newest),
        ]
        nodes = [build_node("node-1"), build_node("node-2", "Unknown" if self.broken == NODE else "True")]
        return KubernetesCluster(
            {
                "pods": self._list_pods(now, old, newest),
                "deployments": [build_deployment("web", 3, available)],
                "replicasets": sets,
                "nodes": nodes,
                "events": self._list_events(now),
            }
        )

    def _list_pods(self, now: datetime, old: datetime, newest: datetime) -> list[Json]:
        """The first ran out of memory two days ago and lives since, which is no part of any of this."""
        first = build_pod(
            "web-1", old, restarts=1, last=_build_end("OOMKilled", 137, now - timedelta(days=2))
        )
        rest: Mapping[str, Mapping[str, object]] = {
            ROLLOUT: {
                "ready": False,
                "restarts": 5,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "last": _build_end("Error", 1, now - timedelta(minutes=1)),
            },
            MEMORY: {"restarts": 4, "last": _build_end("OOMKilled", 137, now - timedelta(minutes=3))},
            NODE: {"phase": "Pending", "conditions": UNPLACED},
        }
        parts = rest.get(self.broken, {})
        born = now - timedelta(minutes=6) if self.broken == NODE else newest
        return [first, *(build_pod(f"web-{number}", born, **parts) for number in (2, 3))]

    def _list_events(self, now: datetime) -> list[Json]:
        told = {
            ROLLOUT: ("Pod/web-2", "BackOff", "Back-off restarting failed container web"),
            MEMORY: ("Pod/web-2", "OOMKilling", "Memory cgroup out of memory"),
            NODE: ("Node/node-2", "NodeNotReady", "Node node-2 status is now: NodeNotReady"),
        }
        if self.broken not in told:
            return []
        about, reason, message = told[self.broken]
        return [build_event(about, reason, message, now - timedelta(minutes=2), count=6)]


def _build_end(reason: str, code: int, at: datetime) -> Json:
    return {"terminated": {"reason": reason, "exitCode": code, "finishedAt": write_instant(at)}}


UNPLACED = [
    {
        "type": "PodScheduled",
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/2 nodes are available: 1 node(s) had untolerated taint, 1 Insufficient memory.",
    }
]
QUERIES = {
    "Errors": 'sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))',
    "Latency": "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))",
}
"""What the dashboard's panels ask, and the runbook at Prometheus."""
