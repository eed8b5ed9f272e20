"""Placeholders such as `<task-arn>`: hidden before a command is cut into words, filled in afterwards."""

import re
import unicodedata
from collections.abc import Mapping

from bot.command_parsers.parse_context import ShellWord
from bot.errors import UnsupportedCommand

FIRST = 0xE000
LAST = 0xF8FF
MAX_PLACEHOLDERS = 200
UNSEEN = frozenset({"Cf", "Cs", "Cn", "Zl", "Zp"})
"""Kinds of letters that change how a text looks without being seen: directions, joiners, soft hyphens."""

ANGLE = r"(?<![<\w])<(?P<angle>[A-Za-z][\w.-]*(?:[ /][\w.-]+){0,5})>"
ANYWHERE = re.compile(
    ANGLE + r"|(?<!\$)\{\{\s*[A-Za-z][\w .-]*?\s*\}\}"
    r"|(?<![\w$-])(?<!\$\{)(?:(?:YOUR|MY)[_-][A-Z0-9]+(?:[_-][A-Z0-9]+)*|your-[a-z0-9]+(?:-[a-z0-9]+)*"
    r"|REPLACE_?ME|CHANGE_?ME|XXXX+)(?![\w=])"
)
ANGLE_AFTER = re.compile(ANGLE.replace(r"(?<![<\w])", "(?<!<)"))
SQUARE = re.compile(r"(?<![^\s=/.:-])\[(?P<name>[A-Za-z][\w-]{2,}(?: [\w-]+){0,4})\](?![*?+{])")
QUOTED_SQUARE = re.compile(
    r"(?<![\w-])(?P<option>--[\w-]{1,80})[ =](?P<quote>['\"])(?P<gap>\[[A-Za-z][\w -]+\])(?P=quote)(?=\s|$)"
)
LANGUAGES = re.compile(r"--(?:query|query-string|filter-pattern|filter|filters|jq|json|format)")
"""Options whose values are written in a language where brackets mean something."""

RANGE = re.compile(r"\w-\w|\w-\w\w-\w")
COMPARISON = re.compile(r"\b(?:and|or)\b", re.I)


INNER_NEED = re.compile(r"\$\((?P<hex>(?:[0-9a-f]{2})+)\)")
"""How a command inside of another one stands in the words of the outer one: no letter of it means anything there."""

CUT_NEED = re.compile(r"\$\((?P<hex>[0-9a-f]{8,})(?P<end>\)?)")


def write_inner_need(text: str) -> str:
    """A command inside of another one as a need of the outer one."""
    return f"$({text.encode().hex()})"


def read_inner_need(need: str) -> str | None:
    """The command that a need stands for, None where it is another need."""
    found = INNER_NEED.fullmatch(need)
    return bytes.fromhex(found["hex"]).decode() if found else None


def show_inner_needs(text: str) -> str:
    """A sentence with the commands as they were typed, also where one was cut."""
    return CUT_NEED.sub(_show_inner_need, text)


def _show_inner_need(found: re.Match[str]) -> str:
    typed = bytes.fromhex(found["hex"][: len(found["hex"]) // 2 * 2]).decode(errors="ignore")
    return f"$({typed}{found['end'] or '…'}"


class PlaceholderMap:
    """The placeholders of one command; each is one private character while the command is read."""

    def __init__(self, inputs: Mapping[str, str]) -> None:
        self._inputs = inputs
        self._shown: list[str] = []
        self._variables: set[str] = set()

    def hide(self, text: str, brackets: bool) -> str:
        """The text with each placeholder as a private character; those in square brackets in a shell only."""
        if any(FIRST <= ord(letter) <= LAST for letter in text):
            raise UnsupportedCommand(
                "it has letters from the private part of Unicode, which no keyboard types"
            )
        hidden = next((letter for letter in text if unicodedata.category(letter) in UNSEEN), None)
        if hidden:
            raise UnsupportedCommand(f"it has a letter that cannot be seen (U+{ord(hidden):04X})")
        text = ANYWHERE.sub(lambda found: self._mark(found[0]), text)
        if not brackets:
            return text
        text = ANGLE_AFTER.sub(lambda found: self._mark(found[0]), text)
        text = QUOTED_SQUARE.sub(self._hide_quoted, text)
        bare = _outside_quotes(text)
        return SQUARE.sub(lambda found: self._bare(found, bare), text)

    def hide_variable(self, name: str) -> str:
        """The private character that stands for a variable which nobody sets: it is asked for by its bare name."""
        self._variables.add(name)
        return self._mark(name)

    def hide_command(self, text: str) -> str:
        """The private character that stands for the answer of a command inside of this one, `$(...)`."""
        return self._hide(write_inner_need(text))

    def retype(self, text: str) -> str:
        """The text as a shell would have it typed again: variables that nobody sets as `${NAME}`."""
        parts = (self._restore(letter) for letter in text)
        typed = (f"${{{part}}}" if part in self._variables else part for part in parts)
        return "".join(f"$({inner})" if (inner := read_inner_need(part)) else part for part in typed)

    @property
    def typed(self) -> frozenset[str]:
        """The placeholders that were found, as typed."""
        return frozenset(self._shown)

    def unhide(self, text: str) -> str:
        """The text as it was typed."""
        return "".join(self._restore(letter) for letter in text)

    def fill(self, text: str) -> ShellWord:
        """A word with what was filled in, or with the placeholders as typed and the need of them."""
        needs = []
        parts = []
        for letter in text:
            typed = self._restore(letter)
            if typed is letter:
                parts.append(letter)
            elif typed in self._inputs:
                parts.append(self._inputs[typed])
            else:
                parts.append(typed)
                needs.append(typed)
        return ShellWord("".join(parts), tuple(dict.fromkeys(needs)))

    def _restore(self, letter: str) -> str:
        at = ord(letter) - FIRST
        return self._shown[at] if 0 <= at < len(self._shown) else letter

    def _mark(self, typed: str) -> str:
        return typed if COMPARISON.search(typed) else self._hide(typed)

    def _hide(self, typed: str) -> str:
        if typed not in self._shown:
            if len(self._shown) == MAX_PLACEHOLDERS:
                raise UnsupportedCommand(f"it has more than {MAX_PLACEHOLDERS} placeholders")
            self._shown.append(typed)
        return chr(FIRST + self._shown.index(typed))

    def _hide_quoted(self, found: re.Match[str]) -> str:
        if LANGUAGES.fullmatch(found["option"]):
            return found[0]
        return found[0].replace(found["gap"], self._mark(found["gap"]))

    def _bare(self, found: re.Match[str], bare: list[bool]) -> str:
        if not bare[found.start()] or RANGE.fullmatch(found["name"]):
            return found[0]
        return self._mark(found[0])


def _outside_quotes(text: str) -> list[bool]:
    """For each letter whether it stands outside of quotes."""
    quote = ""
    told = []
    escaped = False
    for letter in text:
        told.append(not quote)
        if escaped:
            escaped = False
        elif letter == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
    return told
