"""A runbook's text to its model: the reader's one way in."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache, partial
from itertools import chain
from typing import TypeVar

from bot.domain.playbook import Playbook
from bot.runbook.bridge_line import find_bridge
from bot.runbook.checklist_items import parse_windows
from bot.runbook.contact_sections import parse_contacts
from bot.runbook.default_severities import DEFAULT_SEVERITIES, NO_SEVERITIES
from bot.runbook.document_map import DocumentMap, map_document
from bot.runbook.escalation_sections import parse_escalation
from bot.runbook.left_out import describe_left_out, find_left_out
from bot.runbook.linked_files import split_files
from bot.runbook.lint import find_gaps
from bot.runbook.markdown.block_tree import Block, parse_markdown
from bot.runbook.markdown.decoding import normalise_newlines
from bot.runbook.markdown.front_matter import parse_front_matter
from bot.runbook.markdown.outline import Node, build_outline, list_lines
from bot.runbook.message_templates import parse_templates
from bot.runbook.model import (
    ChecklistWindow,
    Contact,
    EscalationLevel,
    LeftOutCommand,
    NamedLink,
    Problem,
    Runbook,
    Severity,
    Template,
    sort_problems,
)
from bot.runbook.named_handles import name_actions, name_levels
from bot.runbook.paging_instructions import (
    HANDLING,
    find_paging_instructions,
    limit_instructions,
    names_somebody,
)
from bot.runbook.playbooks import parse_playbooks
from bot.runbook.response_sentences import find_response_sentences
from bot.runbook.section_kinds import SectionKind
from bot.runbook.section_links import find_other_runbooks, parse_links
from bot.runbook.severities import parse_severities
from bot.runbook.severity_cadences import parse_severity_cadences
from bot.runbook.unfillable_placeholders import NAMES
from bot.runbook.update_cadence import DEFAULT_CADENCE, NO_CADENCE, list_placeholders, parse_cadence

CHANNEL = re.compile(r"(?<![\w#&/])#(?P<name>[a-z0-9][a-z0-9_-]{1,79})(?![\w/])")
CHANNEL_LIKE = re.compile(r"(?<![\w#&/])#[^\s|,]+")
PATTERN = re.compile(r"[\[\]<>{}]|yyyy|mm-dd|\d{4}|\bx{2,}|-(?:date|id|name|number|nnn)\b", re.I)
WAR_ROOM = re.compile(r"war[- ]?room|incident channel|slack channel", re.I)

TELL_OF_SEVERITIES = (SectionKind.OTHER, SectionKind.CONTACTS, SectionKind.TEMPLATES)
"""Sections that may tell of the severities where none is about them."""

Found = TypeVar(
    "Found", Severity, Template, ChecklistWindow, Contact, EscalationLevel, NamedLink, Problem, LeftOutCommand
)


@dataclass(frozen=True, slots=True)
class _Document:
    """One file of the runbook; `file` is empty for the main one."""

    file: str
    text: str
    root: Node
    map: DocumentMap
    problems: list[Problem]


def parse_runbook(text: str, known: Iterable[Problem] = ()) -> Runbook:
    """What a runbook says. Never raises: what cannot be used becomes a problem with its line.

    The text may hold linked runbooks too (`joined`): their playbooks are added, and of severities, templates,
    checklist, contacts and escalation those of the first file that has any. `known` are problems found
    before, while the text was decoded; they are listed with the others.
    """
    documents = [_document(file, document) for file, document in split_files(text)]
    main, map_, root = documents[0], documents[0].map, documents[0].root
    told = find_response_sentences(root)
    levels = _severities(documents, told)
    if not levels:
        main.problems.append(NO_SEVERITIES)
    severities = _with_cadences(levels or DEFAULT_SEVERITIES, documents)
    messages = _messages(documents)
    playbooks = _playbooks(documents, severities)
    left_out = tuple(command for document in documents for command in _find_left_out(document))
    contacts = _first(documents, SectionKind.CONTACTS, parse_contacts)
    runbook = Runbook(
        title=_title(root, main.text),
        severities=name_actions(severities, contacts),
        playbooks=playbooks,
        templates=messages,
        windows=_first(documents, SectionKind.CHECKLIST, parse_windows),
        contacts=contacts,
        escalation=name_levels(_escalation(documents, severities), contacts),
        links=parse_links(_in_order(map_, SectionKind.LINKS, SectionKind.CONTACTS, SectionKind.RELATED)),
        related=tuple(link for document in documents for link in _in(document.file, _find_related(document))),
        update_every=_cadence(documents, messages, severities),
        war_room=_war_room(messages, root),
        call=_call(documents),
        left_out=left_out,
        assumes_severities=not levels,
    )
    problems = [problem for document in documents for problem in _in(document.file, document.problems)]
    return replace(runbook, problems=sort_problems([*known, *problems, *find_gaps(runbook)]))


def _severities(documents: Sequence[_Document], told: Mapping[str, str]) -> tuple[Severity, ...]:
    """The severities of the first file that has any, else those that the main one tells of among something else."""
    found = _first(documents, SectionKind.SEVERITIES, partial(parse_severities, told=told))
    map_ = documents[0].map
    others = chain(map(map_.of, TELL_OF_SEVERITIES), ([section.node for section in map_.playbooks],))
    return found or next(filter(None, (_several_levels(nodes, told) for nodes in others)), ())


def _several_levels(nodes: Sequence[Node], told: Mapping[str, str]) -> tuple[Severity, ...]:
    """The severities of sections that are about something else: a lone one without a time is only mentioned there."""
    found = parse_severities(nodes, [], told)
    return found if len(found) > 1 or any(level.response_text or level.action for level in found) else ()


def _playbooks(documents: Sequence[_Document], severities: Sequence[Severity]) -> tuple[Playbook, ...]:
    """The playbooks of all files; those of a later one know of those before."""
    found: list[Playbook] = []
    for document in documents:
        found += parse_playbooks(document.map.playbooks, severities, document.problems, document.file, found)
    return tuple(found)


def find_related(text: str) -> tuple[NamedLink, ...]:
    """The links of one file to other Markdown documents, relative to it."""
    return _find_related(_document("", text)) if ".m" in text.casefold() else ()


def _document(file: str, text: str) -> _Document:
    text = normalise_newlines(text).replace("\0", "\N{REPLACEMENT CHARACTER}")
    blocks, found = _parse_file(text)
    root = build_outline(blocks)
    problems = list(found)
    if file:  # the main runbook is to be used even so
        problems = [replace(problem, level="warning") for problem in problems]
    front = parse_front_matter(text)
    return _Document(file, text, root, map_document(root, single=bool(file), front=front), problems)


@lru_cache(maxsize=4)
def _parse_file(text: str) -> tuple[tuple[Block, ...], tuple[Problem, ...]]:
    """A file is looked through for its links first, and then read with those it links to: Markdown is parsed once."""
    blocks, problems = parse_markdown(text)
    return blocks, tuple(problems)


def _in(file: str, found: Iterable[Found]) -> tuple[Found, ...]:
    """What was found, with the file that it stands in."""
    return tuple(replace(problem, file=file) for problem in found)


def _cadence(
    documents: Sequence[_Document], messages: Mapping[str, Template], levels: Sequence[Severity]
) -> timedelta:
    """How often updates are promised, that of the worst severity where only severities say so; that the runbook does
    not say so is a problem."""
    severities = [document.map.of(SectionKind.SEVERITIES) for document in documents]
    found = parse_cadence(messages, severities, documents[0].root)
    found = found or next((level.update_every for level in levels if level.update_every), None)
    if found is None:
        documents[0].problems.append(NO_CADENCE)
    return found or DEFAULT_CADENCE


def _with_cadences(severities: Sequence[Severity], documents: Sequence[_Document]) -> tuple[Severity, ...]:
    """The severities with their own rhythms of updates; `_cadence` is that of all others."""
    main = documents[0]
    found = parse_severity_cadences(main.map.of(SectionKind.SEVERITIES), main.root)
    return tuple(replace(severity, update_every=found.get(severity.id)) for severity in severities)


def _find_left_out(document: _Document) -> tuple[LeftOutCommand, ...]:
    """The commands of a file that stand in no playbook; they become a problem, too."""
    found = list(find_left_out(list(document.map.list_outside())))
    document.problems.extend(describe_left_out(found))
    return _in(document.file, found)


def _first(
    documents: Sequence[_Document],
    role: SectionKind,
    reader: Callable[[list[Node], list[Problem]], tuple[Found, ...]],
) -> tuple[Found, ...]:
    """What the first file says that has anything to say about it."""
    for document in documents:
        if found := reader(document.map.of(role), document.problems):
            return _in(document.file, found)
    return ()


def _messages(documents: Sequence[_Document]) -> Mapping[str, Template]:
    for document in documents:
        nodes = document.map.of(SectionKind.TEMPLATES)
        others = [] if document.file or nodes else document.map.of(SectionKind.OTHER)
        found = parse_templates(nodes or others, document.problems, is_about_messages=bool(nodes))
        if nodes and not document.file:
            further = parse_templates(document.map.of(SectionKind.OTHER), [], is_about_messages=False)
            found = {id: (found.get(id) or further[id]) for id in NAMES if id in found or id in further}
        if found:
            return dict(zip(found, _in(document.file, found.values()), strict=True))
    return {}


def _escalation(
    documents: Sequence[_Document], severities: Sequence[Severity]
) -> tuple[EscalationLevel, ...]:
    """The levels of the first file that has any. Where neither they nor a severity say who is called at once, whom the
    runbook tells to call comes first."""
    untold = [level.id for level in severities if not names_somebody(level)]
    for document in documents:
        found = parse_escalation(
            _in_order(document.map, SectionKind.CONTACTS, SectionKind.OTHER),
            document.map.of(SectionKind.SEVERITIES),
        )
        called = {level.severity for level in found if level.after == timedelta(0)}
        if uncalled := [] if None in called else [id for id in untold if id not in called]:
            told = find_paging_instructions(_list_common(document.map))
            found = (*limit_instructions(told, uncalled, of_all=len(uncalled) == len(severities)), *found)
        if found:
            return _in(document.file, found)
    return ()


def _list_common(map_: DocumentMap) -> Sequence[Node]:
    """The sections that are about any incident, in their order, each once; where the document is one playbook as a
    whole, those of that one."""
    kinds = (SectionKind.CONTACTS, SectionKind.OTHER, SectionKind.TEMPLATES)
    whole = [child for found in map_.playbooks if found.node.level == 1 for child in found.children]
    handling = [found.node for found in map_.playbooks if not found.level and HANDLING.search(found.title)]
    nodes = {id(node): node for node in (*_in_order(map_, *kinds), *map_.general, *whole, *handling)}
    return sorted(nodes.values(), key=lambda node: node.line)


def _call(documents: Sequence[_Document]) -> NamedLink | None:
    found = [
        replace(link, file=document.file)
        for document in documents
        if (link := find_bridge(list(document.root.walk()), document.problems))
    ]
    return found[0] if found else None


def _find_related(document: _Document) -> tuple[NamedLink, ...]:
    return find_other_runbooks(_in_order(document.map, *SectionKind))


def _title(root: Node, text: str) -> str:
    nodes = list(root.walk())[1:]
    heading = next((node.title for node in nodes if node.level == 1 and node.title), "")
    return (
        heading
        or parse_front_matter(text).get("title")
        or next((node.title for node in nodes if node.title), "Runbook")
    )


def _in_order(map_: DocumentMap, *roles: SectionKind) -> Sequence[Node]:
    nodes = [node for role in roles for node in map_.of(role)]
    if SectionKind.PLAYBOOKS in roles:
        nodes += [node for found in map_.playbooks for node in found.node.walk()]
    return sorted(nodes, key=lambda node: node.line)


def _war_room(messages: Mapping[str, Template], root: Node) -> str | None:
    """The channel that the templates or else the text names as the war room, without `#`."""
    said = [gap.raw for gap in list_placeholders(messages, "war_room")]
    told = (text for node in root.walk() for _, text in list_lines(node.blocks) if WAR_ROOM.search(text))
    named = (name for text in chain(said, told) if (name := _find_channel(text)))
    return next(named, None)


def _find_channel(text: str) -> str | None:
    """The first channel in a text that is one and no pattern of names, such as `#incident-YYYY-MM-DD`."""
    for token in CHANNEL_LIKE.findall(text):
        found = CHANNEL.fullmatch(token.rstrip(".,;:!?)*`_"))
        if found and not PATTERN.search(token) and not token.rstrip(".,;:!?)*`_").endswith("-"):
            return found["name"]
    return None
