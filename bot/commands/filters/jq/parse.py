"""jq's expressions to functions, by recursive descent. What is not known by name is refused before anything runs."""

import json
import re
from collections.abc import Iterator

from bot.commands.filters.jq import expressions as ex
from bot.commands.filters.jq.cursor import Cursor
from bot.commands.filters.jq.expressions import Expression
from bot.commands.filters.jq.named import NAMED
from bot.commands.filters.jq.plain import FORMATS
from bot.errors import Unclear

LONGEST = 4_000
DEEPEST = 40
NAME = re.compile(r"[A-Za-z_]\w*")
FIELD = re.compile(r"\.(?:([A-Za-z_]\w*)|(?=\"))")
NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
TEXT = re.compile(r'[^"\\]+')
ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})?)')
LEVELS: tuple[tuple[re.Pattern[str], bool], ...] = (
    (re.compile(r"or\b"), False),
    (re.compile(r"and\b"), False),
    (re.compile(r"==|!=|<=|>=|<|>"), True),
    (re.compile(r"[+-](?!=)"), False),
    (re.compile(r"\*(?!=)|/(?![/=])|%(?!=)"), False),
)
"""From the loosest to the tightest, above `//` and below a term; the flag is for those that stand once only."""


def parsed(text: str, variables: frozenset[str]) -> Expression:
    """The expression. Raises `Unclear` with the reason when it is more than the part that is evaluated."""
    if len(text) > LONGEST:
        raise Unclear(f"jq's expression is longer than {LONGEST} letters")
    parser = _Parser(text, variables)
    found = parser.pipe()
    if not parser.ended:
        raise parser.wrong()
    return found


