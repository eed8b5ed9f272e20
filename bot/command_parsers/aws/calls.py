"""One `aws` command to a call of boto3's: service, operation and parameters with their types."""

import re
import warnings
from collections.abc import Mapping
from typing import Any

from bot.command_parsers.aws import service_models
from bot.command_parsers.aws.access_level import classify_call
from bot.command_parsers.aws.arguments import (
    AwsArguments,
    complete_options,
    parse_arguments,
    suggest_correction,
)
from bot.command_parsers.aws.cli_only_commands import parse_cli_command
from bot.command_parsers.aws.cli_shortcut_options import (
    expand_shortcuts,
    list_shortcuts,
    parse_manual_options,
)
from bot.command_parsers.aws.parameter_types import parse_value
from bot.command_parsers.aws.read_only_allow_list import SECRET_COMMANDS
from bot.command_parsers.parse_context import ParseContext, ShellCommand, ShellWord
from bot.command_parsers.parsed_command import MistypedCommand, ParsedCommand
from bot.domain.playbook import AwsCall, StepKind
from bot.errors import UnsupportedCommand

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


def parse_aws(command: ShellCommand, given: ParseContext, folder: str | None) -> ParsedCommand:
    """What an `aws` command asks for. Raises `Unclear`, or `Mistyped` when AWS's CLI would refuse it too."""
    words = parse_arguments(command)
    if (words.service, words.operation) in SECRET_COMMANDS:
        return ParsedCommand(StepKind.MANUAL, f"{words.shown} prints a secret")
    own = parse_cli_command(words, given)
    if own:
        return own
    service = service_models.load_services().get(words.service)
    if service is None:
        typo = suggest_correction(words.service, sorted(service_models.load_services()))
        raise MistypedCommand(f"aws {words.service[:40]}: {typo or 'AWS has no such service'}")
    if words.operation == "wait":
        return _wait(words, service, given)
    operation = service_models.list_operations(service).get(words.operation)
    if operation is None:
        typo = suggest_correction(words.operation, sorted(service_models.list_operations(service)))
        raise MistypedCommand(f"{words.shown[:90]}: {typo or f'{words.service} has no such operation'}")
    return parse_manual_options(words, service, operation) or _call(words, service, operation, given)


def _wait(words: AwsArguments, service: str, given: ParseContext) -> ParsedCommand:
    name = words.names.pop(0).text if words.names else ""
    found = service_models.list_waiters(service).get(name)
    if found is None:
        typo = suggest_correction(name, sorted(service_models.list_waiters(service)))
        raise MistypedCommand(f"{words.shown} {name[:40]}: {typo or f'{words.service} has no such waiter'}")
    return _call(words, service, found[1], given, found[0])


def _call(
    words: AwsArguments, service: str, operation: str, given: ParseContext, waiter: str | None = None
) -> ParsedCommand:
    about = service_models.load_model(service).operation_model(operation)
    shape = about.input_shape
    complete_options(words, _list_options(service, shape) | list_shortcuts(words))
    pages = operation in service_models.list_paginated(service) and "no-paginate" not in words.everywhere
    limits = _limits(words, shape) if pages else {}
    parameters = _all_parameters(words, service, shape, given)
    _check_complete(words, about, parameters)
    query = _check_query(words)
    kind, why = classify_call(service, operation, parameters, query)
    call = AwsCall(
        service=service,
        operation=operation,
        parameters=parameters,
        query=query,
        region=words.everywhere.get("region"),
        profile=words.everywhere.get("profile"),
        output=words.everywhere.get("output"),
        pages=pages and not _has_page_marks(service, operation, parameters),
        waiter=waiter,
        **limits,
    )
    return ParsedCommand(kind, why, f"{service}.{service_models.format_method(operation)}", call)


FURTHER = frozenset({"max-items", "page-size", "starting-token", "cli-input-json", "cli-input-yaml"})
"""Options of an operation that no member of its model stands for."""


