"""The filters behind a command: which are understood, and what they make of its answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.commands.filters.budget import Budget
from bot.commands.filters.ends import read_head, read_tail, read_wc
from bot.commands.filters.grep import read_grep
from bot.commands.filters.jq import read_jq_words
from bot.commands.filters.lines import read_sort, read_uniq
from bot.commands.given import Command
from bot.errors import Unclear, Unfiltered
from bot.step import Filter

LONGEST = 5_000_000
STEPS = 5_000_000
SECONDS = 2.0

Apply = Callable[[str, Budget], str]
READERS: Mapping[str, Callable[[Sequence[str]], Apply]] = {
    "grep": lambda words: read_grep(words, "G"),
    "egrep": lambda words: read_grep(words, "E"),
    "fgrep": lambda words: read_grep(words, "F"),
    "jq": read_jq_words,
    "sort": read_sort,
    "uniq": read_uniq,
    "head": read_head,
    "tail": read_tail,
    "wc": read_wc,
}


@dataclass(frozen=True, slots=True)
class Filtered:
    """What came through, or why nothing did: then `trouble` is a sentence and `text` empty."""

    text: str
    trouble: str | None = None


def read_filter(command: Command) -> Filter | None:
    """The filter, or None when the program is none. Raises `Unclear` for what is not evaluated."""
    read = READERS.get(command.program)
    if read is None:
        return None
    if command.stdin is not None:
        raise Unclear(f"{command.program} reads a here-document instead of the pipe")
    words = tuple(word.text for word in command.words[1:])
    read(words)
    return Filter(command.program, words)


def filtered(filters: Sequence[Filter], text: str, seconds: float = SECONDS) -> Filtered:
    """The text after all filters, as the programs would have left it in a UTF-8 locale that sorts by code points.

    At most 5,000,000 letters go in, and all of it takes no more than `seconds`. Never raises. A pattern is looked
    for without holding up other threads: call it in one.
    """
    budget = Budget(seconds, STEPS)
    for each in filters:
        try:
            if len(text) > LONGEST:
                raise Unfiltered(f"it is handed {len(text):,} letters, and may read {LONGEST:,}")
            text = READERS[each.program](each.words)(text, budget)
            budget.time_left()
        except (Unclear, Unfiltered) as why:
            return Filtered("", f"{each.program} gave up: {why}. The command's answer itself is not lost.")
        except (RecursionError, MemoryError):
            return Filtered("", f"{each.program} gave up: the answer is nested too deeply.")
    return Filtered(text)
