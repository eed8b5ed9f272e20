"""A playbook known by its form: by what the headings and labels below its own speak of, whatever that one says."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from bot.runbook import languages
from bot.runbook.markdown.block_tree import Block, Fence, Listing, Paragraph
from bot.runbook.markdown.fences import COMMANDS
from bot.runbook.markdown.inline import parse_lone_label, parse_plain_label, split_label, strip_number
from bot.runbook.markdown.inline_commands import find_inline_commands
from bot.runbook.markdown.outline import Node, flatten_blocks, list_lines, parse_label_before

PARTS = {
    "symptoms": rf"symptom|(?:warning )?signs?\b|indicators?\b|when to use|what you(?:'ll| will)? see"
    rf"|{languages.SYMPTOMS}",
    "trigger": rf"trigger|detect|alerts?\b|alarm|condition|{languages.TRIGGER}",
    "severity": rf"severity|priority|(?:user |customer |business )?impact\b|{languages.SEVERITY}",
    "diagnosis": r"(?:\w+ )?(?:diagnos|investigat|triage|troubleshoot|analy[sz]|check)|verify\b|how to check"
    r"|what to check"
    rf"|{languages.DIAGNOSIS}",
    "action": r"(?:\w+ )?(?:immediate|action|mitigat|resol|fix|remediat|recover|rollback|roll back|contain"
    r"|workaround|restor)"
    r"|(?:\w+ )?(?:procedure|response|steps?)\b(?! time)|step \d|what to do"
    rf"|{languages.ACTION}",
    "cause": r"(?:\w+ )?(?:root |common |likely |possible )?causes?\b|ursache|causas?\b|cause probabil|причин",
    "escalation": rf"escalat|{languages.ESCALATION}",
    "afterwards": r"verification|prevent|follow-?up|post-|rollback",
}
"""What the parts of a playbook are called, each by what it is about."""

PATTERNS = {part: re.compile(rf"\W*(?:{pattern})", re.I) for part, pattern in PARTS.items()}
TELLING = frozenset({"symptoms", "trigger", "diagnosis", "action"})
"""Without one of these parts nothing is a playbook."""

MAX_LABEL_LENGTH = 60
MAX_TITLES = 4096
"""A heading is looked at from several sides while a document is read, and labels come again: what parts they name is
found out once."""

GENERIC = re.compile(
    r"\b(?:incidents?|response|responding|process(?:es)?|procedures?|runbooks?|run-books?|playbooks?|guides?"
    r"|guidelines?|handbook|manual"
    r"|phases?|workflows?|flow|lifecycle|general|overview|management|principles?|roles?|responsibilit\w+|operations?"
    r"|operational|plans?"
    r"|emergency|emergencies|common|specific|production|prod|standard|critical|major|on-?call|alerts?|issues?"
    r"|problems?|scenarios?|types?"
    r"|troubleshooting|recovery|security|detailed|investigation|documentation|docs?|checklists?|steps?|the|and"
    r"|of|for|our|in|to|a|an|how"
    r"|with|by|sre|devops|team|service|system|platform|infrastructure|summary|introduction|examples?"
    rf"|{languages.GENERIC})\b|\W|\d",
    re.I,
)
"""Words that name no incident in particular."""

OF_GENERAL = re.compile(
    r"\W*(?:appendix\w*\W+)?(?:(?:initial|first|immediate|early)\s+(?:incident\s+)?(?:response|responders?"
    r"|assessment|triage"
    r"|investigation|actions?|steps?|checks?|look)"
    r"|(?:the )?first (?:\d+|few|five|ten|fifteen|thirty|sixty) min\w*"
    r"|(?:quick|fast|rapid)[\w -]*(?:diagnos|check|health|command|triage|assessment)"
    r"|(?:incident )?triage\b"
    r"|(?:[\w/-]+ ){0,2}(?:commands|cheat ?sheet)\b|health checks?\b|(?:system |service )?status checks?\b"
    r"|(?:general |basic |common )?(?:diagnostics?|debugging|troubleshooting)(?: (?:commands|steps|tools"
    r"|checks))?\W*$"
    rf"|(?:\w+ ){{0,2}}(?:{languages.COMMANDS})\b)",
    re.I,
)
"""Titles of sections that help whatever the incident is."""


def list_form(node: Node) -> frozenset[str]:
    """The parts of a playbook that the headings and labels right below a heading speak of."""
    titles = [strip_number(child.title) for child in node.children]
    titles += _list_labels(node.blocks)
    return frozenset(
        part for title in titles if len(title) <= MAX_LABEL_LENGTH for part in _find_parts(title)
    )


@lru_cache(maxsize=MAX_TITLES)
def _find_parts(title: str) -> tuple[str, ...]:
    """The parts of a playbook that a heading or a label speaks of."""
    return tuple(part for part, pattern in PATTERNS.items() if pattern.match(title))


def is_playbook_part(title: str) -> bool:
    """Whether a heading is called like a part of a playbook: `Immediate actions (5 minutes)`."""
    return any(pattern.match(strip_number(title)) for pattern in PATTERNS.values())


def has_form(node: Node) -> bool:
    """Whether a section has at least two parts of a playbook, one of them more than a property, and something "
    "to do."""
    parts = list_form(node)
    return len(parts) >= 2 and bool(parts & TELLING) and has_instructions(node)


