"""Messages and modals as plain lines for a terminal."""

from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.slack.block_kit.elements import list_options
from sandbox.slack.mrkdwn_text import render_readable
from sandbox.slack.view_state import KEYS
from sandbox.slack.workspace import Workspace
from sandbox.slack.workspace_model import Ephemeral, Json, WorkspaceMessage, WorkspaceView


def render_message_lines(
    workspace: Workspace, message: WorkspaceMessage | Ephemeral, tz: str = "UTC"
) -> list[str]:
    """The message as lines: its blocks, or its text when it has none. Times in the zone `tz`."""
    files = message.extra.get("files", ()) if isinstance(message, WorkspaceMessage) else ()
    shown = [_describe_file(file) for file in files]
    if message.blocks:
        return [*render_block_lines(workspace, message.blocks, tz, {}), *shown]
    lines = render_readable(workspace, message.text, tz).splitlines()
    return [*lines, *shown] or [""]


def _describe_file(file: Json) -> str:
    if file.get("mode") == "tombstone":
        return "[This file was deleted.]"
    return f"[file: {file['title']}, {file['size']} bytes]"


def render_view_lines(workspace: Workspace, view: WorkspaceView, tz: str = "UTC") -> list[str]:
    """A modal or home as lines: title, blocks with what is filled in, errors, buttons."""
    lines = [f"┌ {view.title or view.kind}"]
    for block in view.blocks:
        lines += [f"│ {line}" for line in render_block_lines(workspace, [block], tz, view.values)]
        if block["block_id"] in view.errors:
            lines.append(f"│   ✗ {view.errors[block['block_id']]}")
    buttons = [view.payload[key]["text"] for key in ("submit", "close") if view.payload.get(key)]
    return [*lines, "└ " + " ".join(f"[{button}]" for button in buttons)]


def render_block_lines(workspace: Workspace, blocks: Iterable[Json], tz: str, values: Json) -> Iterator[str]:
    """Blocks from top to bottom as lines; `values` are what is filled into a view's inputs."""
    for block in blocks:
        kind = block["type"]
        if kind == "divider":
            yield "─" * 40
        elif kind == "input":
            yield from _input(workspace, block, tz, values)
        elif kind == "actions":
            yield "  ".join(_element(element) for element in block["elements"])
        elif kind == "table":
            yield from _table(workspace, block["rows"], tz)
        else:
            yield from _texts(workspace, block, tz)


def _texts(workspace: Workspace, block: Json, tz: str) -> Iterator[str]:
    kind = block["type"]
    if kind == "header":
        yield from (f"━ {line}" for line in block["text"]["text"].splitlines())
    elif kind == "image":
        yield f"[image: {block['alt_text']}]"
    elif kind == "rich_text":
        yield from _rich(workspace, block["elements"], tz)
    elif kind == "markdown":
        yield from block["text"].splitlines()
    elif kind == "context":
        yield "  ".join(_text(workspace, element, tz) for element in block["elements"])
    elif kind in ("section", "alert"):
        if block.get("text"):
            yield from _text(workspace, block["text"], tz).splitlines()
        for field in block.get("fields", ()):
            yield "  " + _text(workspace, field, tz).replace("\n", " ")
        if block.get("accessory"):
            yield _element(block["accessory"])
    else:
        yield f"[{kind}]"


def _text(workspace: Workspace, part: Json, tz: str) -> str:
    if part["type"] == "image":
        return f"[image: {part['alt_text']}]"
    return render_readable(workspace, part["text"], tz) if part["type"] == "mrkdwn" else str(part["text"])


def _element(element: Json) -> str:
    kind = element["type"]
    if kind == "button":
        return f"[{element['text']['text']}]"
    if kind == "image":
        return f"[image: {element['alt_text']}]"
    choices = [option["text"]["text"] for option in list_options(element)]
    name = element.get("placeholder", {}).get("text", kind)
    return f"({name}: {' | '.join(choices)})" if choices else f"({name})"


def _input(workspace: Workspace, block: Json, tz: str, values: Json) -> Iterator[str]:
    element = block["element"]
    state = values.get(block["block_id"], {}).get(element.get("action_id"), {})
    value = state.get(KEYS[element["type"]][0]) if element["type"] in KEYS else None
    label = block["label"]["text"] + ("" if not block.get("optional") else " (optional)")
    yield f"{label}: {_value(workspace, value) or '…'}"
    choices = [option["text"]["text"] for option in list_options(element)]
    if choices:
        yield f"  choices: {' | '.join(choices)}"
    if block.get("hint"):
        yield f"  {block['hint']['text']}"


def _value(workspace: Workspace, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(workspace, item) for item in value)
    if isinstance(value, dict):
        return str(value.get("text", {}).get("text", ""))
    if isinstance(value, str) and value in workspace.users:
        return f"@{workspace.users[value].name}"
    return "" if value is None else str(value)


def _rich(workspace: Workspace, elements: Iterable[Json], tz: str) -> Iterator[str]:
    for element in elements:
        kind = element["type"]
        if kind == "rich_text_list":
            for number, item in enumerate(element["elements"], 1):
                mark = f"{number}." if element["style"] == "ordered" else "•"
                yield f"{'  ' * element.get('indent', 0)}{mark} {_inline(workspace, item['elements'], tz)}"
        else:
            mark = {"rich_text_quote": "> ", "rich_text_preformatted": "    "}.get(kind, "")
            for line in _inline(workspace, element["elements"], tz).splitlines():
                yield mark + line


def _inline(workspace: Workspace, parts: Iterable[Json], tz: str) -> str:
    written = []
    for part in parts:
        kind = part["type"]
        if kind == "text":
            written.append(part["text"])
        elif kind == "emoji":
            written.append(f":{part['name']}:")
        elif kind == "link":
            written.append(render_readable(workspace, f"<{part['url']}|{part.get('text', '')}>", tz))
        elif kind == "date":
            written.append(render_readable(workspace, f"<!date^{part['timestamp']}^{part['format']}|>", tz))
        else:
            signs = {"user": "@", "usergroup": "!subteam^", "channel": "#", "broadcast": "!"}
            id = part.get(f"{kind}_id") or part.get("range", "")
            written.append(render_readable(workspace, f"<{signs.get(kind, '')}{id}>", tz))
    return "".join(written)


def _table(workspace: Workspace, rows: Iterable[Iterable[Json]], tz: str) -> Iterator[str]:
    cells = [
        [
            cell["text"] if cell["type"] == "raw_text" else " ".join(_rich(workspace, cell["elements"], tz))
            for cell in row
        ]
        for row in rows
    ]
    columns = max(len(row) for row in cells)
    padded = [[*row, *[""] * (columns - len(row))] for row in cells]
    widths = [max(map(len, column)) for column in zip(*padded, strict=True)]
    for row in padded:
        yield " │ ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
