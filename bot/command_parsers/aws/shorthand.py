"""The AWS CLI's shorthand: `Name=ServiceName,Value=x`, `Name=state,Values=running,stopped`, `a={b=[c,d]}`."""

import re
import string

from bot.errors import UnsupportedCommand

DEEPEST = 20
Value = str | list["Value"] | dict[str, "Value"]

KEY = re.compile(r"[A-Za-z0-9_.#/:-]+")
FIRST = re.compile(r"(?:\\,|[^\x00-\x20\"',=\[{])(?:\\,|[^\x00-\x08\x0e-\x1f\"',\]}])*")
"""A value right after its key: it may hold `=` and ends at a comma or a closing bracket."""

FURTHER = re.compile(r"(?:\\,|[^\x00-\x20\"',=\[{])(?:\\,|[^\x00-\x08\x0e-\x1f\"',=])*")
"""A further value of the same key: a `=` would make it the next key."""

QUOTED = {"'": re.compile(r"'(?:\\'|[^'])*'"), '"': re.compile(r'"(?:\\"|[^"])*"')}


def parse_shorthand(text: str) -> dict[str, Value]:
    """A structure from its shorthand; all leaves are text. Raises `Unclear`."""
    reader = _ShorthandReader(text)
    found: dict[str, Value] = {}
    while True:
        key = reader.read_key()
        if key in found:
            raise UnsupportedCommand(f"“{key[:40]}” stands twice in “{text[:60]}”")
        found[key] = reader.read_values()
        if reader.ended:
            return found
        reader.expect(",")


class _ShorthandReader:
    """Reads from left to right; a value without a key after a comma belongs to the key before it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def ended(self) -> bool:
        return self._at >= len(self._text)

    def _wrong(self) -> UnsupportedCommand:
        return UnsupportedCommand(f"“{self._text[:60]}” is not written as Key=value,Key=value")

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _blanks(self) -> None:
        while self._next() and self._next() in string.whitespace:
            self._at += 1

    def _take(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self._text, self._at)
        if found is None:
            return None
        self._at = found.end()
        return found[0]

    def expect(self, letter: str) -> None:
        """Go past a letter and the blanks around it."""
        self._blanks()
        if self._next() != letter:
            raise self._wrong()
        self._at += 1
        self._blanks()

    def read_key(self) -> str:
        """A key and the `=` behind it."""
        found = self._take(KEY)
        if found is None:
            raise self._wrong()
        self.expect("=")
        return found

    def read_values(self) -> Value:
        """What follows a key up to the next key or the end."""
        if self._next() in {"[", "{"}:
            return self._read_nested(0)
        first = self._first()
        self._blanks()
        found: list[Value] = [first]
        while self._next() == ",":
            before = self._at
            self.expect(",")
            further = self._further()
            self._blanks()
            if further is None or not (self.ended or self._next() == ","):
                if self.ended:
                    raise self._wrong()
                self._at = before
                break
            found.append(further)
        return found if len(found) > 1 else first

    def _first(self) -> str:
        if self._next() in QUOTED:
            return self._read_quoted()
        return (self._take(FIRST) or "").replace("\\,", ",").rstrip()

    def _further(self) -> str | None:
        if self._next() in QUOTED:
            return self._read_quoted()
        found = self._take(FURTHER)
        return None if found is None else found.replace("\\,", ",").rstrip()

    def _read_quoted(self) -> str:
        quote = self._next()
        found = self._take(QUOTED[quote])
        if found is None:
            raise self._wrong()
        return found[1:-1].replace("\\" + quote, quote).replace("\\\\", "\\")

    def _read_nested(self, depth: int) -> Value:
        if depth > DEEPEST:
            raise UnsupportedCommand("a value in it is nested too deeply")
        if self._next() == "[":
            return self._list(depth)
        return self._structure(depth) if self._next() == "{" else self._first()

    def _list(self, depth: int) -> Value:
        self.expect("[")
        values: list[Value] = []
        while self._next() != "]":
            values.append(self._read_nested(depth + 1))
            self._separate("]")
        self._at += 1
        return values

    def _structure(self, depth: int) -> Value:
        self.expect("{")
        found: dict[str, Value] = {}
        while self._next() != "}":
            key = self.read_key()
            found[key] = self._read_nested(depth + 1)
            self._separate("}")
        self._at += 1
        return found

    def _separate(self, end: str) -> None:
        """Either the end follows, or a comma and more."""
        self._blanks()
        if self._next() != end:
            self.expect(",")
