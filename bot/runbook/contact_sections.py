"""Whom to call: the people, roles and teams of the sections about contacts."""

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.contacts import build_name_key
from bot.runbook import languages
from bot.runbook.contact_fences import parse_fence_contacts
from bot.runbook.contacts import means_people
from bot.runbook.durations import parse_duration
from bot.runbook.escalation_sections import parse_tier
from bot.runbook.escalation_words import extract_people, is_time
from bot.runbook.handles import MAIL, MENTION, PHONE, WEB, find_handles
from bot.runbook.markdown.block_tree import Fence, Listing, MarkdownTable, Paragraph
from bot.runbook.markdown.inline import (
    MAX_TEXT_LENGTH,
    join_soft_breaks,
    split_label,
    strip_markdown,
)
from bot.runbook.markdown.outline import Node, flatten_blocks, list_lines
from bot.runbook.markdown.sections import format_item
from bot.runbook.model import Contact, Problem
from bot.runbook.severity_names import WORD, find_level

ROLE = re.compile(r"role|team|position|function", re.I)
WHO = re.compile(r"role|name|team|contact|who|position|person|vendor|service|function", re.I)
OPEN = re.compile(
    r"\[[^\]]+\](?!\()|<[a-z][^>]*>|\bTBD\b|see .*(?:schedule|pagerduty|rotation|wiki)|schedule", re.I
)
"""A handle that is left open."""

NO_CONTACT = re.compile(
    r"[#*`]*#[\w-]+|(?:incident )?(?:slack|teams|discord)(?: (?:channel|room|workspace))?|(?:war"
    r"|incident)[ -](?:room|channel)|(?:[\w-]+ ){0,2}channel|phone|tel(?:ephone)?"
    r"|e-?mail|pager ?duty|(?:[\w-]+ )?(?:pager|hotline)|opsgenie"
    r"|web ?site|url|links?|status ?page|hours|availability|time ?zone"
    r"|response(?: time)?|ack\w*"
    r"|escalat\w*(?: (?:after|to|if|for|when|path|policy).*)?|note|notes|important|remember|last updated|version"
    r"|when|why|what|how|example|action|actions"
    r"|location|address|schedule|dashboard|monitoring|grafana|sentry|logs?|runbooks?|documentation|docs"
    r"|condition|criteria|impact|purpose|name|contact(?: (?:info\w*|details))?"
    r"|(?:L|level|tier|step|stage|week|woche|semana|semaine|sprint) ?-?\d{1,2}|(?:\d{4}-)?W\d{1,2}|rotation|timeline"
    r"|responsibilit\w+|(?:primary )?role|authority|requirements?|duties|trigger",
    re.I,
)
"""Names of ways and properties in contact sections, which are nobody."""

OF_ROTA = re.compile(r"primary|secondary|tertiary|backup|on-?call", re.I)

PROPERTY = re.compile(
    r"(?:full )?name|contact(?: (?:info\w*|details))?|nome|nombre|nom|e-?mail|correo|phone|mobile|cell"
    r"|tel(?:ephone|efone|efon|éfono)?|slack|teams|pager"
    r"|(?:time ?zone|hours|availability|backup|schedule|role)|responsabilid\w+|responsibilit\w+|zuständig\w*"
    r"|(?:week|woche|semana|semaine|settimana) \d+",
    re.I,
)
"""Labels of what stands below a heading that names somebody."""

INSTRUCTION = re.compile(
    r"(?:check|verify|call|page|notify|post|update|open|create|assess|identify|restart|review|document|escalate"
    r"|contact|if|when|after|try|use|send|ask"
    r"|follow|attempt|acknowledge|declare|inform|wait|confirm|stop|start|join|see|do|don't|never|always|within|no)\s",
    re.I,
)
"""How an instruction begins."""

OF_ELSE = re.compile(
    r"\W*(?:level|tier|sev\w*|priority|step|order|rank|week(?: of)?|date|day|shift|time|when|from|no|area|type|platform"
    r"|system|integration)?\W*",
    re.I,
)
"""First heads of tables in which the people stand in another column."""

SITUATION = re.compile(
    rf"\W*(?:situation|condition|scenario|case|when|if|event|severity|priority|level|trigger|{languages.SITUATION})",
    re.I,
)
"""The first head of a table that says when somebody is called, and not how."""

