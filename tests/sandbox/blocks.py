"""Blocks for tests, short to write."""

from typing import Any

from slack_sdk.errors import SlackApiError

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str, value: str = "", text: str = "Press") -> Json:
    return {
        "type": "button",
        "text": plain(text),
        "action_id": action_id,
        **({"value": value} if value else {}),
    }


def actions(*elements: Json, block_id: str = "buttons") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def field(block_id: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, **more}


def option(value: str) -> Json:
    return {"text": plain(value.upper()), "value": value}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Title"), "submit": plain("Send"), "blocks": list(blocks), **more}


def code(error: SlackApiError) -> str:
    return str(error.response["error"])


def reasons(error: SlackApiError) -> str:
    """The sentences that name path and limit."""
    return "\n".join(error.response["response_metadata"]["messages"])


ASK = {
    "title": plain("Sure?"),
    "text": plain("It cannot be undone."),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
TWO = [option("a"), option("b")]
SPANS: list[Json] = [
    {"type": "text", "text": "words", "style": {"bold": True, "code": True}},
    {"type": "link", "url": "https://a.example/", "text": "a link"},
    {"type": "user", "user_id": "U0ANA00001"},
    {"type": "usergroup", "usergroup_id": "S0NONE0001"},
    {"type": "channel", "channel_id": "C0NONE0001"},
    {"type": "broadcast", "range": "here"},
    {"type": "emoji", "name": "eyes"},
    {"type": "date", "timestamp": 1700000000, "format": "{ago}"},
    {"type": "color", "value": "#ff0000"},
]
RICH: Json = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": SPANS},
        {
            "type": "rich_text_list",
            "style": "ordered",
            "offset": 2,
            "indent": 1,
            "elements": [{"type": "rich_text_section", "elements": SPANS[:1]}],
        },
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a\nb"}]},
        {"type": "rich_text_quote", "elements": SPANS[:2]},
    ],
}


def _element(kind: str, **more: Any) -> Json:
    return {"type": kind, "action_id": f"the-{kind}", **more}


EVERY_ELEMENT: dict[str, Json] = {
    "button": {**button("press", "1"), "confirm": ASK, "url": "https://a.example/", "style": "primary"},
    "image": {"type": "image", "image_url": "https://a.example/x.png", "alt_text": "a chart"},
    "overflow": _element("overflow", options=TWO),
    "static_select": _element("static_select", option_groups=[{"label": plain("G"), "options": TWO}]),
    "multi_static_select": _element("multi_static_select", options=TWO, initial_options=TWO[:1]),
    "radio_buttons": _element("radio_buttons", options=TWO, initial_option=TWO[0]),
    "checkboxes": _element("checkboxes", options=TWO),
    "users_select": _element("users_select", initial_user="U0ANA00001"),
    "multi_users_select": _element("multi_users_select"),
    "channels_select": _element("channels_select"),
    "multi_channels_select": _element("multi_channels_select"),
    "conversations_select": _element("conversations_select", placeholder=plain("Where")),
    "multi_conversations_select": _element("multi_conversations_select"),
    "external_select": _element("external_select"),
    "datepicker": _element("datepicker", initial_date="2026-11-23"),
    "timepicker": _element("timepicker", initial_time="03:00"),
    "datetimepicker": _element("datetimepicker", initial_date_time=1_700_000_000),
    "plain_text_input": _element("plain_text_input", multiline=True, initial_value="a\n<b>"),
    "email_text_input": _element("email_text_input"),
    "url_text_input": _element("url_text_input"),
    "number_input": _element("number_input", is_decimal_allowed=False, initial_value="7"),
    "rich_text_input": _element("rich_text_input"),
    "file_input": _element("file_input"),
}
"""One of each interactive element."""

EVERY_BLOCK: dict[str, Json] = {
    "section": section(
        "*Words*", fields=[plain("one"), plain("two")], accessory=EVERY_ELEMENT["static_select"]
    ),
    "divider": {"type": "divider"},
    "header": {"type": "header", "text": plain("Head :bell:")},
    "context": {"type": "context", "elements": [plain("small"), EVERY_ELEMENT["image"]]},
    "actions": actions(
        *(EVERY_ELEMENT[each] for each in ("button", "overflow", "static_select", "datepicker"))
    ),
    "image": {
        "type": "image",
        "image_url": "https://a.example/x.png",
        "alt_text": "a chart",
        "title": plain("T"),
    },
    "input": field("which", EVERY_ELEMENT["plain_text_input"], hint=plain("A hint"), optional=True),
    "rich_text": RICH,
    "table": {"type": "table", "rows": [[{"type": "raw_text", "text": "head"}], [RICH]]},
    "markdown": {"type": "markdown", "text": "# Head\n\n- [a](https://a.example/)\n"},
    "video": {
        "type": "video",
        "title": plain("A film"),
        "video_url": "https://a.example/v",
        "thumbnail_url": "https://a.example/t.png",
        "alt_text": "a film",
    },
    "alert": {"type": "alert", "text": plain("Careful"), "level": "warning"},
}
"""One of each block."""
for _kind, _block in EVERY_BLOCK.items():
    _block.setdefault("block_id", f"the-{_kind}")
