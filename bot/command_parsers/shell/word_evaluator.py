"""From a word's syntax to its text: quotes, escapes, variables, dates and sums. Nothing is run."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from bot.command_parsers.parse_context import ParseContext, ShellWord
from bot.command_parsers.placeholders import PlaceholderMap
from bot.command_parsers.secret_names import is_secret_name
from bot.command_parsers.shell.date_command import evaluate_date
from bot.errors import UnsupportedCommand

MAX_DEPTH = 40
OF_THE_SHELL = re.compile(
    r"[A-Z]|HOME|USER|LOGNAME|PATH|PWD|OLDPWD|SHELL|HOSTNAME|RANDOM|SECONDS|LINENO|UID|EUID|PPID|IFS|TERM|TMPDIR|LANG|LC_\w+"
    r"|BASH\w*|AWS_\w+|TOCSIN_\w+|SLACK_\w+|PAGERDUTY_\w+"
)
"""Variables that a shell sets by itself, and Tocsin's own: nobody can be asked for them."""

BRACES = re.compile(r"\{[^{}\s]*(?:,|\.\.)[^{}\s]*\}")
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
CURLY = "\u2018\u2019\u201c\u201d"
NAMES = {
    "process_substitution": "a process substitution",
    "ansi_c_string": "a string written with $'...'",
    "translated_string": 'a string written with $"..."',
    "brace_expression": "a range in braces",
}
MAX_SUM = 10**15
INNER = re.compile(r"\$\(\s*(?:aws|kubectl)\s")
"""Commands inside of others that may be asked first; what they are is judged by itself."""

