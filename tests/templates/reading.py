"""A message as a person reads it: lines of text, mentions as `@U…`, buttons in brackets."""

from typing import Any

from bot.ports import SlackPayload


def read_aloud(message: SlackPayload) -> str:
    """All blocks from top to bottom."""
    return "\n".join(_block(block) for block in message.blocks)


def button_labels(message: SlackPayload) -> list[str]:
    """What the buttons say."""
    return [button["text"]["text"] for button in _buttons(message)]


def button_values(message: SlackPayload) -> dict[str, str]:
    """What each button carries, by its action id."""
    return {button["action_id"]: button["value"] for button in _buttons(message)}


def _buttons(message: SlackPayload) -> list[dict[str, Any]]:
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [each for row in rows for each in row if each["type"] == "button"]


def menu_choices(message: SlackPayload) -> dict[str, str]:
    """What each choice of a small menu carries, by its words."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    menus = [each for row in rows for each in row if each["type"] == "overflow"]
    return {choice["text"]["text"]: choice["value"] for menu in menus for choice in menu["options"]}


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "header":
            return str(block["text"]["text"])
        case "context":
            return " ".join(each["text"] for each in block["elements"])
        case "actions":
            drawn = (each["text"]["text"] if each["type"] == "button" else "⋯" for each in block["elements"])
            return " ".join(f"[{each}]" for each in drawn)
        case _:
            return "\n".join("".join(map(_span, part["elements"])) for part in block["elements"])


def _span(span: dict[str, Any]) -> str:
    match span["type"]:
        case "user":
            return f"@{span['user_id']}"
        case "channel":
            return f"#{span['channel_id']}"
        case "broadcast":
            return f"@{span['range']}"
        case kind:
            return str(span["fallback" if kind == "date" else "text"])
