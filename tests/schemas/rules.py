"""What holds between the parts of a payload, which no definition of a single part can say."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

ANYWHERE = frozenset(
    {"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
)
TAKEN = {
    "message": ANYWHERE
    | {
        "card",
        "carousel",
        "container",
        "context_actions",
        "data_table",
        "markdown",
        "plan",
        "table",
        "task_card",
    },
    "modal": ANYWHERE | {"alert"},
    "home": ANYWHERE | {"card", "carousel"},
}
"""The blocks that each surface shows."""

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
LONGEST_MESSAGE, LONGEST_MARKDOWN, LARGEST_VIEW = 12_000, 12_000, 250_000
LARGEST_EDIT = 4000
CHOICES = frozenset({"static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow"})


def blocks_problems(blocks: list[Json], surface: str) -> Iterator[str]:
    """Why these blocks cannot stand together on a `message`, `modal` or `home`."""
    if len(blocks) > MOST_BLOCKS[surface]:
        yield f"{len(blocks)} blocks, {MOST_BLOCKS[surface]} is the most in a {surface}"
    for name in _twice(block.get("block_id") for block in blocks):
        yield f"two blocks are called {name}"
    for place, block in enumerate(blocks):
        where = f"{place} ({block['type']} {block.get('block_id', '')})"
        if block["type"] not in TAKEN[surface]:
            yield f"{where}: not shown in a {surface}"
        yield from (f"{where}: {problem}" for problem in _block_problems(block))
    focused = sum(bool(each.get("focus_on_load")) for block in blocks for each in _elements(block))
    if focused > 1:
        yield f"{focused} elements want the focus"
    if surface == "message":
        yield from _message_problems(blocks)


def text_problems(method: str, text: str) -> Iterator[str]:
    """Why this plain text is too long, where bytes are counted and not characters."""
    size = len(text.encode("utf-8", "replace"))
    if method == "chat.update" and size > LARGEST_EDIT:
        yield f"{size} bytes, {LARGEST_EDIT} is the most"


def view_problems(view: Json) -> Iterator[str]:
    """Why this modal or home cannot be shown."""
    yield from (f"blocks: {problem}" for problem in blocks_problems(view["blocks"], view["type"]))
    if view["type"] == "modal" and "submit" not in view and any(b["type"] == "input" for b in view["blocks"]):
        yield "inputs without a submit button"
    if (size := len(json.dumps(view))) > LARGEST_VIEW:
        yield f"{size} bytes, {LARGEST_VIEW} is the most"


def _message_problems(blocks: list[Json]) -> Iterator[str]:
    if sum(block["type"] == "table" for block in blocks) > 1:
        yield "more than one table"
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > LONGEST_MARKDOWN:
        yield f"{markdown} characters of markdown, {LONGEST_MARKDOWN} is the most"
    if (total := text_length(blocks)) > LONGEST_MESSAGE:
        yield f"{total} characters in all blocks, {LONGEST_MESSAGE} is the most"


def text_length(value: object) -> int:
    """The characters of all texts inside."""
    if isinstance(value, list | tuple):
        return sum(map(text_length, value))
    if not isinstance(value, dict):
        return 0
    text = value.get("text")
    return len(text if isinstance(text, str) else "") + sum(map(text_length, value.values()))


def _block_problems(block: Json) -> Iterator[str]:
    if block["type"] == "section" and not block.get("text") and not block.get("fields"):
        yield "neither text nor fields"
    elements = _elements(block)
    yield from (
        f"two elements are called {name}" for name in _twice(each.get("action_id") for each in elements)
    )
    for element in elements:
        yield from (
            f"{element['type']} {element.get('action_id', '')}: {problem}"
            for problem in _element_problems(element)
        )


def _elements(block: Json) -> list[Json]:
    """The interactive elements of a block."""
    if block["type"] in ("actions", "context_actions"):
        return list(block["elements"])
    part = block.get("element" if block["type"] == "input" else "accessory")
    return [part] if part else []


def _element_problems(element: Json) -> Iterator[str]:
    if element["type"] in CHOICES:
        yield from _choice_problems(element)
    elif element["type"] == "plain_text_input":
        yield from _length_problems(element)
    elif element["type"] == "number_input":
        yield from _range_problems(element)


def _choice_problems(element: Json) -> Iterator[str]:
    if ("options" in element) == ("option_groups" in element):
        yield "options and groups of options: one of them is wanted"
    groups = element.get("option_groups", ())
    offered = [*element.get("options", ()), *(each for group in groups for each in group["options"])]
    chosen = [*element.get("initial_options", ())]
    if "initial_option" in element:
        chosen.append(element["initial_option"])
    yield from (
        f"chosen at first, but not offered: {each.get('value')}" for each in chosen if each not in offered
    )
    yield from (
        f"two options have the value {value}" for value in _twice(each.get("value") for each in offered)
    )
    if len(chosen) > element.get("max_selected_items", len(chosen)):
        yield "more are chosen at first than may be"


def _length_problems(element: Json) -> Iterator[str]:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if least > most:
        yield f"at least {least} and at most {most} characters"
    if "initial_value" in element and not least <= len(element["initial_value"]) <= most:
        yield f"starts with {len(element['initial_value'])} characters, {least} to {most} are taken"


def _range_problems(element: Json) -> Iterator[str]:
    names = [name for name in ("min_value", "initial_value", "max_value") if name in element]
    try:
        numbers = [float(element[name]) for name in names]
    except ValueError:
        yield f"not a number among {', '.join(names)}"
        return
    if numbers != sorted(numbers):
        yield f"{', '.join(names)} are not in their order"


def _twice(names: Iterator[Any]) -> list[Any]:
    return [name for name, count in Counter(names).items() if name is not None and count > 1]
