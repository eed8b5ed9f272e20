"""What a status page may still say: once the outage is only watched or over, sentences that say it goes on are not
true."""

import re
from dataclasses import dataclass, replace

from bot.domain.incident import Status
from bot.runbook import Literal, Placeholder, Template, TemplateLine

GAP = "\0"
"""Stands for a placeholder while a line's own words are looked at."""

TROUBLE = re.compile(
    r"experienc|aware of|having|facing|seeing|investigat|looking into|issue|problem|trouble|outage|disrupt"
    r"|degrad|unavailable|\bdown\b",
    re.I,
)
ONGOING = re.compile(r"\b(?:currently|still|are|we're)\b[^.]*\b(?:experienc\w+|facing|aware of)\b", re.I)
WORKING = re.compile(
    r"\b(?:we|our (?:team|teams|engineers))(?:'re| are| is)?(?: currently| actively| still| now| continuing to)*"
    r" (?:work|investigat|look)\w*\b[^.,;\0]*?(?=\s+and\b|[.,;]|$)",
    re.I,
)
SIGN = re.compile(r"[^\w\0\"'(\[<]*")
ALARMING = re.compile("[🔴🚨❌🛑]")
NAMES_WHAT = frozenset({"feature", "title"})


@dataclass(frozen=True, slots=True)
class StatusWords:
    """What stands for the sentences that a status has overtaken: with the name of what was broken behind `before`, for
    what is being done, and for that it goes on; and the sign in front."""

    before: str
    behind: str
    work: str
    ongoing: str
    sign: str


OVERTAKEN = {
    Status.MONITORING: StatusWords(
        "A fix for the issues with ",
        " is in place and we are watching it.",
        "We are watching the recovery",
        "A fix is in place and we are watching it.",
        "🟡",
    ),
    Status.RESOLVED: StatusWords(
        "The issues with ", " are resolved.", "Everything works again", "This is resolved.", "✅"
    ),
}


def adapt_to_status(template: Template, status: Status) -> Template:
    """The template with the words that the status has overtaken replaced; labels and order stay. At the end nothing
    more is promised."""
    words = OVERTAKEN.get(status)
    if words is None:
        return template
    lines = [_adapt_line(line, words) for line in template.lines]
    if status is Status.RESOLVED:
        lines = [line for line in lines if not any(part.name in PROMISES for part in line.placeholders)]
    return replace(template, lines=tuple(lines))


PROMISES = frozenset({"next_update", "cadence"})


def _adapt_line(line: TemplateLine, words: StatusWords) -> TemplateLine:
    text = "".join(part.text if isinstance(part, Literal) else GAP for part in line.parts)
    sign = ALARMING.sub(words.sign, SIGN.match(text)[0])  # type: ignore[index]  # the pattern matches every text
    before, _, _ = text.partition(GAP)
    what = next((part for part in line.placeholders if part.name in NAMES_WHAT), None)
    if what is not None and not before.rstrip().endswith(":") and TROUBLE.search(text):
        return _line(f"{sign}{words.before}", what, words.behind)
    if WORKING.search(text):
        return _refill_line(line, WORKING.sub(words.work, text))
    if ONGOING.search(text):
        return _line(f"{sign}{words.ongoing}")
    return line


def _line(*parts: str | Placeholder) -> TemplateLine:
    return TemplateLine(tuple(Literal(part) if isinstance(part, str) else part for part in parts))


def _refill_line(line: TemplateLine, text: str) -> TemplateLine:
    """The line with other words around the placeholders that are left in the text, in their order."""
    gaps = iter(line.placeholders)
    pieces = re.split(f"({GAP})", text)
    return replace(
        line, parts=_line(*(next(gaps) if piece == GAP else piece for piece in pieces if piece)).parts
    )
