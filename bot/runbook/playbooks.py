"""Playbooks with all their sections, from the sections of the document that are one."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bot.domain.playbook import Part, Playbook, Section
from bot.domain.section_parts import BulletList, Label, Prose
from bot.runbook import languages
from bot.runbook.document_map import PlaybookSection
from bot.runbook.markdown.block_tree import Block, MarkdownTable, Row
from bot.runbook.markdown.inline import BOLD_LABEL, build_slug, split_label, strip_markdown, strip_number
from bot.runbook.markdown.outline import Node, group_by_label, list_lines
from bot.runbook.markdown.sections import build_parts
from bot.runbook.model import Problem, Severity, format_place
from bot.runbook.section_kinds import DETECTION, SYMPTOMS
from bot.runbook.severity_names import (
    SeverityLevel,
    find_level,
    find_level_word,
    is_same_level,
    is_same_word,
)

SEVERITY = re.compile(rf"severity|priority|level|{languages.SEVERITY}", re.I)


def parse_playbooks(
    found: Sequence[PlaybookSection],
    severities: Sequence[Severity],
    problems: list[Problem],
    file: str = "",
    others: Sequence[Playbook] = (),
) -> tuple[Playbook, ...]:
    """Every playbook with an id that none of the `others` has; `problems` gets unknown levels and names that stand
    twice."""
    before = {other.id: other for other in others}
    made = dict(before)
    counts: defaultdict[str, int] = defaultdict(lambda: 1)
    for section in found:
        sections = tuple(_sections(section))
        wanted = build_slug(section.title) or f"line-{section.node.line}"
        id = wanted
        while id in made:
            counts[wanted] += 1
            id = f"{wanted}-{counts[wanted]}"
        if id != wanted:
            message = (
                f"Another playbook, at {format_place(made[wanted].line, made[wanted].file)}, is named "
                f"“{section.title}” too: "
                f"this one goes by {id}. Give one of them another name."
            )
            problems.append(Problem(section.node.line, "warning", message))
        severity = _severity(section, severities, problems)
        symptoms = () if section.general else _symptoms(sections)
        made[id] = Playbook(
            id, section.title, severity, section.node.line, symptoms, sections, file, section.general
        )
    return tuple(playbook for id, playbook in made.items() if id not in before)


def _sections(found: PlaybookSection) -> Iterator[Section]:
    for group in group_by_label(found.node.blocks):
        parts = build_parts(group.blocks, group.label or found.title)
        if parts:
            yield Section(group.label, group.line, parts)
    for child in found.children:
        yield Section(child.title, child.line, tuple(_below(child, child.title)))


def _below(node: Node, section: str) -> Iterator[Part]:
    """The parts of a section with its deeper headings as labels among them."""
    yield from build_parts(node.blocks, section)
    for child in node.children:
        yield Label(child.line, child.title)
        yield from _below(child, section)


def _severity(found: PlaybookSection, severities: Sequence[Severity], problems: list[Problem]) -> str | None:
    if found.general:
        return None
    line, level = (found.node.line, found.level) if found.level else _parse_level(found)
    if level is None:
        return None
    for severity in severities:
        if is_same_level(level, severity.id) or level.casefold() == severity.name.casefold():
            return severity.id
    for severity in severities:
        if is_same_word(level, severity.id) or is_same_word(level, severity.name):
            return severity.id
    if severities:
        known = ", ".join(severity.id for severity in severities)
        message = (
            f"The playbook “{found.title}” is of {level}, which is no severity of this runbook. Use one of "
            f"{known}."
        )
        problems.append(Problem(line, "warning", message))
    return None


def _parse_level(found: PlaybookSection) -> tuple[int, str | None]:
    """The level in a line such as `**Severity:** SEV2`, in a row of a table, or in a section of its own."""
    for child in found.children:
        if re.fullmatch(r"\W*(?:severity|priority)\W*", strip_number(child.title), re.I):
            told = next((text for _, text in list_lines(child.blocks)), "")
            if level := _level(told):
                return child.line, level.id
    return _find_labelled_level(found.node.blocks)


def _find_labelled_level(blocks: Sequence[Block]) -> tuple[int, str | None]:
    for table in (block for block in blocks if isinstance(block, MarkdownTable)):
        for row in (Row(table.line, table.header), *table.rows):
            named = len(row.cells) > 1 and SEVERITY.fullmatch(strip_markdown(row.cells[0]).strip(": "))
            if named and (level := _level(row.cells[1])):
                return row.line, level.id
    for line, text in list_lines(blocks):
        for number, words in enumerate(text.split("\n")):
            pair = split_label(words)
            level = _level(pair[1]) if pair and SEVERITY.search(pair[0]) else None
            if level:
                return line + number, level.id
    return 0, None


def _level(text: str) -> SeverityLevel | None:
    return find_level(text) or find_level_word(strip_markdown(text))


def _symptoms(sections: Sequence[Section]) -> tuple[str, ...]:
    for pattern in (SYMPTOMS, DETECTION):
        for section in sections:
            if pattern.match(section.title):
                return tuple(_list_texts(section.parts))
    labels = [pair for section in sections[:1] for pair in _labels(section.parts)]
    for pattern in (SYMPTOMS, DETECTION):
        for label, value in labels:
            if pattern.match(label) and value:
                return tuple(piece.strip() for piece in re.split(r"[,;]\s+", value))
    return ()


def _labels(parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """Label and value of every line such as `**Symptoms:** a, b`."""
    for part in parts:
        texts = [part.text] if isinstance(part, Prose) else []
        if isinstance(part, BulletList):
            texts = [item.text for item in part.items]
        for line in (line for text in texts for line in text.split("\n")):
            bold = BOLD_LABEL.fullmatch(line.strip())  # `**Symptoms** it is slow` has no colon
            pair = split_label(line) or ((strip_markdown(bold["label"]), bold["value"]) if bold else None)
            if pair:
                yield pair


def _list_texts(parts: Sequence[Part]) -> Iterator[str]:
    listed = any(isinstance(part, BulletList) for part in parts)
    for part in parts:
        if isinstance(part, BulletList):
            yield from (item.text.removeprefix("☐ ").removeprefix("☑ ") for item in part.items)
        elif isinstance(part, Prose) and not listed:
            yield part.text
