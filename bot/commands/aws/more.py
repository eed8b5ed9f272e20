"""Commands that the AWS CLI adds of its own, or that runbooks write as if it did: the same by the right operation."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.commands.aws.kinds import kind_of
from bot.commands.aws.words import AwsWords
from bot.commands.given import Given
from bot.commands.part import Mistyped, Part
from bot.errors import Unclear
from bot.step import AwsCall, Kind

SPAN = re.compile(r"(?P<number>\d{1,6})(?P<unit>[smhdw])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
S3_ADDRESS = re.compile(r"(?:s3://)?(?P<bucket>[^/\s]+)/?(?P<prefix>.*)")
CHANGING = frozenset(
    {
        ("s3", "cp"),
        ("s3", "mv"),
        ("s3", "rm"),
        ("s3", "sync"),
        ("s3", "mb"),
        ("s3", "rb"),
        ("s3", "website"),
        ("ecs", "deploy"),
        ("cloudformation", "deploy"),
        ("cloudformation", "package"),
        ("deploy", "push"),
        ("rds", "add-option-to-option-group"),
        ("rds", "remove-option-from-option-group"),
        ("configservice", "subscribe"),
        ("cloudtrail", "create-subscription"),
        ("cloudtrail", "update-subscription"),
        ("emr", "terminate-clusters"),
    }
)
OTHER = frozenset(
    {
        ("s3", "presign"),
        ("eks", "update-kubeconfig"),
        ("ssm", "start-session"),
        ("ec2-instance-connect", "ssh"),
        ("cloudtrail", "validate-logs"),
        ("logs", "start-live-tail"),
    }
)


def own_command(words: AwsWords, given: Given) -> Part | None:
    """A command of the CLI's own, or None when it is an operation like any other."""
    key = (words.service, words.operation)
    if words.service in {"configure", "sso", "login", "help", "history"} or "help" in {words.operation}:
        return Part(Kind.MANUAL, f"{words.shown.strip()} is for a terminal")
    if key in CHANGING:
        return Part(Kind.REMEDIATION, f"{words.shown} changes something")
    if key in OTHER:
        return Part(Kind.MANUAL, f"{words.shown} is for a person's own machine")
    read = READERS.get(key)
    return read(words, given) if read else None


def _made(words: AwsWords, service: str, operation: str, method: str, parameters: dict[str, object]) -> Part:
    """A call whose options have all been taken."""
    if words.options:
        raise Mistyped(f"{words.shown}: there is no --{next(iter(words.options))[:40]}")
    if words.names:
        raise Mistyped(f"{words.shown}: “{words.names[0].text[:40]}” belongs to no option")
    kind, why = kind_of(service, operation, parameters)
    everywhere = words.everywhere
    call = AwsCall(
        service=service,
        operation=operation,
        parameters=parameters,
        query=everywhere.get("query"),
        region=everywhere.get("region"),
        profile=everywhere.get("profile"),
        output=everywhere.get("output"),
        pages=operation in {"FilterLogEvents", "ListObjectsV2", "ListBuckets"},
    )
    return Part(kind, why, f"{service}.{method}", call)


def _tail(words: AwsWords, given: Given) -> Part:
    """`aws logs tail GROUP --since 10m`: the events of a group, newest last; `--follow` is one look here."""
    if not words.names:
        raise Mistyped("aws logs tail: needs the name of a log group")
    group = words.names.pop(0)
    for name in ("follow", "no-follow"):
        if words.options.pop(name, None):
            raise Mistyped(f"aws logs tail: --{name} takes no value")
    words.taken("format")
    since = words.options.get("since")
    text = words.taken("since") or "10m"
    start: object = text if since and since[0].needs else _since(text, given.now)
    parameters: dict[str, object] = {"logGroupName": group.text, "interleaved": True, "startTime": start}
    pattern, prefix = words.taken("filter-pattern"), words.taken("log-stream-name-prefix")
    if pattern is not None:
        parameters["filterPattern"] = pattern
    if prefix is not None:
        parameters["logStreamNamePrefix"] = prefix
    streams = words.options.pop("log-stream-names", [])
    if streams:
        parameters["logStreamNames"] = [word.text for word in streams]
    return _made(words, "logs", "FilterLogEvents", "filter_log_events", parameters)


def _since(text: str, now: datetime) -> int:
    """Milliseconds since 1970 of `10m`, `2d`, or a date."""
    found = SPAN.fullmatch(text)
    try:
        if found:
            moment = now - timedelta(**{UNITS[found["unit"]]: int(found["number"])})
        else:
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise Mistyped(f"aws logs tail: --since {text[:40]} is no span and no date") from error


def _insights(words: AwsWords, given: Given) -> Part:
    """`aws logs insights query`: no command of the CLI's, but what is meant is StartQuery."""
    if not words.names or words.names.pop(0).text != "query":
        raise Unclear("aws logs insights is understood with “query” only")
    parameters: dict[str, object] = {}
    for name, key in (("start-time", "startTime"), ("end-time", "endTime"), ("limit", "limit")):
        values = words.options.get(name)
        number = words.whole_number(name)
        if values and values[0].needs:
            parameters[key] = values[0].text
        elif number is not None:
            parameters[key] = number
    query = words.taken("query-string")
    if query is not None:
        parameters["queryString"] = query
    one = words.taken("log-group-name")
    groups = [word.text for word in words.options.pop("log-group-names", [])]
    if one is not None:
        parameters["logGroupName"] = one
    if groups:
        parameters["logGroupNames"] = groups
    missing = [name for name in ("startTime", "endTime", "queryString") if name not in parameters]
    if missing or not (one or groups):
        raise Mistyped(
            "aws logs insights query: needs a log group, --start-time, --end-time and --query-string"
        )
    return _made(words, "logs", "StartQuery", "start_query", parameters)


def _list(words: AwsWords, given: Given) -> Part:
    """`aws s3 ls [s3://BUCKET/PREFIX]`."""
    recursive = False
    for name in ("recursive", "human-readable", "summarize"):
        values = words.options.pop(name, None)
        if values:
            words.names += values
        recursive = recursive or (name == "recursive" and values is not None)
    if not words.names:
        return _made(words, "s3", "ListBuckets", "list_buckets", {})
    found = S3_ADDRESS.fullmatch(words.names.pop(0).text)
    if not found:
        raise Mistyped("aws s3 ls: this is no s3://BUCKET/PREFIX")
    parameters: dict[str, object] = {"Bucket": found["bucket"], "Prefix": found["prefix"]}
    if not recursive:
        parameters["Delimiter"] = "/"
    return _made(words, "s3", "ListObjectsV2", "list_objects_v2", parameters)


READERS: dict[tuple[str, str], Callable[[AwsWords, Given], Part]] = {
    ("logs", "tail"): _tail,
    ("logs", "insights"): _insights,
    ("s3", "ls"): _list,
}
