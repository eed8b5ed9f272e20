"""The line that names the call which people join: `Bridge: https://…`, also as an item, in a table, below its name."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.runbook.markdown.block_tree import Block, MarkdownTable, Paragraph, Row
from bot.runbook.markdown.inline import ADDRESS, COMMENT, ESCAPE, LINK, MAX_TEXT_LENGTH, strip_markdown
from bot.runbook.markdown.outline import Node, flatten_blocks
from bot.runbook.model import NamedLink, Problem, Runbook
from bot.text.bridge_url import A_CHANNEL, explain_unusable_bridge

KIND = r"(?:bridge|zoom|meet|call|war[- ]?room)"
BEFORE = (
    r"(?:the|our|an?|team|incident|response|emergency|major|standing|permanent|conference|conf|video|audio|phone"
    r"|google|zoom|microsoft|ms|teams|webex|slack|jitsi)"
)
BRIDGE_WORDS = r"(?:link|url|line|room|address|meeting|details|info)"
NAME = re.compile(
    rf"(?:{BEFORE}[\s/-]+)*{KIND}(?:[\s/,&|-]+(?:(?:or|and)\s+)?(?:{KIND}|{BRIDGE_WORDS}))*(?:\s*\([^()]*\)?)?",
    re.I,
)
MAX_NAME_LENGTH = 80
STRUCK = re.compile(r"~~.+?~~")
GAP = re.compile(r"<([^<>]*)>")
AROUND = re.compile(r"^\W+|\W+$")


def find_bridge(nodes: Sequence[Node], problems: list[Problem]) -> NamedLink | None:
    """The first address of a call that people can join; one that nobody can is a problem. Fenced text is never read."""
    found = None
    for line, name, url in _find_named(nodes):
        why = explain_unusable_bridge(url)
        if not why:
            found = found or NamedLink(name, url, line)
        elif why != A_CHANNEL:  # that is a war room, and no mistake
            message = f"“{name}” names no call that people can join: its address {why}."
            problems.append(Problem(line, "warning", message))
    return found


SETTING = "TOCSIN_CALL_URL"


def override_bridge(runbook: Runbook, address: str | None) -> tuple[Runbook, tuple[str, ...]]:
    """The runbook with the call of the setting, which wins where it has a value, and what is wrong with that."""
    if not address:
        return runbook, ()
    if why := explain_unusable_bridge(address):
        return runbook, (f"{SETTING} {why}.",)
    return replace(runbook, call=NamedLink(SETTING, address, 0)), ()


def _find_named(nodes: Sequence[Node]) -> Iterator[tuple[int, str, str]]:
    """(line, name, address) for each address behind the name of a call, in the document's order."""
    for node in nodes:
        above = node.title
        for block in flatten_blocks(node.blocks):
            for line, name, text in _texts(block):
                address = _address(text)
                if address is not None:
                    before, url = address
                    if _is_call(label := before or name or above):
                        yield line, label, url
                above = ""  # a heading names only what stands right below it


def _texts(block: Block) -> Iterator[tuple[int, str, str]]:
    """(line, the name that stands before it, text) for each line of a paragraph and each cell of a table."""
    match block:
        case Paragraph():
            above = ""
            for number, line in enumerate(
                COMMENT.sub("", block.text[:MAX_TEXT_LENGTH]).split("\n"), block.line
            ):
                yield number, above, line
                above = _bare(line)
        case MarkdownTable():
            for row in block.rows:
                yield from _cells(block, row)


def _cells(table: MarkdownTable, row: Row) -> Iterator[tuple[int, str, str]]:
    for place, cell in enumerate(row.cells):
        left = _bare(row.cells[place - 1]) if place else ""
        head = _bare(table.header[place]) if place < len(table.header) else ""
        yield row.line, left if _is_call(left) else head, COMMENT.sub("", cell[:MAX_TEXT_LENGTH])


def _address(text: str) -> tuple[str, str] | None:
    """The words before the first address in a line (a link's own words where nothing stands before it) and the address,
    with a gap such as `<id>` in it."""
    if "http" not in text.casefold():
        return None
    text = STRUCK.sub("", text).replace("`", "")
    link, bare = LINK.search(text), ADDRESS.search(text)
    if link and link["url"].startswith(("https://", "http://")) and (not bare or link.start() < bare.start()):
        before = _bare(text[: link.start()])
        return before or _bare(link["name"]), ESCAPE.sub(r"\1", link["url"])
    if bare is None:
        return None
    gap = GAP.match(text, bare.end("url"))
    url = ESCAPE.sub(r"\1", bare["url"]).rstrip("*") + (f"[{gap[1]}]" if gap else "")
    return _bare(text[: bare.start()]), url


def _bare(text: str) -> str:
    """The words of a text without what stands around them."""
    return AROUND.sub("", strip_markdown(STRUCK.sub("", text[:MAX_TEXT_LENGTH])))


def _is_call(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME_LENGTH and NAME.fullmatch(name) is not None
