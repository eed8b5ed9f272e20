"""A pull request as people look at it: its text and its diff."""

import html

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d1c1d }
pre { background: #f6f8fa; padding: 1rem; overflow-x: auto; font-size: 13px; line-height: 1.45 }
.text { white-space: pre-wrap } .state { color: #1a7f37 } ins { background: #dafbe1; text-decoration: none }
del { background: #ffebe9; text-decoration: none }
"""


def render_pull_request(number: int, title: str, body: str, state: str, diff: str) -> str:
    """The page."""
    rows = "\n".join(_mark(line) for line in diff.splitlines())
    shown = html.escape(body.partition("<!--")[0].strip())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{html.escape(title)} <small>#{number}</small></h1>"
        f'<p class="state">{html.escape(state)}</p><p class="text">{shown}</p><pre>{rows}</pre></html>'
    )


def _mark(line: str) -> str:
    tag = {"+": "ins", "-": "del"}.get(line[:1], "")
    shown = html.escape(line)
    return f"<{tag}>{shown}</{tag}>" if tag and line[:3] not in ("+++", "---") else shown
