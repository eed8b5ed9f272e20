"""Reads the objects that a request names, of each kind with what its judgement needs beside them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lightkube.core.resource import Resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources import apps_v1, autoscaling_v2, batch_v1, core_v1

from bot.domain.finding import Inconclusive, UnknownCause
from diagnostics.clients.kubernetes import ALL, ClusterReader, check_name
from diagnostics.clients.response_parsing import catch_inconclusive
from diagnostics.systems.kubernetes import other_kinds, usage
from diagnostics.systems.kubernetes.judgement import JudgedKind, Moment
from diagnostics.systems.kubernetes.models import (
    Revision,
    WorkloadState,
    format_selector,
    read_controller_revision,
    read_event,
    read_node,
    read_pod,
    read_revision,
    read_workload,
)
from diagnostics.systems.kubernetes.pods import judge_pods
from diagnostics.systems.kubernetes.request import KubernetesRequest
from diagnostics.systems.kubernetes.workloads import judge_history, judge_workloads

Item = TypeVar("Item", bound=Resource)

WORKLOADS: Mapping[str, type[Any]] = {
    "deployments": apps_v1.Deployment,
    "replicasets": apps_v1.ReplicaSet,
    "statefulsets": apps_v1.StatefulSet,
    "daemonsets": apps_v1.DaemonSet,
}
RESOURCES: Mapping[str, type[Any]] = {
    **WORKLOADS,
    "pods": core_v1.Pod,
    "services": core_v1.Service,
    "nodes": core_v1.Node,
    "jobs": batch_v1.Job,
}
"""Kinds whose names and places another command may take."""

NOUNS = {"replicasets": "replica sets", "statefulsets": "stateful sets", "daemonsets": "daemon sets"}
METRICS = "apis/metrics.k8s.io/v1beta1"


@dataclass(frozen=True, slots=True)
class ObjectReader:
    """One look at one cluster. `namespace` is where it looks, `*` everywhere; `by` an instant of the loop's clock."""

    cluster: ClusterReader
    request: KubernetesRequest
    namespace: str
    at: Moment
    by: float

    async def fetch(self, kind: str, resource: type[Item]) -> list[Item]:
        """The objects of a kind that the request means. Raises Inconclusive where a named one is not there."""
        names = self.request.names.get(kind, ())
        if not names:
            return await self.fetch_all(resource, self.request.labels, self.request.fields)
        if self.namespace == ALL:
            raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, "A name and all namespaces do not go together.")
        asked = (self.cluster.fetch_object(resource, self.namespace, name, self.by) for name in names)
        return list(await asyncio.gather(*asked))

    async def fetch_all(self, resource: type[Item], labels: str = "", fields: str = "") -> list[Item]:
        """All objects of a kind with these labels."""
        return await self.cluster.fetch_list(resource, self.namespace, self.by, labels=labels, fields=fields)

    async def read_workloads(self, kind: str) -> list[WorkloadState]:
        """Workloads with their revisions; without the right to these only the revisions are missing."""
        found, revisions = await asyncio.gather(
            self.fetch(kind, WORKLOADS[kind]), catch_inconclusive(self._read_revisions(kind))
        )
        by_owner = {} if isinstance(revisions, Inconclusive) else revisions
        return [
            read_workload(kind, workload, by_owner.get(workload.metadata.uid or "", ())) for workload in found
        ]

    async def _read_revisions(self, kind: str) -> dict[str, list[Revision]]:
        """By the id of their owner: replica sets for a deployment, controller revisions for the others."""
        if kind == "replicasets":
            return {}
        if kind == "deployments":
            sets = await self.fetch_all(apps_v1.ReplicaSet)
            return _group_by_owner(
                (replica_set.metadata, _read_replica_set(replica_set)) for replica_set in sets
            )
        revisions = await self.fetch_all(apps_v1.ControllerRevision)
        return _group_by_owner(
            (revision.metadata, read_controller_revision(revision)) for revision in revisions
        )

    async def read_pods_of_workloads(self) -> JudgedKind:
        """The pods that the named workloads select."""
        pods = [
            pod
            for kind in self.request.kinds
            if kind in WORKLOADS
            for workload in await self.fetch(kind, WORKLOADS[kind])
            if (labels := format_selector(workload.spec.selector))
            for pod in await self.fetch_all(core_v1.Pod, labels)
        ]
        return judge_pods([read_pod(pod) for pod in pods], self.at)

    async def read_events_about(self, names: Iterable[str]) -> JudgedKind:
        """The warning events of the namespace that are about one of these."""
        wanted = set(names)
        events = [read_event(event) for event in await self.fetch_all(core_v1.Event)]
        return other_kinds.judge_events(
            [event for event in events if event.about.partition("/")[2] in wanted], self.at
        )


