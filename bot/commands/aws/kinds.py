"""Whether an operation only reads. That it does must be proven: by the reviewed list and nothing else."""

import re
from collections.abc import Mapping

from bot.commands.aws.reviewed import DECRYPTED, READS, SECRETS
from bot.step import Kind

READING = re.compile(
    r"(?:Batch)?(?:Describe|Get|List|Head|Search|Lookup|Query|Scan|Filter|View|Check|Estimate|Preview|Simulate)"
    r"(?=[A-Z0-9]|$)"
)
"""Names that AWS gives to reads. They prove nothing: such an operation waits for a click."""


def kind_of(service: str, operation: str, parameters: Mapping[str, object]) -> tuple[Kind, str]:
    """The kind of one call and why, by botocore's names."""
    if f"{service}.{operation}" in SECRETS:
        return Kind.MANUAL, f"{operation} prints a secret or data"
    if service == "ssm" and operation in DECRYPTED and parameters.get("WithDecryption") not in {None, False}:
        return Kind.MANUAL, f"{operation} with decryption prints secrets"
    if service == "logs" and _unmasks(parameters):
        return Kind.MANUAL, f"{operation} shows what is masked in the logs"
    if service == "s3" and "object-lambda" in str(parameters.get("Bucket", "")).lower():
        return Kind.PROBE, f"{operation} would run the function behind an access point"
    if operation in READS.get(service, frozenset()):
        return Kind.DIAGNOSTIC, f"{operation} only reads"
    if READING.match(operation):
        return Kind.PROBE, f"{operation} reads, but is not on the reviewed list of {service}"
    return Kind.REMEDIATION, f"{operation} changes something"


def _unmasks(parameters: Mapping[str, object]) -> bool:
    """Whether data that a policy masks is asked for in the clear."""
    query = str(parameters.get("queryString", "")).replace(" ", "").lower()
    return parameters.get("unmask") not in {None, False} or "unmask(" in query
