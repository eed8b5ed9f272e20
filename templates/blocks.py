"""The small kit of all templates: lines of spans, drawn as rich text (where nothing can be injected) and as plain text.

Whatever a person, a runbook or a log wrote is a literal `str` span: in rich text Slack shows it exactly as typed and
it can mention nobody. Our own mentions, channels, links and times are spans of their own.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from slackblocks import ActionsBlock, Button, ConfirmationDialogue, HeaderBlock, PlainText

from bot.ports import Block, SlackPayload
from templates.block_limits import truncate_blocks
from templates.escaping import (
    cut,
    flatten_text,
    isolate_bidi,
    split_addresses,
    truncate_mrkdwn,
)
from templates.spans import (
    Bold,
    ChannelMention,
    Code,
    EveryoneMention,
    Line,
    Span,
    Timestamp,
    UserMention,
    WebLink,
    format_span,
)

MAX_HEADER_LENGTH = 150
MAX_BUTTON_LENGTH = 75
MAX_LINE_LENGTH = 2900
MAX_BODY_LENGTH = 9000
"""Characters of one block of lines; with what stands around it a message stays under bounds.LONGEST_MESSAGE."""


def _elements(span: Span) -> list[Block]:
    """One span as rich text. Addresses in words are links to themselves."""
    match span:
        case str():
            return _words(span)
        case Bold(text):
            return [{**word, "style": {"bold": True}} for word in _words(text)]
        case _:
            return [_element(span)]


def _words(text: str) -> list[Block]:
    return [
        {"type": "link", "url": part, "text": part}
        if is_address
        else {"type": "text", "text": isolate_bidi(part)}
        for part, is_address in split_addresses(text)
    ]


def _element(span: Code | UserMention | ChannelMention | EveryoneMention | WebLink | Timestamp) -> Block:
    match span:
        case Code(text):
            return {"type": "text", "text": isolate_bidi(text), "style": {"code": True}}
        case UserMention(id):
            return {"type": "user", "user_id": id}
        case ChannelMention(id):
            return {"type": "channel", "channel_id": id}
        case EveryoneMention():
            return {"type": "broadcast", "range": "channel"}
        case WebLink(url, text):
            return {"type": "link", "url": url, "text": isolate_bidi(text)}
        case Timestamp(at, form):
            return {"type": "date", "timestamp": int(at.timestamp()), "format": form, "fallback": span.utc}


def build_section(lines: Iterable[Line]) -> Block:
    """Lines as one rich text section."""
    elements: list[Block] = []
    for number, line in enumerate(lines):
        if number:
            elements.append({"type": "text", "text": "\n"})
        for span in line:
            elements += _elements(_short(span)) if getattr(span, "text", span) != "" else []
    return {"type": "rich_text_section", "elements": _join_texts(elements) or [{"type": "text", "text": " "}]}


def _short(span: Span) -> Span:
    return cut(span, MAX_LINE_LENGTH) if isinstance(span, str) else span


def _join_texts(elements: list[Block]) -> list[Block]:
    """Neighbouring plain texts as one: shorter on the wire, and nothing depends on where they were split."""
    joined: list[Block] = []
    for element in elements:
        if joined and element.keys() == joined[-1].keys() == {"type", "text"}:
            joined[-1] = {"type": "text", "text": joined[-1]["text"] + element["text"]}
        else:
            joined.append(element)
    return joined


def build_preformatted(text: str) -> Block:
    """A command or a sample, to be copied."""
    return {
        "type": "rich_text_preformatted",
        "elements": [{"type": "text", "text": cut(text, MAX_LINE_LENGTH)}],
    }


def build_quote(text: str) -> Block:
    """Somebody's words, set apart."""
    return {"type": "rich_text_quote", "elements": _words(cut(text, MAX_LINE_LENGTH) or " ")}


def build_rich_text(block_id: str, *parts: Block) -> Block:
    """A rich text block of sections, preformatted texts and quotes."""
    return {"type": "rich_text", "block_id": block_id, "elements": list(parts)}


def build_lines(block_id: str, *of: Line) -> Block:
    """A rich text block with these lines, cut to what one message takes."""
    return build_rich_text(block_id, build_section(select_fitting(of)))


def count_fitting(rows: Iterable[Sequence[Line]], budget: int = MAX_BODY_LENGTH - 200) -> int:
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
    return min(sum(len(format_span(span)) for span in line), MAX_LINE_LENGTH) + 1


def select_fitting(of: Sequence[Line], budget: int = MAX_BODY_LENGTH) -> list[Line]:
    """The lines that fit into the budget of characters; the rest is counted in words."""
    kept: list[Line] = []
    used = 0
    for number, line in enumerate(of):
        used += _length(line)
        if used > budget:
            return [*kept, (f"… and {len(of) - number} more lines",)]
        kept.append(line)
    return kept


def build_header(block_id: str, text: str) -> Block:
    """A headline in plain text: no mentions, no emoji codes, no times in it."""
    return keep_emoji_codes(
        HeaderBlock(PlainText(flatten_text(text, MAX_HEADER_LENGTH)), block_id=block_id)._resolve()
    )


def build_headline(block_id: str, line: Line) -> Block:
    """A template's first line: a header where it is short and nothing but words and times, else in bold."""
    words = "".join(
        span.utc if isinstance(span, Timestamp) else str(getattr(span, "text", span))
        for span in line
        if _says(span)
    )
    if words.strip() and len(words) < MAX_HEADER_LENGTH and all(map(_says, line)):
        return build_header(block_id, words)
    return build_lines(block_id, tuple(Bold(span) if isinstance(span, str) else span for span in line))


def _says(span: Span) -> bool:
    return isinstance(span, str | Bold | Code | WebLink | Timestamp)


def build_context(block_id: str, line: Line) -> Block:
    """A small grey line in mrkdwn. For words of ours: what people wrote belongs into rich text."""
    text = "".join(format_span(span) for span in line)
    return {"type": "context", "block_id": block_id, "elements": [{"type": "mrkdwn", "text": text}]}


def build_button(
    label: str,
    action_id: str,
    value: str,
    *,
    primary: bool = False,
    danger: bool = False,
    confirm: ConfirmationDialogue | None = None,
) -> Button:
    """One verb. The value says which incident, and the state that the click asks for; `confirm` is asked before."""
    style: Literal["primary", "danger"] | None = "danger" if danger else "primary" if primary else None
    return Button(
        PlainText(flatten_text(label, MAX_BUTTON_LENGTH)),
        action_id,
        value=value,
        style=style,
        confirm=confirm,
    )


def build_button_row(block_id: str, *row: Button) -> Block:
    """A row of buttons."""
    return keep_emoji_codes(ActionsBlock(list(row), block_id=block_id)._resolve())


def keep_emoji_codes(block: Block) -> Block:
    """The block with `:fire:` left as letters in all its plain texts: slackblocks leaves the word for it out."""
    found: Block = {key: _as_written(value) for key, value in block.items()}
    return {**found, "emoji": False} if found.get("type") == "plain_text" else found


def _as_written(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    return keep_emoji_codes(value) if isinstance(value, dict) else value


def build_message(first: Iterable[Line], *blocks: Block) -> SlackPayload:
    """A message: its plain text from lines, most important first, and its blocks."""
    text = "\n".join("".join(format_span(span) for span in line) for line in first)
    return SlackPayload(truncate_mrkdwn(text), truncate_blocks(blocks))
