"""What a section of a runbook is about, judged by its heading and by what stands below it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from bot.runbook import languages
from bot.runbook.durations import has_no_deadline, is_at_once, parse_duration
from bot.runbook.markdown.inline import parse_lone_label, parse_plain_label, split_label, strip_number
from bot.runbook.markdown.outline import BY_WHEN, Node, list_lines
from bot.runbook.severity_names import WORD, SeverityLevel, find_level, strip_grade


class SectionKind(StrEnum):
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
        SectionKind.SEVERITIES,
        r"severit|priority (level|matrix|definition)|incident (level|priorit)|classification|\bsev (levels|definitions)"
        rf"|^response (times?|targets?)$|{languages.SEVERITY}|{languages.CLASSIFICATION}",
    ),
    (SectionKind.CONTACTS, r"^\W*escalation (?:communication|notification)s?\W*$"),
    (
        SectionKind.CHECKLIST,
        r"check-?list|post[- ]?incident(?! (communicat|notif|messag|templ|update|statement))"
        rf"|after (the|an|every) incident|^\W*after (?:the )?resolution\W*$|{languages.AFTERWARDS}",
    ),
    (
        SectionKind.TEMPLATES,
        rf"template|communicat|\bcomms\b|notification|messag|announcement|{languages.TEMPLATES}",
    ),
    (
        SectionKind.CONTACTS,
        r"contact|on-?call|\brota\b|\broster\b|phone|response team\b|team structure"
        r"|\bwhom?\b(?: \w+){1,2} (call|page|contact|notify)\b|escalation"
        rf"|{languages.CONTACTS}|{languages.ESCALATION}",
    ),
    (
        SectionKind.PLAYBOOKS,
        rf"{languages.PLAYBOOKS}|scenario|playbook|common (incident|issue|problem|failure|outage|alert|procedure)"
        r"|known issue|troubleshoot",
    ),
    (
        SectionKind.PLAYBOOKS,
        r"incident (type|procedure|runbook)|response procedure|specific (incident|runbook)",
    ),
    (SectionKind.RELATED, r"runbooks?$|related|see also|further reading|reference|documentation"),
    (SectionKind.LINKS, r"\burls?\b|\blinks?\b|dashboard|resource|\btools?\b|console|bookmark"),
    (SectionKind.CHECKLIST, r"post[- ]?mortem|follow-?up"),
)
PATTERNS = tuple((role, re.compile(pattern, re.I)) for role, pattern in TITLES)

AS_TEMPLATE = re.compile(r"\s*[(\[](?:\w+ )?template[)\]]\W*$", re.I)
"""That a section is still to be filled: `Escalation matrix (template)` is about an escalation, and no message."""

OF_A_ROLE = re.compile(
    r"\W*(?:[\w/&-]+ ){0,3}(?:lead|leader|manager|officer|commander|coordinator|liaison|scribe"
    r"|engineer|director|team)\W*",
    re.I,
)
"""Headings among contacts that name a role: `Communications Lead`."""

SYMPTOMS = re.compile(r"symptom|(warning )?signs?\b|indicators?\b|how (to|you) (recogni|know|detect)", re.I)
DETECTION = re.compile(r"detection\b|trigger|alerts?\b", re.I)
"""Titles that tell of symptoms inside a playbook, and of anything elsewhere."""

RIGHT_BELOW = 200
"""Lines below a heading that say what its section is."""

RESPONSE = re.compile(
    r"respon(se|d)\b(?!er)|acknowledge|\back\b|\bmtta\b|time to (engage|respond|ack)|\bsla\b|"
    r"\baction (?:required|needed) within|" + languages.RESPONSE,
    re.I,
)

DOES = re.compile(r"\W*(?:activate|start|begin|follow|declare|initiate|confirm|notify|coordinate)\b", re.I)
OF_TIME = re.compile(r"time|target|\bsla\b|\back|mtta|zeit|tiempo|tempo|temps|врем", re.I)
"""Labels that are instructions, and those that are about a time whatever stands behind them."""

NAMED = re.compile(
    r"(?:(?:incident playbook|incident|scenario|playbook|runbook|procedure|case|alert|alarm)"
    r"(?:\s*#?(?:[\d.]*|[A-Z])|-\d{1,3})|(?:IR|RB|PB|SOP)[- ]?\d{1,4}(?=\s*[:\u2013\u2014])"
    r"|(?:[A-Za-z-]+ ){1,2}(?:run-?book|playbook)(?=\s*[:\u2013\u2014]))"
    r"(?:\s*[:\u2013\u2014]|\s+-|(?<=\d)-)\s*(?P<title>\S.*)",
    re.I,
)
LEVEL_SUFFIX = re.compile(
    r"\s*(?:incident\s*)?[:\u2013\u2014\-|]\s*(?P<title>\S.*)|\s+incident\s+(?P<other>\S.*)", re.I
)
BRACKETED = re.compile(r"[)\]}]\s*(?P<title>\S.*)(?P<other>)")
GRADED_BEFORE = re.compile(
    rf"\W*(?P<level>{WORD.pattern})\s+incident\s*[:\u2013\u2014-]\s*(?P<title>\S.*)", re.I
)
GRADED_BEHIND = re.compile(rf"(?P<title>\S.*?)\s*[(\[](?P<level>{WORD.pattern})[)\]]\W*", re.I)
OF_WHOM = re.compile(
    r"\W*(?:(?:escalate|notify|inform|contact)\b|(?:page|call) (?:the|an?|on-?call)\b"
    r"|(?:when|how|whom?) to (?:escalate|notify|page|call|contact)\b)",
    re.I,
)
"""How a heading begins that tells whom to call, and names no incident: `Escalate immediately (P1)`."""

CONTAINER = re.compile(r"\W*(?:incidents|playbooks|scenarios|runbooks|procedures|issues|alerts)?\W*", re.I)


MAX_TITLES = 4096
"""A heading is looked at from several sides while a document is read: what it says is found out once."""


@dataclass(frozen=True, slots=True)
class IncidentHeading:
    """A heading that names a kind of incident: its words and the level written there, if any."""

    title: str
    level: str | None


def classify_section(node: Node, inherited: SectionKind) -> SectionKind:
    """What a section is about; without words of its own it goes on with the section around it."""
    if is_severity(node, inherited):
        return SectionKind.SEVERITIES
    if inherited is SectionKind.CONTACTS and OF_A_ROLE.fullmatch(node.title):
        return inherited
    if kind := _find_kind(node.title):
        return kind
    if inherited is SectionKind.OTHER and BY_WHEN.fullmatch(node.title) and parse_duration(node.title):
        return SectionKind.CHECKLIST
    return inherited


@lru_cache(maxsize=MAX_TITLES)
def _find_kind(title: str) -> SectionKind | None:
    """What a title says that its section is about."""
    words = AS_TEMPLATE.sub("", title) or title
    return next((kind for kind, pattern in PATTERNS if pattern.search(words)), None) or _find_template(title)


def _find_template(title: str) -> SectionKind | None:
    return SectionKind.TEMPLATES if AS_TEMPLATE.search(title) else None


def is_severity(node: Node, inherited: SectionKind) -> bool:
    """Whether a heading is a level itself: `P0 - CRITICAL (Complete Outage)` with a response time below."""
    level = find_level(node.title)
    if (level is None and inherited is not SectionKind.SEVERITIES) or has_symptoms(node):
        return False
    if inherited is SectionKind.SEVERITIES:
        return level is not None or bool(
            WORD.match(strip_grade(re.sub(r"^\W+", "", strip_number(node.title))))
        )
    return level is not None and any(
        RESPONSE.search(pair[0]) and _tells_when(*pair)
        for _, text in list_lines(node.blocks)
        if (pair := split_label(text)) is not None
    )


def _tells_when(label: str, words: str) -> bool:
    """Whether a label's words say how soon somebody answers: a time, at once or at leisure, and no instruction."""
    if DOES.match(label):
        return False
    if not words:
        return OF_TIME.search(label) is not None
    return parse_duration(words) is not None or is_at_once(words) or has_no_deadline(words)


