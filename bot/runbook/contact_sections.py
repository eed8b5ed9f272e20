"""Whom to call: the people, roles and teams of the sections about contacts."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.contacts import build_name_key
from bot.runbook import languages
from bot.runbook.contact_fences import parse_fence_contacts
from bot.runbook.contact_names import UNFILLED, is_no_contact
from bot.runbook.contact_places import strip_code_label
from bot.runbook.contact_tables import parse_table_contacts
from bot.runbook.contacts import HANDLE, means_people
from bot.runbook.durations import SPAN, parse_duration
from bot.runbook.escalation_sections import parse_tier
from bot.runbook.escalation_words import LINK, extract_people, is_time
from bot.runbook.handles import MAIL, MENTION, PHONE, WEB, find_handles
from bot.runbook.markdown.block_tree import Block, Fence, ListEntry, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import (
    MAX_TEXT_LENGTH,
    join_soft_breaks,
    split_label,
    strip_markdown,
)
from bot.runbook.markdown.outline import Node, flatten_blocks, list_lines
from bot.runbook.markdown.sections import format_item
from bot.runbook.model import Contact, Problem
from bot.runbook.ordered_levels import is_tiered

OPEN = re.compile(
    r"\[[^\]]+\](?!\()|<[a-z][^>]*>|\bTBD\b|see .*(?:schedule|pagerduty|rotation|wiki)|schedule", re.I
)
"""A handle that is left open."""

ESCALATION = re.compile(rf"escalat|{languages.ESCALATION}", re.I)
OF_ROTA = re.compile(r"primary|secondary|tertiary|backup|on-?call", re.I)

PROPERTY = re.compile(
    r"(?:full )?name|contact(?: (?:info\w*|details))?|nome|nombre|nom|e-?mail|correo|phone|mobile|cell"
    r"|tel(?:ephone|efone|efon|éfono)?|slack|teams|pager\w*|telegram"
    r"|whats ?app(?: ?/ ?signal)?|signal|discord|sms|engineer"
    r"|response sla|sla"
    r"|(?:time ?zone|hours|availability|primary|backup|deputy|schedule|role)"
    r"|responsabilid\w+|responsibilit\w+|zuständig\w*"
    r"|(?:week|woche|semana|semaine|settimana) \d+",
    re.I,
)
"""Labels of what stands below a heading that names somebody."""

VACANT = re.compile(r"\W*(?:none|nobody|vacant|not (?:yet )?(?:assigned|staffed))\b", re.I)
"""What stands behind a place that nobody has: `Backup: none`."""

SIGN = re.compile(r"^[^\w\s*_`\[\]<>()#@+\"'-]+\s*")
"""A sign in front of a name: `🔴 CTO`."""

SITE = re.compile(r"\W*(?:[\w-]+\.)+[a-z]{2,10}(?:/\S*)?\W*(?:\([^()]*\))?\W*", re.I)
"""An address without `https://`: where to look, and nobody."""

HOURS = re.compile(rf"\s*\((?:24\s*[/x]\s*7|[^()]*hours?|[^()]*{SPAN.pattern}[^()]*)\)", re.I)
"""When somebody is there, for how long or how soon, behind a name."""

MAX_CONTACTS = 500


def parse_contacts(nodes: Sequence[Node], problems: list[Problem]) -> tuple[Contact, ...]:
    """Everybody in the contact sections, each name once, and no more than can be called."""
    found: dict[str, Contact] = {}
    bracketed: dict[str, list[str]] = {}
    for contact in (_leave_hours(parsed) for node in nodes for parsed in _parse_node(node)):
        if _is_nobody(contact.name) or VACANT.match(contact.text):
            continue
        if len(found) == MAX_CONTACTS:
            message = (
                f"At most {MAX_CONTACTS} contacts are read: from here on they are left out. Write fewer."
            )
            problems.append(Problem(contact.line, "warning", message))
            break
        key = _find_key(contact.name, found, bracketed)
        if key not in found or (contact.handles and not found[key].handles):
            found[key] = contact
    return tuple(contact for contact in found.values() if not _is_told_better(contact, found.values()))


def _is_nobody(name: str) -> bool:
    """Whether a name is none: left open, a level of an escalation, a way, a property, an instruction."""
    return is_time(name) or is_no_contact(name) or UNFILLED.fullmatch(name) is not None


def _find_key(name: str, found: Mapping[str, Contact], bracketed: dict[str, list[str]]) -> str:
    """The key of a name: that of the same name with or without something in brackets behind it, where that is there.
    `bracketed` are the keys of names with brackets by the name in front of them."""
    key = build_name_key(name)
    if "(" not in name:
        longer = bracketed.get(key, [])
        return longer[0] if len(longer) == 1 else key
    bare = build_name_key(re.sub(r"\s*\([^()]*\)\s*$", "", name) or name)
    if bare in found:
        return bare
    bracketed.setdefault(bare, []).append(key)
    return key


def _leave_hours(contact: Contact) -> Contact:
    """A contact whose name does not say when somebody is there: its text does."""
    hours = HOURS.search(contact.name) if "(" in contact.name else None
    if hours is None:
        return contact
    name, text = HOURS.sub("", contact.name), f"{contact.text}; {hours[0].strip()}"
    return Contact(name, contact.line, text, contact.handles)


def _is_told_better(contact: Contact, known: Iterable[Contact]) -> bool:
    """Whether a place in a rotation, `Primary`, is told again with how to reach who has it: `Primary on-call: +1 …`."""
    if contact.handles or not OF_ROTA.fullmatch(contact.name):
        return False
    own = rf"\b{re.escape(contact.name)}\b"
    return any(other.handles and other is not contact and re.search(own, other.name, re.I) for other in known)


def _parse_node(node: Node) -> Iterator[Contact]:
    words = parse_tier(node.title)
    if words is not None:
        yield from _parse_level(node, words)
    elif name := _find_person(node):
        text = _join_lines(node)
        yield Contact(name, node.line, text, find_handles(text))
    else:
        is_of_cases = ESCALATION.search(node.title) is not None
        for block in node.blocks:
            yield from _parse_block(block, is_of_cases)


def _parse_level(node: Node, words: str) -> Iterator[Contact]:
    """Below the heading of an escalation's level stand its own properties, and maybe how to reach who is called."""
    text = _join_lines(node)
    name, known = extract_people(words), find_handles(text)
    if name and known:
        yield Contact(name, node.line, text, known)


