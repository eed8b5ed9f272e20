"""The AWS CLI's shorthand: `Name=ServiceName,Value=x`, `Name=state,Values=running,stopped`, `a={b=[c,d]}`."""

from bot.errors import Unclear

DEEPEST = 20
Value = str | list["Value"] | dict[str, "Value"]


def parse(text: str) -> dict[str, Value]:
    """A structure from its shorthand; all leaves are text. Raises `Unclear`."""
    return _Reader(text).structure()


class _Reader:
    """Reads from left to right; a value without a key after a comma belongs to the key before it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def structure(self) -> dict[str, Value]:
        found = self._pairs("", 0)
        if self._at < len(self._text):
            raise self._wrong()
        return found

    def _wrong(self) -> Unclear:
        return Unclear(f"“{self._text[:60]}” is not written as Key=value,Key=value")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _skip(self, letter: str) -> bool:
        if self._peek() != letter:
            return False
        self._at += 1
        return True

    def _blanks(self) -> None:
        while self._peek().isspace():
            self._at += 1

    def _pairs(self, end: str, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        if depth > DEEPEST:
            raise Unclear("a value in it is nested too deeply")
        while True:
            key = self._key()
            if key is None:
                raise self._wrong()
            if key in found:
                raise Unclear(f"“{key}” stands twice in “{self._text[:60]}”")
            found[key] = self._values(end, depth)
            if not self._skip(","):
                return found
            self._blanks()

    def _key(self) -> str | None:
        """The key before a `=`, or None, and then nothing is read."""
        self._blanks()
        start = end = self._at
        while end < len(self._text) and (self._text[end].isalnum() or self._text[end] in "-_.#/:"):
            end += 1
        after = end
        while after < len(self._text) and self._text[after].isspace():
            after += 1
        if end == start or self._text[after : after + 1] != "=":
            return None
        self._at = after + 1
        self._blanks()
        return self._text[start:end]

    def _values(self, end: str, depth: int) -> Value:
        first = self._one(end, depth)
        if not isinstance(first, str) or self._peek() != ",":
            return first
        values: list[Value] = [first]
        while self._peek() == ",":
            before = self._at
            self._at += 1
            self._blanks()
            if self._at >= len(self._text):
                return values
            starts = self._at
            if self._key() is not None:
                self._at = before
                break
            self._at = starts
            values.append(self._one(end, depth))
        return values if len(values) > 1 else first

    def _one(self, end: str, depth: int) -> Value:
        self._blanks()
        letter = self._peek()
        if letter == "{":
            self._at += 1
            found = self._pairs("}", depth + 1)
            self._blanks()
            if not self._skip("}"):
                raise self._wrong()
            return found
        if letter == "[":
            return self._list(depth + 1)
        if letter and letter in "'\"":
            return self._quoted(letter)
        start = self._at
        parts: list[str] = []
        while self._at < len(self._text) and self._peek() not in f",{end or ','}":
            if self._peek() == "\\" and self._text[self._at + 1 : self._at + 2] in {",", "\\"}:
                self._at += 1
            parts.append(self._peek())
            self._at += 1
        if self._at == start and self._at < len(self._text) and self._peek() != ",":
            raise self._wrong()
        return "".join(parts).rstrip()

    def _list(self, depth: int) -> Value:
        if depth > DEEPEST:
            raise Unclear("a value in it is nested too deeply")
        self._at += 1
        values: list[Value] = []
        self._blanks()
        while not self._skip("]"):
            if self._at >= len(self._text):
                raise self._wrong()
            values.append(self._one("]", depth))
            self._blanks()
            if self._skip(","):
                self._blanks()
            elif self._peek() != "]":
                raise self._wrong()
        return values

    def _quoted(self, quote: str) -> str:
        self._at += 1
        parts: list[str] = []
        while self._at < len(self._text):
            letter = self._peek()
            self._at += 1
            if letter == quote:
                return "".join(parts)
            if letter == "\\" and self._peek() in {quote, "\\"}:
                letter = self._peek()
                self._at += 1
            parts.append(letter)
        raise self._wrong()