def is_generic(title: str) -> bool:
    """Whether a title names no incident in particular: `Incident Response Process`."""
    return not GENERIC.sub("", title)


def is_general(title: str) -> bool:
    """Whether a section helps whatever the incident is: `Initial Response`, `Useful commands`."""
    return OF_GENERAL.match(strip_number(title)) is not None


def has_instructions(node: Node) -> bool:
    """Whether anything in a section is to be done: commands or a list."""
    return has_commands(node) or any(
        isinstance(block, Listing) for below in node.walk() for block in flatten_blocks(below.blocks)
    )


def has_commands(node: Node) -> bool:
    """Whether there are commands in a section or below it, in a block or among words."""
    return any(
        any(True for _ in list_command_fences(below.blocks))
        or any(find_inline_commands(text) for _, text in list_lines(below.blocks))
        for below in node.walk()
    )


def is_likely_incident(node: Node) -> bool:
    """Whether a section of a runbook, nothing of which has the form of a playbook, tells what to do in an incident: it
    names one, and has commands or numbered steps."""
    title = strip_number(node.title)
    if is_generic(title) or is_part(title) or is_general(title) or ABOUT_ELSE.search(title):
        return False
    blocks = [
        *node.blocks,
        *(block for child in node.children if is_playbook_part(child.title) for block in child.blocks),
    ]
    numbered = (
        entry.number is not None for block in blocks if isinstance(block, Listing) for entry in block.entries
    )
    return any(True for _ in list_command_fences(blocks)) or any(numbered)


ABOUT_ELSE = re.compile(
    r"deploy\w*(?! (?:gone|fail|is|broke|stuck))|set-?up|install|overview|prerequisite|architecture"
    r"|backups?(?=\W*(?:and\b|&|restor\w*|procedures?|strategy|polic\w+|$))"
    r"|rollback|configuration"
    r"|environment|contact|\broles?\b|\blinks?\b|glossary|change ?log|history|\bpast\b|purpose|scope|testing"
    r"|drill|maintenance|monitoring|sources?\b|hand-?(?:off|over)"
    r"|T\+\d|timeline|routing|paging"
    r"|\brules?\b|polic(?:y|ies)|severit|escalat|communicat|template|post-?mortem|review|getting started"
    r"|\bcriteri|critère|kriteri|cierre|fechamento"
    r"|access\b|table of contents"
    rf"|{languages.CONTACTS}|{languages.COMMANDS}|{languages.ESCALATION}",
    re.I,
)
"""Titles of a runbook's sections that are about no incident."""


def list_command_fences(blocks: Sequence[Block]) -> Iterator[Fence]:
    """The fences that may hold commands, by their language; those without one only where a prompt or a program is."""
    for block in flatten_blocks(blocks):
        if (
            isinstance(block, Fence)
            and block.language in COMMANDS
            and (block.language or _looks_typed(block.text))
        ):
            yield block


