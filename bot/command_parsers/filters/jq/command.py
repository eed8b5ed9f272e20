"""jq's command line: which of its options and expressions are understood, and what it prints."""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from bot.command_parsers.filters.budget import Budget
from bot.command_parsers.filters.jq.forbidden_builtins import find_forbidden
from bot.command_parsers.filters.jq.worker_pool import JqAnswer, JqProcessPool, ProcessLost
from bot.command_parsers.filters.text import parse_words
from bot.command_parsers.shell.options import OptionSpec, parse_spellings
from bot.errors import FilterFailed, UnsupportedCommand

log = logging.getLogger(__name__)

Apply = Callable[[str, Budget], str]
JQ = OptionSpec(
    "jq",
    parse_spellings(
        "-r --raw-output, -c --compact-output, -s --slurp, -S --sort-keys, -M --monochrome-output, -C --color-output,"
        " -a --ascii-output, -e --exit-status, -j --join-output, -R --raw-input, --tab"
    ),
    {},
)
MAX_ARGUMENTS = 20
MAX_EXPRESSION_LENGTH = 4_000
NO_TEXT = re.compile("[\0\ud800-\udfff]")
PARSE_TIMEOUT_S = 2.0
"""Seconds in which jq has to read an expression; the start of its process is among them."""

PROCESS_POOL = JqProcessPool()


def parse_jq(text: str) -> Apply:
    """An expression as `gh --jq` takes it: texts are printed as they are."""
    return parse_jq_words(["-r", text])


def parse_jq_words(words: Sequence[str]) -> Apply:
    """Raises `Unclear` for files, options and expressions that are not evaluated."""
    rest, variables = _variables(list(words))
    read = parse_words(rest, JQ)
    if len(read.rest) > 1:
        raise UnsupportedCommand("jq reads a file, not the pipe")
    expression = read.rest[0].strip() if read.rest else ""
    if mistake := _mistake(expression or ".", sorted(variables)):
        raise UnsupportedCommand(mistake)
    asked = {"expression": expression or ".", "variables": variables, "flags": sorted(read.flags)}

    def apply(told: str, budget: Budget) -> str:
        answer = _ask_jq({**asked, "document": told}, budget)
        if answer.unclear or answer.trouble:
            raise FilterFailed(answer.unclear or answer.trouble)
        return answer.text

    return apply


def _ask_jq(asked: Mapping[str, Any], budget: Budget) -> JqAnswer:
    """jq's answer. Waiting for a process that others use costs nothing of the budget. Raises `Unfiltered`."""
    began = budget.clock()
    try:
        with PROCESS_POOL.lease() as child:
            budget.extend(budget.clock() - began)
            return child.ask(asked, budget.time_left())
    except TimeoutError as error:
        raise FilterFailed(f"it takes longer than {budget.seconds:g} s") from error
    except ProcessLost as error:
        raise FilterFailed(str(error)) from error


def _mistake(expression: str, names: Sequence[str]) -> str:
    """Why an expression with these variables is not evaluated; nothing when it is."""
    if len(expression) > MAX_EXPRESSION_LENGTH:
        return f"jq's expression is longer than {MAX_EXPRESSION_LENGTH} letters"
    if NO_TEXT.search(expression):
        return "jq's expression has letters that are none"
    if outside := find_forbidden(expression):
        name, what = outside
        return f"jq's {name} {what}"
    try:
        why = _unclear(expression, tuple(names))
    except (ProcessLost, TimeoutError) as error:
        # Nothing is lost by going on: what is wrong with it is said where it is applied, in a process that is bounded.
        log.warning("jq could not be asked about an expression, which is taken as it is: %s", error)
        return ""
    return f"jq says: {why}" if why else ""


@lru_cache(maxsize=1_000)
def _unclear(expression: str, names: tuple[str, ...]) -> str:
    """What jq itself has against an expression. Raises Lost or TimeoutError, which is not kept, where it gives no
    answer."""
    variables = dict.fromkeys(names)
    asked: dict[str, Any] = {"expression": expression, "variables": variables, "flags": [], "document": None}
    with PROCESS_POOL.lease() as child:
        return child.ask(asked, PARSE_TIMEOUT_S).unclear


def _variables(words: list[str]) -> tuple[list[str], dict[str, Any]]:
    """`--arg name text` and `--argjson name json` taken out."""
    found: dict[str, Any] = {}
    while at := next((number for number, word in enumerate(words, 1) if word in {"--arg", "--argjson"}), 0):
        option, *told = words[at - 1 : at + 2]
        if len(told) < 2 or len(found) == MAX_ARGUMENTS:
            raise UnsupportedCommand(f"jq {option} has no name or no value")
        found[told[0]] = told[1] if option == "--arg" else _json(told[1])
        words = words[: at - 1] + words[at + 2 :]
    return words, found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnsupportedCommand("jq --argjson is given no JSON") from error