WHEN = re.compile(r"\bwhen\b|trigger", re.I)
"""The head of a column that says when somebody is called."""

REACHED = re.compile(r"contact|phone|e-?mail|slack|handle|pager|reach", re.I)
"""Heads of columns that say how somebody is reached."""

SIGN = re.compile(r"^[^\w\s*_`\[\]<>()#@+\"'-]+\s*")
"""A sign in front of a name: `🔴 CTO`."""

HOURS = re.compile(r"\s*\((?:24\s*[/x]\s*7|[^()]*hours?)\)", re.I)
"""When somebody is there, behind a name."""

MAX_CONTACTS = 500


def parse_contacts(nodes: Sequence[Node], problems: list[Problem]) -> tuple[Contact, ...]:
    """Everybody in the contact sections, each name once, and no more than can be called."""
    found: dict[str, Contact] = {}
    for contact in (_leave_hours(parsed) for node in nodes for parsed in _parse_node(node)):
        if is_time(contact.name) or is_no_contact(contact.name):  # a level of an escalation, not a person
            continue
        if len(found) == MAX_CONTACTS:
            message = (
                f"At most {MAX_CONTACTS} contacts are read: from here on they are left out. Write fewer."
            )
            problems.append(Problem(contact.line, "warning", message))
            break
        key = build_name_key(re.sub(r"\s*\([^()]*\)\s*$", "", contact.name) or contact.name)
        if key not in found or (contact.handles and not found[key].handles):
            found[key] = contact
    return tuple(contact for contact in found.values() if not _is_told_better(contact, found.values()))


def _leave_hours(contact: Contact) -> Contact:
    """A contact whose name does not say when somebody is there: its text does."""
    hours = HOURS.search(contact.name)
    if hours is None:
        return contact
    name, text = HOURS.sub("", contact.name), f"{contact.text}; {hours[0].strip()}"
    return Contact(name, contact.line, text, contact.handles)


def _is_told_better(contact: Contact, known: Iterable[Contact]) -> bool:
    """Whether a place in a rotation, `Primary`, is told again with how to reach who has it: `Primary on-call: +1 …`."""
    if contact.handles or not OF_ROTA.fullmatch(contact.name):
        return False
    own = contact.name.casefold()
    return any(other.handles and other.name.casefold().startswith(f"{own} ") for other in known)


def is_no_contact(name: str) -> bool:
    """Whether what stands for a name is none: a severity, a channel, a way, a property, an instruction."""
    words = strip_markdown(name).strip(" :")
    level = find_level(words)
    is_level = level is not None and not re.search(r"[^\W\d_]{2}", words[level.end :] + words[: level.start])
    return (
        is_level
        or WORD.fullmatch(words) is not None
        or all(NO_CONTACT.fullmatch(part.strip()) for part in words.split("/"))
        or (level is not None and parse_duration(words) is not None)
        or INSTRUCTION.match(words) is not None
        or not re.search(r"[^\W\d_]", words)
    )


def _parse_node(node: Node) -> Iterator[Contact]:
    words = parse_tier(node.title)
    if words is None and (name := _find_person(node)):
        text = "; ".join(join_soft_breaks(text) for _, text in list_lines(node.blocks))
        yield Contact(name, node.line, text, find_handles(text))
        return
    if words is None:
        for block in node.blocks:
            if isinstance(block, Listing):
                yield from _parse_listing(block)
            elif isinstance(block, MarkdownTable):
                yield from _parse_table(block)
            elif isinstance(block, Paragraph):
                yield from _lines(block)
            elif isinstance(block, Fence):
                yield from parse_fence_contacts(block)
        return
    # Below the heading of an escalation's level stand its own properties, and maybe how to reach who is called.
    text = "; ".join(join_soft_breaks(text) for _, text in list_lines(node.blocks))
    name, known = extract_people(words), find_handles(text)
    if name and known:
        yield Contact(name, node.line, text, known)


def _find_person(node: Node) -> str:
    """Whom a heading names that has nothing but that person's properties below it: `### DevOps Lead` with an e-mail
    address and a phone number; empty where it names nobody."""
    entries = [entry for block in node.blocks if isinstance(block, Listing) for entry in block.entries]
    pairs = [split_label(format_item(entry)) for entry in entries]
    labels = [pair[0] for pair in pairs if pair]
    is_one = len(labels) >= 2 and len(labels) == len(entries) and all(map(PROPERTY.fullmatch, labels))
    return (
        re.sub(r"\s*\([^()]*\)\s*$", "", strip_markdown(node.title))
        if is_one and means_people(node.title)
        else ""
    )


