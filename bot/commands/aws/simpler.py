"""Options that the AWS CLI adds to an operation so that it is easier to type: the same by the operation's own."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.commands.aws.kinds import kind_of
from bot.commands.aws.words import AwsWords
from bot.commands.given import Given
from bot.commands.part import Mistyped, Part

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


def by_hand(words: AwsWords, service: str, operation: str) -> Part | None:
    """A command with an option of which only the CLI knows the meaning."""
    found = set(words.options) & set(ANYWAY.get((words.service, words.operation), "").split())
    if not found:
        return None
    kind, why = kind_of(service, operation, {})
    return Part(kind, f"{why}; --{min(found)} is the AWS CLI's own")


def simpler(words: AwsWords, given: Given) -> dict[str, object]:
    """The parameters that such options stand for; they are taken away."""
    read = READERS.get((words.service, words.operation))
    return read(words, given) if read else {}


def _rule(words: AwsWords, given: Given) -> dict[str, object]:
    """`--protocol tcp --port 443 --cidr 10.0.0.0/8`: one permission."""
    rule: dict[str, Any] = {}
    protocol, port = words.taken("protocol"), words.taken("port")
    if protocol is not None:
        if protocol not in PROTOCOLS and not protocol.removeprefix("-").isdigit():
            raise Mistyped(f"{words.shown}: --protocol is tcp, udp, icmp or all, not “{protocol[:40]}”")
        rule["IpProtocol"] = "-1" if protocol == "all" else protocol
    if port is not None:
        low, _, high = ("-1", "", "-1") if port in {"-1", "all"} else port.partition("-")
        if not low.removeprefix("-").isdigit() or not (high or low).removeprefix("-").isdigit():
            raise Mistyped(f"{words.shown}: --port is such as 22 or 22-25, not “{port[:40]}”")
        rule |= {"FromPort": int(low), "ToPort": int(high or low)}
    cidr, group, owner = words.taken("cidr"), words.taken("source-group"), words.taken("group-owner")
    if cidr is not None:
        rule["IpRanges"] = [{"CidrIp": cidr}]
    pair = {"GroupId" if group.startswith("sg-") else "GroupName": group} if group is not None else {}
    pair |= {"UserId": owner} if owner is not None else {}
    if pair:
        rule["UserIdGroupPairs"] = [pair]
    if rule and "ip-permissions" in words.options:
        raise Mistyped(f"{words.shown}: --ip-permissions says the same as --protocol and --port")
    return {"IpPermissions": [rule]} if rule else {}


def _paths(words: AwsWords, given: Given) -> dict[str, object]:
    """`--paths '/*'`; the reference that CloudFront knows a repetition by is the clock's second."""
    paths = [word.text for word in words.options.pop("paths", [])]
    if not paths:
        return {}
    if "invalidation-batch" in words.options:
        raise Mistyped(f"{words.shown}: --invalidation-batch says the same as --paths")
    reference = f"tocsin-{int(given.now.timestamp())}"
    return {
        "InvalidationBatch": {"CallerReference": reference, "Paths": {"Quantity": len(paths), "Items": paths}}
    }


READERS: Mapping[tuple[str, str], Callable[[AwsWords, Given], dict[str, object]]] = {
    **{("ec2", name): _rule for name in RULES},
    ("cloudfront", "create-invalidation"): _paths,
}
