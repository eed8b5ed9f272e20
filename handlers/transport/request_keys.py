"""Identifies a delivery of Slack on any surface: who sent it, under which key, and what in their words."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from bot.services import UserRequest
from bot.text.truncation import make_storable

STILL_WAITS = "tocsin_still_waits"
"""In a request's context: a callable, whether whoever sent it still waits for the answer."""

KEPT = "tocsin_kept"
"""In the body of a request that was kept: the key that it had when it came first."""

StillWaits = Callable[[], bool]
Body = Mapping[str, Any]

KINDS = {
    "block_actions": "click",
    "view_submission": "view",
    "message_action": "shortcut",
    "shortcut": "shortcut",
}
"""The first part of the keys of what people do beside commands."""


def is_interactive(body: Body) -> bool:
    """Whether a person waits for the answer: a command, a click, a form or a shortcut; never an event."""
    return "command" in body or body.get("type") in KINDS


def build_request(body: Body) -> UserRequest:
    """The request that the delivery is: the same one again has the same key."""
    if "command" in body:
        return UserRequest(str(body.get(KEPT) or f"command:{body['trigger_id']}"), str(body["user_id"]))
    return UserRequest(str(body.get(KEPT) or f"{KINDS[body['type']]}:{_key(body)}"), str(body["user"]["id"]))


def _key(body: Body) -> str:
    match body["type"]:
        case "block_actions":
            return f"{body['trigger_id']}:{body['actions'][0]['action_id']}"
        case "view_submission":
            view = body["view"]
            typed = json.dumps(read_fields(view), sort_keys=True, ensure_ascii=False)
            # The same words twice are one submission; mended words after an error are another one of the same view.
            digest = hashlib.sha256(typed.encode()).hexdigest()[:16]
            return f"{view['id']}:{view.get('hash', '')}:{digest}"
        case _:
            return str(body["trigger_id"])


def read_fields(view: Body) -> dict[str, str]:
    """What stands in a form, by block id."""
    return {
        block_id: _value(next(iter(elements.values())))
        for block_id, elements in view["state"]["values"].items()
    }


def _value(element: Body) -> str:
    if (option := element.get("selected_option")) is not None:
        return str(option["value"])
    if (chosen := element.get("selected_options")) is not None:
        return " ".join(str(option["value"]) for option in chosen)
    for several in ("selected_channels", "selected_users"):
        if (ids := element.get(several)) is not None:
            return " ".join(map(str, ids))
    if (moment := element.get("selected_date_time")) is not None:
        return str(moment)
    return make_storable(
        element.get("value") or element.get("selected_user") or element.get("selected_date") or ""
    )


def describe_request(body: Body) -> str:
    """What somebody did, as they saw it themselves: the command as typed, a button's or a form's name."""
    if "command" in body:
        return f"{body['command']} {body.get('text') or ''}".strip()
    match body["type"]:
        case "block_actions":
            return _describe_click(body["actions"][0])
        case "view_submission":
            return str((body["view"].get("title") or {}).get("text") or "a form")
        case _:
            return SHORTCUTS.get(str(body.get("callback_id")), "a shortcut")


def _describe_click(action: Body) -> str:
    label = action.get("text") or (action.get("selected_option") or {}).get("text") or {}
    return str(label.get("text") or "a click")


SHORTCUTS = {
    "declare_from_message": "Declare incident",
    "add_to_timeline": "Add to the timeline",
    "add_action_item": "Add action item",
}
"""The shortcuts as people see them, by their callback ids; the manifest has the same names."""
