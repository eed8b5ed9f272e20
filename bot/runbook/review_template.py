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
    """By its headings; without any by its labels."""
    lines = text.split("\n")
    headings = _skip_title([match for line in lines if (match := HEADING.match(line))])
    top = min((len(match[1]) for match in headings), default=0)
    titles = [match["title"] for match in headings if len(match[1]) == top]
    labels = (label for line in lines if (label := LABEL.match(line)))
    for name in titles or (label["bold"] or label["plain"] for label in labels):
        yield strip_markdown(name).strip(" :")


def _skip_title(headings: list[re.Match[str]]) -> list[re.Match[str]]:
    """Without the title of the whole: the first, where it alone is of the highest level and others follow."""
    levels = [len(match[1]) for match in headings]
    has_title = len(levels) > 1 and levels[0] < min(levels[1:])
    return headings[1:] if has_title else headings
