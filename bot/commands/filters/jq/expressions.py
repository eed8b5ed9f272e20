"""What jq's expressions do: each takes a value and gives any number of values."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

from bot.commands.filters.jq.computing import at, computed, said
from bot.commands.filters.jq.values import Failed, Json, Setting, is_true, kind, wrong

Expression = Callable[[Json, Setting], Iterator[Json]]


def itself(value: Json, setting: Setting) -> Iterator[Json]:
    """`.`"""
    setting.budget.spend()
    yield value


def constant(value: Json) -> Expression:
    """A number, a text, `null` ..."""

    def run(_: Json, setting: Setting) -> Iterator[Json]:
        setting.budget.spend()
        yield value

    return run


def variable(name: str) -> Expression:
    """`$name`"""

    def run(_: Json, setting: Setting) -> Iterator[Json]:
        setting.budget.spend()
        yield setting.variables[name]

    return run


def pipe(stages: Sequence[Expression]) -> Expression:
    """`f | g`"""
    first, *rest = stages
    if not rest:
        return first
    following = pipe(rest)

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for each in first(value, setting):
            yield from following(each, setting)

    return run


def comma(parts: Sequence[Expression]) -> Expression:
    """`f, g`"""
    if len(parts) == 1:
        return parts[0]

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for part_ in parts:
            yield from part_(value, setting)

    return run


def alternative(left: Expression, right: Expression) -> Expression:
    """`f // g`"""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        found = False
        for each in left(value, setting):
            if is_true(each):
                found = True
                yield each
        if not found:
            yield from right(value, setting)

    return run


def attempt(term: Expression) -> Expression:
    """`f?`"""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        try:
            yield from term(value, setting)
        except Failed:
            return

    return run


def bind(term: Expression, name: str, body: Expression) -> Expression:
    """`f as $name | g`"""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for each in term(value, setting):
            yield from body(value, Setting(setting.budget, {**setting.variables, name: each}))

    return run


def collect(inner: Expression) -> Expression:
    """`[f]`"""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        yield list(inner(value, setting))

    return run


def condition(test: Expression, first: Expression, second: Expression) -> Expression:
    """`if f then g else h end`"""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for told in test(value, setting):
            yield from (first if is_true(told) else second)(value, setting)

    return run


def index(term: Expression, key: Expression) -> Expression:
    """`.name`, `.["name"]`, `.[0]`"""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for whole in term(value, setting):
            for name in key(value, setting):
                setting.budget.spend()
                yield at(whole, name)

    return run


def part(term: Expression, first: Expression | None, end: Expression | None) -> Expression:
    """`.[1:3]`"""
    nothing = constant(None)

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for whole in term(value, setting):
            for stop in (end or nothing)(value, setting):
                for start in (first or nothing)(value, setting):
                    if whole is None:
                        yield None
                        continue
                    if not isinstance(whole, str | list) or not {kind(start), kind(stop)} <= {
                        "null",
                        "number",
                    }:
                        raise wrong("cannot be cut", whole)
                    setting.budget.spend(len(whole))
                    low = None if start is None else math.floor(start)
                    high = None if stop is None else math.ceil(stop)
                    yield whole[low:high]

    return run


def each(term: Expression) -> Expression:
    """`.[]`"""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for whole in term(value, setting):
            if not isinstance(whole, list | dict):
                raise wrong("has no parts to go through", whole)
            for one in list(whole.values()) if isinstance(whole, dict) else whole:
                setting.budget.spend()
                yield one

    return run


def text(parts: Sequence[Expression]) -> Expression:
    """`"a \\(f) b"`"""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        made: list[str] = [""]
        for part_ in parts:
            found = list(part_(value, setting))
            setting.budget.measure(found)
            endings = [said(each_) for each_ in found]
            setting.budget.spend(len(endings) * sum(map(len, made)) + len(made) * sum(map(len, endings)))
            made = [before + ending for ending in endings for before in made]
        yield from made

    return run


def construct(pairs: Sequence[tuple[Expression, Expression]]) -> Expression:
    """`{a, b: f}`: one object for each combination."""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        yield from build({}, 0, value, setting)

    def build(made: dict[str, Json], number_: int, value: Json, setting: Setting) -> Iterator[Json]:
        if number_ == len(pairs):
            setting.budget.spend(len(made))
            yield dict(made)
            return
        key, worth = pairs[number_]
        for name in key(value, setting):
            if not isinstance(name, str):
                raise wrong("is no name", name)
            for told in worth(value, setting):
                yield from build({**made, name: told}, number_ + 1, value, setting)

    return run


def negative(term: Expression) -> Expression:
    """`-f`"""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for each_ in term(value, setting):
            if kind(each_) != "number":
                raise wrong("cannot be negated", each_)
            yield -each_

    return run


def operation(sign: str, left: Expression, right: Expression) -> Expression:
    """`f + g`, `f == g`, `f and g` ..."""
    if sign in {"and", "or"}:
        return _logic(sign, left, right)

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for second in right(value, setting):
            for first in left(value, setting):
                setting.budget.spend()
                yield computed(sign, first, second, setting)

    return run


def _logic(sign: str, left: Expression, right: Expression) -> Expression:
    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for first in left(value, setting):
            if is_true(first) is (sign == "or"):
                yield sign == "or"
            else:
                yield from (is_true(second) for second in right(value, setting))

    return run


def applied(function: Callable[..., Json], arguments: Sequence[Expression]) -> Expression:
    """A function of the value and of each combination of its arguments."""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        told = [list(argument(value, setting)) for argument in reversed(arguments)]
        for combination in itertools.product(*told):
            setting.budget.measure([value, *combination])
            setting.budget.spend(len(value) if isinstance(value, str) else 0)
            yield function(value, *reversed(combination))

    return run
