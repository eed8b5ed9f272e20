"""What is read of Kubernetes' objects, as plain values: states, counts, reasons and images, and nothing else.

Environments, config maps' values and secrets are in none of them. Fields by https://kubernetes.io/docs/reference/.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from lightkube.models.apps_v1 import ControllerRevision
from lightkube.models.core_v1 import (
    ContainerState as LightkubeState,
)
from lightkube.models.core_v1 import (
    ContainerStateTerminated,
    ContainerStatus,
    Event,
    EventSeries,
    Node,
    NodeSpec,
    NodeStatus,
    Pod,
    PodCondition,
    PodSpec,
    PodStatus,
)
from lightkube.models.meta_v1 import ObjectMeta

from diagnostics.clients.response_parsing import clean_line

REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True, slots=True)
class ContainerState:
    """One container. `waiting` and `ended` are Kubernetes' reasons (`CrashLoopBackOff`, `OOMKilled`), `ended_at` when
    it last ended, `code` how."""

    name: str
    ready: bool
    restarts: int
    waiting: str = ""
    ended: str = ""
    ended_at: datetime | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class PodState:
    """One pod. `why` is the sentence of Kubernetes for a pod that is not placed or was put out; `owner` the kind of
    what made it."""

    name: str
    phase: str
    created: datetime | None
    containers: tuple[ContainerState, ...]
    why: str = ""
    reason: str = ""
    owner: str = ""
    node: str = ""

    @property
    def ready(self) -> int:
        return sum(container.ready for container in self.containers)

    @property
    def restarts(self) -> int:
        return sum(container.restarts for container in self.containers)


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a workload: its number, when it was made, and its containers' images by their names."""

    number: int
    created: datetime | None
    images: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WorkloadState:
    """A deployment or its like. `revisions` are the newest first; `trouble` is what its conditions say is wrong."""

    kind: str
    name: str
    desired: int
    ready: int
    updated: int
    available: int
    observed: bool = True
    trouble: str = ""
    revisions: tuple[Revision, ...] = ()
    labels: str = ""


@dataclass(frozen=True, slots=True)
class NodeState:
    """One node. `pressure` are the conditions that hold and should not, `unready` says why it takes no pods."""

    name: str
    unready: str
    pressure: tuple[str, ...]
    cordoned: bool


@dataclass(frozen=True, slots=True)
class EventNote:
    """One event, however often it came. `about` is `Pod/api-1`."""

    reason: str
    about: str
    message: str
    count: int
    last: datetime | None
    warning: bool


def read_pod(pod: Pod) -> PodState:
    """A pod as values."""
    status, meta = pod.status or PodStatus(), pod.metadata or ObjectMeta()
    spec = pod.spec or PodSpec(containers=[])
    inits = filter(_is_stuck, status.initContainerStatuses or ())
    unplaced = _find_unplaced(status)
    return PodState(
        meta.name or "",
        status.phase or "Unknown",
        meta.creationTimestamp,
        tuple(map(_read_container, [*inits, *(status.containerStatuses or ())])),
        clean_line(unplaced.message or status.message or ""),
        clean_line(unplaced.reason or status.reason or ""),
        next((owner.kind for owner in meta.ownerReferences or ()), ""),
        spec.nodeName or "",
    )


def _find_unplaced(status: PodStatus) -> PodCondition:
    """The condition that says why no node takes the pod; one without words where that is not so."""
    placed = PodCondition(type="PodScheduled", status="True")
    return next(
        (found for found in status.conditions or () if _key(found) == ("PodScheduled", "False")), placed
    )


def _is_stuck(status: ContainerStatus) -> bool:
    """Whether a container of the start holds up the pod. One that has ended well is no part of it any more."""
    ended = status.state and status.state.terminated
    return not (ended and ended.exitCode == 0)


def _read_container(status: ContainerStatus) -> ContainerState:
    state, last = status.state or LightkubeState(), status.lastState or LightkubeState()
    waiting = (state.waiting and state.waiting.reason) or ""
    found = ContainerState(status.name, status.ready, status.restartCount, clean_line(waiting))
    ended: ContainerStateTerminated | None = state.terminated or last.terminated
    if ended is None:
        return found
    return replace(
        found, ended=clean_line(ended.reason or ""), ended_at=ended.finishedAt, code=ended.exitCode
    )


