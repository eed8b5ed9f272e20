"""Blocks of a runbook that look like messages: which are none, and which are several."""

import re
from collections.abc import Iterator

from bot.runbook.markdown.block_tree import Listing
from bot.runbook.markdown.inline import split_label, strip_markdown
from bot.runbook.markdown.sections import format_item
from bot.runbook.template_gaps import BRACKET
from bot.runbook.template_placeholders import find_by_label

CHANNEL_PATTERN = re.compile(r"\s*#[\w\[\]<>{}-]+\s*")
LOG_LINE = re.compile(
    r"\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*\]?\s+.*\b(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL)\b|(?:ERROR|WARN"
    r"|INFO|DEBUG|FATAL)\b[: \[])"
)
MARKDOWN_HEADING = re.compile(r"\s*#{1,4} \S")
TYPED = re.compile(
    r"\s*(?:\$ |# /|/\w+ |sudo |aws |kubectl |psql |redis-cli |curl |docker |git |gh |helm |ssh |npm |SELECT "
    r"|[{}\[]\s*$|[\w.-]+/\s*$|[├└│])"
)
MESSAGE = frozenset(
    {"", "text", "txt", "plaintext", "plain", "markdown", "md", "slack", "mrkdwn", "email", "none"}
)
"""Languages of fences that may hold a message."""

MIN_FIELDS = 3
"""How many labels of a list have to be those of a message."""

MAX_HEADINGS = 1
"""Headings that a message has at most: with more it is the skeleton of a document."""

HEADER = re.compile(
    r"[\W_]*(?P<words>(?:initial|first|incident (?:start\w*|detected|alert|declar\w*|resolved|update)"
    r"|status update|progress update"
    r"|update|investigating|identified|monitoring|resolved|resolution|all[- ]clear|alert|start"
    r"|detection)\b[^\n:]{0,40}?)[\s:*\]=-]*",
    re.I,
)
"""The line that begins one of several messages in a block."""


KINDS = (
    ("resolution", re.compile(r"resol|clear", re.I)),
    ("monitoring", re.compile(r"monitor", re.I)),
    ("identified", re.compile(r"identif", re.I)),
    ("update", re.compile(r"update|investigating", re.I)),
    ("alert", re.compile(r"", re.I)),
)
"""What a message is about, by the line that begins it."""


def is_no_message(text: str) -> bool:
    """Whether a block is never sent: the pattern of a channel's name, lines of a log, a document, something typed."""
    lines = [line for line in text.split("\n") if line.strip()]
    if all(map(CHANNEL_PATTERN.fullmatch, lines)) or any(map(TYPED.match, lines[:1])):
        return True
    if sum(1 for line in lines if MARKDOWN_HEADING.match(line)) > MAX_HEADINGS:
        return True
    return sum(1 for line in lines if LOG_LINE.match(line)) * 2 > len(lines)


def write_fields(listing: Listing) -> str:
    """The text of a message that is written as a list of labels, a line for each; empty for any other list."""
    texts = [strip_markdown(format_item(entry)) for entry in listing.entries]
    pairs = [split_label(text) or (text.strip(" :."), "") for text in texts]
    known = [find_by_label(label) is not None for label, _ in pairs]
    named = [is_known or bool(value) for is_known, (_, value) in zip(known, pairs, strict=True)]
    if sum(known) < MIN_FIELDS or not all(named):
        return ""
    return "\n".join(
        f"- {label}: {value if has_gaps(value) or (value and is_known) else f'[{value or label}]'}"
        for is_known, (label, value) in zip(known, pairs, strict=True)
    )


def has_gaps(text: str) -> bool:
    """Whether something of a message is left open."""
    return BRACKET.search(text) is not None


def split_messages(text: str) -> Iterator[tuple[int, str, str]]:
    """The messages in a block: lines before it, heading (empty for a message alone) and text of each."""
    if marked := _split_marked(text) or _split_states(text):
        yield from marked
        return
    rows = text.split("\n")
    starts = [
        number
        for number, row in enumerate(rows)
        if HEADER.fullmatch(row) and (number == _first(rows) or not rows[number - 1].strip(" -=_"))
    ]
    if not _are_messages([rows[start] for start in starts]) or starts[0] != _first(rows):
        yield 0, "", text
        return
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        found = HEADER.fullmatch(rows[start])
        body = "\n".join(rows[start + 1 : end]).rstrip(" \n-=_")
        if found and body.strip():
            yield start + 1, found["words"], body


MARKED = re.compile(r"\s*[^\w\s#*>-]{1,3}\s*(?P<words>[^\W\d_]+)")
MARKS = (
    ("resolution", re.compile(r"resol|resuel|gelöst|behoben|clear|resolu|risolt|решен", re.I)),
    ("update", re.compile(r"updat|atualiz|actualiz|aggiorn|mise|status|обновл", re.I)),
    ("alert", re.compile(r"incident|alert|alarm|störung|инцидент", re.I)),
)
"""What a paragraph with a sign in front (`🔴 INCIDENT P[X] - [title]`) is, by its first word."""


def _split_marked(text: str) -> list[tuple[int, str, str]]:
    """Three messages in one block, each a paragraph that begins with a sign and a word of its kind; else nothing."""
    found: list[tuple[int, str, str]] = []
    for piece in re.finditer(r"(?:^|\n[ \t]*\n)(?P<text>\S(?:.|\n(?![ \t]*\n))*)", text.rstrip("\n")):
        mark = MARKED.match(piece["text"])
        kind = next((id for id, pattern in MARKS if mark and pattern.match(mark["words"])), "")
        found.append((text.count("\n", 0, piece.start("text")), kind, piece["text"]))
    return (
        found
        if {kind for _, kind, _ in found} == {id for id, _ in MARKS} and len(found) == len(MARKS)
        else []
    )


STATE = re.compile(
    r"[^\w\n]{0,6}(?P<words>investigating|identified|update|monitoring|resolved)\b[*_\]\s]{0,4}(?:[-\u2013\u2014:]|\([^()\n]{1,20}\):)",
    re.I,
)


def _split_states(text: str) -> list[tuple[int, str, str]]:
    """Paragraphs that each begin with a state, `**Investigating** - …`, `**Resolved** - …`; else nothing."""
    found = []
    for piece in re.finditer(r"(?:^|\n[ \t]*\n)(?P<text>\S(?:.|\n(?![ \t]*\n))*)", text.rstrip("\n")):
        state = STATE.match(piece["text"])
        if state is None:
            return []
        found.append((text.count("\n", 0, piece.start("text")), state["words"], piece["text"]))
    return found if len({words.casefold() for _, words, _ in found}) > 1 else []


def _are_messages(headers: list[str]) -> bool:
    """Whether lines begin messages of their own: of different kinds, and three of them where they look like labels."""
    kinds = {next(kind for kind, pattern in KINDS if pattern.search(header)) for header in headers}
    are_labels = any(header.rstrip().endswith(":") and not header.isupper() for header in headers)
    return len(kinds) == len(headers) and len(headers) >= (3 if are_labels else 2)


def _first(rows: list[str]) -> int:
    """The number of the first row with anything in it."""
    return next((number for number, row in enumerate(rows) if row.strip()), 0)
