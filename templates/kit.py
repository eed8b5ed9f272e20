"""The small kit of all templates: lines of spans, drawn as rich text (where nothing can be injected) and as plain text.

Whatever a person, a runbook or a log wrote is a literal `str` span: in rich text Slack shows it exactly as typed and
it can mention nobody. Our own mentions, channels, links and times are spans of their own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib import parse

from slackblocks import ActionsBlock, Button, HeaderBlock, PlainText

from bot.ports import Block, Message
from templates.letters import cut, escaped, isolated, one_line, shortened

LONGEST_HEADER = 150
LONGEST_BUTTON = 75
LONGEST_LINE = 2900
LONGEST_BODY = 9000
"""Characters of one block of lines; with what stands around it a message stays under LONGEST_MESSAGE."""

LONGEST_MESSAGE = 12_000
"""Characters in all blocks of a message; Slack refuses somewhere above 13,000."""


@dataclass(frozen=True, slots=True)
class Bold:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Person:
    id: str


@dataclass(frozen=True, slots=True)
class ChannelRef:
    id: str


@dataclass(frozen=True, slots=True)
class Everyone:
    """Calls the whole channel."""


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class When:
    """An instant, shown in the reader's own zone; `form` in the words of Slack's date tokens."""

    at: datetime
    form: str = "{time}"

    @property
    def utc(self) -> str:
        """For where no zone is known: `14:05 UTC`, with the date when the form has one."""
        shape = "%H:%M UTC" if self.form == "{time}" else "%Y-%m-%d %H:%M UTC"
        return self.at.astimezone(UTC).strftime(shape)


DATED = "{date_short_pretty} {time}"
"""The form of an instant with its day, for the beginning of a line: there Slack writes “Today”."""
DATED_WITHIN = f"\u200b{DATED}"
"""The same within a line: behind a space without width Slack leaves “today” small."""

Span = str | Bold | Code | Person | ChannelRef | Everyone | Link | When
Line = tuple[Span, ...]


ENDING = re.compile(r"[\s<>|]")
"""What ends an address in mrkdwn: behind it a mention could stand."""


def _encoded(found: re.Match[str]) -> str:
    return parse.quote(found[0], safe="")


def marked(span: Span) -> str:
    """One span as mrkdwn, for the plain `text` of a message and for context lines of our own words."""
    match span:
        case str():
            return escaped(isolated(span))
        case Bold(text) | Code(text):
            return escaped(isolated(text))
        case Person(id):
            return f"<@{id}>"
        case ChannelRef(id):
            return f"<#{id}>"
        case Everyone():
            return "<!channel>"
        case Link(url, text):
            return f"<{ENDING.sub(_encoded, url)}|{escaped(text)}>"
        case When(at, form):
            return f"<!date^{int(at.timestamp())}^{form}|{span.utc}>"


def _element(span: Span) -> Block:
    match span:
        case str():
            return {"type": "text", "text": isolated(span)}
        case Bold(text):
            return {"type": "text", "text": isolated(text), "style": {"bold": True}}
        case Code(text):
            return {"type": "text", "text": isolated(text), "style": {"code": True}}
        case Person(id):
            return {"type": "user", "user_id": id}
        case ChannelRef(id):
            return {"type": "channel", "channel_id": id}
        case Everyone():
            return {"type": "broadcast", "range": "channel"}
        case Link(url, text):
            return {"type": "link", "url": url, "text": isolated(text)}
        case When(at, form):
            return {"type": "date", "timestamp": int(at.timestamp()), "format": form, "fallback": span.utc}


def section(lines: Iterable[Line]) -> Block:
    """Lines as one rich text section."""
    elements: list[Block] = []
    for number, line in enumerate(lines):
        if number:
            elements.append({"type": "text", "text": "\n"})
        elements += [_element(_short(span)) for span in line if getattr(span, "text", span) != ""]
    return {"type": "rich_text_section", "elements": _joined(elements) or [{"type": "text", "text": " "}]}


def _short(span: Span) -> Span:
    return cut(span, LONGEST_LINE) if isinstance(span, str) else span


def _joined(elements: list[Block]) -> list[Block]:
    """Neighbouring plain texts as one: shorter on the wire, and nothing depends on where they were split."""
    joined: list[Block] = []
    for element in elements:
        if joined and element.keys() == joined[-1].keys() == {"type", "text"}:
            joined[-1] = {"type": "text", "text": joined[-1]["text"] + element["text"]}
        else:
            joined.append(element)
    return joined


def preformatted(text: str) -> Block:
    """A command or a sample, to be copied."""
    return {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": cut(text, LONGEST_LINE)}]}


def quote(text: str) -> Block:
    """Somebody's words, set apart."""
    words = isolated(cut(text, LONGEST_LINE)) or " "
    return {"type": "rich_text_quote", "elements": [{"type": "text", "text": words}]}


