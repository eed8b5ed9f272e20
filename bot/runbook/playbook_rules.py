"""Whether a section is a playbook, by what stands in it and around it: rules in a table."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from bot.runbook.markdown.outline import Node
from bot.runbook.playbook_form import (
    ABOUT_ELSE,
    has_commands,
    has_form,
    has_instructions,
    is_general,
    is_generic,
    is_part,
    list_form,
)
from bot.runbook.section_kinds import (
    OF_WHOM,
    IncidentHeading,
    SectionKind,
    classify_section,
    has_symptoms,
    parse_container_level,
    parse_incident_heading,
)
from bot.runbook.severity_names import find_level

SECTION = re.compile(
    r"diagnos|investigat|immediate|resolution|resolv|mitigat|remediat|common (fix|cause)|root cause|triage"
    r"|verif|recover|quick (check|fix)|fix\b|steps?\b|actions?\b|escalat|prevent|impact|detection|summary"
    r"|overview|description",
    re.I,
)
"""Titles of a playbook's own sections."""

OF_A_TEMPLATE = re.compile(r"\btemplates?\b", re.I)
"""Titles of forms that somebody is to fill in."""

OF_PROCEDURE = re.compile(r"\W*(?:\d+[.)]\s*)?procedure\b", re.I)
OF_CAUSE = re.compile(
    r"\W*(?:\d+[.)]\s*)?(?:root |common |likely |possible |potential )?(?:root )?causes?\b", re.I
)
"""Titles of what may be behind an incident: `Cause 1: Out of memory`, `Common causes & solutions`."""

PLURAL = re.compile(r"\b(?:incidents|issues|problems|failures|outages|alerts)\W*$", re.I)
OF_INCIDENTS = re.compile(r"\bincidents\W*$", re.I)
OF_CASE = re.compile(r"\W*for\s+\w", re.I)
"""What is done in one of several cases of the section around it: `For application crash`."""

INCIDENT = re.compile(r"\bincident\b", re.I)
PROCESS = re.compile(
    r"process|phase|workflow|lifecycle|roles?\b|general|guideline|principle|procedure|response\b|overview",
    re.I,
)
"""Titles of sections that tell how incidents are handled at all, not what to do in one of them."""

NEIGHBOURS = frozenset(SectionKind) - {SectionKind.OTHER, SectionKind.RELATED}


def has_sections(node: Node) -> bool:
    sections = [child for child in node.children if SECTION.search(child.title)]
    return not PROCESS.search(node.title) and len(sections) >= 2 and len(sections) * 2 >= len(node.children)


@dataclass(frozen=True)
class _Section:
    """A section, and what is asked of it before it is a playbook; `inherited` is what the section around it is."""

    node: Node
    inherited: SectionKind

    @cached_property
    def own(self) -> SectionKind:
        return classify_section(self.node, SectionKind.OTHER)

    @cached_property
    def named(self) -> IncidentHeading | None:
        """“Procedure 2: Escalation Workflow” and “Runbook: Incident Response” name how incidents are handled at all."""
        found = parse_incident_heading(self.node.title)
        of_handling = found is not None and (
            is_part(found.title)
            if found.level
            else (
                is_generic(found.title)
                or (OF_PROCEDURE.match(self.node.title) and ABOUT_ELSE.search(found.title))
            )
        )
        return None if of_handling else found

    @cached_property
    def has_a_playbooks_section(self) -> bool:
        return any(SECTION.search(child.title) for child in self.node.children)

    @cached_property
    def is_part(self) -> bool:
        return self.named is None and (
            is_part(self.node.title) or OF_CAUSE.match(self.node.title) is not None
        )

    def is_one_by_form(self) -> bool:
        """Whether it has the form of a playbook, and a title of its own."""
        if is_generic(self.node.title) or OF_A_TEMPLATE.search(self.node.title) or not has_form(self.node):
            return False
        return self.own in {SectionKind.OTHER, SectionKind.PLAYBOOKS} or len(list_form(self.node)) >= 3

    def is_container_by_form(self) -> bool:
        """Whether more of the sections below it have the form of a playbook than are parts of one, or several are the
        other parts of a runbook."""
        kinds = [classify_section(child, SectionKind.OTHER) for child in self.node.children]
        if len([kind for kind in kinds if kind in NEIGHBOURS]) >= 3:
            return True
        parts = [is_part(child.title) for child in self.node.children]
        forms = [not is_generic(child.title) and has_form(child) for child in self.node.children]
        whole = [form and not part for form, part in zip(forms, parts, strict=True)]
        return sum(whole) > sum(parts)

    def is_container(self) -> bool:
        """Whether the playbooks are the sections below it."""
        below = (
            child
            for child in self.node.children
            if has_symptoms(child) or parse_incident_heading(child.title)
        )
        return any(below) or parse_container_level(self.node.title) is not None

    def is_container_by_plural(self) -> bool:
        """Whether it gathers incidents by its name, `Database Incidents`, and each section below names one."""
        below = self.node.children
        holds = has_instructions if OF_INCIDENTS.search(self.node.title) else has_commands
        return bool(
            PLURAL.search(self.node.title)
            and below
            and not self.node.blocks
            and all(holds(child) and not is_part(child.title) for child in below)
        )

    def is_named_for_certain(self) -> bool:
        """“Impact (High)” has the form too: a level by a word alone is no incident's name."""
        title = self.node.title
        return self.named is not None and bool(
            self.named.level is None or find_level(title) or INCIDENT.search(title)
        )


PLAYBOOK_RULES: tuple[tuple[Callable[[_Section], object], bool], ...] = (
    (lambda its: not its.node.blocks and not its.node.children, False),
    (
        lambda its: its.inherited in {SectionKind.SEVERITIES, SectionKind.TEMPLATES, SectionKind.CONTACTS},
        False,
    ),
    (lambda its: its.is_part or OF_WHOM.match(its.node.title), False),
    (lambda its: has_symptoms(its.node), True),
    (lambda its: its.named is None and is_general(its.node.title), False),
    (lambda its: its.is_container() or its.is_container_by_form() or its.is_container_by_plural(), False),
    (lambda its: OF_CASE.match(its.node.title), False),
    (lambda its: its.named and its.has_a_playbooks_section, True),
    (
        lambda its: (
            its.inherited not in {SectionKind.CHECKLIST, SectionKind.LINKS, SectionKind.RELATED}
            and its.is_named_for_certain()
        ),
        True,
    ),
    (
        lambda its: (
            its.inherited not in {SectionKind.CHECKLIST, SectionKind.LINKS, SectionKind.RELATED}
            and its.is_one_by_form()
        ),
        True,
    ),
    (lambda its: its.own not in {SectionKind.OTHER, SectionKind.PLAYBOOKS}, False),
    (lambda its: has_sections(its.node), True),
    (lambda its: its.inherited is not SectionKind.PLAYBOOKS, False),
    (lambda its: its.own is SectionKind.OTHER, True),
    (lambda its: its.node.children and not its.has_a_playbooks_section, False),
    (lambda its: True, True),
)
"""Whether a section is a playbook: the first rule that holds says so."""


def is_playbook(node: Node, inherited: SectionKind) -> bool:
    section = _Section(node, inherited)
    return next(verdict for holds, verdict in PLAYBOOK_RULES if holds(section))