def _list_options(service: str, shape: Any) -> frozenset[str]:
    """Every option of an operation, by the names of the command line."""
    members = shape.members.items() if shape else ()
    own = {service_models.format_option(name): member.type_name for name, member in members}
    negated = {f"no-{name}" for name, kind in own.items() if kind == "boolean"}
    return frozenset({*own, *negated, *RENAMED.get(service, {}), *FURTHER})


def _check_complete(words: AwsArguments, about: Any, parameters: Mapping[str, object]) -> None:
    """Raises `Mistyped` for a word too many and for options that are needed."""
    if words.names and not (about.has_streaming_output and len(words.names) == 1):
        raise MistypedCommand(f"{words.shown}: “{words.names[0].text[:40]}” belongs to no option")
    needed = about.input_shape.required_members if about.input_shape else []
    missing = [service_models.format_option(name) for name in needed if name not in parameters]
    if missing:
        raise MistypedCommand(f"{words.shown}: needs --{', --'.join(missing)}")


def _all_parameters(words: AwsArguments, service: str, shape: Any, given: ParseContext) -> dict[str, object]:
    """What the options say, and before them what is given as JSON."""
    told = words.options.pop("cli-input-json", None)
    for name, own in RENAMED.get(service, {}).items():
        if name in words.options:
            words.options[own] = words.options.pop(name)
    _leave_positional(words, shape)
    parameters = expand_shortcuts(words, given)
    parameters |= _parameters(words, shape)
    return parameters if told is None else {**_from_json(told, shape), **parameters}


def _limits(words: AwsArguments, shape: Any) -> dict[str, Any]:
    """What is said of the pages."""
    found: dict[str, Any] = {
        "max_items": words.take_number("max-items"),
        "page_size": words.take_number("page-size"),
        "starting_token": words.take_option("starting-token"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _has_page_marks(service: str, operation: str, parameters: dict[str, object]) -> bool:
    """Whether the command names a page itself, and then only that one is read."""
    config = service_models.list_page_parameters(service, operation)
    return any(name in parameters for name in config)


def _parameters(words: AwsArguments, shape: Any) -> dict[str, object]:
    members = {service_models.format_option(name): name for name in (shape.members if shape else {})}
    found: dict[str, object] = {}
    for name, values in words.options.items():
        negated = name.removeprefix("no-")
        if name in members:
            member = shape.members[members[name]]
            boolean = member.type_name == "boolean"
            found[members[name]] = True if boolean else parse_value(member, values, name)
        elif (
            name != negated and negated in members and shape.members[members[negated]].type_name == "boolean"
        ):
            found[members[negated]] = False
        else:
            typo = suggest_correction(name, sorted(members), "--")
            raise MistypedCommand(f"{words.shown}: there is no --{name[:40]}" + (f", {typo}" if typo else ""))
    return found


def _leave_positional(words: AwsArguments, shape: Any) -> None:
    """Only a list takes all words that follow; after one value, or a flag, they stand for themselves."""
    kinds = {
        service_models.format_option(name): member.type_name
        for name, member in (shape.members if shape else {}).items()
    }
    for name, values in words.options.items():
        kind = kinds.get(name) or kinds.get(name.removeprefix("no-"), "list")
        if kind != "list":
            takes = 0 if kind == "boolean" else 1
            words.names += values[takes:]
            del values[takes:]


def _from_json(values: list[ShellWord], shape: Any) -> dict[str, object]:
    if len(values) != 1 or values[0].needs or shape is None:
        raise UnsupportedCommand("--cli-input-json is not one piece of JSON")
    if re.match(r"(?:file|fileb|https?)://", values[0].text):
        raise UnsupportedCommand("--cli-input-json is read from a file")
    found = parse_value(shape, values, "cli-input-json")
    if not isinstance(found, dict):
        raise MistypedCommand("--cli-input-json is no object")
    return found


def _check_query(words: AwsArguments) -> str | None:
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
        raise MistypedCommand(
            f"{words.shown}: --query is no JMESPath: {str(error).splitlines()[0][:80]}"
        ) from error
    return query
