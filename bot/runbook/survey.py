"""Which section of the document is what: the reader's map."""

import re
from dataclasses import dataclass, field

from bot.runbook.inline import unnumbered
from bot.runbook.levels import find_level
from bot.runbook.outline import Node
from bot.runbook.roles import Role, container_level, has_symptoms, is_severity, named_incident, role_of

SECTION = re.compile(
    r"diagnos|investigat|immediate|resolution|resolv|mitigat|remediat|common (fix|cause)|root cause|triage"
    r"|verif|recover|quick (check|fix)|fix\b|steps?\b|actions?\b|escalat|prevent|impact|detection|summary"
    r"|overview|description",
    re.I,
)
"""Titles of a playbook's own sections."""

INCIDENT = re.compile(r"\bincident\b", re.I)
PROCESS = re.compile(
    r"process|phase|workflow|lifecycle|roles?\b|general|guideline|principle|procedure|response\b|overview",
    re.I,
)
"""Titles of sections that tell how incidents are handled at all, not what to do in one of them."""


@dataclass(frozen=True, slots=True)
class Found:
    """A playbook's section: its title, the level its heading gives, and the headings that are its own."""

    node: Node
    title: str
    level: str | None
    children: tuple[Node, ...]


@dataclass(slots=True)
class Survey:
    """Sections by what they are about, in the order of the document."""

    playbooks: list[Found] = field(default_factory=list)
    sections: dict[Role, list[Node]] = field(default_factory=lambda: {role: [] for role in Role})

    def of(self, role: Role) -> list[Node]:
        return self.sections[role]


def survey(root: Node, single: bool = False) -> Survey:
    """Walk the document once and say what each section is about.

    A `single` document, to which a runbook links, may be one playbook as a whole although nothing in it says so but
    the titles of its sections.
    """
    found = Survey()
    found.sections[Role.OTHER].append(root)
    tops = root.children
    if len(tops) == 1 and tops[0].level == 1 and has_symptoms(tops[0]):
        _single(tops[0], found)
        return found
    for top in tops:
        if top.level == 1 and (top is tops[0] or not _is_playbook(top, Role.OTHER)):
            found.sections[role_of(top, Role.OTHER) if top is not tops[0] else Role.OTHER].append(top)
            for child in top.children:
                _visit(child, Role.OTHER, None, found)
        else:
            _visit(top, Role.OTHER, None, found)
    if single and not found.playbooks and len(tops) == 1 and tops[0].level == 1 and _has_sections(tops[0]):
        found = Survey()
        _single(tops[0], found)
    return found


def _has_sections(node: Node) -> bool:
    sections = [child for child in node.children if SECTION.search(child.title)]
    return not PROCESS.search(node.title) and len(sections) >= 2 and len(sections) * 2 >= len(node.children)


def _single(title: Node, found: Survey) -> None:
    """A document that is one playbook as a whole, with contacts and the like as its neighbours."""
    own = []
    for child in title.children:
        role = role_of(child, Role.OTHER)
        if role in {Role.SEVERITIES, Role.TEMPLATES, Role.CONTACTS, Role.CHECKLIST, Role.RELATED, Role.LINKS}:
            _visit(child, Role.OTHER, None, found)
        else:
            own.append(child)
    found.playbooks.append(_found(title, None, tuple(own)))


def _visit(node: Node, inherited: Role, level: str | None, found: Survey) -> None:
    if is_severity(node, inherited):
        found.sections[Role.SEVERITIES].append(node)
        return
    if _is_playbook(node, inherited):
        found.playbooks.append(_found(node, level, tuple(node.children)))
        return
    role = role_of(node, inherited)
    gathered = container_level(node.title)
    named = named_incident(node.title)
    if gathered or (named and any(_is_playbook(child, Role.OTHER) for child in node.children)):
        role, level = Role.PLAYBOOKS, gathered or (named.level if named else level)
    found.sections[role].append(node)
    for child in node.children:
        _visit(child, role, level, found)


def _is_playbook(node: Node, inherited: Role) -> bool:
    if not node.blocks and not node.children:
        return False
    if inherited in {Role.SEVERITIES, Role.TEMPLATES, Role.CONTACTS}:
        return False
    if has_symptoms(node):
        return True
    below = [child for child in node.children if has_symptoms(child) or named_incident(child.title)]
    if below or container_level(node.title):
        return False
    sections = [child for child in node.children if SECTION.search(child.title)]
    elsewhere = inherited in {Role.CHECKLIST, Role.LINKS, Role.RELATED}
    named = named_incident(node.title)
    # “Impact (High)” has the form too: a level by a word alone is no incident's name.
    certain = named and (named.level is None or find_level(node.title) or INCIDENT.search(node.title))
    if named and (sections or (certain and not elsewhere)):
        return True
    own = role_of(node, Role.OTHER)
    if inherited is Role.PLAYBOOKS and own in {Role.OTHER, Role.PLAYBOOKS}:
        return not (own is Role.PLAYBOOKS and node.children and not sections)
    return own in {Role.OTHER, Role.PLAYBOOKS} and _has_sections(node)


def _found(node: Node, level: str | None, children: tuple[Node, ...]) -> Found:
    named = named_incident(node.title)
    title = named.title if named else unnumbered(node.title)
    return Found(node, title or node.title, (named.level if named else None) or level, children)
