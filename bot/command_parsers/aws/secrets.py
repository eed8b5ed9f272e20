"""Which reads can bring secrets, by the shapes of answers in AWS's own models, and what a `--query` leaves of them."""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from bot.command_parsers.aws import service_models
from bot.command_parsers.secret_names import is_secret_name

_VALUES = """
    userdata environment environmentvariables runtimeenvironmentvariables variables stagevariables
    parametervalue resolvedvalue outputvalue optionsettings templatebody connectionproperties
    defaultarguments nonoverridablearguments standardoutputcontent standarderrorcontent customjson
    challengecode registrationcode certificatewallet
"""
VALUES = frozenset(_VALUES.split())
"""Members in which a team writes what it likes, passwords too, and codes with which somebody is let in."""

ADDRESS = re.compile(
    r"(?:signed|download|upload|webhook|embed|authcode)\w*ur[li]s?$"
    r"|(?:session|artifacts?|login|authentication|attachment)\w*urls?$"
)
"""Members with an address that lets in who has it, or brings what is stored there."""

KEYS = frozenset(
    {
        ("appsync", "ApiKey", "id"),
        ("apigateway", "UsagePlanKey", "value"),
        ("lambda", "FunctionCodeLocation", "Location"),
        ("lambda", "LayerVersionContentOutput", "Location"),
    }
)
"""Members of a service's shapes that are a key, or such an address, though they are called like nothing of the kind."""

TEXTS = frozenset({"string", "blob", "map", "list"})

_STORED = """
    appconfig.GetConfiguration appconfig.GetHostedConfigurationVersion appconfigdata.GetLatestConfiguration
    athena.GetQueryResults codecommit.GetBlob codecommit.GetFile config.BatchGetAggregateResourceConfig
    config.BatchGetResourceConfig config.GetAggregateResourceConfig config.GetResourceConfigHistory
    config.SelectAggregateResourceConfig config.SelectResourceConfig datapipeline.GetPipelineDefinition
    dynamodb.BatchGetItem dynamodb.GetItem dynamodb.Query dynamodb.Scan dynamodb.TransactGetItems
    dynamodbstreams.GetRecords ec2.GetConsoleOutput ec2.GetConsoleScreenshot events.ListTargetsByRule
    iot-data.GetThingShadow kinesis.GetRecords redshift-data.GetStatementResult
    redshift-data.GetStatementResultV2 scheduler.GetSchedule ssm.ListCommandInvocations
    timestream-query.Query
"""
STORED = frozenset(_STORED.split())
"""Their whole answer is what somebody stored, or what a program printed."""

ASKED = {
    "apigateway.GetApiKey": ("includeValue", True),
    "apigateway.GetApiKeys": ("includeValues", True),
    "ec2.DescribeInstanceAttribute": ("Attribute", "userData"),
}
"""The parameter by which a secret is asked for; without it AWS leaves it out."""


def can_return_secret(
    service: str, operation: str, parameters: Mapping[str, object], query: str | None
) -> bool:
    """Whether the answer of an operation, as far as a query leaves it, can have a secret in it."""
    name = f"{service}.{operation}"
    if name in ASKED:
        parameter, value = ASKED[name]
        return parameters.get(parameter) == value
    if name in STORED:
        return True
    if not _brings(service, operation):
        return False
    shape = service_models.load_model(service).operation_model(operation).output_shape
    return query is None or _can_keep_secret(query, service, shape)


@lru_cache(maxsize=1024)
def _brings(service: str, operation: str) -> bool:
    shape = service_models.load_model(service).operation_model(operation).output_shape
    return shape is not None and _has(service, shape, set())


def _has(service: str, shape: Any, seen: set[str]) -> bool:
    """Whether a shape has a secret in it anywhere."""
    if shape.name in seen:
        return False
    seen.add(shape.name)
    if shape.type_name == "structure":
        return any(
            _is_secret(name, member) or _is_key(service, shape, name) or _has(service, member, seen)
            for name, member in shape.members.items()
        )
    if shape.type_name == "list":
        return _has(service, shape.member, seen)
    return shape.type_name == "map" and _has(service, shape.value, seen)


