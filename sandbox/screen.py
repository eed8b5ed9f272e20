"""What a person has before their eyes: which blocks can be used, and what using one means."""

from typing import Any

from sandbox.elements import offered
from sandbox.model import Ephemeral, Json, Message, User, View
from sandbox.state import KEYS, CannotType, state_of
from sandbox.webapi_views import on_screen
from sandbox.workspace import Workspace

Target = Message | Ephemeral | View


def seen_blocks(
    workspace: Workspace, person: User, target: Target, as_seen: bool
) -> tuple[Target, list[Json]]:
    """The target as it stands now (or as it was read) and its blocks. Raises CannotType when hidden."""
    if isinstance(target, View):
        if target.user != person.id or not (as_seen or on_screen(workspace, target)):
            raise CannotType(f"{person.handle} has no such view open")
        return target, target.blocks
    if isinstance(target, Ephemeral):
        if target.reader != person.id:
            raise CannotType(f"{person.handle} cannot see this message")
        kept = next((each for each in workspace.ephemerals if each.ts == target.ts), None)
        if kept is None and not as_seen:
            raise CannotType("the message is gone")
        found = target if as_seen or kept is None else kept
        return found, list(found.blocks)
    channel = workspace.channels[target.channel]
    if channel.is_private and person.id not in channel.members:
        raise CannotType(f"{person.handle} cannot see this message")
    current = channel.messages.get(target.ts)
    if current is None and not as_seen:
        raise CannotType("the message is gone")
    message = target if as_seen or current is None else current
    return message, list(message.blocks)


def use_element(target: Target, block: Json, element: Json, value: Any) -> Json:
    """What the payload says of the choice; in a view the choice also stays in its state."""
    if element["type"] == "button":
        return {}
    if element["type"] == "overflow":
        option = next((each for each in offered(element) if each["value"] == value), None)
        if option is None:
            raise CannotType(f"{element['action_id']} has no option {value!r}")
        return {"selected_option": option}
    if element["type"] not in KEYS:
        raise CannotType(f"{element['action_id']} is a {element['type']}: nothing to click")
    state = state_of(element, value)
    if isinstance(target, View):
        target.values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return state
