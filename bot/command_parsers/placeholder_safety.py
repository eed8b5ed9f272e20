"""What is filled in stays in its place: it replaces its placeholder's letters and changes nothing else of a step."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.command_parsers.parse_context import ParseContext
from bot.command_parsers.sql.statement_shape import is_same_statement
from bot.domain.playbook import Filter, HttpCall, KubernetesCall, ParsedStep, RedisCall, SqlCall, StepKind

MAX_INPUT_LENGTH = 2_000
NAMED = 3
WRITTEN = re.compile(r"(?:query|pattern|statement|expression|partiql)\w*", re.I)
"""Parameters whose text is written in a language of its own."""

WORDS = re.compile(r"[\w .:/@+,=-]*")
"""What cannot be anything but a value in such a language."""

IN_ADDRESS = re.compile(r"[\w.~:@+,=/-]*")
IN_HOST = re.compile(r"[\w.-]+(?::\d{1,5})?")
SECRET = re.compile(
    r"\$(?:\w*(?:PASSWORD|PASSWD|PASS|PWD|AUTH|TOKEN|SECRET|KEY|CREDENTIALS?|DSN)|(?:REDIS|DATABASE|POSTGRES)_UR[LI])(?![A-Za-z0-9])"
)
OWN_PLACES = frozenset({(RedisCall, "password"), (SqlCall, "database")})


def find_unsafe_input(plain: ParsedStep, full: ParsedStep, given: ParseContext) -> str | None:
    """Why a step may not run with what was filled in, or None; `plain` is what it means with nothing filled in."""
    told = {typed: text for typed, text in given.inputs.items() if typed in plain.needs}
    for typed, text in told.items():
        if not _is_legible(text):
            return f"what was filled in for {typed} is empty, too long, or has letters that cannot be seen"
    if full.kind is not plain.kind:
        return full.why if full.kind is StepKind.MANUAL else _describe_change(told)
    values = {**{f"${name}": text for name, text in given.variables.items()}, **told}
    same = _StepComparison({typed: text for typed, text in values.items() if typed in plain.needs})
    return None if same.is_same_value(plain.actions, full.actions, "") else _describe_change(told)


def _is_legible(text: str) -> bool:
    return bool(text.strip()) and len(text) <= MAX_INPUT_LENGTH and text.isprintable()


def _describe_change(told: Mapping[str, str]) -> str:
    names = ", ".join([*told][:NAMED]) or "a variable"
    return f"what was filled in for {names} would change more of the command than its own place: fill in one value"


def find_leaked_secret(meaning: ParsedStep) -> str | None:
    """The variable with a password that a step would hand to anything but its own system, or None."""
    for action in meaning.actions:
        for part in (action.call, *action.filters):
            for field in fields(part):
                if (type(part), field.name) not in OWN_PLACES:
                    found = SECRET.search(" ".join(_texts(getattr(part, field.name))))
                    if found:
                        return found[0]
    return None


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [text for key, part in value.items() for text in (*_texts(key), *_texts(part))]
    if isinstance(value, list | tuple):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


class _StepComparison:
    """Compares a step before and after by its parts; `values` by placeholder as typed."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        typed = sorted(values, key=len, reverse=True)
        self._typed = re.compile("|".join(map(re.escape, typed)) or r"(?!)")

    def _fill(self, text: str) -> str:
        return self._typed.sub(lambda found: self._values[found[0]], text)

    def _within(self, text: str) -> list[str]:
        return [self._values[found] for found in self._typed.findall(text)]

    def is_same_value(self, before: object, after: object, name: str) -> bool:
        """Whether `after` is `before` with its placeholders' letters replaced; `name` is the field's or key's."""
        for kind, other, compare in COMPARED:
            if isinstance(before, kind):
                return isinstance(after, other) and compare(self, before, after, name)
        if is_dataclass(before):
            return type(before) is type(after) and self._fields(before, after, set())
        return before == after or (before is None and isinstance(after, int | float))

    def _statement(self, before: SqlCall, after: SqlCall, name: str) -> bool:
        return is_same_statement(before.sql, after.sql, self._fill) and self._fields(before, after, {"sql"})

    def _request(self, before: HttpCall, after: HttpCall, name: str) -> bool:
        return self._address(before.url, after.url) and self._fields(before, after, {"url"})

    def _kubernetes(self, before: KubernetesCall, after: KubernetesCall, name: str) -> bool:
        """Its names stand among its words: `pod/api-1` and `api-1` mean the same."""
        return self._fields(before, after, {"names"})

    def _filter(self, before: Filter, after: Filter, name: str) -> bool:
        return self.is_same_value(before.words, after.words, "pattern" if before.program == "jq" else "")

    def _mapping(self, before: Mapping[Any, object], after: Mapping[Any, object], name: str) -> bool:
        keys = {self._fill(str(key)): key for key in before}
        return set(keys) == set(after) and all(
            self.is_same_value(before[keys[key]], after[key], str(key)) for key in after
        )

    def _sequence(self, before: Sequence[object], after: Sequence[object], name: str) -> bool:
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and all(self.is_same_value(*pair, name) for pair in pairs)

    def _fields(self, before: object, after: object, besides: set[str]) -> bool:
        names = [field.name for field in fields(before) if field.name not in besides]  # type: ignore[arg-type]
        return all(self.is_same_value(getattr(before, name), getattr(after, name), name) for name in names)

    def _text(self, before: str, after: object, name: str) -> bool:
        within = self._within(before)
        if not isinstance(after, str):
            return bool(within) and isinstance(after, int | float | bytes)
        if WRITTEN.fullmatch(name) or name == "body":
            alone = before in self._values
            if not alone and not all(WORDS.fullmatch(text) for text in within):
                return False
        return after in {before, self._fill(before)}

    def _address(self, before: str, after: str) -> bool:
        if before.removeprefix("http://") in self._values:
            return after.removeprefix("http://") == self._fill(before.removeprefix("http://"))
        within = self._within(before)
        if not all(IN_ADDRESS.fullmatch(text) and ".." not in text.split("/") for text in within):
            return False
        asked, told = urlsplit(before), urlsplit(after)
        if not all(IN_HOST.fullmatch(text) for text in self._within(asked.netloc)):
            return False
        return tuple(map(self._fill, asked)) == tuple(told)


COMPARED: tuple[tuple[Any, Any, Callable[[_StepComparison, Any, Any, str], bool]], ...] = (
    (SqlCall, SqlCall, _StepComparison._statement),
    (HttpCall, HttpCall, _StepComparison._request),
    (KubernetesCall, KubernetesCall, _StepComparison._kubernetes),
    (Filter, Filter, _StepComparison._filter),
    (str, object, _StepComparison._text),
    (Mapping, Mapping, _StepComparison._mapping),
    ((list, tuple), (list, tuple), _StepComparison._sequence),
)
"""What a part was before, what it has to be after, and how the two are compared; other parts by their fields, or they
are the same."""
