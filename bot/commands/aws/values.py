"""Words of an option to a parameter, by its shape: types, lists, structures, JSON, shorthand."""

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from bot.commands.aws import shorthand
from bot.commands.given import Word
from bot.commands.part import Mistyped
from bot.errors import Unclear

WHOLE = frozenset({"integer", "long"})
BROKEN = frozenset({"float", "double"})
COMPLEX = frozenset({"structure", "map", "list"})
FILES = re.compile(r"(?:file|fileb|https?)://")


def value_of(shape: Any, words: Sequence[Word], name: str) -> object:
    """The parameter that an option's words stand for. Raises `Unclear` and `Mistyped`.

    A placeholder that is not filled in yet stays in the text, and where a number is due it stays text.
    """
    for word in words:
        if FILES.match(word.text) and not (word.text.startswith("http") and shape.type_name == "string"):
            raise Unclear(f"--{name} is read from a file or an address, {word.text[:40]}")
    if shape.type_name == "list":
        return _list(shape, words, name)
    if len(words) != 1:
        said = "nothing" if not words else f"{len(words)} values"
        raise Mistyped(f"--{name} takes one value and has {said}")
    word = words[0]
    if shape.type_name in COMPLEX:
        return _complex(shape, word, name)
    return _scalar(shape, word.text, bool(word.needs), name)


def _list(shape: Any, words: Sequence[Word], name: str) -> object:
    if not words:
        raise Mistyped(f"--{name} has no value")
    if len(words) == 1 and words[0].text.lstrip()[:1] == "[" and not words[0].needs:
        return _fitted(shape, _json(words[0].text, name), name, False)
    if len(words) == 1 and words[0].text.lstrip()[:1] == "[" and words[0].text not in words[0].needs:
        raise Unclear(f"--{name} has a placeholder inside of JSON")
    if shape.member.type_name in COMPLEX:
        return [_complex(shape.member, word, name) for word in words]
    return [_scalar(shape.member, word.text, bool(word.needs), name) for word in words]


def _complex(shape: Any, word: Word, name: str) -> object:
    text = word.text.strip()
    if text in word.needs:
        return text
    if getattr(shape, "is_document_type", False) or text[:1] in {"{", "["}:
        return _fitted(shape, _json(text, name), name, bool(word.needs))
    if shape.type_name == "list":
        return _fitted(shape, text.split(","), name, bool(word.needs))
    return _fitted(shape, shorthand.parse(text), name, bool(word.needs))


def _json(text: str, name: str) -> object:
    try:
        loaded: object = json.loads(text)
    except ValueError as error:
        raise Mistyped(f"--{name} is no JSON: {error}") from error
    return loaded


def _fitted(shape: Any, value: object, name: str, lacking: bool) -> object:
    """A value whose leaves may be text made to fit its shape; unknown members are mistakes."""
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        if not isinstance(value, dict):
            raise Mistyped(f"--{name} wants Key=value, not {str(value)[:40]}")
        for key in value:
            if key not in shape.members:
                raise Mistyped(
                    f"--{name} knows no {str(key)[:40]}: it has {', '.join(list(shape.members)[:8])}"
                )
        return {key: _fitted(shape.members[key], each, name, lacking) for key, each in value.items()}
    if shape.type_name == "map":
        if not isinstance(value, dict):
            raise Mistyped(f"--{name} wants Key=value, not {str(value)[:40]}")
        return {str(key): _fitted(shape.value, each, name, lacking) for key, each in value.items()}
    if shape.type_name == "list":
        values = value if isinstance(value, list) else [value]
        return [_fitted(shape.member, each, name, lacking) for each in values]
    if isinstance(value, str):
        return _scalar(shape, value, lacking, name)
    if isinstance(value, list | dict) and not getattr(shape, "is_document_type", False):
        raise Mistyped(f"--{name} wants one value, not {str(value)[:40]}")
    return value


def _scalar(shape: Any, text: str, lacking: bool, name: str) -> object:
    kind = shape.type_name
    if lacking and kind != "string":
        return text
    if kind in WHOLE or kind in BROKEN:
        try:
            return int(text) if kind in WHOLE else float(text)
        except ValueError as error:
            raise Mistyped(f"--{name} wants a number, not “{text[:40]}”") from error
    if kind == "boolean":
        if text.lower() not in {"true", "false"}:
            raise Mistyped(f"--{name} wants true or false, not “{text[:40]}”")
        return text.lower() == "true"
    if kind == "blob":
        try:
            return base64.b64decode(text, validate=True)
        except ValueError as error:
            raise Mistyped(f"--{name} wants base64") from error
    return text
