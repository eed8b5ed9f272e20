"""Extracts the text of a message from all its parts: blocks, attachments, forwarded messages, files.

Monitoring systems leave `text` empty, or Slack puts a sentence of its own there. The parts are read as they come:
what has another shape than Slack documents has no words.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.adapters.slack.unescape import add_labels, find_unlabelled_ids, unescape_text

Json = Mapping[str, Any]

STAND_IN = re.compile(
    r"\s*(?:this (?:content|message) (?:can[’']?t|cannot) be displayed|\[no preview available\]"
    r"|this message contains interactive elements|this message was deleted)\.?\s*",
    re.IGNORECASE,
)
"""What Slack says in place of words that it does not keep in `text`."""

EMOJI = re.compile(r"^(?::[a-z0-9_+'-]+:\s*)+", re.IGNORECASE)
STYLE = re.compile(r"(?<![\w*_~`])([*_~`])(?=\S)(.*?\S)\1(?![\w*_~`])")
MARKDOWN_LINK = re.compile(r"!?\[([^\[\]\n]+)\]\((https?://[^\s()<>]+)\)")
MARKDOWN_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
MARKDOWN_HEADING = re.compile(r"^#{1,6} +", re.MULTILINE)
IN_TEXT, IN_BLOCKS, IN_ATTACHMENT = 0, 1, 2
"""Places of words; each attachment has its own."""

ONLY_MENTIONS = re.compile(r"(?:[@#][\w.-]+[\s,:]*)*")


@dataclass(frozen=True, slots=True)
class TextPart:
    """Some words of a message in Slack's markup; a `title` says what the message is about, `by` is who said it, `place`
    where they stand: in the text, in the blocks, or in one of the attachments."""

    markup: str
    title: bool = False
    by: str = ""
    place: int = IN_TEXT


def extract_text(message: Json, names: Mapping[str, str] | None = None) -> str:
    """All that the message says, as people see it; empty when it says nothing. `names` are by id, for mentions.

    What a text says already its blocks and attachments do not say again, nor an attachment itself; another attachment
    does, since it is about something else.
    """
    kept: list[str] = []
    seen: dict[int, set[str]] = {}
    for part in _parts(message):
        words = unescape_text(add_labels(part.markup, names or {})).strip()
        lines = {_plain(line) for line in words.splitlines()} - {""}
        own = seen.setdefault(part.place, set())
        if not lines <= own.union(*(seen.get(place, set()) for place in (IN_TEXT, IN_BLOCKS))):
            kept.append(f"{html.unescape(part.by)}: {words}" if part.by else words)
        own |= lines
    return "\n".join(kept)


def extract_subject(message: Json, names: Mapping[str, str] | None = None) -> str:
    """What the message is about, in one line without marks and addresses; empty when it says nothing."""
    parts = list(_parts(message))
    own = [part for part in parts if part.markup == message.get("text")]
    titles = [part for part in parts if part.title]
    for part in (*own, *titles, *parts):
        for line in unescape_text(add_labels(part.markup, names or {}), addresses=False).splitlines():
            bare = _strip_styles(EMOJI.sub("", line.strip()))
            if not ONLY_MENTIONS.fullmatch(bare):
                return bare
    return ""


def find_unnamed_mentions(message: Json) -> set[str]:
    """The ids of those whom the message mentions without their names."""
    return find_unlabelled_ids("\n".join(part.markup for part in _parts(message)))


def _plain(line: str) -> str:
    return re.sub(r"[\s*_~`]+", "", line).casefold()


def _strip_styles(line: str) -> str:
    bare = STYLE.sub(r"\2", line)
    return bare if bare == line else _strip_styles(bare)


def _parts(message: Json) -> Iterator[TextPart]:
    """The words in the order in which they are seen. Previews of what is linked speak only where nobody else does."""
    own = [*_build_part(message.get("text"))]
    # A person's own blocks are rich text, from which Slack makes `text` itself.
    own += _place(_read_added_blocks(message) if own else _blocks(message.get("blocks")), IN_BLOCKS)
    attached = list(enumerate(_items(message.get("attachments")), IN_ATTACHMENT))
    for place, attachment in attached:
        own += [] if _is_preview(attachment) else _place(_attachment(attachment), place)
    own += _place(_files(message), IN_BLOCKS)
    if not own:
        own += [part for place, attachment in attached for part in _place(_attachment(attachment), place)]
    yield from own


def _place(parts: Iterator[TextPart], place: int) -> Iterator[TextPart]:
    return (replace(part, place=place) for part in parts)


def _read_added_blocks(message: Json) -> Iterator[TextPart]:
    others = [item for item in _items(message.get("blocks")) if item.get("type") != "rich_text"]
    return _blocks(others)


def _is_preview(attachment: Json) -> bool:
    """Whether Slack or an app added it to a link that somebody wrote."""
    if attachment.get("is_share"):
        return False
    marks = ("is_msg_unfurl", "is_app_unfurl", "original_url", "from_url")
    return any(attachment.get(mark) for mark in marks)


def _attachment(attachment: Json) -> Iterator[TextPart]:
    by = _text(attachment.get("author_name"))
    title, link = _text(attachment.get("title")), _text(attachment.get("title_link"))
    found = [*_build_part(attachment.get("pretext"))]
    found += _build_part(f"<{link}|{title}>" if title and link else title, title=True)
    body = [*_build_part(attachment.get("text"))]
    for message_block in _items(attachment.get("message_blocks")) if not body else ():
        forwarded = message_block.get("message")
        body += _blocks(forwarded.get("blocks")) if isinstance(forwarded, Mapping) else ()
    body += _blocks(attachment.get("blocks"))
    found += body
    for item in _items(attachment.get("fields")):
        value = (_text(item.get("title")), _text(item.get("value")))
        found += _build_part(": ".join(filter(None, value)))
    found += _files(attachment)
    found = found or [*_build_part(attachment.get("fallback"))]
    for place, part in enumerate(found):
        yield TextPart(part.markup, part.title, by if place == 0 else "")


def _files(holder: Json) -> Iterator[TextPart]:
    for item in _items(holder.get("files")):
        name, title = _text(item.get("name")), _text(item.get("title"))
        shown = ", ".join(dict.fromkeys(filter(None, (title, name))))
        link = _text(item.get("permalink")) or _text(item.get("url_private"))
        yield from _build_part(f"<{link}|{shown}>" if link and shown else shown or link)


def _blocks(blocks: object) -> Iterator[TextPart]:
    for block in _items(blocks):
        for words in BLOCKS.get(_text(block.get("type")), _other)(block):
            yield from _build_part(words, title=block["type"] == "header")


def _section(block: Json) -> Iterator[str]:
    yield _of(block.get("text"))
    yield from (_of(item) for item in _items(block.get("fields")))


def _context(block: Json) -> Iterator[str]:
    yield " ".join(filter(None, (_of(item) for item in _items(block.get("elements")))))


def _markdown(block: Json) -> Iterator[str]:
    """Standard Markdown in Slack's markup, as far as words and addresses need it."""
    text = MARKDOWN_LINK.sub(r"<\2|\1>", _escape(block.get("text")))
    yield MARKDOWN_HEADING.sub("", MARKDOWN_STRONG.sub(r"*\2*", text))


