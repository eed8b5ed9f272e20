"""Blocks for tests, short to write."""

from typing import Any

from slack_sdk.errors import SlackApiError

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str, value: str = "", text: str = "Press") -> Json:
    return {
        "type": "button",
        "text": plain(text),
        "action_id": action_id,
        **({"value": value} if value else {}),
    }


def actions(*elements: Json, block_id: str = "buttons") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def field(block_id: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, **more}


def option(value: str) -> Json:
    return {"text": plain(value.upper()), "value": value}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Title"), "submit": plain("Send"), "blocks": list(blocks), **more}


def code(error: SlackApiError) -> str:
    return str(error.response["error"])


def reasons(error: SlackApiError) -> str:
    """The sentences that name path and limit."""
    return "\n".join(error.response["response_metadata"]["messages"])
