"""Slack's own marks in text: bold, italic, struck, code, quotes, mentions, links, dates, emoji; lists have none."""

import re

from markupsafe import Markup, escape

from sandbox.web_ui.emoji import NAME, render_emoji
from sandbox.web_ui.viewer import ReaderContext

FENCE = re.compile(r"```(.+?)```", re.DOTALL)
ADDRESS = r"""\bhttps?://(?:&amp;|&(?!lt;|gt;|amp;)|[^\s<>`&])*(?:&amp;|[^\s<>`&.,:;!?'")\]}*_~])"""
PIECE = re.compile(rf"`([^`\n]+)`|<([^<>\n]+)>|({ADDRESS})|:([a-z0-9_+'-]{{1,100}}):")
QUOTE = re.compile(r"^(?:&gt;|>) ?")
QUOTE_ALL = re.compile(r"^(?:&gt;|>){3} ?")
"""Three of them quote everything that follows."""
KEPT = re.compile("\ue000(\\d+)\ue001")
PRIVATE = str.maketrans("", "", "\ue000\ue001")
"""Characters that stand for what is set apart while the rest is read; nobody's text has them."""


def _mark(sign: str, tag: str) -> str:
    s = re.escape(sign)
    return rf"(?<![\w{s}]){s}(?=[^\s{s}])(?P<{tag}>[^{s}\n]*[^\s{s}]){s}(?![\w{s}])"


MARK = re.compile("|".join((_mark("*", "strong"), _mark("_", "em"), _mark("~", "s"))))


def render_mrkdwn(reading: ReaderContext, text: str) -> Markup:
    """A text with Slack's marks as HTML. What is no mark is shown as it is written."""
    pieces = FENCE.split(text.translate(PRIVATE))
    drawn = Markup("")
    for place, piece in enumerate(pieces):
        if place % 2:
            drawn += Markup("<pre>{}</pre>").format(_plain(piece.strip("\n")))
        else:
            last = place == len(pieces) - 1
            drawn += _lines(
                reading, piece.strip("\n") if not last else piece.lstrip("\n") if place else piece
            )
    return drawn


def render_emoji_names(text: str) -> Markup:
    """Plain text: only the names of emoji mean something."""
    drawn, end = Markup(""), 0
    for found in NAME.finditer(text):
        drawn += escape(text[end : found.start()]) + render_emoji(found[1])
        end = found.end()
    return drawn + escape(text[end:])


def _lines(reading: ReaderContext, text: str) -> Markup:
    return _join_lines(_draw_lines(reading, text.split("\n")))


def _draw_lines(reading: ReaderContext, lines: list[str]) -> list[Markup]:
    """One piece per line, and one per quotation of several lines."""
    drawn: list[Markup] = []
    quoted: list[Markup] = []
    for place, line in enumerate(lines):
        if QUOTE_ALL.match(line):
            rest = (QUOTE_ALL.sub("", line), *lines[place + 1 :])
            quoted += (_inline(reading, quote) for quote in rest)
            break
        if QUOTE.match(line):
            quoted.append(_inline(reading, QUOTE.sub("", line)))
            continue
        if quoted:
            drawn.append(_quote(quoted))
            quoted = []
        drawn.append(_inline(reading, line))
    return [*drawn, _quote(quoted)] if quoted else drawn


def _join_lines(drawn: list[Markup]) -> Markup:
    """A quotation is a block of its own and needs no line break beside it."""
    joined = Markup("")
    after_block = True
    for piece in drawn:
        is_block = piece.startswith("<blockquote")
        joined += piece if is_block or after_block else Markup("<br>") + piece
        after_block = is_block
    return joined


def _quote(lines: list[Markup]) -> Markup:
    return Markup("<blockquote>{}</blockquote>").format(Markup("<br>").join(lines))


def _inline(reading: ReaderContext, line: str) -> Markup:
    kept: list[Markup] = []

    def keep(found: re.Match[str]) -> str:
        code, token, address, name = found.groups()
        if code is not None:
            drawn = Markup("<code>{}</code>").format(_plain(code))
        elif token is not None:
            drawn = _token(reading, token)
        elif address is not None:
            drawn = reading.link(_plain(address))
        else:
            drawn = render_emoji(name)
        kept.append(drawn)
        return f"\ue000{len(kept) - 1}\ue001"

    html = _apply_marks(str(escape(_plain(PIECE.sub(keep, line)))))
    return Markup(KEPT.sub(lambda found: kept[int(found[1])], html))  # noqa: S704 - escaped above, piece by piece


def _apply_marks(html: str) -> str:
    """Marks stand beside or inside each other; one that crosses another's end is no mark."""

    def draw(found: re.Match[str]) -> str:
        tag = found.lastgroup
        return f"<{tag}>{_apply_marks(found[tag or 0])}</{tag}>"

    return MARK.sub(draw, html)


def _token(reading: ReaderContext, token: str) -> Markup:
    inside, _, label = token.partition("|")
    words = _plain(label)
    if inside.startswith("@"):
        return reading.person(inside[1:], words)
    if inside.startswith("#"):
        return reading.channel(inside[1:], words)
    if inside.startswith("!subteam^"):
        return reading.group(inside.removeprefix("!subteam^"), words)
    if inside.startswith("!date^"):
        _, seconds, form, url = [*inside.split("^", 3), "", "", ""][:4]
        return reading.moment(seconds, form, words, _plain(url))
    if inside.startswith("!"):
        return reading.everyone(inside[1:].partition("^")[0])
    return reading.link(_plain(inside), words)


def _plain(text: str) -> str:
    """The three entities that Slack's text has, as characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
