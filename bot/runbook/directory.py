"""Whom to call and where to look: contacts, addresses, other runbooks."""

import re
from collections.abc import Iterator, Sequence

from bot.runbook.blocks import Listing, Paragraph, Table
from bot.runbook.escalation import is_time, who_is_called
from bot.runbook.inline import LONGEST, flowing, labelled, links, plain
from bot.runbook.model import Contact, Link, Problem
from bot.runbook.outline import Node, flat, lines_of
from bot.runbook.sections import item_text
from bot.runbook.tiers import tier

MENTION = re.compile(r"<@([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>|<!subteam\^(S[A-Z0-9]{2,20})(?:\|[^>]*)?>")
MEMBER = re.compile(r"(?<![\w@/.-])([UWS][0-9][A-Z0-9]{6,20})(?![\w@.-])")
MAIL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6})(?![\w@])")
PHONE = re.compile(r"(?<![\w+./-])(\+?\(?\d[\d ().\u00a0-]{6,24}\d)(?![\w/]|-\w)")
WEB = re.compile(r"https?://\S+")
DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")

WHO = re.compile(r"role|name|team|contact|who|position|person|vendor|service|function", re.I)
MOST_CONTACTS = 500

OTHER_DOCUMENT = re.compile(r"(?!\w+:)[^#?]+\.(?:md|markdown|mdx)(?:#.*)?", re.I)


def handles(text: str) -> tuple[str, ...]:
    """How somebody can be reached: Slack ids and e-mail addresses as `slack:…`, phone numbers as `tel:…`."""
    text = DATE.sub(" ", WEB.sub(" ", text[:LONGEST]))
    found = [next(filter(None, match.groups())) for match in MENTION.finditer(text)]
    text = MENTION.sub(" ", text)
    found += MEMBER.findall(text)
    found += [mail.rstrip(".") for mail in MAIL.findall(text)]
    phones = [number for match in PHONE.finditer(MAIL.sub(" ", text)) if (number := _phone(match[1]))]
    return tuple(dict.fromkeys([f"slack:{each}" for each in found] + [f"tel:{each}" for each in phones]))


def contacts(nodes: Sequence[Node], problems: list[Problem]) -> tuple[Contact, ...]:
    """Everybody in the contact sections, each name once, and no more than can be called."""
    found: dict[str, Contact] = {}
    for contact in (each for node in nodes for each in _told(node)):
        if is_time(contact.name):  # a level of an escalation, not a person
            continue
        if len(found) == MOST_CONTACTS:
            message = (
                f"At most {MOST_CONTACTS} contacts are read: from here on they are left out. Write fewer."
            )
            problems.append(Problem(contact.line, "warning", message))
            break
        key = contact.name.casefold()
        if key not in found or (contact.handles and not found[key].handles):
            found[key] = contact
    return tuple(found.values())


def _told(node: Node) -> Iterator[Contact]:
    words = tier(node.title)
    if words is None:
        for block in node.blocks:
            if isinstance(block, Listing):
                yield from _listed(block)
            elif isinstance(block, Table):
                yield from _tabled(block)
            elif isinstance(block, Paragraph):
                yield from _lines(block)
        return
    # Below the heading of an escalation's level stand its own properties, and maybe how to reach who is called.
    text = "; ".join(flowing(text) for _, text in lines_of(node.blocks))
    name, known = who_is_called(words), handles(text)
    if name and known:
        yield Contact(name, node.line, text, known)


def _lines(block: Paragraph) -> Iterator[Contact]:
    """`CTO: +1 202 555 0101`, line by line and without a list."""
    for number, line in enumerate(block.text[:LONGEST].split("\n"), block.line):
        pair = labelled(line)
        if pair and len(pair[0]) <= 40 and handles(pair[1]):
            yield Contact(pair[0], number, pair[1], handles(pair[1]))


def named_links(nodes: Sequence[Node]) -> tuple[Link, ...]:
    """Every web address in the sections, with the name that stands before it."""
    found = [link for node in nodes for link in _links(node) if link.url.startswith(("http://", "https://"))]
    return tuple({(link.name, link.url): link for link in found}.values())


def other_runbooks(nodes: Sequence[Node]) -> tuple[Link, ...]:
    """Every link to another Markdown document, relative to this one, in the sections."""
    found = [link for node in nodes for link in _links(node) if OTHER_DOCUMENT.fullmatch(link.url)]
    return tuple({link.url: link for link in found}.values())


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    international = text.startswith("+")
    if not (7 if international else 10) <= len(digits) <= 15 or not digits.strip("0"):
        return ""
    return ("+" if international else "") + digits


def _listed(listing: Listing) -> Iterator[Contact]:
    for entry in listing.entries:
        text = item_text(entry)
        below = "; ".join(
            line
            for block in flat(entry.blocks[1:])
            if isinstance(block, Paragraph)
            for _, line in lines_of([block])
        )
        pair = labelled(text) or _dashed(text)
        if pair is None and below:
            pair = plain(text).rstrip(":"), ""
        if pair is None and handles(text):
            pair = re.sub(r"\W+$", "", plain(MAIL.sub("", PHONE.sub("", MENTION.sub("", text))))), text
        if pair is None or not pair[0] or WEB.fullmatch(pair[1].strip("<>")):
            continue
        value = "; ".join(each for each in (pair[1], below) if each)
        yield Contact(pair[0], entry.line, value, handles(value))


def _dashed(text: str) -> tuple[str, str] | None:
    """`**CTO** (Jane) - +1 …` and `CTO - +1 …`."""
    parts = re.split(r"\s+[-\u2013\u2014|]\s+", text, maxsplit=1)
    if len(parts) == 2 and len(parts[0]) <= 60:
        return plain(parts[0]), parts[1]
    bold = re.fullmatch(r"\*\*([^*]+)\*\*\s*(\S.*)", text)
    return (plain(bold[1]), bold[2]) if bold else None


def _tabled(table: Table) -> Iterator[Contact]:
    heads = [plain(head) for head in table.header]
    column = next(
        (at for at, head in enumerate(heads) if re.search(r"role|team|position|function", head, re.I)), None
    )
    if column is None:
        column = next((at for at, head in enumerate(heads) if WHO.search(head)), 0)
    for row in table.rows:
        name = plain(row.cells[column]) if column < len(row.cells) else ""
        others = [cell for at, cell in enumerate(row.cells) if at != column and cell]
        known = handles(" \n".join(row.cells))
        if name and (known or not any(is_time(cell) for cell in others)):  # else a level of an escalation
            yield Contact(name, row.line, " · ".join(flowing(cell) for cell in others), known)


def _links(node: Node) -> Iterator[Link]:
    for line, text in lines_of(node.blocks):
        pair = labelled(text)
        first = plain(text.split(" | ")[0])
        for name, url in links(text):
            before = pair[0] if pair and url in pair[1] else ""
            if not name and not before:
                before = (
                    re.sub(r"[\s:\u2013\u2014-]+$", "", plain(text.partition(url)[0].strip("<| "))) or first
                )
            below = text.partition(url)[0].count("\n")
            yield Link((name if not before or (name and name != url) else before) or url, url, line + below)
