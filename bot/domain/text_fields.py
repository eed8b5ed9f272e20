"""How the fields of a typed value are kept as texts, by their names, and read again.

What is kept must stay readable for people, for queries and for other versions, so every field is one text:

| type | text |
| --- | --- |
| `str`, `int` | as it is written; an absent text is empty, or 0 |
| `datetime` | whole seconds since 1970 |
| `int | None`, `datetime | None` | the same, empty for None |
| `bool` | `yes`, or empty |
| `People` | user ids with spaces between them |
| `Lines` | one a line |
| `str | None`, `People | None` | left out for None |

A field with a default is left out while it has it; one without a default is always written. What an older version did
not write is read as empty, and what only a newer version writes is passed over.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar, dataclass_transform, get_args

People = Annotated[tuple[str, ...], " "]
Lines = Annotated[tuple[str, ...], "\n"]

T = TypeVar("T")


class TextRecord:
    """Base of the values that are kept as texts. That they are frozen, and compared and shown by their fields, is said
    once here and not made anew for each of many classes: that would be a tenth of a second at every start."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in vars(self):
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({told})"


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def text_record(kind: type[T]) -> type[T]:
    """A frozen dataclass with fields by keyword. A subclass without fields of its own needs no decorator."""
    return dataclass(kw_only=True, eq=False, repr=False)(kind)


@dataclass(frozen=True, slots=True)
class TextType:
    """How the values of one type are written and read; `empty` is read where nothing was written."""

    empty: object
    dump: Callable[[Any], str] = str
    parse: Callable[[str], object] = str


def _dump_optional(value: object) -> str:
    return "" if value is None else str(value)


def _dump_time(value: datetime | None) -> str:
    return "" if value is None else str(int(value.timestamp()))


def _parse_time(text: str) -> datetime:
    return datetime.fromtimestamp(_parse_number(text) or 0, UTC)


def _parse_number(text: str) -> int | None:
    """None for what is no number: a newer version may write it in another way."""
    try:
        return int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None


def _split_people(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TYPES: dict[object, TextType] = {
    str: TextType(""),
    int: TextType(0, str, lambda text: _parse_number(text) or 0),
    bool: TextType(False, lambda value: "yes" if value else "", bool),
    int | None: TextType(None, _dump_optional, _parse_number),
    datetime: TextType(_parse_time(""), _dump_time, _parse_time),
    datetime | None: TextType(None, _dump_time, lambda text: _parse_time(text) if text else None),
    People: TextType((), " ".join, _split_people),
    Lines: TextType((), "\n".join, lambda text: tuple(text.splitlines())),
    str | None: TextType(None),
    People | None: TextType(None, " ".join, _split_people),
}


def kept_as(name: str) -> Mapping[str, str]:
    """The metadata of a field that is kept under another name than its own, such as one that Python reserves."""
    return {"name": name}


def kept_with_prefix(prefix: str) -> Mapping[str, str]:
    """The metadata of a field that has several texts by their names, each kept under its name behind the prefix."""
    return {"prefix": prefix}


@dataclass(frozen=True, slots=True)
class TextField:
    """One field: its attribute, the name under which it is kept, its type, and its default (`MISSING` for none)."""

    attribute: str
    name: str
    type: TextType
    default: object


FIELDS: dict[type[Any], tuple[TextField, ...]] = {}


def list_text_fields(kind: type[Any]) -> tuple[TextField, ...]:
    """The fields of a dataclass that are kept as texts."""
    if kind not in FIELDS:
        FIELDS[kind] = tuple(
            _build_field(entry)
            for entry in fields(kind)
            if entry.name not in KEPT_APART and "prefix" not in entry.metadata
        )
    return FIELDS[kind]


KEPT_APART = frozenset({"incident"})
"""Fields that have a place of their own beside the texts."""


def _build_field(entry: Field[Any]) -> TextField:
    return TextField(entry.name, entry.metadata.get("name", entry.name), TYPES[entry.type], entry.default)


def dump_texts(value: object) -> dict[str, str]:
    """The texts of a value by their names."""
    kept = ((entry, getattr(value, entry.attribute)) for entry in list_text_fields(type(value)))
    texts = {
        entry.name: entry.type.dump(held)
        for entry, held in kept
        if entry.default is MISSING or held != entry.default
    }
    for attribute, prefix in _list_prefixes(type(value)):
        texts |= {f"{prefix}{name}": text for name, text in getattr(value, attribute).items()}
    return texts


def _list_prefixes(kind: type[Any]) -> list[tuple[str, str]]:
    return [(entry.name, entry.metadata["prefix"]) for entry in fields(kind) if "prefix" in entry.metadata]


def parse_texts(kind: type[T], texts: Mapping[str, str], **others: object) -> T:
    """The value that `dump_texts` wrote; `others` are the fields that are kept elsewhere."""
    read: dict[str, object] = {}
    for entry in list_text_fields(kind):
        if (text := texts.get(entry.name)) is not None:
            read[entry.attribute] = entry.type.parse(text)
        elif entry.default is MISSING:
            read[entry.attribute] = entry.type.empty
    for attribute, prefix in _list_prefixes(kind):
        read[attribute] = {
            name.removeprefix(prefix): text for name, text in texts.items() if name.startswith(prefix)
        }
    return kind(**read, **others)


def index_members(union: object, name: str) -> dict[Any, type[Any]]:
    """The members of a union by what their attribute `name` holds. Raises ValueError when two hold the same."""
    found: dict[Any, type[Any]] = {}
    for member in get_args(union):
        if (key := getattr(member, name)) in found:
            raise ValueError(f"{key} names two members of a union")
        found[key] = member
    return found
