"""What a person has before their eyes: which blocks can be used, and what using one means."""

from typing import Any

from sandbox.slack.block_kit.elements import list_options
from sandbox.slack.view_state import KEYS, ImpossibleActionError, build_element_state
from sandbox.slack.web_api.views import is_on_screen
from sandbox.slack.workspace import Workspace
from sandbox.slack.workspace_model import Ephemeral, Json, User, WorkspaceMessage, WorkspaceView

Target = WorkspaceMessage | Ephemeral | WorkspaceView


def find_visible_blocks(
    workspace: Workspace, person: User, target: Target, as_seen: bool
) -> tuple[Target, list[Json]]:
    """The target as it stands now (or as it was read) and its blocks.

    Raises ImpossibleActionError when it is hidden or gone.
    """
    if isinstance(target, WorkspaceView):
        if target.user != person.id or not (as_seen or is_on_screen(workspace, target)):
            raise ImpossibleActionError(f"{person.handle} has no such view open")
        return target, target.blocks
    current = _find_current(workspace, person, target)
    if current is None and not as_seen:
        raise ImpossibleActionError("the message is gone")
    shown = target if as_seen or current is None else current
    return shown, list(shown.blocks)


def _find_current(
    workspace: Workspace, person: User, target: WorkspaceMessage | Ephemeral
) -> WorkspaceMessage | Ephemeral | None:
    """The message as it stands now, None when it is gone. Raises ImpossibleActionError when it is hidden."""
    if isinstance(target, Ephemeral):
        hidden = target.reader != person.id
        stored = {ephemeral.ts: ephemeral for ephemeral in workspace.ephemerals}
        current: WorkspaceMessage | Ephemeral | None = stored.get(target.ts)
    else:
        channel = workspace.channels[target.channel]
        hidden = channel.is_private and person.id not in channel.members
        current = channel.messages.get(target.ts)
    if hidden:
        raise ImpossibleActionError(f"{person.handle} cannot see this message")
    return current


def use_element(target: Target, block: Json, element: Json, value: Any) -> Json:
    """What the payload says of the choice; in a view the choice also stays in its state."""
    if element["type"] == "button":
        return {}
    if element["type"] == "overflow":
        option = next((option for option in list_options(element) if option["value"] == value), None)
        if option is None:
            raise ImpossibleActionError(f"{element['action_id']} has no option {value!r}")
        return {"selected_option": option}
    if element["type"] not in KEYS:
        raise ImpossibleActionError(f"{element['action_id']} is a {element['type']}: nothing to click")
    state = build_element_state(element, value)
    if isinstance(target, WorkspaceView):
        target.values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return state
