"""Counts log lines by pattern: the line without what differs from one to the next.

All of it is bounded: a line is cut before it is looked at, and of lines of ever new kinds only so much is read.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.text.redaction import redact

READ, LONGEST = 4_000, 300
"""Letters of a line that are read (a secret that begins among those that are shown has to end among these), and that
are shown."""

MAX_JSON_LENGTH = 2_000_000
MOST_LETTERS, MOST_KINDS = 3_000_000, 10_000
"""What is read of lines that are not like one before, and how many kinds are told apart."""

FIELDS = ("message", "msg", "error", "err", "errorMessage", "error_message", "exception", "log")
"""Where a line that is JSON says what happened; the first of each half is taken, what happened before why."""

WHY = frozenset({"error", "err", "errorMessage", "error_message", "exception"})

ANSI = re.compile(r"\x1b(?:\[[0-?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)?|[@-Z\\^_])")
INVISIBLE = re.compile(
    r"[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+"
)
"""Blanks, control characters, letters that turn the direction round, and halves of letters."""

UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
HEX = re.compile(rf"\b{UUID}\b|(?<![0-9A-Za-z])(?=[a-f]{{0,40}}\d)[0-9a-f]{{6,64}}(?![0-9A-Za-z])")
NOUGHTS = str.maketrans("123456789", "000000000")

VARYING = re.compile(
    r"(?P<time>\b\d{4}[-/]\d\d[-/]\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?(?!\d)"
    r"|\b\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?|\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z?\b)"
    rf"|(?P<id>\b{UUID}\b"
    r"|\b0x[0-9a-fA-F]{1,32}\b|\b(?=[a-fA-F]{0,63}\d)[0-9a-fA-F]{8,64}\b(?!\.\d)"
    r"|(?<![\w-])(?=[A-Za-z_-]{0,80}\d)(?=[\d_-]{0,80}[A-Za-z])[\w-]{16,200}(?![\w-]))"
    r"|(?P<address>\b(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?::\d{1,5})?\b"
    r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}(?![\w:])|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){0,6}:(?:[0-9a-fA-F]{1,4}:){0,6}[0-9a-fA-F]{1,4}(?![\w:]))"
    r"|(?P<text>(?<!\w)'[^']{0,200}'(?!\w)|\"[^\"]{0,200}\"|“[^”]{0,200}”|`[^`]{0,200}`)"
    r"|(?P<prefix>\b[A-Za-z]{2,12}[_-])(?=[A-Za-z]{0,40}\d)[A-Za-z0-9]{4,64}\b"
    r"|(?P<number>(?<![A-Za-z_])[-+]?\d[\d.,]{0,40}(?<![.,]))"
    r"|(?P<mark>\[(?:phone|card)\])"
)  # fmt: skip
"""What differs between lines of one kind. A digit of a name (`s3`, `utf8`) belongs to the name."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log: when it was written, in milliseconds since 1970, as it stands there, and in which stream."""

    at: int
    text: str
    stream: str = ""


@dataclass(frozen=True, slots=True)
class LogPattern:
    """Lines of one kind: `text` with `<n>`, `<id>`, `<time>`, `<address>`, `<text>` for what differs, how many, when
    the first and the last were written (milliseconds since 1970), and the newest of them. Redacted."""

    text: str
    count: int
    first: int
    last: int
    example: str


class PatternCounter:
    """Tells lines of one kind from others. One for all lines that are compared: what it may read is counted in all."""

    def __init__(self, letters: int = MOST_LETTERS, kinds: int = MOST_KINDS) -> None:
        self._left, self._kinds = letters, kinds
        self._known: dict[str, str] = {}

    def match_pattern(self, message: str) -> str | None:
        """The pattern of what `extract_message` gave; None when no more new ones are told apart."""
        key = HEX.sub(_noughts, message).translate(NOUGHTS)
        found = self._known.get(key)
        if found is None and self._left > 0 and len(self._known) < self._kinds:
            self._left -= len(message)
            found = self._known[key] = _pattern(message)
        return found

    def count_patterns(self, lines: Iterable[LogLine]) -> tuple[dict[str, LogPattern], int]:
        """The patterns of these lines by their text, the most frequent first; and how many lines are in none of them,
        because there were too many kinds. The newest line of each is kept, redacted."""
        counts: dict[str, int] = {}
        first: dict[str, int] = {}
        newest: dict[str, tuple[int, str]] = {}
        beyond = 0
        for line in lines:
            message = extract_message(line.text)
            pattern = self.match_pattern(message)
            if pattern is None:
                beyond += 1
                continue
            counts[pattern] = counts.get(pattern, 0) + 1
            first[pattern] = min(first.get(pattern, line.at), line.at)
            if pattern not in newest or line.at >= newest[pattern][0]:
                newest[pattern] = (line.at, message)
        ordered = sorted(counts, key=lambda shape: (-counts[shape], first[shape], shape))
        found = {
            shape: LogPattern(
                shape, counts[shape], first[shape], newest[shape][0], redact_message(newest[shape][1])
            )
            for shape in ordered
        }
        return found, beyond


def extract_message(text: str | bytes) -> str:
    """What a line says, on one line and without what cannot be seen: of JSON its message, and its error behind it.

    At most 4,000 letters; not redacted yet.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    start = text[:50].lstrip()[:1]
    if start == "{" and len(text) <= MAX_JSON_LENGTH:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and (message := _message(found)):
            text = message
    return _visible(text)


def redact_message(message: str) -> str:
    """A message as it may be shown: redacted, and cut with a mark."""
    clean = redact(message)
    return clean if len(clean) <= LONGEST else f"{clean[: LONGEST - 1]}…"


def _visible(text: str) -> str:
    cut = ANSI.sub("", text[:READ])
    return INVISIBLE.sub(" ", cut).strip()


def _message(line: Mapping[str, Any]) -> str:
    """What a line of JSON says, and its error behind it unless it says that too."""
    halves: dict[bool, str] = {}
    for name in FIELDS:
        if text := _text_of(line.get(name)):
            halves.setdefault(name in WHY, text[:READ])
    what, why = halves.get(False, ""), halves.get(True, "")
    return f"{what}: {why}" if what and why and why not in what else what or why


def _text_of(value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get("message") or value.get("msg") or value.get("name")
    return value if isinstance(value, str) and value.strip() else ""


def _noughts(found: re.Match[str]) -> str:
    return "0" * len(found[0])


def _pattern(message: str) -> str:
    text = VARYING.sub(_mark, redact(message)[: 2 * LONGEST])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _mark(found: re.Match[str]) -> str:
    if found["prefix"]:
        return f"{found['prefix']}<id>"
    return "<n>" if found["number"] or found["mark"] else f"<{found.lastgroup}>"
