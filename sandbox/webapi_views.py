"""The `views.*` methods, and the stack of modals on each person's screen."""

from typing import Any

from sandbox.files import file_problems
from sandbox.identifiers import with_ids
from sandbox.model import Json, Trigger, View
from sandbox.shapes import view_shape
from sandbox.state import initial_values
from sandbox.validation import view_problems
from sandbox.webapi import Call, Methods, SlackError, answer, wrong
from sandbox.workspace import Workspace

methods = Methods()
TRIGGER_SECONDS = 3.0
STACK = 3


@methods.add("views.open")
def open_view(call: Call) -> Json:
    trigger = _trigger(call)
    payload = checked(call.workspace, _view(call), "modal")
    trigger.used = True
    return answer(view=_untouched(show(call.workspace, trigger.user, payload)))


@methods.add("views.push")
def push_view(call: Call) -> Json:
    trigger = _trigger(call)
    payload = checked(call.workspace, _view(call), "modal")
    if len(call.workspace.modals.get(trigger.user, ())) >= STACK:
        raise SlackError("push_limit_reached")
    trigger.used = True
    return answer(view=_untouched(push(call.workspace, trigger.user, payload)))


@methods.add("views.update")
def update_view(call: Call) -> Json:
    id, external = call.text("view_id"), call.text("external_id")
    if not id and not external:
        raise wrong("invalid_arguments", ["[ERROR] missing required field: view_id or external_id"])
    view = next(
        (
            each
            for each in call.workspace.views.values()
            if each.id == id or (external and each.payload.get("external_id") == external)
        ),
        None,
    )
    if view is None or not on_screen(call.workspace, view):
        raise SlackError("not_found")
    payload = checked(call.workspace, _view(call), view.kind, view)
    if call.text("hash") and call.text("hash") != view.hash:
        raise SlackError("hash_conflict")
    change(call.workspace, view, payload)
    return answer(view=view_shape(view))


@methods.add("views.publish")
def publish_view(call: Call) -> Json:
    user = call.user(call.need("user_id", "user_not_found"))
    shown = call.workspace.homes.get(user.id)
    payload = checked(call.workspace, _view(call), "home", shown)
    if shown is None:
        view = _new(call.workspace, user.id, payload)
        call.workspace.homes[user.id] = view
        call.workspace.changes.touch()
        return answer(view=view_shape(view))
    if call.text("hash") and call.text("hash") != shown.hash:
        raise SlackError("hash_conflict")
    change(call.workspace, shown, payload)
    return answer(view=view_shape(shown))


def checked(workspace: Workspace, payload: Any, kind: str, instead_of: View | None = None) -> Json:
    """The view with its block ids, or a refusal that names each problem."""
    if not isinstance(payload, dict):
        raise wrong("invalid_arguments", ["[ERROR] must be an object [json-pointer:/view]"])
    problems = view_problems(payload, kind) or file_problems(workspace, payload["blocks"], "/view/blocks")
    if problems:
        raise wrong("invalid_arguments", problems)
    external = payload.get("external_id")
    for other in workspace.views.values():
        same = external and other.payload.get("external_id") == external
        if same and other is not instead_of and on_screen(workspace, other):
            raise SlackError("duplicate_external_id")
    return {**payload, "blocks": list(with_ids(payload["blocks"], f"v{workspace.next_number()}"))}


def show(workspace: Workspace, user: str, payload: Json) -> View:
    """Open a modal in place of whatever the person had open."""
    view = _new(workspace, user, payload)
    workspace.modals[user] = [view]
    workspace.changes.touch()
    return view


def push(workspace: Workspace, user: str, payload: Json) -> View:
    """Put a modal on top of the person's other modals."""
    stack = workspace.modals.setdefault(user, [])
    view = _new(workspace, user, payload, stack[-1] if stack else None)
    stack.append(view)
    workspace.changes.touch()
    return view


def change(workspace: Workspace, view: View, payload: Json) -> None:
    """Replace what a view shows; values typed into inputs that stay, stay."""
    fresh = initial_values(payload["blocks"])
    for block, actions in fresh.items():
        for action, state in actions.items():
            known = view.values.get(block, {}).get(action)
            if known is not None and known.get("type") == state.get("type"):
                actions[action] = known
    view.payload, view.values = payload, fresh
    view.hash = _hash(workspace)
    workspace.changes.touch()


def drop(workspace: Workspace, view: View, everything: bool = False) -> None:
    """Close a modal, or the person's whole stack."""
    stack = workspace.modals.get(view.user, [])
    workspace.modals[view.user] = [] if everything else [each for each in stack if each is not view]
    workspace.changes.touch()


def on_screen(workspace: Workspace, view: View) -> bool:
    return view is workspace.homes.get(view.user) or view in workspace.modals.get(view.user, ())


def _new(workspace: Workspace, user: str, payload: Json, below: View | None = None) -> View:
    id = f"V0SAND{workspace.next_number():05d}"
    view = View(
        id=id,
        user=user,
        payload=payload,
        hash=_hash(workspace),
        root=below.root if below else id,
        previous=below.id if below else None,
        values=initial_values(payload["blocks"]),
    )
    workspace.views[id] = view
    return view


def _untouched(view: View) -> Json:
    """A view that has just opened: what its inputs show at first is no state yet."""
    return view_shape(view) | {"state": {"values": {}}}


def _hash(workspace: Workspace) -> str:
    number = workspace.next_number()
    return f"{workspace.seconds()}.{number * 2654435761 % 2**32:08x}"


def _view(call: Call) -> Any:
    value = call.parsed("view", "invalid_arguments")
    if value is None:
        raise wrong("invalid_arguments", ["[ERROR] missing required field: view"])
    return value


def _trigger(call: Call) -> Trigger:
    trigger = call.workspace.triggers.get(call.need("trigger_id", "invalid_trigger_id"))
    if trigger is None:
        raise SlackError("invalid_trigger_id")
    if trigger.used:
        raise SlackError("exchanged_trigger_id")
    if call.workspace.clocks.elapsed() - trigger.issued > TRIGGER_SECONDS:
        raise SlackError("expired_trigger_id")
    return trigger