def rich(block_id: str, *parts: Block) -> Block:
    """A rich text block of sections, preformatted texts and quotes."""
    return {"type": "rich_text", "block_id": block_id, "elements": list(parts)}


def lines(block_id: str, *of: Line) -> Block:
    """A rich text block with these lines, cut to what one message takes."""
    return rich(block_id, section(fitting(of)))


def how_many_fit(rows: Iterable[Sequence[Line]], budget: int = LONGEST_BODY - 200) -> int:
    """How many of the rows, from the first, fit into the budget of characters; some is left for what is said of the
    rest."""
    used = count = 0
    for row in rows:
        used += sum(_length(line) for line in row)
        if used > budget:
            break
        count += 1
    return count


def _length(line: Line) -> int:
    return min(sum(len(marked(span)) for span in line), LONGEST_LINE) + 1


def fitting(of: Sequence[Line], budget: int = LONGEST_BODY) -> list[Line]:
    """The lines that fit into the budget of characters; the rest is counted in words."""
    kept: list[Line] = []
    used = 0
    for number, line in enumerate(of):
        used += _length(line)
        if used > budget:
            return [*kept, (f"… and {len(of) - number} more lines",)]
        kept.append(line)
    return kept


def header(block_id: str, text: str) -> Block:
    """A headline in plain text: no mentions, no emoji codes, no times in it."""
    return as_written(HeaderBlock(PlainText(one_line(text, LONGEST_HEADER)), block_id=block_id)._resolve())


def headline(block_id: str, line: Line) -> Block:
    """A template's first line: a header where it is short and nothing but words and times, else in bold."""
    words = "".join(
        span.utc if isinstance(span, When) else str(getattr(span, "text", span))
        for span in line
        if _says(span)
    )
    if words.strip() and len(words) < LONGEST_HEADER and all(map(_says, line)):
        return header(block_id, words)
    return lines(block_id, tuple(Bold(span) if isinstance(span, str) else span for span in line))


def _says(span: Span) -> bool:
    return isinstance(span, str | Bold | Code | Link | When)


def context(block_id: str, line: Line) -> Block:
    """A small grey line in mrkdwn. For words of ours: what people wrote belongs into rich text."""
    text = "".join(marked(span) for span in line)
    return {"type": "context", "block_id": block_id, "elements": [{"type": "mrkdwn", "text": text}]}


def button(label: str, action_id: str, value: str, *, primary: bool = False) -> Button:
    """One verb. The value says which incident, and the state that the click asks for."""
    style: Literal["primary"] | None = "primary" if primary else None
    return Button(PlainText(one_line(label, LONGEST_BUTTON)), action_id, value=value, style=style)


def buttons(block_id: str, *row: Button) -> Block:
    """A row of buttons."""
    return as_written(ActionsBlock(list(row), block_id=block_id)._resolve())


def as_written(block: Block) -> Block:
    """The block with `:fire:` left as letters in all its plain texts: slackblocks leaves the word for it out."""
    found: Block = {key: _as_written(value) for key, value in block.items()}
    return {**found, "emoji": False} if found.get("type") == "plain_text" else found


def _as_written(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_written(each) for each in value]
    return as_written(value) if isinstance(value, dict) else value


def message(first: Iterable[Line], *blocks: Block) -> Message:
    """A message: its plain text from lines, most important first, and its blocks."""
    text = "\n".join("".join(marked(span) for span in line) for line in first)
    return Message(shortened(text), bounded(blocks))


def bounded(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks with their longest texts cut, where they are more than Slack takes in one message."""
    over = sum(len(leaf["text"]) for leaf in _leaves(blocks)) - LONGEST_MESSAGE
    if over <= 0:
        return blocks
    blocks = deepcopy(blocks)
    written = [block["elements"] for block in blocks if block["type"] == "rich_text"]
    for leaf in sorted(_leaves(written), key=lambda each: -len(each["text"])):
        if over <= 0:
            break
        before = len(leaf["text"])
        leaf["text"] = cut(leaf["text"], max(200, before - over))
        over -= before - len(leaf["text"])
    return blocks


def _leaves(value: object) -> Iterator[dict[str, Any]]:
    """Everything in blocks that has a text."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)


def lasted(seconds: float) -> str:
    """A duration as people say it: `45 s`, `2 min 10 s`, `1 h 12 min`, `2 d 3 h`."""
    whole = int(seconds)
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (secs, "s")]
    first = next((place for place, (count, _) in enumerate(parts) if count), 3)
    shown = [f"{count} {unit}" for count, unit in parts[first : first + 2] if count]
    return " ".join(shown) or "0 s"
