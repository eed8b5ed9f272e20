"""A kubectl of the runbook as a question: its objects, where they are, and which of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.finding import Inconclusive, UnknownCause
from bot.domain.playbook import KubernetesCall
from diagnostics.clients.kubernetes import ALL, check_name
from diagnostics.clients.response_parsing import clean_line

EVERYTHING = (
    "pods",
    "services",
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "jobs",
    "horizontalpodautoscalers",
)
"""What `all` stands for."""

SELECTOR = re.compile(r"[\w./!=(), -]{1,500}")
GO_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?")


@dataclass(frozen=True, slots=True)
class KubernetesRequest:
    """`names` by kind, empty where all are meant; `namespace` is `*` for all."""

    verb: str
    kinds: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    namespace: str
    context: str
    labels: str
    fields: str
    options: Mapping[str, str | bool]

    def text(self, option: str) -> str:
        """An option's value, empty where it is not given."""
        value = self.options.get(option, "")
        return value if isinstance(value, str) else ""

    def has(self, flag: str) -> bool:
        """Whether a flag is given."""
        return self.options.get(flag) is True


def read_request(call: KubernetesCall) -> KubernetesRequest:
    """The question of a call. Raises Inconclusive for what is no name, no selector or no count."""
    options = call.options
    everything = options.get("all-namespaces") is True
    namespace = ALL if everything else _text(options, "namespace")
    for name in (
        *(each for _, each in call.names),
        *filter(None, (namespace.strip(ALL), _text(options, "container"))),
    ):
        check_name(name)
    for option in ("selector", "field-selector"):
        if (value := _text(options, option)) and not SELECTOR.fullmatch(value):
            raise Inconclusive(
                UnknownCause.NOT_UNDERSTOOD, f"“{clean_line(value)}” is no selector of Kubernetes."
            )
    kinds = EVERYTHING if "all" in call.kinds else call.kinds
    names = {kind: tuple(name for other, name in call.names if other == kind) for kind in kinds}
    return KubernetesRequest(
        call.verb,
        kinds,
        names,
        namespace,
        _text(options, "context"),
        _text(options, "selector"),
        _text(options, "field-selector"),
        options,
    )


def _text(options: Mapping[str, str | bool], name: str) -> str:
    value = options.get(name, "")
    return value if isinstance(value, str) else ""


def parse_go_duration(text: str) -> int:
    """Seconds of `1h30m`. Raises Inconclusive for what is none."""
    found = GO_DURATION.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    total = hours * 3600 + minutes * 60 + seconds
    if not total:
        raise Inconclusive(UnknownCause.NOT_UNDERSTOOD, f"--since {clean_line(text)} is no time.")
    return total
