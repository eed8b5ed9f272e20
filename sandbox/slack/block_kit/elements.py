"""Slack's interactive elements and their limits."""

from collections.abc import Mapping
from typing import Any

from sandbox.slack.block_kit.validators import (
    Check,
    add_problem,
    anything,
    at_least_one,
    boolean,
    both,
    integer,
    items,
    matching,
    one_of,
    shape,
    string,
)

ID = string(255)
URL = string(3000)
DATE = matching(r"\d{4}-\d\d-\d\d", "a date such as 2030-12-31")
TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 23:59")


def text(most: int, *kinds: str) -> Check:
    """A text object of one of these kinds with 1 to `most` characters."""
    return shape({"type": one_of(*kinds), "text": string(most)}, {"emoji": boolean, "verbatim": boolean})


def plain(most: int) -> Check:
    return text(most, "plain_text")


def any_text(most: int) -> Check:
    return text(most, "plain_text", "mrkdwn")


CONFIRM = shape(
    {"title": plain(100), "text": any_text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)


def option(*kinds: str) -> Check:
    return shape(
        {"text": text(75, *kinds), "value": string(150)}, {"description": text(75, *kinds), "url": URL}
    )


PLAIN_OPTION = option("plain_text")
RICH_OPTION = option("plain_text", "mrkdwn")
COMMON: Mapping[str, Check] = {"action_id": ID, "confirm": CONFIRM, "focus_on_load": boolean}
MENU: Mapping[str, Check] = {**COMMON, "placeholder": plain(150)}
MANY: Mapping[str, Check] = {**MENU, "max_selected_items": integer(1, 1000)}
GROUPS = items(shape({"label": plain(75), "options": items(PLAIN_OPTION, 100)}), 100)
CHOICES: Mapping[str, Check] = {"options": items(PLAIN_OPTION, 100), "option_groups": GROUPS}
USERS, ONE_ID = items(string(40), 100), string(40)
TYPED: Mapping[str, Check] = {
    "action_id": ID,
    "placeholder": plain(150),
    "focus_on_load": boolean,
    "dispatch_action_config": anything,
}
SLACK_FILE = both(shape({}, {"id": string(40), "url": URL}), at_least_one("id", "url"))
IMAGE = both(
    shape({"alt_text": string(2000)}, {"image_url": URL, "slack_file": SLACK_FILE}),
    at_least_one("image_url", "slack_file"),
)


def list_options(element: Mapping[str, Any]) -> list[Any]:
    """All options of a choosing element, those of its groups too."""
    groups = element.get("option_groups") or ()
    return [
        *(element.get("options") or ()),
        *(option for group in groups for option in group.get("options", ())),
    ]


def check_initial_option(value: Any, path: str, found: list[str]) -> None:
    first = value.get("initial_option")
    wanted = value.get("initial_options") or ([first] if first else [])
    for key in wanted:
        if key not in list_options(value):
            add_problem(
                found, path, "initial option must be one of the options, with the same text and value"
            )


def choosing(optional: Mapping[str, Check]) -> Check:
    return both(
        shape({}, {**optional, **CHOICES}), at_least_one("options", "option_groups"), check_initial_option
    )


ELEMENTS: Mapping[str, Check] = {
    "button": shape(
        {"text": plain(75)},
        {
            "action_id": ID,
            "confirm": CONFIRM,
            "value": string(2000),
            "url": URL,
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "image": IMAGE,
    "overflow": shape({"options": items(PLAIN_OPTION, 5)}, {"action_id": ID, "confirm": CONFIRM}),
    "static_select": choosing({**MENU, "initial_option": anything}),
    "multi_static_select": choosing({**MANY, "initial_options": items(PLAIN_OPTION, 100)}),
    "radio_buttons": both(
        shape({"options": items(RICH_OPTION, 10)}, {**COMMON, "initial_option": anything}),
        check_initial_option,
    ),
    "checkboxes": both(
        shape({"options": items(RICH_OPTION, 10)}, {**COMMON, "initial_options": items(RICH_OPTION, 10)}),
        check_initial_option,
    ),
    "users_select": shape({}, {**MENU, "initial_user": ONE_ID}),
    "multi_users_select": shape({}, {**MANY, "initial_users": USERS}),
    "channels_select": shape({}, {**MENU, "initial_channel": ONE_ID, "response_url_enabled": boolean}),
    "multi_channels_select": shape({}, {**MANY, "initial_channels": USERS}),
    "conversations_select": shape(
        {},
        {
            **MENU,
            "initial_conversation": ONE_ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": anything,
        },
    ),
    "multi_conversations_select": shape(
        {},
        {
            **MANY,
            "initial_conversations": USERS,
            "default_to_current_conversation": boolean,
            "filter": anything,
        },
    ),
    "external_select": shape({}, {**MENU, "initial_option": anything, "min_query_length": integer(0, 100)}),
    "datepicker": shape({}, {**MENU, "initial_date": DATE}),
    "timepicker": shape({}, {**MENU, "initial_time": TIME, "timezone": string(100)}),
    "datetimepicker": shape({}, {**COMMON, "initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
    "plain_text_input": shape(
        {},
        {
            **TYPED,
            "initial_value": string(3000, 0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
    ),
    "email_text_input": shape({}, {**TYPED, "initial_value": string(3000, 0)}),
    "url_text_input": shape({}, {**TYPED, "initial_value": string(3000, 0)}),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        {**TYPED, "initial_value": string(100), "min_value": string(100), "max_value": string(100)},
    ),
    "rich_text_input": shape({}, {**TYPED, "initial_value": anything}),
    "file_input": shape(
        {}, {"action_id": ID, "filetypes": items(string(20), 50), "max_files": integer(1, 10)}
    ),
}
SELECTS = tuple(kind for kind in ELEMENTS if kind.endswith("_select"))
PICKERS = ("datepicker", "timepicker", "checkboxes", "radio_buttons")
IN_SECTION = ("button", "image", "overflow", *SELECTS, *PICKERS)
IN_ACTIONS = ("button", "overflow", "datetimepicker", "rich_text_input", *SELECTS, *PICKERS)
IN_INPUT = (
    *SELECTS,
    *PICKERS,
    "datetimepicker",
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
)
