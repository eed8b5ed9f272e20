"""Playbooks with all their sections, from the sections of the document that are one."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from bot.runbook.blocks import Block
from bot.runbook.inline import BOLD_LABEL, labelled, plain, slug
from bot.runbook.levels import Level, find_level, find_word, same_level
from bot.runbook.model import Problem, Severity, place
from bot.runbook.outline import Node, by_label, lines_of
from bot.runbook.roles import DETECTION, SYMPTOMS
from bot.runbook.sections import parts_of
from bot.runbook.survey import Found
from bot.step import Bullets, Label, Part, Playbook, Prose, Section

SEVERITY = re.compile(r"severity|priority|level", re.I)


def playbooks(
    found: Sequence[Found],
    severities: Sequence[Severity],
    problems: list[Problem],
    file: str = "",
    others: Sequence[Playbook] = (),
) -> tuple[Playbook, ...]:
    """Every playbook with an id that none of the `others` has; `problems` gets unknown levels and names that stand
    twice."""
    before = {each.id: each for each in others}
    made = dict(before)
    counts: defaultdict[str, int] = defaultdict(lambda: 1)
    for each in found:
        sections = tuple(_sections(each))
        wanted = slug(each.title) or f"line-{each.node.line}"
        id = wanted
        while id in made:
            counts[wanted] += 1
            id = f"{wanted}-{counts[wanted]}"
        if id != wanted:
            message = (
                f"Another playbook, at {place(made[wanted].line, made[wanted].file)}, is named “{each.title}” too: "
                f"this one goes by {id}. Give one of them another name."
            )
            problems.append(Problem(each.node.line, "warning", message))
        severity = _severity(each, severities, problems)
        made[id] = Playbook(id, each.title, severity, each.node.line, _symptoms(sections), sections, file)
    return tuple(each for id, each in made.items() if id not in before)


def _sections(found: Found) -> Iterator[Section]:
    for group in by_label(found.node.blocks):
        parts = parts_of(group.blocks, group.label or found.title)
        if parts:
            yield Section(group.label, group.line, parts)
    for child in found.children:
        yield Section(child.title, child.line, tuple(_below(child, child.title)))


def _below(node: Node, section: str) -> Iterator[Part]:
    """The parts of a section with its deeper headings as labels among them."""
    yield from parts_of(node.blocks, section)
    for child in node.children:
        yield Label(child.line, child.title)
        yield from _below(child, section)


def _severity(found: Found, severities: Sequence[Severity], problems: list[Problem]) -> str | None:
    line, level = (found.node.line, found.level) if found.level else _stated(found.node.blocks)
    if level is None:
        return None
    for severity in severities:
        if same_level(level, severity.id) or level.casefold() == severity.name.casefold():
            return severity.id
    if severities:
        known = ", ".join(severity.id for severity in severities)
        message = (
            f"The playbook “{found.title}” is of {level}, which is no severity of this runbook. Use one of "
            f"{known}."
        )
        problems.append(Problem(line, "warning", message))
    return None


def _stated(blocks: Sequence[Block]) -> tuple[int, str | None]:
    """The level in a line such as `**Severity:** SEV2`."""
    for line, text in lines_of(blocks):
        for number, words in enumerate(text.split("\n")):
            pair = labelled(words)
            level = _level(pair[1]) if pair and SEVERITY.search(pair[0]) else None
            if level:
                return line + number, level.id
    return 0, None


def _level(text: str) -> Level | None:
    return find_level(text) or find_word(plain(text))


def _symptoms(sections: Sequence[Section]) -> tuple[str, ...]:
    for pattern in (SYMPTOMS, DETECTION):
        for section in sections:
            if pattern.match(section.title):
                return tuple(_told(section.parts))
    labels = [pair for section in sections[:1] for pair in _labels(section.parts)]
    for pattern in (SYMPTOMS, DETECTION):
        for label, value in labels:
            if pattern.match(label) and value:
                return tuple(each.strip() for each in re.split(r"[,;]\s+", value))
    return ()


def _labels(parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """Label and value of every line such as `**Symptoms:** a, b`."""
    for part in parts:
        texts = [part.text] if isinstance(part, Prose) else []
        if isinstance(part, Bullets):
            texts = [item.text for item in part.items]
        for line in (line for text in texts for line in text.split("\n")):
            bold = BOLD_LABEL.fullmatch(line.strip())  # `**Symptoms** it is slow` has no colon
            pair = labelled(line) or ((plain(bold["label"]), bold["value"]) if bold else None)
            if pair:
                yield pair


def _told(parts: Sequence[Part]) -> Iterator[str]:
    listed = any(isinstance(part, Bullets) for part in parts)
    for part in parts:
        if isinstance(part, Bullets):
            yield from (item.text.removeprefix("☐ ").removeprefix("☑ ") for item in part.items)
        elif isinstance(part, Prose) and not listed:
            yield part.text
