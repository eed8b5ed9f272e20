"""The sections that a runbook's own template of a review prescribes."""

import re
from collections.abc import Iterator

from bot.runbook.markdown.block_tree import Fence, Heading, parse_markdown
from bot.runbook.markdown.inline import strip_markdown
from bot.runbook.markdown.outline import flatten_blocks

REVIEW = re.compile(
    r"post-?\s?mortem|post[- ]incident (?:review|report)|retrospective|incident (?:review|report)|root cause analysis",
    re.I,
)
TEMPLATE = re.compile(r"template|form|outline|structure|sections", re.I)
HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(?P<title>.+?)\s*#*$")
LABEL = re.compile(
    r"^\s*(?:[-*]\s+)?\*\*(?P<bold>[^*]{2,60}?):?\*\*:?|^(?P<plain>[A-Z][\w /'-]{2,40}):(?=\s|$)"
)
MAX_SECTIONS = 30
LANGUAGES = frozenset({"", "md", "markdown", "text", "txt"})


def find_review_headings(text: str) -> tuple[str, ...]:
    """The headings inside the first fence below a heading like "Post-mortem template"; empty where there is none."""
    blocks, _ = parse_markdown(text)
    title = ""
    for block in flatten_blocks(blocks):
        if isinstance(block, Heading):
            title = block.text
        elif isinstance(block, Fence) and _is_template(title, block.language):
            found = tuple(dict.fromkeys(_list_sections(block.text)))[:MAX_SECTIONS]
            if len(found) > 1:
                return found
    return ()


def _is_template(title: str, language: str) -> bool:
    return language.casefold() in LANGUAGES and bool(REVIEW.search(title)) and bool(TEMPLATE.search(title))


def _list_sections(text: str) -> Iterator[str]:
    """By its headings; a title of the whole on top is none of them. Without headings by its labels."""
    found = [match for line in text.split("\n") if (match := HEADING.match(line))]
    levels = [len(match[1]) for match in found]
    if found and levels.count(min(levels)) == 1 and levels[0] == min(levels) and len(found) > 1:
        found = found[1:]
    if found:
        top = min(len(match[1]) for match in found)
        yield from (strip_markdown(match["title"]).strip(" :") for match in found if len(match[1]) == top)
        return
    labels = (LABEL.match(line) for line in text.split("\n"))
    yield from (strip_markdown(each["bold"] or each["plain"]).strip(" :") for each in labels if each)