def _lines(block: Paragraph) -> Iterator[Contact]:
    """`CTO: +1 202 555 0101`, line by line and without a list."""
    for number, line in enumerate(block.text[:MAX_TEXT_LENGTH].split("\n"), block.line):
        pair = split_label(line)
        if pair and len(pair[0]) <= 40 and (find_handles(pair[1]) or _is_open(line, *pair)):
            yield Contact(pair[0], number, pair[1], find_handles(pair[1]))


def _is_open(line: str, name: str, value: str) -> bool:
    """`**Primary On-Call:** [Phone]`: somebody whose handle is left open."""
    return line.strip().startswith("**") and OPEN.search(value) is not None and means_people(name)


def _parse_listing(listing: Listing) -> Iterator[Contact]:
    if _asks_for_words(listing) or _is_ladder(listing):
        return
    for entry in listing.entries:
        text = format_item(entry)
        paragraphs = [block for block in flatten_blocks(entry.blocks[1:]) if isinstance(block, Paragraph)]
        below = "; ".join(line for block in paragraphs for _, line in list_lines([block]))
        pair = _name_and_value(text, below)
        if pair is None or not pair[0] or WEB.fullmatch(pair[1].strip("<>")):
            continue
        value = "; ".join(filter(None, (pair[1], below)))
        yield Contact(pair[0], entry.line, value, find_handles(value))


def _asks_for_words(listing: Listing) -> bool:
    """Whether most labels of a list are no names, and nobody can be reached by it: what to tell whom one calls."""
    if len(listing.entries) == 1:
        return False
    texts = [format_item(entry) for entry in listing.entries]
    labels = [pair[0] for text in texts if (pair := split_label(text))]
    nobody = sum(map(is_no_contact, labels))
    return (
        nobody * 2 >= len(labels) > 0
        and not any(map(find_handles, texts))
        and not any(map(means_people, labels))
    )


def _is_ladder(listing: Listing) -> bool:
    """Whether a numbered list is an escalation, with times and nobody's number: `2. **Lead** - after 30 minutes`."""
    if any(entry.number is None for entry in listing.entries):
        return False
    texts = [format_item(entry) for entry in listing.entries]
    return not any(map(find_handles, texts)) and any(map(parse_duration, texts))


def _name_and_value(text: str, below: str) -> tuple[str, str] | None:
    """The name in an entry of a list and how to reach who it is; None where it is no contact."""
    text = SIGN.sub("", text)
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


def _parse_table(table: MarkdownTable) -> Iterator[Contact]:
    heads = [strip_markdown(head) for head in table.header]
    if not heads or SITUATION.match(heads[0]):
        return
    column = _name_column(heads)
    is_about = any(map(WHO.search, heads)) or not OF_ELSE.fullmatch(heads[0])
    tells_how = any(map(REACHED.search, heads[1:2])) and not any(map(WHEN.search, heads[1:2]))
    for row in table.rows:
        name = strip_markdown(row.cells[column]) if column < len(row.cells) else ""
        others = [cell for at, cell in enumerate(row.cells) if at != column and cell]
        known = find_handles(" \n".join(row.cells))
        if name and (known or (is_about and not _is_level(others, tells_how))):
            yield Contact(name, row.line, " · ".join(map(join_soft_breaks, others)), known)


def _is_level(cells: Sequence[str], tells_how: bool) -> bool:
    """Whether a row is a level of an escalation, which has times; `tells_how` when its second column tells how
    somebody is reached."""
    if tells_how and cells and not is_time(cells[0]):
        return False
    return any(map(is_time, cells))


def _name_column(heads: Sequence[str]) -> int:
    """Where the names stand: below the head that speaks of roles or teams, else in the first column unless that has
    something else, then below the head that speaks of people."""
    if role := next((at for at, head in enumerate(heads) if ROLE.search(head)), 0):
        return role
    if not OF_ELSE.fullmatch(heads[0]):
        return 0
    return next((at for at, head in enumerate(heads) if WHO.search(head)), 0)
