"""grep's patterns in its three dialects to those of the `regex` package, as far as both mean the same."""

import re

from bot.errors import UnsupportedCommand

MAX_PATTERN_LENGTH = 2_000
MAX_DEPTH = 30
MAX_WEIGHT = 5_000
"""What a pattern may come to when its repetitions are written out: a library would try to."""

TIMES = re.compile(r"\{(\d{1,4})?(,)?(\d{1,4})?\}")
CLASS = re.compile(r"\[:\^?[a-z]+:\]")
OPENING = re.compile(r"\(\?(?:[:=!>]|<[=!]|P?<[A-Za-z_]\w{0,31}>|-?[imsx]{1,4}(?:-[imsx]{1,4})?:)")
GLOBAL = re.compile(r"\(\?[imsx]{1,4}\)")
PERL = re.compile(r"\\(?:[pP]\{\^?[\w=]{1,30}\}|[pP][A-Z]|k<\w{1,32}>|[wWdDsSbBAzZKnrtfe0aXR]|[1-9]|[^\w\s])")
HEXADECIMAL = re.compile(r"\\x(?:\{([0-9a-fA-F]{1,5})\}|([0-9a-fA-F]{1,2}))")
QUOTED = re.compile(r"\\Q(.*?)(?:\\E|$)", re.S)
BLANKS = {"h": r"[ \t]", "H": r"[^ \t\n]", "N": r"[^\n]", "z": r"\Z"}
POSIX = {"<": r"\m", ">": r"\M", "`": r"\A", "'": r"\Z", **{letter: f"\\{letter}" for letter in "bBwWsS"}}
SPECIAL = frozenset("\\.[]{}()*+?^$|#&~- \t\n")


def translate_pattern(text: str, dialect: str) -> str:
    """A pattern of `G` (basic), `E` (extended) or `P` (Perl's) in `regex`'s own words. Raises `Unclear`."""
    if len(text) > MAX_PATTERN_LENGTH:
        raise UnsupportedCommand(f"the pattern is longer than {MAX_PATTERN_LENGTH} letters")
    return _PatternReader(text, dialect).read()


def escape_literal(text: str) -> str:
    """A text that stands for itself."""
    return "".join(f"\\{letter}" if letter in SPECIAL else letter for letter in text)


