"""The `views.*` methods, and the stack of modals on each person's screen."""

from typing import Any

from sandbox.slack.block_ids import assign_ids
from sandbox.slack.block_kit.validation import find_view_problems
from sandbox.slack.serializers import build_view_json
from sandbox.slack.uploads import find_file_problems
from sandbox.slack.view_state import build_initial_values
from sandbox.slack.web_api.method import ApiMethodTable, Call, SlackError, build_answer, build_refusal
from sandbox.slack.workspace import Workspace
from sandbox.slack.workspace_model import Json, Trigger, WorkspaceView

methods = ApiMethodTable()
TRIGGER_SECONDS = 3.0
STACK = 3


@methods.add("views.open")
def open_view(call: Call) -> Json:
    trigger = _trigger(call)
    payload = check_view(call.workspace, _view(call), "modal")
    trigger.used = True
    return build_answer(view=_reset_values(show_view(call.workspace, trigger.user, payload)))


@methods.add("views.push")
def push_view(call: Call) -> Json:
    trigger = _trigger(call)
    payload = check_view(call.workspace, _view(call), "modal")
    if len(call.workspace.modals.get(trigger.user, ())) >= STACK:
        raise SlackError("push_limit_reached")
    trigger.used = True
    return build_answer(view=_reset_values(push_modal(call.workspace, trigger.user, payload)))


@methods.add("views.update")
def update_view(call: Call) -> Json:
    id, external = call.text("view_id"), call.text("external_id")
    if not id and not external:
        raise build_refusal("invalid_arguments", ["[ERROR] missing required field: view_id or external_id"])
    view = next(
        (
            view
            for view in call.workspace.views.values()
            if view.id == id or (external and view.payload.get("external_id") == external)
        ),
        None,
    )
    if view is None or not is_on_screen(call.workspace, view):
        raise SlackError("not_found")
    payload = check_view(call.workspace, _view(call), view.kind, view)
    if call.text("hash") and call.text("hash") != view.hash:
        raise SlackError("hash_conflict")
    change_view(call.workspace, view, payload)
    return build_answer(view=build_view_json(view))


@methods.add("views.publish")
def publish_view(call: Call) -> Json:
    user = call.user(call.need("user_id", "user_not_found"))
    shown = call.workspace.homes.get(user.id)
    payload = check_view(call.workspace, _view(call), "home", shown)
    if shown is None:
        view = _new(call.workspace, user.id, payload)
        call.workspace.homes[user.id] = view
        call.workspace.changes.touch()
        return build_answer(view=build_view_json(view))
    if call.text("hash") and call.text("hash") != shown.hash:
        raise SlackError("hash_conflict")
    change_view(call.workspace, shown, payload)
    return build_answer(view=build_view_json(shown))


def check_view(
    workspace: Workspace, payload: Any, kind: str, instead_of: WorkspaceView | None = None
) -> Json:
    """The view with its block ids, or a refusal that names each problem."""
    if not isinstance(payload, dict):
        raise build_refusal("invalid_arguments", ["[ERROR] must be an object [json-pointer:/view]"])
    problems = find_view_problems(payload, kind) or find_file_problems(
        workspace, payload["blocks"], "/view/blocks"
    )
    if problems:
        raise build_refusal("invalid_arguments", problems)
    external = payload.get("external_id")
    for other in workspace.views.values():
        same = external and other.payload.get("external_id") == external
        if same and other is not instead_of and is_on_screen(workspace, other):
            raise SlackError("duplicate_external_id")
    return {**payload, "blocks": list(assign_ids(payload["blocks"], f"v{workspace.next_number()}"))}


def show_view(workspace: Workspace, user: str, payload: Json) -> WorkspaceView:
    """Open a modal in place of whatever the person had open."""
    view = _new(workspace, user, payload)
    workspace.modals[user] = [view]
    workspace.changes.touch()
    return view


def push_modal(workspace: Workspace, user: str, payload: Json) -> WorkspaceView:
    """Put a modal on top of the person's other modals."""
    stack = workspace.modals.setdefault(user, [])
    view = _new(workspace, user, payload, stack[-1] if stack else None)
    stack.append(view)
    workspace.changes.touch()
    return view


def change_view(workspace: Workspace, view: WorkspaceView, payload: Json) -> None:
    """Replace what a view shows; values typed into inputs that stay, stay."""
    fresh = build_initial_values(payload["blocks"])
    for block, actions in fresh.items():
        for action, state in actions.items():
            known = view.values.get(block, {}).get(action)
            if known is not None and known.get("type") == state.get("type"):
                actions[action] = known
    view.payload, view.values = payload, fresh
    view.hash = _hash(workspace)
    workspace.changes.touch()


def close_view(workspace: Workspace, view: WorkspaceView, everything: bool = False) -> None:
    """Close a modal, or the person's whole stack."""
    stack = workspace.modals.get(view.user, [])
    workspace.modals[view.user] = [] if everything else [modal for modal in stack if modal is not view]
    workspace.changes.touch()


def is_on_screen(workspace: Workspace, view: WorkspaceView) -> bool:
    return view is workspace.homes.get(view.user) or view in workspace.modals.get(view.user, ())


def _new(workspace: Workspace, user: str, payload: Json, below: WorkspaceView | None = None) -> WorkspaceView:
    id = f"V0SAND{workspace.next_number():05d}"
    view = WorkspaceView(
        id=id,
        user=user,
        payload=payload,
        hash=_hash(workspace),
        root=below.root if below else id,
        previous=below.id if below else None,
        values=build_initial_values(payload["blocks"]),
    )
    workspace.views[id] = view
    return view


def _reset_values(view: WorkspaceView) -> Json:
    """A view that has just opened: what its inputs show at first is no state yet."""
    return build_view_json(view) | {"state": {"values": {}}}


def _hash(workspace: Workspace) -> str:
    number = workspace.next_number()
    return f"{workspace.seconds()}.{number * 2654435761 % 2**32:08x}"


def _view(call: Call) -> Any:
    value = call.parse_json("view", "invalid_arguments")
    if value is None:
        raise build_refusal("invalid_arguments", ["[ERROR] missing required field: view"])
    return value


def _trigger(call: Call) -> Trigger:
    trigger = call.workspace.triggers.get(call.need("trigger_id", "invalid_trigger_id"))
    if trigger is None:
        raise SlackError("invalid_trigger_id")
    if trigger.used:
        raise SlackError("exchanged_trigger_id")
    if call.workspace.clocks.read_monotonic() - trigger.issued > TRIGGER_SECONDS:
        raise SlackError("expired_trigger_id")
    return trigger
