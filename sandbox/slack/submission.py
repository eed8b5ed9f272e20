"""What the bot's response to a submitted view does to the screen."""

from typing import Any

from sandbox.slack.web_api.method import SlackError
from sandbox.slack.web_api.views import STACK, change_view, check_view, close_view, push_modal
from sandbox.slack.workspace import Workspace
from sandbox.slack.workspace_model import WorkspaceView

TROUBLE = "We had some trouble connecting. Try again?"


def apply_response(workspace: Workspace, view: WorkspaceView, body: Any) -> str:
    """Do what `response_action` says: nothing closes the view. Empty, or why it cannot be done."""
    if body in ("", {}):
        close_view(workspace, view)
        return ""
    if not isinstance(body, dict):
        return f"{TROUBLE} (the response is neither empty nor JSON)"
    action = body.get("response_action")
    if action == "clear":
        close_view(workspace, view, everything=True)
        return ""
    if action == "errors":
        return _note_errors(workspace, view, body.get("errors"))
    if action not in ("update", "push"):
        return f"{TROUBLE} (unknown response_action {action!r})"
    if action == "push" and len(workspace.modals[view.user]) >= STACK:
        return f"{TROUBLE} (push_limit_reached)"
    try:
        payload = check_view(workspace, body.get("view"), "modal", view if action == "update" else None)
    except SlackError as refusal:
        return f"{TROUBLE} ({refusal.code}: {refusal.more})"
    if action == "update":
        change_view(workspace, view, payload)
    else:
        push_modal(workspace, view.user, payload)
    return ""


def _note_errors(workspace: Workspace, view: WorkspaceView, errors: Any) -> str:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        return f"{TROUBLE} (response_action errors without errors)"
    unknown = sorted(set(errors) - inputs)
    if unknown:
        return f"{TROUBLE} (no input block is called {', '.join(unknown)})"
    view.errors = {str(block): str(words) for block, words in errors.items()}
    workspace.changes.touch()
    return ""
