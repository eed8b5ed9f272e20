"""What can be pressed, chosen or filled in: elements of blocks as HTML controls, named by block and action."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from markupsafe import Markup

from sandbox.slack.block_kit.elements import list_options
from sandbox.slack.view_state import KEYS
from sandbox.slack.workspace_model import Json, WorkspaceView
from sandbox.web_ui.file_downloads import render_image
from sandbox.web_ui.mrkdwn import render_emoji_names, render_mrkdwn
from sandbox.web_ui.viewer import WEB, ReaderContext, is_allowed_url
from sandbox.web_ui.visibility import VisibleWorkspace, list_playable_users

EMPTY = Markup("")
TEXTS = {"email_text_input": "email", "url_text_input": "url", "number_input": "number"}
DATES = {"datepicker": "date", "timepicker": "time", "datetimepicker": "datetime-local"}
Options = list[tuple[str, str]]


def render_input_block(reading: ReaderContext, block: Json, view: WorkspaceView | None) -> Markup:
    """An input with its label, hint and error."""
    made, name = block["element"], _id(view, block)
    error = view.errors.get(block["block_id"], "") if view else ""
    several = made["type"] in ("radio_buttons", "checkboxes")
    label = render_emoji_names(block["label"]["text"])
    if block.get("optional"):
        label += Markup(' <span class="optional">(optional)</span>')
    described = [f"{name}-{part}" for part, there in (("error", error), ("hint", block.get("hint"))) if there]
    more = _attributes(
        {
            "id": None if several else name,
            "required": not block.get("optional") and not several,
            "aria-invalid": "true" if error else None,
            "aria-describedby": " ".join(described) or None,
            "data-dispatch": bool(block.get("dispatch_action")),
        }
    )
    control = render_element(reading, block, made, view, more)
    below = Markup('<p class="error" id="{}-error">{}</p>').format(name, error) if error else EMPTY
    if block.get("hint"):
        below += Markup('<p class="hint" id="{}-hint">{}</p>').format(
            name, render_emoji_names(block["hint"]["text"])
        )
    if several:
        return Markup('<fieldset class="input"{}><legend>{}</legend>{}{}</fieldset>').format(
            _render_name_attributes(block, made) + more, label, control, below
        )
    return Markup('<div class="input"><label for="{}">{}</label>{}{}</div>').format(
        name, label, control, below
    )


def render_element(
    reading: ReaderContext, block: Json, made: Json, view: WorkspaceView | None, more: Markup | None = None
) -> Markup:
    """One element. `more` are attributes of an input block's control; elsewhere the app hears of it at once."""
    if made["type"] == "image":
        return render_image(reading, made)
    if made["type"] == "button":
        return _button(block, made)
    if made["type"] == "overflow":
        return _overflow(block, made)
    draw = DRAWN.get(made["type"])
    if draw is None:
        return Markup('<p class="unknown">An element of the kind “{}” is not drawn here.</p>').format(
            made["type"]
        )
    state = (view.values.get(block["block_id"], {}) if view else {}).get(made.get("action_id"), {})
    key, first = KEYS[made["type"]]
    value = state.get(key, made.get(first))
    if more is None:
        label = made.get("placeholder", {}).get("text") or "Choose"
        more = _attributes({"data-dispatch": True, "aria-label": label})
        if made["type"] in ("radio_buttons", "checkboxes"):
            return Markup('<div role="group" class="choices-of"{}>{}</div>').format(
                _render_name_attributes(block, made) + more + _confirm(made),
                draw(reading, block, made, value, EMPTY),
            )
    return draw(reading, block, made, value, more + _confirm(made))


def _button(block: Json, made: Json) -> Markup:
    url = str(made.get("url") or "")
    named = _render_name_attributes(block, made) + _attributes(
        {
            "class": f"button {made.get('style', '')}".strip(),
            "data-value": made.get("value", ""),
            "data-href": url if is_allowed_url(url, WEB) else None,
            "aria-label": made.get("accessibility_label"),
        }
    )
    words = render_emoji_names(made["text"]["text"])
    return Markup('<button type="button"{}>{}</button>').format(named + _confirm(made), words)


def _overflow(block: Json, made: Json) -> Markup:
    named = _render_name_attributes(block, made) + _confirm(made)
    rows = (
        Markup('<button type="button"{} data-value="{}">{}</button>').format(
            named, option["value"], render_emoji_names(option["text"]["text"])
        )
        for option in made["options"]
    )
    return Markup('<details class="menu overflow"><summary aria-label="More">⋯</summary><div class="choices">{}</div>'
                  "</details>").format(EMPTY.join(rows))  # fmt: skip


def _render_text_input(reading: ReaderContext, block: Json, made: Json, value: Any, more: Markup) -> Markup:
    limits = {
        "placeholder": made.get("placeholder", {}).get("text"),
        "minlength": made.get("min_length"),
        "maxlength": made.get("max_length", 3000),
        "autofocus": bool(made.get("focus_on_load")),
    }
    named = _render_name_attributes(block, made, kind=True) + more
    if made.get("multiline") or made["type"] == "rich_text_input":
        shown = "" if value is None or isinstance(value, dict) else value
        return Markup('<textarea rows="4"{}>\n{}</textarea>').format(named + _attributes(limits), shown)
    if made["type"] == "number_input":
        limits |= {
            "min": made.get("min_value"),
            "max": made.get("max_value"),
            "step": "any" if made.get("is_decimal_allowed") else "1",
        }
    kind = TEXTS.get(made["type"], "text")
    return Markup('<input type="{}"{} value="{}">').format(
        kind, named + _attributes(limits), "" if value is None else value
    )


