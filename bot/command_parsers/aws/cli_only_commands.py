"""Commands that the AWS CLI adds of its own, or that runbooks write as if it did: the same by the right operation."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.command_parsers.aws.access_level import classify_call
from bot.command_parsers.aws.arguments import AwsArguments
from bot.command_parsers.parse_context import ParseContext
from bot.command_parsers.parsed_command import MistypedCommand, ParsedCommand
from bot.domain.playbook import AwsCall, StepKind
from bot.errors import UnsupportedCommand

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


def parse_cli_command(words: AwsArguments, given: ParseContext) -> ParsedCommand | None:
    """A command of the CLI's own, or None when it is an operation like any other."""
    key = (words.service, words.operation)
    if words.service in {"configure", "sso", "login", "help", "history"} or "help" in {words.operation}:
        return ParsedCommand(StepKind.MANUAL, f"{words.shown.strip()} is for a terminal")
    if key in CHANGING:
        return ParsedCommand(StepKind.REMEDIATION, f"{words.shown} changes something")
    if key in OTHER:
        return ParsedCommand(StepKind.MANUAL, f"{words.shown} is for a person's own machine")
    read = READERS.get(key)
    return read(words, given) if read else None


def _build_part(
    words: AwsArguments, service: str, operation: str, method: str, parameters: dict[str, object]
) -> ParsedCommand:
    """A call whose options have all been taken."""
    if words.options:
        raise MistypedCommand(f"{words.shown}: there is no --{next(iter(words.options))[:40]}")
    if words.names:
        raise MistypedCommand(f"{words.shown}: “{words.names[0].text[:40]}” belongs to no option")
    kind, why = classify_call(service, operation, parameters)
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
    return ParsedCommand(kind, why, f"{service}.{method}", call)


def _tail(words: AwsArguments, given: ParseContext) -> ParsedCommand:
    """`aws logs tail GROUP --since 10m`: the events of a group, newest last; `--follow` is one look here."""
    if not words.names:
        raise MistypedCommand("aws logs tail: needs the name of a log group")
    group = words.names.pop(0)
    for name in ("follow", "no-follow"):
        if words.options.pop(name, None):
            raise MistypedCommand(f"aws logs tail: --{name} takes no value")
    words.take_option("format")
    since = words.options.get("since")
    text = words.take_option("since") or "10m"
    start: object = text if since and since[0].needs else _since(text, given.now)
    told: dict[str, object] = {
        "logGroupName": group.text,
        "interleaved": True,
        "startTime": start,
        "filterPattern": words.take_option("filter-pattern"),
        "logStreamNamePrefix": words.take_option("log-stream-name-prefix"),
        "logStreamNames": _all_of(words, "log-stream-names"),
    }
    return _build_part(words, "logs", "FilterLogEvents", "filter_log_events", _without_none(told))


def _all_of(words: AwsArguments, name: str) -> list[str] | None:
    """All values of an option, which is taken away; None where there is none."""
    return [word.text for word in words.options.pop(name, [])] or None


def _without_none(told: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in told.items() if value is not None}


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
        raise MistypedCommand(f"aws logs tail: --since {text[:40]} is no span and no date") from error


def _insights(words: AwsArguments, given: ParseContext) -> ParsedCommand:
    """`aws logs insights query`: no command of the CLI's, but what is meant is StartQuery."""
    if not words.names or words.names.pop(0).text != "query":
        raise UnsupportedCommand("aws logs insights is understood with “query” only")
    parameters: dict[str, object] = {}
    for name, key in (("start-time", "startTime"), ("end-time", "endTime"), ("limit", "limit")):
        parameters[key] = _number_or_gap(words, name)
    parameters["queryString"] = words.take_option("query-string")
    parameters["logGroupName"] = words.take_option("log-group-name")
    parameters["logGroupNames"] = _all_of(words, "log-group-names")
    parameters = _without_none(parameters)
    is_complete = {"startTime", "endTime", "queryString"} <= parameters.keys()
    if not is_complete or not (parameters.get("logGroupName") or "logGroupNames" in parameters):
        raise MistypedCommand(
            "aws logs insights query: needs a log group, --start-time, --end-time and --query-string"
        )
    return _build_part(words, "logs", "StartQuery", "start_query", parameters)


def _number_or_gap(words: AwsArguments, name: str) -> int | str | None:
    """The number of an option, or the placeholder that stands for it; the option is taken away."""
    values = words.options.get(name)
    number = words.take_number(name)
    return values[0].text if values and values[0].needs else number


def _list(words: AwsArguments, given: ParseContext) -> ParsedCommand:
    """`aws s3 ls [s3://BUCKET/PREFIX]`."""
    recursive = False
    for name in ("recursive", "human-readable", "summarize"):
        values = words.options.pop(name, None)
        if values:
            words.names += values
        recursive = recursive or (name == "recursive" and values is not None)
    if not words.names:
        return _build_part(words, "s3", "ListBuckets", "list_buckets", {})
    found = S3_ADDRESS.fullmatch(words.names.pop(0).text)
    if not found:
        raise MistypedCommand("aws s3 ls: this is no s3://BUCKET/PREFIX")
    parameters: dict[str, object] = {"Bucket": found["bucket"], "Prefix": found["prefix"]}
    if not recursive:
        parameters["Delimiter"] = "/"
    return _build_part(words, "s3", "ListObjectsV2", "list_objects_v2", parameters)


READERS: dict[tuple[str, str], Callable[[AwsArguments, ParseContext], ParsedCommand]] = {
    ("logs", "tail"): _tail,
    ("logs", "insights"): _insights,
    ("s3", "ls"): _list,
}
