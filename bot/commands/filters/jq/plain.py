"""jq's functions of a value and of plain arguments, by name and number of arguments; and its formats."""

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.commands.filters.jq.computing import said, split
from bot.commands.filters.jq.values import Json, equal, is_true, kind, number, written, wrong

ENTRY_NAMES = ("key", "k", "name", "Name", "K", "Key")
ENTRY_VALUES = ("value", "v", "Value", "V")


def of(wanted: str, value: Json, what: str) -> Any:
    """The value when it is of a type, else an error that begins with it."""
    if kind(value) != wanted:
        raise wrong(what, value)
    return value


def _parts(value: Json, what: str) -> list[Json]:
    return list(value.values()) if isinstance(value, dict) else list(of("array", value, what))


def _length(value: Json) -> Json:
    if isinstance(value, bool):
        raise wrong("has no length", value)
    if isinstance(value, int | float):
        return abs(value)
    return 0 if value is None else len(value)


def _keys(value: Json) -> Json:
    if isinstance(value, dict):
        return sorted(value)
    return list(range(len(of("array", value, "has no keys"))))


def _has(value: Json, name: Json) -> bool:
    if isinstance(value, dict) and isinstance(name, str):
        return name in value
    if isinstance(value, list) and kind(name) == "number":
        return bool(0 <= name < len(value))
    if value is None and (isinstance(name, str) or kind(name) == "number"):
        return False
    raise wrong("cannot be asked for that key", value)


def _contains(one: Json, other: Json) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return all(name in one and _contains(one[name], other[name]) for name in other)
    if isinstance(one, list) and isinstance(other, list):
        return all(any(_holds(each, wanted) for each in one) for wanted in other)
    if isinstance(one, str) and isinstance(other, str):
        return bool(other in one)
    if kind(one) == kind(other):
        return equal(one, other)
    raise wrong(f"cannot hold a {kind(other)}", one)


def _holds(one: Json, other: Json) -> bool:
    return kind(one) == kind(other) and _contains(one, other)


def _tonumber(value: Json) -> Json:
    if kind(value) == "number":
        return value
    try:
        found = json.loads(of("string", value, "is no number"))
    except ValueError as error:
        raise wrong("is no number", value) from error
    return found if kind(found) == "number" else of("number", value, "is no number")


def _join(value: Json, between: Json) -> str:
    parts = _parts(value, "cannot be joined")
    if any(isinstance(each, list | dict) for each in parts):
        raise wrong("cannot be joined", value)
    return str(of("string", between, "cannot stand between")).join(
        "" if each is None else said(each) for each in parts
    )


def _entries(value: Json) -> list[tuple[Json, Json]]:
    return (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(of("array", value, "has no entries")))
    )


def _flatten(value: Json, depth: float = math.inf) -> list[Json]:
    found: list[Json] = []
    for each in _parts(value, "cannot be flattened"):
        found += _flatten(each, depth - 1) if isinstance(each, list) and depth > 0 else [each]
    return found


def from_entries(value: Json) -> dict[str, Json]:
    """An object of `{"key": ..., "value": ...}`."""
    found = {}
    for each in (
        list(value.values()) if isinstance(value, dict) else of("array", value, "is no list of entries")
    ):
        entry = {} if each is None else of("object", each, "is no entry")
        name = next((entry[key] for key in ENTRY_NAMES if is_true(entry.get(key))), None)
        found[said(name)] = next((entry[key] for key in ENTRY_VALUES if key in entry), None)
    return found


def _starts(value: Json, part: Json) -> bool:
    return str(of("string", value, "is no text")).startswith(of("string", part, "is no text"))


def _ends(value: Json, part: Json) -> bool:
    return str(of("string", value, "is no text")).endswith(of("string", part, "is no text"))


def _todate(value: Json) -> str:
    try:
        moment = datetime.fromtimestamp(math.floor(of("number", value, "is no date")), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise wrong("is no date", value) from error
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _cells(value: Json, text: Callable[[str], str], between: str) -> str:
    row = of("array", value, "is no row")
    if any(isinstance(each, list | dict) for each in row):
        raise wrong("has cells that are no plain values", value)
    return between.join(
        "" if each is None else text(each) if isinstance(each, str) else written(each) for each in row
    )


def _csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _tsv(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


FORMATS: dict[str, Callable[[Json], Json]] = {
    "text": said,
    "json": written,
    "csv": lambda value: _cells(value, _csv, ","),
    "tsv": lambda value: _cells(value, _tsv, "\t"),
}
PLAIN: dict[str, Callable[..., Json]] = {
    "length/0": _length,
    "keys/0": _keys,
    "keys_unsorted/0": lambda value: list(value) if isinstance(value, dict) else _keys(value),
    "not/0": lambda value: not is_true(value),
    "type/0": kind,
    "tostring/0": said,
    "tojson/0": written,
    "tonumber/0": _tonumber,
    "reverse/0": lambda value: (
        [] if _length(value) == 0 else of("array", value, "cannot be turned round")[::-1]
    ),
    "flatten/0": _flatten,
    "flatten/1": _flatten,
    "to_entries/0": lambda value: [{"key": name, "value": each} for name, each in _entries(value)],
    "from_entries/0": from_entries,
    "ascii_downcase/0": lambda value: re.sub(
        r"[A-Z]+", lambda found: found[0].lower(), of("string", value, "is no text")
    ),
    "ascii_upcase/0": lambda value: re.sub(
        r"[a-z]+", lambda found: found[0].upper(), of("string", value, "is no text")
    ),
    "floor/0": lambda value: number(math.floor(of("number", value, "cannot be rounded"))),
    "ceil/0": lambda value: number(math.ceil(of("number", value, "cannot be rounded"))),
    "round/0": lambda value: number(math.floor(of("number", value, "cannot be rounded") + 0.5)),
    "join/1": _join,
    "split/1": lambda value, part: split(of("string", value, "is no text"), of("string", part, "is no text")),
    "startswith/1": _starts,
    "endswith/1": _ends,
    "ltrimstr/1": lambda value, part: (
        value.removeprefix(part) if isinstance(value, str) and isinstance(part, str) else value
    ),
    "rtrimstr/1": lambda value, part: (
        value.removesuffix(part) if isinstance(value, str) and isinstance(part, str) and part else value
    ),
    "contains/1": _contains,
    "inside/1": lambda value, whole: _contains(whole, value),
    "has/1": _has,
    "todate/0": _todate,
}