class _Parser(Cursor):
    """Reads an expression once, from left to right."""

    def __init__(self, text: str, variables: frozenset[str]) -> None:
        super().__init__(text)
        self._depth = 0
        self._variables = variables

    def pipe(self) -> Expression:
        """`f | g`, and `f as $name | g`."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unclear("jq's expression is nested too deeply")
        stages = [self._commas()]
        while self.sign("|"):
            stages.append(self._commas())
        self._depth -= 1
        return ex.pipe(stages)

    def _commas(self) -> Expression:
        found = [self._alternative()]
        while self.sign(","):
            found.append(self._alternative())
        return ex.comma(found)

    def _alternative(self) -> Expression:
        left = self._level(0)
        return ex.alternative(left, self._alternative()) if self.sign("//") else left

    def _level(self, number: int) -> Expression:
        if number == len(LEVELS):
            return self._term()
        pattern, once = LEVELS[number]
        left = self._level(number + 1)
        while found := self.taken(pattern):
            self.blank()
            left = ex.operation(found[0], left, self._level(number + 1))
            if once and pattern.match(self.text, self.at):
                raise self.wrong()
        return left

    def _term(self) -> Expression:
        if self.text.startswith("-", self.at) and not NUMBER.match(self.text, self.at):
            self.at += 1
            self.blank()
            return ex.negative(self._term())
        term = self._postfix(self._primary())
        self.blank()
        if self.sign("as"):
            return self._bound(term)
        return term

    def _bound(self, term: Expression) -> Expression:
        """`f as $name | g`: the name holds to the end of the pipe."""
        self.expect("$")
        name = self.taken(NAME)
        if name is None:
            raise self.wrong()
        self.blank()
        self.expect("|")
        before = self._variables
        self._variables = before | {name[0]}
        body = self.pipe()
        self._variables = before
        return ex.bind(term, name[0], body)

    def _primary(self) -> Expression:
        letter = self.text[self.at : self.at + 1]
        if letter == "(":
            self.expect("(")
            found = self.pipe()
            self.close(")")
            return found
        if letter == "[":
            self.expect("[")
            if self.close("]", False):
                return ex.constant([])
            found = self.pipe()
            self.close("]")
            return ex.collect(found)
        if letter == "{":
            return self._object()
        if letter == '"':
            return self._string()
        if letter == "@":
            return self._format()
        if letter == "$":
            return self._variable()
        if letter == ".":
            return self._dot()
        if number := self.taken(NUMBER):
            return ex.constant(
                int(number[0]) if len(number[0]) < 300 and number[0].isdigit() else float(number[0])
            )
        return self._word()

    def _dot(self) -> Expression:
        if self.text.startswith("..", self.at):
            raise self.wrong()
        if field := self.taken(FIELD):
            return ex.index(ex.itself, ex.constant(field[1]) if field[1] else self._string())
        self.at += 1
        return ex.itself

    def _postfix(self, term: Expression) -> Expression:
        while not self.ended:
            before = self.at
            self.blank()
            if self.ended or self.text[self.at] not in ".[?":
                self.at = before
                break
            if self.text[self.at] == "?":
                self.at += 1
                term = ex.attempt(term)
            elif field := self.taken(FIELD):
                term = ex.index(term, ex.constant(field[1]) if field[1] else self._string())
            elif self.text.startswith((".[", "["), self.at):
                self.at += 1 if self.text[self.at] == "[" else 2
                term = self._bracket(term)
            else:
                break
        return term

    def _bracket(self, term: Expression) -> Expression:
        self.blank()
        if self.close("]", False):
            return ex.each(term)
        if self.sign(":"):
            end = self.pipe()
            self.close("]")
            return ex.part(term, None, end)
        first = self.pipe()
        if self.sign(":"):
            last = None if self.text.startswith("]", self.at) else self.pipe()
            self.close("]")
            return ex.part(term, first, last)
        self.close("]")
        return ex.index(term, first)

    def _variable(self) -> Expression:
        self.at += 1
        name = self.taken(NAME)
        if name is None or name[0] not in self._variables:
            raise Unclear(f"jq's ${name[0] if name else ''} is not known")
        return ex.variable(name[0])

    def _format(self) -> Expression:
        self.at += 1
        name = self.taken(NAME)
        self.blank()
        if name is None or name[0] not in FORMATS or self.text.startswith('"', self.at):
            raise Unclear(f"jq's @{name[0] if name else ''} is not evaluated")
        return ex.applied(FORMATS[name[0]], [])

    def _string(self) -> Expression:
        """`"..."`, with `\\(f)` inside."""
        self.at += 1
        parts: list[Expression] = []
        while not self.ended:
            if self.text[self.at] == '"':
                self.at += 1
                return ex.text(parts)
            if found := self.taken(TEXT):
                parts.append(ex.constant(found[0]))
            elif self.text.startswith("\\(", self.at):
                self.at += 2
                self.blank()
                parts.append(self.pipe())
                self.close(")")
            elif escape := self.taken(ESCAPE):
                parts.append(ex.constant(json.loads(f'"{escape[0]}"')))
            else:
                raise self.wrong()
        raise Unclear("jq's string is opened and not closed")

    def _object(self) -> Expression:
        self.expect("{")
        pairs: list[tuple[Expression, Expression]] = []
        while not self.close("}", False):
            pairs.append(self._pair())
            self.blank()
            if not self.sign(",") and not self.text.startswith("}", self.at):
                raise self.wrong()
        return ex.construct(pairs)

    def _pair(self) -> tuple[Expression, Expression]:
        if self.text.startswith("$", self.at):
            value = self._variable()
            return ex.constant(self.text[: self.at].rpartition("$")[2]), value
        if self.sign("("):
            key = self.pipe()
            self.close(")")
        elif self.text.startswith('"', self.at):
            key = self._string()
        elif name := self.taken(NAME):
            key = ex.constant(name[0])
        else:
            raise self.wrong()
        self.blank()
        if not self.sign(":"):
            return key, ex.index(ex.itself, key)
        return key, ex.pipe(list(self._values()))

    def _values(self) -> Iterator[Expression]:
        """A value of an object: alternatives and pipes of it, but no comma."""
        yield self._alternative()
        while self.sign("|"):
            yield self._alternative()

    def _word(self) -> Expression:
        name = self.taken(NAME)
        if name is None:
            raise self.wrong()
        if name[0] == "if":
            return self._condition()
        if name[0] in {"true", "false", "null"}:
            return ex.constant(json.loads(name[0]))
        arguments: list[Expression] = []
        if self.text.startswith("(", self.at):
            self.expect("(")
            arguments.append(self.pipe())
            while self.sign(";"):
                arguments.append(self.pipe())
            self.close(")")
        known = NAMED.get(f"{name[0]}/{len(arguments)}")
        if known is None:
            raise Unclear(f"jq's {name[0][:30]} is not evaluated")
        return known(arguments)

    def _condition(self) -> Expression:
        self.blank()
        test = self.pipe()
        self.expect("then")
        first = self.pipe()
        if self.sign("elif"):
            return ex.condition(test, first, self._condition())
        second = self.pipe() if self.sign("else") else ex.itself
        self.expect("end")
        return ex.condition(test, first, second)