def _join_lines(node: Node) -> str:
    return "; ".join(join_soft_breaks(text) for _, text in list_lines(node.blocks))


def _parse_block(block: Block, is_of_cases: bool) -> Iterator[Contact]:
    match block:
        case Listing():
            yield from _parse_listing(block, is_of_cases)
        case MarkdownTable():
            yield from parse_table_contacts(block)
        case Paragraph():
            yield from _lines(block)
        case Fence():
            yield from parse_fence_contacts(block)


def _find_person(node: Node) -> str:
    """Whom a heading names that has nothing but that person's properties below it: `### DevOps Lead` with an e-mail
    address and a phone number; empty where it names nobody."""
    if not means_people(node.title):
        return ""
    entries = [entry for block in node.blocks if isinstance(block, Listing) for entry in block.entries]
    pairs = [split_label(format_item(entry)) for entry in entries]
    if len(pairs) < 2 or not all(pair and PROPERTY.fullmatch(pair[0]) for pair in pairs):
        return ""
    return re.sub(r"\s*\([^()]*\)\s*$", "", strip_markdown(node.title))


def _lines(block: Paragraph) -> Iterator[Contact]:
    """`CTO: +1 202 555 0101`, line by line and without a list."""
    for number, line in enumerate(block.text[:MAX_TEXT_LENGTH].split("\n"), block.line):
        pair = split_label(line)
        if (
            pair
            and len(pair[0]) <= 40
            and (find_handles(pair[1]) or _is_open(line, *pair) or _is_mention(*pair))
        ):
            yield Contact(pair[0], number, pair[1], find_handles(pair[1]))


def _is_mention(name: str, value: str) -> bool:
    """`**Primary on-call**: @shop-oncall`: somebody by a handle that is no address."""
    return HANDLE.search(value) is not None and means_people(name)


