"""The filters behind a command: which are understood, and what they make of its answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.command_parsers.filters.budget import Budget
from bot.command_parsers.filters.grep import parse_grep
from bot.command_parsers.filters.head_tail_wc import parse_head, parse_tail, parse_wc
from bot.command_parsers.filters.jq import parse_jq_words
from bot.command_parsers.filters.sort_uniq import parse_sort, parse_uniq
from bot.command_parsers.parse_context import ShellCommand
from bot.domain.playbook import Filter
from bot.errors import FilterFailed, UnsupportedCommand

MAX_TEXT_LENGTH = 5_000_000
MAX_STEPS = 5_000_000
FILTER_TIMEOUT_S = 2.0

Apply = Callable[[str, Budget], str]
READERS: Mapping[str, Callable[[Sequence[str]], Apply]] = {
    "grep": lambda words: parse_grep(words, "G"),
    "egrep": lambda words: parse_grep(words, "E"),
    "fgrep": lambda words: parse_grep(words, "F"),
    "jq": parse_jq_words,
    "sort": parse_sort,
    "uniq": parse_uniq,
    "head": parse_head,
    "tail": parse_tail,
    "wc": parse_wc,
}


@dataclass(frozen=True, slots=True)
class FilterResult:
    """What came through, or why nothing did: then `trouble` is a sentence and `text` empty."""

    text: str
    trouble: str | None = None


def parse_filter(command: ShellCommand) -> Filter | None:
    """The filter, or None when the program is none. Raises `Unclear` for what is not evaluated."""
    read = READERS.get(command.program)
    if read is None:
        return None
    if command.stdin is not None:
        raise UnsupportedCommand(f"{command.program} reads a here-document instead of the pipe")
    words = tuple(word.text for word in command.words[1:])
    read(words)
    return Filter(command.program, words)


def run_filters(filters: Sequence[Filter], text: str, seconds: float = FILTER_TIMEOUT_S) -> FilterResult:
    """The text after all filters, as the programs would have left it in a UTF-8 locale that sorts by code points.

    At most 5,000,000 letters go in, and all of it takes no more than `seconds`. Never raises. A pattern is looked
    for without holding up other threads: call it in one.
    """
    budget = Budget(seconds, MAX_STEPS)
    for filter_ in filters:
        try:
            if len(text) > MAX_TEXT_LENGTH:
                raise FilterFailed(f"it is handed {len(text):,} letters, and may read {MAX_TEXT_LENGTH:,}")
            text = READERS[filter_.program](filter_.words)(text, budget)
            budget.time_left()
        except (UnsupportedCommand, FilterFailed) as why:
            return FilterResult(
                "", f"{filter_.program} gave up: {why}. The command's answer itself is not lost."
            )
        except (RecursionError, MemoryError):
            return FilterResult("", f"{filter_.program} gave up: the answer is nested too deeply.")
    return FilterResult(text)
