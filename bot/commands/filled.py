"""What is filled in stays in its place: it replaces its placeholder's letters and changes nothing else of a step."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from urllib.parse import urlsplit

from bot.commands.given import Given
from bot.commands.sql.shapes import same_statement
from bot.step import Filter, HttpCall, Kind, Meaning, RedisCall, SqlCall

LONGEST = 2_000
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


def refused(plain: Meaning, full: Meaning, given: Given) -> str | None:
    """Why a step may not run with what was filled in, or None; `plain` is what it means with nothing filled in."""
    told = {typed: text for typed, text in given.inputs.items() if typed in plain.needs}
    for typed, text in told.items():
        if not text.strip() or len(text) > LONGEST or not text.isprintable():
            return f"what was filled in for {typed} is empty, too long, or has letters that cannot be seen"
    if full.kind is not plain.kind:
        return full.why if full.kind is Kind.MANUAL else _changed(told)
    values = {**{f"${name}": text for name, text in given.variables.items()}, **told}
    same = _Same({typed: text for typed, text in values.items() if typed in plain.needs})
    return None if same.value(plain.actions, full.actions, "") else _changed(told)


def _changed(told: Mapping[str, str]) -> str:
    names = ", ".join([*told][:NAMED]) or "a variable"
    return f"what was filled in for {names} would change more of the command than its own place: fill in one value"


def secret_elsewhere(meaning: Meaning) -> str | None:
    """The variable with a password that a step would hand to anything but its own system, or None."""
    for action in meaning.actions:
        for part in (action.call, *action.filters):
            for each in fields(part):
                if (type(part), each.name) not in OWN_PLACES:
                    found = SECRET.search(" ".join(_texts(getattr(part, each.name))))
                    if found:
                        return found[0]
    return None


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [text for key, each in value.items() for text in (*_texts(key), *_texts(each))]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


class _Same:
    """Compares a step before and after by its parts; `values` by placeholder as typed."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        typed = sorted(values, key=len, reverse=True)
        self._typed = re.compile("|".join(map(re.escape, typed)) or r"(?!)")

    def _filled(self, text: str) -> str:
        return self._typed.sub(lambda found: self._values[found[0]], text)

    def _within(self, text: str) -> list[str]:
        return [self._values[found] for found in self._typed.findall(text)]

    def value(self, before: object, after: object, name: str) -> bool:
        """Whether `after` is `before` with its placeholders' letters replaced; `name` is the field's or key's."""
        if isinstance(before, SqlCall) and isinstance(after, SqlCall):
            return same_statement(before.sql, after.sql, self._filled) and self._fields(
                before, after, {"sql"}
            )
        if isinstance(before, HttpCall) and isinstance(after, HttpCall):
            return self._address(before.url, after.url) and self._fields(before, after, {"url"})
        if isinstance(before, Filter) and isinstance(after, Filter):
            return self.value(before.words, after.words, "pattern" if before.program == "jq" else "")
        if is_dataclass(before):
            return type(before) is type(after) and self._fields(before, after, set())
        if isinstance(before, str):
            return self._text(before, after, name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            keys = {self._filled(str(key)): key for key in before}
            return set(keys) == set(after) and all(
                self.value(before[keys[key]], after[key], str(key)) for key in after
            )
        if isinstance(before, list | tuple) and isinstance(after, list | tuple):
            pairs = zip(before, after, strict=False)
            return len(before) == len(after) and all(self.value(*pair, name) for pair in pairs)
        return before == after or (before is None and isinstance(after, int | float))

    def _fields(self, before: object, after: object, besides: set[str]) -> bool:
        names = [each.name for each in fields(before) if each.name not in besides]  # type: ignore[arg-type]
        return all(self.value(getattr(before, name), getattr(after, name), name) for name in names)

    def _text(self, before: str, after: object, name: str) -> bool:
        within = self._within(before)
        if not isinstance(after, str):
            return bool(within) and isinstance(after, int | float | bytes)
        if WRITTEN.fullmatch(name) or name == "body":
            alone = before in self._values
            if not alone and not all(WORDS.fullmatch(text) for text in within):
                return False
        return after in {before, self._filled(before)}

    def _address(self, before: str, after: str) -> bool:
        if before.removeprefix("http://") in self._values:
            return after.removeprefix("http://") == self._filled(before.removeprefix("http://"))
        within = self._within(before)
        if not all(IN_ADDRESS.fullmatch(text) and ".." not in text.split("/") for text in within):
            return False
        asked, told = urlsplit(before), urlsplit(after)
        if not all(IN_HOST.fullmatch(text) for text in self._within(asked.netloc)):
            return False
        return tuple(map(self._filled, asked)) == tuple(told)