def _video(block: Json) -> Iterator[str]:
    title, link = _of(block.get("title")), _text(block.get("title_url"))
    yield f"<{link}|{title}>" if title and link else title or link


def _image(block: Json) -> Iterator[str]:
    yield _of(block.get("title"))
    yield _text(block.get("alt_text"))


def _other(holder: Json, depth: int = 0) -> Iterator[str]:
    """The words of a block of any other kind (cards, containers, what Slack adds next), as they stand in it. Nobody
    said what stands on its buttons and menus."""
    for key, value in holder.items():
        if isinstance(value, str) and key in PLAIN_TEXTS:
            yield html.escape(value, quote=False)
        for item in _items(value if isinstance(value, list) else [value]):
            kind = _text(item.get("type"))
            if kind in TEXT_OBJECTS:
                yield _text(item.get("text"))
            elif kind in BLOCKS:
                yield from BLOCKS[kind](item)
            elif "action_id" not in item and kind != "button" and key != "actions" and depth < MAX_DEPTH:
                yield from _other(item, depth + 1)


def _table(block: Json) -> Iterator[str]:
    rows = block.get("rows")
    for row in rows if isinstance(rows, list) else ():
        cells = (_text(item.get("text")) or "\n".join(_rich(item)) for item in _items(row))
        yield " | ".join(cells)


def _rich(block: Json) -> Iterator[str]:
    """Rich text back in markup; what is plain text there is written as it is."""
    for element in _items(block.get("elements")):
        if element.get("type") == "rich_text_list":
            yield "\n".join(f"• {_line(item)}" for item in _items(element.get("elements")))
        else:
            yield _line(element)


def _line(section: Json) -> str:
    return "".join(_element(item) for item in _items(section.get("elements")))


def _element(element: Json) -> str:
    read = ELEMENTS.get(_text(element.get("type")))
    return read(element) if read else ""


def _operated(block: Json) -> Iterator[str]:
    """What people click or fill in says nothing."""
    return iter(())


def _rich_link(element: Json) -> str:
    return f"<{_text(element.get('url'))}|{_escape(element.get('text'))}>"


PLAIN_TEXTS = frozenset({"title", "text", "description"})
TEXT_OBJECTS = frozenset({"mrkdwn", "plain_text", "raw_text"})
MAX_DEPTH = 8
BLOCKS: dict[str, Callable[[Json], Iterator[str]]] = {
    "section": _section,
    "header": lambda block: iter([_of(block.get("text"))]),
    "context": _context,
    "image": _image,
    "video": _video,
    "markdown": _markdown,
    "table": _table,
    "data_table": _table,
    "rich_text": lambda block: iter(["\n".join(_rich(block))]),
    "actions": _operated,
    "context_actions": _operated,
    "input": _operated,
}
ELEMENTS: dict[str, Callable[[Json], str]] = {
    "text": lambda element: _escape(element.get("text")),
    "link": _rich_link,
    "emoji": lambda element: f":{_text(element.get('name'))}:",
    "user": lambda element: f"<@{_text(element.get('user_id'))}>",
    "channel": lambda element: f"<#{_text(element.get('channel_id'))}>",
    "usergroup": lambda element: f"<!subteam^{_text(element.get('usergroup_id'))}>",
    "broadcast": lambda element: f"<!{_text(element.get('range'))}>",
    "date": lambda element: _escape(element.get("fallback")),
    "color": lambda element: _text(element.get("value")),
}


def _build_part(words: object, title: bool = False) -> Iterator[TextPart]:
    """The words as a part, unless they are none."""
    markup = _text(words)
    if markup.strip() and not STAND_IN.fullmatch(markup):
        yield TextPart(markup, title)


def _of(composition: object) -> str:
    """The words of a text object."""
    return _text(composition.get("text")) if isinstance(composition, Mapping) else ""


def _escape(value: object) -> str:
    return html.escape(_text(value), quote=False)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _items(value: object) -> Sequence[Json]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
