"""Which section of the document is what: the reader's map."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.runbook.contact_places import list_contact_groups
from bot.runbook.markdown.inline import strip_number
from bot.runbook.markdown.outline import Node
from bot.runbook.playbook_form import (
    has_commands,
    has_form,
    is_general,
    is_generic,
    is_likely_incident,
    is_part,
    is_playbook_part,
    list_command_fences,
    names_an_incident,
    names_one_failure,
)
from bot.runbook.playbook_rules import has_sections, is_playbook
from bot.runbook.section_kinds import (
    SectionKind,
    classify_section,
    has_symptoms,
    is_severity,
    parse_container_level,
    parse_incident_heading,
)
from bot.runbook.severity_names import find_level, find_level_word

RUNBOOK = re.compile(r"runbook|run-book|playbook|troubleshoot|incident|störung|störfall|on-?call", re.I)
"""Titles of documents whose sections are likely incidents."""

AFTERWARDS = re.compile(r"post|after|follow|lessons|review", re.I)
"""Titles of parts that are done when an incident is over."""

LIKELY = frozenset({SectionKind.OTHER, SectionKind.PLAYBOOKS, SectionKind.TEMPLATES, SectionKind.LINKS})
NEVER_GENERAL = frozenset(
    {SectionKind.SEVERITIES, SectionKind.TEMPLATES, SectionKind.CONTACTS, SectionKind.CHECKLIST}
)


@dataclass(frozen=True, slots=True)
class PlaybookSection:
    """A playbook's section: its title, the level its heading gives, and the headings that are its own. A `general` one
    helps whatever the incident is."""

    node: Node
    title: str
    level: str | None
    children: tuple[Node, ...]
    general: bool = False


@dataclass(slots=True)
class DocumentMap:
    """Sections by what they are about, in the order of the document."""

    playbooks: list[PlaybookSection] = field(default_factory=list)
    general: list[Node] = field(default_factory=list)
    sections: dict[SectionKind, list[Node]] = field(
        default_factory=lambda: {role: [] for role in SectionKind}
    )

    def of(self, role: SectionKind) -> list[Node]:
        return self.sections[role]

    def list_outside(self) -> Iterator[Node]:
        """The sections that stand in no playbook, in the order of the document."""
        inside = {id(below) for node in self.general for below in node.walk()}
        heads = {node.line for node in self.general}  # of a title only what stands right below it is general
        nodes = {
            id(node): node
            for nodes in self.sections.values()
            for node in nodes
            if id(node) not in inside and node.line not in heads
        }
        yield from sorted(nodes.values(), key=lambda node: node.line)


def map_document(root: Node, single: bool = False, front: Mapping[str, str] | None = None) -> DocumentMap:
    """Walk the document once and say what each section is about.

    A document may be one playbook as a whole, by its form; a `single` one, to which a runbook links, although nothing
    in it says so but the titles of its sections. `front` is its front matter, which may have a title and a severity.
    """
    front = front or {}
    title = _find_title(root, front)
    if title and (has_symptoms(title) or _is_alarms_own(title) or _is_for_one_failure(title)):
        return _survey_of_one(title, root, front)
    found = DocumentMap()
    found.sections[SectionKind.OTHER].append(root)
    for top in root.children:
        _visit_top(top, top is root.children[0], found)
    if title:
        if not found.playbooks and (whole := _map_whole_file(title, root, single, front)):
            return whole
        _map_below_title(title, found)
    _gather_general(found)
    return found


def _map_below_title(title: Node, found: DocumentMap) -> None:
    """What a runbook's title, and nothing below it, says: that its sections are incidents, or how one looks first."""
    below = {id(child) for child in title.children}
    if all(id(section.node) in below for section in found.playbooks) and RUNBOOK.search(title.title):
        _take_likely_incidents(title, found)
    if not found.playbooks and not found.general and any(list_command_fences(title.blocks)):
        found.general.append(replace(title, children=[]))