def _read_replica_set(each: apps_v1.ReplicaSet) -> Revision:
    template = each.spec.template if each.spec else None
    return read_revision(each.metadata, template.spec if template else None)


def _group_by_owner(made: Iterable[tuple[ObjectMeta | None, Revision]]) -> dict[str, list[Revision]]:
    found: dict[str, list[Revision]] = {}
    for meta, revision in made:
        for owner in (meta and meta.ownerReferences) or ():
            found.setdefault(owner.uid, []).append(revision)
    return found


async def _pods(reader: ObjectReader, kind: str) -> JudgedKind:
    return judge_pods([read_pod(pod) for pod in await reader.fetch(kind, core_v1.Pod)], reader.at)


async def _workloads(reader: ObjectReader, kind: str) -> JudgedKind:
    works = await reader.read_workloads(kind)
    if kind == "replicasets" and not reader.request.names.get(kind):
        works = [work for work in works if work.desired]  # those of revisions before are at 0 on purpose
    return judge_workloads(NOUNS.get(kind, kind), works, reader.at)


async def _history(reader: ObjectReader, kind: str) -> JudgedKind:
    return judge_history(NOUNS.get(kind, kind), await reader.read_workloads(kind), reader.at)


async def _nodes(reader: ObjectReader, kind: str) -> JudgedKind:
    return other_kinds.judge_nodes(
        [read_node(node) for node in await reader.fetch(kind, core_v1.Node)], reader.at
    )


async def _events(reader: ObjectReader, kind: str) -> JudgedKind:
    events = [read_event(event) for event in await reader.fetch(kind, core_v1.Event)]
    return other_kinds.judge_events(events, reader.at)


async def _services(reader: ObjectReader, kind: str) -> JudgedKind:
    services, endpoints = await asyncio.gather(
        reader.fetch(kind, core_v1.Service), reader.fetch_all(core_v1.Endpoints)
    )
    return other_kinds.judge_services(services, endpoints, reader.at)


async def _endpoints(reader: ObjectReader, kind: str) -> JudgedKind:
    return other_kinds.judge_endpoints(await reader.fetch(kind, core_v1.Endpoints), reader.at)


async def _autoscalers(reader: ObjectReader, kind: str) -> JudgedKind:
    found: Sequence[Any] = await reader.fetch(kind, autoscaling_v2.HorizontalPodAutoscaler)
    return other_kinds.judge_autoscalers(found, reader.at)


async def _jobs(reader: ObjectReader, kind: str) -> JudgedKind:
    return other_kinds.judge_jobs(await reader.fetch(kind, batch_v1.Job), reader.at)


async def _pod_usage(reader: ObjectReader, kind: str) -> JudgedKind:
    within = "" if reader.namespace == ALL else f"namespaces/{check_name(reader.namespace)}/"
    used, pods = await asyncio.gather(
        reader.cluster.fetch_items(f"{METRICS}/{within}pods", reader.by, reader.request.labels),
        reader.fetch_all(core_v1.Pod, reader.request.labels),
    )
    room = {pod.metadata.name or "": usage.read_pod_limit(pod) for pod in pods if pod.metadata and pod.spec}
    return _judge_usage("pods", kind, used, room, reader)


async def _node_usage(reader: ObjectReader, kind: str) -> JudgedKind:
    used, nodes = await asyncio.gather(
        reader.cluster.fetch_items(f"{METRICS}/nodes", reader.by), reader.fetch_all(core_v1.Node)
    )
    room = {node.metadata.name or "": usage.read_node_room(node) for node in nodes if node.metadata}
    return _judge_usage("nodes", kind, used, room, reader)


def _judge_usage(
    noun: str, kind: str, used: Sequence[Mapping[str, Any]], room: Mapping[str, Any], reader: ObjectReader
) -> JudgedKind:
    names = reader.request.names.get(kind, ())
    try:
        chosen = [metrics for metrics in used if not names or metrics["metadata"]["name"] in names]
        return usage.judge_usage(noun, chosen, room, reader.at)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        said = f"metrics.k8s.io answered in a shape that I do not know ({type(error).__name__})."
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, said) from error


KIND_READERS: Mapping[str, Callable[[ObjectReader, str], Awaitable[JudgedKind]]] = {
    "pods": _pods,
    **dict.fromkeys(WORKLOADS, _workloads),
    "history": _history,
    "nodes": _nodes,
    "events": _events,
    "services": _services,
    "endpoints": _endpoints,
    "horizontalpodautoscalers": _autoscalers,
    "jobs": _jobs,
    "top pods": _pod_usage,
    "top nodes": _node_usage,
}
"""By the kind, or by the verb where that decides."""
