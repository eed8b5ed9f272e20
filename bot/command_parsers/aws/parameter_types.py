"""Words of an option to a parameter, by its shape: types, lists, structures, JSON, shorthand."""

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from bot.command_parsers.aws import shorthand
from bot.command_parsers.parse_context import ShellWord
from bot.command_parsers.parsed_command import MistypedCommand
from bot.errors import UnsupportedCommand

WHOLE = frozenset({"integer", "long"})
BROKEN = frozenset({"float", "double"})
COMPLEX = frozenset({"structure", "map", "list"})
FILES = re.compile(r"(?:file|fileb|https?)://")


def parse_value(shape: Any, words: Sequence[ShellWord], name: str) -> object:
    """The parameter that an option's words stand for. Raises `Unclear` and `Mistyped`.

    A placeholder that is not filled in yet stays in the text, and where a number is due it stays text.
    """
    for word in words:
        if FILES.match(word.text) and not (word.text.startswith("http") and shape.type_name == "string"):
            raise UnsupportedCommand(f"--{name} is read from a file or an address, {word.text[:40]}")
    if shape.type_name == "list":
        return _list(shape, words, name)
    if len(words) != 1:
        said = "nothing" if not words else f"{len(words)} values"
        raise MistypedCommand(f"--{name} takes one value and has {said}")
    word = words[0]
    if shape.type_name in COMPLEX:
        return _complex(shape, word, name)
    return _scalar(shape, word.text, bool(word.needs), name)


def _list(shape: Any, words: Sequence[ShellWord], name: str) -> object:
    if not words:
        raise MistypedCommand(f"--{name} has no value")
    first = words[0]
    if len(words) == 1 and first.text.lstrip()[:1] == "[" and first.text not in first.needs:
        if first.needs:
            raise UnsupportedCommand(f"--{name} has a placeholder inside of JSON")
        return _coerce(shape, _json(first.text, name), name, False)
    if shape.member.type_name in COMPLEX:
        return [_complex(shape.member, word, name) for word in words]
    return [_scalar(shape.member, word.text, bool(word.needs), name) for word in words]


def _complex(shape: Any, word: ShellWord, name: str) -> object:
    text = word.text.strip()
    if text in word.needs:
        return text
    if getattr(shape, "is_document_type", False) or text[:1] in {"{", "["}:
        return _coerce(shape, _json(text, name), name, bool(word.needs))
    if shape.type_name == "list":
        return _coerce(shape, text.split(","), name, bool(word.needs))
    return _coerce(shape, shorthand.parse_shorthand(text), name, bool(word.needs))


def _json(text: str, name: str) -> object:
    try:
        loaded: object = json.loads(text)
    except ValueError as error:
        raise MistypedCommand(f"--{name} is no JSON: {error}") from error
    return loaded


def _coerce(shape: Any, value: object, name: str, lacking: bool) -> object:
    """A value whose leaves may be text made to fit its shape; unknown members are mistakes."""
    is_document = getattr(shape, "is_document_type", False)
    if shape.type_name == "structure" and not is_document:
        return _structure(shape, value, name, lacking)
    if shape.type_name == "map":
        pairs = _pairs(value, name)
        return {str(key): _coerce(shape.value, part, name, lacking) for key, part in pairs.items()}
    if shape.type_name == "list":
        parts = value if isinstance(value, list) else [value]
        return [_coerce(shape.member, part, name, lacking) for part in parts]
    if isinstance(value, str):
        return _scalar(shape, value, lacking, name)
    if isinstance(value, list | dict) and not is_document:
        raise MistypedCommand(f"--{name} wants one value, not {str(value)[:40]}")
    return value


def _structure(shape: Any, value: object, name: str, lacking: bool) -> dict[Any, object]:
    """An object with the members that its shape has; others are mistakes."""
    pairs = _pairs(value, name)
    for key in pairs:
        if key not in shape.members:
            known = ", ".join(list(shape.members)[:8])
            raise MistypedCommand(f"--{name} knows no {str(key)[:40]}: it has {known}")
    return {key: _coerce(shape.members[key], part, name, lacking) for key, part in pairs.items()}


def _pairs(value: object, name: str) -> dict[Any, object]:
    if not isinstance(value, dict):
        raise MistypedCommand(f"--{name} wants Key=value, not {str(value)[:40]}")
    return value


def _scalar(shape: Any, text: str, lacking: bool, name: str) -> object:
    kind = shape.type_name
    if lacking and kind != "string":
        return text
    if kind in WHOLE | BROKEN:
        return _number(text, kind in WHOLE, name)
    if kind == "boolean":
        if text.lower() not in {"true", "false"}:
            raise MistypedCommand(f"--{name} wants true or false, not “{text[:40]}”")
        return text.lower() == "true"
    return _bytes(text, name) if kind == "blob" else text


def _number(text: str, whole: bool, name: str) -> int | float:
    try:
        return int(text) if whole else float(text)
    except ValueError as error:
        raise MistypedCommand(f"--{name} wants a number, not “{text[:40]}”") from error


def _bytes(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise MistypedCommand(f"--{name} wants base64") from error
