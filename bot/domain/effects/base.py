"""Effects: what must be done in the outside world, as frozen values that an outbox row can keep.

An effect is imperative and says only which incident and which thing; what it looks like is decided when it is
performed, from the incident as it stands then. Each class says, as patterns over its own fields:

- `key`: makes it unique for ever, so that a repeated cause cannot have a second effect;
- `lane`: effects of one lane are performed one after the other (default: its key, that is, alone);
- `after`: the key of the effect that must be settled first;
- `urgency`: what goes first when much is due at once (0 first);
- `paging`: asks a provider and not Slack, so that it never waits for Slack;
- `coalesces`: one waiting effect of the lane serves for all, since it shows whatever is true when it runs;
- `format`: raised when what its fields mean changes; a version performs only formats that it knows.

A field that comes later has a default, and is left out of the row while it has it: then a version that does not know
the field performs the effect too. Unknown fields are never passed over: nobody knows what would be left undone.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints

KINDS: dict[str, type["Effect"]] = {}
"""Every effect by its name, as an outbox row's `kind` spells it."""

ROOM = "room:{incident}"
OPENED = "channel:{incident}"
ANNOUNCED = "announce:{incident}"
ENSURED = "incidents-channel:{channel_name}"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """Base of all effects."""

    key_pattern: ClassVar[str] = ""
    lane_pattern: ClassVar[str] = ""
    after_pattern: ClassVar[str] = ""
    urgency: ClassVar[int] = 5
    coalesces: ClassVar[bool] = False
    paging: ClassVar[bool] = False
    format: ClassVar[int] = 1

    def __init_subclass__(
        cls,
        *,
        key: str = "",
        lane: str = "",
        after: str = "",
        urgency: int = 5,
        coalesces: bool = False,
        paging: bool = False,
        format: int = 1,
    ) -> None:
        if key:
            cls.format = format
            cls.key_pattern, cls.lane_pattern, cls.after_pattern = key, lane or key, after
            cls.urgency, cls.coalesces, cls.paging = urgency, coalesces, paging
            KINDS[cls.__name__] = cls

    @property
    def key(self) -> str:
        return self.key_pattern.format_map(self.__dict__)

    @property
    def lane(self) -> str:
        return self.lane_pattern.format_map(self.__dict__)

    @property
    def after(self) -> str | None:
        return self.after_pattern.format_map(self.__dict__) or None


@dataclass(frozen=True, kw_only=True)
class AboutIncident(Effect):
    """Base of the effects of one incident, named by its number."""

    incident: int


def dump_effect(effect: Effect) -> tuple[str, str]:
    """The kind and the JSON text of an effect, without the fields that have their defaults."""
    kept = {
        field.name: value
        for field in fields(effect)
        if (value := getattr(effect, field.name)) != field.default
    }
    return type(effect).__name__, json.dumps(kept, ensure_ascii=False)


def parse_effect(kind: str, payload: Mapping[str, object]) -> Effect:
    """The effect that `to_row` wrote; lists become tuples again. Raises KeyError or TypeError when this version cannot
    read it."""
    given = {name: _frozen(value) for name, value in payload.items()}
    hints = _get_field_types(kind)
    for name, value in given.items():
        if name in hints and not _fits(value, hints[name]):
            raise TypeError(f"{name} is {type(value).__name__}, and should be {hints[name]}")
    return KINDS[kind](**given)


@cache
def _get_field_types(kind: str) -> dict[str, Any]:
    return get_type_hints(KINDS[kind])


def _fits(value: object, hint: Any) -> bool:
    """Whether a value from a row is one of this type."""
    choices, origin = get_args(hint), get_origin(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, choice) for choice in choices)
    if origin is tuple:
        inner = choices[:1] * len(value) if isinstance(value, tuple) and choices[-1] is ... else choices
        return isinstance(value, tuple) and len(value) == len(inner) and all(map(_fits, value, inner))
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def describe_known_effects(sentences: Collection[str] | None = None) -> dict[str, dict[str, object]]:
    """What this version can perform, as `can_perform` in the database reads it: by kind its format, its fields (as
    PostgreSQL writes an array), and of a kind whose `words` name a sentence that `detail` fills those that there are.
    `sentences` is None for any."""
    found: dict[str, dict[str, object]] = {}
    for name, kind in KINDS.items():
        names = [field.name for field in fields(kind)]
        found[name] = {"format": kind.format, "fields": f"{{{','.join(names)}}}"}
        if sentences is not None and {"words", "detail"} <= set(names):
            found[name]["sentences"] = sorted(sentences)
    return found


def _frozen(value: object) -> object:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
