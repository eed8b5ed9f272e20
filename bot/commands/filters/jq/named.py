"""jq's functions that take expressions, and all of its functions by name and number of arguments."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby, islice
from typing import Any

from bot.commands.filters.jq.computing import computed
from bot.commands.filters.jq.expressions import Expression, applied, itself
from bot.commands.filters.jq.plain import PLAIN, from_entries, of
from bot.commands.filters.jq.values import Failed, Json, Setting, is_true, kind, rank
from bot.commands.filters.patterns import LONGEST, translated
from bot.errors import Unclear, Unfiltered

Made = Callable[[Sequence[Expression]], Expression]


def _list(value: Json, setting: Setting) -> list[Json]:
    found: list[Json] = of("array", value, "is no list")
    setting.budget.spend(len(found))
    return found


def _ranked(by: Expression, setting: Setting) -> Callable[[Json], Any]:
    def ranked(each: Json) -> Any:
        found = list(by(each, setting))
        setting.budget.measure(found)
        return [rank(told) for told in found]

    return ranked


def _over(function: Callable[[list[Json], Callable[[Json], Any], Setting], Json]) -> Made:
    """A function of a list and of what its members are ranked by."""

    def made(arguments: Sequence[Expression]) -> Expression:
        by = arguments[0] if arguments else itself

        def run(value: Json, setting: Setting) -> Iterator[Json]:
            yield function(_list(value, setting), _ranked(by, setting), setting)

        return run

    return made


def _least(found: list[Json], by: Callable[[Json], Any], setting: Setting) -> Json:
    return min(found, key=by) if found else None


def _most(found: list[Json], by: Callable[[Json], Any], setting: Setting) -> Json:
    return max(reversed(found), key=by) if found else None


def _groups(found: list[Json], by: Callable[[Json], Any], setting: Setting) -> list[list[Json]]:
    return [list(same) for _, same in groupby(sorted(found, key=by), by)]


def _add(value: Json, setting: Setting) -> Json:
    values = list(value.values()) if isinstance(value, dict) else _list(value, setting)
    if values and len({kind(each) for each in values}) == 1 and isinstance(values[0], str | list):
        setting.budget.spend(sum(map(len, values)))
    if values and all(isinstance(each, str) for each in values):
        return "".join(values)
    if values and all(isinstance(each, list) for each in values):
        return [one for each in values for one in each]
    total: Json = None
    for each in values:
        total = computed("+", total, each, setting)
    return total


def _whether(check: Callable[[Iterator[bool]], bool]) -> Made:
    def made(arguments: Sequence[Expression]) -> Expression:
        by = arguments[0] if arguments else itself

        def run(value: Json, setting: Setting) -> Iterator[Json]:
            values = list(value.values()) if isinstance(value, dict) else _list(value, setting)
            yield check(is_true(told) for each in values for told in by(each, setting))

        return run

    return made


def _select(arguments: Sequence[Expression]) -> Expression:
    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for told in arguments[0](value, setting):
            if is_true(told):
                yield value

    return run


def _map(arguments: Sequence[Expression]) -> Expression:
    def run(value: Json, setting: Setting) -> Iterator[Json]:
        values = list(value.values()) if isinstance(value, dict) else _list(value, setting)
        yield [told for each in values for told in arguments[0](each, setting)]

    return run


def _map_values(arguments: Sequence[Expression]) -> Expression:
    def run(value: Json, setting: Setting) -> Iterator[Json]:
        if isinstance(value, dict):
            first = {name: list(islice(arguments[0](each, setting), 1)) for name, each in value.items()}
            yield {name: told[0] for name, told in first.items() if told}
        else:
            yield [told for each in _list(value, setting) for told in islice(arguments[0](each, setting), 1)]

    return run


def _with_entries(arguments: Sequence[Expression]) -> Expression:
    def run(value: Json, setting: Setting) -> Iterator[Json]:
        entries = PLAIN["to_entries/0"](value)
        yield from_entries([told for each in entries for told in arguments[0](each, setting)])

    return run


def _first(arguments: Sequence[Expression]) -> Expression:
    return lambda value, setting: islice(arguments[0](value, setting), 1)


def _limit(arguments: Sequence[Expression]) -> Expression:
    def run(value: Json, setting: Setting) -> Iterator[Json]:
        for most in arguments[0](value, setting):
            yield from islice(arguments[1](value, setting), max(0, int(of("number", most, "is no number"))))

    return run


def _test(arguments: Sequence[Expression]) -> Expression:
    """`test("pattern"; "flags")`."""

    def run(value: Json, setting: Setting) -> Iterator[Json]:
        import regex

        for pattern in arguments[0](value, setting):
            for flags in arguments[1](value, setting) if len(arguments) > 1 else [""]:
                if (
                    not isinstance(pattern, str)
                    or flags not in {None, "", "i", "x", "g"}
                    or len(pattern) > LONGEST
                ):
                    raise Failed("the pattern or its flags are not understood")
                try:
                    how = {"i": regex.IGNORECASE, "x": regex.VERBOSE}.get(flags or "", 0)
                    ready = regex.compile(translated(pattern, "P"), how, cache_pattern=False)
                    within = setting.budget.time_left()
                    found = ready.search(of("string", value, "is no text"), timeout=within, concurrent=True)
                except TimeoutError as error:
                    raise Unfiltered(f"its pattern takes longer than {setting.budget.seconds:g} s") from error
                except (regex.error, Unclear) as error:
                    raise Failed(f"the pattern is not understood: {error}") from error
                yield found is not None

    return run


def _one(function: Callable[[Json, Setting], Json]) -> Made:
    def made(_: Sequence[Expression]) -> Expression:
        def run(value: Json, setting: Setting) -> Iterator[Json]:
            yield function(value, setting)

        return run

    return made


def _nothing(value: Json, setting: Setting) -> Iterator[Json]:
    yield from ()


def _unique(found: list[Json], by: Callable[[Json], Any], setting: Setting) -> list[Json]:
    return [same[0] for same in _groups(found, by, setting)]


NAMED: dict[str, Made] = {
    **{name: partial(applied, function) for name, function in PLAIN.items()},
    **dict.fromkeys(("sort/0", "sort_by/1"), _over(lambda found, by, _: sorted(found, key=by))),
    "group_by/1": _over(_groups),
    **dict.fromkeys(("unique/0", "unique_by/1"), _over(_unique)),
    **dict.fromkeys(("min/0", "min_by/1"), _over(_least)),
    **dict.fromkeys(("max/0", "max_by/1"), _over(_most)),
    **dict.fromkeys(("any/0", "any/1"), _whether(any)),
    **dict.fromkeys(("all/0", "all/1"), _whether(all)),
    **dict.fromkeys(("test/1", "test/2"), _test),
    "add/0": _one(_add),
    "first/0": _one(lambda value, _: of("array", value, "is no list")[0] if value else None),
    "last/0": _one(lambda value, _: of("array", value, "is no list")[-1] if value else None),
    "first/1": _first,
    "limit/2": _limit,
    "select/1": _select,
    "map/1": _map,
    "map_values/1": _map_values,
    "with_entries/1": _with_entries,
    "empty/0": lambda _: _nothing,
}
