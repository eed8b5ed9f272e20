"""Slack's Block Kit limits: what fits is taken, one more is refused with path and limit."""

from typing import Any

import pytest

from sandbox.slack.block_kit.validation import find_block_problems
from tests.sandbox.blocks import actions, button, field, option, plain, section

Json = dict[str, Any]


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": [option("a")], **more}


FITS: list[Json] = [
    section("x" * 3000),
    {"type": "section", "fields": [plain("x" * 2000)] * 5},
    section("x", accessory=button("b", "v" * 2000, "t" * 75)),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "context", "elements": [plain("x")] * 10},
    actions(*(button(f"b{number}") for number in range(25))),
    actions(select(options=[option(str(number)) for number in range(100)], initial_option=option("7"))),
    {"type": "divider"},
    {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"},
    {"type": "markdown", "text": "x" * 12_000},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20] * 100},
    field("i", {"type": "plain_text_input", "action_id": "t", "max_length": 3000, "multiline": True}),
]


@pytest.mark.parametrize("block", FITS, ids=lambda block: str(block["type"]))
def test_what_just_fits_is_taken(block: Json) -> None:
    assert find_block_problems([block], "message") == []


CELL = {"type": "raw_text", "text": "x"}
TOO_MUCH: list[tuple[list[Json], str]] = [
    ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([section("x" * 3001)], "less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section("")], "more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "section", "fields": [plain("x")] * 11}], "no more than 10 items"),
    ([{"type": "section", "fields": [plain("x" * 2001)]}], "less than 2001 characters"),
    ([{"type": "section"}], "missing required field: text or fields"),
    ([{"type": "header", "text": plain("x" * 151)}], "less than 151 characters"),
    ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "must be one of plain_text"),
    ([{"type": "context", "elements": [plain("x")] * 11}], "no more than 10 items"),
    ([actions(*(button(f"b{number}") for number in range(26)))], "no more than 25 items"),
    ([actions(button("b", text="x" * 76))], "less than 76 characters"),
    ([actions(button("b", "x" * 2001))], "less than 2001 characters"),
    ([actions({**button("b"), "url": "x" * 3001})], "less than 3001 characters"),
    ([actions(button("x" * 256))], "less than 256 characters"),
    ([actions(button("b"), button("b"))], "`action_id` b already exists"),
    ([section("x", block_id="x" * 256)], "less than 256 characters"),
    ([section("x", block_id="a"), section("x", block_id="a")], "`block_id` a already exists"),
    ([actions(select(options=[option(str(number)) for number in range(101)]))], "no more than 100 items"),
    ([actions(select(options=[{"text": plain("x" * 76), "value": "v"}]))], "less than 76 characters"),
    ([actions(select(options=[{"text": plain("x"), "value": "v" * 151}]))], "less than 151 characters"),
    ([actions(select(options=[option("a") | {"description": plain("x" * 76)}]))], "less than 76 characters"),
    ([actions(select(initial_option=option("z")))], "initial option must be one of the options"),
    ([actions(select(placeholder=plain("x" * 151)))], "less than 151 characters"),
    ([actions({"type": "overflow", "action_id": "o", "options": [option("a")] * 6})], "no more than 5 items"),
    (
        [actions({"type": "radio_buttons", "action_id": "r", "options": [option("a")] * 11})],
        "no more than 10",
    ),
    ([actions({"type": "checkboxes", "action_id": "c", "options": [option("a")] * 11})], "no more than 10"),
    ([actions({"type": "datepicker", "action_id": "d", "initial_date": "tomorrow"})], "must be a date"),
    ([actions({"type": "plain_text_input", "action_id": "t"})], "unsupported type: 'plain_text_input'"),
    ([{"type": "markdown", "text": "x" * 7000}] * 2, "less than 12001 characters together"),
    ([{"type": "table", "rows": [[CELL]] * 101}], "no more than 100 items"),
    ([{"type": "table", "rows": [[CELL] * 21]}], "no more than 20 items"),
    ([{"type": "table", "rows": [[CELL]]}] * 2, "only one table"),
    ([section("x", colour="red")], "invalid additional property: colour"),
    (
        [section("x", accessory={**button("b"), "confirm": {"title": plain("x")}})],
        "missing required field: deny",
    ),
    ([{"type": "image", "alt_text": "a"}], "missing required field: image_url or slack_file"),
    ([{"type": "alert", "text": plain("x")}], "unsupported type: 'alert' is no block of a message"),
]


@pytest.mark.parametrize(("blocks", "reason"), TOO_MUCH, ids=[each[1][:40] for each in TOO_MUCH])
def test_one_more_is_refused_with_the_reason(blocks: list[Json], reason: str) -> None:
    assert reason in "\n".join(find_block_problems(blocks, "message"))
