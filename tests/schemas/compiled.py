"""Whether something is as a schema of Slack's types wants it: yes or no, and fast. Why not, jsonschema says.

Each schema becomes a function once. Only what these schemas use is known: another keyword is a KeyError, not a gap.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.schemas.limits import Definitions, Schema

Check = Callable[[Any], bool]
TableOf = Callable[[list[Schema]], Mapping[str, str]]
"""The definition for each `type`, when the alternatives can be told apart by that; else empty."""

KINDS: Mapping[str, Check] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


class Compiler:
    """Makes functions of the schemas that belong to these definitions."""

    def __init__(self, definitions: Definitions, table_of: TableOf) -> None:
        self._definitions, self.table_of = definitions, table_of
        self._known: dict[str, Check] = {}

    def named(self, name: str) -> Check:
        """The check of one definition; those that it refers to are made when they are first met."""
        if name not in self._known:
            self._known[name] = self.of(self._definitions[name])
        return self._known[name]

    def of(self, schema: Schema | bool) -> Check:
        """The check of a schema, or of what takes everything or nothing."""
        if isinstance(schema, bool):
            return lambda value: schema
        checks = [MAKERS[key](self, wanted, schema) for key, wanted in schema.items()]
        return checks[0] if len(checks) == 1 else lambda value: all(check(value) for check in checks)


def _reference(compiler: Compiler, wanted: str, schema: Schema) -> Check:
    name = wanted.rpartition("/")[2]
    found: list[Check] = []

    def check(value: Any) -> bool:
        if not found:
            found.append(compiler.named(name))
        return found[0](value)

    return check


def _type(compiler: Compiler, wanted: str | list[str], schema: Schema) -> Check:
    kinds = [KINDS[each] for each in ([wanted] if isinstance(wanted, str) else wanted)]
    return kinds[0] if len(kinds) == 1 else lambda value: any(kind(value) for kind in kinds)


def _properties(compiler: Compiler, wanted: Mapping[str, Schema], schema: Schema) -> Check:
    checks = {name: compiler.of(each) for name, each in wanted.items()}

    def check(value: Any) -> bool:
        return not isinstance(value, dict) or all(
            checks[name](inner) for name, inner in value.items() if name in checks
        )

    return check


def _additional(compiler: Compiler, wanted: Schema | bool, schema: Schema) -> Check:
    known = schema.get("properties", {})
    others = compiler.of(wanted)

    def check(value: Any) -> bool:
        return not isinstance(value, dict) or all(
            others(inner) for name, inner in value.items() if name not in known
        )

    return check


def _required(compiler: Compiler, wanted: list[str], schema: Schema) -> Check:
    return lambda value: not isinstance(value, dict) or all(name in value for name in wanted)


def _items(compiler: Compiler, wanted: Schema, schema: Schema) -> Check:
    check = compiler.of(wanted)
    return lambda value: not isinstance(value, list) or all(map(check, value))


def _enum(compiler: Compiler, wanted: list[Any], schema: Schema) -> Check:
    return lambda value: any(_same(value, each) for each in wanted)


def _const(compiler: Compiler, wanted: Any, schema: Schema) -> Check:
    return lambda value: _same(value, wanted)


def _same(one: Any, other: Any) -> bool:
    """Equal, where `true` is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _any_of(compiler: Compiler, wanted: list[Schema], schema: Schema) -> Check:
    """As `tests.schemas.checking` does it: an object is held against the one alternative of its type."""
    table = {kind: compiler.of({"$ref": name}) for kind, name in compiler.table_of(wanted).items()}
    checks = [compiler.of(each) for each in wanted]

    def check(value: Any) -> bool:
        if table and isinstance(value, dict):
            kind = str(value.get("type"))
            return kind in table and table[kind](value)
        return any(each(value) for each in checks)

    return check


def _length(kind: type[str] | type[list[Any]], wanted: int, is_most: bool) -> Check:
    if is_most:
        return lambda value: not isinstance(value, kind) or len(value) <= wanted
    return lambda value: not isinstance(value, kind) or len(value) >= wanted


def _bound(wanted: float, is_most: bool) -> Check:
    number = KINDS["number"]
    if is_most:
        return lambda value: not number(value) or value <= wanted
    return lambda value: not number(value) or value >= wanted


def _pattern(compiler: Compiler, wanted: str, schema: Schema) -> Check:
    search = re.compile(wanted).search
    return lambda value: not isinstance(value, str) or search(value) is not None


MAKERS: Mapping[str, Callable[[Compiler, Any, Schema], Check]] = {
    "$ref": _reference,
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "enum": _enum,
    "const": _const,
    "anyOf": _any_of,
    "minItems": lambda compiler, wanted, schema: _length(list, wanted, is_most=False),
    "maxItems": lambda compiler, wanted, schema: _length(list, wanted, is_most=True),
    "minLength": lambda compiler, wanted, schema: _length(str, wanted, is_most=False),
    "maxLength": lambda compiler, wanted, schema: _length(str, wanted, is_most=True),
    "minimum": lambda compiler, wanted, schema: _bound(wanted, is_most=False),
    "maximum": lambda compiler, wanted, schema: _bound(wanted, is_most=True),
    "pattern": _pattern,
}
