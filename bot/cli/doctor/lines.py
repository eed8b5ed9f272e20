"""A line of the page: how something is, and what mends it."""

import json
import re
import textwrap
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from bot.adapters.slack import SlackGateway
from bot.contacts import ContactBook
from bot.runbook import Runbook
from bot.settings import DEFAULT_CHANNEL, Settings


class Level(StrEnum):
    """How a line is: right, to be looked at, or in the way of an incident; or nobody has tried it."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    UNTRIED = "not tried"


MARKS = {Level.GREEN: "✔", Level.YELLOW: "▲", Level.RED: "✘", Level.UNTRIED: "–"}
"""Other shapes, not colours alone."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What was found under a section, and what mends it in one sentence, empty where nothing is to be mended."""

    section: str
    level: Level
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is known without asking anybody."""

    settings: Settings
    runbook: Runbook
    book: ContactBook

    @property
    def channel_name(self) -> str:
        """Where incidents are announced."""
        return self.settings.channel or self.runbook.war_room or DEFAULT_CHANNEL


@dataclass(frozen=True, slots=True)
class Patient(Configuration):
    """What is examined, and the Slack that is asked."""

    chat: SlackGateway


Check = Callable[[Patient], AsyncIterator[CheckLine]]
LocalCheck = Callable[[Configuration], Iterable[CheckLine]]


def judge(section: str, text: str, mend: str, level: Level = Level.RED) -> CheckLine:
    """A green line where `mend` is empty, else one of this level."""
    return CheckLine(section, level if mend else Level.GREEN, text, mend)


MEND_BEGINS = re.compile(r"\. |: (?=(?:set|name|upgrade) )")


def split_mend(section: str, sentences: str) -> CheckLine:
    """A red line of sentences that first say what is wrong, and then what mends it."""
    text, *rest = MEND_BEGINS.split(sentences, maxsplit=1)
    mend = "".join(rest).partition(". Nothing was ")[0].removesuffix(".")
    if not mend or mend.startswith("Nothing was "):
        return CheckLine(section, Level.RED, sentences)
    return CheckLine(section, Level.RED, text, f"{mend[0].upper()}{mend[1:]}.")


NARROWEST = 40


def format_lines(lines: Sequence[CheckLine], columns: int = 0) -> str:
    """One line each, the mend behind an arrow; what was not tried stands last. On a terminal of so many `columns` a
    line that does not fit is broken between words, and its mend begins a line of its own."""
    width = max(len(line.section) for line in lines)
    ordered = sorted(lines, key=lambda line: line.level is Level.UNTRIED)
    told = [text for line in ordered for text in _format_line(line, width, columns)]
    summary = summarise(lines)
    wrapped = textwrap.wrap(summary, max(columns, NARROWEST)) if columns else [summary]
    return "\n".join([*told, "", *wrapped])


def _format_line(line: CheckLine, width: int, columns: int) -> list[str]:
    head = f"{MARKS[line.level]} {line.section:{width}}  "
    whole = f"{head}{line.text} → {line.mend}" if line.mend else f"{head}{line.text}"
    if not columns or len(whole) <= columns:
        return [whole]
    space = " " * len(head)
    parts = [(line.text, head, space), (f"→ {line.mend}" if line.mend else "", space, f"{space}  ")]
    return [
        piece
        for text, first, next_ones in parts
        for piece in textwrap.wrap(
            text,
            max(columns, NARROWEST),
            initial_indent=first,
            subsequent_indent=next_ones,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]


def summarise(lines: Sequence[CheckLine]) -> str:
    """The count of each level, with the sections that are not green."""
    counts = Counter(line.level for line in lines)

    def named(level: Level) -> str:
        sections = dict.fromkeys(line.section for line in lines if line.level is level)
        return f" ({', '.join(sections)})" if sections else ""

    parts = [f"{counts[Level.GREEN]} right"]
    parts += [f"{counts[Level.YELLOW]} to look at{named(Level.YELLOW)}"] if counts[Level.YELLOW] else []
    parts.append(f"{counts[Level.RED]} in the way of an incident{named(Level.RED)}")
    parts += [f"{counts[Level.UNTRIED]} not tried{named(Level.UNTRIED)}"] if counts[Level.UNTRIED] else []
    return f"{', '.join(parts)}."


def format_json(lines: Sequence[CheckLine]) -> str:
    """The same for programs: what was tried, and apart from it what was not."""
    told = [asdict(line) for line in lines if line.level is not Level.UNTRIED]
    untried = [
        {"section": line.section, "text": line.text, "mend": line.mend}
        for line in lines
        if line.level is Level.UNTRIED
    ]
    return json.dumps({"lines": told, "not_tried": untried}, ensure_ascii=False)
