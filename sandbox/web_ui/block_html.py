"""Slack's blocks as HTML, from top to bottom."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from sandbox.slack.workspace_model import Json, WorkspaceView
from sandbox.web_ui import inputs
from sandbox.web_ui.emoji import render_emoji
from sandbox.web_ui.file_downloads import render_image
from sandbox.web_ui.mrkdwn import render_emoji_names, render_mrkdwn
from sandbox.web_ui.viewer import ReaderContext, is_allowed_url

EMPTY, NEW_LINE, BREAK = Markup(""), Markup("\n"), Markup("<br>")
STYLES = (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strike", "s"))


class Markdown(MarkdownIt):
    """Markdown without pictures; HTML in it is text, and links lead where other links may."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.enable("table").disable("image")
        self.add_render_rule("link_open", _outward)
        self.add_render_rule("fence", RendererHTML.code_block)  # a language named there would be its class

    def validateLink(self, url: str) -> bool:  # noqa: N802 - its parser asks under this name
        return is_allowed_url(url)


def _outward(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[place].attrs |= {"target": "_blank", "rel": "noopener noreferrer"}
    return renderer.renderToken(tokens, place, options, env)


MARKDOWN = Markdown()


def render_blocks(reading: ReaderContext, given: Iterable[Json], view: WorkspaceView | None = None) -> Markup:
    """All blocks; of a `view`, with what its inputs hold and the errors beside them."""
    return EMPTY.join(_block(reading, json, view) for json in given)


def render_text(reading: ReaderContext, part: Json) -> Markup:
    """A text object."""
    if part["type"] == "mrkdwn":
        return render_mrkdwn(reading, part["text"])
    return BREAK.join(render_emoji_names(line) for line in str(part["text"]).split("\n"))


def _text(reading: ReaderContext, part: Json) -> Markup:
    return Markup('<div class="text">{}</div>').format(render_text(reading, part))


def _block(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    draw = KINDS.get(block["type"])
    if draw is None:
        return Markup('<p class="unknown">A block of the kind “{}” is not drawn here.</p>').format(
            block["type"]
        )
    return draw(reading, block, view)


def _section(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    body = _text(reading, block["text"]) if block.get("text") else EMPTY
    if block.get("fields"):
        fields = (_text(reading, field) for field in block["fields"])
        body += Markup('<div class="fields">{}</div>').format(EMPTY.join(fields))
    accessory = block.get("accessory")
    beside = inputs.render_element(reading, block, accessory, view) if accessory else EMPTY
    return Markup('<div class="section"><div>{}</div>{}</div>').format(body, beside)


def _header(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    tag = "h3" if view is not None and view.kind == "modal" else "h2"  # a window's title is a heading above
    return Markup("<{}>{}</{}>").format(tag, render_text(reading, block["text"]), tag)


def _context(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    parts = (
        render_image(reading, element) if element["type"] == "image" else _text(reading, element)
        for element in block["elements"]
    )
    return Markup('<div class="context">{}</div>').format(EMPTY.join(parts))


def _divider(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    return Markup("<hr>")


def _actions(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    drawn = (inputs.render_element(reading, block, element, view) for element in block["elements"])
    return Markup('<div class="actions">{}</div>').format(EMPTY.join(drawn))


def _image(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    title = (
        Markup("<figcaption>{}</figcaption>").format(render_text(reading, block["title"]))
        if block.get("title")
        else EMPTY
    )
    return Markup("<figure>{}{}</figure>").format(title, render_image(reading, block))


def _markdown(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    html = MARKDOWN.render(block["text"])
    return Markup('<div class="markdown">{}</div>').format(Markup(html))  # noqa: S704 - HTML in it is shown as text


def _table(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    head, *rest = block["rows"]
    first = EMPTY.join(Markup('<th scope="col">{}</th>').format(_cell(reading, cell)) for cell in head)
    rows = (
        Markup("<tr>{}</tr>").format(
            EMPTY.join(Markup("<td>{}</td>").format(_cell(reading, cell)) for cell in row)
        )
        for row in rest
    )
    return Markup(
        '<div class="table" tabindex="0" role="region" aria-label="Table"><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(first, EMPTY.join(rows))


def _cell(reading: ReaderContext, cell: Json) -> Markup:
    return escape(cell["text"]) if cell["type"] == "raw_text" else _rich_text(reading, cell, None)


def _alert(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    return Markup('<div class="alert {}" role="note">{}</div>').format(
        block.get("level", "info"), render_text(reading, block["text"])
    )


def _video(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    return Markup('<p class="video">▶ {}</p>').format(
        reading.link(block["video_url"], block["title"]["text"])
    )


def _rich_text(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    drawn = EMPTY.join(_rich(reading, element) for element in block["elements"])
    return Markup('<div class="rich">{}</div>').format(drawn)


def _rich(reading: ReaderContext, part: Json) -> Markup:
    if part["type"] == "rich_text_list":
        tag = "ol" if part["style"] == "ordered" else "ul"
        first = Markup(' start="{}"').format(int(part["offset"]) + 1) if part.get("offset") else EMPTY
        rows = (
            Markup("<li>{}</li>").format(_inline(reading, element["elements"]))
            for element in part["elements"]
        )
        return Markup('<{} class="indent-{}"{}>{}</{}>').format(
            tag, min(int(part.get("indent") or 0), 8), first, EMPTY.join(rows), tag
        )
    tag = {"rich_text_quote": "blockquote", "rich_text_preformatted": "pre"}.get(part["type"], "p")
    return Markup("<{}>{}</{}>").format(tag, _inline(reading, part["elements"], tag == "pre"), tag)


def _inline(reading: ReaderContext, parts: Sequence[Json], preformatted: bool = False) -> Markup:
    return EMPTY.join(_span(reading, part, preformatted) for part in parts)


def _span(reading: ReaderContext, part: Json, preformatted: bool) -> Markup:
    drawn = SPANS[part["type"]](reading, part, preformatted)
    style: Mapping[str, Any] = part.get("style") or {}
    for name, tag in STYLES:
        if style.get(name):
            drawn = Markup("<{}>{}</{}>").format(tag, drawn, tag)
    return drawn


def _words(reading: ReaderContext, part: Json, preformatted: bool) -> Markup:
    lines = [escape(line) for line in part["text"].split("\n")]
    return (NEW_LINE if preformatted else BREAK).join(lines)


SPANS: Mapping[str, Callable[[ReaderContext, Json, bool], Markup]] = {
    "text": _words,
    "link": lambda reading, part, _: reading.link(part["url"], part.get("text", "")),
    "user": lambda reading, part, _: reading.person(part["user_id"]),
    "usergroup": lambda reading, part, _: reading.group(part["usergroup_id"]),
    "channel": lambda reading, part, _: reading.channel(part["channel_id"]),
    "broadcast": lambda reading, part, _: reading.everyone(part["range"]),
    "emoji": lambda reading, part, _: render_emoji(part["name"], part.get("unicode", "")),
    "date": lambda reading, part, _: reading.moment(
        str(part["timestamp"]), part["format"], part.get("fallback", ""), part.get("url", "")
    ),
    "color": lambda reading, part, _: Markup("<code>{}</code>").format(part["value"]),
}
KINDS: Mapping[str, Callable[[ReaderContext, Json, WorkspaceView | None], Markup]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "divider": _divider,
    "actions": _actions,
    "image": _image,
    "input": inputs.render_input_block,
    "rich_text": _rich_text,
    "table": _table,
    "markdown": _markdown,
    "alert": _alert,
    "video": _video,
}
"""How each kind of block is drawn."""
