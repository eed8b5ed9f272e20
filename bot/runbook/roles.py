"""What a section of a runbook is about, judged by its heading and by what stands below it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from bot.runbook.durations import duration
from bot.runbook.inline import label_alone, labelled, plain_label, unnumbered
from bot.runbook.levels import WORD, find_level, ungraded
from bot.runbook.outline import BY_WHEN, Node, lines_of


class Role(StrEnum):
    """The parts of a runbook that the bot works with."""

    SEVERITIES = "severities"
    PLAYBOOKS = "playbooks"
    TEMPLATES = "templates"
    CHECKLIST = "checklist"
    CONTACTS = "contacts"
    RELATED = "related"
    LINKS = "links"
    OTHER = "other"


TITLES = (
    (
        Role.SEVERITIES,
        r"severit|priority (level|matrix|definition)|incident (level|priorit)|classification|\bsev (levels|definitions)"
        r"|^response (times?|targets?)$",
    ),
    (
        Role.CHECKLIST,
        r"check-?list|post[- ]?incident(?! (communicat|notif|messag|templ))|after (the|an|every) incident",
    ),
    (Role.TEMPLATES, r"template|communicat|\bcomms\b|notification|messag|announcement"),
    (Role.CONTACTS, r"contact|on-?call|phone|whom? to (call|page|contact|notify)|escalation"),
    (
        Role.PLAYBOOKS,
        r"scenario|playbook|common (incident|issue|problem|failure|outage|alert)|known issue|troubleshoot",
    ),
    (Role.PLAYBOOKS, r"incident (type|procedure|runbook)|response procedure|specific (incident|runbook)"),
    (Role.RELATED, r"runbooks?$|related|see also|further reading|reference|documentation"),
    (Role.LINKS, r"\burls?\b|\blinks?\b|dashboard|resource|\btools?\b|console|bookmark"),
    (Role.CHECKLIST, r"post[- ]?mortem|follow-?up"),
)
PATTERNS = tuple((role, re.compile(pattern, re.I)) for role, pattern in TITLES)

SYMPTOMS = re.compile(r"symptom|(warning )?signs?\b|indicators?\b|how (to|you) (recogni|know|detect)", re.I)
DETECTION = re.compile(r"detection\b|trigger|alerts?\b", re.I)
"""Titles that tell of symptoms inside a playbook, and of anything elsewhere."""

RIGHT_BELOW = 200
"""Lines below a heading that say what its section is."""

RESPONSE = re.compile(r"respon(se|d)\b(?!er)|acknowledge|time to (engage|respond)|\bsla\b", re.I)

NAMED = re.compile(
    r"(?:incident|scenario|playbook|runbook|procedure|case)\s*#?(?:[\d.]*|[A-Z])\s*[:\u2013\u2014-]\s*(?P<title>\S.*)",
    re.I,
)
BEHIND = re.compile(
    r"\s*(?:incident\s*)?[:\u2013\u2014\-|]\s*(?P<title>\S.*)|\s+incident\s+(?P<other>\S.*)", re.I
)
BRACKETED = re.compile(r"[)\]}]\s*(?P<title>\S.*)(?P<other>)")
GRADED_BEFORE = re.compile(
    rf"\W*(?P<level>{WORD.pattern})\s+incident\s*[:\u2013\u2014-]\s*(?P<title>\S.*)", re.I
)
GRADED_BEHIND = re.compile(rf"(?P<title>\S.*?)\s*[(\[](?P<level>{WORD.pattern})[)\]]\W*", re.I)
CONTAINER = re.compile(r"\W*(?:incidents|playbooks|scenarios|runbooks|procedures|issues|alerts)?\W*", re.I)


@dataclass(frozen=True, slots=True)
class Named:
    """A heading that names a kind of incident: its words and the level written there, if any."""

    title: str
    level: str | None


def role_of(node: Node, inherited: Role) -> Role:
    """What a section is about; without words of its own it goes on with the section around it."""
    if is_severity(node, inherited):
        return Role.SEVERITIES
    for role, pattern in PATTERNS:
        if pattern.search(node.title):
            return role
    if inherited is Role.OTHER and BY_WHEN.fullmatch(node.title) and duration(node.title):
        return Role.CHECKLIST
    return inherited


def is_severity(node: Node, inherited: Role) -> bool:
    """Whether a heading is a level itself: `P0 - CRITICAL (Complete Outage)` with a response time below."""
    level = find_level(node.title)
    if has_symptoms(node):
        return False
    if inherited is Role.SEVERITIES:
        return level is not None or bool(WORD.match(ungraded(re.sub(r"^\W+", "", unnumbered(node.title)))))
    return level is not None and any(
        RESPONSE.search(pair[0]) for _, text in lines_of(node.blocks) if (pair := labelled(text)) is not None
    )


def has_symptoms(node: Node) -> bool:
    """Whether a section speaks of symptoms in a heading or label right below its own."""
    if any(SYMPTOMS.match(unnumbered(child.title)) for child in node.children):
        return True
    for _, text in islice(lines_of(node.blocks), RIGHT_BELOW):
        pair = labelled(text)
        label = label_alone(text) or plain_label(text) or (pair[0] if pair else "")
        if len(label) <= 40 and SYMPTOMS.match(label):
            return True
    return False


def named_incident(title: str) -> Named | None:
    """The incident that a heading names by its form: `P0 INCIDENT: X`, `1. X (P0)`, `Scenario 3: X`."""
    words = unnumbered(title)
    level = find_level(words)
    if level is not None:
        before, after = words[: level.start].strip(" ([{:-\u2013\u2014|"), words[level.end :]
        behind = BEHIND.fullmatch(after.lstrip(")]}")) or BRACKETED.fullmatch(after)
        if not re.search(r"\w", before) and behind:
            return Named(_bare(behind["title"] or behind["other"]), level.id)
        if re.search(r"\w", before) and not re.search(r"\w", after):
            return Named(_bare(before), level.id)
    graded = GRADED_BEFORE.fullmatch(words) or GRADED_BEHIND.fullmatch(words)
    if graded and level is None:
        return Named(_bare(graded["title"]), graded["level"].capitalize())
    found = NAMED.match(re.sub(r"^\W+", "", words))
    return Named(_bare(found["title"]), level.id if level else None) if found else None


def container_level(title: str) -> str | None:
    """The level of a heading that only gathers playbooks: `P0 Incidents`."""
    level = find_level(title)
    if level and CONTAINER.fullmatch(title[: level.start] + title[level.end :]):
        return level.id
    return None


def _bare(title: str) -> str:
    """The title without a form in front, such as `Incident: `, and without an empty bracket at its end."""
    title = re.sub(r"\s*[(\[{]\s*[)\]}]\s*$", "", title).strip()
    found = NAMED.fullmatch(title)
    return (found["title"] if found else title).strip()
