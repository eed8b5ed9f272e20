"""jq's command line, and what it prints."""

from collections.abc import Callable, Iterator, Sequence

from bot.commands.filters.budget import Budget
from bot.commands.filters.jq.expressions import Expression
from bot.commands.filters.jq.parse import parsed
from bot.commands.filters.jq.values import Json, Setting, documents, written
from bot.commands.filters.text import read_words
from bot.commands.options import Spelling, spelled
from bot.errors import Unclear, Unfiltered

Apply = Callable[[str, Budget], str]
JQ = Spelling(
    "jq",
    spelled(
        "-r --raw-output, -c --compact-output, -s --slurp, -S --sort-keys, -M --monochrome-output, -C --color-output,"
        " -a --ascii-output, -e --exit-status, -j --join-output, --tab"
    ),
    {},
)
MOST_NAMED = 20


def read_jq(text: str) -> Apply:
    """An expression as `gh --jq` takes it: texts are printed as they are."""
    return read_jq_words(["-r", text])


def read_jq_words(words: Sequence[str]) -> Apply:
    """Raises `Unclear` for files, options and expressions that are not evaluated."""
    rest, variables = _variables(list(words))
    read = read_words(rest, JQ)
    if len(read.rest) > 1:
        raise Unclear("jq reads a file, not the pipe")
    expression = parsed(read.rest[0] if read.rest else ".", frozenset(variables))
    flags = frozenset(read.flags)

    def apply(told: str, budget: Budget) -> str:
        values: Iterator[Json] = documents(told)
        if "slurp" in flags:
            values = iter([list(values)])
        return "".join(_printed(expression, values, Setting(budget, variables), flags))

    return apply


def _variables(words: list[str]) -> tuple[list[str], dict[str, Json]]:
    """`--arg name text` and `--argjson name json` taken out."""
    found: dict[str, Json] = {}
    while at := next((number for number, word in enumerate(words, 1) if word in {"--arg", "--argjson"}), 0):
        option, *told = words[at - 1 : at + 2]
        if len(told) < 2 or len(found) == MOST_NAMED:
            raise Unclear(f"jq {option} has no name or no value")
        found[told[0]] = told[1] if option == "--arg" else _json(told[1])
        words = words[: at - 1] + words[at + 2 :]
    return words, found


def _json(text: str) -> Json:
    try:
        [value] = documents(text)
    except (Unfiltered, ValueError) as error:
        raise Unclear("jq --argjson is given no JSON") from error
    return value


def _printed(
    expression: Expression, values: Iterator[Json], setting: Setting, flags: frozenset[str]
) -> Iterator[str]:
    raw = flags & {"raw-output", "join-output"}
    indent = None if "compact-output" in flags else "\t" if "tab" in flags else 2
    for value in values:
        for each in expression(value, setting):
            setting.budget.measure(each)
            as_is = isinstance(each, str) and raw and "ascii-output" not in flags
            text = each if as_is else written(each, indent, "sort-keys" in flags, "ascii-output" in flags)
            setting.budget.spend(len(text) // 10 + 1)
            yield text if "join-output" in flags else f"{text}\n"