def read_images(spec: PodSpec | None) -> dict[str, str]:
    """Each container's image, without a digest's tail."""
    containers = spec.containers if spec else []
    return {
        container.name: clean_line(container.image or "").partition("@sha256:")[0] for container in containers
    }


def read_revision(meta: ObjectMeta | None, spec: PodSpec | None) -> Revision:
    """The revision that a replica set stands for."""
    number = str(((meta and meta.annotations) or {}).get(REVISION, "0"))
    return Revision(
        int(number) if number.isdigit() else 0, meta.creationTimestamp if meta else None, read_images(spec)
    )


def read_controller_revision(revision: ControllerRevision) -> Revision:
    """The revision of a stateful set or daemon set. Of what it holds only the images are taken."""
    spec = _find(revision.data, "spec", "template", "spec", "containers")
    containers: Iterable[Any] = spec if isinstance(spec, list) else ()
    images = {
        str(container.get("name")): clean_line(container.get("image"))
        for container in containers
        if isinstance(container, dict)
    }
    return Revision(
        revision.revision or 0, revision.metadata.creationTimestamp if revision.metadata else None, images
    )


def _find(data: object, *path: str) -> object:
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def read_workload(kind: str, found: Any, revisions: Sequence[Revision] = ()) -> WorkloadState:
    """A deployment, replica set, stateful set or daemon set: they count the same under different names."""
    status, spec, meta = found.status, found.spec, found.metadata

    def count(*names: str) -> int:
        return next((value for name in names if (value := getattr(status, name, None)) is not None), 0)

    wanted = spec.replicas if hasattr(spec, "replicas") else count("desiredNumberScheduled")
    conditions = getattr(status, "conditions", None) or ()
    trouble = next((_explain(condition) for condition in conditions if _is_trouble(condition)), "")
    return WorkloadState(
        kind,
        meta.name,
        1 if wanted is None else wanted,
        count("readyReplicas", "numberReady"),
        count("updatedReplicas", "updatedNumberScheduled"),
        count("availableReplicas", "numberAvailable", "readyReplicas"),
        (getattr(status, "observedGeneration", None) or 0) >= (meta.generation or 0),
        trouble,
        tuple(sorted(revisions, key=lambda revision: -revision.number)),
        format_selector(spec.selector),
    )


def _is_trouble(condition: Any) -> bool:
    return _key(condition) in {("Progressing", "False"), ("ReplicaFailure", "True")}


def _key(condition: Any) -> tuple[str, str]:
    return condition.type, condition.status


def _explain(condition: Any) -> str:
    return clean_line(f"{condition.reason}: {condition.message}" if condition.message else condition.reason)


def format_selector(selector: Any) -> str:
    """`app=api,tier=web` of a selector's plain labels; empty where it has none."""
    labels = getattr(selector, "matchLabels", selector) or {}
    return ",".join(f"{name}={value}" for name, value in labels.items())


PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")


def read_node(node: Node) -> NodeState:
    """A node as values."""
    status, meta = node.status or NodeStatus(), node.metadata or ObjectMeta()
    conditions = status.conditions or ()
    ready = next((condition for condition in conditions if condition.type == "Ready"), None)
    holding = {condition.type for condition in conditions if condition.status == "True"}
    unready = "" if "Ready" in holding else clean_line((ready and ready.reason) or "unknown")
    pressure = tuple(name for name in PRESSURES if name in holding)
    return NodeState(meta.name or "", unready, pressure, bool((node.spec or NodeSpec()).unschedulable))


def read_event(event: Event) -> EventNote:
    """An event as values; what it says is redacted."""
    series = event.series or EventSeries()
    instants = (
        series.lastObservedTime,
        event.lastTimestamp,
        event.eventTime,
        event.metadata.creationTimestamp,
    )
    last = next(filter(None, instants), None)
    about = event.involvedObject
    return EventNote(
        clean_line(event.reason or "?"),
        f"{about.kind or '?'}/{about.name or '?'}",
        clean_line(event.message or ""),
        series.count or event.count or 1,
        last.astimezone(UTC) if last else None,
        event.type == "Warning",
    )
