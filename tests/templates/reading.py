"""A message as a person reads it: lines of text, mentions as `@U…`, buttons in brackets."""

from typing import Any

from bot.ports import Message


def read_aloud(message: Message) -> str:
    """All blocks from top to bottom."""
    return "\n".join(_block(block) for block in message.blocks)


def button_labels(message: Message) -> list[str]:
    """What the buttons say."""
    return [each["text"]["text"] for each in _buttons(message)]


def button_values(message: Message) -> dict[str, str]:
    """What each button carries, by its action id."""
    return {each["action_id"]: each["value"] for each in _buttons(message)}


def _buttons(message: Message) -> list[dict[str, Any]]:
    return [each for block in message.blocks if block["type"] == "actions" for each in block["elements"]]


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "header":
            return str(block["text"]["text"])
        case "context":
            return " ".join(each["text"] for each in block["elements"])
        case "actions":
            return " ".join(f"[{each['text']['text']}]" for each in block["elements"])
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
