"""Slack's limits as measured, written down once more for the templates: what a message or a modal breaks, in words."""

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
IN_MESSAGES = {"actions", "context", "divider", "header", "image", "rich_text", "section"}
IN_MODALS = {"actions", "context", "divider", "header", "input", "rich_text", "section"}
SPANS = {
    "text": "text",
    "link": "url",
    "user": "user_id",
    "channel": "channel_id",
    "broadcast": "range",
    "date": "format",
}
"""The spans of rich text that are used, each with the field that must not be empty."""

PARTS = {"rich_text_section", "rich_text_preformatted", "rich_text_quote", "rich_text_list"}
ALL_TEXT = 12_000
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NAMES = 255


def message_problems(text: str, blocks: list[Json]) -> list[str]:
    """Why Slack would refuse or cut this message; empty when it takes it as it is."""
    found = _all([_within("text", text, 1, 40_000), *_blocks(blocks, IN_MESSAGES, 50)])
    total = sum(len(each) for each in texts(blocks))
    return [*found, f"all texts: {total} characters, at most {ALL_TEXT}"] if total > ALL_TEXT else found


def modal_problems(view: Json) -> list[str]:
    """Why Slack would refuse this modal; empty when it takes it."""
    blocks: list[Json] = view["blocks"]
    found = _all(
        [*_blocks(blocks, IN_MODALS, 100), _within("callback_id", view.get("callback_id", ""), 0, NAMES)]
    )
    found += _all(_plain(name, view[name], 24) for name in ("title", "submit", "close") if name in view)
    found += _all([_within("private_metadata", view.get("private_metadata", ""), 0, 3000)])
    if "title" not in view:
        found.append("no title")
    if any(block["type"] == "input" for block in blocks) and "submit" not in view:
        found.append("inputs without submit")
    return found


def home_problems(view: Json) -> list[str]:
    """Why Slack would refuse this home tab; empty when it takes it."""
    found = [] if view["type"] == "home" else ["not a home"]
    return [*found, *_all(_blocks(view["blocks"], IN_MESSAGES, 100))]


