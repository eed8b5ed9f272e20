"""What is said when a form could not be opened: why, what was typed, and how to do the same without the form."""

import json
from collections.abc import Mapping
from typing import Any

from bot.ports import SlackPayload
from templates import action_ids, form_fields
from templates.blocks import build_lines, build_message, build_quote, build_rich_text
from templates.escaping import cut
from templates.spans import Code, Line

MAX_TYPED_LENGTH = 2000
"""Characters of what is given back: it is copied from there."""

AGAIN = "Try again in a moment."
WITHOUT: Mapping[str, tuple[str, str]] = {
    action_ids.DECLARE_FORM: (
        "Or declare in one line, with the severity that fits: ",
        "/incident declare {level} {words}",
    ),
    action_ids.SEVERITY_FORM: ("Or say the severity in the line: ", "/incident declare {level} {words}"),
    action_ids.UPDATE_FORM: ("Or post it in one line: ", "/incident update INC-{number} {words}"),
    action_ids.RESOLVE_FORM: (
        "Open the form again with the same words: ",
        "/incident resolve INC-{number} {words}",
    ),
    action_ids.IMPACT_FORM: ("Or say it in one line: ", "/incident impact INC-{number} {words}"),
    action_ids.REVIEW_FORM: ("Open it again: ", "/incident review INC-{number}"),
    action_ids.LEARNINGS_FORM: ("Click the button again. Nothing was shared.", ""),
    action_ids.ACTION_FORM: (
        "Or add it in one line: ",
        "/incident action INC-{number} @dana by friday {words}",
    ),
    action_ids.OWN_ITEM_FORM: ("Choose it in the menu beside the item again.", ""),
    action_ids.FILL_FORM: ("Click the step's button again, or run its command yourself.", ""),
    action_ids.PUBLIC_FORM: ("Click the button again. Nothing is public.", ""),
    action_ids.SHOWN: ("Click the button again.", ""),
}
"""By the form's callback id: how the same is done without it, and the line to type."""

WORDS = {
    action_ids.UPDATE_FORM: "The API is back",
    action_ids.RESOLVE_FORM: "Rolled back",
    action_ids.IMPACT_FORM: "Nobody can pay",
    action_ids.ACTION_FORM: "Add an index on orders(status)",
}


def render_unopened_form(view: Mapping[str, Any], reason: str, soon: bool = True) -> SlackPayload:
    """The form that was to be opened did not open; `reason` is a sentence without its end. `soon`: it may open in a
    moment."""
    form, carried = str(view.get("callback_id", "")), _read_metadata(view)
    typed = _read_typed(view, carried)
    advice, line = WITHOUT.get(form, ("", ""))
    if carried.get("drill") or _is_ticked(view, action_ids.DRILL):
        line = line.replace("/incident declare", "/incident drill")
    if carried.get("private") or _is_ticked(view, action_ids.PRIVATE):
        line = line.replace("{level}", "private {level}")
    words = " ".join(typed.split()) or WORDS.get(form, "API is down")
    shown = line.format(
        level=_level(view), words=cut(words, MAX_TYPED_LENGTH), number=carried.get("incident", "")
    )
    told: list[Line] = [(f"The form could not be opened: {reason}. Nothing was changed.",)]
    told += [(AGAIN,)] if soon else []
    told += [(advice, Code(shown)) if shown else (advice,)] if advice else []
    kept = (
        [
            build_lines("typed-head", ("You typed:",)),
            build_rich_text("typed", build_quote(cut(typed, MAX_TYPED_LENGTH))),
        ]
        if typed
        else []
    )
    return build_message(
        (*told, *([("You typed: ", typed)] if typed else [])), build_lines("form-unopened", *told), *kept
    )


def _read_metadata(view: Mapping[str, Any]) -> Mapping[str, Any]:
    carried = json.loads(view.get("private_metadata") or "{}")
    return carried if isinstance(carried, dict) else {}


def _read_typed(view: Mapping[str, Any], carried: Mapping[str, Any]) -> str:
    """What was typed or was carried along, not what was known before; the whole words of a message rather than its
    subject."""
    fields = [
        (block.get("element") or {}).get("initial_value", "")
        for block in view.get("blocks", ())
        if block.get("block_id") not in form_fields.IMPACT_FIELDS
        and not str(block.get("block_id")).startswith(action_ids.GAP)
    ]
    return str(carried.get("quote") or carried.get("title") or "\n".join(filter(None, fields)))


def _is_ticked(view: Mapping[str, Any], box: str) -> bool:
    """Whether the form would have opened with this box ticked."""
    fields = (block.get("element") or {} for block in view.get("blocks", ()) if block.get("block_id") == box)
    return any(field.get("initial_options") for field in fields)


def _level(view: Mapping[str, Any]) -> str:
    """The severity that was chosen; else the worst, to be changed."""
    for block in view.get("blocks", ()):
        if block.get("block_id") == action_ids.SEVERITY:
            chosen = (block.get("element") or {}).get("initial_option") or {}
            return str(chosen.get("value", "p0")).lower()
    return "p0"
