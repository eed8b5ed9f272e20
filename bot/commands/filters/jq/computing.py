"""What jq's signs do with two values."""

import math
from collections.abc import Callable

from bot.commands.filters.jq.values import Failed, Json, Setting, equal, kind, number, rank, shown, written
from bot.errors import Unfiltered


def at(whole: Json, name: Json) -> Json:
    """The part of a value that a name or a number leads to."""
    if isinstance(whole, dict) and isinstance(name, str):
        return whole.get(name)
    if isinstance(whole, list) and kind(name) == "number":
        place = math.floor(name)
        return whole[place] if -len(whole) <= place < len(whole) else None
    if whole is None and (name is None or isinstance(name, str) or kind(name) == "number"):
        return None
    raise Failed(f"{kind(whole)} has no {shown(name)}")


def said(value: Json) -> str:
    """A text as it is, everything else as JSON."""
    return value if isinstance(value, str) else written(value)


COMPARED: dict[str, Callable[[Json, Json], bool]] = {
    "==": equal,
    "!=": lambda one, other: not equal(one, other),
    "<": lambda one, other: rank(one) < rank(other),
    "<=": lambda one, other: rank(one) <= rank(other),
    ">": lambda one, other: rank(one) > rank(other),
    ">=": lambda one, other: rank(one) >= rank(other),
}


def computed(sign: str, one: Json, other: Json, setting: Setting) -> Json:
    """Two values under a sign."""
    if sign in COMPARED:
        setting.budget.measure([one, other])
        return COMPARED[sign](one, other)
    kinds = (kind(one), kind(other))
    if sign == "+" and "null" in kinds:
        return other if one is None else one
    if kinds == ("number", "number"):
        return _sum(sign, one, other)
    if kinds[0] == kinds[1] and sign == "+" and kinds[0] in {"string", "array", "object"}:
        setting.budget.spend(len(one) + len(other))
        return {**one, **other} if kinds[0] == "object" else one + other
    if kinds == ("array", "array") and sign == "-":
        setting.budget.spend(len(one) * len(other))
        setting.budget.measure([one, other])
        return [each_ for each_ in one if not any(equal(each_, gone) for gone in other)]
    if kinds == ("string", "string") and sign == "/":
        return split(one, other)
    raise Failed(f"{kinds[0]} ({shown(one)}) and {kinds[1]} ({shown(other)}) have no {sign}")


def split(one: str, other: str) -> list[str]:
    """A text cut at another."""
    return one.split(other) if one and other else list(one)


def _sum(sign: str, one: float, other: float) -> Json:
    try:
        if sign == "%":
            if not math.trunc(other):
                raise Failed("a number is divided by zero")
            return int(math.fmod(math.trunc(one), math.trunc(other)))
        if sign == "/" and not other:
            raise Failed("a number is divided by zero")
        found = {"+": one + other, "-": one - other, "*": one * other}.get(sign)
        return number(one / other if found is None else found)
    except (OverflowError, ValueError) as error:
        raise Unfiltered("a number in it is too big") from error
