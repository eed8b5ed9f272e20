"""What a status page may still say: once the outage is only watched, sentences that say it goes on are not true."""

import re
from dataclasses import replace

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


def adapt_to_status(template: Template, status: Status) -> Template:
    """The template with the words that the status has overtaken replaced; labels and order stay."""
    if status is not Status.MONITORING:
        return template
    return replace(template, lines=tuple(_adapt_line(line) for line in template.lines))


def _adapt_line(line: TemplateLine) -> TemplateLine:
    text = "".join(part.text if isinstance(part, Literal) else GAP for part in line.parts)
    sign = ALARMING.sub("🟡", SIGN.match(text)[0])  # type: ignore[index]  # the pattern matches every text
    before, _, _ = text.partition(GAP)
    what = next((part for part in line.placeholders if part.name in NAMES_WHAT), None)
    if what is not None and not before.rstrip().endswith(":") and TROUBLE.search(text):
        return _line(f"{sign}A fix for the issues with ", what, " is in place and we are watching it.")
    if WORKING.search(text):
        return _refill_line(line, WORKING.sub("We are watching the recovery", text))
    if ONGOING.search(text):
        return _line(f"{sign}A fix is in place and we are watching it.")
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
