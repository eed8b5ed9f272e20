"""The playbook, section by section, as people read it in the incident's channel."""

import re
from collections import Counter
from collections.abc import Iterator

from bot.ports import Block, Message
from bot.runbook import Runbook
from bot.step import Bullet, Bullets, Kind, Label, Part, Playbook, Prose, Sample, Step
from templates.kit import (
    LONGEST_BODY,
    LONGEST_LINE,
    Bold,
    Code,
    Line,
    Link,
    Span,
    header,
    lines,
    message,
    preformatted,
    rich,
    section,
)
from templates.letters import letter_end
from templates.view import View, at_line

MOST_BLOCKS = 40
BULLETS_IN_ONE = 10
"""List items in one piece; pieces go to the next message when this one is full."""
INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|\[(?P<text>[^\]]+)\]\((?P<url>https?://[^)\s]{1,2900})\)"
)


def playbook_messages(view: View) -> tuple[Message, ...]:
    """The incident's playbook in as few messages as Slack's limits allow; nothing when it has none."""
    return () if view.playbook is None else told(view.playbook, view.runbook_url)


def told(playbook: Playbook, runbook_url: str) -> tuple[Message, ...]:
    """A playbook, each step with its kind, its command to copy and its line, in as few messages as may be."""
    messages: list[Message] = []
    blocks: list[Block] = []
    size = 0
    for number, (block, length) in enumerate(_blocks(runbook_url, playbook)):
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


def _blocks(url: str, playbook: Playbook) -> Iterator[tuple[Block, int]]:
    """Each section's pieces as rich text blocks, with their lengths in characters."""
    for part in playbook.sections:
        pieces: list[Block] = []
        size = 0
        if part.title:
            pieces.append(section([(Bold(part.title), "  ", at_line(url, part.line, playbook.file))]))
        for each in part.parts:
            for piece in _pieces(url, each, playbook.file):
                length = sum(len(element.get("text", "")) for element in piece["elements"])
                if pieces and size + length > LONGEST_BODY // 3:
                    yield rich("", *pieces), size
                    pieces, size = [], 0
                pieces.append(piece)
                size += length
        if pieces:
            yield rich("", *pieces), size


def _pieces(url: str, part: Part, file: str) -> Iterator[Block]:
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
            head: list[Line] = [("▸ ", *spans(title), *_kind(part), "  ", at_line(url, part.line, file))]
            head += [spans(each) for each in note.splitlines()]
            yield section(head)
            if command is not None:
                yield from map(preformatted, _whole(command))


KINDS = {
    Kind.LINK: "link",
    Kind.DIAGNOSTIC: "only reads",
    Kind.PROBE: "probe: not by itself",
    Kind.REMEDIATION: "changes something: needs approval",
    Kind.MANUAL: "for you",
}
"""What a step's kind means for the person who reads it."""


def _kind(step: Step) -> Line:
    """In brackets; nothing for a step whose command was not recognised."""
    return (f" [{KINDS[step.meaning.kind]}]",) if step.meaning is not None else ()


def overview(runbook: Runbook, runbook_url: str) -> Message:
    """The playbooks that there are, each with its severity and how many steps of which kind."""
    body: list[Line] = [(Bold(f"{runbook.title or 'The runbook'}: {len(runbook.playbooks)} playbooks"),)]
    for each in runbook.playbooks:
        kinds = Counter(step.meaning.kind for step in each.steps() if step.meaning)
        steps = ", ".join(f"{kinds[kind]} {_counted(kind, kinds[kind])}" for kind in Kind if kinds[kind])
        grade = f"{each.severity} " if each.severity else ""
        body.append(
            (
                Bold(f"{grade}{each.title}"),
                f" · {steps}" if steps else "",
                "  ",
                at_line(runbook_url, each.line, each.file),
            )
        )
    body.append(("One of them: ", Code("/incident runbook NAME")))
    return message(body, lines("runbook", *body))


def _counted(kind: Kind, count: int) -> str:
    return KINDS[kind] if kind is Kind.MANUAL else f"{kind}{'' if count == 1 else 's'}"


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