def _is_key(service: str, shape: Any, name: str) -> bool:
    return (service, shape.name, name) in KEYS


def _is_secret(name: str, shape: Any) -> bool:
    kind = shape.type_name
    if shape.metadata.get("sensitive") and kind in ("string", "blob"):
        return True
    if kind not in TEXTS or (
        kind == "list" and shape.member.type_name == "structure" and name.lower() not in VALUES
    ):
        return False
    return name.lower() in VALUES or is_secret_name(name) or ADDRESS.search(name.lower()) is not None


def _can_keep_secret(query: str, service: str, shape: Any) -> bool:
    """Whether a query, in JMESPath, may leave a secret of an answer."""
    from jmespath.exceptions import JMESPathError
    from jmespath.parser import Parser

    try:
        with warnings.catch_warnings():  # [?state==`ACTIVE`], as everybody writes it, is deprecated there
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            tree = Parser().parse(query).parsed
        return any(
            name == KEY or _is_secret(name, value) or _has(service, value, set())
            for name, value in _leave(tree, [("", shape)], service)
        )
    except (JMESPathError, _UnknownQuery):
        return True


class _UnknownQuery(Exception):
    """A part of a query of which it is not known what it leaves."""


KEY = "a key"
"""As what a member of KEYS is reached."""

Found = Iterable[tuple[str, Any]]
"""Shapes with the names of the members that they are."""


def _leave(node: dict[str, Any], found: Found, service: str) -> list[tuple[str, Any]]:
    """What a part of a query leaves of shapes. Raises `_Unknown` where that cannot be told."""
    kind = node["type"]
    if kind not in LEAVING or (kind == "function_expression" and node["value"] not in KEEPING):
        raise _UnknownQuery
    return LEAVING[kind](node, list(found), service)


def _leave_field(node: dict[str, Any], found: list[tuple[str, Any]], service: str) -> list[tuple[str, Any]]:
    return [member for name, shape in found for member in _members(name, shape, node["value"], service)]


def _leave_one_after_the_other(
    node: dict[str, Any], found: list[tuple[str, Any]], service: str
) -> list[tuple[str, Any]]:
    left, right = node["children"][:2]
    inner = _leave(left, found, service)
    if node["type"].endswith("projection"):
        inner = [_element(*member) for member in inner]
    return _leave(right, inner, service)


def _leave_of_all(node: dict[str, Any], found: list[tuple[str, Any]], service: str) -> list[tuple[str, Any]]:
    return [left for child in node.get("children", []) for left in _leave(child, found, service)]


KEEPING = frozenset({"length", "sort", "max", "min", "join", "reverse"})
"""Functions that leave nothing but what they are given."""

Leave = Callable[[dict[str, Any], list[tuple[str, Any]], str], list[tuple[str, Any]]]

LEAVING: Mapping[str, Leave] = {
    **dict.fromkeys(("identity", "current"), lambda node, found, service: found),
    "literal": lambda node, found, service: [],
    "field": _leave_field,
    **dict.fromkeys(("index", "slice"), lambda node, found, service: [_element(*member) for member in found]),
    "flatten": lambda node, found, service: _leave(node["children"][0], found, service),
    **dict.fromkeys(
        ("subexpression", "index_expression", "pipe", "projection", "filter_projection"),
        _leave_one_after_the_other,
    ),
    **dict.fromkeys(
        (
            *("multi_select_list", "multi_select_dict", "key_val_pair"),
            *("or_expression", "and_expression", "function_expression"),
        ),
        _leave_of_all,
    ),
}
"""By the kind of a part of a query, as JMESPath's parser names it: what it leaves. Of no other kind it is known."""


def _members(name: str, shape: Any, wanted: str, service: str) -> Iterator[tuple[str, Any]]:
    if shape.type_name == "structure" and wanted in shape.members:
        yield KEY if _is_key(service, shape, wanted) else wanted, shape.members[wanted]
    elif shape.type_name == "map":
        yield (name if _is_secret(name, shape) else wanted), shape.value


def _element(name: str, shape: Any) -> tuple[str, Any]:
    """An element of a list; what is none is left as it is, as for a projection of a projection."""
    return (name, shape.member) if shape.type_name == "list" else (name, shape)
