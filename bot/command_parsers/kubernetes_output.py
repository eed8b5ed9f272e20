"""What `kubectl get -o` prints as a text that another command takes: names, and a few fields by jsonpath."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

JSONPATH = re.compile(r"jsonpath=\{(?P<path>(?:\.[A-Za-z]{1,40}(?:\[(?:\*|\d{1,3})\])?){1,8})\}")
STEP = re.compile(r"\.(?P<field>[A-Za-z]+)(?:\[(?P<at>\*|\d+)\])?")
FIELDS = frozenset(
    {
        *("metadata.name", "metadata.namespace", "spec.nodeName", "spec.clusterIP", "spec.replicas"),
        *("spec.containers.name", "spec.containers.image", "status.phase", "status.podIP", "status.hostIP"),
        *("status.loadBalancer.ingress.hostname", "status.loadBalancer.ingress.ip"),
    }
)
"""Fields that hold nothing which a team wrote there as a value of its own."""

SINGULAR = {
    "pods": "pod",
    "services": "service",
    "nodes": "node",
    "jobs": "job.batch",
    "deployments": "deployment.apps",
    "replicasets": "replicaset.apps",
    "statefulsets": "statefulset.apps",
    "daemonsets": "daemonset.apps",
}
"""Kinds as `-o name` writes them; others are not read for another command."""


@dataclass(frozen=True, slots=True)
class TextOutput:
    """A way of printing: `steps` are fields, each with a place in its list, `*` for all and None for no list; empty
    where the names are printed."""

    steps: tuple[tuple[str, str | None], ...] = ()

    def format(self, kind: str, objects: Sequence[Mapping[str, Any]], is_one: bool) -> str:
        """What kubectl prints of these objects; `is_one` where one was asked for by its name."""
        if not self.steps:
            return "".join(f"{SINGULAR[kind]}/{item['metadata']['name']}\n" for item in objects)
        root = objects[0] if is_one and objects else {"items": list(objects)}
        return " ".join(str(value) for value in self._walk([root]))

    def _walk(self, found: list[Any]) -> list[Any]:
        for field, at in self.steps:
            values = [item[field] for item in found if isinstance(item, Mapping) and field in item]
            found = values if at is None else [item for value in values for item in _pick(value, at)]
        return [value for value in found if isinstance(value, str | int | float)]


def _pick(value: object, at: str) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return value if at == "*" else value[int(at) : int(at) + 1]


def parse_text_output(shape: str) -> TextOutput | None:
    """How `-o` prints, None where that is no text for another command or may show what a team configured."""
    if shape == "name":
        return TextOutput()
    found = JSONPATH.fullmatch(shape)
    if not found:
        return None
    steps = tuple((step["field"], step["at"]) for step in STEP.finditer(found["path"]))
    named = steps[1:] if steps[0][0] == "items" and steps[0][1] is not None else steps
    return TextOutput(steps) if ".".join(field for field, _ in named) in FIELDS else None