def _map_whole_file(title: Node, root: Node, single: bool, front: Mapping[str, str]) -> DocumentMap | None:
    """A document none of whose sections is a playbook, as one; None where it is none either."""
    if single and has_sections(title):
        return _survey_of_one(title, None, front)
    if has_form(title) and names_an_incident(title):
        return _survey_of_one(title, root, front)
    return None


def _take_likely_incidents(title: Node, found: DocumentMap) -> None:
    """Make playbooks of the sections of a runbook that only tell what to do, each for what its heading names."""
    known = {id(section.node) for section in found.playbooks}
    likely = [child for child in title.children if id(child) not in known and is_likely_incident(child)]
    taken = [child for child in likely if classify_section(child, SectionKind.OTHER) in LIKELY]
    inside = {id(below) for child in taken for below in child.walk()}
    for nodes in (*found.sections.values(), found.general):
        nodes[:] = [node for node in nodes if id(node) not in inside]
    found.playbooks += [_build_section(child, None, tuple(child.children)) for child in taken]
    found.playbooks.sort(key=lambda section: section.node.line)


def _find_title(root: Node, front: Mapping[str, str]) -> Node | None:
    """The heading that all of a document stands under; made up where sections are headings of the same level as it, or
    where only the front matter has a title."""
    tops = root.children
    if len(tops) == 1:
        return tops[0]
    if tops and tops[0].level == 1 and not tops[0].children and all(top.level == 1 for top in tops):
        return replace(tops[0], children=tops[1:])
    if front.get("title") and tops and all(top.level > 1 for top in tops):
        return Node(front["title"], 1, 1, list(root.blocks), list(tops))
    return None


def _is_alarms_own(title: Node) -> bool:
    """Whether a document is for one alarm by its title (`Runbook: DLQ depth`) and most of its sections are parts of a
    playbook: what has symptoms of its own below them is a cause, and no further incident."""
    named = parse_incident_heading(title.title)
    if named is None or is_generic(named.title) or not (has_form(title) and names_an_incident(title)):
        return False
    return sum(is_playbook_part(child.title) for child in title.children) * 2 >= len(title.children)


def _is_for_one_failure(title: Node) -> bool:
    """Whether a runbook is for one failure by its title, `Queue lag runbook`, and has no severities: its sections are
    parts, causes and cases of that one."""
    words = title.title
    if not RUNBOOK.search(words) or not names_one_failure(words):
        return False
    kinds = {classify_section(child, SectionKind.OTHER) for child in title.children}
    return SectionKind.SEVERITIES not in kinds and names_an_incident(title) and has_commands(title)


def _gather_general(found: DocumentMap) -> None:
    """Make one playbook of all sections that help whatever the incident is."""
    if not found.general:
        return
    first = next((node for node in found.general if is_general(node.title)), found.general[0])
    title = strip_number(first.title)
    if len(found.general) == 1:
        section = PlaybookSection(first, title, None, tuple(first.children), general=True)
    else:
        node = replace(first, blocks=[], children=list(found.general))
        section = PlaybookSection(node, title, None, tuple(found.general), general=True)
    found.playbooks.append(section)
    found.playbooks.sort(key=lambda playbook: playbook.node.line)


def _visit_top(top: Node, is_first: bool, found: DocumentMap) -> None:
    """A heading of the document's highest level: the first is its title, others may be sections of their own."""
    if top.level != 1 or (not is_first and is_playbook(top, SectionKind.OTHER)):
        _visit(top, SectionKind.OTHER, None, found)
        return
    found.sections[SectionKind.OTHER if is_first else classify_section(top, SectionKind.OTHER)].append(top)
    found.sections[SectionKind.CONTACTS] += list_contact_groups(top) if is_first else []
    for child in top.children:
        _visit(child, SectionKind.OTHER, None, found)


