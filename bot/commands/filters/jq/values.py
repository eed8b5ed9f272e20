"""JSON values as jq orders, compares and prints them."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.commands.filters.budget import Budget
from bot.errors import Unfiltered

Json = Any
"""None, bool, int, float, str, list or dict."""

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Setting:
    """What an expression is evaluated with: variables by name without `$`."""

    budget: Budget
    variables: Mapping[str, Json]


def kind(value: Json) -> str:
    """jq's name of a value's type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def is_true(value: Json) -> bool:
    """All but `null` and `false`."""
    return value is not None and value is not False


def rank(value: Json) -> Any:
    """Something that Python orders as jq orders the values."""
    if value is None:
        return (0,)
    if isinstance(value, bool):
        return (2,) if value else (1,)
    if isinstance(value, int | float):
        return (3, value)
    if isinstance(value, str):
        return (4, value)
    if isinstance(value, list):
        return (5, [rank(each) for each in value])
    names = sorted(value)
    return (6, names, [rank(value[name]) for name in names])


def equal(one: Json, other: Json) -> bool:
    """Equal for jq, to which `true` is no 1."""
    return bool(rank(one) == rank(other))


BIGGEST = 10**17


def number(value: float) -> Json:
    """A computed number, without `.0` where it is whole; a big one is no longer exact, as in jq."""
    if isinstance(value, int):
        return value if abs(value) < BIGGEST else float(value)
    if math.isinf(value) or math.isnan(value):
        return None if math.isnan(value) else math.copysign(1.7976931348623157e308, value)
    return int(value) if value.is_integer() and abs(value) < BIGGEST else value


def written(value: Json, indent: int | str | None = None, ordered: bool = False, plain: bool = False) -> str:
    """JSON as jq prints it; `plain` has no other letters than those of ASCII."""
    apart = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=plain, indent=indent, separators=apart, sort_keys=ordered)
    return text.replace("\x7f", "\\u007f")


def shown(value: Json) -> str:
    """A value in an error's sentence."""
    if isinstance(value, list | dict):
        return "[…]" if isinstance(value, list) else "{…}"
    text = written(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def wrong(what: str, value: Json) -> "Failed":
    """An error of the expression: `?` and `//` pass over it."""
    return Failed(f"{kind(value)} ({shown(value)}) {what}")


class Failed(Unfiltered):
    """jq's own error, which `?` suppresses; a budget that is spent is none."""


def documents(text: str) -> Iterator[Json]:
    """The JSON values that stand in a text one after the other."""
    decoder = json.JSONDecoder(parse_float=lambda digits: number(float(digits)))
    at = 0
    while True:
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if at == len(text):
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError as error:
            raise Unfiltered(f"what it is handed is no JSON, from “{text[at : at + 20]}” on") from error
        yield value
