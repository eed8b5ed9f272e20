"""All that is sent is held against Slack's own types and limits; and the checks find what they are there for."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from bot.adapters.slack import SCOPES
from bot.ports import SlackPayload
from sandbox.slack import Slack
from templates.incident_view import IncidentViewModel
from tests.bot.adapters.slack.test_slack_faults import ASKED, HELLO, add_files
from tests.chat_worlds import stand_in
from tests.schemas.checking import (
    COMMAND_ANSWER,
    RESPONSE_URL,
    VIEW_ANSWER,
    definitions,
    message_problems,
    modal_problems,
    validate,
)
from tests.schemas.overheard import UPLOAD, overhear, problems
from tests.templates.drawn import forms, messages
from tests.templates.worlds import view as ordinary
from tests.templates.worlds import views

Json = dict[str, Any]
VIEWS = [pytest.param(view, id=name) for name, view in views().items()]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def rich(*spans: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(spans)}]}


def modal(*blocks: Json, **parts: Any) -> Json:
    return {"type": "modal", "title": plain("Declare"), "blocks": list(blocks), **parts}


def asking(element: Json) -> Json:
    return {"type": "input", "label": plain("What?"), "element": element}


OPTION = {"text": plain("P0"), "value": "P0"}
POST = {"channel": "C1", "text": "API is down"}
DIVIDER = {"type": "divider", "block_id": "line"}
BUTTON = {"type": "button", "text": plain("Go"), "action_id": "go"}


@pytest.mark.parametrize("view", VIEWS)
def test_slack_knows_every_part_of_every_message(view: IncidentViewModel) -> None:
    drawn = [(name, each) for name, each in messages(view) if each.blocks]
    assert not {name: found for name, each in drawn if (found := message_problems(each.text, each.blocks))}


@pytest.mark.parametrize("view", VIEWS)
def test_slack_knows_every_part_of_every_modal(view: IncidentViewModel) -> None:
    assert not {name: found for name, each in forms(view) if (found := modal_problems(each))}


def test_the_same_incident_is_drawn_the_same_twice() -> None:
    first, second = (
        {**dict(messages(ordinary())), **{f"form {name}": form for name, form in forms(ordinary())}}
        for _ in range(2)
    )
    assert first == second


def test_every_method_that_the_bot_calls_has_its_definition() -> None:
    missing = SCOPES.keys() - definitions().keys()
    assert not missing, "run `node tests/schemas/generate.mjs`"


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ({"type": "marquee"}, "blocks/0: type marquee is not taken here"),
        ({"block_id": "nameless"}, "blocks/0: type None is not taken here"),
        ({**DIVIDER, "colour": "red"}, r"blocks/0: .*'colour' was unexpected"),
        ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "blocks/0/text/type: 'plain_text' was"),
        ({"type": "header", "text": plain("x" * 151)}, "blocks/0/text/text: 151 of them, 150 is the most"),
        ({"type": "section"}, r"0 \(section \): neither text nor fields"),
        ({"type": "section", "text": plain("x" * 3001)}, "3001 of them, 3000 is the most"),
        ({"type": "context", "elements": [plain("x")] * 11}, "11 of them, 10 is the most"),
        ({"type": "actions", "elements": [BUTTON, BUTTON]}, "two elements are called go"),
        (
            {"type": "actions", "elements": [{**BUTTON, "value": "x" * 2001}]},
            "elements/0/value: 2001 of them",
        ),
        (
            {"type": "actions", "elements": [{"type": "plain_text_input"}]},
            "elements/0: type plain_text_input",
        ),
        ({"type": "alert", "text": plain("x")}, "not shown in a message"),
        (rich({"type": "text", "text": ""}), "blocks/0/elements/0/elements/0/text: '' should be non-empty"),
        (rich({"type": "text", "text": "x", "style": {"bolt": True}}), "style: .*'bolt' was unexpected"),
        (rich({"type": "date", "timestamp": "1795400000", "format": "{time}"}), "timestamp: .* 'number'"),
        (rich({"type": "broadcast", "range": "all"}), "range: 'all' is not one of"),
        (rich({"type": "user", "user_id": "@ana"}), "user_id: '@ana' does not match"),
        (rich({"type": "link", "url": "runbook.md"}), "url: 'runbook.md' does not match"),
        (rich({"type": "text", "text": "x" * 12_001}), "12001 characters in all blocks, 12000 is the most"),
    ],
)
def test_a_block_that_slack_refuses_is_named_with_its_place(block: Json, complaint: str) -> None:
    (found,) = message_problems("API is down", [block])
    assert re.search(complaint, found), found


@pytest.mark.parametrize(
    ("blocks", "complaint"),
    [
        ([DIVIDER, DIVIDER], "two blocks are called line"),
        ([{"type": "divider"}] * 51, "51 blocks, 50 is the most"),
        ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2, "more than one table"),
        ([{"type": "markdown", "text": "x" * 6001}] * 2, "12002 characters of markdown"),
    ],
)
def test_blocks_that_cannot_stand_together_are_found(blocks: list[Json], complaint: str) -> None:
    assert complaint in message_problems("API is down", blocks)[0]


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        (modal(title=plain("x" * 25)), "view/title/text: 25 of them, 24 is the most"),
        (modal(asking({"type": "plain_text_input"})), "inputs without a submit button"),
        (modal({"type": "markdown", "text": "x"}), "not shown in a modal"),
        (modal(private_metadata="x" * 3001), "view/private_metadata: 3001 of them"),
        (modal(*[{"type": "divider"}] * 101), "101 blocks, 100 is the most"),
        ({"type": "home", "blocks": []}, "a home where a modal is wanted"),
        (
            modal(asking({"type": "plain_text_input", "max_length": 3, "initial_value": "four"}), submit=plain("Go")),
            "starts with 4 characters, 0 to 3 are taken",
        ),
        (
            modal(asking({"type": "static_select", "options": [OPTION], "initial_option": {**OPTION, "value": "P1"}}),
                  submit=plain("Go")),
            "chosen at first, but not offered: P1",
        ),
        (modal(asking({"type": "static_select", "options": [OPTION] * 2}), submit=plain("Go")), "have the value P0"),
        (modal(asking({"type": "static_select", "options": [OPTION] * 101}), submit=plain("Go")), "101 of them"),
        (modal(asking({"type": "static_select"}), submit=plain("Go")), "one of them is wanted"),
        (
            modal(asking({"type": "datetimepicker", "initial_date_time": 12}), submit=plain("Go")),
            "12 is less than the minimum",
        ),
        (
            modal(asking({"type": "number_input", "is_decimal_allowed": False, "initial_value": "9", "max_value": "8"}),
                  submit=plain("Go")),
            "initial_value, max_value are not in their order",
        ),
        (
            modal(*[asking({"type": "plain_text_input", "focus_on_load": True})] * 2, submit=plain("Go")),
            "2 elements want the focus",
        ),
    ],
)  # fmt: skip
def test_a_modal_that_slack_refuses_is_found(view: Json, complaint: str) -> None:
    assert complaint in modal_problems(view)[0]


@pytest.mark.parametrize(
    ("method", "arguments", "complaint"),
    [
        ("chat.postMessage", {"channel": "C1", "blocks": [DIVIDER]}, "'text' is a required property"),
        ("chat.postMessage", {**POST, "unfurl": "true"}, "'unfurl' was unexpected"),
        ("chat.postMessage", {**POST, "unfurl_links": "no"}, "unfurl_links: 'no' is not of type 'boolean'"),
        ("chat.postMessage", {**POST, "reply_broadcast": "true"}, "not valid under any"),
        ("chat.postMessage", {**POST, "blocks": "[{"}, "blocks: '[{' is not of type 'array'"),
        ("chat.postMessage", {**POST, "metadata": '{"event_type": 1}'}, "metadata/event_type: 1 is not of type"),
        ("chat.update", {**POST, "ts": "17"}, "ts: '17' does not match"),
        ("chat.update", {**POST, "ts": "1.000001", "text": "x" * 4001}, "4001 of them, 4000 is the most"),
        ("chat.update", {**POST, "ts": "1.000001", "text": "ж" * 2001}, "text: 4002 bytes, 4000 is the most"),
        ("conversations.create", {"name": "INC 1"}, "name: 'INC 1' does not match"),
        ("conversations.setTopic", {"channel": "C1", "topic": "x" * 251}, "251 of them, 250 is the most"),
        ("conversations.invite", {"channel": "C1", "users": ",".join(["U1"] * 101)}, "does not match"),
        ("conversations.history", {"channel": "C1", "limit": "1000"}, "greater than the maximum of 999"),
        ("views.publish", {"user_id": "U1", "view": modal()}, "a modal where a home is wanted"),
        ("views.publish", {"user_id": "U1", "view": {"type": "home", "blocks": [{"type": "markdown", "text": "x"}]}},
         "not shown in a home"),
        ("chat.command", {}, "not in slack.json"),
        (COMMAND_ANSWER, {"text": ""}, "'' should be non-empty"),
        (COMMAND_ANSWER, {"text": "x", "response_type": "private"}, "'private' is not one of"),
        (RESPONSE_URL, {"text": "x", "blocks": [{"type": "alert", "text": plain("x")}]}, "not shown in a message"),
        (VIEW_ANSWER, {"response_action": "errors"}, "not valid under any"),
        (VIEW_ANSWER, {"response_action": "update", "view": modal(title="x")}, "view/title: 'x' is not of type"),
    ],
)  # fmt: skip
def test_arguments_that_slack_refuses_are_found(
    method: str, arguments: Mapping[str, Any], complaint: str
) -> None:
    assert any(complaint in each for each in validate(method, arguments)), validate(method, arguments)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        (
            "chat.postMessage",
            {**POST, "thread_ts": "1.000001", "reply_broadcast": "true", "unfurl_links": "false"},
        ),
        ("chat.postMessage", {**POST, "metadata": '{"event_type": "tocsin", "event_payload": {"key": "1"}}'}),
        ("conversations.list", {"limit": "999", "types": "public_channel", "exclude_archived": "false"}),
        ("auth.test", {}),
        (VIEW_ANSWER, {"response_action": "clear"}),
        (RESPONSE_URL, {"delete_original": True}),
        (COMMAND_ANSWER, {"text": "17"}),
    ],
)
def test_what_slack_takes_is_taken(method: str, arguments: Mapping[str, Any]) -> None:
    assert validate(method, arguments) == []


async def test_every_method_of_the_gateway_is_called_as_slack_wants_it() -> None:
    async with stand_in() as world:
        room = await world.chat.create_channel("inc-1")
        alert = await world.chat.post(room.id, HELLO, "alert:1")
        add_files(world)
        for _, ask in ASKED:
            await ask(world.chat, alert)
    called = {call.method for call in world.api.calls}
    assert called >= {method for method, _ in ASKED}
    methods = [call for call in world.api.calls if call.method != UPLOAD]
    assert not [each for call in methods for each in validate(call.method, call.args)]


async def test_a_long_text_in_any_script_can_be_edited_in() -> None:
    async with stand_in() as world:
        room = await world.chat.create_channel("inc-1")
        posted = await world.chat.post(room.id, HELLO, "alert:1")
        await world.chat.edit(posted, SlackPayload("x" + "ж" * 3500), "alert:1")
        (edit,) = world.api.calls.of("chat.update")
    assert validate(edit.method, edit.args) == []
    assert edit.args["text"] == "x" + "ж" * 1999


async def test_whatever_the_bot_sends_and_answers_in_a_scenario_is_overheard() -> None:
    slack = await Slack.start()
    overheard = overhear(slack)
    slack.calls.begin("chat.postMessage", {"channel": "C1"}, 0.0)
    slack.calls.begin("response_url", {"text": 1}, 0.0, numbered=False)
    slack.request_url = f"{slack.url}/api/chat.postMessage"
    await slack.people.command("ana", "general", "/incident")
    await slack.stop()
    told = {problem.partition(":")[0] for problem in problems(slack, overheard)}
    assert told == {"chat.postMessage", RESPONSE_URL, COMMAND_ANSWER}