def _is_open(line: str, name: str, value: str) -> bool:
    """`**Primary On-Call:** [Phone]`: somebody whose handle is left open."""
    return line.strip().startswith("**") and OPEN.search(value) is not None and means_people(name)


def _parse_listing(listing: Listing, is_of_cases: bool) -> Iterator[Contact]:
    """The people of a list; of one that may be of cases (`Leak: tell the owner`) only who is one by name."""
    texts = [format_item(entry) for entry in listing.entries]
    if _asks_for_words(texts) or _is_ladder(listing, texts, is_of_cases):
        return
    for entry, text in zip(listing.entries, texts, strict=True):
        if contact := _parse_entry(entry, text, is_of_cases):
            yield contact


def _parse_entry(entry: ListEntry, text: str, is_of_cases: bool) -> Contact | None:
    below = _join_below(entry)
    name, value = _name_and_value(text, below) or ("", "")
    if not name or _is_address(value):
        return None
    is_instructed = entry.number is not None or (is_of_cases and _is_case(name, value))
    if is_instructed and not (means_people(name) or find_handles(text)):
        return None
    told = "; ".join(filter(None, (value, below)))
    return Contact(name, entry.line, told, find_handles(told))


def _join_below(entry: ListEntry) -> str:
    """The paragraphs that stand below the first one of a list's item."""
    paragraphs = [block for block in flatten_blocks(entry.blocks[1:]) if isinstance(block, Paragraph)]
    return "; ".join(line for _, line in list_lines(paragraphs))


def _is_address(value: str) -> bool:
    """Whether all that stands behind a name is an address on the web: where to look, and nobody."""
    return WEB.fullmatch(value.strip("<>")) is not None or SITE.fullmatch(value) is not None


def _is_case(label: str, value: str) -> bool:
    """Whether an item reads as a case and what is done in it, and not as a name and a way."""
    return len(label.split()) > 2 or len(value.split()) > 3


def _asks_for_words(texts: Sequence[str]) -> bool:
    """Whether most labels of a list are no names, and nobody can be reached by it: what to tell whom one calls."""
    if len(texts) == 1:
        return False
    labels = [pair[0] for text in texts if (pair := split_label(text))]
    nobody = sum(map(is_no_contact, labels))
    return (
        nobody * 2 >= len(labels) > 0
        and not any(map(find_handles, texts))
        and not any(map(means_people, labels))
    )


def _is_ladder(listing: Listing, texts: Sequence[str], is_of_escalation: bool) -> bool:
    """Whether a list is an escalation with nobody's number: of tiers (`L1: on-call`), or numbered with times
    (`2. **Lead** - after 30 minutes`) or below a heading about it."""
    if is_tiered(listing):
        return not any(map(find_handles, texts))
    if any(entry.number is None for entry in listing.entries):
        return False
    in_turn = is_of_escalation or any(map(parse_duration, texts)) or all(map(LINK.search, texts))
    return in_turn and not any(map(find_handles, texts))


def _name_and_value(text: str, below: str) -> tuple[str, str] | None:
    """The name in an entry of a list and how to reach who it is; None where it is no contact."""
    text = text if text[:1].isalnum() else strip_code_label(SIGN.sub("", text))
    pair = split_label(text) or _split_dashed(text)
    if pair is not None:
        return pair
    if below:
        return strip_markdown(text).rstrip(":"), ""
    if not find_handles(text):
        return None
    return re.sub(r"\W+$", "", strip_markdown(MAIL.sub("", PHONE.sub("", MENTION.sub("", text))))), text


def _split_dashed(text: str) -> tuple[str, str] | None:
    """`**CTO** (Jane) - +1 …` and `CTO - +1 …`."""
    parts = re.split(r"\s+[-\u2013\u2014|]\s+", text, maxsplit=1)
    if len(parts) == 2 and len(parts[0]) <= 60:
        return strip_markdown(parts[0]), parts[1]
    bold = re.fullmatch(r"\*\*([^*]+)\*\*\s*(\S.*)", text)
    return (strip_markdown(bold[1]), bold[2]) if bold else None