LINE_END = re.compile(r"\\\n\s*")
MAX_INNER_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class WordEvaluator:
    """Evaluates the words of one command line; `local` are the variables it has set itself."""

    code: bytes
    given: ParseContext
    gaps: PlaceholderMap
    local: dict[str, ShellWord]

    def word(self, node: Node) -> tuple[ShellWord, str]:
        """A word, and its text with the placeholders still hidden."""
        source, needs, bare = self._value(node, 0)
        _check_bare(self.gaps.unhide(bare))
        filled = self.gaps.fill(source)
        if filled.text[:1] == "-" and source[:1] != "-":
            raise UnsupportedCommand(
                f"what was filled in for {self.gaps.unhide(source[:1])} begins with a dash"
            )
        return ShellWord(filled.text, tuple(dict.fromkeys((*needs, *filled.needs)))), source

    def document(self, node: Node, quoted: bool, strip_tabs: bool) -> ShellWord:
        """The text of a here-document."""
        text, needs = self._text(node), list[str]()
        if not quoted:
            text, needs, _ = self._inside(node, node.start_byte, node.end_byte, "\\$`", 0)
        if strip_tabs:
            text = re.sub(r"^\t+", "", text, flags=re.M)
        filled = self.gaps.fill(text)
        return ShellWord(filled.text, tuple(dict.fromkeys((*needs, *filled.needs))))

    def _text(self, node: Node) -> str:
        return self.code[node.start_byte : node.end_byte].decode()

    def _value(self, node: Node, depth: int) -> tuple[str, list[str], str]:
        """Its text, what it lacks, and the part of it that stood outside of quotes."""
        if depth > MAX_DEPTH:
            raise UnsupportedCommand("it is nested too deeply")
        kind, text = node.type, self._text(node)
        if kind in {"word", "number", "command_name", "variable_name", "special_character"}:
            if node.named_child_count:
                return self._inside(node, node.start_byte, node.end_byte, None, depth)
            return _unescape(text), [], text
        if kind == "raw_string":
            return text[1:-1], [], ""
        if kind == "string":
            value, needs, _ = self._inside(node, node.start_byte + 1, node.end_byte - 1, '\\$`"', depth)
            return value, needs, ""
        if kind == "concatenation":
            return self._inside(node, node.start_byte, node.end_byte, None, depth)
        if kind in {"simple_expansion", "expansion"}:
            value, needs = self._variable(text.lstrip())
            return value, needs, ""
        if kind == "command_substitution":
            return self._substitution(node, depth), [], ""
        if kind == "arithmetic_expansion":
            return str(self._sum(node, depth)), [], ""
        raise UnsupportedCommand(
            f"it has {NAMES.get(kind, f'“{self.gaps.unhide(text)[:40]}”')}, which is not evaluated"
        )

    def _inside(
        self, node: Node, start: int, end: int, escapes: str | None, depth: int
    ) -> tuple[str, list[str], str]:
        """Literal text and expansions in a row; `escapes` are what a backslash guards, None outside quotes."""
        parts, needs, bare, at = list[str](), list[str](), list[str](), start

        def literal(until: int) -> None:
            text = self.code[at:until].decode()
            parts.append(_unescape(text, escapes))
            bare.append(text if escapes is None else "")

        for child in node.named_children:
            if child.type in {"string_content", "heredoc_content"}:
                continue
            raw = self._text(child)
            literal(
                child.start_byte + len(raw) - len(raw.lstrip())
            )  # the grammar counts blanks before it to it
            value, missing, loose = self._value(child, depth + 1)
            parts.append(value)
            needs += missing
            bare.append(loose)
            at = child.end_byte
        literal(end)
        return "".join(parts), needs, "".join(bare)

    def _variable(self, text: str) -> tuple[str, list[str]]:
        found = re.fullmatch(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", text)
        if not found:
            raise UnsupportedCommand(f"{self.gaps.unhide(text)[:40]} is not evaluated")
        name = found[1] or found[2]
        if name in self.local:
            return self.local[name].text, list(self.local[name].needs)
        if not self.given.is_allowed_variable(name):
            if is_secret_name(name) or OF_THE_SHELL.fullmatch(name):
                raise UnsupportedCommand(
                    f"${name[:40]} is not set in it, and is no variable of a monitored system: set it above, or "
                    f"allow it in a comment, <!-- tocsin: variables {name[:40]} -->"
                )
            return self.gaps.hide_variable(name), []
        value = self.given.variables.get(name)
        return (value, []) if value is not None else (f"${name}", [f"${name}"])

    def _substitution(self, node: Node, depth: int) -> str:
        text = self._text(node).lstrip()
        children = node.named_children
        if INNER.match(text):
            return self.gaps.hide_command(self._retype(node))
        words = children[0].named_children if len(children) == 1 and children[0].type == "command" else []
        if not words or self._text(words[0]) != "date" or text.startswith("`"):
            raise UnsupportedCommand(
                f"it runs another command inside, “{self.gaps.unhide(text)[:40]}”; only $(date ...), $(aws ...)"
                " and $(kubectl get ...) are evaluated"
            )
        said = [self.gaps.unhide(self._value(word, depth + 1)[0]) for word in words[1:]]
        return evaluate_date(said, self.given.now)

    def _retype(self, node: Node) -> str:
        """The command in the brackets of `$(...)` by itself: variables that were set above as their values."""
        start, end = node.start_byte + self._text(node).index("(") + 1, node.end_byte - 1
        parts, at = list[str](), start
        for found in _list_expansions(node):
            name = self._text(found).strip().strip("${}")
            if name in self.local:
                parts.append(self.code[at : found.start_byte].decode())
                parts.append(self._retype_value(name, self._text(found)))
                at = found.end_byte
        parts.append(self.code[at:end].decode())
        text = LINE_END.sub(" ", self.gaps.retype("".join(parts))).strip()
        if len(text) > MAX_INNER_LENGTH:
            raise UnsupportedCommand(
                f"it runs another command inside of more than {MAX_INNER_LENGTH} letters"
            )
        return text

    def _retype_value(self, name: str, found: str) -> str:
        """The value of a variable, with the blanks that the grammar counts to it."""
        value = self.local[name].text
        bare = "".join(letter for letter in value if self.gaps.unhide(letter) == letter)
        if not re.fullmatch(r"[\w./:@=,+-]*", bare) or not value:
            raise UnsupportedCommand(
                f"the command inside uses ${name[:40]}, which is more than one plain word"
            )
        return found[: len(found) - len(found.lstrip())] + value

    def _sum(self, node: Node, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise UnsupportedCommand("it is nested too deeply")
        children = node.named_children
        if node.type in {"arithmetic_expansion", "parenthesized_expression"} and len(children) == 1:
            return self._sum(children[0], depth + 1)
        if node.type == "binary_expression" and len(children) == 2:
            left, right = (self._sum(child, depth + 1) for child in children)
            sign = next((self._text(child) for child in node.children if not child.is_named), "")
            total = _compute(left, sign, right)
        else:
            total = self._whole_number(node, depth)
        if abs(total) > MAX_SUM:
            raise UnsupportedCommand("a sum in it is too big")
        return total

    def _whole_number(self, node: Node, depth: int) -> int:
        """A number of a sum, or a variable that is one."""
        if node.type == "variable_name":
            text = self._variable("$" + self._text(node))[0]
        else:
            text = self._value(node, depth + 1)[0]
        if not re.fullmatch(r"0|[1-9]\d{0,15}", text):
            raise UnsupportedCommand("only whole numbers and dates are summed")
        return int(text)


def _list_expansions(node: Node) -> Sequence[Node]:
    """The variables in a part of the tree, in the order of the text; the call stack does not grow."""
    waiting, found = [node], list[Node]()
    while waiting:
        part = waiting.pop()
        if part.type in {"simple_expansion", "expansion"}:
            found.append(part)
        else:
            waiting.extend(part.children)
    return sorted(found, key=lambda part: part.start_byte)


def _compute(left: int, sign: str, right: int) -> int:
    sums: Mapping[str, int] = {"+": left + right, "-": left - right, "*": left * right}
    if sign in sums:
        return sums[sign]
    if sign == "/" and right:
        return int(left / right)
    raise UnsupportedCommand(f"the sum with “{sign}” is not evaluated")


def _unescape(text: str, guarded: str | None = None) -> str:
    """Backslashes taken away; inside double quotes they guard a few letters only."""
    text = text.replace("\\\n", "")
    if guarded is None:
        return re.sub(r"\\(.)", r"\1", text, flags=re.S)
    return re.sub(rf"\\([{re.escape(guarded)}])", r"\1", text)


def _check_bare(text: str) -> None:
    """What stands outside of quotes must be what it looks like."""
    if text[:1] and text[0] in DASHES:
        raise UnsupportedCommand(
            f"“{text[:20]}” begins with a typographic dash (U+{ord(text[0]):04X}) instead of -"
        )
    strange = next((letter for letter in text if letter in CURLY), None)
    if strange:
        raise UnsupportedCommand(
            f"it has the typographic quote {strange} (U+{ord(strange):04X}) instead of a straight one"
        )
    if BRACES.search(text):
        raise UnsupportedCommand(f"it has braces that a shell would expand, “{text[:40]}”")
