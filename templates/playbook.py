"""The playbook, section by section, as people read it in the incident's channel."""

import re
from collections.abc import Iterator

from bot.ports import Block, Message
from bot.step import Bullet, Bullets, Label, Part, Playbook, Prose, Sample, Step
from templates.kit import (
    LONGEST_BODY,
    LONGEST_LINE,
    Bold,
    Code,
    Line,
    Link,
    Span,
    header,
    message,
    preformatted,
    rich,
    section,
)
from templates.letters import letter_end
from templates.view import View

MOST_BLOCKS = 40
BULLETS_IN_ONE = 10
"""List items in one piece; pieces go to the next message when this one is full."""
INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|\[(?P<text>[^\]]+)\]\((?P<url>https?://[^)\s]{1,2900})\)"
)


def playbook_messages(view: View) -> tuple[Message, ...]:
    """The incident's playbook in as few messages as Slack's limits allow; nothing when it has none."""
    playbook = view.playbook
    if playbook is None:
        return ()
    messages: list[Message] = []
    blocks: list[Block] = []
    size = 0
    for number, (block, length) in enumerate(_blocks(view, playbook)):
        if blocks and (size + length > LONGEST_BODY or len(blocks) == MOST_BLOCKS):
            messages.append(_message(playbook, blocks, len(messages)))
            blocks, size = [], 0
        blocks.append({**block, "block_id": f"part-{number}"})
        size += length
    messages.append(_message(playbook, blocks, len(messages)))
    return tuple(messages)


def _message(playbook: Playbook, blocks: list[Block], part: int) -> Message:
    more = f" ({part + 1})" if part else ""
    title = f"Playbook: {playbook.title}{more}"
    sections = ", ".join(each.title for each in playbook.sections if each.title)
    return message([(title,), (sections,)], header("playbook-head", title), *blocks)


def _blocks(view: View, playbook: Playbook) -> Iterator[tuple[Block, int]]:
    """Each section's pieces as rich text blocks, with their lengths in characters."""
    for part in playbook.sections:
        pieces: list[Block] = []
        size = 0
        if part.title:
            pieces.append(section([(Bold(part.title), "  ", view.at_line(part.line))]))
        for each in part.parts:
            for piece in _pieces(each):
                length = sum(len(element.get("text", "")) for element in piece["elements"])
                if pieces and size + length > LONGEST_BODY // 3:
                    yield rich("", *pieces), size
                    pieces, size = [], 0
                pieces.append(piece)
                size += length
        if pieces:
            yield rich("", *pieces), size


def _pieces(part: Part) -> Iterator[Block]:
    match part:
        case Prose(text=text):
            yield section([spans(text)])
        case Label(text=text):
            yield section([(Bold(text),)])
        case Bullets(items=items):
            for start in range(0, len(items), BULLETS_IN_ONE):
                yield section([_bullet(item) for item in items[start : start + BULLETS_IN_ONE]])
        case Sample(text=text):
            yield from map(preformatted, _whole(text))
        case Step(title=title, command=command, note=note):
            head: list[Line] = [("▸ ", *spans(title))]
            head += [spans(each) for each in note.splitlines()]
            yield section(head)
            if command is not None:
                yield from map(preformatted, _whole(command))


def _bullet(item: Bullet) -> Line:
    return "    " * item.depth + (f"{item.number}. " if item.number is not None else "• "), *spans(item.text)


def _whole(text: str) -> Iterator[str]:
    """A command in pieces that are short enough to stay whole: what is copied must not have been cut."""
    piece = ""
    for row in text.split("\n"):
        while len(row) > LONGEST_LINE:
            end = letter_end(row, LONGEST_LINE)
            yield from filter(None, (piece, row[:end]))
            piece, row = "", row[end:]
        if len(piece) + len(row) >= LONGEST_LINE:
            yield piece
            piece = ""
        piece = f"{piece}\n{row}" if piece else row
    if piece:
        yield piece


def spans(text: str) -> Line:
    """Inline Markdown as spans: bold, code and links; everything else as it is written."""
    found: list[Span] = []
    end = 0
    for match in INLINE.finditer(text):
        found.append(text[end : match.start()])
        if match["bold"]:
            found.append(Bold(match["bold"]))
        elif match["code"]:
            found.append(Code(match["code"]))
        else:
            found.append(Link(match["url"], match["text"]))
        end = match.end()
    return (*found, text[end:])
