"""What a kubectl looks at: kinds of objects by every name that kubectl takes, and the objects' own names."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import UnsupportedCommand

_KINDS = """
    pods pod po, deployments deployment deploy deployments.apps deployment.apps,
    replicasets replicaset rs replicasets.apps replicaset.apps,
    statefulsets statefulset sts statefulsets.apps statefulset.apps,
    daemonsets daemonset ds daemonsets.apps daemonset.apps, jobs job jobs.batch job.batch,
    services service svc, endpoints endpoint ep, nodes node no, events event ev,
    horizontalpodautoscalers horizontalpodautoscaler hpa horizontalpodautoscalers.autoscaling, all
"""
KINDS = {name: group.split()[0] for group in _KINDS.split(",") for name in group.split()}
"""By every spelling the kind in kubectl's own plural. The role in docs/OPERATING.md has no right to others."""

ROLLED_OUT = frozenset({"deployments", "statefulsets", "daemonsets"})
LOGGED = frozenset({"pods", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "services"})
MEASURED = frozenset({"pods", "nodes"})


@dataclass(frozen=True, slots=True)
class KubernetesTargets:
    """Kinds in kubectl's plural, and `(kind, name)` of each object that is named; none named means all of the kinds."""

    kinds: tuple[str, ...]
    names: tuple[tuple[str, str], ...] = ()


def parse_targets(verb: str, words: Sequence[str]) -> KubernetesTargets:
    """The words behind the verb. Raises UnsupportedCommand for a kind that is not read."""
    return READERS.get(verb, _parse_any)(verb, words)


def _parse_any(verb: str, words: Sequence[str]) -> KubernetesTargets:
    """`pods`, `pods,svc`, `pod api-1 api-2`, `deploy/api sts/db`."""
    if not words:
        raise UnsupportedCommand(f"kubectl {verb} does not say what to look at")
    if any("/" in word for word in words):
        return _parse_pairs(verb, words)
    kinds = tuple(_read_kind(verb, word) for word in words[0].split(","))
    names = tuple((kind, name) for kind in kinds for name in words[1:])
    return KubernetesTargets(kinds, names)


def _parse_pairs(verb: str, words: Sequence[str]) -> KubernetesTargets:
    pairs = [word.partition("/")[::2] for word in words]
    if any(not name for _, name in pairs):
        raise UnsupportedCommand(f"kubectl {verb} mixes two ways of naming objects")
    names = tuple((_read_kind(verb, kind), name) for kind, name in pairs)
    return KubernetesTargets(tuple(dict.fromkeys(kind for kind, _ in names)), names)


def _parse_events(verb: str, words: Sequence[str]) -> KubernetesTargets:
    if words:
        raise UnsupportedCommand(f"kubectl events {words[0][:30]} is not evaluated")
    return KubernetesTargets(("events",))


def _parse_logs(verb: str, words: Sequence[str]) -> KubernetesTargets:
    """`api-1`, `api-1 container` (an old spelling), `deploy/api`; nothing where a selector chooses."""
    if not words:
        return KubernetesTargets(("pods",))
    kind, slash, name = words[0].partition("/")
    read = (_read_kind(verb, kind), name) if slash else ("pods", kind)
    if read[0] not in LOGGED or len(words) > 2:
        raise UnsupportedCommand(f"kubectl logs {words[-1][:30]} is not evaluated")
    return KubernetesTargets((read[0],), (read,))


def _parse_rollout(verb: str, words: Sequence[str]) -> KubernetesTargets:
    targets = _parse_any(verb, words)
    if not set(targets.kinds) <= ROLLED_OUT or not targets.names:
        raise UnsupportedCommand(f"kubectl {verb} is for deployments, stateful sets and daemon sets by name")
    return targets


def _parse_top(verb: str, words: Sequence[str]) -> KubernetesTargets:
    targets = _parse_any(verb, words)
    if not set(targets.kinds) <= MEASURED:
        raise UnsupportedCommand("kubectl top is for pods and nodes")
    return targets


def _read_kind(verb: str, word: str) -> str:
    kind = KINDS.get(word.lower())
    if kind is None or (kind == "all" and verb != "get"):
        raise UnsupportedCommand(f"Tocsin does not read {word[:40]} of Kubernetes; run it yourself")
    return kind


READERS = {
    "events": _parse_events,
    "logs": _parse_logs,
    "top": _parse_top,
    "rollout status": _parse_rollout,
    "rollout history": _parse_rollout,
}
