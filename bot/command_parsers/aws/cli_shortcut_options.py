"""Options that the AWS CLI adds to an operation so that it is easier to type: the same by the operation's own."""

from collections.abc import Callable, Mapping

from bot.command_parsers.aws.access_level import classify_call
from bot.command_parsers.aws.arguments import AwsArguments
from bot.command_parsers.parse_context import ParseContext
from bot.command_parsers.parsed_command import MistypedCommand, ParsedCommand

PROTOCOLS = frozenset({"tcp", "udp", "icmp", "all"})
RULES = ("authorize-security-group-ingress", "authorize-security-group-egress", "revoke-security-group-ingress",
         "revoke-security-group-egress")  # fmt: skip
ANYWAY = {
    ("ses", "send-email"): "from to cc bcc subject text html",
    (
        "cloudwatch",
        "put-metric-data",
    ): "metric-name timestamp value dimensions unit statistic-values storage-resolution",
    ("ec2", "run-instances"): "count secondary-private-ip-addresses secondary-private-ip-address-count"
    " associate-public-ip-address no-associate-public-ip-address",
    ("ec2", "bundle-instance"): "bucket prefix owner-akid owner-sak policy",
    ("cloudfront", "create-distribution"): "origin-domain-name default-root-object",
    ("cloudfront", "update-distribution"): "default-root-object",
}
"""Options by which a person has to make the call, for what they stand for is made up by the CLI."""


def parse_manual_options(words: AwsArguments, service: str, operation: str) -> ParsedCommand | None:
    """A command with an option of which only the CLI knows the meaning."""
    found = set(words.options) & set(ANYWAY.get((words.service, words.operation), "").split())
    if not found:
        return None
    kind, why = classify_call(service, operation, {})
    return ParsedCommand(kind, f"{why}; --{min(found)} is the AWS CLI's own")


def list_shortcuts(words: AwsArguments) -> frozenset[str]:
    """The names of such options of this operation."""
    return frozenset(SHORTCUTS.get((words.service, words.operation), "").split())


def expand_shortcuts(words: AwsArguments, given: ParseContext) -> dict[str, object]:
    """The parameters that such options stand for; they are taken away."""
    read = READERS.get((words.service, words.operation))
    return read(words, given) if read else {}


def _rule(words: AwsArguments, given: ParseContext) -> dict[str, object]:
    """`--protocol tcp --port 443 --cidr 10.0.0.0/8`: one permission."""
    protocol, port = words.take_option("protocol"), words.take_option("port")
    rule = {**_protocol(words, protocol), **_ports(words, port)}
    cidr, group, owner = (
        words.take_option("cidr"),
        words.take_option("source-group"),
        words.take_option("group-owner"),
    )
    if cidr is not None:
        rule["IpRanges"] = [{"CidrIp": cidr}]
    rule |= _group(group, owner)
    if rule and "ip-permissions" in words.options:
        raise MistypedCommand(f"{words.shown}: --ip-permissions says the same as --protocol and --port")
    return {"IpPermissions": [rule]} if rule else {}


def _protocol(words: AwsArguments, protocol: str | None) -> dict[str, object]:
    if protocol is None:
        return {}
    if protocol not in PROTOCOLS and not protocol.removeprefix("-").isdigit():
        raise MistypedCommand(f"{words.shown}: --protocol is tcp, udp, icmp or all, not “{protocol[:40]}”")
    return {"IpProtocol": "-1" if protocol == "all" else protocol}


def _ports(words: AwsArguments, port: str | None) -> dict[str, object]:
    if port is None:
        return {}
    low, _, high = ("-1", "", "-1") if port in {"-1", "all"} else port.partition("-")
    if not low.removeprefix("-").isdigit() or not (high or low).removeprefix("-").isdigit():
        raise MistypedCommand(f"{words.shown}: --port is such as 22 or 22-25, not “{port[:40]}”")
    return {"FromPort": int(low), "ToPort": int(high or low)}


def _group(group: str | None, owner: str | None) -> dict[str, object]:
    pair: dict[str, object] = {}
    if group is not None:
        pair["GroupId" if group.startswith("sg-") else "GroupName"] = group
    if owner is not None:
        pair["UserId"] = owner
    return {"UserIdGroupPairs": [pair]} if pair else {}


def _paths(words: AwsArguments, given: ParseContext) -> dict[str, object]:
    """`--paths '/*'`; the reference that CloudFront knows a repetition by is the clock's second."""
    paths = [word.text for word in words.options.pop("paths", [])]
    if not paths:
        return {}
    if "invalidation-batch" in words.options:
        raise MistypedCommand(f"{words.shown}: --invalidation-batch says the same as --paths")
    reference = f"tocsin-{int(given.now.timestamp())}"
    return {
        "InvalidationBatch": {"CallerReference": reference, "Paths": {"Quantity": len(paths), "Items": paths}}
    }


SHORTCUTS = {
    **{("ec2", name): "protocol port cidr source-group group-owner" for name in RULES},
    ("cloudfront", "create-invalidation"): "paths",
}
READERS: Mapping[tuple[str, str], Callable[[AwsArguments, ParseContext], dict[str, object]]] = {
    **{("ec2", name): _rule for name in RULES},
    ("cloudfront", "create-invalidation"): _paths,
}