def has_symptoms(node: Node) -> bool:
    """Whether a section speaks of symptoms in a heading or label right below its own."""
    if any(SYMPTOMS.match(strip_number(child.title)) for child in node.children):
        return True
    for _, text in islice(list_lines(node.blocks), RIGHT_BELOW):
        pair = split_label(text)
        label = parse_lone_label(text) or parse_plain_label(text) or (pair[0] if pair else "")
        if len(label) <= 40 and SYMPTOMS.match(label):
            return True
    return False


@lru_cache(maxsize=MAX_TITLES)
def parse_incident_heading(title: str) -> IncidentHeading | None:
    """The incident that a heading names by its form: `P0 INCIDENT: X`, `1. X (P0)`, `Scenario 3: X`."""
    words = strip_number(title)
    if OF_WHOM.match(words):
        return None
    level = find_level(words)
    if level is not None and (graded := _around_level(words, level)):
        return graded
    by_word = GRADED_BEFORE.fullmatch(words) or GRADED_BEHIND.fullmatch(words)
    if by_word and level is None:
        return IncidentHeading(_bare(by_word["title"]), by_word["level"].capitalize())
    found = NAMED.match(re.sub(r"^\W+", "", words))
    return IncidentHeading(_bare(found["title"]), level.id if level else None) if found else None


def _around_level(words: str, level: SeverityLevel) -> IncidentHeading | None:
    """The incident whose name stands behind its level, or in front of it."""
    before, after = words[: level.start].strip(" ([{:-\u2013\u2014|"), words[level.end :]
    if re.search(r"\w", before):
        return None if re.search(r"\w", after) else IncidentHeading(_bare(before), level.id)
    behind = LEVEL_SUFFIX.fullmatch(after.lstrip(")]}")) or BRACKETED.fullmatch(after)
    return IncidentHeading(_bare(behind["title"] or behind["other"]), level.id) if behind else None


def parse_container_level(title: str) -> str | None:
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