TYPED = re.compile(
    r"^\s*(?:\$ |sudo |aws |kubectl |psql |redis-cli |curl |docker|git |gh |helm |systemctl |journalctl |ssh "
    r"|npm |pm2 |gcloud |az )",
    re.M,
)


def _looks_typed(text: str) -> bool:
    return TYPED.search(text) is not None


def _list_labels(blocks: Sequence[Block]) -> Iterator[str]:
    for block, following in pairwise(blocks):
        if isinstance(block, Paragraph) and (label := parse_label_before(block, following)):
            yield label
    for _, text in list_lines(blocks):
        for line in text.split("\n")[:20]:
            pair = split_label(line)
            label = parse_lone_label(line) or parse_plain_label(line) or (pair[0] if pair else "")
            if label:
                yield strip_number(label)


LEVEL = re.compile(r"\b(?:P|SEV|S)[ -]?\d\b", re.I)
PART_WORDS = re.compile(
    r"\b(?:detect\w*|analy[sz]\w*|diagnos\w*|investigat\w*|triage|mitigat\w*|resol\w*|remediat\w*|recover\w*"
    r"|contain\w*|eradicat\w*|symptoms?"
    r"|trigger\w*|verif\w*|escalat\w*|immediate|actions?|fix(?:es)?|causes?|root|rollbacks?|prevent\w*|impact"
    r"|severity|cleanup|clean|lessons?"
    r"|learned|post\w*|review|communicat\w*|assess\w*|identif\w*|prepar\w*|initial|first|quick|follow|up"
    r"|checks?|validat\w*|monitor\w*"
    r"|confirm\w*|declare\w*|acknowledg\w*|close|log|logs|minutes?|min|hours?|hrs?|criteria|after|during|if|solutions?|workarounds?"
    rf"|stop|bleeding|information|details?|alert|strateg\w+|options?|{languages.PARTS})\b",
    re.I,
)


OF_A_FAILURE = re.compile(
    r"\b(?:down|outage|failover|failure|failed|failing|error|high|low|slow|lag|latency|crash\w*|crashloop\w*|spike|full|exhaust\w*"
    r"|leak|unavailable|unreachable|timeout|backlog|stuck|lost|loss|breach|overload|throttl\w*|saturat\w*|corrupt\w*"
    r"|oom\w*)\b",
    re.I,
)
MANY = re.compile(r"\b(?:failures|errors|issues|problems|outages|incidents|alerts|crashes)\b", re.I)
"""Words of a title for what goes wrong, once and of many kinds."""


def names_one_failure(title: str) -> bool:
    """Whether a title says what goes wrong, and one thing only: `High error rate`, `Queue lag`."""
    return OF_A_FAILURE.search(title) is not None and MANY.search(title) is None


HANDBOOK = re.compile(
    r"incident (?:response|management|handling|process)|response (?:plan|process|guide|procedures?)"
    r"|incident runbooks?\b|operation"
    r"|on-?call|handbook|\bguide|polic(?:y|ies)|deploy|set-?up|install|architecture|maintenance|readme"
    rf"|{languages.HANDBOOK}",
    re.I,
)
"""Titles of documents about how incidents are handled at all, or about something else."""


def names_an_incident(title: Node) -> bool:
    """Whether the title of a document is that of one incident, and not of how incidents are handled."""
    before, sign, behind = title.title.partition(":")
    words = behind if sign and is_generic(before) else title.title
    if is_generic(words) and "severity" not in list_form(title):
        return False
    return not HANDBOOK.search(words)


OF_PHASE = re.compile(r"\W*(?:phase|stage|fase|etapa|étape)\s*\d", re.I)
"""How a heading begins that is one of the phases in which any incident is handled."""


@lru_cache(maxsize=MAX_TITLES)
def is_part(title: str) -> bool:
    """Whether a title names nothing but a part of a playbook: `Detection`, `2. Immediate Actions`, `Phase 3: Fix`."""
    if OF_PHASE.match(title):
        return True
    if not PART_WORDS.search(title):
        return False
    return is_generic(PART_WORDS.sub("", LEVEL.sub("", strip_number(title))))
