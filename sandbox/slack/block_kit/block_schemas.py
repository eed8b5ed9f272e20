"""Slack's blocks and their limits, by the surface they stand on."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.slack.block_kit.elements import (
    ELEMENTS,
    ID,
    IMAGE,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    SLACK_FILE,
    URL,
    any_text,
    plain,
)
from sandbox.slack.block_kit.validators import (
    Check,
    anything,
    at_least_one,
    boolean,
    both,
    by_type,
    integer,
    items,
    one_of,
    shape,
    string,
)


def _elements(names: Iterable[str]) -> Check:
    return by_type({name: ELEMENTS[name] for name in names}, "element")


STYLE = shape(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "code", "underline", "unlink", "highlight", "client_highlight"), boolean
    ),
)
RICH_PARTS = by_type(
    {
        "text": shape({"text": string(40_000)}, {"style": STYLE}),
        "link": shape({"url": URL}, {"text": string(40_000), "style": STYLE, "unsafe": boolean}),
        "user": shape({"user_id": string(40)}, {"style": STYLE}),
        "usergroup": shape({"usergroup_id": string(40)}, {"style": STYLE}),
        "channel": shape({"channel_id": string(40)}, {"style": STYLE}),
        "broadcast": shape({"range": one_of("channel", "here", "everyone")}),
        "emoji": shape({"name": string(100)}, {"unicode": string(100), "style": STYLE}),
        "date": shape(
            {"timestamp": integer(0, 99_999_999_999), "format": string(100)},
            {"url": URL, "fallback": string(1000), "timezone": string(100), "style": STYLE},
        ),
        "color": shape({"value": string(20)}),
    },
    "rich text element",
)
SECTION_OF_RICH_TEXT = shape({"elements": items(RICH_PARTS, 1000, 0)})
RICH_TEXT = shape(
    {
        "elements": items(
            by_type(
                {
                    "rich_text_section": SECTION_OF_RICH_TEXT,
                    "rich_text_list": shape(
                        {
                            "elements": items(
                                by_type({"rich_text_section": SECTION_OF_RICH_TEXT}, "item"), 1000
                            ),
                            "style": one_of("bullet", "ordered"),
                        },
                        {"indent": integer(0, 100), "offset": integer(0, 1_000_000), "border": anything},
                    ),
                    "rich_text_preformatted": shape(
                        {"elements": items(RICH_PARTS, 1000, 0)}, {"border": anything, "language": anything}
                    ),
                    "rich_text_quote": shape({"elements": items(RICH_PARTS, 1000, 0)}, {"border": anything}),
                },
                "rich text block",
            ),
            1000,
        )
    },
    {"block_id": ID},
)
CELL = by_type({"raw_text": shape({"text": string(3000, 0)}), "rich_text": RICH_TEXT}, "cell")
IN_CONTEXT = {"image": IMAGE, "mrkdwn": any_text(3000), "plain_text": any_text(3000)}
BLOCKS: Mapping[str, Check] = {
    "section": both(
        shape(
            {},
            {
                "block_id": ID,
                "text": any_text(3000),
                "fields": items(any_text(2000), 10),
                "accessory": _elements(IN_SECTION),
                "expand": boolean,
            },
        ),
        at_least_one("text", "fields"),
    ),
    "divider": shape({}, {"block_id": ID}),
    "header": shape({"text": plain(150)}, {"block_id": ID}),
    "context": shape({"elements": items(by_type(IN_CONTEXT, "context element"), 10)}, {"block_id": ID}),
    "actions": shape({"elements": items(_elements(IN_ACTIONS), 25)}, {"block_id": ID}),
    "image": both(
        shape(
            {"alt_text": string(2000)},
            {"block_id": ID, "image_url": URL, "slack_file": SLACK_FILE, "title": plain(2000)},
        ),
        at_least_one("image_url", "slack_file"),
    ),
    "input": shape(
        {"label": plain(2000), "element": _elements(IN_INPUT)},
        {"block_id": ID, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "table": shape(
        {"rows": items(items(CELL, 20), 100)}, {"block_id": ID, "column_settings": items(anything, 20)}
    ),
    "markdown": shape({"text": string(12_000)}, {"block_id": ID}),
    "video": shape(
        {"title": plain(200), "video_url": URL, "thumbnail_url": URL, "alt_text": string(2000)},
        {
            "block_id": ID,
            "title_url": URL,
            "description": plain(200),
            "author_name": string(50),
            "provider_name": string(200),
            "provider_icon_url": URL,
        },
    ),
    "alert": shape({"text": any_text(3000)}, {"block_id": ID, "level": string(20)}),
}
NOT_IN_VIEWS = {"table", "markdown"}
SURFACES: Mapping[str, tuple[int, Check]] = {
    "message": (50, by_type({k: v for k, v in BLOCKS.items() if k != "alert"}, "block of a message")),
    "modal": (100, by_type({k: v for k, v in BLOCKS.items() if k not in NOT_IN_VIEWS}, "block of a modal")),
    "home": (
        100,
        by_type({k: v for k, v in BLOCKS.items() if k not in NOT_IN_VIEWS | {"alert"}}, "block of a home"),
    ),
}


def list_elements(block: Mapping[str, Any]) -> list[Any]:
    """The interactive elements of a block: of actions, of an input, of a section's accessory."""
    kind = block.get("type")
    if kind == "actions":
        return [element for element in block.get("elements", ()) if isinstance(element, dict)]
    part = block.get("element" if kind == "input" else "accessory")
    return [part] if kind in ("input", "section") and isinstance(part, dict) else []
