"""Messages and modals as plain lines for a terminal."""

from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.elements import offered
from sandbox.model import Ephemeral, Json, Message, View
from sandbox.state import KEYS
from sandbox.wording import readable
from sandbox.workspace import Workspace


def message_lines(workspace: Workspace, message: Message | Ephemeral, tz: str = "UTC") -> list[str]:
    """The message as lines: its blocks, or its text when it has none. Times in the zone `tz`."""
    files = message.extra.get("files", ()) if isinstance(message, Message) else ()
    shown = [f"[file: {each['title']}, {each['size']} bytes]" for each in files]
    if message.blocks:
        return [*block_lines(workspace, message.blocks, tz, {}), *shown]
    lines = readable(workspace, message.text, tz).splitlines()
    return [*lines, *shown] or [""]


def view_lines(workspace: Workspace, view: View, tz: str = "UTC") -> list[str]:
    """A modal or home as lines: title, blocks with what is filled in, errors, buttons."""
    lines = [f"┌ {view.title or view.kind}"]
    for block in view.blocks:
        lines += [f"│ {each}" for each in block_lines(workspace, [block], tz, view.values)]
        if block["block_id"] in view.errors:
            lines.append(f"│   ✗ {view.errors[block['block_id']]}")
    buttons = [view.payload[key]["text"] for key in ("submit", "close") if view.payload.get(key)]
    return [*lines, "└ " + " ".join(f"[{each}]" for each in buttons)]


def block_lines(workspace: Workspace, blocks: Iterable[Json], tz: str, values: Json) -> Iterator[str]:
    """Blocks from top to bottom as lines; `values` are what is filled into a view's inputs."""
    for block in blocks:
        kind = block["type"]
        if kind == "divider":
            yield "─" * 40
        elif kind == "input":
            yield from _input(workspace, block, tz, values)
        elif kind == "actions":
            yield "  ".join(_element(each) for each in block["elements"])
        elif kind == "table":
            yield from _table(workspace, block["rows"], tz)
        else:
            yield from _texts(workspace, block, tz)


def _texts(workspace: Workspace, block: Json, tz: str) -> Iterator[str]:
    kind = block["type"]
    if kind == "header":
        yield from (f"━ {each}" for each in block["text"]["text"].splitlines())
    elif kind == "image":
        yield f"[image: {block['alt_text']}]"
    elif kind == "rich_text":
        yield from _rich(workspace, block["elements"], tz)
    elif kind == "markdown":
        yield from block["text"].splitlines()
    elif kind == "context":
        yield "  ".join(_text(workspace, each, tz) for each in block["elements"])
    elif kind in ("section", "alert"):
        if block.get("text"):
            yield from _text(workspace, block["text"], tz).splitlines()
        for each in block.get("fields", ()):
            yield "  " + _text(workspace, each, tz).replace("\n", " ")
        if block.get("accessory"):
            yield _element(block["accessory"])
    else:
        yield f"[{kind}]"


def _text(workspace: Workspace, part: Json, tz: str) -> str:
    if part["type"] == "image":
        return f"[image: {part['alt_text']}]"
    return readable(workspace, part["text"], tz) if part["type"] == "mrkdwn" else str(part["text"])


def _element(element: Json) -> str:
    kind = element["type"]
    if kind == "button":
        return f"[{element['text']['text']}]"
    if kind == "image":
        return f"[image: {element['alt_text']}]"
    choices = [each["text"]["text"] for each in offered(element)]
    name = element.get("placeholder", {}).get("text", kind)
    return f"({name}: {' | '.join(choices)})" if choices else f"({name})"


def _input(workspace: Workspace, block: Json, tz: str, values: Json) -> Iterator[str]:
    element = block["element"]
    state = values.get(block["block_id"], {}).get(element.get("action_id"), {})
    value = state.get(KEYS[element["type"]][0]) if element["type"] in KEYS else None
    label = block["label"]["text"] + ("" if not block.get("optional") else " (optional)")
    yield f"{label}: {_value(workspace, value) or '…'}"
    choices = [each["text"]["text"] for each in offered(element)]
    if choices:
        yield f"  choices: {' | '.join(choices)}"
    if block.get("hint"):
        yield f"  {block['hint']['text']}"


def _value(workspace: Workspace, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(workspace, each) for each in value)
    if isinstance(value, dict):
        return str(value.get("text", {}).get("text", ""))
    if isinstance(value, str) and value in workspace.users:
        return f"@{workspace.users[value].name}"
    return "" if value is None else str(value)


def _rich(workspace: Workspace, elements: Iterable[Json], tz: str) -> Iterator[str]:
    for each in elements:
        kind = each["type"]
        if kind == "rich_text_list":
            for number, item in enumerate(each["elements"], 1):
                mark = f"{number}." if each["style"] == "ordered" else "•"
                yield f"{'  ' * each.get('indent', 0)}{mark} {_inline(workspace, item['elements'], tz)}"
        else:
            mark = {"rich_text_quote": "> ", "rich_text_preformatted": "    "}.get(kind, "")
            for line in _inline(workspace, each["elements"], tz).splitlines():
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
            written.append(readable(workspace, f"<{part['url']}|{part.get('text', '')}>", tz))
        elif kind == "date":
            written.append(readable(workspace, f"<!date^{part['timestamp']}^{part['format']}|>", tz))
        else:
            signs = {"user": "@", "usergroup": "!subteam^", "channel": "#", "broadcast": "!"}
            id = part.get(f"{kind}_id") or part.get("range", "")
            written.append(readable(workspace, f"<{signs.get(kind, '')}{id}>", tz))
    return "".join(written)


def _table(workspace: Workspace, rows: Iterable[Iterable[Json]], tz: str) -> Iterator[str]:
    cells = [
        [
            each["text"] if each["type"] == "raw_text" else " ".join(_rich(workspace, each["elements"], tz))
            for each in row
        ]
        for row in rows
    ]
    columns = max(len(row) for row in cells)
    padded = [[*row, *[""] * (columns - len(row))] for row in cells]
    widths = [max(map(len, column)) for column in zip(*padded, strict=True)]
    for row in padded:
        yield " │ ".join(each.ljust(width) for each, width in zip(row, widths, strict=True)).rstrip()