def texts(value: object) -> Iterator[str]:
    """Every text inside blocks."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in ("text", "fallback") and isinstance(each, str):
                yield each
            else:
                yield from texts(each)


def _all(found: Any) -> list[str]:
    return [each for each in found if each]


def _within(name: str, text: str, least: int, most: int) -> str:
    return (
        "" if least <= len(text) <= most else f"{name}: {len(text)} characters, {least} to {most} are taken"
    )


def _plain(name: str, text: Json, most: int) -> str:
    if text.get("type") != "plain_text":
        return f"{name}: not plain text"
    return _within(name, text["text"], 1, most) or ("" if text["text"].strip() else f"{name}: only spaces")


def _blocks(blocks: list[Json], allowed: set[str], most: int) -> Iterator[str]:
    if not 1 <= len(blocks) <= most:
        yield f"{len(blocks)} blocks, at most {most}"
    ids = [block.get("block_id") for block in blocks]
    yield from (f"block_id {id_!r} is missing or not unique" for id_ in ids if not id_ or ids.count(id_) > 1)
    actions = [each["action_id"] for block in blocks for each in _elements(block)]
    yield from (f"action_id {action} is not unique" for action in set(actions) if actions.count(action) > 1)
    for block in blocks:
        name = f"{block['type']} {block.get('block_id')}"
        if block["type"] not in allowed:
            yield f"{name} is not allowed here"
        yield from (f"{name}: {each}" for each in _block(block) if each)


def _elements(block: Json) -> list[Json]:
    if block["type"] == "actions":
        return list(block["elements"])
    return [block["element"]] if block["type"] == "input" else []


def _block(block: Json) -> Iterator[str]:
    yield _within("block_id", block.get("block_id", ""), 1, NAMES)
    match block["type"]:
        case "header":
            yield _plain("header", block["text"], 150)
        case "section":
            yield _within("text", block["text"]["text"], 1, 3000)
        case "context":
            yield _count("elements", block["elements"], 10)
            yield from (_within("text", each["text"], 1, 3000) for each in block["elements"])
        case "actions":
            yield _count("elements", block["elements"], 25)
            for each in block["elements"]:
                match each["type"]:
                    case "overflow":
                        yield from _menu(each)
                    case "checkboxes":
                        yield from _input(each)
                    case _:
                        yield from _button(each)
        case "input":
            yield _plain("label", block["label"], 2000)
            yield from _input(block["element"])
        case "image":
            yield _within("alt_text", block["alt_text"], 1, 2000)
        case "rich_text":
            yield from _rich(block["elements"])


def _count(name: str, of: list[Any], most: int) -> str:
    return "" if 1 <= len(of) <= most else f"{len(of)} {name}, 1 to {most} are taken"


def _button(element: Json) -> Iterator[str]:
    yield "" if element["type"] == "button" else f"{element['type']} among the buttons"
    yield _plain("button", element["text"], 75)
    yield _within("value", element["value"], 1, 2000)
    yield _within("action_id", element["action_id"], 1, NAMES)
    yield "" if element.get("style", "primary") in ("primary", "danger") else "an unknown style"


def _menu(element: Json) -> Iterator[str]:
    yield _within("action_id", element["action_id"], 1, NAMES)
    yield _count("choices", element["options"], 5)
    for option in element["options"]:
        yield from _option(option)


def _input(element: Json) -> Iterator[str]:
    yield _within("action_id", element["action_id"], 1, NAMES)
    if "placeholder" in element:
        yield _plain("placeholder", element["placeholder"], 150)
    match element["type"]:
        case "plain_text_input":
            longest = element.get("max_length", 3000)
            yield "" if 1 <= longest <= 3000 else "max_length"
            yield _within("initial_value", element.get("initial_value", ""), 0, longest)
        case "static_select":
            groups = element.get("option_groups") or [{"options": element["options"]}]
            yield _count("groups", groups, 100)
            offered = []
            for group in groups:
                yield _plain("group", group["label"], 75) if "label" in group else ""
                yield _count("options", group["options"], 100)
                for option in group["options"]:
                    yield from _option(option)
                    offered.append(option)
            if "initial_option" in element and element["initial_option"] not in offered:
                yield "the initial option is not offered"
            values = [option["value"] for option in offered]
            yield "" if len(set(values)) == len(values) else "two options with one value"
        case "checkboxes":
            yield _count("options", element["options"], 10)
            for option in element["options"]:
                yield from _option(option)
        case "users_select":
            yield _within("initial_user", element.get("initial_user", "U"), 1, NAMES)
        case "multi_channels_select":
            yield _plain("placeholder", element["placeholder"], 150)
        case "multi_users_select":
            yield _plain("placeholder", element["placeholder"], 150)
            chosen = element.get("initial_users", ["U"])
            yield "" if 1 <= len(chosen) <= element["max_selected_items"] else "initial_users"
        case "datepicker":
            yield "" if DAY.fullmatch(element.get("initial_date", "2026-01-01")) else "no day"
        case "datetimepicker":
            yield _within("initial_date_time", str(element.get("initial_date_time", "1" * 10)), 10, 10)
        case other:
            yield f"an input that is not known: {other}"


def _option(option: Json) -> Iterator[str]:
    yield _plain("option", option["text"], 75)
    yield _within("option value", option["value"], 1, 150)
    if "description" in option:
        yield _plain("description", option["description"], 75)


def _rich(parts: list[Json]) -> Iterator[str]:
    yield _count("parts", parts, 1000)
    for part in parts:
        yield "" if part["type"] in PARTS else f"an unknown part {part['type']}"
        spans = part["elements"]
        if part["type"] == "rich_text_list":
            spans = [span for item in spans for span in item["elements"]]
        yield _count("spans", spans, 1000)
        for span in spans:
            kind = span["type"]
            yield "" if kind in SPANS else f"an unknown span {kind}"
            yield "" if span.get(SPANS.get(kind, "type")) else f"an empty {kind}"
            if kind == "link":
                yield _within("url", span["url"], 1, 3000)
                yield "" if span["url"].startswith(("https://", "http://")) else f"no address: {span['url']}"