class _PatternReader:
    """Reads a pattern once; each atom is its text and what it weighs when repetitions are written out."""

    def __init__(self, text: str, dialect: str) -> None:
        self._text = text
        self._dialect = dialect
        self._at = 0
        self._groups: list[tuple[str, list[tuple[str, int]]]] = [("", [])]

    def read(self) -> str:
        while self._at < len(self._text):
            self._next()
        if len(self._groups) > 1:
            raise UnsupportedCommand("the pattern opens a bracket and does not close it")
        return "".join(text for text, _ in self._groups[0][1])

    @property
    def _atoms(self) -> list[tuple[str, int]]:
        return self._groups[-1][1]

    def _add(self, text: str, length: int, weight: int = 1) -> None:
        self._atoms.append((text, weight))
        self._at += length

    def _starts(self) -> bool:
        """Whether nothing that could be repeated stands before."""
        return not self._atoms or self._atoms[-1][0] in {"|", "^"}

    def _next(self) -> None:
        letter = self._text[self._at]
        two = self._text[self._at : self._at + 2]
        if letter == "[":
            self._set()
        elif self._dialect == "G" and two in {r"\(", r"\)", r"\{", r"\|", r"\+", r"\?"}:
            self._sign(two[1], 2)
        elif letter == "\\":
            self._escape()
        elif self._dialect == "G" and letter in "(){}|+?":
            self._add(escape_literal(letter), 1)
        elif letter in "(){}|+?*":
            self._sign(letter, 1)
        elif self._dialect == "G" and letter in "^$":
            self._add(letter if self._anchors(letter) else escape_literal(letter), 1)
        elif letter in "^$.":
            self._add(letter, 1)
        else:
            self._add(escape_literal(letter), 1)

    def _anchors(self, letter: str) -> bool:
        """Whether `^` or `$` of a basic pattern is an anchor where it stands."""
        before, after = self._text[: self._at], self._text[self._at + 1 :]
        if letter == "^":
            return not before or before.endswith((r"\(", r"\|"))
        return not after or after.startswith((r"\)", r"\|"))

    def _sign(self, sign: str, length: int) -> None:
        if sign == "(":
            self._open(length)
        elif sign == ")":
            if len(self._groups) == 1:
                raise UnsupportedCommand("the pattern closes a bracket that it did not open")
            opening, atoms = self._groups.pop()
            inside = "".join(text for text, _ in atoms)
            self._add(f"{opening}{inside})", length, sum(weight for _, weight in atoms) + 1)
        elif sign == "|":
            self._add("|", length, 0)
        elif sign == "}":
            self._add(escape_literal(sign), length)
        elif sign == "{":
            self._times(length)
        elif self._starts():
            if self._dialect != "G" or sign != "*":
                raise UnsupportedCommand(f"the pattern has nothing before {sign} that could be repeated")
            self._add(escape_literal(sign), length)
        else:
            self._repeat(sign, length, 1)

    def _open(self, length: int) -> None:
        opening = "("
        if self._dialect == "P" and self._text[self._at + 1 : self._at + 2] in {"?", "*"}:
            flags = GLOBAL.match(self._text, self._at)
            if flags and self._at == 0:
                self._add(flags[0], len(flags[0]), 0)
                return
            found = OPENING.match(self._text, self._at)
            if not found:
                raise UnsupportedCommand(
                    f"“{self._text[self._at : self._at + 6]}” in the pattern is not evaluated"
                )
            opening, length = found[0], len(found[0])
        if len(self._groups) > MAX_DEPTH:
            raise UnsupportedCommand("the pattern is nested too deeply")
        self._groups.append((opening, []))
        self._at += length

    def _times(self, length: int) -> None:
        """`{2}`, `{2,}`, `{2,5}`; anything else in braces stands for itself, but not in a basic pattern."""
        start = self._at + length - 1
        closing = r"\}" if self._dialect == "G" else "}"
        end = self._text.find(closing, start)
        found = TIMES.fullmatch(self._text[start:end] + "}") if end >= 0 else None
        if found is None or not self._has_number(found):
            if self._dialect == "G":
                raise UnsupportedCommand("the pattern's braces hold no number of times")
            self._add(escape_literal("{"), length)
            return
        if self._starts():
            raise UnsupportedCommand("the pattern has nothing before { that could be repeated")
        text, times = _format_times(found)
        self._repeat(text, end + len(closing) - self._at, times)

    def _has_number(self, found: re.Match[str]) -> bool:
        """Whether the braces say how often; in Perl's dialect the first number is needed."""
        return bool(found[1] or (found[3] and self._dialect != "P"))

    def _repeat(self, sign: str, length: int, times: int) -> None:
        text, weight = self._atoms.pop()
        self._at += length
        if self._dialect == "P" and self._text[self._at : self._at + 1] in {"?", "+"}:
            sign += self._text[self._at]
            self._at += 1
        if weight * times > MAX_WEIGHT:
            raise UnsupportedCommand("the pattern repeats too much")
        self._atoms.append((f"(?:{text}{sign})", weight * times))

    def _escape(self) -> None:
        rest = self._text[self._at :]
        if len(rest) == 1:
            raise UnsupportedCommand("the pattern ends in a backslash")
        letter = rest[1]
        if self._dialect == "P":
            self._perl(rest, letter)
        elif letter in POSIX:
            self._add(POSIX[letter], 2)
        elif letter in "123456789":
            self._add(rf"(?:\{letter})", 2)
        else:
            self._add(escape_literal(letter), 2)

    def _perl(self, rest: str, letter: str) -> None:
        quoted, number = QUOTED.match(rest), HEXADECIMAL.match(rest)
        if quoted:
            for letter in quoted[1]:
                self._add(escape_literal(letter), 0)
            self._at += len(quoted[0])
        elif number:
            self._add(escape_literal(chr(int(number[1] or number[2], 16))), len(number[0]))
        elif letter in BLANKS:
            self._add(BLANKS[letter], 2)
        else:
            found = PERL.match(rest)
            if not found:
                raise UnsupportedCommand(f"\\{letter} in the pattern is not evaluated")
            self._add(found[0], len(found[0]))

    def _set(self) -> None:
        """`[...]`: a bracket first stands for itself; backslashes do too, but not in Perl's dialect."""
        text, at = self._text, self._at + 1
        parts = ["["]
        if text[at : at + 1] == "^":
            parts.append("^")
            at += 1
        first = at
        while at < len(text) and (text[at] != "]" or at == first):
            named = CLASS.match(text, at)
            escape = PERL.match(text, at) if self._dialect == "P" else None
            if named:
                parts.append(named[0])
                at = named.end()
            elif text[at : at + 2] in {"[.", "[="}:
                raise UnsupportedCommand("the pattern's collating elements are not evaluated")
            elif escape:
                parts.append(escape[0])
                at = escape.end()
            elif text[at] == "-" and at != first and text[at + 1 : at + 2] not in {"]", ""}:
                parts.append("-")
                at += 1
            else:
                parts.append(escape_literal(text[at]))
                at += 1
        if at >= len(text):
            raise UnsupportedCommand("the pattern opens [ and does not close it")
        self._add("".join(parts) + "]", at + 1 - self._at)


def _format_times(found: re.Match[str]) -> tuple[str, int]:
    """`{2,5}` as it is written here, and the most times that it stands for. Raises UnsupportedCommand."""
    least, most = int(found[1] or 0), int(found[3] or found[1] or 0)
    if found[3] and most < least:
        raise UnsupportedCommand("the pattern repeats from more to fewer times")
    return f"{{{least}{',' if found[2] else ''}{found[3] or ''}}}", max(least, most, 1)
