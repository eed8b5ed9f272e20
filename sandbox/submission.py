"""What the bot's response to a submitted view does to the screen."""

from typing import Any

from sandbox.model import View
from sandbox.webapi import SlackError
from sandbox.webapi_views import STACK, change, checked, drop, push
from sandbox.workspace import Workspace

TROUBLE = "We had some trouble connecting. Try again?"


def apply_response(workspace: Workspace, view: View, body: Any) -> str:
    """Do what `response_action` says: nothing closes the view. Empty, or why it cannot be done."""
    if body in ("", {}):
        drop(workspace, view)
        return ""
    if not isinstance(body, dict):
        return f"{TROUBLE} (the response is neither empty nor JSON)"
    action = body.get("response_action")
    if action == "clear":
        drop(workspace, view, everything=True)
        return ""
    if action == "errors":
        return _note_errors(workspace, view, body.get("errors"))
    if action not in ("update", "push"):
        return f"{TROUBLE} (unknown response_action {action!r})"
    if action == "push" and len(workspace.modals[view.user]) >= STACK:
        return f"{TROUBLE} (push_limit_reached)"
    try:
        payload = checked(workspace, body.get("view"), "modal", view if action == "update" else None)
    except SlackError as refusal:
        return f"{TROUBLE} ({refusal.code}: {refusal.more})"
    if action == "update":
        change(workspace, view, payload)
    else:
        push(workspace, view.user, payload)
    return ""


def _note_errors(workspace: Workspace, view: View, errors: Any) -> str:
    inputs = {each["block_id"] for each in view.blocks if each["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        return f"{TROUBLE} (response_action errors without errors)"
    unknown = sorted(set(errors) - inputs)
    if unknown:
        return f"{TROUBLE} (no input block is called {', '.join(unknown)})"
    view.errors = {str(block): str(words) for block, words in errors.items()}
    workspace.changes.touch()
    return ""