def _render_date_input(reading: ReaderContext, block: Json, made: Json, value: Any, more: Markup) -> Markup:
    named = _render_name_attributes(block, made, kind=True) + more
    if made["type"] == "datetimepicker":
        named += _attributes({"data-seconds": value})  # the page shows it in the browser's zone
        return Markup('<input type="datetime-local"{}>').format(named)
    return Markup('<input type="{}"{} value="{}">').format(DATES[made["type"]], named, value or "")


def _chosen(reading: ReaderContext, block: Json, made: Json, value: Any, more: Markup) -> Markup:
    """A menu, of options or of who and what there is in the workspace."""
    many = made["type"].startswith("multi_")
    picked = {_key(option) for option in (value or () if many else [value]) if option}
    body = EMPTY
    if not many:
        words = made.get("placeholder", {}).get("text") or "Choose"
        body = Markup('<option value="">{}</option>').format(words)
    if made.get("option_groups"):
        for group in made["option_groups"]:
            body += Markup('<optgroup label="{}">{}</optgroup>').format(
                group["label"]["text"], _options(_build_options(group["options"]), picked)
            )
    else:
        body += _options(_choices(reading, made), picked)
    named = _render_name_attributes(block, made, kind=True) + more + _attributes({"multiple": many})
    return Markup("<select{}>{}</select>").format(named, body)


def _choices(reading: ReaderContext, made: Json) -> Options:
    if "users" in made["type"]:
        return [(user.id, user.name) for user in list_playable_users(reading.workspace)]
    if "channels" in made["type"] or "conversations" in made["type"]:
        sight = VisibleWorkspace(reading.workspace, reading.reader)
        return [
            (room.id, f"#{room.name}") for room in (*sight.rooms(joined=True), *sight.rooms(joined=False))
        ]
    return _build_options(list_options(made))


def _build_options(options: Iterable[Json]) -> Options:
    return [(option["value"], option["text"]["text"]) for option in options]


def _options(options: Options, picked: set[str]) -> Markup:
    return EMPTY.join(
        Markup('<option value="{}"{}>{}</option>').format(
            value, _attributes({"selected": value in picked}), words
        )
        for value, words in options
    )


def _render_checkboxes(reading: ReaderContext, block: Json, made: Json, value: Any, more: Markup) -> Markup:
    single = made["type"] == "radio_buttons"
    picked = {_key(option) for option in ([value] if single else value or []) if option}
    rows = []
    for option in made["options"]:
        on = _attributes({"checked": option["value"] in picked})
        named = _render_name_attributes(block, made, kind=True) + _attributes(
            {"name": f"{block['block_id']}/{made['action_id']}"}
        )
        words = option["text"]
        shown = (
            render_mrkdwn(reading, words["text"])
            if words["type"] == "mrkdwn"
            else render_emoji_names(words["text"])
        )
        if option.get("description"):
            shown += Markup("<small>{}</small>").format(render_emoji_names(option["description"]["text"]))
        rows.append(
            Markup('<label class="choice"><input type="{}"{} value="{}"><span>{}</span></label>').format(
                "radio" if single else "checkbox", named + on, option["value"], shown
            )
        )
    return EMPTY.join(rows)


DRAWN: Mapping[str, Callable[[ReaderContext, Json, Json, Any, Markup], Markup]] = {
    **dict.fromkeys(("plain_text_input", "rich_text_input", *TEXTS), _render_text_input),
    **dict.fromkeys(DATES, _render_date_input),
    **dict.fromkeys(("radio_buttons", "checkboxes"), _render_checkboxes),
    **dict.fromkeys((name for name in KEYS if name.endswith("_select")), _chosen),
}


def _key(value: Any) -> str:
    """An option's value, or the id that was chosen."""
    return str(value["value"]) if isinstance(value, dict) else str(value)


def _id(view: WorkspaceView | None, block: Json) -> str:
    return f"input-{view.id if view else 'message'}-{block['block_id']}"


def _render_name_attributes(block: Json, made: Json, kind: bool = False) -> Markup:
    return _attributes(
        {
            "data-block": block.get("block_id", ""),
            "data-action": made.get("action_id", ""),
            "data-kind": made["type"] if kind else None,
        }
    )


def _confirm(made: Json) -> Markup:
    asked = made.get("confirm")
    if not asked:
        return EMPTY
    return _attributes(
        {
            "data-confirm-title": asked["title"]["text"],
            "data-confirm-text": asked["text"]["text"],
            "data-confirm-ok": asked["confirm"]["text"],
            "data-confirm-deny": asked["deny"]["text"],
        }
    )


def _attributes(values: Mapping[str, Any]) -> Markup:
    """Attributes in HTML: True stands by its name alone, None and False are left out."""
    drawn = EMPTY
    for name, value in values.items():
        if value is True:
            drawn += Markup(" {}").format(name)
        elif value is not None and value is not False:
            drawn += Markup(' {}="{}"').format(name, value)
    return drawn
