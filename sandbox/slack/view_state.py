"""What stands in the inputs of a view: `state.values`, as Slack reports it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.slack.block_kit.block_schemas import list_elements
from sandbox.slack.block_kit.elements import list_options
from sandbox.slack.workspace_model import Json

# Of each element: the key of its value in the state, and the key of what it shows at first.
KEYS: Mapping[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}


class ImpossibleActionError(Exception):
    """Slack's own window would not let a person do that: no such input or option, a required one empty."""


def build_empty_value(element: Mapping[str, Any]) -> Any:
    return [] if KEYS[element["type"]][0].endswith("s") else None


def build_initial_values(blocks: Iterable[Json]) -> Json:
    """The state of a view that nobody has touched."""
    values: Json = {}
    for block in blocks:
        for element in list_elements(block):
            if element["type"] in KEYS:
                key, first = KEYS[element["type"]]
                state = {"type": element["type"], key: element.get(first, build_empty_value(element))}
                values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def find_element(
    blocks: Iterable[Json], action_id: str, block_id: str | None, value: str | None
) -> tuple[Json, Json]:
    """The block and the one element with this action id; raises ImpossibleActionError when there is none or several."""
    found = [
        (block, element)
        for block in blocks
        for element in list_elements(block)
        if element.get("action_id") == action_id
        and block_id in (None, block.get("block_id"))
        and (element["type"] != "button" or value in (None, element.get("value")))
    ]
    if len(found) != 1:
        shown = [f"{b.get('block_id')}/{e.get('action_id')}" for b in blocks for e in list_elements(b)]
        what = "several elements" if found else "no element"
        raise ImpossibleActionError(
            f"{what} {action_id} (block {block_id}, value {value}) among {', '.join(shown) or 'none'}"
        )
    return found[0]


def build_element_state(element: Mapping[str, Any], given: Any) -> Json:
    """The state after somebody chose or typed `given`: text, an option's value, several, an id, a date.

    A dict is taken as the state itself.
    """
    if isinstance(given, dict):
        return {"type": element["type"], **given}
    key = KEYS[element["type"]][0]
    if given is None:
        return {"type": element["type"], key: build_empty_value(element)}
    if key == "selected_option":
        return {"type": element["type"], key: _option(element, given)}
    if key == "selected_options":
        return {"type": element["type"], key: [_option(element, value) for value in given]}
    return {"type": element["type"], key: given}


def fill_values(blocks: list[Json], values: Json, given: Mapping[str, Mapping[str, Any]]) -> Json:
    """`values` with what somebody typed: {block_id: {action_id: given}}."""
    filled = {block: dict(actions) for block, actions in values.items()}
    for block_id, actions in given.items():
        for action_id, state in actions.items():
            _, element = find_element(blocks, action_id, block_id, None)
            if element["type"] not in KEYS:
                raise ImpossibleActionError(
                    f"{block_id}/{action_id} is a {element['type']}: nothing to fill in"
                )
            filled.setdefault(block_id, {})[action_id] = build_element_state(element, state)
    return filled


def refuse_incomplete(blocks: Iterable[Json], values: Json) -> None:
    """Slack's window does not send a form with an empty required input or a text outside its limits."""
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = values.get(block["block_id"], {}).get(element.get("action_id"), {})
        value = state.get(KEYS[element["type"]][0]) if element["type"] in KEYS else True
        if not value and not block.get("optional"):
            raise ImpossibleActionError(f"{block['block_id']} is required and empty")
        if element["type"] == "plain_text_input" and isinstance(value, str):
            low, high = element.get("min_length", 0), element.get("max_length", 3000)
            if not low <= len(value) <= high:
                raise ImpossibleActionError(
                    f"{block['block_id']} takes {low} to {high} characters, not {len(value)}"
                )


def _option(element: Mapping[str, Any], value: Any) -> Json:
    for option in list_options(element):
        if option["value"] == value:
            return dict(option)
    raise ImpossibleActionError(f"{element.get('action_id')} has no option {value!r}")
