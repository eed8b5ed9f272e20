"""Where to look: the addresses and the other runbooks that sections link to."""

import re
from collections.abc import Iterator, Sequence

from bot.runbook.markdown.inline import find_links, split_label, strip_markdown
from bot.runbook.markdown.outline import Node, list_lines
from bot.runbook.model import NamedLink

OTHER_DOCUMENT = re.compile(r"(?!\w+:)[^#?]+\.(?:md|markdown|mdx)(?:#.*)?", re.I)


def parse_links(nodes: Sequence[Node]) -> tuple[NamedLink, ...]:
    """Every web address in the sections, with the name that stands before it."""
    found = [link for node in nodes for link in _links(node) if link.url.startswith(("http://", "https://"))]
    return tuple({(link.name, link.url): link for link in found}.values())


def find_other_runbooks(nodes: Sequence[Node]) -> tuple[NamedLink, ...]:
    """Every link to another Markdown document, relative to this one, in the sections."""
    found = [link for node in nodes for link in _links(node) if OTHER_DOCUMENT.fullmatch(link.url)]
    return tuple({link.url: link for link in found}.values())


def _links(node: Node) -> Iterator[NamedLink]:
    for line, text in list_lines(node.blocks):
        for name, url in find_links(text):
            below = text.partition(url)[0].count("\n")
            yield NamedLink(_link_name(name, url, text) or url, url, line + below)


def _link_name(name: str, url: str, text: str) -> str:
    """What a link is called: by the label of its line, by its own words, by those before it, or by the first ones."""
    pair = split_label(text)
    before = pair[0] if pair and url in pair[1] else ""
    if name and (name != url or not before):
        return name
    if before:
        return before
    words = strip_markdown(text.partition(url)[0].strip("<| "))
    return re.sub(r"[\s:\u2013\u2014-]+$", "", words) or strip_markdown(text.split(" | ")[0])
