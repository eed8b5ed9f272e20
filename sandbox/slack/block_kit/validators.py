"""Small checks of JSON that name the path and the limit, and combine into larger ones."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str, list[str]], None]


def add_problem(found: list[str], path: str, sentence: str) -> None:
    """Note a problem in the words that Slack uses in `response_metadata.messages`."""
    found.append(f"[ERROR] {sentence} [json-pointer:{path or '/'}]")


def string(most: int, least: int = 1) -> Check:
    def check(value: Any, path: str, found: list[str]) -> None:
        if not isinstance(value, str):
            add_problem(found, path, f"must be a string, not {type(value).__name__}")
        elif len(value) > most:
            add_problem(found, path, f"must be less than {most + 1} characters")
        elif len(value) < least:
            add_problem(found, path, f"must be more than {least - 1} characters")

    return check


def matching(pattern: str, what: str) -> Check:
    def check(value: Any, path: str, found: list[str]) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            add_problem(found, path, f"must be {what}")

    return check


def boolean(value: Any, path: str, found: list[str]) -> None:
    if not isinstance(value, bool):
        add_problem(found, path, "must be a boolean")


def integer(least: int, most: int) -> Check:
    def check(value: Any, path: str, found: list[str]) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            add_problem(found, path, f"must be an integer from {least} to {most}")

    return check


def one_of(*words: str) -> Check:
    def check(value: Any, path: str, found: list[str]) -> None:
        if value not in words:
            add_problem(found, path, f"must be one of {', '.join(words)}")

    return check


def anything(value: Any, path: str, found: list[str]) -> None:
    """No check: parts that the stand-in passes on without knowing them."""


def items(check_item: Check, most: int, least: int = 1) -> Check:
    def check(value: Any, path: str, found: list[str]) -> None:
        if not isinstance(value, list | tuple):
            add_problem(found, path, "must be an array")
            return
        if len(value) > most:
            add_problem(found, path, f"no more than {most} items allowed")
        if len(value) < least:
            add_problem(found, path, f"no fewer than {least} items allowed")
        for place, item in enumerate(value):
            check_item(item, f"{path}/{place}", found)

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these keys and `type`; any other key is a problem."""
    known = {**required, **(optional or {})}

    def check(value: Any, path: str, found: list[str]) -> None:
        if not isinstance(value, dict):
            add_problem(found, path, "must be an object")
            return
        for key in required:
            if key not in value:
                add_problem(found, path, f"missing required field: {key}")
        for key, item in value.items():
            if key in known:
                known[key](item, f"{path}/{key}", found)
            elif key != "type":
                add_problem(found, path, f"invalid additional property: {key}")

    return check


def by_type(checks: Mapping[str, Check], what: str) -> Check:
    """An object whose `type` chooses the check."""

    def check(value: Any, path: str, found: list[str]) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in checks:
            add_problem(found, path, f"unsupported type: {kind!r} is no {what} here")
        else:
            checks[kind](value, path, found)

    return check


def both(*checks: Check) -> Check:
    def check(value: Any, path: str, found: list[str]) -> None:
        for check in checks:
            check(value, path, found)

    return check


def at_least_one(*keys: str) -> Check:
    def check(value: Any, path: str, found: list[str]) -> None:
        if isinstance(value, dict) and not any(value.get(key) for key in keys):
            add_problem(found, path, f"missing required field: {' or '.join(keys)}")

    return check
