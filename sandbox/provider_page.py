"""A pull request as people look at it: its text, its diff, and the documents that it brings as they read."""

import base64
import html
import posixpath
from collections.abc import Callable, Mapping
from types import MappingProxyType

from markdown_it import MarkdownIt

STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem;
  color: #1d1c1d; background: #fff; overflow-wrap: break-word }
h1 { font-size: 1.4rem; line-height: 1.3 } h2 { font-size: 1.15rem } small { font-weight: normal; color: #616061 }
pre { background: #f6f8fa; padding: .8rem; overflow-x: auto; font-size: 13px; line-height: 1.45; white-space: pre-wrap }
article { border: 1px solid #d0d7de; border-radius: 6px; padding: 0 1rem; margin: 1rem 0 }
img { max-width: 100% } table { border-collapse: collapse; display: block; overflow-x: auto }
td, th { border: 1px solid #d0d7de; padding: .2rem .5rem }
.state { color: #1a7f37; font-weight: 600 }
ins, del { text-decoration: none; display: block }
ins { background: #dafbe1 } del { background: #ffebe9 } .at { color: #57606a }
@media (prefers-color-scheme: dark) {
  body { color: #e6e6e6; background: #1a1d21 } pre { background: #22262b } .state { color: #3fb950 }
  ins { background: #12361f } del { background: #4a1d1e } small, .at { color: #9aa0a6 } a { color: #6cb6ff }
  article, td, th { border-color: #3d444d }
}
"""

Read = Callable[[str], bytes | None]


def render_pull_request(
    number: int,
    title: str,
    body: str,
    state: str,
    diff: str = "",
    documents: Mapping[str, str] = MappingProxyType({}),
    read: Read = lambda path: None,
) -> str:
    """The page, an issue's too. `documents` are new Markdown files by their paths; `read` gives a picture's bytes."""
    rows = "".join(map(_mark, diff.splitlines()))
    read_as = "".join(
        f"<h2>{html.escape(path)}</h2><article>{_render_document(path, text, read)}</article>"
        for path, text in documents.items()
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style><h1>{html.escape(title)} <small>#{number}</small></h1>"
        f'<p class="state">{html.escape(state)}</p>{_render_document("", body, read)}{read_as}'
        + (f"<h2>Changes</h2><pre>{rows}</pre></html>" if diff else "</html>")
    )


def _mark(line: str) -> str:
    tag = {"+": "ins", "-": "del"}.get(line[:1], "") if line[:3] not in ("+++", "---") else ""
    shown = html.escape(line)
    if tag:
        return f"<{tag}>{shown or ' '}</{tag}>"
    return f'<span class="at">{shown}</span>\n' if line[:2] in ("@@", "di", "in", "ne") else f"{shown}\n"


def _render_document(path: str, text: str, read: Read) -> str:
    """Markdown as a code host shows it; its pictures are part of the page."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text.partition("<!--")[0])
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                place = posixpath.join(posixpath.dirname(path), str(child.attrGet("src") or ""))
                picture = base64.b64encode(read(place) or b"").decode()
                child.attrSet("src", f"data:image/png;base64,{picture}")
    return str(reader.renderer.render(tokens, reader.options, {}))
