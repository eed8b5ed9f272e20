"""A runbook's text to its model: the reader's one way in."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.runbook.blocks import front_matter_title, parse
from bot.runbook.checklist import windows
from bot.runbook.checks import gaps_of
from bot.runbook.decoding import unified
from bot.runbook.directory import contacts, named_links, other_runbooks
from bot.runbook.linked import parted
from bot.runbook.messages import templates
from bot.runbook.model import (
    Contact,
    EscalationLevel,
    Link,
    Problem,
    Runbook,
    Severity,
    Template,
    Window,
    in_order,
)
from bot.runbook.outline import Node, lines_of, outline
from bot.runbook.playbooks import playbooks
from bot.runbook.rhythm import cadence, values
from bot.runbook.roles import Role
from bot.runbook.severities import severities
from bot.runbook.survey import Survey, survey
from bot.runbook.tiers import escalation
from bot.step import Playbook

CHANNEL = re.compile(r"(?<![\w#&/])#(?P<name>[a-z0-9][a-z0-9_-]{1,79})(?![\w/])")
WAR_ROOM = re.compile(r"war[- ]?room|incident channel|slack channel", re.I)


Found = TypeVar("Found", Severity, Template, Window, Contact, EscalationLevel, Link, Problem)


@dataclass(frozen=True, slots=True)
class _Document:
    """One file of the runbook; `file` is empty for the main one."""

    file: str
    text: str
    root: Node
    map: Survey
    problems: list[Problem]


def read(text: str, known: Iterable[Problem] = ()) -> Runbook:
    """What a runbook says. Never raises: what cannot be used becomes a problem with its line.

    The text may hold linked runbooks too (`joined`): their playbooks are added, and of severities, templates,
    checklist, contacts and escalation those of the first file that has any. `known` are problems found
    before, while the text was decoded; they are listed with the others.
    """
    documents = [_document(file, each) for file, each in parted(text)]
    main, map_, root = documents[0], documents[0].map, documents[0].root
    levels = _first(documents, Role.SEVERITIES, severities) or severities(map_.of(Role.OTHER), [])
    messages = _messages(documents)
    found: list[Playbook] = []
    for each in documents:
        found += playbooks(each.map.playbooks, levels, each.problems, each.file, found)
    runbook = Runbook(
        title=_title(root, main.text),
        severities=levels,
        playbooks=tuple(found),
        templates=messages,
        windows=_first(documents, Role.CHECKLIST, windows),
        contacts=_first(documents, Role.CONTACTS, contacts),
        escalation=_escalation(documents),
        links=named_links(_in_order(map_, Role.LINKS, Role.CONTACTS, Role.RELATED)),
        related=tuple(link for each in documents for link in _in(each.file, _related(each))),
        update_every=cadence(messages, [each.map.of(Role.SEVERITIES) for each in documents], root),
        war_room=_war_room(messages, root),
    )
    problems = [problem for each in documents for problem in _in(each.file, each.problems)]
    return replace(runbook, problems=in_order([*known, *problems, *gaps_of(runbook)]))


def related(text: str) -> tuple[Link, ...]:
    """The links of one file to other Markdown documents, relative to it."""
    return _related(_document("", text)) if ".m" in text.casefold() else ()


def _document(file: str, text: str) -> _Document:
    text = unified(text).replace("\0", "\N{REPLACEMENT CHARACTER}")
    blocks, problems = parse(text)
    root = outline(blocks)
    if file:  # the main runbook is to be used even so
        problems = [replace(each, level="warning") for each in problems]
    return _Document(file, text, root, survey(root, single=bool(file)), problems)


def _in(file: str, found: Iterable[Found]) -> tuple[Found, ...]:
    """What was found, with the file that it stands in."""
    return tuple(replace(each, file=file) for each in found)


def _first(
    documents: Sequence[_Document],
    role: Role,
    reader: Callable[[list[Node], list[Problem]], tuple[Found, ...]],
) -> tuple[Found, ...]:
    """What the first file says that has anything to say about it."""
    for each in documents:
        if found := reader(each.map.of(role), each.problems):
            return _in(each.file, found)
    return ()


def _messages(documents: Sequence[_Document]) -> Mapping[str, Template]:
    for each in documents:
        nodes = each.map.of(Role.TEMPLATES) or ([] if each.file else each.map.of(Role.OTHER))
        if found := templates(nodes, each.problems):
            return dict(zip(found, _in(each.file, found.values()), strict=True))
    return {}


def _escalation(documents: Sequence[_Document]) -> tuple[EscalationLevel, ...]:
    for each in documents:
        if found := escalation(_in_order(each.map, Role.CONTACTS, Role.OTHER), each.map.of(Role.SEVERITIES)):
            return _in(each.file, found)
    return ()


def _related(document: _Document) -> tuple[Link, ...]:
    return other_runbooks(_in_order(document.map, *Role))


def _title(root: Node, text: str) -> str:
    nodes = list(root.walk())[1:]
    heading = next((node.title for node in nodes if node.level == 1 and node.title), "")
    return (
        heading or front_matter_title(text) or next((node.title for node in nodes if node.title), "Runbook")
    )


def _in_order(map_: Survey, *roles: Role) -> Sequence[Node]:
    nodes = [node for role in roles for node in map_.of(role)]
    if Role.PLAYBOOKS in roles:
        nodes += [node for found in map_.playbooks for node in found.node.walk()]
    return sorted(nodes, key=lambda node: node.line)


def _war_room(messages: Mapping[str, Template], root: Node) -> str | None:
    """The channel that the templates or else the text names as the war room, without `#`."""
    for gap in values(messages, "war_room"):
        found = CHANNEL.search(gap.raw)
        if found:
            return found["name"]
    for node in root.walk():
        for _, text in lines_of(node.blocks):
            found = CHANNEL.search(text) if WAR_ROOM.search(text) else None
            if found:
                return found["name"]
    return None
