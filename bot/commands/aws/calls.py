"""One `aws` command to a call of boto3's: service, operation and parameters with their types."""

import re
import warnings
from typing import Any

from bot.commands.aws import models
from bot.commands.aws.kinds import kind_of
from bot.commands.aws.more import own_command
from bot.commands.aws.reviewed import SECRET_COMMANDS
from bot.commands.aws.simpler import by_hand, simpler
from bot.commands.aws.values import value_of
from bot.commands.aws.words import AwsWords, first_typo, read_words
from bot.commands.given import Command, Given, Word
from bot.commands.part import Mistyped, Part
from bot.errors import Unclear
from bot.step import AwsCall, Kind

RENAMED = {
    "ecs": {"disable-execute-command": "no-enable-execute-command", "non-interactive": "no-interactive"},
    "ec2": {"enable-api-termination": "no-disable-api-termination", "ingress": "no-egress"},
    "emr": {"cluster-id": "job-flow-id", "cluster-ids": "job-flow-ids"},
    "sns": {"notification-endpoint": "endpoint"},
    "codedeploy": {"s3-location": "s-3-location", "ec2-tag-filters": "ec-2-tag-filters"},
    "eks": {"kubernetes-version": "version"},
    "route53": {"traffic-policy-version": "version"},
}
"""Options that the command line names otherwise than the service's model."""


def read_aws(command: Command, given: Given, folder: str | None) -> Part:
    """What an `aws` command asks for. Raises `Unclear`, or `Mistyped` when AWS's CLI would refuse it too."""
    words = read_words(command)
    if (words.service, words.operation) in SECRET_COMMANDS:
        return Part(Kind.MANUAL, f"{words.shown} prints a secret")
    own = own_command(words, given)
    if own:
        return own
    service = models.services().get(words.service)
    if service is None:
        typo = first_typo(words.service, sorted(models.services()))
        raise Mistyped(f"aws {words.service[:40]}: {typo or 'AWS has no such service'}")
    if words.operation == "wait":
        return _wait(words, service, given)
    operation = models.operations(service).get(words.operation)
    if operation is None:
        typo = first_typo(words.operation, sorted(models.operations(service)))
        raise Mistyped(f"{words.shown[:90]}: {typo or f'{words.service} has no such operation'}")
    return by_hand(words, service, operation) or _call(words, service, operation, given)


def _wait(words: AwsWords, service: str, given: Given) -> Part:
    name = words.names.pop(0).text if words.names else ""
    found = models.waiters(service).get(name)
    if found is None:
        typo = first_typo(name, sorted(models.waiters(service)))
        raise Mistyped(f"{words.shown} {name[:40]}: {typo or f'{words.service} has no such waiter'}")
    return _call(words, service, found[1], given, found[0])


def _call(words: AwsWords, service: str, operation: str, given: Given, waiter: str | None = None) -> Part:
    about = models.model(service).operation_model(operation)
    shape = about.input_shape
    pages = operation in models.paged(service) and "no-paginate" not in words.everywhere
    limits = _limits(words, shape) if pages else {}
    told = words.options.pop("cli-input-json", None)
    for name, own in RENAMED.get(service, {}).items():
        if name in words.options:
            words.options[own] = words.options.pop(name)
    _leave_positional(words, shape)
    parameters = simpler(words, given)
    parameters |= _parameters(words, shape)
    if told is not None:
        parameters = {**_from_json(told, shape), **parameters}
    if words.names and not (about.has_streaming_output and len(words.names) == 1):
        raise Mistyped(f"{words.shown}: “{words.names[0].text[:40]}” belongs to no option")
    missing = [
        models.option(name) for name in (shape.required_members if shape else []) if name not in parameters
    ]
    if missing:
        raise Mistyped(f"{words.shown}: needs --{', --'.join(missing)}")
    kind, why = kind_of(service, operation, parameters)
    call = AwsCall(
        service=service,
        operation=operation,
        parameters=parameters,
        query=_checked_query(words),
        region=words.everywhere.get("region"),
        profile=words.everywhere.get("profile"),
        output=words.everywhere.get("output"),
        pages=pages and not _turned_by_hand(service, operation, parameters),
        waiter=waiter,
        **limits,
    )
    return Part(kind, why, f"{service}.{models.method(operation)}", call)


def _limits(words: AwsWords, shape: Any) -> dict[str, Any]:
    """What is said of the pages."""
    found: dict[str, Any] = {
        "max_items": words.whole_number("max-items"),
        "page_size": words.whole_number("page-size"),
        "starting_token": words.taken("starting-token"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _turned_by_hand(service: str, operation: str, parameters: dict[str, object]) -> bool:
    """Whether the command names a page itself, and then only that one is read."""
    config = models.page_marks(service, operation)
    return any(name in parameters for name in config)


def _parameters(words: AwsWords, shape: Any) -> dict[str, object]:
    members = {models.option(name): name for name in (shape.members if shape else {})}
    found: dict[str, object] = {}
    for name, values in words.options.items():
        negated = name.removeprefix("no-")
        if name in members:
            member = shape.members[members[name]]
            boolean = member.type_name == "boolean"
            found[members[name]] = True if boolean else value_of(member, values, name)
        elif (
            name != negated and negated in members and shape.members[members[negated]].type_name == "boolean"
        ):
            found[members[negated]] = False
        else:
            typo = first_typo(name, sorted(members), "--")
            raise Mistyped(f"{words.shown}: there is no --{name[:40]}" + (f", {typo}" if typo else ""))
    return found


def _leave_positional(words: AwsWords, shape: Any) -> None:
    """Only a list takes all words that follow; after one value, or a flag, they stand for themselves."""
    kinds = {
        models.option(name): member.type_name for name, member in (shape.members if shape else {}).items()
    }
    for name, values in words.options.items():
        kind = kinds.get(name) or kinds.get(name.removeprefix("no-"), "list")
        if kind != "list":
            takes = 0 if kind == "boolean" else 1
            words.names += values[takes:]
            del values[takes:]


def _from_json(values: list[Word], shape: Any) -> dict[str, object]:
    if len(values) != 1 or values[0].needs or shape is None:
        raise Unclear("--cli-input-json is not one piece of JSON")
    if re.match(r"(?:file|fileb|https?)://", values[0].text):
        raise Unclear("--cli-input-json is read from a file")
    found = value_of(shape, values, "cli-input-json")
    if not isinstance(found, dict):
        raise Mistyped("--cli-input-json is no object")
    return found


def _checked_query(words: AwsWords) -> str | None:
    """The JMESPath, which must be one."""
    query = words.everywhere.get("query")
    if query is None:
        return None
    from jmespath import compile as compile_query
    from jmespath.exceptions import JMESPathError

    try:
        with warnings.catch_warnings():  # [?state==`ACTIVE`], as everybody writes it, is deprecated there
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            compile_query(query)
    except JMESPathError as error:
        if "<" in query or "$" in query:
            return query
        raise Mistyped(f"{words.shown}: --query is no JMESPath: {str(error).splitlines()[0][:80]}") from error
    return query
