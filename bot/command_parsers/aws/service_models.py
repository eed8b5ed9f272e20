"""AWS's service models as data. Nothing is imported or read before the first `aws` command; then it is kept."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

RENAMED = {"s3api": "s3", "deploy": "codedeploy", "configservice": "config"}
"""Services that the command line names otherwise than botocore."""

HIDDEN = frozenset({"s3", "codedeploy", "config"})


@lru_cache(maxsize=1)
def _loader() -> Any:
    from botocore.loaders import Loader

    return Loader()


@lru_cache(maxsize=1)
def load_services() -> Mapping[str, str]:
    """Names on the command line to botocore's."""
    known = {name: name for name in _loader().list_available_services("service-2") if name not in HIDDEN}
    return MappingProxyType({**known, **RENAMED})


@lru_cache(maxsize=64)
def load_model(service: str) -> Any:
    """A service's model, by botocore's name."""
    from botocore.model import ServiceModel

    return ServiceModel(_loader().load_service_model(service, "service-2"), service_name=service)


@lru_cache(maxsize=64)
def list_operations(service: str) -> Mapping[str, str]:
    """Operations as typed (`describe-services`) to AWS's names (`DescribeServices`)."""
    from botocore import xform_name

    return MappingProxyType({xform_name(name, "-"): name for name in load_model(service).operation_names})


@lru_cache(maxsize=64)
def list_paginated(service: str) -> frozenset[str]:
    """The operations that are read page by page."""
    return frozenset(_side_model(service, "paginators-1").get("pagination", {}))


@lru_cache(maxsize=64)
def list_waiters(service: str) -> Mapping[str, tuple[str, str]]:
    """Waiters as typed (`services-stable`) to their name and the operation they repeat."""
    from botocore import xform_name

    found = _side_model(service, "waiters-2").get("waiters", {})
    return MappingProxyType(
        {xform_name(name, "-"): (name, operation["operation"]) for name, operation in found.items()}
    )


def _side_model(service: str, kind: str) -> dict[str, Any]:
    from botocore.exceptions import UnknownServiceError

    try:
        loaded: dict[str, Any] = _loader().load_service_model(service, kind)
    except UnknownServiceError:
        return {}
    return loaded


def format_method(operation: str) -> str:
    """boto3's name of an operation: `describe_services`."""
    from botocore import xform_name

    name: str = xform_name(operation)
    return name


def format_option(member: str) -> str:
    """The command line's name of a parameter, without dashes in front: `start-time`."""
    from botocore import xform_name

    name: str = xform_name(member, "-")
    return name


@lru_cache(maxsize=256)
def list_page_parameters(service: str, operation: str) -> frozenset[str]:
    """The parameters by which a page is named by hand: tokens and the number per page."""
    config = _side_model(service, "paginators-1").get("pagination", {}).get(operation, {})
    tokens = config.get("input_token", [])
    marks = [*(tokens if isinstance(tokens, list) else [tokens]), config.get("limit_key", "")]
    return frozenset(mark for mark in marks if mark)
