"""The gaps of a line of a message template: what stands in brackets, and samples without them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.runbook.template_placeholders import LEVEL, REFERENCE, STAMP, TIMED, ZONE, find_by_words

BRACKET = re.compile(
    rf"(?P<level>{LEVEL.pattern})|(?P<reference>\b{REFERENCE.pattern})|(?P<stamp>{STAMP.pattern})"
    r"|\{\{\s*(?P<braces>[^{}\n]+?)\s*\}\}"
    r"|\[(?P<square>[^\[\]\n]+)\](?!\()"
    r"|<(?P<angle>[A-Za-z][^<>@\n:/]*(?:/[^<>@\n:/]+)*)>"
    r"|(?<![{$\w])\{(?P<curly>[A-Za-z_][\w -]{0,40})\}(?!\})"
)
BEHIND_A_LABEL = re.compile(r"(?:^|\w[*_]*:[*_]*\s*)$")
"""Where one brace on each side is a gap whatever its words are."""

COUNTED = r"(?:of|users?|customers?|requests?|orders?|nodes?|percent)\b"
CHECKBOX = re.compile(rf"[\s*•-]*\[(?:x|X(?!\]\s+{COUNTED}))\]\s")
SAMPLE = re.compile(r"[xXnN#?]+")
"""Words of a gap that say nothing."""

AMOUNT = re.compile(
    rf"(?:{SAMPLE.pattern}|[A-Za-z]|h(?:ou)?rs?|hh|min(?:ute)?s?|mm|days?|\u2026|\.\.\.)", re.I
)
UNIT = re.compile(r"\s*(?:days?|d|h(?:ou)?rs?|h|min(?:ute)?s?|m|sec(?:ond)?s?)\b", re.I)
AND = re.compile(r"\s*(?:,|and\b|&)?\s*", re.I)
IN = re.compile(r"(?:^|(?<=next update)\W{1,3})(?:in|within)\s+$", re.I)
"""How long something takes: `[X] hours and [Y] minutes`. What is filled in has its own units."""

TAGS = frozenset({"b", "br", "i", "p", "strong", "em", "ul", "li", "u", "div", "span", "code", "pre"})


@dataclass(frozen=True, slots=True)
class Gap:
    """A bracket in a line: where it stands and its words."""

    start: int
    end: int
    content: str


def find_gaps(text: str) -> Sequence[Gap]:
    """The gaps in their order; several that are one span of time are one."""
    found: list[Gap] = []
    for gap in _find_brackets(text):
        last = found[-1] if found else None
        unit = UNIT.match(text, gap.end) if AMOUNT.fullmatch(gap.content) else None
        if unit is None:
            found.append(gap)
        elif last and UNIT.search(last.content) and AND.fullmatch(text, last.end, gap.start):
            found[-1] = Gap(last.start, unit.end(), f"{last.content} {gap.content}{unit[0]}")
        else:
            said = IN.search(text[: gap.start])
            start = said.end() - len(said[0].lstrip(" :-\t")) if said else gap.start
            found.append(Gap(start, unit.end(), f"{gap.content}{unit[0]}"))
    return found


def _find_brackets(text: str) -> Iterator[Gap]:
    box = CHECKBOX.match(text)
    for match in BRACKET.finditer(text):
        content = _content(match)
        is_tag = match["angle"] is not None and content.casefold() in TAGS
        is_box = box is not None and match.end() < box.end() and not UNIT.match(text, match.end())
        is_known = find_by_words(content) is not None or BEHIND_A_LABEL.search(text[: match.start()])
        if (
            is_tag
            or is_box
            or (match["curly"] and not is_known)
            or not re.search(r"\w|\u2026|\.\.|[#?]", content)
        ):
            continue
        zone = ZONE.match(text, match.end()) if TIMED.search(content) else None
        start = match.start() - text.startswith("@", match.start() - 1) if match.start() else 0
        yield Gap(start, zone.end() if zone else match.end(), content)


def _content(match: re.Match[str]) -> str:
    """The words of a gap: what stands in brackets, or what a sample without them stands for."""
    words = match["braces"] or match["square"] or match["angle"] or match["curly"]
    if words:
        return words.strip()
    return "severity" if match["level"] else "incident id" if match["reference"] else "timestamp"
