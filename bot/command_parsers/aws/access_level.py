"""Whether an operation only reads. That it does must be proven: by the reviewed list and nothing else."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.command_parsers.aws.read_only_allow_list import DECRYPTED, READS, SECRETS
from bot.command_parsers.aws.secrets import can_return_secret
from bot.command_parsers.secret_names import is_secret_name
from bot.domain.playbook import StepKind

READING = re.compile(
    r"(?:Batch)?(?:Describe|Get|List|Head|Search|Lookup|Query|Scan|Filter|View|Check|Estimate|Preview|Simulate)"
    r"(?=[A-Z0-9]|$)"
)
"""Names that AWS gives to reads. They prove nothing: such an operation waits for a click."""


@dataclass(frozen=True, slots=True)
class _AwsRequest:
    """One call by botocore's names; `query` is what is left of its answer."""

    service: str
    operation: str
    parameters: Mapping[str, object]
    query: str | None

    def is_reading(self) -> bool:
        return READING.match(self.operation) is not None

    def decrypts(self) -> bool:
        asks = self.parameters.get("WithDecryption") not in {None, False}
        return self.service == "ssm" and self.operation in DECRYPTED and asks

    def has_secret_parameter(self) -> bool:
        names = _parameter_names(self.parameters)
        return self.service == "ssm" and self.operation in DECRYPTED and any(map(is_secret_name, names))

    def is_function_call(self) -> bool:
        return self.service == "s3" and "object-lambda" in str(self.parameters.get("Bucket", "")).lower()

    def can_return_secrets(self) -> bool:
        return can_return_secret(self.service, self.operation, self.parameters, self.query)


RULES: tuple[tuple[Callable[[_AwsRequest], bool], StepKind, str], ...] = (
    (
        lambda its: f"{its.service}.{its.operation}" in SECRETS,
        StepKind.MANUAL,
        "{operation} prints a secret or data",
    ),
    (_AwsRequest.decrypts, StepKind.MANUAL, "{operation} with decryption prints secrets"),
    (
        _AwsRequest.has_secret_parameter,
        StepKind.MANUAL,
        "{operation} prints a parameter that is a secret, by its name",
    ),
    (
        lambda its: its.service == "logs" and _unmasks(its.parameters),
        StepKind.MANUAL,
        "{operation} shows what is masked in the logs",
    ),
    (
        _AwsRequest.is_function_call,
        StepKind.PROBE,
        "{operation} would run the function behind an access point",
    ),
    (
        lambda its: its.operation in READS.get(its.service, frozenset()),
        StepKind.DIAGNOSTIC,
        "{operation} only reads",
    ),
    (
        lambda its: its.is_reading() and its.can_return_secrets(),
        StepKind.MANUAL,
        "{operation} can bring secrets, and is not on the reviewed list of {service}",
    ),
    (
        _AwsRequest.is_reading,
        StepKind.PROBE,
        "{operation} reads, but is not on the reviewed list of {service}",
    ),
    (lambda its: True, StepKind.REMEDIATION, "{operation} changes something"),
)
"""When an operation is of which kind, and why: the first that holds."""


def classify_call(
    service: str, operation: str, parameters: Mapping[str, object], query: str | None = None
) -> tuple[StepKind, str]:
    """The kind of one call and why, by botocore's names; `query` is what is left of its answer."""
    asked = _AwsRequest(service, operation, parameters, query)
    kind, why = next((kind, why) for holds, kind, why in RULES if holds(asked))
    return kind, why.format(operation=operation, service=service)


def _parameter_names(parameters: Mapping[str, object]) -> list[str]:
    """The parameters that are asked for, by their names or the path to them."""
    named = parameters.get("Names")
    one = (str(parameters.get(key, "")) for key in ("Name", "Path"))
    return [*one, *(map(str, named) if isinstance(named, list) else [])]


def _unmasks(parameters: Mapping[str, object]) -> bool:
    """Whether data that a policy masks is asked for in the clear."""
    query = str(parameters.get("queryString", "")).replace(" ", "").lower()
    return parameters.get("unmask") not in {None, False} or "unmask(" in query
