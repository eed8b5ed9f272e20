"""What pods and nodes use by metrics.k8s.io, against their limits (pods) and what they have (nodes)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lightkube.utils.quantity import parse_quantity

from bot.domain.finding import Verdict
from diagnostics.analysis.thresholds import Limit
from diagnostics.systems.kubernetes.judgement import JudgedKind, Judgement, Moment

HEADS = ("NAME", "CPU", "MEMORY", "MEMORY OF ITS LIMIT")
MEMORY = Limit(">=", 85, 95, "%")


def judge_usage(
    noun: str, used: Sequence[Mapping[str, Any]], room: Mapping[str, Decimal], at: Moment
) -> JudgedKind:
    """Memory against its room, by name in bytes; without any it is only told. Processors are no fault by themselves."""
    judged = [_judge(metrics, room) for metrics in used]
    judged.sort(key=lambda judgement: judgement.row[3], reverse=True)
    return JudgedKind(noun, HEADS, tuple(judged), "have memory left")


def _judge(each: Mapping[str, Any], room: Mapping[str, Decimal]) -> Judgement:
    name = str(each["metadata"]["name"])
    parts = [part["usage"] for part in each["containers"]] if "containers" in each else [each["usage"]]
    cpu, memory = (sum((_read(part.get(what)) for part in parts), Decimal()) for what in ("cpu", "memory"))
    told = (f"{cpu * 1000:.0f}m", f"{memory / 2**20:.0f}Mi")
    if not room.get(name):
        return Judgement(
            Verdict.OK, name, f"uses {told[0]} and {told[1]}, and has no limit", (name, *told, "-")
        )
    share = float(100 * memory / room[name])
    verdict = MEMORY.verdict(share)
    said = f"uses {share:.0f}% of its {room[name] / 2**20:.0f}Mi memory"
    limit = f" ({MEMORY.describe(verdict)})" if verdict is not Verdict.OK else ""
    return Judgement(verdict, name, f"{said}{limit}", (name, *told, f"{share:.0f}%"))


def _read(quantity: Any) -> Decimal:
    return parse_quantity(None if quantity is None else str(quantity)) or Decimal()


def read_pod_limit(pod: Any) -> Decimal:
    """Bytes of memory that a pod's containers may have together; 0 where one of them has no limit."""
    limits = [
        (container.resources and (container.resources.limits or {}).get("memory"))
        for container in pod.spec.containers
    ]
    return Decimal() if not all(limits) else sum((_read(limit) for limit in limits), Decimal())


def read_node_room(node: Any) -> Decimal:
    """Bytes of memory that a node gives to pods."""
    return _read(((node.status and node.status.allocatable) or {}).get("memory"))
