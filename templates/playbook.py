"""The playbook, section by section, as people read it in the incident's channel."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from slackblocks import Button

from bot.domain.playbook import Part, Playbook, Step, StepKind
from bot.domain.section_parts import Bullet, BulletList, CodeSample, Label, Prose
from bot.ports import Block, SlackPayload
from bot.runbook import Runbook
from templates.blocks import (
    MAX_BODY_LENGTH,
    MAX_LINE_LENGTH,
    build_button_row,
    build_header,
    build_lines,
    build_message,
    build_preformatted,
    build_rich_text,
    build_section,
)
from templates.escaping import find_letter_end
from templates.incident_view import IncidentViewModel, build_line_link
from templates.remediation_buttons import map_playbook_buttons
from templates.spans import Bold, Code, Line, Span, WebLink

MAX_BLOCKS, MAX_BUTTONS = 40, 25
MAX_BULLETS_IN_BLOCK = 10
"""List items in one piece; pieces go to the next message when this one is full."""
INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`|\[(?P<text>[^\]]+)\]\((?P<url>https?://[^)\s]{1,2900})\)"
)


def render_incident_playbook(view: IncidentViewModel) -> tuple[SlackPayload, ...]:
    """The incident's playbook in as few messages as Slack's limits allow; nothing when it has none."""
    if view.playbook is None:
        return ()
    return render_playbook(view.playbook, view.runbook_url, map_playbook_buttons(view))


def render_playbook(
    playbook: Playbook, runbook_url: str, buttons: Mapping[int, Button] | None = None
) -> tuple[SlackPayload, ...]:
    """A playbook, each step with its kind, its command to copy and its line, in as few messages as may be. `buttons`
    stand below what is written at their lines."""
    messages: list[SlackPayload] = []
    blocks: list[Block] = []
    size = 0
    for number, (block, length) in enumerate(_blocks(runbook_url, playbook, buttons or {})):
        if blocks and (size + length > MAX_BODY_LENGTH or len(blocks) == MAX_BLOCKS):
            messages.append(_message(playbook, blocks, len(messages)))
            blocks, size = [], 0
        blocks.append({**block, "block_id": f"part-{number}"})
        size += length
    messages.append(_message(playbook, blocks, len(messages)))
    return tuple(messages)


def _message(playbook: Playbook, blocks: list[Block], part: int) -> SlackPayload:
    more = f" ({part + 1})" if part else ""
    title = f"Playbook: {playbook.title}{more}"
    sections = ", ".join(section.title for section in playbook.sections if section.title)
    return build_message([(title,), (sections,)], build_header("playbook-head", title), *blocks)


def _blocks(url: str, playbook: Playbook, buttons: Mapping[int, Button]) -> Iterator[tuple[Block, int]]:
    """Each section's pieces as rich text blocks, with their lengths in characters."""
    for part in playbook.sections:
        pieces: list[Block] = []
        size = 0
        if part.title:
            pieces.append(
                build_section([(Bold(part.title), "  ", build_line_link(url, part.line, playbook.file))])
            )
        for paragraph in part.parts:
            for piece in _pieces(url, paragraph, playbook.file):
                length = sum(len(element.get("text", "")) for element in piece["elements"])
                if pieces and size + length > MAX_BODY_LENGTH // 3:
                    yield build_rich_text("", *pieces), size
                    pieces, size = [], 0
                pieces.append(piece)
                size += length
            if pieces and (row := [buttons[line] for line in _list_lines(paragraph) if line in buttons]):
                yield build_rich_text("", *pieces), size
                yield build_button_row("", *row[:MAX_BUTTONS]), 0
                pieces, size = [], 0
        if pieces:
            yield build_rich_text("", *pieces), size


def _list_lines(part: Part) -> Iterable[int]:
    """The lines of the runbook at which a part has something to do."""
    match part:
        case Step(line=line):
            return (line,)
        case BulletList(items=items):
            return [item.line for item in items]
        case _:
            return ()


def _pieces(url: str, part: Part, file: str) -> Iterator[Block]:
    match part:
        case Prose(text=text):
            yield build_section([parse_inline(text)])
        case Label(text=text):
            yield build_section([(Bold(text),)])
        case BulletList(items=items):
            for start in range(0, len(items), MAX_BULLETS_IN_BLOCK):
                yield build_section([_bullet(item) for item in items[start : start + MAX_BULLETS_IN_BLOCK]])
        case CodeSample(text=text):
            yield from map(build_preformatted, split_command(text))
        case Step(title=title, command=command, note=note):
            head: list[Line] = [
                ("▸ ", *parse_inline(title), *_kind(part), "  ", build_line_link(url, part.line, file))
            ]
            head += [parse_inline(line) for line in note.splitlines()]
            yield build_section(head)
            if command is not None:
                yield from map(build_preformatted, split_command(command))


KINDS = {
    StepKind.LINK: "link",
    StepKind.DIAGNOSTIC: "read-only",
    StepKind.PROBE: "manual trigger",
    StepKind.REMEDIATION: "changes something: run it yourself",
    StepKind.MANUAL: "do it yourself",
}
"""What a step's kind means for the person who reads it."""


def _kind(step: Step) -> Line:
    """In brackets; nothing for a step whose command was not recognised."""
    return (f" [{KINDS[step.meaning.kind]}]",) if step.meaning is not None else ()


def render_overview(runbook: Runbook, runbook_url: str) -> SlackPayload:
    """The playbooks that there are, each with its severity and how many steps of which kind."""
    body: list[Line] = [(Bold(f"{runbook.title or 'The runbook'}: {len(runbook.playbooks)} playbooks"),)]
    for playbook in runbook.playbooks:
        kinds = Counter(step.meaning.kind for step in playbook.steps() if step.meaning)
        steps = ", ".join(
            f"{kinds[kind]} {_format_count(kind, kinds[kind])}" for kind in StepKind if kinds[kind]
        )
        grade = f"{playbook.severity} " if playbook.severity else ""
        body.append(
            (
                Bold(f"{grade}{playbook.title}"),
                f" · {steps}" if steps else "",
                "  ",
                build_line_link(runbook_url, playbook.line, playbook.file),
            )
        )
    body.append(("Show one: ", Code("/incident runbook NAME")))
    return build_message(body, build_lines("runbook", *body))


def _format_count(kind: StepKind, count: int) -> str:
    return KINDS[kind] if kind is StepKind.MANUAL else f"{kind}{'' if count == 1 else 's'}"


def _bullet(item: Bullet) -> Line:
    return "    " * item.depth + (f"{item.number}. " if item.number is not None else "• "), *parse_inline(
        item.text
    )


def split_command(text: str) -> Iterator[str]:
    """A command in pieces that are short enough to stay whole: what is copied must not have been cut."""
    piece = ""
    for row in text.split("\n"):
        while len(row) > MAX_LINE_LENGTH:
            end = find_letter_end(row, MAX_LINE_LENGTH)
            yield from filter(None, (piece, row[:end]))
            piece, row = "", row[end:]
        if len(piece) + len(row) >= MAX_LINE_LENGTH:
            yield piece
            piece = ""
        piece = f"{piece}\n{row}" if piece else row
    if piece:
        yield piece


def parse_inline(text: str) -> Line:
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
            found.append(WebLink(match["url"], match["text"]))
        end = match.end()
    return (*found, text[end:])