def _survey_of_one(title: Node, root: Node | None, front: Mapping[str, str]) -> DocumentMap:
    """A document that is one playbook as a whole, with contacts and the like as its neighbours."""
    found = DocumentMap()
    if root:
        found.sections[SectionKind.OTHER].append(root)
    own = []
    for child in title.children:
        role = classify_section(child, SectionKind.OTHER)
        if role in {
            SectionKind.SEVERITIES,
            SectionKind.TEMPLATES,
            SectionKind.CONTACTS,
            SectionKind.CHECKLIST,
            SectionKind.RELATED,
            SectionKind.LINKS,
        }:
            _visit(child, SectionKind.OTHER, None, found)
        else:
            own.append(child)
    found.playbooks.append(_build_section(title, _find_front_level(front), tuple(own)))
    return found


def _find_front_level(front: Mapping[str, str]) -> str | None:
    """The severity that the front matter gives."""
    text = front.get("severity") or front.get("priority") or ""
    level = find_level(text) or find_level_word(text)
    return level.id if level else None


def _visit(node: Node, inherited: SectionKind, level: str | None, found: DocumentMap) -> None:
    if is_severity(node, inherited):
        found.sections[SectionKind.SEVERITIES].append(node)
        found.playbooks += _list_of_level(node)
        return
    if is_playbook(node, inherited):
        found.playbooks.append(_build_section(node, level, tuple(node.children)))
        return
    gathers, level = _find_gathered_level(node, level)
    role = _classify_node(node, inherited, gathers)
    found.sections[role].append(node)
    if role not in NEVER_GENERAL:
        found.sections[SectionKind.CONTACTS] += list_contact_groups(node)
    if _helps_in_general(node, role, found):
        found.general.append(node)
    for child in node.children:
        _visit(child, role, level, found)


def _list_of_level(node: Node) -> Iterator[PlaybookSection]:
    """The playbooks that stand below a severity's heading, in the form of one and with a name of their own."""
    level = find_level(node.title)
    for child in node.children:
        if level and has_form(child) and not (is_generic(child.title) or is_part(child.title)):
            yield _build_section(child, level.id, tuple(child.children))


def _find_gathered_level(node: Node, level: str | None) -> tuple[bool, str | None]:
    """Whether a section only gathers playbooks, and the level of those."""
    if own := parse_container_level(node.title):
        return True, own
    named = parse_incident_heading(node.title)
    if named and any(is_playbook(child, SectionKind.OTHER) for child in node.children):
        return True, named.level
    return False, level


def _classify_node(node: Node, inherited: SectionKind, gathers: bool) -> SectionKind:
    role = SectionKind.PLAYBOOKS if gathers else classify_section(node, inherited)
    if role is SectionKind.RELATED and any(has_commands(child) for child in node.children):
        role = SectionKind.PLAYBOOKS  # `Runbooks`, and below it what they are, not where
    if role is SectionKind.PLAYBOOKS and is_general(node.title):
        return SectionKind.OTHER  # commands for any incident: their headings are no incidents
    return role


def _helps_in_general(node: Node, role: SectionKind, found: DocumentMap) -> bool:
    """Whether the commands of a section are for any incident: by its title, or since it is a part of a playbook that
    stands in none."""
    is_during = is_part(node.title) and not AFTERWARDS.search(node.title)
    own_kind = is_general(node.title) or (
        role in {SectionKind.SEVERITIES, SectionKind.CHECKLIST} and is_during
    )
    if (role in NEVER_GENERAL and not own_kind) or any(
        node in parent.walk() for parent in found.general[-1:]
    ):
        return False
    if not (is_general(node.title) or is_part(node.title)) or not has_commands(node):
        return False
    return not any(is_playbook(below, role) for below in node.walk() if below is not node)


def _build_section(node: Node, level: str | None, children: tuple[Node, ...]) -> PlaybookSection:
    named = parse_incident_heading(node.title)
    title = named.title if named else strip_number(node.title)
    return PlaybookSection(node, title or node.title, (named.level if named else None) or level, children)
