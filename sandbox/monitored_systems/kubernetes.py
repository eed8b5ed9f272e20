"""A cluster's API server over HTTP, read-only: objects as Kubernetes writes them, by list, name, label and field.

Shapes: https://kubernetes.io/docs/reference/kubernetes-api/. It wants a token, knows which kinds its role may read, and
answers a refusal as a `Status`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

from sandbox.slack.workspace_model import Json

TOKEN = "sandbox-service-account"  # noqa: S105 - the stand-in's own
NAMESPACE = "shop"
GROUPS: Mapping[str, str] = {
    **dict.fromkeys(("pods", "services", "endpoints", "events", "nodes", "secrets", "configmaps"), "v1"),
    **dict.fromkeys(
        ("deployments", "replicasets", "statefulsets", "daemonsets", "controllerrevisions"), "apps/v1"
    ),
    "jobs": "batch/v1",
    "horizontalpodautoscalers": "autoscaling/v2",
}
ROLE = frozenset(GROUPS) - {"secrets", "configmaps"}


@dataclass(slots=True)
class KubernetesCluster:
    """`objects` by kind in the plural, `logs` by pod and container, `usage` by pod or node (`cpu`, `memory`).

    `asked` are the requests that came, `role` the kinds that the token may read, `status` answers all. By `clock` it is
    said what was written since when."""

    objects: dict[str, list[Json]] = field(default_factory=dict)
    logs: dict[tuple[str, str], Sequence[tuple[datetime, str]]] = field(default_factory=dict)
    usage: dict[str, tuple[str, str]] = field(default_factory=dict)
    role: frozenset[str] = ROLE
    status: int = 200
    page: int = 500
    asked: list[web.Request] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def build_routes(self) -> list[web.RouteDef]:
        """Everything by GET; any other method is refused as the role would."""
        return [web.route("*", "/{path:.*}", self.answer)]

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _refuse(401, "Unauthorized")
        if self.status != 200:
            return _refuse(self.status, "the server is currently unable to handle the request")
        if request.method != "GET":
            return _refuse(403, f"cannot {request.method} resources")
        parts = request.path.strip("/").split("/")
        if "metrics.k8s.io" in parts:
            return self._measure(parts)
        return self._look(request, parts[2:] if parts[0] == "api" else parts[3:])

    def _look(self, request: web.Request, parts: Sequence[str]) -> web.Response:
        namespace = parts[1] if parts[0] == "namespaces" else None
        kind, *more = parts[2:] if namespace else parts
        if kind not in self.role:
            return _refuse(403, f'{kind} is forbidden: User "tocsin" cannot list resource "{kind}"')
        if more[1:] == ["log"]:
            return self._log(request, more[0])
        found = [each for each in self.objects.get(kind, []) if _is_in(each, namespace)]
        if more:
            named = [each for each in found if each["metadata"]["name"] == more[0]]
            return web.json_response(named[0]) if named else _refuse(404, f'{kind} "{more[0]}" not found')
        return self._list(request, kind, [each for each in found if _is_chosen(each, request.query)])

    def _list(self, request: web.Request, kind: str, found: list[Json]) -> web.Response:
        begin = int(request.query.get("continue", "0"))
        size = min(self.page, int(request.query.get("limit", self.page)))
        meta = {"resourceVersion": "7"} | (
            {"continue": str(begin + size)} if begin + size < len(found) else {}
        )
        named = found[begin : begin + size]
        return web.json_response(
            {"kind": "List", "apiVersion": GROUPS[kind], "metadata": meta, "items": named}
        )

    def _log(self, request: web.Request, pod: str) -> web.Response:
        container = request.query.get("container", "")
        if request.query.get("previous") == "true":
            container = f"{container} (previous)"
        if (pod, container) not in self.logs:
            return _refuse(400, f"previous terminated container in pod {pod} not found")
        since = self.clock() - timedelta(seconds=int(request.query.get("sinceSeconds", 10**8)))
        lines = [(at, text) for at, text in self.logs[pod, container] if at >= since]
        lines = lines[-int(request.query.get("tailLines", 10**6)) :]
        text = "".join(f"{at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')} {line}\n" for at, line in lines)
        return web.Response(text=text)

    def _measure(self, parts: Sequence[str]) -> web.Response:
        of_nodes = parts[-1] == "nodes"
        known = {each["metadata"]["name"] for each in self.objects.get("nodes" if of_nodes else "pods", [])}
        items = []
        for name, (cpu, memory) in self.usage.items():
            if name in known:
                used: Json = {"usage": {"cpu": cpu, "memory": memory}}
                items.append({"metadata": {"name": name}, **(used if of_nodes else {"containers": [used]})})
        return web.json_response(
            {"kind": "MetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "items": items}
        )


def _refuse(status: int, message: str) -> web.Response:
    said = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": status}
    return web.json_response(said, status=status)


def _is_in(each: Json, namespace: str | None) -> bool:
    return namespace is None or each["metadata"].get("namespace", namespace) == namespace


def _is_chosen(each: Json, query: Mapping[str, str]) -> bool:
    labels = each["metadata"].get("labels", {})
    wanted = [part.partition("=") for part in query.get("labelSelector", "").split(",") if part]
    fields = [part.partition("=") for part in query.get("fieldSelector", "").split(",") if part]
    return all(labels.get(name) == value for name, _, value in wanted) and all(
        _field(each, name) == value for name, _, value in fields
    )


def _field(each: Json, path: str) -> object:
    found: object = each
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def write_kubeconfig(server: str, **user: object) -> str:
    """A kubeconfig as YAML (JSON is YAML) that leads here, with the token unless `user` says otherwise."""
    contexts = [{"name": "sandbox", "context": {"cluster": "here", "user": "tocsin", "namespace": NAMESPACE}}]
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "sandbox",
            "clusters": [{"name": "here", "cluster": {"server": server}}],
            "users": [{"name": "tocsin", "user": user or {"token": TOKEN}}],
            "contexts": contexts,
        }
    )


def build_pod(name: str, created: datetime, **parts: object) -> Json:
    """A pod of one container that is ready, changed by `state`, `last`, `ready`, `restarts`, `phase`, `conditions` and
    `reason`.

    Its environment holds what nobody may be shown."""
    ready = parts.get("ready", True)
    status: Json = {
        "name": "web",
        "image": "shop/web:1.4",
        "imageID": "sha256:1",
        "ready": ready,
        "restartCount": parts.get("restarts", 0),
        "state": parts.get("state", {"running": {"startedAt": write_instant(created)}}),
        "lastState": parts.get("last", {}),
    }
    is_placed = parts.get("phase") != "Pending" or "state" in parts
    container: Json = {
        "name": "web",
        "image": "shop/web:1.4",
        "env": [{"name": "DATABASE_PASSWORD", "value": "hunter2-of-the-shop"}],
        "resources": {"limits": {"memory": "512Mi"}},
    }
    told: Json = {"phase": parts.get("phase", "Running"), "conditions": parts.get("conditions", [])}
    if is_placed:
        told["containerStatuses"] = [status]
    if "reason" in parts:
        told |= {"reason": parts["reason"], "message": parts.get("message", "")}
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": {"app": "web"},
            "creationTimestamp": write_instant(created),
        },
        "spec": {"containers": [container], "nodeName": "node-1"},
        "status": told,
    }


def build_deployment(name: str, desired: int, available: int, **parts: object) -> Json:
    """A deployment; `updated`, `conditions` and `generation` change it."""
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": name, "namespace": NAMESPACE, "uid": f"uid-{name}", "generation": 3},
        "spec": {
            "replicas": desired,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": []}},
        },
        "status": {
            "observedGeneration": parts.get("observed", 3),
            "replicas": desired,
            "readyReplicas": available,
            "availableReplicas": available,
            "updatedReplicas": parts.get("updated", desired),
            "conditions": parts.get("conditions", []),
        },
    }


def build_replica_set(owner: str, number: int, image: str, created: datetime) -> Json:
    """The replica set of a deployment's revision."""
    return {
        "kind": "ReplicaSet",
        "apiVersion": "apps/v1",
        "metadata": {
            "name": f"{owner}-{number}",
            "namespace": NAMESPACE,
            "creationTimestamp": write_instant(created),
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "Deployment", "name": owner, "uid": f"uid-{owner}"}
            ],
        },
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": owner}},
            "template": {"spec": {"containers": [{"name": "web", "image": image}]}},
        },
        "status": {"replicas": 0},
    }


def build_node(name: str, ready: str = "True", **pressure: str) -> Json:
    """A node; `MemoryPressure="True"` and its like change it."""
    told = {"Ready": ready, "MemoryPressure": "False", "DiskPressure": "False", **pressure}
    conditions = [{"type": kind, "status": value, "reason": f"Kubelet{kind}"} for kind, value in told.items()]
    return {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": {"name": name},
        "spec": {},
        "status": {"conditions": conditions, "allocatable": {"cpu": "4", "memory": "8Gi"}},
    }


def build_event(about: str, reason: str, message: str, last: datetime, **parts: object) -> Json:
    """A warning event, or of another `type`."""
    kind, _, name = about.partition("/")
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {"name": f"{name}.{reason}".lower(), "namespace": NAMESPACE},
        "involvedObject": {"kind": kind, "name": name, "namespace": NAMESPACE},
        "reason": reason,
        "message": message,
        "type": parts.get("type", "Warning"),
        "count": parts.get("count", 1),
        "lastTimestamp": write_instant(last),
    }


def write_instant(at: datetime) -> str:
    """As Kubernetes writes it, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
